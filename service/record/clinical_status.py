"""The clinical status of a condition: FHIR's word for it, wherever it stands, and what other words beside it say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.record.codes import coded
from service.record.relapse_words import EARLY_REMISSIONS, FIRST_REMISSION, NOTHING, TOLD
from service.record.vocabulary import is_judgement
from service.record.wanted import names_of

if TYPE_CHECKING:
    from service.record.shelf import Shelf
    from service.record.tolerant import Json

RELAPSED = frozenset({"relapse", "recurrence"})
_WORDS = RELAPSED | {"active", "inactive", "remission", "resolved"}


def clinical_status(resource: Json, shelf: Shelf) -> tuple[str, frozenset[str]]:
    """Return FHIR's word for the status, '' for none, and how other words tell a relapse, or the first remission, as concepts.

    A site may write its own coding first, words alone, or, in older versions, a plain string. Words that plainly tell a relapse,
    or a remission, are the status where no word of FHIR stands there.
    """
    value = resource.get("clinicalStatus")
    if isinstance(value, str):
        return value.lower(), NOTHING
    said = coded(resource, "clinicalStatus", shelf.terms, named=False)
    words = [word for word in said.text.split(" | ") if word]
    status = next((word for word in (*(code for _, code in said.codings), *map(str.lower, words)) if word in _WORDS), "")
    others = [word for word in words if word.lower() != status]
    if not others or status in RELAPSED:
        return status, NOTHING
    told = shelf.vocabulary.relapses.told_in(" | ".join(others))
    if status or told:
        return ("relapse", NOTHING) if told == TOLD and not status else (status, told)
    remission = _remission_in(others, shelf)
    return ("remission" if remission else ""), remission & {FIRST_REMISSION}


def _remission_in(words: list[str], shelf: Shelf) -> frozenset[str]:
    vocabulary = shelf.vocabulary
    named = frozenset(name for word in words for name in names_of(word, vocabulary.terms))
    judged = frozenset(filter(is_judgement, named))
    remission = named & EARLY_REMISSIONS
    return remission if remission and vocabulary.is_plain_judgement(" | ".join(words), judged) else NOTHING
