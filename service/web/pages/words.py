"""The words of the pages: one catalogue for each language, read once.

Each key stands in every language; what stands in one only stops the start.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from service.cards.languages import LANGUAGES, load_wordings
from service.errors import Fault, KnowledgeError
from service.knowledge.complaints import faults_of
from service.knowledge.strict_yaml import read_yaml
from service.web.pages.catalogue import Catalogue

if TYPE_CHECKING:
    from collections.abc import Mapping

    from service.cards.wording import Wording
    from service.web.pages.catalogue import Words

FOLDER = Path(__file__).with_name("words")


@cache
def load_words(folder: Path = FOLDER) -> dict[str, Catalogue]:
    """Return the catalogue of each language.

    Raises: KnowledgeError listing every fault of the files.
    """
    wordings = load_wordings()
    found = {}
    faults: list[Fault] = []
    for language in LANGUAGES:
        try:
            found[language] = _catalogue(folder, language, wordings[language])
        except KnowledgeError as error:
            faults.extend(error.faults)
    if faults:
        raise KnowledgeError(tuple(faults))
    refuse_unequal(found, "words/")
    return found


def _catalogue(folder: Path, language: str, wording: Wording) -> Catalogue:
    path = folder / f"{language}.yaml"
    document = read_yaml(path.read_bytes(), f"words/{path.name}")
    if document.faults:
        raise KnowledgeError(tuple(document.faults))
    value = document.value
    if isinstance(value, dict) and "terms" in value:
        place = f"words/{path.name}:{document.line(('terms',))}"
        raise KnowledgeError(
            (Fault(place, "`terms` are the words of the cards", f"they stand in wording.{language}.yaml alone"),)
        )
    try:
        return Catalogue.model_validate({**value, "terms": _terms(wording)} if isinstance(value, dict) else value)
    except ValidationError as error:
        raise KnowledgeError(tuple(faults_of(error, document, Catalogue))) from None


def _terms(wording: Wording) -> dict[str, object]:
    """Return the clinical words that the cards use: the pages say the same."""
    return {
        "joined_by": wording.profile.joined_by,
        "summary": [row.model_dump() for row in wording.profile.summary],
        "facts": dict(wording.facts),
        "units": dict(wording.units),
        "values": dict(wording.values),
        "flags": dict(wording.flags),
        "gaps": dict(wording.gaps.gaps),
        "recruitment": dict(wording.trial.statuses),
        "levels": dict(wording.therapy.levels),
        "true_word": wording.true_word,
        "false_word": wording.false_word,
        "contradictory": wording.contradictory,
        "not_reviewed": wording.not_reviewed if wording.review == "translated" else "",
    }


def refuse_unequal(found: Mapping[str, Words], where: str) -> None:
    """Raise KnowledgeError with each key that stands in one language only. `where`: how the names of their files begin."""
    first, *others = LANGUAGES
    unequal = [
        Fault(f"{where}{language}", f"{name} is {said} in one language only", "each key stands in every language")
        for language in others
        for name, said in _differences(found[first].model_dump(), found[language].model_dump(), "")
    ]
    if unequal:
        raise KnowledgeError(tuple(unequal))


def _differences(one: object, other: object, name: str) -> list[tuple[str, str]]:
    """Return the names under which only one of two catalogues has a text."""
    if isinstance(one, dict) and isinstance(other, dict):
        alone = [(f"{name}.{key}".lstrip("."), "a key") for key in sorted(one.keys() ^ other.keys())]
        return alone + [
            found for key in one.keys() & other.keys() for found in _differences(one[key], other[key], f"{name}.{key}")
        ]
    if isinstance(one, tuple | list) and isinstance(other, tuple | list):
        if len(one) != len(other):
            return [(name.lstrip("."), "a list of another length")]
        return [
            found
            for place, (left, right) in enumerate(zip(one, other, strict=True))
            for found in _differences(left, right, f"{name}.{place}")
        ]
    return []
