"""Every test of a genetic marker: what was looked for, how, when, and whether it was found."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from service.facts.choose import in_time, report
from service.facts.conditions import evidence_of
from service.facts.disease import leukaemias
from service.facts.disease_names import ALL_KINDS
from service.facts.genetic_results import Source, Tested, by_share, in_words, made
from service.facts.measured import in_unit
from service.facts.notated import is_test, notated
from service.facts.per_view import per_view
from service.facts.specimen_blasts import tells_of_leukaemia
from service.facts.variants import NAMED, answer_of, told_of_marker, variants
from service.logic.dates import PartialDate
from service.logic.fact import Evidence, Fact, Gap, conflicting, known, unknown
from service.logic.truth import Truth

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from service.facts.catalogue import View
    from service.record.record import Diagnosis, Reading

_ZERO = Decimal(0)
_SPEAKING = frozenset(
    {"genetic-report", "fish-result", "immunophenotyping-panel", "marrow-report", "karyotype", "chromosome-microarray"}
)
_TRANSCRIPTS = frozenset({"etv6-runx1-rtpcr", "kmt2a-aff1-rtpcr"})
_BY_METHOD: tuple[tuple[str, Source], ...] = (
    ("method-fish", "fish"),
    ("fish-result", "fish"),
    ("etv6-runx1-rtpcr", "pcr"),
    ("kmt2a-aff1-rtpcr", "pcr"),
    ("method-pcr", "pcr"),
    ("method-ngs", "sequencing"),
    ("method-sequencing", "sequencing"),
    ("chromosome-microarray", "array"),
    ("method-karyotyping", "karyotype"),
    ("karyotype", "karyotype"),
)


def tests_of(view: View, marker: str) -> Sequence[Tested]:
    """Return the tests of one marker, oldest first."""
    return tests_by_marker(view).get(marker, ())


def markers_tested(view: View) -> Iterable[str]:
    """Return the markers of which there is a test."""
    return tests_by_marker(view).keys()


@per_view
def tests_by_marker(view: View) -> dict[str, list[Tested]]:
    """Return the tests of each marker, oldest first; findings of the germline are not among them."""
    found: dict[str, list[Tested]] = {}
    for tested in in_time(_gathered(view)):
        found.setdefault(tested.marker, []).append(tested)
    return found


def _gathered(view: View) -> Iterable[Tested]:
    layout, by_notation = view.layout, notated(view)
    for place, reading in layout.at(layout.readings.places(NAMED).union(layout.written, layout.spoken)):
        if not is_test(reading):
            continue
        yield from by_notation.get(place, ())
        if "genetic-variant" not in reading.concepts:
            yield from _named(view, reading)
    for variant in variants(view):
        if not variant.germline:
            yield made(variant.reading, variant.marker, _source_of(variant.reading, "sequencing"), positive=variant.present)
    for name, diagnosis in leukaemias(view):
        if diagnosis.certain and name in ALL_KINDS:
            yield from _by_text(diagnosis)


def _by_text(diagnosis: Diagnosis) -> Iterable[Tested]:
    """Return what the words of a diagnosis say of markers."""
    for concept, finding in diagnosis.findings:
        answer = {"positive": True, "negative": False}.get(finding.answer or "")
        if finding.contradictory:
            continue
        for marker in NAMED.get(concept, ()):
            told = told_of_marker(concept, marker, answer)
            if told is not None:
                evidence = evidence_of(diagnosis, f"{in_words(marker)} {finding.answer} (from text)", "code.text")
                source = _source_among(finding.methods, "text")
                yield Tested(marker, told, source, diagnosis.onset or diagnosis.recorded, evidence)


def _source_of(reading: Reading, otherwise: Source, named: frozenset[str] = frozenset()) -> Source:
    """Return how a reading looked for a marker; `named` are the methods that are told of this marker."""
    return _source_among(named or reading.methods | reading.concepts, otherwise)


def _source_among(told: frozenset[str], otherwise: Source) -> Source:
    return next((source for concept, source in _BY_METHOD if concept in told), otherwise)


# ---------------------------------------------------------------- named tests and free text


def told_of(reading: Reading, concept: str) -> bool | None:
    """Return what a test of one marker says: its coded answer, else its words; None where neither is clear."""
    coded = not reading.answers.isdisjoint({"answer-positive", "answer-negative", "answer-indeterminate", "answer-no-call"})
    finding = dict(reading.findings).get(concept)
    if not coded and finding is not None and finding.answer in {"positive", "negative"} and not finding.contradictory:
        return finding.answer == "positive"
    return answer_of(reading)


def _named(view: View, reading: Reading) -> Iterable[Tested]:
    """Return what a test called by a marker's name says of it, and what the words of a report say of each marker in them."""
    about = reading.concepts & NAMED.keys()
    if "marker-ph-like" in about:
        about -= {"marker-ph"}
    for concept in sorted(about):
        finding = dict(reading.findings).get(concept)
        denied_by = finding.methods if finding is not None and not finding.contradictory else frozenset()
        source = _source_of(reading, "text", denied_by)
        told = _answer(view, reading, concept, source)
        if told is None and reading.absent and not reading.words:
            continue
        for marker in NAMED[concept]:
            yield made(reading, marker, source, positive=told_of_marker(concept, marker, told), weak=reading.not_quantifiable)
    if not _SPEAKING.isdisjoint(reading.concepts | reading.parent):
        yield from _in_words(reading, about)


