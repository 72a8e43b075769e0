"""Risk tables compiled once: what each row says of a record, and which missing input would tell."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from service.decisions.numbered import NO_BITS, Bits, Leaf, said_by
from service.decisions.predicate import Group, Undecided, unique
from service.facts.catalogue import CATALOGUE
from service.facts.disease_names import LINEAGE_UNKNOWN
from service.knowledge.risk_cells import AnyValue, Cell, NumberRange, SpanRange, Words, parse_cell
from service.logic.dates import Age
from service.logic.interval import Interval
from service.logic.truth import Truth

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from decimal import Decimal

    from service.decisions.predicate import Looks, Node
    from service.knowledge.schema import Definition, RiskTable
    from service.logic.fact import Fact

UNVERIFIED = "unverified"
OTHER_METHOD = "other-method"
METHODS_DIFFER = "methods-differ"
GROUP = "group"  # the input of an allocation that is the system's own group
UNKNOWN = "unknown"  # the word by which a protocol rules on a missing result


class Value(NamedTuple):
    """What a table reads of one input: `sure` for rows that decide, `supposed` for candidates; None is unknown."""

    sure: object
    supposed: object
    flags: tuple[str, ...] = ()


_UNKNOWN_VALUE = Value(None, None)


@dataclass(frozen=True, slots=True)
class Input:
    """One column: a fact, or a definition read as yes or no; an unverified definition never surely says yes.

    `cells` are those of its table that ask for something here, numbered within the table; `words` and `tried` is what they say
    of words and of the values that a missing fact might turn out to have.
    """

    name: str
    node: Node | None
    unverified: bool
    method: str | None
    factor: Decimal | None
    cells: tuple[Leaf, ...]
    mask: int  # the bits of the cells
    rules_on_unknown: bool
    words: Mapping[object, Bits]
    tried: tuple[Bits, ...]
    fact_names: tuple[str, ...]  # behind the column; none behind the group of an allocation

    def said(self, value: object) -> Bits:
        """Return which cells of the column hold a value and which do not; nothing is said of what is unknown."""
        if value is None:
            return NO_BITS
        said = self.words.get(value) if isinstance(value, (str, bool)) else None
        return said if said is not None else said_by(self.cells, value)

    def said_of(self, truth: Truth) -> tuple[Bits, Bits]:
        """Return what is said of the column of a definition by its truth: surely, and by supposition."""
        value = self._of_truth(truth)
        return self.said(value.sure), self.said(value.supposed)

    def value(self, looks: Looks, group: str | None) -> Value:
        """Return what is known of the input."""
        if self.name == GROUP:
            return Value(group, group)
        facts = looks.facts
        found = self._of_node(self.node, looks) if self.node is not None else self._of_fact(facts[self.name])
        if found.supposed is None and self.rules_on_unknown and not any(facts[name].is_known for name in self.fact_names):
            return Value(UNKNOWN, UNKNOWN, ("unknown-by-rule",))
        return found

    def _of_node(self, node: Node, looks: Looks) -> Value:
        truth = looks.truth(node)
        return self._of_truth(truth) if truth is not Truth.UNKNOWN else Value(None, None, looks.flags(node))

    def _of_truth(self, truth: Truth) -> Value:
        if truth is Truth.UNKNOWN:
            return _UNKNOWN_VALUE
        said = truth is Truth.YES
        if said and self.unverified:
            return Value(None, said, (UNVERIFIED,))
        return Value(said, said)

    def _of_fact(self, fact: Fact[object]) -> Value:
        value = _told(fact.value) if fact.is_known else None
        if value is None:
            return _UNKNOWN_VALUE
        if isinstance(value, Interval) and self.factor is not None:
            beside = dict(fact.beside)
            governs = beside.get(self.method or "")  # of several methods of one day, that of the table
            if isinstance(governs, Interval):
                return Value(governs, governs, fact.flags)
            if beside.get("method", self.method) != self.method or METHODS_DIFFER in fact.flags:
                value = _widened(value, self.factor)
                return Value(value, value, (*fact.flags, OTHER_METHOD))
        return Value(value, value, fact.flags)

    def needs(self, looks: Looks) -> tuple[str, ...]:
        """Return what would have to be recorded to read the input."""
        if self.name == GROUP:
            return ()
        if self.node is not None:
            return looks.needs(self.node) or _left_open(self.node, looks)
        return looks.facts[self.name].needs or (self.name,)


def _told(value: object) -> object:
    """Return a value; None for one that tells the disease and leaves the lineage open: a row that asks for it cannot read it."""
    return None if value == LINEAGE_UNKNOWN else value


def _widened(value: Interval, factor: Decimal) -> Interval:
    """Return an amount with all that lies so many times below and above it; exactly so many times away is not far enough."""
    low = None if value.low is None else value.low / factor
    if low:
        low = low.next_minus()
    return Interval(low, None if value.high is None else value.high * factor)


def _left_open(node: Node, looks: Looks) -> tuple[str, ...]:
    """Return the numbers of those parts whose wording leaves open what they mean: another result would tell."""
    if not isinstance(node, Group) or looks.truth(node) is not Truth.UNKNOWN:
        return ()
    if node.how == "all" and any(isinstance(part, Undecided) for part in node.parts):
        return tuple(name for name in node.fact_names if isinstance(looks.facts[name].value, Interval))
    return unique(tuple(name for part in node.parts for name in _left_open(part, looks)))


class Line(NamedTuple):
    """One row; `cells` are the bits of those cells of its table that it asks for, each with its column, `mask` all of them.

    `says` are the groups that the row leaves possible; a candidate ends in a question mark.
    """

    id: str
    then: str
    verified: bool
    among: tuple[str, ...]
    cells: tuple[tuple[int, int], ...]
    mask: int
    says: tuple[str, ...]


class Look(NamedTuple):
    """One record before one table: the values of its columns, and what they say of the cells.

    Candidates may suppose what is not sure.
    """

    values: tuple[Value, ...]
    sure: Bits
    supposed: Bits

    def without(self, columns: Iterable[Input]) -> Look:
        """Return the same, nothing said of the cells of these columns."""
        cells = 0
        for column in columns:
            cells |= column.mask
        (sure, no), (supposed, not_supposed) = self.sure, self.supposed
        return Look(self.values, Bits(sure & ~cells, no & ~cells), Bits(supposed & ~cells, not_supposed & ~cells))


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
    """One table, ready to be read; its distinct cells are numbered."""

    inputs: tuple[Input, ...]
    lines: tuple[Line, ...]
    first_hit: bool
    partial: bool
    flags: tuple[str, ...]
    fact_names: tuple[str, ...]
    reading: Mapping[str, tuple[Input, ...]]  # the columns that read a fact

    def look(self, looks: Looks, group: str | None = None) -> Look:
        """Return a record before the table."""
        values = tuple([column.value(looks, group) for column in self.inputs])
        sure = not_sure = supposed = not_supposed = 0
        for column, value in zip(self.inputs, values, strict=True):
            if value[0] is not None:
                said = column.said(value[0])
                sure |= said[0]
                not_sure |= said[1]
            if value[1] is not None:
                said = column.said(value[1])
                supposed |= said[0]
                not_supposed |= said[1]
        return Look(values, Bits(sure, not_sure), Bits(supposed, not_supposed))

    def rows(self, look: Look, *, candidates: bool) -> list[tuple[Line, Truth]]:
        """Return the rows that are or may be those of the record."""
        left: list[tuple[Line, Truth]] = []
        for line in self.lines:
            if not (line.verified or candidates):
                continue
            holds, fails = look.sure if line.verified else look.supposed
            if not fails & line.mask:
                whole = holds & line.mask == line.mask
                left.append((line, Truth.YES if whole else Truth.UNKNOWN))
                if whole and self.first_hit:
                    break
        return left

    def is_sure(self, sure: tuple[int, int], supposed: tuple[int, int], *, candidates: bool) -> bool:
        """Return whether what is said of the cells decides the answer: the short way to what `read` says at length."""
        then, told = None, not self.partial
        for line in self.lines:
            if not (line.verified or candidates):
                continue
            holds, fails = sure if line.verified else supposed
            if fails & line.mask:
                continue
            if not line.verified or then not in {None, line.then}:
                return False
            then = line.then
            if holds & line.mask == line.mask:
                told = True
                if self.first_hit:
                    break
        return told and then is not None

    def read(self, looks: Looks, group: str | None = None, *, candidates: bool = True) -> Left:
        """Return what the known facts leave possible: a missing input never guesses a row."""
        look = self.look(looks, group)
        left = self.rows(look, candidates=candidates)
        groups = unique(tuple([word for line, _ in left for word in line.says]))
        told = len(groups) == 1 and (not self.partial or any(truth is Truth.YES for _, truth in left))
        thens = {line.then for line, _ in left if not line.verified}
        verified = not thens
        alone = len(thens) == 1 and not any(line.verified for line, _ in left) and (told or len(left) == 1)
        said = [flag for value in look.values for flag in value.flags if not (told and flag == UNVERIFIED)]
        return Left(
            groups=groups,
            sure=told and verified,
            row=left[0][0].id if len(left) == 1 and left[0][1] is Truth.YES and verified else None,
            candidate=f"{next(iter(thens))}?" if alone else None,
            only_candidates=all(not line.verified and not line.among for line, _ in left),
            needs=() if told else self._missing([line for line, _ in left], look, looks),
            flags=unique((*self.flags, *said)),
        )

    def _missing(self, lines: list[Line], look: Look, looks: Looks) -> tuple[str, ...]:
        """Return the inputs on which the rows left differ and which are not settled."""
        columns: dict[int, None] = {}
        for line in lines:
            holds, fails = look.sure if line.verified else look.supposed
            for column, bit in line.cells:
                if not (holds | fails) & bit or look.values[column].sure == UNKNOWN:
                    columns[column] = None
        return unique(tuple([need for column in columns for need in self.inputs[column].needs(looks)]))


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
    bits: dict[tuple[int, Cell], int] = {}
    lines: list[Line] = []
    for row in table.rows:
        asked = [(columns[name], parse_cell(text)) for name, text in row.when.items() if name in columns]
        found = [(cell[0], bits.setdefault(cell, 1 << len(bits))) for cell in asked if not isinstance(cell[1], AnyValue)]
        verified = row.verification.usable_alone
        says = (row.then,) if verified else row.among or (f"{row.then}?",)
        lines.append(Line(row.id, row.then, verified, row.among, tuple(found), sum({bit for _, bit in found}), says))
    inputs = tuple(
        _column(
            name,
            table,
            definitions.get(name),
            tests[f"definition {name}"] if name in definitions else None,
            {cell: bit for (column, cell), bit in bits.items() if column == number},
        )
        for name, number in columns.items()
    )
    facts = unique(tuple(name for column in inputs for name in column.fact_names))
    reading = {name: tuple(column for column in inputs if name in column.fact_names) for name in facts}
    return Table(inputs, tuple(lines), table.hit == "first", table.partial, table.flags, facts, reading)


def _column(name: str, table: RiskTable, definition: Definition | None, node: Node | None, cells: Mapping[Cell, int]) -> Input:
    leaves = tuple(Leaf(bit, partial(cell_truth, cell)) for cell, bit in cells.items())
    possible = CATALOGUE[name].candidates() if definition is None and name in CATALOGUE else ()
    words = dict.fromkeys((True, False, UNKNOWN, *(value for value in possible if isinstance(value, str))))
    told = [_told(value) for value in possible]
    return Input(
        name=name,
        node=node,
        unverified=definition is not None and not definition.verification.usable_alone,
        method=table.methods.get(name),
        factor=table.other_method_factor if name in table.methods else None,
        cells=leaves,
        mask=sum(cells.values()),
        rules_on_unknown=any(isinstance(cell, Words) and UNKNOWN in cell.words for cell in cells),
        words={word: said_by(leaves, word) for word in words},
        tried=tuple(said_by(leaves, value) if value is not None else NO_BITS for value in told),
        fact_names=node.fact_names if node is not None else () if name == GROUP else (name,),
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
