"""Lines of therapy counted from dated drugs, marrows and relapses, where nobody stated their number."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from service.facts.disease import ANTILEUKAEMIC
from service.facts.events import signals
from service.facts.relapses import relapses, told_from_start
from service.facts.response import marrows
from service.logic.dates import PartialDate
from service.logic.fact import Evidence, Fact, known
from service.logic.interval import Interval
from service.logic.truth import Truth

if TYPE_CHECKING:
    from service.facts.catalogue import View
    from service.record.record import Drug


def lines_by_record(view: View) -> Fact[object] | None:
    """Return the lines that a record tells which is complete from the diagnosis on; None where it is not.

    One line for each episode (the diagnosis, each relapse) in which antileukaemic drugs were given, and one more where a marrow
    after induction was not clear and drugs new to the episode followed. An episode before the last without a recorded drug
    leaves the greatest number open. Source: limits/mrd.yaml (end of induction), limits/marrow.yaml.
    """
    diagnosed = view.fact("diagnosis_date").value
    drugs = [d for d in view.record.drugs if d.given and d.start is not None and not ANTILEUKAEMIC.isdisjoint(d.concepts)]
    failed_induction = not signals(view) and bool(marrows(view))
    if not isinstance(diagnosed, PartialDate) or not drugs or not (told_from_start(view) or failed_induction):
        return None
    starts = [diagnosed, *(relapse.when for relapse in relapses(view) if relapse.when is not None)]
    if len(starts) != 1 + len(relapses(view)):
        return None
    ends: list[PartialDate | None] = [*starts[1:], None]
    counts = [_lines_in(view, drugs, start, end) for start, end in zip(starts, ends, strict=True)]
    if failed_induction and counts == [1]:
        return None  # neither a remission nor a change of treatment is recorded
    gaps = any(count == 0 for count in counts[:-1])
    total = Decimal(sum(max(count, 1) for count in counts[:-1]) + counts[-1])
    evidence = tuple(Evidence(d.reference, "", d.start, "antileukaemic drug given") for d in drugs)
    return known(Interval(total, None if gaps else total), evidence, rule="lines-by-record", flags=("computed",))


def _lines_in(view: View, drugs: list[Drug], start: PartialDate, end: PartialDate | None) -> int:
    given = [d for d in drugs if not _before(d, start) and (end is None or _before(d, end))]
    if not given:
        return 0
    first = min((d.start for d in given if d.start is not None), key=lambda day: day.low)
    failures = [
        marrow.when
        for marrow in marrows(view)
        if marrow.when is not None and marrow.percent is not None and (end is None or marrow.when.before(end) is Truth.YES)
        if (marrow.when.low - first.high).days >= view.limits.number("mrd_end_of_induction_from_day")
        if marrow.percent.at_least(view.limits.number("marrow_m2_from_percent")) is Truth.YES
    ]
    if not failures:
        return 1
    used = frozenset(concept for d in given if _before(d, failures[0]) for concept in d.concepts & ANTILEUKAEMIC)
    later = frozenset(concept for d in given if not _before(d, failures[0]) for concept in d.concepts & ANTILEUKAEMIC)
    return 2 if later - used else 1


def _before(drug: Drug, day: PartialDate) -> bool:
    return drug.start is not None and drug.start.before(day) is Truth.YES
