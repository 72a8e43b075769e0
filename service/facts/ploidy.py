"""Chromosome numbers of the leukaemic clone, whole chromosomes gained, and what a doubled clone hides."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

from service.facts.catalogue import Kind, derive
from service.facts.choose import newest, with_concept
from service.facts.conditions import evidence_of
from service.facts.disease import leukaemias
from service.facts.genetic_results import Tested, made
from service.facts.genetic_tests import marker_of_tests, tests_of
from service.facts.genetics import by_tests, stated_or
from service.facts.measured import in_unit, last_of
from service.facts.notated import is_test, karyotypes
from service.facts.per_view import per_view
from service.facts.specimen_blasts import tells_of_leukaemia
from service.facts.variants import names_for
from service.logic.fact import Fact, Gap, State, known, unknown
from service.logic.interval import Interval
from service.logic.truth import Truth, all_of, any_of
from service.record.shares import decimal_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from service.facts.catalogue import View
    from service.facts.karyotype import Clone, Karyotype
    from service.logic.fact import Evidence
    from service.record.record import Reading

_INDEX = re.compile(r"(?<![\d.,])\d[.,]\d{1,3}(?![\d.,])")
_TRISOMIES = ("trisomy_4", "trisomy_10")
_DIPLOID = 2  # sets of chromosomes of a normal cell
_HYPODIPLOID = frozenset({"bcp-all-hypodiploid"})
_ANSWER = {Truth.YES: True, Truth.NO: False, Truth.UNKNOWN: None}


def _number(clone: Clone) -> Interval:
    return Interval(Decimal(clone.least), Decimal(clone.most))


def _is_hyperdiploid(view: View, clone: Clone) -> Truth:
    number, limits = _number(clone), view.limits
    first, last = limits.number("high_hyperdiploidy_from_chromosomes"), limits.number("high_hyperdiploidy_to_chromosomes")
    return number.at_least(first) & number.at_most(last)


def _is_below(view: View, clone: Clone, limit: str) -> Truth:
    return _number(clone).below(view.limits.number(limit))


def _is_very_hypodiploid(view: View, clone: Clone) -> Truth:
    return _is_below(view, clone, "hypodiploidy_below_40_chromosomes")


def _main_answer(clones: tuple[Clone, ...], test: Callable[[Clone], Truth]) -> Truth:
    """Return what holds of all clones, else of the one that makes up more than half of the leukaemic cells."""
    answers = {test(clone) for clone in clones}
    if len(answers) == 1:
        return answers.pop()
    counts = [clone.cells for clone in clones]
    cells = [count for count in counts if count is not None]
    largest = max(clones, key=lambda clone: clone.cells or 0)
    if len(cells) == len(clones) and 2 * (largest.cells or 0) > sum(cells):
        return test(largest)
    return Truth.UNKNOWN


def _by_number(view: View, name: str, karyotype: Karyotype) -> Truth:
    """Return what the chromosome numbers say; a clone of very few chromosomes decides, its double only looks hyperdiploid."""
    clones = karyotype.leukaemic
    few = any_of(_is_very_hypodiploid(view, clone) for clone in clones)
    doubled = any(clone.doubled for clone in clones)
    if name == "high_hyperdiploidy":
        answer = _main_answer(clones, partial(_is_hyperdiploid, view))
        return answer if few is Truth.NO and not doubled else answer & Truth.UNKNOWN
    if few is Truth.YES:
        return few
    limit = "hypodiploidy_below_44_chromosomes" if name == "hypodiploidy_lt44" else "hypodiploidy_below_40_chromosomes"
    answer = _main_answer(clones, lambda clone: _is_below(view, clone, limit))
    return Truth.UNKNOWN if doubled else answer


def _by_karyotypes(view: View, name: str, judge: Callable[[Karyotype], Truth]) -> list[Tested]:
    """Return the answers of the karyotypes that show a leukaemic clone; normal cells say nothing of the leukaemia."""
    found: list[Tested] = []
    for reading, karyotype in karyotypes(view):
        if karyotype.leukaemic:
            answer = judge(karyotype) if _shows_clone(view, karyotype) else Truth.UNKNOWN
            found.append(made(reading, name, "karyotype", positive=_ANSWER[answer]))
    return found


def _shows_clone(view: View, karyotype: Karyotype) -> bool:
    """Return whether enough cells are changed to be a clone; a lost chromosome asks for more, it may be lost by accident."""
    clones = karyotype.leukaemic
    cells = [clone.cells for clone in clones if clone.cells is not None]
    diploid = view.limits.number("diploid_chromosomes")
    lost = all(_number(clone).below(diploid) is Truth.YES for clone in clones)
    least = view.limits.number("clone_of_losses_from_cells" if lost else "clone_from_cells")
    return len(cells) < len(clones) or sum(cells) >= least


_WIDER, _NARROWER = "hypodiploidy_lt44", "hypodiploidy_lt40"


def ploidy_fact(view: View, name: str) -> Fact[object]:
    """Return whether the leukaemic clone has so many chromosomes, by the full karyotype, a test of that name or a statement.

    Unknown: no karyotype of the leukaemic clone, or too few cells to be one; clones that differ; a number that straddles the
    limit; high hyperdiploidy that may be a doubled hypodiploid clone (TP53 altered, loss of heterozygosity).
    Source: limits/genetics.yaml.
    """
    if name not in _HYPODIPLOIDIES:
        return _by_itself(view, name)
    found = _HYPODIPLOIDIES[name](view)
    if found.state is State.UNKNOWN:
        # fewer than the narrower limit is fewer than the wider one
        other = (_narrower if name == _WIDER else _wider)(view)
        if other.value is (name == _WIDER):
            return known(other.value, other.evidence, rule="chromosome-number", flags=("computed",))
    return found


@per_view
def _wider(view: View) -> Fact[object]:
    return _by_itself(view, _WIDER)


@per_view
def _narrower(view: View) -> Fact[object]:
    return _by_itself(view, _NARROWER)


_HYPODIPLOIDIES = {_WIDER: _wider, _NARROWER: _narrower}


def _by_itself(view: View, name: str) -> Fact[object]:
    """Return what is said of this number of chromosomes alone."""
    tests = [*tests_of(view, name), *_by_karyotypes(view, name, partial(_by_number, view, name))]
    derived = marker_of_tests(view, name, tests)
    if not derived.is_known:
        derived = _by_index(view, name) or _by_code(view, name, derived) or derived
    masked = _masked(view)
    if masked and (derived.value is True) == (name == "high_hyperdiploidy") and derived.is_known:
        evidence = (*derived.evidence, *masked)
        derived = unknown(Gap.AMBIGUOUS, name, evidence=evidence, rule="masked-hypodiploidy", flags=("masked-hypodiploidy",))
    return stated_or(view, name, derived)


@per_view
def _masked(view: View) -> tuple[Evidence, ...]:
    """Return what speaks for a doubled hypodiploid clone behind a hyperdiploid one: what names it, in doubt too.

    Where none is hyperdiploid, genes and a loss of heterozygosity speak for nothing.
    """
    told = tests_of(view, "masked_hypodiploidy")
    named = (*_named_masked(view), *(t.evidence for t in told if t.positive))
    hyperdiploid = [*tests_of(view, "high_hyperdiploidy"), *_by_karyotypes(view, "", partial(_any_hyperdiploid, view))]
    index = _by_index(view, "high_hyperdiploidy")
    if not any(tested.positive for tested in hyperdiploid) and (index is None or not index.is_known):
        return named
    suspect = [t.evidence for t in tests_of(view, "loss_of_heterozygosity") if t.positive]
    altered = view.fact("tp53")
    inborn = altered.set_aside if "germline-finding" in altered.flags else ()
    return (*named, *suspect, *(altered.evidence if altered.value is True else ()), *inborn)


def _named_masked(view: View) -> tuple[Evidence, ...]:
    """Return the results whose words name a doubled hypodiploid clone and do not deny it."""
    concept = "marker-masked-hypodiploidy"
    return tuple(
        reading.evidence("masked hypodiploidy named (from text)")
        for _, reading in view.layout.at(view.layout.spoken)
        if (finding := dict(reading.findings).get(concept)) is not None and is_test(reading)
        if finding.answer not in {"negative", "positive"} or finding.contradictory
    )


def _any_hyperdiploid(view: View, karyotype: Karyotype) -> Truth:
    return any_of(_is_hyperdiploid(view, clone) for clone in karyotype.leukaemic)


def _by_code(view: View, name: str, derived: Fact[object]) -> Fact[object] | None:
    """Return the gap that a code `with hypodiploidy` leaves: it counts fewer than 46 chromosomes, wider than the limits here."""
    if name == "high_hyperdiploidy" or derived.gap is not Gap.NOT_RECORDED:
        return None
    coded = tuple(
        evidence_of(diagnosis, "hypodiploidy, chromosome number not told")
        for _, diagnosis in leukaemias(view)
        if diagnosis.certain and not _HYPODIPLOID.isdisjoint(diagnosis.concepts)
    )
    return unknown(Gap.AMBIGUOUS, name, evidence=coded, rule="chromosome-number") if coded else None


def _by_index(view: View, name: str) -> Fact[object] | None:
    """Return what the DNA index says: high hyperdiploidy within its limits; a low one is a candidate and decides nothing."""
    measured = with_concept(view, "dna-index")
    if not measured:
        return None
    latest = [(reading, _index(reading)) for reading in newest(measured)]
    indexes = {index for _, index in latest if index is not None}
    if len(indexes) != 1:
        return None
    index = indexes.pop()
    evidence = tuple(reading.evidence(f"DNA index {index}") for reading, _ in latest)
    limits = view.limits
    highest = limits.number("high_hyperdiploidy_to_chromosomes") / limits.number("diploid_chromosomes")
    if name == "high_hyperdiploidy":
        within = index.at_least(limits.number("dna_index_high_hyperdiploidy_from")) & index.at_most(highest)
        flags = ("computed", "dna-index")
        return known(value=True, evidence=evidence, rule="DNA-index", flags=flags) if within is Truth.YES else None
    if name == "hypodiploidy_lt44" and index.below(limits.number("dna_index_hypodiploidy_below")) is Truth.YES:
        return unknown(Gap.AMBIGUOUS, name, evidence=evidence, rule="DNA-index", flags=("candidate-by-dna-index",))
    return None


def _index(reading: Reading) -> Interval | None:
    if reading.amount is not None:
        return reading.amount.interval if not reading.amount.unit else in_unit(reading, "1")
    written = _INDEX.findall(reading.words)
    return Interval.point(decimal_of(written[0])) if len(written) == 1 else None


for _name in ("high_hyperdiploidy", "hypodiploidy_lt44", "hypodiploidy_lt40"):
    derive(_name, Kind.TRUTH, reads=(*names_for(_name), "karyotype"), at_diagnosis=True)(partial(ploidy_fact, name=_name))


@derive("complex_karyotype", Kind.TRUTH, reads=(*names_for("complex_karyotype"), "karyotype"), at_diagnosis=True)
def complex_karyotype(view: View) -> Fact[object]:
    """Whether a clone has so many abnormalities that the karyotype is complex.

    Present by structural changes alone; absent where all that is written, whole chromosomes included, is fewer. Unknown: no
    karyotype of the leukaemic clone, or one that is complex only if whole chromosomes count. Source: limits/genetics.yaml.
    """
    tests = [*tests_of(view, "complex_karyotype"), *_by_karyotypes(view, "complex_karyotype", partial(_is_complex, view))]
    return stated_or(view, "complex_karyotype", marker_of_tests(view, "complex_karyotype", tests))


def _is_complex(view: View, karyotype: Karyotype) -> Truth:
    least = view.limits.number("complex_karyotype_from_changes")
    clones = karyotype.leukaemic
    if any(len(clone.changes) >= least for clone in clones):
        return Truth.YES
    readable = all(clone.complete and not clone.unnamed and not clone.doubled for clone in clones)
    few = all(len((*clone.changes, *clone.gained, *clone.lost)) < least for clone in clones)
    return Truth.NO if readable and few else Truth.UNKNOWN


@derive("double_trisomy", Kind.TRUTH, reads=(*names_for("double_trisomy"), "karyotype"), at_diagnosis=True)
def double_trisomy(view: View) -> Fact[object]:
    """Whether chromosomes 4 and 10 are both trisomic in the leukaemic clone: by karyotype, FISH or name.

    Unknown: not tested, only one of the two found, or three of every chromosome, where none is gained.
    Source: limits/genetics.yaml.
    """
    tests = [*tests_of(view, "double_trisomy"), *_by_karyotypes(view, "double_trisomy", partial(_both_trisomic, view))]
    derived = marker_of_tests(view, "double_trisomy", tests)
    if derived.gap in {Gap.NOT_RECORDED, Gap.NOT_ASSESSABLE}:
        single = [by_tests(view, name) for name in _TRISOMIES]
        evidence = tuple(dict.fromkeys(item for fact in single for item in fact.evidence))
        flags = ("computed",)
        if all(fact.value is True for fact in single):
            derived = known(value=True, evidence=evidence, rule="trisomies", flags=flags)
        elif any(fact.value is False for fact in single):
            derived = known(value=False, evidence=evidence, rule="trisomies", flags=flags)
        elif evidence:
            derived = unknown(Gap.NOT_ASSESSABLE, "double_trisomy", evidence=(*derived.evidence, *evidence), rule="trisomies")
    return stated_or(view, "double_trisomy", derived)


def _both_trisomic(view: View, karyotype: Karyotype) -> Truth:
    three = view.limits.number("trisomy_from_copies")

    def is_trisomic(clone: Clone, chromosome: str) -> Truth:
        copies = clone.copies(chromosome)
        if copies is None or clone.doubled:
            return Truth.UNKNOWN
        if copies >= three:
            return Truth.YES if clone.level == _DIPLOID else Truth.UNKNOWN
        return Truth.NO if clone.complete and not clone.unnamed else Truth.UNKNOWN

    return _main_answer(karyotype.leukaemic, lambda clone: all_of(is_trisomic(clone, name) for name in ("4", "10")))


@derive("dna_index", Kind.NUMBER, unit="1", reads=("dna-index",), at_diagnosis=True)
def dna_index(view: View) -> Fact[object]:
    """The newest DNA index of the leukaemic cells. Unknown: not measured, no number (`unreadable`). Two numbers: conflicting."""
    latest = newest([reading for reading in with_concept(view, "dna-index") if not reading.absent])
    if not latest:
        return unknown(Gap.NOT_RECORDED, "dna_index", rule="DNA-index")
    usable = [(index, reading, f"DNA index {index}") for reading in latest if (index := _index(reading)) is not None]
    if not usable:
        seen = tuple(reading.evidence("DNA index without a number") for reading in latest)
        return unknown(Gap.UNREADABLE, "dna_index", evidence=seen, rule="DNA-index")
    return last_of(view, "dna_index", usable, "DNA index", rule="DNA-index", unit="1")


@derive("masked_hypodiploidy", Kind.TRUTH, reads=names_for("masked_hypodiploidy"), at_diagnosis=True)
def masked_hypodiploidy(view: View) -> Fact[object]:
    """Whether a hypodiploid clone was doubled and so looks hyperdiploid: named, written in the karyotype, or stated.

    False by name, or where no clone of the leukaemia has more chromosomes than a normal cell. Unknown: neither tested nor
    named; high hyperdiploidy with altered TP53 or loss of heterozygosity, which only speak for it (`ambiguous`). Source:
    limits/genetics.yaml.
    """
    name = "masked_hypodiploidy"
    tests = [*tests_of(view, name), *_by_karyotypes(view, name, partial(_is_masked, view))]
    derived = marker_of_tests(view, name, [t for t in tests if t.positive is not None])
    if not derived.is_known and derived.state is not State.CONFLICTING:
        derived = _not_masked(view, tests) or derived
    signs = _masked(view)
    if signs and derived.value is not True:
        derived = unknown(Gap.AMBIGUOUS, name, evidence=(*derived.evidence, *signs), rule="masked-hypodiploidy")
    return stated_or(view, name, derived)


def _is_masked(view: View, karyotype: Karyotype) -> Truth:
    """Return YES for a clone of few chromosomes that was doubled, NO where none has more than a normal cell, else UNKNOWN."""
    normal, few = view.limits.number("diploid_chromosomes"), view.limits.number("hypodiploidy_below_40_chromosomes")
    if any(clone.doubled and _number(clone).below(2 * few) is Truth.YES for clone in karyotype.leukaemic):
        return Truth.YES
    return Truth.NO if all(_number(clone).at_most(normal) is Truth.YES for clone in karyotype.leukaemic) else Truth.UNKNOWN


def _not_masked(view: View, tests: list[Tested]) -> Fact[object] | None:
    """Return False by the karyotypes; None where one of them leaves it open or was taken in remission."""
    written = [t for t in tests if t.source == "karyotype" and tells_of_leukaemia(view, t.when)]
    if not written or any(t.positive is not False for t in written):
        return None
    evidence = tuple(t.evidence for t in written)
    return known(value=False, evidence=evidence, rule="chromosome-number", flags=("computed",))
