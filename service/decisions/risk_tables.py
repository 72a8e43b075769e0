"""Risk tables compiled once: what each row says of a record, and which missing input would tell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from service.decisions.predicate import Group, Undecided, unique
from service.knowledge.risk_cells import AnyValue, Cell, NumberRange, SpanRange, Words, parse_cell
from service.logic.dates import Age
from service.logic.interval import Interval
from service.logic.truth import Truth

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from service.decisions.predicate import Facts, Looks, Node
    from service.knowledge.schema import Definition, RiskTable

UNVERIFIED = "unverified"
OTHER_METHOD = "other-method"
GROUP = "group"  # the input of an allocation that is the system's own group
UNKNOWN = "unknown"  # the word by which a protocol rules on a missing result
# A value that tells the disease and leaves the lineage open; a row that asks for the lineage cannot read it.
_NOT_TOLD = frozenset({"all-lineage-unknown"})


@dataclass(frozen=True, slots=True)
class Value:
    """What a table reads of one input: `sure` for rows that decide, `supposed` for candidates; None is unknown."""

    sure: object
    supposed: object
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Input:
    """One column: a fact, or a definition read as yes or no; an unverified definition never surely says yes."""

    name: str
    node: Node | None
    unverified: bool
    method: str | None
    factor: Decimal | None
    rules_on_unknown: bool

    @property
    def fact_names(self) -> tuple[str, ...]:
        """The facts behind the column; none behind the group of an allocation."""
        if self.node is not None:
            return self.node.fact_names
        return () if self.name == GROUP else (self.name,)

    def value(self, looks: Looks, group: str | None) -> Value:
        """Return what is known of the input."""
        if self.name == GROUP:
            return Value(group, group)
        facts = looks.facts
        found = self._of_node(self.node, looks) if self.node is not None else self._of_fact(facts)
        if found.supposed is None and self.rules_on_unknown and not any(facts[name].is_known for name in self.fact_names):
            return Value(UNKNOWN, UNKNOWN, ("unknown-by-rule",))
        return found

    def _of_node(self, node: Node, looks: Looks) -> Value:
        truth = looks.truth(node)
        if truth is Truth.UNKNOWN:
            return Value(None, None, looks.flags(node))
        said = truth is Truth.YES
        if said and self.unverified:
            return Value(None, said, (UNVERIFIED,))
        return Value(said, said)

    def _of_fact(self, facts: Facts) -> Value:
        fact = facts[self.name]
        value = fact.value if fact.is_known else None
        if isinstance(value, str) and value in _NOT_TOLD:
            value = None
        if isinstance(value, Interval) and self.factor is not None:
            method = dict(fact.beside).get("method")
            if method is not None and method != self.method:
                value = _widened(value, self.factor)
                return Value(value, value, (*fact.flags, OTHER_METHOD))
        return Value(value, value, fact.flags if value is not None else ())

    def needs(self, looks: Looks) -> tuple[str, ...]:
        """Return what would have to be recorded to read the input."""
        if self.name == GROUP:
            return ()
        if self.node is not None:
            return looks.needs(self.node) or _left_open(self.node, looks)
        return looks.facts[self.name].needs or (self.name,)


def _widened(value: Interval, factor: Decimal) -> Interval:
    low = None if value.low is None else value.low / factor
    return Interval(low, None if value.high is None else value.high * factor)


def _left_open(node: Node, looks: Looks) -> tuple[str, ...]:
    """Return the numbers of those parts whose wording leaves open what they mean: another result would tell."""
    if not isinstance(node, Group) or looks.truth(node) is not Truth.UNKNOWN:
        return ()
    if node.how == "all" and any(isinstance(part, Undecided) for part in node.parts):
        return tuple(name for name in node.fact_names if isinstance(looks.facts[name].value, Interval))
    return unique(tuple(name for part in node.parts for name in _left_open(part, looks)))


@dataclass(frozen=True, slots=True)
class Line:
    """One row; `cells` are the numbers of those cells of its table that ask for something."""

    id: str
    then: str
    verified: bool
    among: tuple[str, ...]
    cells: tuple[int, ...]

    @property
    def says(self) -> tuple[str, ...]:
        """The groups that the row leaves possible; a candidate ends in a question mark."""
        if self.verified:
            return (self.then,)
        return self.among or (f"{self.then}?",)


class Look:
    """One record before one table: each cell is compared once, however many rows share it."""

    def __init__(self, table: Table, values: list[Value], sure: list[Truth | None], supposed: list[Truth | None]) -> None:
        self.table = table
        self.values = values
        self.sure = sure
        self.supposed = supposed

    @classmethod
    def of(cls, table: Table, looks: Looks, group: str | None) -> Look:
        """Return a record before a table, no cell of it compared yet."""
        cells = len(table.cells)
        return cls(table, [column.value(looks, group) for column in table.inputs], [None] * cells, [None] * cells)

    def changed(self, name: str, looks: Looks) -> Look:
        """Return the same with another value of one fact: only what reads it is compared again. Not for allocations."""
        other = Look(self.table, [*self.values], [*self.sure], [*self.supposed])
        for column in self.table.columns_of.get(name, ()):
            other.values[column] = self.table.inputs[column].value(looks, None)
            for number in self.table.cells_of[column]:
                other.sure[number] = other.supposed[number] = None
        return other

    def cell(self, number: int, line: Line) -> Truth:
        """Return whether a cell holds what is known of its column; candidates may suppose what is not sure."""
        seen = self.sure if line.verified else self.supposed
        truth = seen[number]
        if truth is None:
            column, cell = self.table.cells[number]
            value = self.values[column]
            truth = seen[number] = cell_truth(cell, value.sure if line.verified else value.supposed)
        return truth

    def row(self, line: Line) -> Truth:
        """Return whether a row is that of the record."""
        found = Truth.YES
        seen = self.sure if line.verified else self.supposed
        for number in line.cells:
            truth = seen[number]
            if truth is None:
                truth = self.cell(number, line)
            if truth is Truth.NO:
                return truth
            if truth is Truth.UNKNOWN:
                found = truth
        return found

    def rows(self, *, candidates: bool) -> list[tuple[Line, Truth]]:
        """Return the rows that are or may be those of the record."""
        left: list[tuple[Line, Truth]] = []
        for line in self.table.lines:
            if not (line.verified or candidates):
                continue
            truth = self.row(line)
            if truth is not Truth.NO:
                left.append((line, truth))
                if truth is Truth.YES and self.table.first_hit:
                    break
        return left


@dataclass(frozen=True, slots=True)
class Left:
    """What a table leaves possible.

    `groups` are the possible answers, `sure` says that the first is the answer; `candidate` is the unverified row that
    alone is left.
    """

    groups: tuple[str, ...]
    sure: bool
    row: str | None
    candidate: str | None
    only_candidates: bool
    needs: tuple[str, ...]
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """One table, ready to be read; `cells` are its distinct cells with their columns."""

    inputs: tuple[Input, ...]
    cells: tuple[tuple[int, Cell], ...]
    lines: tuple[Line, ...]
    first_hit: bool
    partial: bool
    flags: tuple[str, ...]
    fact_names: tuple[str, ...]
    columns_of: Mapping[str, tuple[int, ...]]  # by fact
    cells_of: tuple[tuple[int, ...], ...]  # by column

    def is_sure(self, look: Look, *, candidates: bool) -> bool:
        """Return whether the known facts decide the answer: the short way to what `read` says at length."""
        left = look.rows(candidates=candidates)
        return self._told(left) and all(line.verified for line, _ in left)

    def read(self, looks: Looks, group: str | None = None, *, candidates: bool = True) -> Left:
        """Return what the known facts leave possible: a missing input never guesses a row."""
        look = Look.of(self, looks, group)
        left = look.rows(candidates=candidates)
        told = self._told(left)
        verified = all(line.verified for line, _ in left)
        thens = {line.then for line, _ in left if not line.verified}
        alone = len(thens) == 1 and not any(line.verified for line, _ in left) and (told or len(left) == 1)
        said = (flag for value in look.values for flag in value.flags if not (told and flag == UNVERIFIED))
        return Left(
            groups=unique(tuple(word for line, _ in left for word in line.says)),
            sure=told and verified,
            row=left[0][0].id if len(left) == 1 and left[0][1] is Truth.YES and verified else None,
            candidate=f"{next(iter(thens))}?" if alone else None,
            only_candidates=all(not line.verified and not line.among for line, _ in left),
            needs=() if told else self._missing([line for line, _ in left], look, looks),
            flags=unique((*self.flags, *said)),
        )

    def _told(self, left: list[tuple[Line, Truth]]) -> bool:
        """Return whether one answer is left, and in a partial table whether a row surely gives it."""
        answers = {word for line, _ in left for word in line.says}
        return len(answers) == 1 and (not self.partial or any(truth is Truth.YES for _, truth in left))

    def _missing(self, lines: list[Line], look: Look, looks: Looks) -> tuple[str, ...]:
        """Return the inputs on which the rows left differ and which are not settled."""
        columns: dict[int, None] = {}
        for line in lines:
            for number in line.cells:
                column = self.cells[number][0]
                if look.cell(number, line) is Truth.UNKNOWN or look.values[column].sure == UNKNOWN:
                    columns[column] = None
        return unique(tuple(need for column in columns for need in self.inputs[column].needs(looks)))


@dataclass(frozen=True, slots=True)
class Overlay:
    """A feature that is no group: its flag and question, and the compiled test for it."""

    flag: str
    question: str | None
    instead: bool
    node: Node


@dataclass(frozen=True, slots=True)
class Version:
    """One dated version of a system: whom it is for, its table, the treatment it allocates."""

    applies: Node | None
    table: Table
    allocation: Table | None


@dataclass(frozen=True, slots=True)
class System:
    """One risk system, ready to be read; versions stand as in its file."""

    versions: tuple[Version, ...]
    overlays: tuple[Overlay, ...]


def compile_table(table: RiskTable, definitions: Mapping[str, Definition], tests: Mapping[str, Node]) -> Table:
    """Return the table ready to be read; inputs that are definitions find their compiled test among `tests`."""
    columns = {name: number for number, name in enumerate(table.inputs)}
    cells: dict[tuple[int, Cell], int] = {}
    lines: list[Line] = []
    for row in table.rows:
        asked = [(columns[name], parse_cell(text)) for name, text in row.when.items() if name in columns]
        numbers = [cells.setdefault(cell, len(cells)) for cell in asked if not isinstance(cell[1], AnyValue)]
        lines.append(Line(row.id, row.then, row.verification.usable_alone, row.among, tuple(numbers)))
    ruled = {column for column, cell in cells if isinstance(cell, Words) and UNKNOWN in cell.words}
    inputs = tuple(
        Input(
            name=name,
            node=tests.get(f"definition {name}") if name in definitions else None,
            unverified=name in definitions and not definitions[name].verification.usable_alone,
            method=table.methods.get(name),
            factor=table.other_method_factor if name in table.methods else None,
            rules_on_unknown=number in ruled,
        )
        for name, number in columns.items()
    )
    facts = unique(tuple(name for column in inputs for name in column.fact_names))
    columns_of = {name: tuple(number for number, column in enumerate(inputs) if name in column.fact_names) for name in facts}
    cells_of = tuple(tuple(cells[cell] for cell in cells if cell[0] == number) for number in range(len(inputs)))
    return Table(
        inputs, tuple(cells), tuple(lines), table.hit == "first", table.partial, table.flags, facts, columns_of, cells_of
    )


def cell_truth(cell: Cell, value: object) -> Truth:
    """Return whether a value lies in a cell that asks for something; a missing one, or one of another kind, is UNKNOWN."""
    if value is None:
        return Truth.UNKNOWN
    if isinstance(cell, SpanRange):
        return cell.holds(value) if isinstance(value, Age) else Truth.UNKNOWN
    if isinstance(cell, NumberRange):
        return cell.holds(value) if isinstance(value, Interval) else Truth.UNKNOWN
    return cell.holds(value) if isinstance(cell, Words) and isinstance(value, (str, bool)) else Truth.UNKNOWN
