"""BCR::ABL1 status: which tests count, what outranks what, and why a negative follow-up says nothing."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from service.facts.catalogue import Kind, derive
from service.facts.choose import in_time, is_newer, report, settle
from service.facts.disease import leukaemias
from service.facts.disease_names import ALL_KINDS
from service.facts.genetic_results import Tested, by_share, made
from service.facts.genetic_tests import before, told_of
from service.facts.genetics import marker_statement
from service.facts.measured import in_unit
from service.facts.notated import is_test, notated
from service.facts.specimen_blasts import in_remission, tells_of_leukaemia
from service.facts.variants import variants
from service.logic.dates import PartialDate
from service.logic.fact import Evidence, Fact, Gap, conflicting, known, unknown
from service.logic.truth import Truth
from service.record.methods_told import KARYOTYPES

if TYPE_CHECKING:
    from service.facts.catalogue import View
    from service.facts.genetic_results import Source
    from service.record.findings import Finding
    from service.record.record import Diagnosis, Reading

_SOURCES: tuple[tuple[str, Source], ...] = (
    ("bcr-abl1-fish", "fish"),
    ("bcr-abl1-rtpcr-p190", "pcr-p190"),
    ("bcr-abl1-rtpcr-p210", "pcr-p210"),
    ("bcr-abl1-rtpcr-unspecified", "pcr"),
    ("bcr-abl1-log-ratio", "pcr"),
    ("karyotype", "karyotype"),
)
_CONCEPTS = ("marker-ph", *(concept for concept, _ in _SOURCES))
_PCR = frozenset({"pcr", "pcr-p190", "pcr-p210"})
_SUBMICROSCOPIC = _PCR | {"fish", "sequencing"}
_REPORTS = frozenset({"genetic-report", "fish-result", "immunophenotyping-panel", "marrow-report", "karyotype"})


def _results(view: View) -> list[Tested]:
    layout, by_notation = view.layout, notated(view)
    places = layout.readings.places(_CONCEPTS).union(layout.within(_CONCEPTS), layout.written, layout.spoken)
    found = [
        tested
        for place, reading in layout.at(places)
        if is_test(reading)
        for tested in _tested(view, reading, [t for t in by_notation.get(place, ()) if t.marker == "ph"])
    ]
    for name, diagnosis in leukaemias(view):
        if diagnosis.certain and name in ALL_KINDS:
            found.extend(_of_diagnosis(diagnosis))
    for variant in variants(view):
        if variant.marker == "ph" and not variant.germline:
            source: Source = "fish" if "method-fish" in variant.reading.methods else "sequencing"
            found.append(made(variant.reading, "ph", source, positive=variant.present))
    return in_time(found)


def _of_diagnosis(diagnosis: Diagnosis) -> list[Tested]:
    when = diagnosis.onset or diagnosis.recorded
    positive = not {"bcp-all-ph-positive", "mpal-ph-positive"}.isdisjoint(diagnosis.concepts)
    if positive or not {"bcp-all-ph-negative", "bcp-all-ph-like"}.isdisjoint(diagnosis.concepts):
        evidence = Evidence(diagnosis.reference, "code", when, f"BCR::ABL1-{'positive' if positive else 'negative'} by diagnosis")
        return [Tested("ph", positive, "diagnosis", when, evidence)]
    finding = dict(diagnosis.findings).get("marker-ph")
    if finding is None or finding.contradictory or finding.answer not in {"positive", "negative"}:
        return []
    evidence = Evidence(diagnosis.reference, "code.text", when, f"BCR::ABL1 {finding.answer} (from text)")
    return [Tested("ph", finding.answer == "positive", _source_among(finding.methods), when, evidence)]


def _tested(view: View, reading: Reading, by_notation: list[Tested]) -> list[Tested]:
    """Return what one reading says of BCR::ABL1: by its notations, its code, or its words."""
    if "genetic-variant" in reading.concepts:
        return by_notation  # the rest is read as a whole, see variants
    concepts = reading.concepts | (reading.parent if reading.path.startswith("component") else frozenset())
    source = next((source for concept, source in _SOURCES if concept in concepts), None)
    named = dict(reading.findings).get("marker-ph")
    if by_notation and source in {None, "karyotype", "fish"}:
        notated_results = [_with_its_words(reading, _by_the_laboratory(reading, tested), named) for tested in by_notation]
        return [*notated_results, *_denied_beside(reading, named)]
    if source is None and "marker-ph" in reading.concepts and "marker-ph-like" not in reading.concepts:
        source = _source_among(_denied_by(named) or reading.methods)
    if source is None:
        speaks = not _REPORTS.isdisjoint(concepts)
        if named is None or not speaks or named.contradictory or named.answer not in {"positive", "negative"}:
            return []
        return [
            made(
                reading,
                "ph",
                "fish" if "fish-result" in concepts else _source_among(named.methods or reading.methods),
                positive=named.answer == "positive",
            )
        ]
    if source == "fish" and (by := _denied_by(named)):
        source = _source_among(by)
    tested = _fish(view, reading) if source == "fish" else _transcript(reading, source)
    return [] if tested is None else [tested]


def _by_the_laboratory(reading: Reading, tested: Tested) -> Tested:
    """Return a result of FISH in notation; where the laboratory gave its own word, that word decides."""
    told = told_of(reading, "marker-ph") if tested.source == "fish" else None
    return tested if told is None else made(reading, "ph", "fish", positive=told, subclonal=tested.subclonal)


def _with_its_words(reading: Reading, tested: Tested, named: Finding | None) -> Tested:
    """Return what a karyotype without BCR::ABL1 says beside words: those that name it, and do not deny it, stand against."""
    if tested.source != "karyotype" or tested.positive is not False or named is None:
        return tested
    told = None if named.contradictory else {"positive": True, "negative": False}.get(named.answer or "")
    return tested if told is False else made(reading, "ph", "karyotype", positive=told)


def _denied_beside(reading: Reading, named: Finding | None) -> list[Tested]:
    """Return the test that denies BCR::ABL1 in words beside a karyotype in notation: one of a method that would have shown it."""
    if named is None or named.contradictory or named.answer != "negative":
        return []
    source = _source_among(named.methods)
    return [made(reading, "ph", source, positive=False)] if source in {"fish", "sequencing"} else []


def _denied_by(named: Finding | None) -> frozenset[str]:
    """Return the methods by which words deny BCR::ABL1."""
    return named.methods if named is not None and not named.contradictory else frozenset()


def _source_among(methods: frozenset[str]) -> Source:
    if "method-fish" in methods:
        return "fish"
    if not methods.isdisjoint({"method-ngs", "method-sequencing"}):
        return "sequencing"
    if "method-pcr" in methods:
        return "pcr"
    return "text" if methods.isdisjoint(KARYOTYPES) else "karyotype"


def _fish(view: View, reading: Reading) -> Tested | None:
    """Return the result of FISH: the laboratory's own word, its cut-off, or a share of cells that no cut-off would exclude."""
    told = told_of(reading, "marker-ph")
    share = in_unit(reading, "%")
    if told is None:
        told = by_share(view, share, reading.upper_limit)
    if told is None and share is None and reading.absent and not reading.words:
        return None
    minor = share is not None and told is True and share.below(view.limits.number("fish_minor_clone_below_percent")) is Truth.YES
    return made(reading, "ph", "fish", positive=told, subclonal=minor)


