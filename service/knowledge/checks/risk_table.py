"""Every risk table can be read, says what it does not say twice, and leaves nobody out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.errors import Fault
from service.knowledge.complaints import did_you_mean
from service.knowledge.risk_cells import Cell, parse_cell
from service.knowledge.risk_domain import domain_of
from service.knowledge.risk_geometry import Axis, axis, hole, overlaps
from service.knowledge.schema import RiskVersion

if TYPE_CHECKING:
    from collections.abc import Iterator

    from service.knowledge.library import Library


def check(library: Library) -> Iterator[Fault]:
    """Yield unreadable cells, unknown inputs and outcomes; then overlaps (hit: unique) and holes of each table."""
    for place in library.places:
        if isinstance(place.row, RiskVersion):
            yield from _table(place.where, place.row, library)


def _table(where: str, table: RiskVersion, library: Library) -> Iterator[Fault]:
    faults: list[Fault] = []
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
        if row.then not in table.outcomes:
            faults.append(Fault(here, f"{row.then!r} is not among the outcomes", did_you_mean(row.then, table.outcomes)))
    faults += [
        Fault(where, f"no row leads to the outcome {name!r}")
        for name in table.outcomes
        if name not in {r.then for r in table.rows}
    ]
    yield from faults
    if not faults:
        yield from _shape(where, table, rows, library)


def _shape(where: str, table: RiskVersion, rows: dict[str, dict[str, Cell]], library: Library) -> Iterator[Fault]:
    domain = domain_of(table.applies, table.inputs, library.definitions)
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
    gap = hole(rows, axes, domain)
    if gap is not None:
        yield Fault(where, f"no row answers for {gap}", "add a row, or say in `applies` that the table is not for them")
