"""Spans by which trials select: age in days at diagnosis, day of induction, end of therapy to relapse, age of a specimen."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

from msgspec.structs import replace

from service.facts.catalogue import Kind, derive
from service.facts.choose import stated
from service.facts.given import treatments
from service.facts.relapse_kind import on_therapy
from service.facts.relapse_spans import first_relapse_day
from service.logic.dates import Age, PartialDate
from service.logic.fact import Fact, Gap, known, unknown
from service.logic.interval import Interval
from service.logic.truth import Truth

if TYPE_CHECKING:
    from service.facts.catalogue import View
    from service.facts.given import Given

_ZERO = Decimal(0)


@derive("age_at_diagnosis_days", Kind.NUMBER, unit="d")
def age_at_diagnosis_days(view: View) -> Fact[object]:
    """The days from birth to diagnosis; an interval where a date is partial. Unknown: no birth date or no date of diagnosis."""
    age = view.fact("age_at_diagnosis_years")
    if not isinstance(age.value, Age):
        return unknown(age.gap or Gap.NOT_RECORDED, *age.needs, evidence=age.evidence, rule="age")
    low, high = age.value.days
    value = Interval(max(Decimal(low), _ZERO), Decimal(high))
    return known(value, age.evidence, rule="age", unit="d", flags=age.flags)


_BEFORE_REMISSION = frozenset({"pre-treatment", "induction"})


@derive("induction_day", Kind.NUMBER, unit="d")
def induction_day(view: View) -> Fact[object]:
    """The day of the present induction: 1 is the first day on which a systemic drug was given, steroids included.

    Of a relapse it is that of the re-induction. Unknown: the phase of treatment is a later one, or not told outside of a new
    disease (`not-assessable`); no date of diagnosis; nothing given on record; only ordered (`ambiguous`). An interval where
    the first day is partial.
    """
    phase, state = view.fact("treatment_phase"), view.fact("disease_state")
    told = phase.value in _BEFORE_REMISSION if phase.is_known else state.value == "newly-diagnosed"
    if not told:
        return unknown(Gap.NOT_ASSESSABLE, "treatment_phase", evidence=phase.evidence, rule="induction-day")
    diagnosed, relapse = view.fact("diagnosis_date").value, view.fact("relapse_date").value
    if not isinstance(diagnosed, PartialDate):
        return unknown(Gap.NOT_RECORDED, "diagnosis_date", rule="induction-day")
    begun = [one for one in treatments(view) if _of_episode(view, one, diagnosed, relapse)]
    given = [one for one in begun if one.sure]
    if not given:
        ordered = tuple(one.evidence() for one in begun)
        return unknown(Gap.AMBIGUOUS if begun else Gap.NOT_RECORDED, "induction_day", evidence=ordered, rule="induction-day")
    first = given[0].when
    low, high = (view.today.low - first.high).days + 1, (view.today.high - first.low).days + 1
    value = Interval(Decimal(max(low, 1)), Decimal(high))
    return known(value, (given[0].evidence(),), rule="induction-day", unit="d", flags=("computed",))


def _of_episode(view: View, one: Given, diagnosed: PartialDate, relapse: object) -> bool:
    """Return whether a treatment belongs to the present episode: what ended long before the diagnosis was for something else."""
    if isinstance(relapse, PartialDate):
        return relapse.on_or_before(one.when) is not Truth.NO
    window = timedelta(weeks=int(view.limits.number("steroid_pretreatment_window_weeks")))
    return one.last >= diagnosed.low - window


@derive("end_of_therapy_to_relapse", Kind.AGE)
def end_of_therapy_to_relapse(view: View) -> Fact[object]:
    """The time from the stated end of primary therapy to the first relapse, calendar-exact; on therapy it is none.

    Unknown: no first relapse with a date; the end is not stated and no phase of that time either. Imprecise dates stay open.
    """
    rule = "end-of-therapy-to-relapse"
    relapse = first_relapse_day(view)
    if relapse is None:
        known_none = view.fact("relapse_count").value
        none = isinstance(known_none, Interval) and known_none.exact == 0
        return unknown(Gap.NOT_ASSESSABLE if none else Gap.NOT_RECORDED, "relapse_date", rule=rule)
    day, seen = relapse
    ended = stated(
        view, "end_of_primary_therapy", "end-of-primary-therapy", lambda reading: reading.day, show=lambda when: when.text
    )
    if ended is None or ended.value is None:
        going_on = on_therapy(view, day)
        if going_on:
            return known(Age(day, day), (*seen, *going_on), rule=rule, unit="a", flags=("on-therapy",))
        return unknown(Gap.NOT_RECORDED, "end_of_primary_therapy", evidence=seen, rule=rule)
    evidence = (*ended.evidence, *seen)
    if day.before(ended.value) is Truth.YES:
        return known(Age(day, day), evidence, rule=rule, unit="a", flags=("on-therapy",))
    vague = tuple(
        name for name, when in (("end_of_primary_therapy", ended.value), ("relapse_date", day)) if when.precision != "day"
    )
    return replace(known(Age(ended.value, day), evidence, rule=rule, unit="a"), needs=vague)


def specimen_age(view: View, antigen: str) -> Fact[object]:
    """Return the days since the specimen that governs an antigen, also where its result no longer counts.

    Unknown: never tested, the specimen is undated, or results contradict each other.
    """
    tested = view.fact(antigen)
    taken = dict(tested.beside).get("specimenDate")
    if not isinstance(taken, PartialDate):
        gap = tested.gap or Gap.NOT_RECORDED
        return unknown(gap, antigen, evidence=tested.evidence, rule="specimen-age", flags=tested.flags)
    low, high = Age(taken, view.today).days
    value = Interval(max(Decimal(low), _ZERO), Decimal(high))
    return known(value, tested.evidence, rule="specimen-age", unit="d")


for _antigen in ("cd19", "cd22"):
    derive(f"{_antigen}_specimen_age_days", Kind.NUMBER, unit="d", reads=(f"{_antigen}-blasts",))(
        partial(specimen_age, antigen=_antigen)
    )
