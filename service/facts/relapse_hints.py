"""Relapses that words, the name of a result or the conclusion of a report tell: none is proven, but none is excluded either."""

from __future__ import annotations

from bisect import bisect_right
from datetime import timedelta
from itertools import accumulate
from typing import TYPE_CHECKING

import msgspec

from service.facts.choose import with_concept
from service.facts.conditions import OVER, evidence_of
from service.facts.diagnosis_signals import is_coded_remission
from service.facts.disease import disease_of, is_relapse, of_all
from service.facts.disease_names import ALL_KINDS
from service.facts.events import signals, status_of
from service.facts.layout import OWN_SYSTEM
from service.facts.outside import LEUKAEMIA_OUTSIDE
from service.facts.per_view import per_view
from service.facts.stated import count
from service.facts.told_relapses import LEAST_OF_REMISSION, told_relapses
from service.facts.unread import may_be_since
from service.logic.dates import PartialDate
from service.logic.fact import Evidence
from service.record.relapse_words import LATER_REMISSIONS, NONE_SEEN, RELAPSE_PAST, RELAPSE_SUSPECTED, RELAPSE_TOLD

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from service.facts.catalogue import View
    from service.logic.interval import Interval
    from service.record.record import Reading

_BY_NAME = ("relapse-number", "relapse-date", "relapse-site", "relapse-status")
_OF_THE_ALL = ALL_KINDS | {None}
_LATER = "the leukaemia diagnosed again, with a later onset"
_AT_A_VISIT = "the leukaemia diagnosed again, with the day of its recording as the onset"
_UNNUMBERED = "status-remission"


class Hint(msgspec.Struct, frozen=True, gc=False):
    """A relapse that something tells and does not prove, and how many there were then at least."""

    when: PartialDate | None
    evidence: Evidence
    least: int = 1
    past: bool = False  # told as one of the history
    suspected: bool = False
    over: bool = False  # told by its remission


def hints_now(view: View, day: PartialDate | None) -> tuple[Evidence, ...]:
    """Return what may tell a relapse of now, not surely of before a day, nor as history of a known one."""
    return tuple(
        hint.evidence
        for hint in (*_hints(view), *_begun_again(view))
        if not hint.over and may_be_since(hint.when, day) and not (hint.past and _is_known(view, hint))
    )


def hints_of_more(view: View, number: Interval, day: PartialDate | None) -> tuple[Evidence, ...]:
    """Return what may tell more relapses than so many, or another one than those known, not surely of before a day."""
    seen = number.low or 0
    return tuple(
        hint.evidence
        for hint in _hints(view)
        if not hint.suspected and may_be_since(hint.when, day)
        if hint.least > seen or not (hint.over or _is_known(view, hint))
    )


def suspicions_of_more(view: View, day: PartialDate | None) -> tuple[Evidence, ...]:
    """Return the words that suspect another relapse than those known, not surely of before a day."""
    return tuple(
        hint.evidence for hint in _hints(view) if hint.suspected and may_be_since(hint.when, day) and not _is_known(view, hint)
    )


def begun_again(view: View, day: PartialDate | None) -> tuple[Evidence, ...]:
    """Return the diagnoses of the ALL that may be those of another relapse than the ones known: begun not surely before a day."""
    return tuple(hint.evidence for hint in _begun_again(view) if may_be_since(hint.when, day) and not _is_known(view, hint))


@per_view
def _hints(view: View) -> list[Hint]:
    return [*_in_results(view), *_in_diagnoses(view), *_in_treatments(view)]


def _in_results(view: View) -> Iterator[Hint]:
    """Yield the results that tell of a relapse by the name of their code alone, and the reports that conclude one."""
    for reading in with_concept(view, RELAPSE_TOLD):
        if "disease-status" in reading.concepts:  # a relapse that its words or its note put before the state of now
            said = reading.evidence("relapse named beside a disease status")
            yield Hint(reading.when, said, past=True, over=status_of(reading) == "remission")
            continue
        concluded = reading.path.startswith("conclusion")
        shown = reading.evidence("relapse named in a report") if concluded else _not_used(reading)
        yield _in_words(reading.concepts, reading.when, shown)
    yield from _begun_later(view)
    for concept, least in LEAST_OF_REMISSION.items():
        for reading in with_concept(view, concept):
            yield Hint(reading.when, reading.evidence("second or later remission named"), least, over=True)
    for concept in _BY_NAME:
        for reading in with_concept(view, concept):
            number = count(reading)
            if (OWN_SYSTEM, concept) in reading.code_codings or reading.absent or _denies(reading, number):
                continue
            least = 1 if number is None or number.low is None else max(int(number.low), 1)
            yield Hint(reading.when, _not_used(reading), least)


def _begun_later(view: View) -> Iterator[Hint]:
    """Yield the remissions of no number that are told to last since a later day than the first one: perhaps after a relapse."""
    told = [one for one in with_concept(view, "disease-status") if one.since is not None and _UNNUMBERED in one.answers]
    first = next((s.when for s in signals(view) if s.says == "remission" and s.when is not None), None) if told else None
    if first is None:
        return
    days = int(view.limits.number("relapse_merge_days"))
    for one in told:
        if one.since is not None and (one.since.high - first.high).days > days:
            yield Hint(one.when, one.evidence("remission since a later day than that of the first one"), over=True)