def _answer(view: View, reading: Reading, concept: str, source: Source) -> bool | None:
    told = told_of(reading, concept)
    if told is None and source == "fish":
        return by_share(view, in_unit(reading, "%"), reading.upper_limit)
    if told is None and not _TRANSCRIPTS.isdisjoint({concept, *reading.concepts}) and reading.amount is not None:
        return {Truth.YES: True, Truth.NO: False}.get(reading.amount.interval.above(_ZERO))
    return told


def _in_words(reading: Reading, about: frozenset[str]) -> Iterable[Tested]:
    for concept, finding in reading.findings:
        if concept in about or finding.contradictory or finding.answer not in {"positive", "negative"}:
            continue
        for marker in NAMED.get(concept, ()):
            told = told_of_marker(concept, marker, finding.answer == "positive")
            if told is not None:
                yield made(reading, marker, _source_of(reading, "text", finding.methods), positive=told)


# ---------------------------------------------------------------- what all tests of one marker come to


def before(tested: Tested, day: PartialDate) -> bool:
    """Return whether a test is surely older than a day."""
    return tested.when is not None and tested.when.before(day) is Truth.YES


def marker_of_tests(view: View, name: str, tests: Sequence[Tested]) -> Fact[object]:
    """Return whether a marker is present.

    Present once shown; absent only by a test that would have shown it, on a specimen not taken in remission. A specimen of the
    relapse decides against an older one, flagged as changed. Conflicting: shown and excluded on specimens of the same time.
    Unknown: never tested, or only by tests that do not tell.
    """
    if not tests:
        return never_tested(view, name)
    positives = [tested for tested in tests if tested.positive]
    blind = _BLIND.get(name, _KARYOTYPE)
    negatives = [t for t in tests if t.positive is False and t.source not in blind and tells_of_leukaemia(view, t.when)]
    relapse = view.fact("relapse_date").value
    shown, against = tuple(t.evidence for t in positives), tuple(t.evidence for t in negatives)
    flags = tuple(dict.fromkeys(flag for t in (positives or negatives) for flag in t.flags))
    if positives and negatives:
        if not isinstance(relapse, PartialDate):
            return _torn(view, name, (*shown, *against))
        if all(before(t, relapse) for t in positives) and _all_from(negatives, relapse):
            return known(value=False, evidence=against, rule="marker", flags=(*flags, "changed"), set_aside=shown)
        if not (all(before(t, relapse) for t in negatives) and _all_from(positives, relapse)):
            return _torn(view, name, (*shown, *against))
        flags = (*flags, "changed")
    if positives:
        minor = ("subclonal",) if all(t.subclonal for t in positives) else ()
        rule = "disease-code" if any(t.source == "diagnosis" for t in positives) else "marker"
        return known(value=True, evidence=shown, rule=rule, flags=(*flags, *minor), set_aside=against)
    if negatives:
        return known(value=False, evidence=against, rule="marker", flags=flags)
    return unknown(Gap.NOT_ASSESSABLE, name, evidence=tuple(t.evidence for t in tests), rule="marker")


def never_tested(view: View, name: str) -> Fact[object]:
    """Return the gap of a marker that was never tested."""
    view.fact("relapse_date")  # what the record contradicts is told in the order in which facts ask
    return unknown(Gap.NOT_RECORDED, name, rule="marker")


def _all_from(tests: list[Tested], day: PartialDate) -> bool:
    return all(t.when is not None and day.on_or_before(t.when) is Truth.YES for t in tests)


def _torn(view: View, name: str, evidence: tuple[Evidence, ...]) -> Fact[object]:
    report(view, evidence, f"A genetic marker is recorded as present and as absent: {in_words(name)}")
    return conflicting(evidence, name, rule="marker")


_KARYOTYPE: frozenset[Source] = frozenset({"karyotype"})
# what a test of that kind does not exclude: a cryptic fusion, other partners, small deletions, mutations
_BLIND: dict[str, frozenset[Source]] = {
    **dict.fromkeys(("etv6_runx1", "tcf3_pbx1", "tcf3_hlf"), frozenset[Source]({"karyotype", "array"})),
    **dict.fromkeys(
        ("kmt2a_r", "abl_class", "ph_like", "crlf2_r", "znf384_r", "mef2d_r", "dux4_r", "igh_r", "hlf_r", "myc_r", "pdgfrb_r"),
        frozenset[Source]({"karyotype", "array", "pcr"}),
    ),
    **dict.fromkeys(("pax5_alt", "pax5_p80r", "ikzf1_mut", "ikzf1_altered"), frozenset[Source]({"karyotype", "fish", "array"})),
    "kmt2a_aff1": frozenset({"karyotype", "array"}),
    "ikzf1_del": frozenset({"karyotype", "fish"}),
    "tp53": frozenset({"karyotype", "fish", "array"}),
    **dict.fromkeys(
        (
            "high_hyperdiploidy",
            "hypodiploidy_lt44",
            "hypodiploidy_lt40",
            "double_trisomy",
            "trisomy_4",
            "trisomy_10",
            "complex_karyotype",
        ),
        frozenset[Source](),
    ),
}
