"""Courses of treatment put together from single drugs, and the phase of treatment that they tell where nobody stated it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING

import msgspec

from service.facts.choose import in_time, stated
from service.facts.events import signals
from service.facts.given import treatments
from service.facts.per_knowledge import per_knowledge
from service.facts.per_view import per_view
from service.facts.treated import donor_of
from service.logic.dates import PartialDate
from service.logic.fact import Evidence, Fact, Gap, known, unknown
from service.logic.interval import Interval
from service.logic.truth import Truth

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from service.facts.catalogue import View
    from service.facts.given import Given
    from service.facts.signal import Signal
    from service.knowledge.regimens import Regimen

RULE = "regimen"


class Course(msgspec.Struct, frozen=True, gc=False):
    """One course of a known backbone; `sure` is False where a drug of it was only ordered, or perhaps given."""

    regimen: Regimen
    when: PartialDate
    last: date
    evidence: tuple[Evidence, ...]
    sure: bool


class _Backbone(msgspec.Struct, frozen=True, gc=False):
    """A drug combination with all its drugs, and with all that ends it."""

    regimen: Regimen
    names: frozenset[str]
    without: frozenset[str]


@per_knowledge
def _backbones(regimens: tuple[Regimen, ...]) -> tuple[_Backbone, ...]:
    return tuple(
        _Backbone(regimen, frozenset(name for group in regimen.drugs for name in group), frozenset(regimen.without))
        for regimen in regimens
    )


@per_view
def courses(view: View) -> tuple[Course, ...]:
    """Return the courses of all backbones, oldest first. Source: regimens/*.yaml."""
    given = treatments(view)
    if not given:
        return ()
    concepts = frozenset().union(*{one.concepts for one in given})
    found: list[Course] = []
    for backbone in _backbones(view.limits.regimens()):
        for group in backbone.regimen.drugs:
            if concepts.isdisjoint(group):
                break
        else:
            found += _of(backbone, given)
    return tuple(in_time(found))


def _of(backbone: _Backbone, given: Sequence[Given]) -> list[Course]:
    """Return the courses of one backbone: all its drugs begun within its days, and what follows them closely."""
    regimen, names, without = backbone.regimen, backbone.names, backbone.without
    taken = [one for one in given if not names.isdisjoint(one.concepts)]
    groups = [_Group(group, taken) for group in regimen.drugs]
    barred = [one.when.low for one in given if not without.isdisjoint(one.concepts)]
    found: list[Course] = []
    place = 0
    while place < len(taken):
        members = _begun_together(regimen, taken, groups, place)
        begin = taken[place].when.low
        next_barred = bisect_left(barred, begin)
        ends = barred[next_barred] if next_barred < len(barred) else None
        if not members or (ends is not None and ends <= max(one.when.high for one in members)):
            place += 1
            continue
        last = max(_until(one.last, ends) for one in members)
        after = place + 1
        while after < len(taken) and (taken[after].when.low - last).days <= regimen.within_days:
            if ends is not None and taken[after].when.low >= ends:
                break
            last = max(last, _until(taken[after].last, ends))
            after += 1
        sure = all(one.sure for one in members)
        found.append(Course(regimen, taken[place].when, last, tuple(one.evidence() for one in members), sure))
        place = after
    return found


def _until(last: date, ends: date | None) -> date:
    return last if ends is None else min(last, ends)


class _Group:
    """Where the drugs of one group stand among those of a backbone."""

    def __init__(self, group: Iterable[str], taken: Sequence[Given]) -> None:
        self._places = [place for place, one in enumerate(taken) if not one.concepts.isdisjoint(group)]
        self._sure = [place for place in self._places if taken[place].sure]

    def next_from(self, place: int) -> tuple[int, ...]:
        """Return the places of the next that was surely given, and of the next at all, as far as there are any."""
        return tuple(
            found[there] for found in (self._sure, self._places) if (there := bisect_left(found, place)) < len(found)
        )  # fmt: skip


def _begun_together(regimen: Regimen, taken: Sequence[Given], groups: Iterable[_Group], place: int) -> list[Given]:
    """Return one drug of each group begun within the days from the one at `place`, surely given ones first; else nothing."""
    begin = taken[place].when.high
    members: list[Given] = []
    for group in groups:
        near = [taken[one] for one in group.next_from(place) if (taken[one].when.low - begin).days <= regimen.within_days]
        if not near:
            return []
        members.append(near[0])
    return members


def phase_of(view: View, course: Course) -> str | None:
    """Return the phase that a course was; None where drugs and dates do not tell it.

    Before a remission of the episode by the one word of the backbone, after one by the other. A consolidation has a remission
    documented before it, so close that it is not stale. Source: limits/status.yaml.
    """
    regimen = course.regimen
    if not (course.sure and regimen.verification.usable_alone):
        return None
    told = _told(view)
    before = told.last_before(course.when)
    # a remission of the same day, or which of the two came first is not told
    if told.has_remission_about(course.when) or (before is not None and before.says == "suspected"):
        return None
    if before is None or before.says != "remission":
        return regimen.before_remission if _began(view, course, before) else None
    if (course.last - course.when.low).days < regimen.sure_after_days:
        return None
    return regimen.after_remission if regimen.sure_after_days or _fresh(view, before, course) else None


class _Told:
    """The dated signals of the course, found by the day of a course of treatment."""

    def __init__(self, told: list[Signal]) -> None:
        dated = [(s.when, place, s) for place, s in enumerate(told) if s.when is not None]
        by_end = sorted((when.high, place) for when, place, _ in dated)
        self._told = told
        self._ends, self._last = [end for end, _ in by_end], list(accumulate((place for _, place in by_end), max))
        remissions = sorted((when.low, when.high) for when, _, s in dated if s.says == "remission")
        self._begins, self._until = [low for low, _ in remissions], list(accumulate((high for _, high in remissions), max))

    def last_before(self, day: PartialDate) -> Signal | None:
        """Return the last signal that is surely before a day."""
        found = bisect_left(self._ends, day.low)
        return self._told[self._last[found - 1]] if found else None

    def has_remission_about(self, day: PartialDate) -> bool:
        """Return whether a remission may be of that day."""
        found = bisect_right(self._begins, day.high)
        return found > 0 and self._until[found - 1] >= day.low


@per_view
def _told(view: View) -> _Told:
    return _Told(signals(view))


def _began(view: View, course: Course, before: Signal | None) -> bool:
    """Return whether the disease is known to be there before a course: after the diagnosis or a relapse."""
    diagnosed = view.fact("diagnosis_date").value
    return before is not None or (isinstance(diagnosed, PartialDate) and diagnosed.on_or_before(course.when) is Truth.YES)


def _fresh(view: View, remission: Signal, course: Course) -> bool:
    days = int(view.limits.number("status_stale_after_days"))
    return remission.when is not None and (course.when.high - remission.when.low).days <= days


def phase_by_record(view: View) -> Fact[object]:
    """Return the phase of treatment now, by drugs, remissions and the stated end of therapy, flagged `computed`.

    Unknown: no known backbone lately; two that differ; only ordered, too short or not verified drugs; a transplant or CAR-T
    cells since; the state of the disease does not fit (each `ambiguous`, or `not-recorded` without any course).
    """
    ended = _off_therapy(view)
    if ended is not None:
        return ended
    recent = int(view.limits.number("phase_current_within_days"))
    now = [course for course in courses(view) if (view.today.low - course.last).days <= recent]
    if not now:
        return unknown(Gap.NOT_RECORDED, "treatment_phase", rule=RULE)
    last = max(course.when.low for course in now)
    newest = [course for course in now if course.when.low >= last]
    evidence = tuple(dict.fromkeys(item for course in newest for item in course.evidence))
    phases = {phase_of(view, course) for course in newest}
    name = phases.pop() if len(phases) == 1 else None
    if name is None or not _fits(view, name, newest[-1]):
        flags = () if all(course.regimen.verification.usable_alone for course in newest) else ("unverified-regimen",)
        return unknown(Gap.AMBIGUOUS, "treatment_phase", evidence=evidence, rule=RULE, flags=flags)
    remission = [s.evidence for s in signals(view) if s.says == "remission"][-1:] if name != "induction" else []
    return known(name, (*evidence, *remission), rule=RULE, flags=("computed",))


def _fits(view: View, phase: str, course: Course) -> bool:
    """Return whether the phase is still that of a course: the state of the disease agrees and nothing else was done since."""
    state = view.fact("disease_state").value
    done = [t.start for t in view.record.treatments if donor_of(t) is not None and t.start is not None]
    cells = view.limits.treatments().cells
    done += [one.when for one in treatments(view) if not one.concepts.isdisjoint(cells)]
    if any(day.before(course.when) is not Truth.YES for day in done):
        return False
    if phase == "induction":
        return state != "remission" and (view.today.low - course.when.high).days <= view.limits.number("induction_to_day")
    return state == "remission"


def _off_therapy(view: View) -> Fact[object] | None:
    """Return `off-therapy` after a stated end of primary therapy, without a relapse and with no treatment since.

    A relapse, also one that ended it, is followed by a treatment of its own.
    """
    ended = stated(
        view, "end_of_primary_therapy", "end-of-primary-therapy", lambda reading: reading.day, show=lambda day: day.text
    )
    if ended is None or ended.value is None or ended.value.on_or_before(view.today) is not Truth.YES:
        return None
    day = ended.value
    again = [s.when for s in signals(view) if s.says != "remission"]
    since = [one.when for one in treatments(view) if one.when.on_or_before(day) is not Truth.YES or one.last > day.high]
    number = view.fact("relapse_count").value
    relapsed = not isinstance(number, Interval) or number.exact != 0
    if since or relapsed or any(when is None or when.on_or_before(day) is not Truth.YES for when in again):
        return None
    return known("off-therapy", ended.evidence, rule=RULE, flags=("computed",))
