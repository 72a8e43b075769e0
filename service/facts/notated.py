"""What the notations of results say: karyotypes clone by clone, FISH pattern by pattern."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec

from service.facts.fish_notation import patterns_in
from service.facts.genetic_results import by_share, made
from service.facts.karyotype import holds_karyotype, karyotypes_in, loose_changes
from service.facts.layout import OWN_SYSTEM
from service.facts.notation import involves, notation
from service.facts.per_view import per_view
from service.facts.variants import answer_of, of_germline
from service.logic.interval import Interval
from service.logic.truth import Truth

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from service.facts.catalogue import View
    from service.facts.fish_notation import Pattern
    from service.facts.genetic_results import Tested
    from service.facts.karyotype import Clone, Karyotype
    from service.facts.notation import Notation
    from service.record.record import Reading

Counted = tuple[Interval, "Decimal | None"]  # signals in a cell, share of the cells in percent


def is_part(reading: Reading) -> bool:
    """Return whether a component is read with the whole around it: a variant or a statement."""
    return not {"genetic-variant", "genetic-marker"}.isdisjoint(reading.parent)


def is_test(reading: Reading) -> bool:
    """Return whether a result may be a test of the leukaemia: no part of another, no statement, not of the constitution."""
    return not (is_part(reading) or (OWN_SYSTEM, "genetic-marker") in reading.code_codings or of_germline(reading))


def texts_of(reading: Reading) -> tuple[str, ...]:
    """Return the texts in which a notation may stand: of the result, and of the components of a variant that is not absent."""
    parts = (reading, *reading.components) if "genetic-variant" in reading.concepts else (reading,)
    if len(parts) > 1 and answer_of(reading) is False:
        return ()
    return tuple(text for part in parts for text in (part.words, *(code for _, code in part.coded)) if text)


class Written(msgspec.Struct, frozen=True, gc=False):
    """A result with its place among the readings, and each of its texts with the karyotypes that it holds."""

    place: int
    reading: Reading
    texts: tuple[tuple[str, tuple[Karyotype, ...]], ...]


@per_view
def _all_written(view: View) -> tuple[Written, ...]:
    """Return the results in whose texts a notation may stand, without what is read with another."""
    layout = view.layout
    return tuple(
        Written(place, reading, tuple((text, karyotypes_in(text)) for text in texts_of(reading)))
        for place, reading in layout.at(layout.written)
        if not is_part(reading)
    )


@per_view
def _written(view: View) -> tuple[Written, ...]:
    """Return those of the leukaemia, without what is of the germline."""
    return tuple(written for written in _all_written(view) if not of_germline(written.reading))


def trisomic_from_birth(view: View, chromosome: str) -> tuple[Reading, ...]:
    """Return the results in whose karyotype a chromosome is gained from birth: marked so, or of the constitution."""
    return tuple(
        written.reading
        for written in _all_written(view)
        if any(
            chromosome in (clone.gained if of_germline(written.reading) else ()) + clone.inborn_gains
            for _, found in written.texts
            for karyotype in found
            for clone in karyotype.clones
        )
    )


@per_view
def karyotypes(view: View) -> tuple[tuple[Reading, Karyotype], ...]:
    """Return the readable karyotypes of the leukaemia with their results."""
    return tuple((written.reading, karyotype) for written in _written(view) for _, found in written.texts for karyotype in found)


@per_view
def notated(view: View) -> Mapping[int, tuple[Tested, ...]]:
    """Return what notations say of fusions, whether of a karyotype or of FISH, by the place of the result that holds them."""
    return {written.place: tuple(_tests_in(view, written)) for written in _written(view) if is_test(written.reading)}


def _tests_in(view: View, written: Written) -> Iterable[Tested]:
    reading, known = written.reading, notation(view)
    loose = any("component-iscn" in part.concepts for part in reading.components)
    for text, found in written.texts:
        for karyotype in found:
            yield from _by_karyotype(view, reading, karyotype, known)
        if loose and not holds_karyotype(text):
            for marker in sorted({m for change in loose_changes(text) for m in known.of_change(change)}):
                yield made(reading, marker, "karyotype", positive=True)
    patterns = tuple(pattern for text, _ in written.texts if "ish" in text.lower() for pattern in patterns_in(text))
    if patterns:
        yield from _by_fish(view, reading, patterns, known)


def _by_karyotype(view: View, reading: Reading, karyotype: Karyotype, known: Notation) -> Iterable[Tested]:
    """Return the markers that some clone shows; of BCR::ABL1 also that chromosome 22 is normal. No other is excluded by it.

    A change in fewer cells than make a clone tells neither.
    """
    shown: dict[str, list[Clone]] = {}
    for clone in karyotype.clones:
        for marker in known.in_clone(clone):
            shown.setdefault(marker, []).append(clone)
    for marker, clones in sorted(shown.items()):
        others = [clone for clone in karyotype.leukaemic if clone not in clones]
        enough = True if _in_enough_cells(view, clones) else None
        yield made(reading, marker, "karyotype", positive=enough, subclonal=_fewer(clones, others))
    if "ph" not in shown:
        yield made(reading, "ph", "karyotype", positive=None if involves(karyotype, "22") else False)


def _in_enough_cells(view: View, clones: list[Clone]) -> bool:
    """Return whether some clones are of as many cells as make a clone; so they are where cells are not counted."""
    counts = [clone.cells for clone in clones if clone.cells is not None]
    return len(counts) < len(clones) or sum(counts) >= view.limits.number("clone_from_cells")


def _fewer(some: list[Clone], others: list[Clone]) -> bool:
    """Return whether some clones are surely of fewer cells than others."""
    counts = [[clone.cells for clone in clones] for clones in (some, others)]
    mine, theirs = ([cells for cells in found if cells is not None] for found in counts)
    return len(mine) == len(some) and sum(mine) < sum(theirs)


def _by_fish(view: View, reading: Reading, patterns: tuple[Pattern, ...], known: Notation) -> Iterable[Tested]:
    """Return the markers that a pattern shows in enough cells, and those tested that no pattern shows."""
    shares: dict[str, list[Decimal | None]] = {}
    excluded: set[str] = set()
    for pattern in patterns:
        shown, absent = known.in_pattern(pattern)
        excluded |= absent
        for marker in shown:
            shares.setdefault(marker, []).append(pattern.share)
    for marker, found in sorted(shares.items()):
        share = max((one for one in found if one is not None), default=None)
        cells = None if share is None else Interval.point(share)
        told = True if share is None else by_share(view, cells, reading.upper_limit)
        minor = cells is not None and cells.below(view.limits.number("fish_minor_clone_below_percent")) is Truth.YES
        yield made(reading, marker, "fish", positive=told, subclonal=minor)
    for marker in sorted(excluded - shares.keys()):
        yield made(reading, marker, "fish", positive=False)
    yield from _by_signals(view, reading, patterns, known)


def _by_signals(view: View, reading: Reading, patterns: tuple[Pattern, ...], known: Notation) -> Iterable[Tested]:
    """Return what the number of signals says of iAMP21, of TP53 and of the trisomies."""
    counts: dict[str, list[Counted]] = {}
    for pattern in patterns:
        for one in pattern.signals:
            chromosome = known.chromosome(one.probe)
            name = f"trisomy_{chromosome}" if chromosome else known.gene(one.probe)
            counts.setdefault(name, []).append((_cells_with(one.least, one.most), pattern.share))
    fewer, many = view.limits.number("deletion_below_copies"), view.limits.number("iamp21_from_signals")
    three = view.limits.number("trisomy_from_copies")
    asked: dict[str, tuple[str, Callable[[Interval], Truth]]] = {
        "TP53": ("tp53_del", lambda number: number.below(fewer)),
        "RUNX1": ("iamp21", lambda number: number.at_least(many)),
    }
    for name, found in sorted(counts.items()):
        if name in asked:
            marker, test = asked[name]
            yield made(reading, marker, "fish", positive=_any(view, found, test))
        elif name.startswith("trisomy_"):
            yield made(reading, name, "fish", positive=_any(view, found, lambda number: number.at_least(three)))


def _cells_with(least: int, most: int | None) -> Interval:
    return Interval(Decimal(least), None if most is None else Decimal(most))


def _any(view: View, counted: list[Counted], test: Callable[[Interval], Truth]) -> bool | None:
    """Return whether enough cells pass a test: True for one pattern of enough of them, False where every pattern fails it."""
    answers = [(test(signals), share) for signals, share in counted]
    if all(answer is Truth.NO for answer, _ in answers):
        return False
    passed = [share for answer, share in answers if answer is Truth.YES]
    enough = [share is None or by_share(view, Interval.point(share), None) for share in passed]
    return True if any(enough) else None