def _transcript(reading: Reading, source: Source) -> Tested | None:
    """Return the result of RT-PCR: the word, else any ratio above zero; a logarithm of reduction alone says nothing."""
    told = told_of(reading, "marker-ph")
    logarithm = "bcr-abl1-log-ratio" in reading.concepts
    if told is None and reading.not_quantifiable:
        told = True
    if told is None and reading.amount is not None and not logarithm and source != "karyotype":
        told = {Truth.YES: True, Truth.NO: False}.get(reading.amount.interval.above(Decimal(0)))
    if told is None and reading.absent and not reading.words:
        return None
    return made(reading, "ph", source, positive=told, weak=reading.not_quantifiable)


# ---------------------------------------------------------------- the status


@derive("ph", Kind.WORD, values=("positive", "negative"), reads=tuple(concept for concept, _ in _SOURCES), at_diagnosis=True)
def ph(view: View) -> Fact[object]:
    """Whether the leukaemia has BCR::ABL1, by the rules PH-1 to PH-9.

    Positive once shown at any time, unless a later relapse specimen is adequately negative. Negative only by FISH or sequencing,
    or by PCR for p190 and p210 together with a karyotype, on a specimen not taken in remission.
    Unknown: not tested; karyotype or PCR alone negative (`not-assessable`); transcripts below the quantitative range, or found in
    remission alone, with FISH negative or said to be absent before (`ambiguous`). Conflicting: the diagnosis says the opposite
    of a test of its time.
    """
    seen = _results(view)
    results = [t for t in seen if t.positive is not None]
    statement = marker_statement(view, "ph", "ph")
    words: Fact[object] | None = statement
    if statement is not None and statement.is_known:
        words = known(
            "positive" if statement.value is True else "negative", statement.evidence, rule="stated", flags=statement.flags
        )
    derived = _status(view, results, seen)
    if words is not None and words.value == "negative" and is_newer(derived, words) and _is_faint(view, derived, results):
        return _contaminated((*derived.evidence, *words.evidence))
    return settle(view, "ph", derived, words)


