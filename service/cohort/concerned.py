"""Most patients of a hospital have no leukaemia: their answer is known from the little that could tell of a disease."""

from __future__ import annotations

from collections import Counter
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
    """Return what `consult` says of a record that shows no ALL, the fact of the disease alone; None where it may show one.

    The fact of the disease rests on Conditions and on histology, so that thousands of other results need not be read.
    Raises: RecordError as reading the whole record does.
    """
    record = read_slices(telling_of_disease(slices, rules.vocabulary.terms), rules.vocabulary, question.as_of)
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


def telling_of_disease(slices: Sequence[Slice], terms: Terms) -> tuple[Slice, ...]:
    """Return the resources from which the disease is read, and those on which it depends whether they count.

    These are also all versions of a resource of which there are several, and one resource for each patient that is referred to.
    """
    names = Counter((slice_.head.resourceType, slice_.head.id) for slice_ in slices if slice_.head is not None)
    owners: set[bytes] = set()
    found: list[Slice] = []
    for slice_ in slices:
        head = slice_.head
        if head is None or slice_.history or slice_.deleted or (head.id and names[head.resourceType, head.id] > 1):
            found.append(slice_)
            continue
        owner = bytes(head.subject if head.patient is NOTHING else head.patient)
        if owner not in owners or _may_tell(head, terms):
            owners.add(owner)
            found.append(slice_)
    return tuple(found)


def _may_tell(head: Head, terms: Terms) -> bool:
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
