"""BCR::ABL1 status: which tests count, what outranks what, and why a negative follow-up says nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from service.facts.catalogue import Kind, derive
from service.facts.choose import every_reading, order, report, settle
from service.facts.disease import LINEAGES, leukaemias
from service.facts.events import signals
from service.facts.genetics import marker_statement
from service.facts.measured import in_unit
from service.facts.variants import ISCN, variants
from service.logic.dates import PartialDate
from service.logic.fact import Evidence, Fact, Gap, conflicting, known, unknown
from service.logic.truth import Truth

if TYPE_CHECKING:
    from service.facts.catalogue import View
    from service.facts.variants import Variant
    from service.record.record import Diagnosis, Reading

Source = Literal["diagnosis", "fish", "pcr-p190", "pcr-p210", "pcr", "karyotype", "sequencing", "text"]

_SOURCES: tuple[tuple[str, Source], ...] = (
    ("bcr-abl1-fish", "fish"),
    ("bcr-abl1-rtpcr-p190", "pcr-p190"),
    ("bcr-abl1-rtpcr-p210", "pcr-p210"),
    ("bcr-abl1-rtpcr-unspecified", "pcr"),
    ("bcr-abl1-log-ratio", "pcr"),
    ("karyotype", "karyotype"),
)
_PCR = frozenset({"pcr", "pcr-p190", "pcr-p210"})
_NUC_ISH = re.compile(r"nuc\s+ish", re.IGNORECASE)
_FUSED = re.compile(r"(?:ABL1|BCR)\s+con\s+(?:BCR|ABL1)", re.IGNORECASE)
_CELLS = re.compile(r"\[(\d+)/(\d+)\]")


@dataclass(frozen=True, slots=True)
class Tested:
    """One result; `positive` None where it does not tell, `weak` below the quantitative range."""

    positive: bool | None
    source: Source
    when: PartialDate | None
    evidence: Evidence
    weak: bool = False
    subclonal: bool = False


def _results(view: View) -> list[Tested]:
    found = [tested for reading in every_reading(view) if (tested := _tested(view, reading)) is not None]
    for name, diagnosis in leukaemias(view):
        if diagnosis.certain and name in LINEAGES | {"all-lineage-unknown"}:
            found.extend(_of_diagnosis(diagnosis))
    found.extend(_of_variant(variant) for variant in variants(view) if variant.marker == "ph")
    return sorted(found, key=order)


def _of_variant(variant: Variant) -> Tested:
    reading = variant.reading
    source: Source = "karyotype" if variant.by_karyotype else "fish" if "method-fish" in reading.methods else "sequencing"
    return _made(reading, source, positive=variant.present)


def _of_diagnosis(diagnosis: Diagnosis) -> list[Tested]:
    when = diagnosis.onset or diagnosis.recorded
    if not {"bcp-all-ph-positive", "mpal-ph-positive"}.isdisjoint(diagnosis.concepts):
        return [
            Tested(
                positive=True,
                source="diagnosis",
                when=when,
                evidence=Evidence(diagnosis.reference, "code", when, "BCR::ABL1-positive by diagnosis"),
            )
        ]
    if "bcp-all-ph-negative" in diagnosis.concepts or "bcp-all-ph-like" in diagnosis.concepts:
        return [
            Tested(
                positive=False,
                source="diagnosis",
                when=when,
                evidence=Evidence(diagnosis.reference, "code", when, "BCR::ABL1-negative by diagnosis"),
            )
        ]
    finding = dict(diagnosis.findings).get("marker-ph")
    if finding is None or finding.contradictory or finding.answer not in {"positive", "negative"}:
        return []
    evidence = Evidence(diagnosis.reference, "code.text", when, f"BCR::ABL1 {finding.answer} (from text)")
    return [Tested(finding.answer == "positive", "text", when, evidence)]


def _tested(view: View, reading: Reading) -> Tested | None:
    """Return what one reading says of BCR::ABL1; None where it is not about it."""
    concepts = reading.concepts | (reading.parent if reading.path.startswith("component") else frozenset())
    if ("all-cds-facts", "genetic-marker") in reading.code_codings or "genetic-marker" in reading.parent:
        return None
    source = next((source for concept, source in _SOURCES if concept in concepts), None)
    if "genetic-variant" in reading.concepts or "genetic-variant" in reading.parent:
        return None  # read as a whole, see variants
    iscn = next((said for said in (reading.words, *(code for _, code in reading.coded)) if ISCN.search(said)), "")
    if iscn and source in {None, "karyotype"}:
        return _made(reading, "karyotype", positive="marker-ph" in reading.named)
    named = dict(reading.findings).get("marker-ph")
    if source is None and "marker-ph" in reading.concepts and "marker-ph-like" not in reading.concepts:
        source = _named_source(reading)
    if source is None:
        speaks = not {"genetic-report", "fish-result", "immunophenotyping-panel", "marrow-report", "karyotype"}.isdisjoint(
            concepts
        )
        if named is None or not speaks or named.contradictory or named.answer not in {"positive", "negative"}:
            return None
        return _made(reading, "fish" if "fish-result" in concepts else "text", positive=named.answer == "positive")
    if source == "fish":
        return _fish(view, reading)
    return _transcript(reading, source)


def _named_source(reading: Reading) -> Source:
    if "method-fish" in reading.methods:
        return "fish"
    if "method-pcr" in reading.methods:
        return "pcr"
    return "sequencing" if not {"method-ngs", "method-sequencing"}.isdisjoint(reading.methods) else "text"


def _answer(reading: Reading) -> bool | None:
    positive, negative = "answer-positive" in reading.answers, "answer-negative" in reading.answers
    if positive is not negative:
        return positive
    if positive or not reading.answers.isdisjoint({"answer-indeterminate", "answer-no-call"}):
        return None
    finding = dict(reading.findings).get("marker-ph")
    if finding is not None and finding.answer in {"positive", "negative"} and not finding.contradictory:
        return finding.answer == "positive"
    return {"positive": True, "negative": False}.get(reading.says or "")


def _made(reading: Reading, source: Source, *, positive: bool | None, weak: bool = False, subclonal: bool = False) -> Tested:
    word = {True: "positive", False: "negative", None: "not decided"}[positive]
    return Tested(positive, source, reading.when, reading.evidence(f"BCR::ABL1 by {source}: {word}"), weak, subclonal)


def _fish(view: View, reading: Reading) -> Tested | None:
    """Return the result of FISH: the laboratory's own word, its cut-off, or a share of cells that no cut-off would exclude."""
    told = _answer(reading)
    share = in_unit(reading, "%")
    match = _CELLS.search(reading.words)
    if match is not None and _NUC_ISH.search(reading.words):
        told = bool(_FUSED.search(reading.words)) if told is None else told
    sure = view.limits.number("fish_fusion_sure_from_percent")
    if told is None and share is not None and share.exact is not None:
        if share.exact == 0:
            told = False
        elif reading.upper_limit is not None:
            told = share.exact > reading.upper_limit
        elif share.exact >= sure:
            told = True
    if told is None and share is None and reading.absent and not reading.words:
        return None
    minor = share is not None and told is True and share.below(view.limits.number("fish_minor_clone_below_percent")) is Truth.YES
    return _made(reading, "fish", positive=told, subclonal=minor)


