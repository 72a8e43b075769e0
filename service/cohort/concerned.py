"""Most patients of a hospital have no leukaemia: their answer is known from the little that could tell of a disease."""

from __future__ import annotations

from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING

import msgspec
import orjson

from service.cohort.places import in_bundle
from service.consultation import Consultation
from service.facts.catalogue import View
from service.facts.disease import disease_of
from service.facts.disease_names import NOT_ANSWERED
from service.facts.focus import set_aside_other_focus
from service.logic.dates import PartialDate
from service.logic.fact import Gap, unknown
from service.record.bundle import NOTHING, components_in, concept_in
from service.record.codes import concept_of
from service.record.kinds import TYPES
from service.record.reader import read_slices
from service.record.tolerant import Unreadable
from service.record.wanted import LONGEST_SEEN

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from service.consultation import Question
    from service.decisions.bind import Rules
    from service.logic.fact import Fact
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
    record = read_slices(slices, rules.vocabulary, question.as_of, is_past=question.is_past)
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
        deceased=record.deceased,
    )


class _Diagnosed(msgspec.Struct, gc=False):
    """What a Condition may say of a disease: its code, and extensions, in which profiles write a histology."""

    code: msgspec.Raw = NOTHING
    extension: msgspec.Raw = NOTHING


_diagnosed = msgspec.json.Decoder(_Diagnosed).decode
_UNREADABLE = (msgspec.DecodeError, orjson.JSONDecodeError, RecursionError, UnicodeDecodeError, Unreadable)


def is_silent(key: str, slices: Sequence[Slice], terms: Terms) -> bool:
    """Return whether a record surely names no leukaemia: one Patient of this id, and Conditions alone whose codes name none.

    Such a record is that of one patient, and nobody need read it. False for whatever else may be there.
    """
    persons = 0
    for slice_ in slices:
        head = slice_.head
        if head is None or slice_.history or slice_.deleted or in_bundle(slice_.place)[1]:
            return False
        if head.resourceType == "Patient":
            if head.id != key:
                return False
            persons += 1
        elif head.resourceType != "Condition" or not _is_of_something_else(slice_.raw, terms):
            return False
    return persons == 1


def _is_of_something_else(raw: msgspec.Raw, terms: Terms) -> bool:
    try:
        found = _diagnosed(raw)
        if found.extension is not NOTHING or found.code is NOTHING or len(code := bytes(found.code)) > LONGEST_SEEN:
            return False
        return _names_no_disease(code, terms)
    except _UNREADABLE:
        return False


@lru_cache(maxsize=8_192)
def _names_no_disease(code: bytes, terms: Terms) -> bool:
    """Return whether a Condition of this code names no disease of ours. Raises: Unreadable and others for what is no concept."""
    concept = orjson.loads(code)
    if not isinstance(concept, dict):
        return False
    return all(disease_of(frozenset({name})) is None for name in concept_of(concept, terms, "code.").concepts)


def silent_answer(key: str, rules: Rules, question: Question) -> Consultation:
    """Return what `consult` says of a silent record, as far as a cohort asks: that no disease is recorded."""
    return Consultation(
        patient=f"Patient/{key}",
        question=question,
        knowledge_version=rules.library.version,
        knowledge_digest=rules.library.digest,
        facts=_NO_DISEASE,
        problems=(),
    )


_NO_DISEASE: Mapping[str, Fact[object]] = MappingProxyType({DISEASE: unknown(Gap.NOT_RECORDED, DISEASE, rule=DISEASE)})


def may_tell_of_disease(head: Head, terms: Terms) -> bool:
    """Return whether the disease may be read from a resource, or from others only with it."""
    if head.resourceType in _BESIDE:
        return True
    if head.resourceType != "Observation":
        return head.resourceType not in TYPES  # any other type becomes neither a diagnosis nor a result
    if head.code is NOTHING or _may_be_histology(bytes(head.code), terms) or head.hasMember is not NOTHING:
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
