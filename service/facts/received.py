"""What was not received is no absence: facts that a missing kind of resource could have told are unknown for that reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from service.logic.fact import Evidence, Gap, State, unknown
from service.record.record import ANY_TYPE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from service.logic.fact import Fact
    from service.record.record import PatientRecord, Unread

    Concepts = Mapping[str, frozenset[str]]

MEDICATIONS = frozenset({"MedicationRequest", "MedicationAdministration", "MedicationStatement", "MedicationDispense"})
# A treatment may be told by the drug, the procedure, a condition that follows it, or a statement.
_TREATMENT = MEDICATIONS | {"Procedure", "Condition", "Observation"}
_CONDITION = frozenset({"Condition", "Observation"})
_RESULT = frozenset({"Observation", "DiagnosticReport"})

RESTS_ON: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(
        (
            *("prior_blinatumomab", "prior_inotuzumab", "prior_cd19_car_t", "prior_car_t", "prior_tki", "prior_allo_hsct"),
            *("prior_cytotoxic_chemotherapy", "steroid_pretreatment", "post_hsct_relapse"),
        ),
        _TREATMENT,
    ),
    **dict.fromkeys(
        (
            *("gilbert_syndrome", "down_syndrome", "marrow_failure_syndrome", "charcot_marie_tooth"),
            *("vod_history", "epilepsy_or_neurological_disease", "icans_grade_4"),
        ),
        _CONDITION,
    ),
    "dna_index": _RESULT,
}
"""For each fact whose absence a trial gives a meaning to, the kinds of resources that could have told it."""

TELLING: frozenset[str] = frozenset().union(*RESTS_ON.values())
"""The kinds of resources on which any of them rests."""


def as_received(name: str, fact: Fact[object], unavailable: frozenset[str], gap: Gap = Gap.NOT_RECEIVED) -> Fact[object]:
    """Return the fact; where nothing was recorded, but some of what could tell it was not received, its gap says so.

    `gap`: what is said instead of "not received".
    """
    if fact.state is State.UNKNOWN and fact.gap is Gap.NOT_RECORDED and not unavailable.isdisjoint(RESTS_ON.get(name, ())):
        return replace(fact, gap=gap)
    return fact


def as_far_as_received(
    facts: Mapping[str, Fact[object]], record: PatientRecord, concepts_of: Concepts
) -> dict[str, Fact[object]]:
    """Return the facts; those whose silence may only be that of what did not come, or could not be read, say so.

    `concepts_of`: the concepts that each fact asks a record for.
    """
    told = dict(facts)
    for name in () if TELLING.isdisjoint(record.unavailable) else RESTS_ON:
        told[name] = as_received(name, told[name], record.unavailable)
    if record.unreadable:
        lost = types_lost(record.unreadable)
        for name in RESTS_ON:
            broken = (one for one in record.unreadable if not concepts_of[name].isdisjoint(one.concepts))
            told[name] = as_received(name, unless_broken(name, told[name], broken), lost, Gap.UNREADABLE)
    return told


def unless_broken(name: str, fact: Fact[object], broken: Iterable[Unread]) -> Fact[object]:
    """Return the fact; where nothing was recorded, but something broken is about it, its gap says so."""
    if fact.gap is not Gap.NOT_RECORDED:
        return fact
    seen = tuple(Evidence(one.reference, one.path, None, "could not be read") for one in broken)
    return unknown(Gap.UNREADABLE, *(fact.needs or (name,)), evidence=seen, rule=fact.rule) if seen else fact


def types_lost(broken: Iterable[Unread]) -> frozenset[str]:
    """Return the types of broken resources of which nobody can tell what they were about."""
    lost = frozenset(item.lost for item in broken if item.lost)
    return TELLING if ANY_TYPE in lost else lost
