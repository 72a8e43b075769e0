"""Every risk table can be read, says what it does not say twice, and leaves nobody out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.errors import Fault
from service.knowledge.complaints import did_you_mean
from service.knowledge.risk_cells import Cell, parse_cell
from service.knowledge.risk_domain import domain_of
from service.knowledge.risk_geometry import Axis, axis, hole, overlaps
from service.knowledge.schema import RiskAllocation, RiskSystem, RiskTable, RiskVersion

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from service.knowledge.library import Library


def check(library: Library) -> Iterator[Fault]:
    """Yield unreadable cells, unknown inputs, outcomes and groups; then overlaps (hit: unique) and holes of each table.

    A partial table may have holes and outcomes to which no row leads.
    """
    for place in library.places:
        if isinstance(place.row, RiskTable):
            yield from _table(place.where, place.row, library)
            if isinstance(place.row, RiskVersion) and place.row.allocation is not None:
                yield from _allocated_groups(f"{place.where} / allocation", place.row.allocation, place.row)
        elif isinstance(place.row, RiskSystem):
            yield from _groups(place.where, place.row)


def _groups(where: str, system: RiskSystem) -> Iterator[Fault]:
    """Groups that questions and other names speak of are groups of the system, where it has a version."""
    groups = [group for version in system.versions for group in version.outcomes]
    if groups:
        yield from _missing(f"{where} / questions", system.questions, groups)
        yield from _missing(f"{where} / aliases", system.aliases.values(), groups)


def _allocated_groups(where: str, allocation: RiskAllocation, version: RiskVersion) -> Iterator[Fault]:
    """The groups to which an allocation speaks are groups of its version."""
    for row in allocation.rows:
        named = row.when.get("group", "any").removeprefix("not ")
        if named != "any":
            yield from _missing(f"{where} / rows / {row.id}", [word.strip() for word in named.split("|")], list(version.outcomes))


def _missing(where: str, named: Iterable[str], groups: list[str]) -> Iterator[Fault]:
    for name in named:
        if name not in groups:
            yield Fault(where, f"{name!r} is not among the outcomes", did_you_mean(name, groups))


def _table(where: str, table: RiskTable, library: Library) -> Iterator[Fault]:
    faults = list(_methods(where, table))
    rows: dict[str, dict[str, Cell]] = {}
    for row in table.rows:
        here = f"{where} / rows / {row.id}"
        rows[row.id] = {}
        for name, text in row.when.items():
            if name not in table.inputs:
                faults.append(Fault(here, f"{name!r} is not among the inputs", did_you_mean(name, table.inputs)))
                continue
            try:
                rows[row.id][name] = parse_cell(text)
            except ValueError as error:
                faults.append(Fault(f"{here} / {name}", str(error)))
        faults += _missing(here, dict.fromkeys((row.then, *row.among)), list(table.outcomes))
        if row.among and row.then not in row.among:
            faults.append(Fault(here, f"{row.then!r} is not among the groups of `among`"))
    if not table.partial:
        reached = {group for row in table.rows for group in (row.then, *row.among)}
        faults += [Fault(where, f"no row leads to the outcome {name!r}") for name in table.outcomes if name not in reached]
    yield from faults
    if not faults and rows:
        yield from _shape(where, table, rows, library)


def _methods(where: str, table: RiskTable) -> Iterator[Fault]:
    for name in table.methods:
        if name not in table.inputs:
            yield Fault(f"{where} / methods", f"{name!r} is not among the inputs", did_you_mean(name, table.inputs))
    if table.methods and table.other_method_factor is None:
        yield Fault(f"{where} / methods", "says nothing about results of another method", "add `other_method_factor`")


def _shape(where: str, table: RiskTable, rows: dict[str, dict[str, Cell]], library: Library) -> Iterator[Fault]:
    applies = table.applies if isinstance(table, RiskVersion) else None
    domain = domain_of(applies, table.inputs, library.definitions)
    try:
        axes: list[Axis] = [
            axis(name, [cell for cells in rows.values() if (cell := cells.get(name))], domain.get(name, ()))
            for name in table.inputs
        ]
    except ValueError as error:
        yield Fault(where, str(error))
        return
    if table.hit == "unique":
        for one, other, patient in overlaps(rows, axes):
            yield Fault(
                f"{where} / rows / {other}",
                f"answers together with {one!r} for {patient}",
                "a `hit: unique` table has one row for each",
            )
    gap = None if table.partial else hole(rows, axes, domain)
    if gap is not None:
        yield Fault(where, f"no row answers for {gap}", "add a row, or say in `applies` that the table is not for them")
