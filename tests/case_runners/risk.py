"""Risk tables: one line a patient, the group that is decided or the groups still possible, and what is missing."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from service.decisions.risk import judge_risk_groups
from service.facts.catalogue import CATALOGUE
from service.logic.dates import Age, PartialDate
from service.logic.fact import Fact, conflicting, known, unknown
from tests.case_runners.case_files import case_files
from tests.case_runners.knowledge import shipped_rules
from tests.case_runners.values import birth_for, interval, partial

_AGE = re.compile(r"(\d+)(a|mo)(?:-(\d+)d)?")


def risk_cases() -> Iterator[tuple[str, tuple[dict[str, Any], dict[str, str]]]]:
    """Yield each line of each table."""
    for stem, file in case_files("risk_systems"):
        head, *lines = (line.split() for line in file["table"].splitlines() if line.strip())
        for cells in lines:
            line = dict(zip(head, cells, strict=True))
            yield f"risk_systems/{stem}: {line['case'].replace('_', ' ')}", (file, line)


def differences(file: dict[str, Any], line: dict[str, str]) -> list[str]:
    """Return what differs from a line's answer, row and needs, in words."""
    verdicts = judge_risk_groups(_facts(line, file["diagnosed"]), shipped_rules(), file["known_by"])
    verdict = next(verdict for verdict in verdicts if verdict.system.system == file["system"])
    needs = set() if line["needs"] == "-" else set(line["needs"].split(","))
    if line["answer"] == "not-applicable":
        expected: dict[str, object] = {"state": "not-applicable", "group": None, "possible": set()}
    else:
        groups = set(line["answer"].split("|"))
        decided = len(groups) == 1 and not needs
        expected = {"state": "decided" if decided else "open", "group": line["answer"] if decided else None, "possible": groups}
        expected["row"] = line["row"] if decided and line["row"] != "-" else verdict.row
    expected["needs"] = needs
    found = {
        "state": verdict.state,
        "group": verdict.group,
        "possible": set(verdict.possible),
        "row": verdict.row,
        "needs": set(verdict.needs),
    }
    return [f"{key}: expected {value}, found {found[key]}" for key, value in expected.items() if found[key] != value]


def _facts(line: dict[str, str], diagnosed: date) -> dict[str, Fact[object]]:
    facts: dict[str, Fact[object]] = {name: unknown() for name in CATALOGUE}
    facts["diagnosis_date"] = known(PartialDate.of_day(diagnosed))
    if line["disease"] != "?":
        facts["disease"] = known(line["disease"])
    if line["wbc"] != "?":
        facts["wbc_at_diagnosis"] = conflicting(()) if line["wbc"] == "conflict" else known(interval(line["wbc"]))
    if line["age"] != "?":
        facts["age_at_diagnosis_years"] = known(Age(_birth(line["age"], diagnosed), PartialDate.of_day(diagnosed)))
    return facts


def _birth(age: str, diagnosed: date) -> PartialDate:
    if age.startswith("born:"):
        return partial(age.removeprefix("born:"))
    match = _AGE.fullmatch(age)
    assert match is not None, age
    return PartialDate.of_day(birth_for(f"{match[1]} {match[2]}" + (f" - {match[3]} d" if match[3] else ""), diagnosed))