def _transcript(reading: Reading, source: Source) -> Tested | None:
    """Return the result of RT-PCR: the word, else any ratio above zero; a logarithm of reduction alone says nothing."""
    told = _answer(reading)
    logarithm = "bcr-abl1-log-ratio" in reading.concepts
    if told is None and reading.amount is not None and not logarithm and source != "karyotype":
        told = {Truth.YES: True, Truth.NO: False}.get(reading.amount.interval.above(Decimal(0)))
    if told is None and reading.absent and not reading.words:
        return None
    return _made(reading, source, positive=told, weak=reading.not_quantifiable)


# ---------------------------------------------------------------- the status


def _follow_up(view: View, tested: Tested) -> bool:
    """Return whether a result was, or may have been, taken in a remission with no relapse in between (rule PH-8)."""
    state = False
    for signal in signals(view):
        if tested.when is None:
            state = state or signal.says == "remission"
        elif signal.when is not None and signal.says == "remission":
            state = state or signal.when.on_or_before(tested.when) is not Truth.NO
        elif signal.when is not None and signal.when.on_or_before(tested.when) is Truth.YES:
            state = False
    return state


@derive("ph", Kind.WORD, values=("positive", "negative"), reads=tuple(concept for concept, _ in _SOURCES))
def ph(view: View) -> Fact[object]:
    """Whether the leukaemia has BCR::ABL1, by the rules PH-1 to PH-9.

    Positive once shown at any time, unless a later relapse specimen is adequately negative. Negative only by FISH or sequencing,
    or by PCR for p190 and p210 together with a karyotype, on a specimen not taken in remission.
    Unknown: not tested; karyotype or PCR alone negative (`not-assessable`); below the quantitative range with FISH negative
    (`ambiguous`). Conflicting: the diagnosis says the opposite of a test of its time.
    """
    results = [t for t in _results(view) if t.positive is not None]
    statement = marker_statement(view, "ph", "ph")
    words: Fact[object] | None = statement
    if statement is not None and statement.is_known:
        words = known(
            "positive" if statement.value is True else "negative", statement.evidence, rule="stated", flags=statement.flags
        )
    return settle(view, "ph", _status(view, results, _results(view)), words)