def _is_faint(view: View, derived: Fact[object], results: list[Tested]) -> bool:
    """Return whether BCR::ABL1 was shown by no more than transcripts of which a healthy person may have some."""
    return derived.value == "positive" and _all_faint(view, [t for t in results if t.positive])


def _all_faint(view: View, positives: list[Tested]) -> bool:
    return all(t.source in _PCR and (t.weak or in_remission(view, t.when)) for t in positives)


def _contaminated(evidence: tuple[Evidence, ...]) -> Fact[object]:
    flags = ("possible-contamination-or-healthy-low-level",)
    return unknown(Gap.AMBIGUOUS, "ph", evidence=evidence, rule="PH-6", flags=flags)


def _status(view: View, results: list[Tested], seen: list[Tested]) -> Fact[object]:
    positives = [t for t in results if t.positive]
    negatives = [t for t in results if not t.positive and tells_of_leukaemia(view, t.when)]
    if positives:
        return _positive(view, positives, negatives)
    if negatives:
        return _negative(negatives)
    evidence = tuple(t.evidence for t in seen)
    if evidence:
        return unknown(Gap.NOT_ASSESSABLE, "ph", evidence=evidence, rule="PH-8")
    return unknown(Gap.NOT_RECORDED, "ph", rule="PH-1")


def _positive(view: View, positives: list[Tested], negatives: list[Tested]) -> Fact[object]:
    evidence = tuple(t.evidence for t in positives)
    against = tuple(t.evidence for t in negatives)
    adequate = [t for t in negatives if t.source in {"fish", "sequencing", "diagnosis", "text"}]
    relapse = view.fact("relapse_date").value
    if isinstance(relapse, PartialDate) and _at_relapse(adequate, relapse) and all(before(t, relapse) for t in positives):
        return known("negative", against, rule="PH-9", flags=("changed",), set_aside=evidence)
    if adequate and _all_faint(view, positives):
        return _contaminated((*evidence, *against))
    doubted = [t for t in adequate if t.source in {"diagnosis", "fish", "sequencing"}]
    # words and codes outrank no test, and two tests of one kind cannot both be right
    weaker = {"diagnosis", "text", *(t.source for t in doubted)}
    torn_apart = any(t.source == "diagnosis" for t in doubted) or all(t.source in weaker for t in positives)
    if doubted and torn_apart and not _changed(positives, doubted, relapse):
        torn = (*evidence, *(t.evidence for t in doubted))
        report(view, torn, "BCR::ABL1 is recorded as positive and as negative")
        return conflicting(torn, "ph", rule="PH-1")
    flags = _flags(positives, negatives, adequate, relapse)
    rule = "PH-5" if "discordant" in flags else "PH-7" if "subclonal" in flags else "PH-1"
    return known("positive", evidence, rule=rule, flags=flags, set_aside=against)


def _flags(positives: list[Tested], negatives: list[Tested], adequate: list[Tested], relapse: object) -> tuple[str, ...]:
    last, sources = positives[-1], {t.source for t in positives}
    flags: list[str] = []
    if isinstance(relapse, PartialDate) and not before(last, relapse) and any(before(t, relapse) for t in adequate):
        flags.append("changed")
    elif any(t.source == "fish" for t in adequate):
        flags.append("discordant")
    elif any(t.source == "karyotype" for t in negatives) and sources & _SUBMICROSCOPIC:
        flags.append("cryptic")
    if any(t.subclonal for t in positives) and not any(t.source == "fish" and not t.subclonal for t in positives):
        flags.append("subclonal")
    return (*flags, *dict.fromkeys(flag for t in positives for flag in t.flags))


def _at_relapse(tests: list[Tested], relapse: PartialDate) -> bool:
    return any(t.when is not None and relapse.on_or_before(t.when) is Truth.YES for t in tests)


def _changed(positives: list[Tested], negatives: list[Tested], relapse: object) -> bool:
    """Return whether the positives all belong to the time after a relapse and the negatives to the time before it."""
    if not isinstance(relapse, PartialDate):
        return False
    return all(before(t, relapse) for t in negatives) and not any(before(t, relapse) for t in positives)


def _negative(negatives: list[Tested]) -> Fact[object]:
    evidence = tuple(t.evidence for t in negatives)
    sources, flags = {t.source for t in negatives}, tuple(dict.fromkeys(flag for t in negatives for flag in t.flags))
    if not sources.isdisjoint({"fish", "sequencing", "diagnosis", "text"}):
        return known("negative", evidence, rule="PH-2", flags=flags)
    if {"pcr-p190", "pcr-p210", "karyotype"} <= sources:
        return known("negative", evidence, rule="PH-2", flags=flags)
    return unknown(Gap.NOT_ASSESSABLE, "ph", evidence=evidence, rule="PH-4" if sources & _PCR else "PH-3")
