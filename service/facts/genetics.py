"""Other genetic markers: stated, or told by the code of the disease; a negative needs a statement."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, cast

from service.facts.catalogue import Kind, derive
from service.facts.choose import newest, report, settle, statements
from service.facts.conditions import evidence_of
from service.facts.disease import leukaemias
from service.facts.stated import truth
from service.facts.variants import variants
from service.logic.fact import Fact, Gap, conflicting, known, unknown

if TYPE_CHECKING:
    from service.facts.catalogue import View

# fact → the concepts of diseases that say it is present. SEER's hypodiploidy is wider than every limit used here: not among them.
_BY_DISEASE: dict[str, frozenset[str]] = {
    "ph_like": frozenset({"bcp-all-ph-like"}),
    "abl_class": frozenset(),
    "kmt2a_r": frozenset({"bcp-all-kmt2a", "mpal-kmt2a"}),
    "etv6_runx1": frozenset({"bcp-all-etv6-runx1"}),
    "tcf3_pbx1": frozenset({"bcp-all-tcf3-pbx1"}),
    "tcf3_hlf": frozenset(),
    "double_trisomy": frozenset(),
    "high_hyperdiploidy": frozenset(),
    "hypodiploidy_lt44": frozenset(),
    "hypodiploidy_lt40": frozenset(),
    "iamp21": frozenset({"bcp-all-iamp21"}),
    "ikzf1_del": frozenset(),
    "ikzf1_plus": frozenset(),
    "tp53": frozenset(),
}


def marker_statement(view: View, name: str, marker: str) -> Fact[object] | None:
    """Return the newest explicit statement of a genetic marker; None where nobody stated it."""
    about = [
        reading
        for reading in statements(view, "genetic-marker")
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
        return unknown(Gap.UNREADABLE, name, evidence=evidence, rule="stated")
    if len(values) > 1:
        report(view, evidence, f"Two statements of one day contradict each other: {name.replace('_', ' ')}")
        return conflicting(evidence, name, rule="stated")
    return known(values.pop(), evidence, rule="stated")


def genetic_fact(view: View, name: str) -> Fact[object]:
    """Return whether a marker is present. Unknown: neither stated nor told by the code of the disease."""
    concepts = _BY_DISEASE[name]
    told = tuple(
        evidence_of(diagnosis, "told by the code of the disease")
        for _, diagnosis in leukaemias(view)
        if diagnosis.certain and not concepts.isdisjoint(diagnosis.concepts)
    )
    shown = [variant for variant in variants(view) if variant.marker == name and variant.present is not None]
    present = tuple(v.reading.evidence("variant present") for v in shown if v.present)
    absent = tuple(v.reading.evidence("variant absent") for v in shown if not v.present and not v.by_karyotype)
    derived: Fact[object]
    if told or present:
        derived = known(value=True, evidence=(*told, *present), rule="disease-code" if told else "variant", set_aside=absent)
    elif absent:
        derived = known(value=False, evidence=absent, rule="variant")
    else:
        derived = unknown(Gap.NOT_RECORDED, name, rule="genetics")
    return cast("Fact[object]", settle(view, name, derived, marker_statement(view, name, name)))


for _name in _BY_DISEASE:
    derive(_name, Kind.TRUTH)(partial(genetic_fact, name=_name))