def _in_treatments(view: View) -> Iterator[Hint]:
    """Yield the treatments of which the name tells that they were given in a relapse, or in a remission after one."""
    for kind in (view.layout.treatments, view.layout.drugs):
        for one in kind.of(RELAPSE_TOLD):
            yield Hint(one.start, Evidence(one.reference, "code", one.start, "relapse named beside a treatment"), past=True)
        for concept, least in LEAST_OF_REMISSION.items():
            for one in kind.of(concept):
                shown = Evidence(one.reference, "code", one.start, "second or later remission named")
                yield Hint(one.start, shown, least, over=True)


def _denies(reading: Reading, number: Interval | None) -> bool:
    return (number is not None and number.exact == 0) or reading.says == "negative" or not NONE_SEEN.isdisjoint(reading.answers)


def _in_words(how: frozenset[str], when: PartialDate | None, evidence: Evidence) -> Hint:
    return Hint(when, evidence, past=RELAPSE_PAST in how, suspected=RELAPSE_SUSPECTED in how)


def _not_used(reading: Reading) -> Evidence:
    return reading.evidence("relapse told by a result that is not used")


def _in_diagnoses(view: View) -> Iterator[Hint]:
    """Yield the diagnoses that name a relapse of which they neither say nor deny that it was, or a remission after one.

    They are of the ALL, or name no disease at all; one of the CNS or the testis tells by itself. The words are of the day of the
    recording, a note is of no day.
    """
    for d in view.record.diagnoses:
        later = LATER_REMISSIONS & (d.named | d.noted)
        if not ((later or d.names_relapse or d.note_tells_relapse) and d.certain and disease_of(d.concepts) in _OF_THE_ALL):
            continue
        for name in later:
            when = d.recorded if name in d.named else None
            yield Hint(when, evidence_of(d, "second or later remission named"), LEAST_OF_REMISSION[name], over=True)
        if id(d) in _counted(view):
            continue
        if d.names_relapse and LEUKAEMIA_OUTSIDE.isdisjoint(d.concepts):
            said = evidence_of(d, "relapse or refractory disease named, and neither said nor denied")
            yield _in_words(d.names_relapse, d.recorded, said)
        if d.note_tells_relapse:
            yield Hint(None, Evidence(d.reference, "note", None, "relapse named in a note"), past=True)


@per_view
def _counted(view: View) -> set[int]:
    """Return which diagnoses say a relapse of the ALL themselves."""
    return {id(one) for one in of_all(view) if is_relapse(one)}


@per_view
def _begun_again(view: View) -> list[Hint]:
    """Return the diagnoses of the ALL that began after it was diagnosed, later than other hospitals date the same episode.

    They tell by themselves where they say a relapse; the day beside the code of a remission is one of the remission.
    """
    diagnoses = of_all(view)
    diagnosed = view.fact("diagnosis_date").value if len(diagnoses) > 1 else None
    if not isinstance(diagnosed, PartialDate):
        return []
    days, found = int(view.limits.number("relapse_merge_days")), []
    for d in diagnoses:
        onset = d.onset  # an age at the onset that is a later one leaves no day of the diagnosis
        if onset is None or (onset.low - diagnosed.high).days <= days or is_relapse(d) or is_coded_remission(d):
            continue
        evidence = Evidence(d.reference, "onset[x]", onset, _AT_A_VISIT if _is_of_one_day(onset, d.recorded) else _LATER)
        found.append(Hint(onset, evidence, over=d.clinical in OVER))
    return found


def _is_of_one_day(onset: PartialDate, recorded: PartialDate | None) -> bool:
    return recorded is not None and (onset.low, onset.high) == (recorded.low, recorded.high)


class _Spans:
    """Dates by their beginning, each with the latest end of those that begin no later."""

    def __init__(self, dates: Iterable[PartialDate]) -> None:
        found = sorted((day.low, day.high) for day in dates)
        self._lows, self._ends = [low for low, _ in found], list(accumulate((high for _, high in found), max))

    def latest_of(self, begun_by: date) -> date | None:
        """Return the latest end of those that begin by a day; None where none does."""
        number = bisect_right(self._lows, begun_by)
        return self._ends[number - 1] if number else None


class _Known:
    """The relapses that are seen or stated, and the remissions between them."""

    def __init__(self, view: View) -> None:
        days = [*(s.when for s in signals(view) if s.says == "relapse"), *(one.by for one in told_relapses(view))]
        self.any, self.undated = bool(days), None in days
        self.relapses = _Spans(day for day in days if day is not None)
        self.remissions = _Spans(s.when for s in signals(view) if s.says == "remission" and s.when is not None)
        self.merge = timedelta(days=int(view.limits.number("relapse_merge_days")))


_known = per_view(_Known)


def _is_known(view: View, hint: Hint) -> bool:
    """Return whether a relapse that is told is one of those known: one of the history any that may have been by then.

    Another is that of the latest day before, or of soon after: without a remission between it is one relapse. So are all of which
    a day is not told.
    """
    known, when = _known(view), hint.when
    if not known.any or when is None or known.undated:
        return known.any
    if hint.past:
        return known.relapses.latest_of(when.high) is not None
    last = known.relapses.latest_of(min(when.high, view.today.high) + known.merge)
    if last is None:
        return False
    remission = known.remissions.latest_of(when.high)
    return remission is None or remission <= last
