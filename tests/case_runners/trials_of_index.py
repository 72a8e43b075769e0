"""Trials of the index: facts as given, judged by the shipped file of one trial, compared with what its row says.

A case file has `trials`, keyed by the id of the file: `typical` facts, `expect`, and `changes` of single facts with what they
lead to. An answer is `fits`, `needs-data` with the criteria that are open, or `does-not-fit` with those that fail; `arms` names
arms and their fit. `age` is the age on the day; other spans are an age (`5 a - 1 d`) or a pair of days. A file may have `ages`
too: one criterion of a trial, and ages on which it holds and on which it does not.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from service.decisions.predicate import Looks
from service.decisions.trial_verdicts import TrialVerdict
from service.decisions.trials import judge_trials
from service.facts.catalogue import CATALOGUE, Kind
from service.knowledge.registry import NOTHING_SEEN
from service.logic.dates import Age, PartialDate
from service.logic.fact import Fact, known
from tests.case_runners.case_files import case_files
from tests.case_runners.knowledge import shipped_rules
from tests.case_runners.values import birth_for, facts_of, partial

DAY = date(2026, 11, 22)
STALE_DAYS = 45


def trial_cases() -> Iterator[tuple[str, tuple[str, dict[str, Any], dict[str, Any]]]]:
    """Yield for each trial its typical patient and each change of it."""
    for stem, file in case_files("trials_of_index"):
        for trial, case in file.get("trials", {}).items():
            typical = case["typical"]
            yield f"{stem}: {trial} typical", (trial, typical, case)
            for change in case.get("changes", ()):
                yield f"{stem}: {trial} {change['given']}", (trial, {**typical, **change["given"]}, change)


def age_cases() -> Iterator[tuple[str, tuple[str, str, str, str, str]]]:
    """Yield trial, criterion, fact, age and expected truth, once for each age."""
    for stem, file in case_files("trials_of_index"):
        for row in file.get("ages", ()):
            for word in ("yes", "no"):
                for age in row.get(word, ()):
                    name = f"{stem}: {row['trial']} {row['criterion']} at {age}"
                    yield name, (row["trial"], row["criterion"], row.get("of", "age_years"), age, word)


def facts_given(given: Mapping[str, Any]) -> dict[str, Fact[object]]:
    """Return the facts of a case."""
    spans = {name for name in given if name in CATALOGUE and CATALOGUE[name].kind is Kind.AGE}
    facts = facts_of({name: value for name, value in given.items() if name not in spans}, DAY)
    for name in spans:
        facts[name] = known(_age(given[name]))
    return facts


def _age(written: object) -> Age:
    if isinstance(written, list):
        return Age(*(partial(day) for day in written))
    return Age(PartialDate.of_day(birth_for(str(written), DAY)), PartialDate.of_day(DAY))


def verdicts(
    given: Mapping[str, Any], more: Mapping[str, Fact[object]] | None = None, known_by: date = DAY
) -> dict[str, TrialVerdict]:
    """Return the verdicts on all listed trials by id; `more` are facts that a case cannot write."""
    rules = shipped_rules()
    facts = {**facts_given(given), **(more or {}), **rules.whereabouts.told("", "")}
    found = judge_trials(Looks(facts), rules, NOTHING_SEEN, DAY, known_by, STALE_DAYS)
    return {verdict.id: verdict for verdict in found}


def truth_of(trial: str, criterion: str, given: Mapping[str, Any]) -> str:
    """Return the truth of one criterion of a trial or of its arms, in the patient's favour; the trial need not be listed."""
    rules = shipped_rules()
    bound = rules.trials[trial][-1]
    rows = (*bound.criteria.rows, *(row for arm in bound.arms for row in arm.criteria.rows))
    row = next(row for row in rows if row.criterion.id == criterion)
    return row.truth({**facts_given(given), **rules.whereabouts.told("", "")}).word


def differences(trial: str, given: Mapping[str, Any], expected: Mapping[str, Any]) -> list[str]:
    """Return what differs from the answer that is expected, in words."""
    verdict = verdicts(given)[trial]
    rows = verdict.judged.criteria.rows
    named = {
        "fits": (),
        "does-not-fit": verdict.failing,
        "needs-data": tuple(rows[place].criterion.id for place in verdict.judged.open_places),
    }[verdict.fit]
    found = " ".join((verdict.fit, *sorted(named)))
    wrong = [] if found == expected["expect"] else [f"expected {expected['expect']!r}, found {found!r}"]
    arms = {arm.arm.id: arm.fit for arm in verdict.arms}
    return wrong + [
        f"arm {name}: expected {fit}, found {arms.get(name)}"
        for name, fit in expected.get("arms", {}).items()
        if arms.get(name) != fit
    ]
