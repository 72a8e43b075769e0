"""Where the rows of a risk table overlap, and what they leave uncovered: found by intervals, not by trying values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cmp_to_key
from itertools import combinations

from service.knowledge.risk_cells import AnyValue, Cell, NumberRange, SpanRange, Words, shorter
from service.logic.dates import Span

Cells = Mapping[str, Cell]  # input → cell; an input that is not there means any
_YES_NO = frozenset({"yes", "no"})


@dataclass(frozen=True, slots=True)
class Axis:
    """The values of one input, cut into pieces inside which no row of the table changes its mind.

    For numbers and ages the pieces are, in order: below the first bound, the bound itself, up to the next, and so on.
    For words they are the words that the table names, and `another word` where a cell excludes words.
    """

    name: str
    pieces: tuple[str, ...]
    covered: Mapping[Cell, frozenset[int]]

    def of(self, cell: Cell) -> frozenset[int]:
        """Return the pieces that a cell covers."""
        return self.covered[cell]


def axis(name: str, cells: Sequence[Cell], domain: Sequence[Cell] = ()) -> Axis:
    """Return the axis of one input from all its cells and those of the domain; ValueError where they do not fit together."""
    cells = [*cells, *domain]
    kinds = {type(cell) for cell in cells} - {AnyValue}
    if len(kinds) > 1:
        raise ValueError(f"the cells of {name} mix numbers, ages and words")
    if kinds == {NumberRange}:
        numbers = sorted(
            {bound for cell in cells if isinstance(cell, NumberRange) for bound in (cell.low, cell.high) if bound is not None}
        )
        pieces = _pieces([str(number) for number in numbers])
        covered: dict[Cell, frozenset[int]] = {
            cell: _between(
                0 if cell.low is None else 2 * numbers.index(cell.low) + (1 if cell.low_inclusive else 2),
                2 * len(numbers) if cell.high is None else 2 * numbers.index(cell.high) + (1 if cell.high_inclusive else 0),
            )
            for cell in cells
            if isinstance(cell, NumberRange)
        }
    elif kinds == {SpanRange}:
        spans = _in_order(
            {bound for cell in cells if isinstance(cell, SpanRange) for bound in (cell.low, cell.high) if bound is not None}
        )
        pieces = _pieces([span_text(span) for span in spans])
        covered = {
            cell: _between(
                0 if cell.low is None else 2 * spans.index(cell.low) + 1,
                2 * len(spans) if cell.high is None else 2 * spans.index(cell.high),
            )
            for cell in cells
            if isinstance(cell, SpanRange)
        }
    else:
        pieces, covered = _words([cell for cell in cells if isinstance(cell, Words)])
    every = frozenset(range(len(pieces)))
    return Axis(name, pieces, {AnyValue(): every, **covered})


def _between(first: int, last: int) -> frozenset[int]:
    return frozenset(range(first, last + 1))


def _pieces(bounds: list[str]) -> tuple[str, ...]:
    pieces = [f"< {bounds[0]}"]
    for bound, following in zip(bounds, [*bounds[1:], None], strict=True):
        pieces += [bound, f"> {bound}" if following is None else f"({bound}, {following})"]
    return tuple(pieces)


def _in_order(spans: set[Span]) -> list[Span]:
    def order(one: Span, other: Span) -> int:
        return 0 if one == other else -1 if shorter(one, other) else 1

    return sorted(spans, key=cmp_to_key(order))


def _words(cells: list[Words]) -> tuple[tuple[str, ...], dict[Cell, frozenset[int]]]:
    named = sorted(frozenset().union(*(cell.words for cell in cells)))
    if not named:
        return ("any",), {}
    if set(named) <= _YES_NO:
        named = sorted(_YES_NO)
    elif any(cell.excluded for cell in cells):
        named.append("another word")
    return tuple(named), {
        cell: frozenset(i for i, word in enumerate(named) if (word in cell.words) is not cell.excluded) for cell in cells
    }


def span_text(span: Span) -> str:
    """Return a span as it is written in a cell."""
    years, months = divmod(span.months, 12)
    parts = [f"{number} {unit}" for number, unit in ((years, "a"), (months, "mo"), (span.days, "d")) if number]
    return " ".join(parts) or "0 d"


def overlaps(rows: Mapping[str, Cells], axes: Sequence[Axis]) -> list[tuple[str, str, str]]:
    """Return each pair of rows that answer for the same patient, with one such patient in words."""
    found = []
    for (one, cells), (other, other_cells) in combinations(rows.items(), 2):
        shared = [line.of(cells.get(line.name, AnyValue())) & line.of(other_cells.get(line.name, AnyValue())) for line in axes]
        if all(shared):
            found.append((one, other, _in_words(axes, [min(pieces) for pieces in shared])))
    return found


def hole(rows: Mapping[str, Cells], axes: Sequence[Axis], domain: Mapping[str, Sequence[Cell]]) -> str | None:
    """Return in words one patient of the domain for whom no row answers; None where the rows cover all of it.

    `domain` holds, by input, cells that every patient meets to whom the table applies.
    """
    every = [line.of(AnyValue()) for line in axes]
    boxes = [tuple(line.of(cells.get(line.name, AnyValue())) for line in axes) for cells in rows.values()]
    for index, line in enumerate(axes):
        for cell in domain.get(line.name, ()):
            outside = every[index] - line.of(cell)
            boxes.append((*every[:index], outside, *every[index + 1 :]))
    found = _uncovered(boxes, axes, 0)
    return None if found is None else _in_words(axes, found)


def _uncovered(boxes: list[tuple[frozenset[int], ...]], axes: Sequence[Axis], depth: int) -> list[int] | None:
    if not boxes:
        return [0] * (len(axes) - depth)
    if depth == len(axes):
        return None
    solved: set[frozenset[int]] = set()  # sets of rows that were seen to cover all further inputs
    for piece in range(len(axes[depth].pieces)):
        here = frozenset(index for index, box in enumerate(boxes) if piece in box[depth])
        if here in solved:
            continue
        found = _uncovered([boxes[index] for index in sorted(here)], axes, depth + 1)
        if found is not None:
            return [piece, *found]
        solved.add(here)
    return None


def _in_words(axes: Sequence[Axis], pieces: Sequence[int]) -> str:
    parts = []
    for line, piece in zip(axes, pieces, strict=True):
        if len(line.pieces) > 1:
            text = line.pieces[piece]
            parts.append(
                f"{line.name} {text}"
                if text[0] in "<>"
                else f"{line.name} = {text}"
                if text[0] != "("
                else f"{line.name} in {text}"
            )
    return ", ".join(parts) or "any patient"
