"""What was given against the leukaemia, drugs or cells, each with its day; without what went into the cerebrospinal fluid."""

from __future__ import annotations

from bisect import bisect_left
from itertools import accumulate
from operator import attrgetter
from typing import TYPE_CHECKING

import msgspec

from service.facts.choose import in_time
from service.facts.disease import ANTILEUKAEMIC
from service.facts.per_knowledge import per_knowledge
from service.facts.per_view import per_view
from service.logic.dates import PartialDate
from service.logic.fact import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from service.facts.catalogue import View
    from service.knowledge.treatments import Treatments
    from service.record.record import Drug

STEROIDS = frozenset({"prednisone", "prednisolone", "dexamethasone"})
TKI_UNTOLD = "kinase-inhibitor-untold"
"""The concept of a kinase inhibitor of which only the kind is told."""
TKIS = ("imatinib", "dasatinib", "nilotinib", "bosutinib", "ponatinib", "asciminib")


_WHY = {
    "": "its status does not tell",
    "denied": "recorded as done, and denied beside it",
    "past-day": "dated beyond the day asked for",
}


def how_given(drug: Drug) -> str:
    """Return in words whether a drug was given, was perhaps given and why that is not sure, or was only ordered."""
    if drug.given:
        return "given"
    return "ordered" if drug.is_order else f"perhaps given: {_WHY[drug.doubt]}"


class Given(msgspec.Struct, frozen=True, gc=False):
    """One record of a treatment against the leukaemia; `sure` is False where it was only ordered, or perhaps given."""

    when: PartialDate
    end: PartialDate | None
    concepts: frozenset[str]
    reference: str
    sure: bool
    resisted: bool = False
    not_tolerated: bool = False
    how: str = "given"  # in words

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
        return Evidence(self.reference, "", self.when, f"{self.names} {self.how}")


@per_knowledge
def _against(known: Treatments) -> frozenset[str]:
    return ANTILEUKAEMIC | known.immunotherapies | {"chemotherapy"}


@per_view
def treatments(view: View) -> tuple[Given, ...]:
    """Return all dated treatments against the leukaemia, systemic ones only, oldest first; active ones last until today."""
    against, today = _against(view.limits.treatments()), view.today
    listed = [
        Given(
            drug.start, today if drug.ongoing and drug.given else drug.end, drug.concepts & against, drug.reference,
            drug.given, drug.resisted, drug.not_tolerated, how_given(drug),
        )
        for drug in view.layout.drugs.of_any(against)
        if not drug.intrathecal and not drug.is_mention and drug.start is not None
    ]  # fmt: skip
    listed += [
        Given(one.start, one.end, one.concepts & against, one.reference, sure=True)
        for one in view.layout.treatments.of_any(against)
        if "intrathecal-chemotherapy" not in one.concepts and one.start is not None
    ]
    return tuple(in_time(listed))


class _Begun:
    """Treatments of more than a steroid that were surely given, by the day on which they were begun."""

    def __init__(self, given: Iterable[Given]) -> None:
        """Keep the first of each date: of two, what follows from the date is the same."""
        first: dict[tuple[date, date], Given] = {}
        for one in given:
            first.setdefault((one.when.low, one.when.high), one)
        self._given = [first[dates] for dates in sorted(first)]
        self._lows = [one.when.low for one in self._given]

    def first_between(self, start: PartialDate, end: PartialDate) -> Given | None:
        """Return the first begun from `start` on and surely before `end`."""
        places = range(bisect_left(self._lows, start.high), bisect_left(self._lows, end.low))
        # a month or a year that has begun may not be over: at most of one of each
        return next((self._given[place] for place in places if self._given[place].when.high < end.low), None)


@per_view
def _begun(view: View) -> _Begun:
    return _Begun(one for one in treatments(view) if one.sure and not one.concepts <= STEROIDS)


def first_begun_between(view: View, start: PartialDate, end: PartialDate) -> Given | None:
    """Return the first treatment of more than a steroid that was surely given and begun from `start` on and before `end`."""
    return _begun(view).first_between(start, end)


class _Drug:
    """The treatments with one drug: which were surely begun, and how long those begun before a day are known to have lasted."""

    def __init__(self, given: list[Given]) -> None:
        """Keep the treatments by their days."""
        self.begun = _Begun(one for one in given if one.sure)
        by_end = sorted(given, key=lambda one: one.when.high)
        self._highs = [one.when.high for one in by_end]
        self._last = list(accumulate((one.last for one in by_end), max))

    def is_running(self, day: PartialDate, gap: int) -> bool:
        """Return whether one that was begun before a day lasted until at most so many days before it."""
        place = bisect_left(self._highs, day.low)
        return place > 0 and (day.low - self._last[place - 1]).days <= gap


@per_view
def _drugs(view: View) -> dict[str, _Drug]:
    by_concept: dict[str, list[Given]] = {}
    for one in treatments(view):
        for concept in one.concepts - STEROIDS:
            by_concept.setdefault(concept, []).append(one)
    return {concept: _Drug(given) for concept, given in by_concept.items()}


def treated_between(view: View, start: PartialDate, end: PartialDate) -> bool:
    """Return whether something new was surely given, begun from `start` on and early enough to be judged at `end`.

    New is what is no steroid and was not given before `start`, or had ended long before. Source: limits/regimens.yaml.
    """
    gap = int(view.limits.number("drug_period_gap_days"))
    new = (drug.begun.first_between(start, end) for drug in _drugs(view).values() if not drug.is_running(start, gap))
    begun = min((one.when for one in new if one is not None), key=attrgetter("low", "high"), default=None)
    return begun is not None and (end.low - begun.high).days >= view.limits.number("treatment_failure_from_day")
