"""Genomic variants as reports write them: which fusion of ALL they are about, and whether it is present."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from service.facts.choose import every_reading

if TYPE_CHECKING:
    from service.facts.catalogue import View
    from service.record.record import Reading

# marker → the pair of genes whose fusion it is
_PAIRS: dict[str, frozenset[str]] = {
    "ph": frozenset({"gene-bcr", "gene-abl1"}),
    "etv6_runx1": frozenset({"gene-etv6", "gene-runx1"}),
    "tcf3_pbx1": frozenset({"gene-tcf3", "gene-pbx1"}),
    "tcf3_hlf": frozenset({"gene-tcf3", "gene-hlf"}),
    "kmt2a_r": frozenset({"gene-kmt2a", "gene-aff1"}),
}
_NAMED: dict[str, str] = {
    "marker-ph": "ph",
    "marker-etv6-runx1": "etv6_runx1",
    "marker-tcf3-pbx1": "tcf3_pbx1",
    "marker-tcf3-hlf": "tcf3_hlf",
    "marker-kmt2a-r": "kmt2a_r",
}
ISCN = re.compile(r"(?:^|[\s\"'|;])\d{2}(?:~\d{2})?(?:<\d+n>)?,\s?[XY?]{1,3}")


@dataclass(frozen=True, slots=True)
class Variant:
    """One variant Observation about one marker; `present` None where it does not say."""

    marker: str
    present: bool | None
    by_karyotype: bool
    reading: Reading


def variants(view: View) -> tuple[Variant, ...]:
    """Return the variants that are about a fusion of ALL; germline findings and implications are never among them."""
    remembered = view.memory.get("variants")
    if remembered is None:
        remembered = view.memory["variants"] = tuple(
            variant for reading in every_reading(view) if "genetic-variant" in reading.concepts for variant in _read(reading)
        )
    return remembered  # type: ignore[return-value]  # put there two lines above


def _read(reading: Reading) -> list[Variant]:
    if any("source-germline" in component.answers for component in reading.components):
        return []
    karyotypes = [
        c for c in reading.components if "component-iscn" in c.concepts and (ISCN.search(_said(c)) or "marker-ph" in c.named)
    ]
    answer = answer_of(reading)
    shown = {_NAMED[name] for karyotype in karyotypes for name in karyotype.named if name in _NAMED}
    by_karyotype = {marker: marker in shown and answer is not False for marker in ("ph", *shown)} if karyotypes else {}
    found = [Variant(marker, present, by_karyotype=True, reading=reading) for marker, present in by_karyotype.items()]
    genes, names = _parts(reading)
    others = sorted(_markers(genes, names) - by_karyotype.keys())
    return found + [Variant(marker, _told(marker, answer, genes), by_karyotype=False, reading=reading) for marker in others]


def _told(marker: str, answer: bool | None, genes: set[str]) -> bool | None:  # noqa: FBT001 - the answer itself, not a switch
    """Return the answer; None where only one partner of KMT2A is absent, which excludes no other partner."""
    return None if answer is False and marker == "kmt2a_r" and genes >= _PAIRS[marker] else answer


def _said(component: Reading) -> str:
    return " ".join((component.words, *(code for _, code in component.coded)))


def _parts(reading: Reading) -> tuple[set[str], set[str]]:
    """Return the concepts of genes and the names that a variant and its components hold."""
    genes: set[str] = set()
    names: set[str] = set(reading.named)
    for component in reading.components:
        if "component-medication-assessed" in component.concepts:
            continue
        genes |= component.answers | {name for name in component.named if name.startswith("gene-")}
        names |= component.named | component.answers
    if "marker-ph-like" in names:
        names.discard("marker-ph")
    return genes, names


def _markers(genes: set[str], names: set[str]) -> set[str]:
    return {marker for marker, pair in _PAIRS.items() if pair <= genes} | {_NAMED[name] for name in names if name in _NAMED}


def answer_of(reading: Reading) -> bool | None:
    """Return whether the described variant is present; None without a clear value."""
    positive, negative = "answer-positive" in reading.answers, "answer-negative" in reading.answers
    if positive is not negative:
        return positive
    if positive or not reading.answers.isdisjoint({"answer-indeterminate", "answer-no-call"}):
        return None
    return {"positive": True, "negative": False}.get(reading.says or "")
