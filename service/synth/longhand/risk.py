"""The group that each risk system gives, in longhand: its rows tried one after the other."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from service.synth.longhand.tests import bounds, every, holds, opposite
from service.synth.spans import Stretch, month_of
from service.synth.truth import UNKNOWN, Told

if TYPE_CHECKING:
    from service.knowledge.library import Library
    from service.knowledge.schema import RiskRow, RiskSystem, RiskTable, RiskVersion
    from service.synth.longhand.tests import Answer, Values

NOT_APPLICABLE, NOT_ENCODED, OPEN = "not-applicable", "not-encoded", "open"


class Groups(NamedTuple):
    """What a system says: a group, or one of the words above, and the groups that are possible."""

    says: str
    possible: tuple[str, ...]


def risk_groups(values: Values, library: Library, methods: Values) -> dict[str, Groups]:
    """Return for each risk system on file what it says; `methods` are those by which residual disease was measured."""
    return {name: _group(system, values, library, methods) for name, system in library.risk_systems.items()}


def high_risk_first_relapse(groups: dict[str, Groups]) -> Answer:
    """Return the answer where nobody stated it: only where the two classifications agree."""
    european, american = groups["INTREALL"], groups["COG1331"]
    if NOT_APPLICABLE in {european.says, american.says}:
        return None
    if european.possible == ("HR",) and american.possible == ("High",):
        return True
    return False if european.possible == ("SR",) and "High" not in american.possible else None


def _group(system: RiskSystem, values: Values, library: Library, methods: Values) -> Groups:
    if not system.versions:
        return Groups(NOT_ENCODED, ())
    version = _version(system, values)
    applies = holds(version.applies, values, library) if version.applies is not None else True
    if applies is False:
        return Groups(NOT_APPLICABLE, ())
    if not system.enabled:
        return Groups(NOT_ENCODED, ())
    with_candidates = not any(overlay.instead and holds(overlay.test, values, library) for overlay in system.overlays)
    left = _rows_left(version, values, library, methods, with_candidates=with_candidates)
    said = {word for row, _ in left for word in _says(row)}
    told = len(said) == 1 and (not version.partial or any(answer is True for _, answer in left))
    verified = all(row.verification.usable_alone for row, _ in left)
    if told and verified and applies is True:
        return Groups(next(iter(said)), tuple(said))
    possible = tuple(dict.fromkeys(word for row, _ in left for word in _says(row)))
    only_candidates = all(not row.verification.usable_alone and not row.among for row, _ in left)
    if not possible or (applies is True and only_candidates and len(possible) == 1):
        return Groups(NOT_ENCODED, ())
    return Groups(OPEN, possible)


def _says(row: RiskRow) -> tuple[str, ...]:
    if row.verification.usable_alone:
        return (row.then,)
    return row.among or (f"{row.then}?",)


def _version(system: RiskSystem, values: Values) -> RiskVersion:
    told = values.get("diagnosis_date" if system.dated_by == "diagnosis" else "relapse_date", UNKNOWN)
    if told == UNKNOWN:
        return system.versions[-1]
    text = str(told)
    day = date.fromisoformat(text) if len(text) > len("2026-11") else month_of(date.fromisoformat(f"{text}-01"))[0]
    begun = [version for version in system.versions if version.effective <= day]
    return begun[-1] if begun else system.versions[0]


def _rows_left(
    table: RiskTable, values: Values, library: Library, methods: Values, *, with_candidates: bool
) -> list[tuple[RiskRow, Answer]]:
    left: list[tuple[RiskRow, Answer]] = []
    for row in table.rows:
        verified = row.verification.usable_alone
        if not (verified or with_candidates):
            continue
        answer = every(
            _cell(text, _value(name, table, values, library, methods, sure=verified)) for name, text in row.when.items()
        )
        if answer is not False:
            left.append((row, answer))
            if answer is True and table.hit == "first":
                break
    return left


def _value(name: str, table: RiskTable, values: Values, library: Library, methods: Values, *, sure: bool) -> Told:
    definition = library.definitions.get(name)
    if definition is not None:
        answer = holds(definition.test, values, library)
        if answer is None or (answer and sure and not definition.verification.usable_alone):
            return UNKNOWN
        return answer
    value = values.get(name, UNKNOWN)
    if value == "all-lineage-unknown":
        return UNKNOWN
    method = methods.get(name, "")
    if (
        value != UNKNOWN
        and name in table.methods
        and table.other_method_factor is not None
        and method not in {"", table.methods[name]}
    ):
        low, high, low_in, high_in = bounds(value)
        factor = table.other_method_factor
        return {
            "low": None if low is None else low / factor,
            "high": None if high is None else high * factor,
            "lowInclusive": low_in,
            "highInclusive": high_in,
        }
    return value


_COMPARED = re.compile(r"(<=|>=|<|>)\s*(.+)\Z")
_BETWEEN = re.compile(r"([\[(])\s*(.+?)\s*,\s*(.+?)\s*([\])])\Z")


def _cell(text: str, value: Told) -> Answer:
    """Return whether a value lies in a cell."""
    text = text.strip()
    if text == "any":
        return True
    if value == UNKNOWN:
        return None
    if between := _BETWEEN.match(text):
        lower = _cell(f"{'>=' if between[1] == '[' else '>'} {between[2]}", value)
        return every((lower, _cell(f"{'<=' if between[4] == ']' else '<'} {between[3]}", value)))
    if compared := _COMPARED.match(text):
        return _compared(compared[1], compared[2], value)
    if isinstance(value, (str, bool)):
        word = {True: "yes", False: "no"}[value] if isinstance(value, bool) else value
        asked = {part.strip() for part in text.removeprefix("not ").split("|")}
        return (word in asked) is not text.startswith("not ")
    return every((_compared(">=", text, value), _compared("<=", text, value)))


def _compared(sign: str, text: str, value: Told) -> Answer:
    if isinstance(value, Stretch):
        over = value.reached(text)
        return over if sign == ">=" else opposite(over)
    if sign in {"<", "<="}:
        return opposite(_compared(">=" if sign == "<" else ">", text, value))
    low, high, low_in, high_in = bounds(value)
    bound = Decimal(text)
    if low is not None and (low > bound or (low == bound and (sign == ">=" or not low_in))):
        return True
    if high is not None and (high < bound or (high == bound and (sign == ">" or not high_in))):
        return False
    return None
