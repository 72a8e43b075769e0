"""Chronic viral infections: recorded, said not to be there, or searched for in the laboratory; and the test for a pregnancy."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from service.facts.choose import newest, report, with_concept
from service.facts.conditions import Whole, condition_fact, is_fresh
from service.facts.variants import answer_of
from service.logic.fact import Evidence, Fact, Gap, conflicting, known, unknown

if TYPE_CHECKING:
    from service.facts.catalogue import View
    from service.record.record import Reading

RULE = "serology"


@dataclass(frozen=True, slots=True)
class Virus:
    """A chronic viral infection: its conditions, its tests, and of these the ones whose positive result is the infection itself.

    The tests stand in the order in which they decide: RNA before the antibodies that stay when it is gone.
    """

    conditions: frozenset[str]
    whole: Whole
    tests: tuple[str, ...]
    proving: frozenset[str] = frozenset()


VIRUSES = {
    # on the problem list the name of the test, too, tells of the infection
    "hiv": Virus(frozenset({"hiv", "hiv-test"}), Whole("any-hiv", "absence_of_condition_for_days"), ("hiv-test",)),
    "hbv": Virus(
        frozenset({"hbv", "hbv-active"}),
        Whole("any-hbv", "absence_of_condition_for_days"),
        ("hbv-test",),
        frozenset({"hbv-test"}),
    ),
    "hcv": Virus(
        frozenset({"hcv", "hcv-active"}),
        Whole("any-hcv", "absence_of_condition_for_days"),
        ("hcv-rna-test", "hcv-test"),
        frozenset({"hcv-rna-test"}),
    ),
}


def found_by(reading: Reading) -> bool | None:
    """Return whether a search for something found it; None where the result does not tell."""
    return answer_of(reading) if reading.flag is None else reading.flag


def viral_infection(view: View, name: str) -> Fact[object]:
    """Return whether a chronic viral infection is recorded, or found or excluded by the newest test.

    Unknown: neither recorded nor tested; a screening test is positive and no infection recorded (`ambiguous`); tested negative
    too long ago (`too-old`); a result that does not tell (`unreadable`). Conflicting: said not to be there, and found. Source:
    limits/absence.yaml.
    """
    virus = VIRUSES[name]
    recorded = condition_fact(view, name, virus.conditions, whole=virus.whole)
    tested = _tested(view, name, virus)
    if tested is None or recorded.value is True:
        return recorded
    if recorded.value is False and tested.value is not False and _not_before(tested.evidence, recorded.evidence):
        evidence = (*recorded.evidence, *tested.evidence)
        report(view, evidence, f"Said not to be there, and not excluded by a test: {name}")
        return conflicting(evidence, name, rule=RULE)
    return recorded if recorded.value is False or recorded.gap is Gap.AMBIGUOUS else tested


def _tested(view: View, name: str, virus: Virus) -> Fact[object] | None:
    """Return what the first of the tests that was done says; None where none was done."""
    for test in virus.tests:
        latest = newest([r for r in with_concept(view, test) if not (r.absent or r.preliminary)])
        if not latest:
            continue
        results = {found_by(reading) for reading in latest}
        evidence = tuple(reading.evidence(f"{name.upper()} test {_WORDS[found_by(reading)]}") for reading in latest)
        if len(results) > 1:
            report(view, evidence, f"Two different results of one day: {name} test")
            return conflicting(evidence, name, rule=RULE)
        result = results.pop()
        if result is None:
            return unknown(Gap.UNREADABLE, name, evidence=evidence, rule=RULE)
        if result:
            proven = test in virus.proving
            return known(value=True, evidence=evidence, rule=RULE) if proven else _screened(name, evidence)
        if is_fresh(view, latest[0].when, "negative_serology_for_days"):
            return known(value=False, evidence=evidence, rule=RULE)
        return unknown(Gap.TOO_OLD, name, evidence=evidence, rule=RULE)
    return None


_WORDS = {True: "positive", False: "negative", None: "not readable"}


def _screened(name: str, evidence: tuple[Evidence, ...]) -> Fact[object]:
    return unknown(Gap.AMBIGUOUS, name, evidence=evidence, rule=RULE, flags=("screening-test",))


def _not_before(tested: tuple[Evidence, ...], denied: tuple[Evidence, ...]) -> bool:
    """Return whether a test was not surely done before what denies the infection."""
    latest = max((item.date.high if item.date is not None else date.max for item in tested), default=date.min)
    return latest >= min((item.date.low if item.date is not None else date.min for item in denied), default=date.max)


def pregnancy_test(view: View) -> Fact[object] | None:
    """Return what the newest test for a pregnancy says: False where negative and fresh; None where none was done or it is old.

    Unknown: positive or not readable (`ambiguous`): it tells of no pregnancy by itself. Source: limits/absence.yaml.
    """
    latest = newest([r for r in with_concept(view, "hcg") if not (r.absent or r.preliminary)])
    if not latest or not is_fresh(view, latest[0].when, "negative_pregnancy_test_for_days"):
        return None
    evidence = tuple(reading.evidence(f"pregnancy test {_WORDS[found_by(reading)]}") for reading in latest)
    if all(found_by(reading) is False for reading in latest):
        return known(value=False, evidence=evidence, rule="pregnancy-test")
    return unknown(Gap.AMBIGUOUS, "pregnant", evidence=evidence, rule="pregnancy-test")