def _status(view: View, results: list[Tested], seen: list[Tested]) -> Fact[object]:
    positives = [t for t in results if t.positive]
    negatives = [t for t in results if not t.positive and not _follow_up(view, t)]
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
    last = positives[-1]
    if isinstance(relapse, PartialDate) and _at_relapse(adequate, relapse) and all(_before(t, relapse) for t in positives):
        return known("negative", against, rule="PH-9", flags=("changed",), set_aside=evidence)
    if adequate and all(t.source in _PCR and t.weak for t in positives):
        return unknown(
            Gap.AMBIGUOUS,
            "ph",
            evidence=(*evidence, *against),
            rule="PH-6",
            flags=("possible-contamination-or-healthy-low-level",),
        )
    doubted = [t for t in adequate if t.source in {"diagnosis", "fish", "sequencing"}]
    coded = all(t.source in {"diagnosis", "text"} for t in positives)
    if doubted and (coded or any(t.source == "diagnosis" for t in doubted)) and not _changed(positives, doubted, relapse):
        torn = (*evidence, *(t.evidence for t in doubted))
        report(view, torn, "BCR::ABL1 is recorded as positive and as negative")
        return conflicting(torn, "ph", rule="PH-1")
    flags: list[str] = []
    if any(t.source == "fish" for t in adequate) and any(t.source in _PCR for t in positives):
        flags.append("discordant")
    if isinstance(relapse, PartialDate) and not _before(last, relapse) and any(_before(t, relapse) for t in adequate):
        flags.append("changed")
    if any(t.subclonal for t in positives) and not any(t.source == "fish" and not t.subclonal for t in positives):
        flags.append("subclonal")
    rule = "PH-5" if "discordant" in flags else "PH-7" if "subclonal" in flags else "PH-1"
    return known("positive", evidence, rule=rule, flags=tuple(flags), set_aside=against)


def _at_relapse(tests: list[Tested], relapse: PartialDate) -> bool:
    return any(t.when is not None and relapse.on_or_before(t.when) is Truth.YES for t in tests)


def _before(tested: Tested, day: PartialDate) -> bool:
    return tested.when is not None and tested.when.before(day) is Truth.YES


def _changed(positives: list[Tested], negatives: list[Tested], relapse: object) -> bool:
    """Return whether the positives all belong to the time after a relapse and the negatives to the time before it."""
    if not isinstance(relapse, PartialDate):
        return False
    return all(_before(t, relapse) for t in negatives) and not any(_before(t, relapse) for t in positives)


def _negative(negatives: list[Tested]) -> Fact[object]:
    evidence = tuple(t.evidence for t in negatives)
    sources = {t.source for t in negatives}
    if not sources.isdisjoint({"fish", "sequencing", "diagnosis", "text"}):
        return known("negative", evidence, rule="PH-2")
    if {"pcr-p190", "pcr-p210", "karyotype"} <= sources:
        return known("negative", evidence, rule="PH-2")
    return unknown(Gap.NOT_ASSESSABLE, "ph", evidence=evidence, rule="PH-4" if sources & _PCR else "PH-3")
