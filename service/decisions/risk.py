"""Risk tables on facts: the group, or the groups still possible and the input that would decide."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from service.decisions.predicate import unique
from service.decisions.verdicts import RiskVerdict
from service.knowledge.risk_cells import AnyValue, Cell, NumberRange, SpanRange, parse_cell
from service.logic.dates import Age, PartialDate
from service.logic.interval import Interval
from service.logic.truth import Truth
from service.record.record import Problem

if TYPE_CHECKING:
    from datetime import date

    from service.decisions.bind import Rules
    from service.decisions.predicate import Facts
    from service.facts.catalogue import ReportedRisk
    from service.knowledge.schema import RiskRow, RiskSystem, RiskVersion

cell_of = lru_cache(maxsize=4096)(parse_cell)


@dataclass(frozen=True, slots=True)
class Possible:
    """What a table leaves possible: the groups, the deciding row if one surely matches, and what is missing."""

    groups: tuple[str, ...]
    row: str | None
    needs: tuple[str, ...]
    applies: Truth
    flags: tuple[str, ...]
    evidence: tuple[str, ...]


def judge_risk_groups(facts: Facts, rules: Rules, known_by: date) -> tuple[RiskVerdict, ...]:
    """Return one verdict for each risk system on file."""
    return tuple(_verdict(system, facts, rules, known_by) for system in rules.library.risk_systems.values())


def compare_reported(
    verdicts: tuple[RiskVerdict, ...], reported: tuple[ReportedRisk, ...]
) -> tuple[tuple[RiskVerdict, ...], tuple[Problem, ...]]:
    """Return the verdicts with what was recorded beside them, and a conflict for each recorded group that differs.

    A recorded group never replaces a derived one; where a system's table is not encoded, it is shown as reported.
    """
    problems: list[Problem] = []
    compared: list[RiskVerdict] = []
    for verdict in verdicts:
        name = verdict.system.system
        about = [item for item in reported if item.system == name or (item.system is None and name == "NCI")]
        others = [item for item in about if verdict.state == "decided" and item.group != verdict.group]
        for item in others:
            where = f"{item.evidence.reference} {item.evidence.path}".strip()
            problems.append(
                Problem(
                    "warning",
                    "conflict",
                    where,
                    f"Recorded {name} risk group {item.group}; derived from the data received: {verdict.group}",
                )
            )
        if verdict.state == "not-encoded" and about:
            latest = about[-1]
            verdict = replace(  # noqa: PLW2901 - the verdict with the recorded group in it
                verdict, state="reported", group=latest.group, possible=(latest.group,), evidence=(latest.evidence.reference,)
            )
        elif verdict.state == "decided" and about and not others:
            verdict = replace(verdict, flags=unique((*verdict.flags, "reported-agrees")))  # noqa: PLW2901 - as above
        elif others:
            verdict = replace(verdict, flags=unique((*verdict.flags, "reported-differs")))  # noqa: PLW2901 - as above
        compared.append(verdict)
    return tuple(compared), tuple(problems)


def _verdict(system: RiskSystem, facts: Facts, rules: Rules, known_by: date) -> RiskVerdict:
    known_rows = [version for version in system.versions if version.recorded <= known_by]
    if not system.enabled or not known_rows:
        return RiskVerdict(system, "not-encoded", None, (), None, (), (), None, ())
    found = possible_groups(system, facts, rules)
    if found.applies is Truth.NO:
        version = system.versions[_number(system, facts)]
        flags = (version.not_applicable,) if version.not_applicable else ()
        return RiskVerdict(system, "not-applicable", None, (), None, (), found.evidence, None, flags)
    if len(found.groups) == 1 and found.applies is Truth.YES:
        group = found.groups[0]
        question = system.questions.get(group)
        return RiskVerdict(system, "decided", group, found.groups, found.row, (), found.evidence, question, found.flags)
    return RiskVerdict(system, "open", None, found.groups, None, found.needs, found.evidence, None, found.flags)


def _number(system: RiskSystem, facts: Facts) -> int:
    """Return the version in force on the day of diagnosis or relapse; else the newest that began before it, else the first."""
    day = facts["diagnosis_date" if system.dated_by == "diagnosis" else "relapse_date"].value
    if not isinstance(day, PartialDate):
        return len(system.versions) - 1
    begun = [number for number, version in enumerate(system.versions) if version.effective <= day.low]
    return begun[-1] if begun else 0


def _in_force(system: RiskSystem, version: RiskVersion, facts: Facts) -> bool:
    day = facts["diagnosis_date" if system.dated_by == "diagnosis" else "relapse_date"].value
    if not isinstance(day, PartialDate):
        return True
    return version.effective <= day.low and (version.until is None or day.high < version.until)


def possible_groups(system: RiskSystem, facts: Facts, rules: Rules) -> Possible:
    """Return the groups that the known facts leave possible: a missing input never guesses one."""
    number = _number(system, facts)
    version = system.versions[number]
    node = rules.tests.get(f"risk {system.system} {number}")
    applies = node.truth(facts) if node is not None else Truth.YES
    truths = [(row, _row_truth(row, facts)) for row in version.rows]
    left: list[tuple[RiskRow, Truth]] = []
    for row, truth in truths:
        if truth is Truth.NO:
            continue
        left.append((row, truth))
        if truth is Truth.YES:
            break
    groups = unique(tuple(row.then for row, _ in left))
    decided = len(left) == 1 and left[0][1] is Truth.YES
    missing = () if len(groups) == 1 else _missing([row for row, _ in left], facts)
    named = () if node is None or applies is not Truth.UNKNOWN else (node.needs(facts) or _open(node.fact_names, facts))
    evidence = unique(tuple(item.reference for name in version.inputs for item in facts[name].evidence))
    flags = unique((*(() if _in_force(system, version, facts) else ("not-in-force",)), *_flags(version, facts)))
    return Possible(groups, left[0][0].id if decided else None, unique((*named, *missing)), applies, flags, evidence)


def _open(names: tuple[str, ...], facts: Facts) -> tuple[str, ...]:
    """Return the facts behind a test that the text itself leaves open: those that would have to be recorded more precisely."""
    return tuple(name for name in names if not facts[name].is_known or facts[name].value == "all-lineage-unknown")


def _flags(version: RiskVersion, facts: Facts) -> tuple[str, ...]:
    return tuple(flag for name in version.inputs for flag in facts[name].flags if facts[name].is_known)


def _row_truth(row: RiskRow, facts: Facts) -> Truth:
    truth = Truth.YES
    for name, text in row.when.items():
        truth &= cell_truth(cell_of(text), facts[name].value if facts[name].is_known else None)
        if truth is Truth.NO:
            break
    return truth


def cell_truth(cell: Cell, value: object) -> Truth:
    """Return whether a value lies in a cell; a missing one, or one of another kind, is UNKNOWN except where anything goes."""
    if isinstance(cell, AnyValue):
        return Truth.YES
    if isinstance(cell, SpanRange):
        return cell.holds(value) if isinstance(value, Age) else Truth.UNKNOWN
    if isinstance(cell, NumberRange):
        return cell.holds(value) if isinstance(value, Interval) else Truth.UNKNOWN
    return cell.holds(value) if isinstance(value, (str, bool)) else Truth.UNKNOWN


def _missing(rows: list[RiskRow], facts: Facts) -> tuple[str, ...]:
    """Return the inputs on which the rows left differ and which are not settled."""
    names = unique(tuple(name for row in rows for name in row.when))
    needs: list[str] = []
    for name in names:
        value = facts[name].value if facts[name].is_known else None
        if any(cell_truth(cell_of(row.when[name]), value) is Truth.UNKNOWN for row in rows if name in row.when):
            needs.extend(facts[name].needs or (name,))
    return unique(tuple(needs))
