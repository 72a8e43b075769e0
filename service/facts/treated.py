"""What became of a treatment: kinase inhibitors that failed or were not tolerated, the response to a product, whose cells."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import msgspec

from service.facts.course_start import told_from_start
from service.facts.days import Days
from service.facts.events import signals
from service.facts.given import TKIS, how_given, treatments
from service.facts.per_view import per_view
from service.logic.dates import PartialDate
from service.logic.fact import Evidence
from service.logic.truth import Truth

if TYPE_CHECKING:
    from service.facts.catalogue import View
    from service.record.record import Drug, Treatment


class Fate(msgspec.Struct, frozen=True, gc=False):
    """What the record says of one kinase inhibitor: failed, not-tolerated, both or neither."""

    what: frozenset[str]
    evidence: Evidence


@per_view
def kinase_inhibitors(view: View) -> dict[str, Fate]:
    """Return each kinase inhibitor that was taken, or perhaps was, with what became of it; those surely taken come first.

    It failed where its reason for stopping is resistance, or where a relapse came while it was surely taken. Where only words
    tell of any, they do not tell of how many.
    """
    fates: dict[str, Fate] = {}
    taken = [drug for drug in view.layout.drugs.of_any(TKIS) if drug.given or drug.finished]
    if all(drug.is_mention for drug in taken):
        return fates
    for drug in sorted(taken, key=_is_perhaps):
        relapsed = _relapse_on(view, drug)
        for name in sorted(drug.concepts.intersection(TKIS)):
            what = {"failed"} if drug.resisted or relapsed else set()
            what |= {"not-tolerated"} if drug.not_tolerated else set()
            kept = fates.get(name)
            if kept is None or what - kept.what:
                text = f"{name}{_why(drug, relapsed=relapsed)}"
                merged = frozenset(what) if kept is None else kept.what | what
                fates[name] = Fate(merged, Evidence(drug.reference, "", drug.start, text))
    return fates


def _is_perhaps(drug: Drug) -> bool:
    return not drug.given


def told_before_relapse(view: View) -> bool:
    """Return whether the record may tell of the inhibitors taken before the latest relapse, as one of all that were taken must.

    It does not where all that it tells of were begun on the day of the relapse or later, and its course has no start.
    """
    relapse = view.fact("relapse_told_by").value
    if not isinstance(relapse, PartialDate) or told_from_start(view):
        return True
    taken = [drug.start for drug in view.layout.drugs.of_any(TKIS) if drug.given or drug.finished]
    return any(start is None or start.before(relapse) is not Truth.NO for start in taken)


def _why(drug: Drug, *, relapsed: bool) -> str:
    if drug.resisted:
        return ", stopped for resistance"
    if relapsed:
        return ", relapse while taken"
    if drug.not_tolerated:
        return ", stopped for intolerance"
    return "" if drug.given or drug.is_mention else f", {how_given(drug)}"


def _relapse_on(view: View, drug: Drug) -> bool:
    """Return whether a relapse came between the first and the last day of a recorded period of use."""
    end = view.today if drug.ongoing else drug.end
    if not drug.given or drug.start is None or end is None:
        return False
    return _relapse_days(view).any_after_until(drug.start, end)


@per_view
def _relapse_days(view: View) -> Days:
    return Days.of(s.when for s in signals(view) if s.says == "relapse")


def response_to(view: View, concepts: frozenset[str]) -> str | None:
    """Return `remission` or `no-remission` after the latest course of a product; None where the record cannot tell.

    The disease was there before, the first later sign is late enough to tell (28 days for cells), nothing else came between.
    Source: limits/regimens.yaml, limits/course.yaml.
    """
    given = [one for one in treatments(view) if one.sure and not one.concepts.isdisjoint(concepts)]
    if not given:
        return None
    told = [s for s in signals(view) if s.when is not None]
    begin = _latest_course(view, [one.when for one in given])
    before = [s for s in told if s.when is not None and s.when.on_or_before(begin) is Truth.YES]
    after = [s for s in told if s.when is not None and begin.before(s.when) is Truth.YES]
    limit = "car_t_response_from_day" if not concepts.isdisjoint(view.limits.treatments().cells) else "treatment_failure_from_day"
    if not before or before[-1].says not in {"relapse", "refractory", "failed"} or not after:
        return None
    first = after[0]
    day = first.when
    if first.says == "suspected" or day is None or (day.low - begin.high).days < view.limits.number(limit):
        return None
    other = [one for one in treatments(view) if one.concepts.isdisjoint(concepts) and begin.before(one.when) is Truth.YES]
    if any(one.when.before(day) is Truth.YES for one in other):
        return None
    return "remission" if first.says == "remission" else "no-remission"


def _latest_course(view: View, days: list[PartialDate]) -> PartialDate:
    """Return the first day of the latest course: days close to each other are one."""
    gap = int(view.limits.number("drug_period_gap_days"))
    begin = days[0]
    for earlier, later in pairwise(days):
        if (later.low - earlier.high).days > gap:
            begin = later
    return begin


_GRAFTS = ("allo-hsct", "auto-hsct", "hsct-unspecified")


def donor_of(treatment: Treatment) -> str | None:
    """Return whose cells a transplant gave: `allogeneic`, `autologous` or `not told`; None where it is no transplant."""
    concepts = treatment.concepts
    if "allo-hsct" in concepts or {"hsct-unspecified", "donor-allogeneic"} <= concepts:
        return "allogeneic"
    if "auto-hsct" in concepts:
        return "autologous"
    return "not told" if "hsct-unspecified" in concepts else None


def transplants_from(view: View, donor: str) -> tuple[list[Treatment], tuple[Evidence, ...]]:
    """Return the finished transplants from that donor, and what shows those that may be one: donor or end not told."""
    done, untold = [], []
    for treatment in view.layout.treatments.of_any(_GRAFTS):
        found = donor_of(treatment)
        if found == donor and treatment.done:
            done.append(treatment)
        elif found == donor:
            untold.append(Evidence(treatment.reference, "status", treatment.start, f"{donor} transplant, perhaps not done"))
        elif found == "not told":
            untold.append(Evidence(treatment.reference, "code", treatment.start, "transplant, donor not told"))
    return done, tuple(untold)
