"""Trial cases: facts as given, judged by one trial on a day, compared with what its criteria say.

A file names its `trial`, a day and a `typical` patient. `criteria` gives for each criterion the facts that make it yes, no or
unknown on top of the typical ones; `cases` gives whole answers. A value is written as in `values`; an age or a span as
`26 a - 1 d`; `{value: 5, on: 2026-08-24}` is a result of a day; `{gap: unreadable}` something recorded that cannot be used.
`age_at_diagnosis` sets both facts of that age.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from msgspec import structs

from service.decisions.bind import Rules
from service.decisions.predicate import Looks
from service.decisions.trial_verdicts import TrialVerdict
from service.decisions.trials import judge_trials
from service.facts.catalogue import CATALOGUE, Kind
from service.knowledge.registry import NOTHING_SEEN
from service.knowledge.trial_rows import TrialCriterion
from service.logic.dates import Age, PartialDate
from service.logic.fact import Evidence, Fact, Gap, known, unknown
from service.logic.interval import Interval
from tests.case_runners.case_files import case_files
from tests.case_runners.knowledge import shipped_rules
from tests.case_runners.values import birth_for, fact_of, facts_of

STALE_DAYS = 45
TRUTHS = ("yes", "no", "unknown")
_AGES = {"age", "birth", "age_at_diagnosis"}


def trial_files() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the name of each case file and its content."""
    yield from case_files("trials")


def truth_cases() -> Iterator[tuple[str, tuple[dict[str, Any], str, str, dict[str, Any]]]]:
    """Yield for each criterion each set of facts with the truth that it has."""
    for stem, file in trial_files():
        for criterion, rows in file["criteria"].items():
            for word in TRUTHS:
                for number, given in enumerate(rows.get(word, ())):
                    yield f"trials/{stem}: {criterion} {word} {number + 1}", (file, criterion, word, given)


def whole_cases() -> Iterator[tuple[str, tuple[dict[str, Any], dict[str, Any]]]]:
    """Yield each case with its file."""
    for stem, file in trial_files():
        for case in file["cases"]:
            yield f"trials/{stem}: {case['name']}", (file, case)


def verdict_of(file: dict[str, Any], case: dict[str, Any]) -> TrialVerdict:
    """Return the verdict of the file's trial on the facts of a case."""
    day = case.get("as_of", file["as_of"])
    rules = _rules_of(file["trial"])
    looks = Looks(
        {
            **facts_on({**file["typical"], **case.get("given", {})}, day),
            **rules.whereabouts.told(
                case.get("country", file.get("country", "")), case.get("site_group", file.get("site_group", ""))
            ),
        }
    )
    (verdict,) = judge_trials(looks, rules, NOTHING_SEEN, day, case.get("known_by", file["known_by"]), STALE_DAYS)
    return verdict


def facts_on(given: dict[str, Any], day: date) -> dict[str, Fact[object]]:
    """Return every fact of the catalogue on a day: those given, all others not recorded."""
    plain = {name: written for name, written in given.items() if name == "age" or _is_plain(name, written)}
    facts = facts_of(plain, day)
    age = facts["age_years"].value
    if isinstance(age, Age):
        facts["age_days"] = known(_days(age))
    for name, written in given.items():
        if name == "age_at_diagnosis":
            facts |= _at_diagnosis(written, day)
        elif name not in plain:
            facts[name] = _fact(name, written, day)
    return facts


def _is_plain(name: str, written: object) -> bool:
    return name not in _AGES and not isinstance(written, dict) and CATALOGUE[name].kind is not Kind.AGE


def _at_diagnosis(written: str, day: date) -> dict[str, Fact[object]]:
    if written == "unknown":
        return {}
    age = Age(PartialDate.of_day(birth_for(written, day)), PartialDate.of_day(day))
    return {"age_at_diagnosis_years": known(age), "age_at_diagnosis_days": known(_days(age))}


def _days(age: Age) -> Interval:
    least, most = age.days
    return Interval(Decimal(least), Decimal(most))


def _fact(name: str, written: Any, day: date) -> Fact[object]:
    if isinstance(written, dict) and "gap" in written:
        return unknown(Gap(written["gap"]), name, evidence=_seen(None))
    if isinstance(written, dict):
        return structs.replace(_fact(name, written["value"], day), evidence=_seen(written["on"]))
    if CATALOGUE[name].kind is Kind.AGE and written != "unknown":
        return known(Age(PartialDate.of_day(birth_for(written, day)), PartialDate.of_day(day)))
    return fact_of(CATALOGUE[name], written)


def _seen(day: date | None) -> tuple[Evidence, ...]:
    return (Evidence("Observation/1", "value", PartialDate.of_day(day) if day else None, "seen"),)


@cache
def _rules_of(trial: str) -> Rules:
    rules = shipped_rules()
    return replace(rules, library=replace(rules.library, trials={trial: rules.library.trials[trial]}))


def truth_of_criterion(file: dict[str, Any], criterion: str, given: dict[str, Any]) -> str:
    """Return the truth of one criterion of the trial or of an arm; `country` and `site_group` stand among the facts."""
    case: dict[str, Any] = {name: given[name] for name in ("country", "site_group") if name in given}
    verdict = verdict_of(file, {"given": {name: value for name, value in given.items() if name not in case}, **case})
    return _truths(verdict)[criterion]


def _truths(verdict: TrialVerdict) -> dict[str, str]:
    rows = (*verdict.judged.results(), *(row for arm in verdict.arms for row in arm.judged.results()))
    return {row.id: row.truth.word for row in rows}


def differences(file: dict[str, Any], case: dict[str, Any]) -> list[str]:
    """Return what differs from the expectation, in words; members of `expect` that are left out are not compared."""
    verdict, expect = verdict_of(file, case), case["expect"]
    found: dict[str, Any] = {
        "fit": verdict.fit,
        "failing": sorted(verdict.failing),
        "needs": sorted(verdict.needs),
        "status": verdict.recruitment.status,
        "open": verdict.recruitment.open,
        "seen": verdict.recruitment.seen,
    }
    wanted = {name: sorted(value) if isinstance(value, list) else value for name, value in expect.items()}
    wrong = [
        f"{name}: expected {wanted[name]}, found {value}" for name, value in found.items() if wanted.get(name, value) != value
    ]
    truths, arms = _truths(verdict), {row.arm.id: row for row in verdict.arms}
    asked = dict(verdict.confirm())
    wrong += [f"{n}: expected {w}, found {truths[n]}" for n, w in expect.get("truths", {}).items() if truths[n] != w]
    wrong += [f"arm {n}: expected {w}, found {arms[n].fit}" for n, w in expect.get("arms", {}).items() if arms[n].fit != w]
    wrong += [f"flag {name} is missing: {verdict.flags}" for name in expect.get("flags", ()) if name not in verdict.flags]
    wrong += [f"flag {name} is too many: {verdict.flags}" for name in expect.get("no_flags", ()) if name in verdict.flags]
    wrong += [f"{name} is not to be confirmed: {sorted(asked)}" for name in expect.get("confirm", ()) if name not in asked]
    wrong += [f"{name} does not ask for {text}" for name, text in expect.get("asks", {}).items() if text not in asked[name]]
    if wrong and "fit" in expect:
        wrong.append(f"all: {truths} needs {verdict.needs}")
    return wrong


def computed(trial: str) -> list[TrialCriterion]:
    """Return the criteria of the newest text of a trial and of its arms that are computed."""
    version = shipped_rules().library.trials[trial].versions[-1]
    rows = (*version.criteria, *(row for arm in version.arms for row in arm.criteria))
    return [row for row in rows if row.test is not None]
