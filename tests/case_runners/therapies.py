"""Therapy cases: facts as given, judged on each day before each regulator, compared with what the label says."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from service.decisions.verdicts import IndicationVerdict, TherapyVerdict
from service.logic.truth import Truth
from tests.case_runners.case_files import case_files, named_cases
from tests.case_runners.knowledge import shipped_rules
from tests.case_runners.values import facts_of
from tests.judged import judge_therapies

STANDING = {"yes": "on-label", "no": "not-on-label", "unknown": "undetermined"}


def therapy_cases() -> Iterator[tuple[str, tuple[dict[str, Any], str, dict[str, str]]]]:
    """Yield each case once for each day and regulator."""
    for name, case in named_cases("therapies"):
        for when, expected in case["expect"].items():
            yield f"{name} [{when}]", (case, when, expected)


def timelines() -> Iterator[tuple[str, tuple[date, str, date, list[str]]]]:
    """Yield for each product, regulator and day the rows that are in force."""
    for _, file in case_files("therapies"):
        for timeline in file.get("timelines", ()):
            for when, rows in timeline["rows"].items():
                yield f"rows of {timeline['of']} on {when}", (file["known_by"], timeline["of"], when, rows)


def verdicts_on(given: dict[str, Any], on: date, known_by: date, regulator: str) -> dict[str, TherapyVerdict]:
    verdicts = judge_therapies(facts_of(given, on), shipped_rules(), on, known_by, (regulator,))
    return {verdict.therapy.short: verdict for verdict in verdicts}


def differences(case: dict[str, Any], when: str, expected: dict[str, str]) -> list[str]:
    """Return for each product what differs from the expectation, in words."""
    regulator, day = when.split()
    given = {**case["file"].get("typical", {}), **case["given"]}
    known_by = case.get("known_by", case["file"]["known_by"])
    if "birth" in given:
        given.pop("age", None)
    found = verdicts_on(given, date.fromisoformat(day), known_by, regulator)
    return [
        f"{product}: expected {text!r}, found {_shown(found[product])}"
        for product, text in expected.items()
        if not _agrees(found[product], text)
    ]


def rows_in_force(of: str, on: date, known_by: date) -> list[str]:
    """Return the ids of the rows in force, with `?` where the day itself is uncertain."""
    regulator, product = of.split()
    verdict = verdicts_on({}, on, known_by, regulator)[product]
    return sorted(row.indication.id + ("?" if "date" in row.flags else "") for row in verdict.indications)


def _agrees(verdict: TherapyVerdict, expected: str) -> bool:
    text, _, flag = expected.partition("flag ")
    word, _, rest = text.strip().partition(" ")
    if verdict.verdict != STANDING.get(word, word) or (flag and flag not in verdict.flags):
        return False
    match word:
        case "yes":
            return {row.indication.id for row in verdict.indications if row.truth is Truth.YES} == set(rest.split())
        case "unknown":
            return _open(verdict) == set(rest.split())
        case "no":
            wanted = [frozenset(part.split("+")) for part in rest.split(" or ")]
            return set(wanted) <= {_failing(row) for row in verdict.indications}
        case _:
            return not rest


def _open(verdict: TherapyVerdict) -> set[str]:
    rows = [row for row in verdict.indications if row.truth is Truth.UNKNOWN]
    return {criterion.id for row in rows for criterion in row.criteria if criterion.truth is Truth.UNKNOWN}


def _failing(row: IndicationVerdict) -> frozenset[str]:
    return frozenset(criterion.id for criterion in row.criteria if criterion.truth is Truth.NO)


def _shown(verdict: TherapyVerdict) -> str:
    rows = "; ".join(
        f"{row.indication.id} {row.truth.word}"
        + "".join(f" {result.id}={result.truth.word}" for result in row.criteria if result.truth is not Truth.YES)
        for row in verdict.indications
    )
    return f"{verdict.verdict} flags {list(verdict.flags)} ({rows})"
