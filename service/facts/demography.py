"""Age, sex, weight, surface, pregnancy, breast-feeding, Down syndrome."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from service.facts.catalogue import Kind, derive
from service.facts.choose import newest, newest_date, report, with_concept
from service.facts.conditions import MaybeSuch, Passing, Whole, condition_fact, is_fresh
from service.facts.disease import age_evidence, is_relapse, of_all
from service.facts.infections import pregnancy_test
from service.facts.measured import measured
from service.facts.notated import trisomic_from_birth
from service.logic.dates import Age, PartialDate, Span, days_of_age
from service.logic.fact import Evidence, Fact, Gap, State, conflicting, known, unknown
from service.logic.interval import Interval
from service.logic.truth import Truth

if TYPE_CHECKING:
    from service.facts.catalogue import View


def _birth(view: View) -> tuple[Evidence, ...]:
    birth = view.record.birth
    return (Evidence(view.record.reference, "birthDate", birth, "birth date"),) if birth else ()


@derive("age_years", Kind.AGE)
def age_years(view: View) -> Fact[object]:
    """The age on the day asked for, calendar-exact.

    Unit: completed years; an interval where the birth date is partial. Unknown: no readable birth date.
    """
    birth = view.record.birth
    if birth is None:
        return unknown(Gap.NOT_RECORDED, "age_years", rule="age")
    return known(Age(birth, view.today), _birth(view), rule="age", unit="a")


@derive("age_days", Kind.NUMBER, unit="d")
def age_days(view: View) -> Fact[object]:
    """The days since birth. Unknown: no readable birth date."""
    birth = view.record.birth
    if birth is None:
        return unknown(Gap.NOT_RECORDED, "age_years", rule="age")
    low, high = Age(birth, view.today).days
    return known(Interval(Decimal(low), Decimal(high)), _birth(view), rule="age", unit="d")


@derive("age_at_diagnosis_years", Kind.AGE)
def age_at_diagnosis_years(view: View) -> Fact[object]:
    """The age on the day of diagnosis, or as it is told. Unknown: no birth date; neither a date of diagnosis nor one age."""
    diagnosis = view.fact("diagnosis_date")
    birth = view.record.birth
    if birth is None:
        return unknown(Gap.NOT_RECORDED, "age_years", rule="age")
    if not isinstance(diagnosis.value, PartialDate):
        return _age_told(view, birth) or unknown(Gap.NOT_RECORDED, "diagnosis_date", rule="age")
    return known(Age(birth, diagnosis.value), (*_birth(view), *diagnosis.evidence), rule="age", unit="a", flags=diagnosis.flags)


def _age_told(view: View, birth: PartialDate) -> Fact[object] | None:
    """Return the age at which the disease is said to have begun; None where no day was told and not one age alone."""
    first = [diagnosis for diagnosis in of_all(view) if not is_relapse(diagnosis)]
    ages = {diagnosis.onset_age for diagnosis in first if diagnosis.onset_age is not None}
    if len(ages) != 1 or any(diagnosis.onset for diagnosis in first):
        return None
    days = days_of_age(birth, ages.pop(), view.today.high)
    if days is None:
        return None
    on = PartialDate(*days, "")
    told = tuple(age_evidence(diagnosis) for diagnosis in first if diagnosis.onset_age is not None)
    return known(Age(birth, on), (*_birth(view), *told), rule="age", unit="a")


@derive("sex", Kind.WORD, values=("male", "female"))
def sex(view: View) -> Fact[object]:
    """The recorded sex. Unknown: none recorded, or another word."""
    if not view.record.sex:
        return unknown(Gap.NOT_RECORDED, "sex", rule="sex")
    return known(view.record.sex, (Evidence(view.record.reference, "gender", None, view.record.sex),), rule="sex")


@derive("weight_kg", Kind.NUMBER, unit="kg", reads=("body-weight",))
def weight_kg(view: View) -> Fact[object]:
    """The newest body weight."""
    return measured(view, "weight_kg", "body-weight", "kg", "weight")


@derive("body_surface_m2", Kind.NUMBER, unit="m2", reads=("body-surface-area",))
def body_surface_m2(view: View) -> Fact[object]:
    """The newest recorded body surface area; never computed from height and weight."""
    return measured(view, "body_surface_m2", "body-surface-area", "m2", "body surface area")


_TRISOMY = MaybeSuch(frozenset({"down-syndrome-untold"}), "trisomy 21, not told whether of the constitution")


@derive("down_syndrome", Kind.TRUTH)
def down_syndrome(view: View) -> Fact[object]:
    """Whether Down syndrome is recorded, or written in a karyotype as a trisomy 21 from birth, or said not to be there.

    Conflicting: said not to be there, and written in a karyotype. Unknown: not recorded, an absent record never excludes it; a
    trisomy 21 in words that may be the leukaemia's (`ambiguous`).
    """
    whole = Whole("any-down-syndrome")
    recorded = condition_fact(view, "down_syndrome", frozenset({"down-syndrome"}), whole=whole, untold=_TRISOMY)
    inborn = tuple(reading.evidence("trisomy 21 from birth in the karyotype") for reading in trisomic_from_birth(view, "21"))
    if not inborn or recorded.value is True:
        return recorded
    if recorded.value is False:
        evidence = (*recorded.evidence, *inborn)
        report(view, evidence, "Recorded and said not to be there: down syndrome")
        return conflicting(evidence, "down_syndrome", rule="down-syndrome")
    return known(value=True, evidence=inborn, rule="down-syndrome")


_NURSING = Passing(frozenset({"lactation-care"}), "lactation_care_counts_for_days")


_OVER_AFTER, _DENIED_FOR = "pregnancy_care_counts_for_days", "negative_pregnancy_test_for_days"
_IN_CARE = Passing(frozenset({"pregnancy-care"}), _OVER_AFTER)


@derive("pregnant", Kind.TRUTH, reads=("pregnancy-status",))
def pregnant(view: View) -> Fact[object]:
    """Whether a pregnancy is recorded: the newest status Observation, else an active Condition, else a test.

    False in males of whom none is recorded. Where nothing at all is recorded, False in children surely below the age of puberty,
    flagged `by-age`. Unknown: nothing recorded from that age on; a positive test alone (`ambiguous`); not pregnant, told longer
    ago than a negative test counts, or a pregnancy of longer than one lasts (`too-old`). Conflicting: pregnant and not pregnant
    on one day; pregnant, and recorded as male.
    Source: limits/puberty.yaml, limits/absence.yaml.
    """
    if view.record.sex != "male":
        return _pregnancy_told(view)
    told, male = _pregnancy_told(view), view.fact("sex").evidence
    if told.value is True:
        evidence = (*told.evidence, *male)
        report(view, evidence, "Recorded as pregnant and as male")
        return conflicting(evidence, "pregnant", rule="pregnancy")
    return told if told.state is State.CONFLICTING else known(value=False, evidence=male, rule="pregnancy")


def _pregnancy_told(view: View) -> Fact[object]:
    """Return what is recorded of a pregnancy, whatever the sex."""
    status = _pregnancy_status(view)
    whole = Whole("any-pregnancy", _DENIED_FOR)
    recorded = _unless_over(
        view, condition_fact(view, "pregnant", frozenset({"pregnancy"}), active=True, whole=whole, passing=_IN_CARE)
    )
    if status is not None and status.gap is not Gap.TOO_OLD:
        begun, told = newest_date(recorded), newest_date(status)
        since = recorded.value is True and begun is not None and told is not None and told.before(begun) is Truth.YES
        return recorded if since and status.value is False else status
    tested = None if recorded.is_known or recorded.state is State.CONFLICTING else pregnancy_test(view)
    found = tested or recorded
    undecided = status is None and newest(with_concept(view, "pregnancy-status"))
    return found if undecided or not _is_silent(found) else _not_by_age(view, "pregnancy") or status or found


def _pregnancy_status(view: View) -> Fact[object] | None:
    """Return what the newest status of a pregnancy says, `too-old` where it tells nothing of today; None where there is none."""
    latest = newest(with_concept(view, "pregnancy-status"))
    yes = tuple(reading.evidence("pregnant") for reading in latest if "pregnancy" in reading.answers)
    no = tuple(reading.evidence("not pregnant") for reading in latest if "not-pregnant" in reading.answers)
    if yes and no:
        report(view, (*yes, *no), "Pregnant and not pregnant are recorded on the same day")
        return conflicting((*yes, *no), "pregnant", rule="pregnancy")
    if yes:
        return _unless_over(view, known(value=True, evidence=yes, rule="pregnancy"))
    if no and is_fresh(view, latest[0].when, _DENIED_FOR):
        return known(value=False, evidence=no, rule="pregnancy")
    return unknown(Gap.TOO_OLD, "pregnant", evidence=no, rule="pregnancy") if no else None


def _unless_over(view: View, fact: Fact[object]) -> Fact[object]:
    """Return the fact; a pregnancy of which all was told longer ago than one lasts is over, and tells of no new one."""
    told = newest_date(fact)
    if fact.value is not True or told is None or is_fresh(view, told, _OVER_AFTER):
        return fact
    return unknown(Gap.TOO_OLD, "pregnant", evidence=fact.evidence, rule=fact.rule)


@derive("breast_feeding", Kind.TRUTH)
def breast_feeding(view: View) -> Fact[object]:
    """Whether the patient breast-feeds: a finding or an active Condition. False in males.

    Where nothing is recorded, False in children surely below the age of puberty, flagged `by-age`; where something is, it may be
    how the child itself is fed (`ambiguous`). Unknown: nothing recorded, or only what is over or long ago.
    Source: limits/puberty.yaml, limits/absence.yaml.
    """
    if view.record.sex == "male":
        return known(value=False, evidence=view.fact("sex").evidence, rule="breast-feeding")
    whole = Whole("breast-feeding", "absence_of_acute_condition_for_days")
    found = condition_fact(view, "breast_feeding", frozenset({"breast-feeding"}), active=True, whole=whole, passing=_NURSING)
    child = _not_by_age(view, "breast-feeding") if found.value is True or _is_silent(found) else None
    if child is None:
        return found
    return child if _is_silent(found) else unknown(Gap.AMBIGUOUS, "breast_feeding", evidence=found.evidence, rule=found.rule)


def _is_silent(fact: Fact[object]) -> bool:
    return fact.gap is Gap.NOT_RECORDED and not fact.evidence


def _not_by_age(view: View, rule: str) -> Fact[object] | None:
    """Return that what comes after puberty alone is not there, in children surely below its age; else None."""
    birth = view.record.birth
    if birth is None:
        return None
    years = int(view.limits.number("no_pregnancy_below_years"))
    if Age(birth, view.today).at_least(Span(12 * years, 0)) is not Truth.NO:
        return None
    # the age is of today, whenever the birth was recorded: no date makes it old
    seen = Evidence(view.record.reference, "birthDate", None, f"born {birth.text}, below {years} years")
    return known(value=False, evidence=(seen,), rule=rule, flags=("by-age",))
