"""Most patients of a hospital have no leukaemia: their answer is known from the little that could tell of a disease."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from service.consultation import Consultation
from service.consultation.consult import NOT_ANSWERED
from service.facts.catalogue import View
from service.facts.focus import set_aside_other_focus
from service.logic.dates import PartialDate
from service.record.bundle import NOTHING, components_in, concept_in
from service.record.reader import read_slices

if TYPE_CHECKING:
    from collections.abc import Sequence

    from service.consultation import Question
    from service.decisions.bind import Rules
    from service.record.bundle import Head, Slice
    from service.record.vocabulary import Terms

DISEASE = "disease"
HISTOLOGY = "histology-observation"  # the one result that tells a disease
_BESIDE = frozenset({"Patient", "Condition", "DiagnosticReport", "Specimen", "Medication"})  # always looked at


def answer_without_all(slices: Sequence[Slice], rules: Rules, question: Question) -> Consultation | None:
    """Return what `consult` says of a record that shows no ALL, the fact of the disease alone; None where it shows one.

    `slices`: all that may tell of the disease, with every version of these. The fact of the disease rests on Conditions and on
    histology, so that thousands of other results need not be read.
    Raises: RecordError as reading the whole record does.
    """
    record = read_slices(slices, rules.vocabulary, question.as_of)
    view = View(record, rules.limits_on(question.as_of, question.known_by), PartialDate.of_day(question.as_of))
    set_aside_other_focus(view)
    disease = view.fact(DISEASE)
    if disease.is_known and disease.value not in NOT_ANSWERED:
        return None
    return Consultation(
        patient=record.reference,
        question=question,
        knowledge_version=rules.library.version,
        knowledge_digest=rules.library.digest,
        facts={DISEASE: disease},
        risk_groups=(),
        therapies=(),
        needs=(),
        problems=record.problems,
    )


def may_tell_of_disease(head: Head, terms: Terms) -> bool:
    """Return whether the disease may be read from a resource, or from others only with it."""
    if head.resourceType in _BESIDE:
        return True
    if head.resourceType != "Observation":
        return False  # becomes neither a diagnosis nor a result
    if head.code is NOTHING or _may_be_histology(bytes(head.code), terms):
        return True
    if head.component is NOTHING:
        return False
    parts = components_in(head.component)
    return parts is None or any(part.code is NOTHING or _may_be_histology(bytes(part.code), terms) for part in parts)


@lru_cache(maxsize=8_192)
def _may_be_histology(code: bytes, terms: Terms) -> bool:
    concept = concept_in(code)
    if concept is None:
        return True
    words = [word for word in (concept.text, *(coding.display for coding in concept.coding)) if word]
    said = [*words, " | ".join(words)]
    return any(HISTOLOGY in terms.concepts_of(coding.system, coding.code or "") for coding in concept.coding) or any(
        HISTOLOGY in terms.names_in(word) for word in said
    )
