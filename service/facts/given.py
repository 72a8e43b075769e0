"""What was given against the leukaemia, drugs or cells, each with its day; without what went into the cerebrospinal fluid."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from service.facts.choose import in_time
from service.facts.disease import ANTILEUKAEMIC
from service.facts.per_knowledge import per_knowledge
from service.facts.per_view import per_view
from service.logic.fact import Evidence
from service.logic.truth import Truth

if TYPE_CHECKING:
    from datetime import date

    from service.facts.catalogue import View
    from service.knowledge.treatments import Treatments
    from service.logic.dates import PartialDate
    from service.record.record import Treatment

STEROIDS = frozenset({"prednisone", "prednisolone", "dexamethasone"})
TKIS = ("imatinib", "dasatinib", "nilotinib", "bosutinib", "ponatinib", "asciminib")


class Given(msgspec.Struct, frozen=True, gc=False):
    """One record of a treatment against the leukaemia; `sure` is False where it was only ordered."""

    when: PartialDate
    end: PartialDate | None
    concepts: frozenset[str]
    reference: str
    sure: bool
    resisted: bool = False
    not_tolerated: bool = False

    @property
    def last(self) -> date:
        """The last day of which the record tells."""
        return self.end.high if self.end is not None and self.end.high > self.when.high else self.when.high

    @property
    def names(self) -> str:
        """The drugs in words."""
        return ", ".join(sorted(self.concepts))

    def evidence(self) -> Evidence:
        """Return the record as evidence."""
        return Evidence(self.reference, "", self.when, f"{self.names} {'given' if self.sure else 'ordered'}")


@per_knowledge
def _against(known: Treatments) -> frozenset[str]:
    return ANTILEUKAEMIC | known.immunotherapies | {"chemotherapy"}


@per_view
def treatments(view: View) -> tuple[Given, ...]:
    """Return all dated treatments against the leukaemia, systemic ones only, oldest first; active ones last until today."""
    today, against = view.today, _against(view.limits.treatments())
    listed = [
        Given(
            drug.start, today if drug.ongoing and drug.given else drug.end, drug.concepts & against, drug.reference,
            drug.given, drug.resisted, drug.not_tolerated,
        )
        for drug in view.layout.drugs.of_any(against)
        if drug.start is not None and not drug.intrathecal
    ]  # fmt: skip
    listed += [given for one in view.layout.treatments.of_any(against) if (given := _procedure(one, against)) is not None]
    return tuple(in_time(listed))


def _procedure(treatment: Treatment, against: frozenset[str]) -> Given | None:
    if treatment.start is None or "intrathecal-chemotherapy" in treatment.concepts:
        return None
    return Given(treatment.start, treatment.end, treatment.concepts & against, treatment.reference, sure=True)


def begun_between(view: View, start: PartialDate, end: PartialDate) -> tuple[Given, ...]:
    """Return the treatments of more than a steroid that were surely given and begun from `start` on and surely before `end`."""
    return tuple(
        one
        for one in treatments(view)
        if one.sure and not one.concepts <= STEROIDS
        if one.when.before(start) is Truth.NO and one.when.before(end) is Truth.YES
    )
