"""Genetic markers: stated, told by the code of the disease, or tested; a negative needs a test that would have found it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from service.facts.catalogue import Kind, derive
from service.facts.choose import newest, not_readable, report, settle, statements
from service.facts.conditions import evidence_of
from service.facts.disease import leukaemias
from service.facts.genetic_results import Tested
from service.facts.genetic_tests import marker_of_tests, markers_tested, never_tested, tests_of
from service.facts.notated import karyotypes
from service.facts.per_view import per_view
from service.facts.stated import truth
from service.facts.variants import names_for, variants
from service.logic.fact import Fact, Gap, conflicting, known, unknown

if TYPE_CHECKING:
    from service.facts.catalogue import View
    from service.logic.fact import Evidence

# fact → the concepts of diseases that say it is present. SEER's hypodiploidy is wider than every limit used here: not among them.
_BY_DISEASE: dict[str, frozenset[str]] = {
    "ph_like": frozenset({"bcp-all-ph-like"}),
    "kmt2a_r": frozenset({"bcp-all-kmt2a", "mpal-kmt2a"}),
    "etv6_runx1": frozenset({"bcp-all-etv6-runx1"}),
    "tcf3_pbx1": frozenset({"bcp-all-tcf3-pbx1"}),
    "iamp21": frozenset({"bcp-all-iamp21"}),
    "igh_r": frozenset({"bcp-all-igh-il3"}),
}
_MORE_OF_21 = frozenset({"amp", "dup", "trp", "qdp"})
_BESIDE_IKZF1 = ("cdkn2a_del", "cdkn2b_del", "pax5_del", "par1_del")


def marker_statement(view: View, name: str, marker: str) -> Fact[object] | None:
    """Return the newest explicit statement of a genetic marker; None where nobody stated it."""
    stated = statements(view, "genetic-marker")
    if not stated:
        return None
    about = [
        reading
        for reading in stated
        if any(
            ("all-cds-facts", "marker") in component.code_codings
            and (("all-cds-facts", marker) in component.coded or component.words == marker)
            for component in reading.components
        )
    ]
    latest = newest(about)
    if not latest:
        return None
    evidence = tuple(reading.evidence(f"stated: {name.replace('_', ' ')}") for reading in latest)
    values = {value for reading in latest if (value := truth(reading)) is not None}
    if not values:
        not_readable(view, latest)
        return unknown(Gap.UNREADABLE, name, evidence=evidence, rule="stated")
    if len(values) > 1:
        report(view, evidence, f"Two statements of one day contradict each other: {name.replace('_', ' ')}")
        return conflicting(evidence, name, rule="stated")
    return known(values.pop(), evidence, rule="stated")


def by_tests(view: View, name: str, *more: Tested) -> Fact[object]:
    """Return whether a marker is present by its tests and the codes of the disease; findings of the germline are set aside."""
    if not more and name not in markers_told(view):
        return _never_told(view, name)
    fact = marker_of_tests(view, name, [*_by_disease(view, name), *tests_of(view, name), *more])
    inborn = tuple(v.reading.evidence("in the germline") for v in variants(view) if v.germline and v.marker == name and v.present)
    if not inborn:
        return fact
    return Fact(
        fact.state, fact.value, fact.gap, fact.needs, fact.evidence, (*fact.flags, "germline-finding"), fact.rule,
        fact.unit, fact.beside, (*fact.set_aside, *inborn),
    )  # fmt: skip


@per_view
def markers_told(view: View) -> set[str]:
    """Return the markers of which tests, the code of the disease, the germline or a statement may tell anything."""
    inborn = {variant.marker for variant in variants(view) if variant.germline}
    parts = [part for reading in statements(view, "genetic-marker") for part in reading.components]
    stated = {word for part in parts for word in (part.words, *(code for _, code in part.coded))}
    coded = frozenset().union(*(diagnosis.concepts for _, diagnosis in leukaemias(view) if diagnosis.certain))
    by_code = [name for name, concepts in _BY_DISEASE.items() if not concepts.isdisjoint(coded)]
    return inborn.union(stated, markers_tested(view), by_code)


def _never_told(view: View, name: str) -> Fact[object]:
    """Return the gap of a marker of which nothing tells; with the first one go all facts that rest on such markers alone."""
    gap: Fact[object] = never_tested(view, name)
    if view.untold:
        told, facts = markers_told(view), view.facts
        for other in view.untold:
            if other.name not in facts and told.isdisjoint(other.markers):
                facts[other.name] = other.gap
        view.untold = ()
    return gap


def _by_disease(view: View, name: str) -> list[Tested]:
    concepts = _BY_DISEASE.get(name)
    if concepts is None:
        return []
    return [
        Tested(name, True, "diagnosis", d.onset or d.recorded, evidence_of(d, "told by the code of the disease"))  # noqa: FBT003
        for _, d in leukaemias(view)
        if d.certain and not concepts.isdisjoint(d.concepts)
    ]


def stated_or(view: View, name: str, derived: Fact[object]) -> Fact[object]:
    """Return the statement of a marker against what was derived."""
    statement = marker_statement(view, name, name)
    return derived if statement is None else settle(view, name, derived, statement)


def genetic_fact(view: View, name: str) -> Fact[object]:
    """Return whether a marker is present.

    Unknown: neither stated nor told by the code of the disease nor tested, or only by tests that cannot exclude it. Conflicting:
    shown and excluded on specimens of the same time.
    """
    if name not in markers_told(view):
        return _never_told(view, name)
    return stated_or(view, name, by_tests(view, name))


for _name in (
    "kmt2a_r", "etv6_runx1", "tcf3_pbx1", "tcf3_hlf", "znf384_r", "mef2d_r", "dux4_r", "igh_r", "myc_r", "pax5_alt", "pax5_p80r",
    "pax5_amp",
):  # fmt: skip
    derive(_name, Kind.TRUTH, reads=names_for(_name), at_diagnosis=True)(partial(genetic_fact, name=_name))


def _computed(value: bool, *facts: Fact[object]) -> Fact[object]:  # noqa: FBT001 - the value of the fact
    evidence = tuple(dict.fromkeys(item for fact in facts for item in fact.evidence))
    return known(value, evidence, rule="definition", flags=("computed",))


# ---------------------------------------------------------------- BCR::ABL1-like


@derive("ph_like", Kind.TRUTH, reads=names_for("ph_like"), at_diagnosis=True)
def ph_like(view: View) -> Fact[object]:
    """Whether the leukaemia is BCR::ABL1-like: by its code, its signature, an ABL-class fusion or another driver of it.

    By definition it is not where BCR::ABL1 itself is there. Unknown: not tested.
    """
    derived = by_tests(view, "ph_like")
    found = (_abl_class_told(view), view.fact("crlf2_r"))
    drivers = [fact for fact in (*found, by_tests(view, "jak_stat"), by_tests(view, "par1_del")) if fact.value is True]
    itself = view.fact("ph")
    if itself.value == "positive":
        if derived.value is True:
            evidence = (*derived.evidence, *itself.evidence)
            report(view, evidence, "BCR::ABL1-like and BCR::ABL1 exclude each other")
            derived = conflicting(evidence, "ph_like", rule="definition")
        else:
            derived = _computed(False, itself)  # noqa: FBT003
    elif drivers and derived.value is not True:
        discordant = ("discordant",) if derived.value is False else ()
        derived = _computed(True, *drivers).flagged(*discordant)  # noqa: FBT003
    return stated_or(view, "ph_like", derived)


def _abl_class_told(view: View) -> Fact[object]:
    """Return the fusions of the class as they were found or stated, that of PDGFRB among them."""
    found = genetic_fact(view, "abl_class")
    part = marker_statement(view, "pdgfrb_r", "pdgfrb_r")
    if part is None or part.value is not True or found.is_known:
        return found
    return _computed(True, part)  # noqa: FBT003


@derive("abl_class", Kind.TRUTH, reads=names_for("abl_class"), at_diagnosis=True)
def abl_class(view: View) -> Fact[object]:
    """Whether there is a fusion of ABL1 (partner not BCR), ABL2, PDGFRA, PDGFRB or CSF1R.

    Such a leukaemia is BCR::ABL1-like: where it is not, there is no such fusion. Unknown: not tested.
    """
    found = _abl_class_told(view)
    wider = view.fact("ph_like")
    return _computed(False, wider) if not found.is_known and wider.value is False else found  # noqa: FBT003


@derive("crlf2_r", Kind.TRUTH, reads=names_for("crlf2_r"), at_diagnosis=True)
def crlf2_r(view: View) -> Fact[object]:
    """Whether CRLF2 is rearranged: IGH::CRLF2, or P2RY8::CRLF2, which a deletion of PAR1 makes. Unknown: not tested."""
    return _or_by(view, "crlf2_r", by_tests(view, "par1_del"))


@derive("hlf_r", Kind.TRUTH, reads=names_for("hlf_r"), at_diagnosis=True)
def hlf_r(view: View) -> Fact[object]:
    """Whether HLF is rearranged, with TCF3 or another gene. Unknown: not tested; TCF3::HLF alone excluded."""
    return _or_by(view, "hlf_r", view.fact("tcf3_hlf"))


def _or_by(view: View, name: str, special: Fact[object]) -> Fact[object]:
    """Return a marker, present also where a special case of it is."""
    found = genetic_fact(view, name)
    return _computed(True, special) if not found.is_known and special.value is True else found  # noqa: FBT003


# ---------------------------------------------------------------- chromosome 21


@derive("iamp21", Kind.TRUTH, reads=names_for("iamp21"), at_diagnosis=True)
def iamp21(view: View) -> Fact[object]:
    """Whether chromosome 21 is amplified within itself: by name, by the code of the disease, or by RUNX1 signals in FISH.

    Unknown: not tested; suspected by a karyotype only; signals that as many whole chromosomes 21 explain. Source:
    limits/genetics.yaml.
    """
    derived = by_tests(view, "iamp21")
    many = view.limits.number("iamp21_from_signals")
    explained = tuple(
        reading.evidence("as many whole chromosomes 21 in the karyotype")
        for reading, karyotype in karyotypes(view)
        if any((clone.copies("21") or 0) >= many for clone in karyotype.leukaemic)
    )
    signals_only = derived.value is True and all(t.source == "fish" for t in tests_of(view, "iamp21") if t.positive)
    if signals_only and derived.rule == "marker" and explained:
        evidence = (*derived.evidence, *explained)
        derived = unknown(Gap.AMBIGUOUS, "iamp21", evidence=evidence, rule="iAMP21", flags=("extra-chromosomes-21",))
    suspected = _suspected_iamp21(view)
    if derived.gap is Gap.NOT_RECORDED and suspected:
        derived = unknown(Gap.AMBIGUOUS, "iamp21", evidence=suspected, rule="iAMP21", flags=("candidate-by-karyotype",))
    return stated_or(view, "iamp21", derived)


def _suspected_iamp21(view: View) -> tuple[Evidence, ...]:
    return tuple(
        reading.evidence("more of chromosome 21 in the karyotype")
        for reading, karyotype in karyotypes(view)
        for clone in karyotype.leukaemic
        if any(change.kind in _MORE_OF_21 and "21" in change.chromosomes for change in clone.changes)
    )


# ---------------------------------------------------------------- IKZF1 and TP53


@derive("ikzf1_del", Kind.TRUTH, reads=names_for("ikzf1_del"), at_diagnosis=True)
def ikzf1_del(view: View) -> Fact[object]:
    """Whether IKZF1 is deleted, in part or in whole. Unknown: not tested."""
    found = genetic_fact(view, "ikzf1_del")
    profile = _plus_told(view)
    return _computed(True, profile) if not found.is_known and profile.value is True else found  # noqa: FBT003


@derive("ikzf1_altered", Kind.TRUTH, reads=names_for("ikzf1_altered"), at_diagnosis=True)
def ikzf1_altered(view: View) -> Fact[object]:
    """Whether IKZF1 is altered, by deletion or mutation. Unknown: one of the two is not excluded."""
    found = genetic_fact(view, "ikzf1_altered")
    parts = (view.fact("ikzf1_del"), by_tests(view, "ikzf1_mut"))
    if found.is_known or found.gap is not Gap.NOT_RECORDED:
        return found
    shown = [fact for fact in parts if fact.value is True]
    if shown or all(fact.value is False for fact in parts):
        return _computed(bool(shown), *(shown or parts))
    evidence = tuple(item for fact in parts for item in fact.evidence)
    return unknown(Gap.NOT_ASSESSABLE if evidence else Gap.NOT_RECORDED, "ikzf1_altered", evidence=evidence, rule="definition")


def _plus_told(view: View) -> Fact[object]:
    """Return IKZF1plus as it was told under this name."""
    return genetic_fact(view, "ikzf1_plus")


@derive("ikzf1_plus", Kind.TRUTH, reads=names_for("ikzf1_plus"), at_diagnosis=True)
def ikzf1_plus(view: View) -> Fact[object]:
    """Whether IKZF1 is deleted together with CDKN2A, CDKN2B, PAX5 or PAR1, and ERG is not.

    An intact IKZF1 alone excludes it. Unknown: one of the other five is not tested.
    """
    told = _plus_told(view)
    own = view.fact("ikzf1_del")
    if told.is_known or told.gap is not Gap.NOT_RECORDED:
        return told
    if own.value is False:
        return _computed(False, own)  # noqa: FBT003
    others = [by_tests(view, name) for name in _BESIDE_IKZF1]
    erg = by_tests(view, "erg_del")
    parts = (own, *others, erg)
    if not all(fact.is_known for fact in parts):
        evidence = tuple(item for fact in parts for item in fact.evidence)
        needs = ("ikzf1_plus",) if own.is_known else ("ikzf1_del", "ikzf1_plus")
        gap = Gap.NOT_ASSESSABLE if evidence else Gap.NOT_RECORDED
        return unknown(gap, *needs, evidence=evidence, rule="definition")
    return _computed(any(fact.value is True for fact in others) and erg.value is False, *parts)


@derive("tp53", Kind.TRUTH, reads=names_for("tp53"), at_diagnosis=True)
def tp53(view: View) -> Fact[object]:
    """Whether TP53 is mutated or deleted in the leukaemia; a germline finding is set aside and flagged. Unknown: not tested."""
    deleted = [tested for tested in tests_of(view, "tp53_del") if tested.positive]
    return stated_or(view, "tp53", by_tests(view, "tp53", *deleted))
