"""What is known of every patient to whom a risk table applies: the plain comparisons that its `applies` demands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal

from service.knowledge.risk_cells import Cell, NumberRange, SpanRange, Words
from service.knowledge.schema import AllTest, Definition, FactTest, Test, UseTest
from service.logic.dates import Span


def domain_of(applies: Test | None, inputs: Sequence[str], definitions: Mapping[str, Definition]) -> dict[str, list[Cell]]:
    """Return by input the cells that every patient of the table meets.

    Only comparisons that all must hold are used; alternatives and negations are left out, which can only widen the domain.
    """
    domain: dict[str, list[Cell]] = defaultdict(list)
    tests = [applies]
    used: set[str] = set()
    while tests:
        match tests.pop():
            case AllTest(all=parts):
                tests.extend(parts)
            case UseTest(use=name) if name in inputs:
                domain[name].append(Words(frozenset({"yes"})))
            case UseTest(use=name) if name in definitions and name not in used:
                used.add(name)
                tests.append(definitions[name].test)
            case FactTest(fact=fact) as test if fact in inputs and (cell := _cell(test)) is not None:
                domain[fact].append(cell)
            case _:
                pass
    return dict(domain)


def _cell(test: FactTest) -> Cell | None:
    if test.in_ is not None:
        return _words(test.in_)
    if test.is_ is not None:
        return _words((test.is_,))
    low = test.at_least if test.at_least is not None else test.above
    high = test.at_most if test.at_most is not None else test.below
    for bound in (low, high):
        if isinstance(bound, str):
            try:
                span = Span.parse(bound)
            except ValueError:
                return None
            if test.at_least is not None:
                return SpanRange(span, None)
            return SpanRange(None, span) if test.below is not None else None
    if isinstance(low, Decimal):
        return NumberRange(low, None, low_inclusive=test.at_least is not None)
    if isinstance(high, Decimal):
        return NumberRange(None, high, high_inclusive=test.at_most is not None)
    return None


def _words(values: tuple[bool | int | str, ...]) -> Cell | None:
    if any(isinstance(value, int) and not isinstance(value, bool) for value in values):
        return None
    return Words(frozenset({True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value) for value in values))
