"""Genomic variants as reports write them: which marker of ALL they are about, and whether it is present."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from service.facts.choose import with_concept
from service.facts.measured import in_unit
from service.facts.notation import notation
from service.facts.per_view import per_view
from service.logic.truth import Truth

if TYPE_CHECKING:
    from service.facts.catalogue import View
    from service.facts.notation import Notation
    from service.logic.interval import Interval
    from service.record.record import Reading

# concept of a name or a test → the markers that it is about; those without a fact of their own serve others
NAMED: dict[str, tuple[str, ...]] = {
    "marker-ph": ("ph",),
    "marker-ph-like": ("ph_like",),
    "marker-abl-class": ("abl_class",),
    "marker-crlf2-r": ("jak_stat", "crlf2_r"),
    "marker-kmt2a-r": ("kmt2a_r",),
    "marker-etv6-runx1": ("etv6_runx1",),
    "marker-tcf3-pbx1": ("tcf3_pbx1",),
    "marker-tcf3-hlf": ("tcf3_hlf",),
    "marker-double-trisomy": ("double_trisomy",),
    "marker-trisomy-4": ("trisomy_4",),
    "marker-trisomy-10": ("trisomy_10",),
    "marker-high-hyperdiploidy": ("high_hyperdiploidy",),
    "marker-masked-hypodiploidy": ("masked_hypodiploidy",),
    "marker-loss-of-heterozygosity": ("loss_of_heterozygosity",),
    "marker-hypodiploidy-lt44": ("hypodiploidy_lt44",),
    "marker-hypodiploidy-lt40": ("hypodiploidy_lt40",),
    "marker-very-hypodiploid": ("hypodiploidy_lt40",),
    "marker-iamp21": ("iamp21",),
    "marker-ikzf1-del": ("ikzf1_del",),
    "marker-ikzf1-plus": ("ikzf1_plus",),
    "marker-cdkn2a-del": ("cdkn2a_del",),
    "marker-cdkn2b-del": ("cdkn2b_del",),
    "marker-cdkn2ab-del": ("cdkn2a_del", "cdkn2b_del"),
    "marker-pax5-del": ("pax5_del",),
    "marker-par1-del": ("par1_del",),
    "marker-erg-del": ("erg_del",),
    "marker-tp53": ("tp53",),
    "marker-tp53-del": ("tp53_del",),
    "marker-kmt2a-partner": ("kmt2a_r",),
    "marker-abl-partner": ("abl_class",),
    "marker-kmt2a-aff1": ("kmt2a_aff1",),
    "marker-pdgfrb-r": ("pdgfrb_r",),
    "marker-crlf2-partner": ("jak_stat", "crlf2_r"),
    "marker-znf384-r": ("znf384_r",),
    "marker-znf384-partner": ("znf384_r",),
    "marker-mef2d-r": ("mef2d_r",),
    "marker-mef2d-partner": ("mef2d_r",),
    "marker-dux4-r": ("dux4_r",),
    "marker-igh-r": ("igh_r",),
    "marker-igh-partner": ("igh_r",),
    "marker-hlf-r": ("hlf_r",),
    "marker-myc-r": ("myc_r",),
    "marker-igh-crlf2": ("jak_stat", "crlf2_r", "igh_r"),
    "marker-igh-dux4": ("dux4_r", "igh_r"),
    "marker-igh-myc": ("myc_r", "igh_r"),
    "marker-pax5-alt": ("pax5_alt",),
    "marker-pax5-p80r": ("pax5_p80r",),
    "marker-pax5-amp": ("pax5_amp",),
    "marker-complex-karyotype": ("complex_karyotype",),
    "marker-ikzf1-altered": ("ikzf1_altered",),
    "marker-ikzf1-mut": ("ikzf1_mut",),
    "etv6-runx1-rtpcr": ("etv6_runx1",),
    "kmt2a-aff1-rtpcr": ("kmt2a_r",),
}
# one fusion out of several of the marker: that it is absent excludes no other
_ONE_OF_SEVERAL = frozenset(
    {
        "marker-kmt2a-partner", "marker-abl-partner", "marker-crlf2-partner", "kmt2a-aff1-rtpcr", "marker-znf384-partner",
        "marker-mef2d-partner", "marker-very-hypodiploid",
        "marker-igh-partner", "marker-igh-crlf2", "marker-igh-dux4", "marker-igh-myc",
    }
)  # fmt: skip
_ONE_DRIVER = frozenset({("marker-crlf2-r", "jak_stat")})  # without CRLF2 another driver may be there
_DELETED = {
    "IKZF1": "ikzf1_del",
    "CDKN2A": "cdkn2a_del",
    "CDKN2B": "cdkn2b_del",
    "PAX5": "pax5_del",
    "ERG": "erg_del",
    "TP53": "tp53_del",
}
_MUTATED = {"TP53": "tp53", "IKZF1": "ikzf1_mut"}
_JOINED = frozenset({"change-gene-fusion", "change-transcript-fusion", "change-translocation"})
_COPIES = frozenset({"change-copy-number-gain", "change-copy-number-loss"})
_NOTATION = frozenset({"component-protein-hgvs", "component-coding-hgvs", "component-genomic-hgvs"})
_FUSING = "::"  # between two genes, in the notation of sequences too
_GERMLINE = "genomic-source-germline"
_MOST_OF_ONE = 2  # genes that one change joins; a list of more is what was looked at
_NO_MEANING = "significance-not-pathogenic"
_SILENT = frozenset({"component-medication-assessed", "component-associated-phenotype", "component-iscn"})
_PAIR = re.compile(r"(?<![\w:])([A-Z][A-Z0-9]{1,11})::([A-Z][A-Z0-9]{1,11})(?![\w:]|-like)")
_SYMBOL = re.compile(r"[A-Z][A-Z0-9]{1,11}\Z")
_CHROMOSOME = re.compile(r"(?:chr(?:omosome)?\.?\s*)?(\d{1,2}|X|Y)\Z", re.IGNORECASE)


def names_for(marker: str) -> tuple[str, ...]:
    """Return the concepts of the names and tests that are about a marker."""
    return tuple(concept for concept, markers in NAMED.items() if marker in markers)


def told_of_marker(concept: str, marker: str, answer: bool | None) -> bool | None:  # noqa: FBT001 - the answer itself
    """Return what an answer under a name says of a marker: that one of several is absent excludes no other."""
    several = concept in _ONE_OF_SEVERAL or (concept, marker) in _ONE_DRIVER
    return None if answer is False and several else answer


class Variant(msgspec.Struct, frozen=True, gc=False):
    """One variant Observation about one marker; `present` None where it does not say."""

    marker: str
    present: bool | None
    reading: Reading
    germline: bool = False


@per_view
def variants(view: View) -> tuple[Variant, ...]:
    """Return the variants about markers of ALL, those of the germline marked as such; implications are not among them."""
    return tuple(variant for reading in with_concept(view, "genetic-variant") for variant in _read(view, reading))


def of_germline(reading: Reading) -> bool:
    """Return whether a result is about the constitution of the patient, not about the leukaemia."""
    return any(
        "source-germline" in part.answers | part.concepts | part.named
        or ("component-genomic-source" in part.concepts and _GERMLINE in part.answers | part.named)
        for part in (reading, *reading.components)
    )


def answer_of(reading: Reading) -> bool | None:
    """Return whether what is described is present; None without a clear value."""
    positive, negative = "answer-positive" in reading.answers, "answer-negative" in reading.answers
    if (positive and negative) or not reading.answers.isdisjoint({"answer-indeterminate", "answer-no-call"}):
        return None
    if positive is not negative:
        return positive
    return {"positive": True, "negative": False}.get(reading.says or "")


@dataclass(frozen=True, slots=True)
class _Parts:
    """What a variant and its components name; a gene that is not on file stands as it is written."""

    genes: frozenset[str]
    pairs: tuple[frozenset[str], ...]
    names: frozenset[str]
    changes: frozenset[str]
    copies: Interval | None
    chromosome: str
    mutation: bool  # a change within a gene is written out

    @property
    def is_panel(self) -> bool:
        """Whether so many genes are named that these are what was looked at, not what was found."""
        return len(self.genes) > _MOST_OF_ONE and not self.pairs


Told = dict[str, bool | None]


def _read(view: View, reading: Reading) -> list[Variant]:
    parts, present = _parts(reading), answer_of(reading)
    if parts.is_panel and present:
        present = None
    found: Told = _by_its_words(reading) if present is None and not reading.answers else {}
    for told in (
        _fused(notation(view), parts, present),
        _deleted(view, parts, present),
        _counted(view, reading, parts),
        _mutated(parts, None if present and _means_nothing(reading) else present),
        _named(parts, present),
    ):
        found = told | found  # what was found first says more
    if "marker-ph-like" in parts.names:
        found.pop("ph", None)
    if present:
        found |= dict.fromkeys(_denied(reading) & found.keys())
    germline = of_germline(reading)
    return [Variant(marker, told, reading, germline) for marker, told in found.items()]


def _by_its_words(reading: Reading) -> Told:
    """Return what the words of a variant without a coded answer say of each marker that they name."""
    found: Told = {}
    for concept, finding in reading.findings:
        answer = {"positive": True, "negative": False}.get(finding.answer or "")
        if answer is not None and not finding.contradictory:
            found |= {marker: told_of_marker(concept, marker, answer) for marker in NAMED.get(concept, ())}
    return found


def _denied(reading: Reading) -> set[str]:
    """Return the markers that the words of a variant or of one of its components deny."""
    return {
        marker
        for part in (reading, *reading.components)
        for concept, finding in part.findings
        if finding.answer == "negative"
        for marker in NAMED.get(concept, ())
    }


def _means_nothing(reading: Reading) -> bool:
    """Return whether a variant is said to be benign, or of a significance that nobody knows."""
    return any(
        "component-clinical-significance" in part.concepts and _NO_MEANING in part.answers | part.named
        for part in reading.components
    )


def _parts(reading: Reading) -> _Parts:
    """Return what a variant names; neither its karyotype, which is read apart, nor drugs and phenotypes assessed for it."""
    parts = [part for part in reading.components if _SILENT.isdisjoint(part.concepts)]
    genes: set[str] = set()
    names: set[str] = set(reading.named)
    pairs = _pairs(f"{reading.text} {reading.words}")
    for part in parts:
        known = {_symbol(name) for name in part.answers | part.named if name.startswith("gene-")}
        written = " ".join((part.words, *(code for _, code in part.coded)))
        if "component-gene-studied" in part.concepts and not known and _SYMBOL.match(part.words):
            known = {part.words}
        if "component-gene-fusion" in part.concepts and known:
            pairs.append(frozenset(known | (set() if len(known) > 1 else {_PARTNER})))
        genes |= known
        names |= part.named | part.answers
        pairs += _pairs(written)
    return _Parts(
        frozenset(genes),
        tuple(pairs),
        frozenset(names),
        frozenset(name for name in names if name.startswith("change-")),
        next((copies for part in parts if "component-copy-number" in part.concepts and (copies := _number(part))), None),
        next((found[1] for part in parts if "component-chromosome" in part.concepts and (found := _whole(part))), ""),
        any(not _NOTATION.isdisjoint(part.concepts) and _FUSING not in part.words for part in parts),
    )


_PARTNER = "another gene"


def _symbol(concept: str) -> str:
    return concept.removeprefix("gene-").upper()


def _pairs(text: str) -> list[frozenset[str]]:
    return [frozenset(match.groups()) for match in _PAIR.finditer(text)]


def _number(part: Reading) -> Interval | None:
    if part.amount is not None and not part.amount.unit:
        return part.amount.interval
    return in_unit(part, "1")


def _whole(part: Reading) -> re.Match[str] | None:
    return _CHROMOSOME.match(part.words.strip())


def _fused(known: Notation, parts: _Parts, present: bool | None) -> Told:  # noqa: FBT001 - the answer itself, not a switch
    found: Told = {}
    pairs = parts.pairs
    if present is False and parts.mutation:
        present = None  # that a mutation is absent denies no fusion
    listed = parts.is_panel and parts.changes.isdisjoint(_JOINED)
    if not pairs and len(parts.genes) > 1 and parts.changes.isdisjoint(_COPIES) and not listed:
        pairs = (parts.genes,)
    for pair in pairs:
        for marker in known.of_genes(pair):
            # that one partner is absent excludes no other
            found[marker] = None if present is False and not known.has_fixed_partner(marker) else present
    if not pairs and not parts.changes.isdisjoint(_JOINED):
        for gene in parts.genes:
            for marker in known.of_partnerless(gene):
                found[marker] = None if present is False and not known.is_of_one_gene(marker) else present
    return found


def _deleted(view: View, parts: _Parts, present: bool | None) -> Told:  # noqa: FBT001 - the answer itself, not a switch
    if parts.copies is not None:
        fewer = parts.copies.below(view.limits.number("deletion_below_copies"))
        told = {Truth.YES: True, Truth.NO: False}.get(fewer) if present is not False else None
    elif "change-copy-number-loss" in parts.changes:
        told = present
    else:
        return {}
    found: Told = {_DELETED[gene]: told for gene in parts.genes if gene in _DELETED}
    if found.get("tp53_del"):
        found["tp53"] = True
    return found


def _counted(view: View, reading: Reading, parts: _Parts) -> Told:
    """Return iAMP21 by the copies of RUNX1 in a cell, which only FISH counts, and trisomies by copies of a whole chromosome."""
    if parts.copies is None:
        return {}
    if "RUNX1" in parts.genes:
        many = parts.copies.at_least(view.limits.number("iamp21_from_signals"))
        return {"iamp21": {Truth.YES: True, Truth.NO: False}.get(many) if "method-fish" in reading.methods else None}
    if parts.chromosome and not parts.genes:
        three = parts.copies.at_least(view.limits.number("trisomy_from_copies"))
        return {f"trisomy_{parts.chromosome}": {Truth.YES: True, Truth.NO: False}.get(three)}
    return {}


def _mutated(parts: _Parts, present: bool | None) -> Told:  # noqa: FBT001 - the answer itself, not a switch
    copied = parts.copies is not None or not parts.changes.isdisjoint(_COPIES)
    if copied:
        return {}
    told: Told = {marker: present for gene, marker in _MUTATED.items() if gene in parts.genes}
    if "PAX5" in parts.genes and "variant-p80r" in parts.names:
        told["pax5_p80r"] = present
    return told


def _named(parts: _Parts, present: bool | None) -> Told:  # noqa: FBT001 - the answer itself, not a switch
    found: Told = {}
    for name in sorted(parts.names & NAMED.keys()):
        for marker in NAMED[name]:
            found[marker] = told_of_marker(name, marker, present)
    return found
