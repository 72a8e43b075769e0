"""How sure a diagnosis is, as German systems write it: a letter beside the ICD-10-GM code (Diagnosesicherheit), or behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.record.tolerant import mapping, mappings, text

if TYPE_CHECKING:
    from service.record.tolerant import Json
    from service.record.vocabulary import Terms

OVER_LETTER = "status-resolved"
"""The concept of the letter of what was there and is over."""
LETTERS = {"verification-confirmed": "confirmed", "verification-refuted": "refuted", OVER_LETTER: "confirmed"}
"""The verification status of FHIR that the concept of a letter stands for; any other letter leaves it unconfirmed."""
_CERTAINTY = "icd-10-gm-certainty"


def letters_of(resource: Json, terms: Terms) -> set[str]:
    """Return the concepts of the letters that say how sure German codes are, each beside its code or behind it.

    '' stands for one beside a code that is missing or unknown; behind a code other letters may stand, such as that of a side.
    """
    found: set[str] = set()
    for position, coding in mappings(mapping(resource, "code"), "coding", "code."):
        path = f"code.coding[{position}]."
        if (written := text(coding, "code", path))[-1:].isalpha():
            letters = terms.letters_behind(text(coding, "system", path), written)
            found.update(concept for letter in letters for concept in terms.concepts_of(_CERTAINTY, letter))
        if "extension" in coding:
            found |= _beside(coding, path, terms)
    return found


def _beside(coding: Json, path: str, terms: Terms) -> set[str]:
    found: set[str] = set()
    for number, extension in mappings(coding, "extension", path):
        here = f"{path}extension[{number}]."
        address = text(extension, "url", here)
        if terms.system_of(address) == _CERTAINTY:
            letter = text(mapping(extension, "valueCoding", here), "code", here) or text(extension, "valueCode", here)
            found.update(terms.concepts_of(address, letter) or ("",))
    return found
