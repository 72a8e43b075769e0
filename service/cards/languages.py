"""The words of the cards in every language: English is the reference, each other file is checked against it line by line."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from string import Formatter
from typing import TYPE_CHECKING, Any, Final

from pydantic import ValidationError

from service.cards.wording import FILE, Wording, load_wording
from service.errors import Fault, KnowledgeError
from service.knowledge.complaints import faults_of
from service.knowledge.strict_yaml import read_yaml

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from service.knowledge.strict_yaml import Document
    from service.knowledge.strict_yaml import Path as Place

REFERENCE: Final = "en"
LANGUAGES: Final = (REFERENCE, "es")
"""The languages that cards and pages speak, the reference first."""

FOLDER = FILE.parent

# What holds no words stands in the reference alone, so that no language can show other facts, fewer trials or another code.
_SHARED: Final[Mapping[str, tuple[str, ...]]] = {
    "": ("version", "override_reasons"),
    "topics.profile": ("code",),
    "topics.gaps": ("code",),
    "topics.conflict": ("code",),
    "topics.trial": ("code",),
    "profile": ("longest_summary", "needs_named", "facts", "asked", "when_true", "recorded_systems"),
    "therapy": ("evidence_lines", "open_lines"),
    "order": ("rows", "needs_named", "warns", "warns_without_all", "topic", "topic_warning"),
    "trial": ("sites", "unconfirmed", "registry_page"),
    "gaps": ("listed", "suggested", "decided"),
    "conflict": ("listed",),
}
# What each language has for itself.
_OWN = frozenset({"language", "review", "not_reviewed", "never_cut_off", "reason_words"})


@cache
def load_wordings(folder: Path = FOLDER) -> Mapping[str, Wording]:
    """Return the words of each language, the reference first.

    Raises: KnowledgeError listing every fault of the first file that has one.
    """
    reference = load_wording(folder / FILE.name)
    found = {REFERENCE: reference}
    for language in LANGUAGES[1:]:
        found[language] = _translated(folder / f"wording.{language}.yaml", language, reference)
    return found


def _translated(path: Path, language: str, reference: Wording) -> Wording:
    document = read_yaml(path.read_bytes(), path.name)
    faults = list(document.faults)
    given = document.value
    if isinstance(given, dict):
        faults += _shared_again(document)
        given = _with_shared(given, reference.model_dump(mode="json"))
    try:
        wording = Wording.model_validate(given)
    except ValidationError as error:
        raise KnowledgeError((*faults, *faults_of(error, document, Wording))) from None
    if wording.language != language or wording.review == "reference":
        faults.append(Fault(_where(document, ("language",)), f"this file is the {language} translation of {FILE.name}"))
    if lacking := sorted(set(reference.override_reasons) - wording.reason_words.keys()):
        faults.append(Fault(_where(document, ("reason_words",)), f"reasons without words: {', '.join(lacking)}"))
    faults += [
        Fault(_where(document, place), f"{'.'.join(map(str, place))}: {said}", f"compare {FILE.name}")
        for place, said in differences(_words_of(reference), _words_of(wording))
    ]
    if faults:
        raise KnowledgeError(tuple(faults))
    # Trials, products and what the record says may keep English words: what denies in them is kept as well.
    kept = tuple(dict.fromkeys((*wording.never_cut_off, *reference.never_cut_off)))
    return wording.model_copy(update={"never_cut_off": kept})


def _words_of(wording: Wording) -> dict[str, Any]:
    return {name: part for name, part in wording.model_dump(mode="json").items() if name not in _OWN}


def _shared_again(document: Document) -> Iterator[Fault]:
    for part, names in _SHARED.items():
        row = _part(document.value, part)
        for name in names if isinstance(row, dict) else ():
            if name in row:
                place = (*filter(None, part.split(".")), name)
                yield Fault(_where(document, place), f"`{name}` holds no words", f"it stands in {FILE.name} alone")


def _with_shared(given: Any, reference: Any, part: str = "") -> Any:  # noqa: ANN401 - as YAML gives it
    """Return what the file says, with what holds no words from the reference."""
    if not isinstance(given, dict):
        return given
    filled = {
        name: _with_shared(value, reference.get(name), f"{part}.{name}".lstrip(".")) if isinstance(reference, dict) else value
        for name, value in given.items()
    }
    return {**filled, **{name: reference[name] for name in _SHARED.get(part, ())}}


def _part(value: Any, part: str) -> Any:  # noqa: ANN401 - as YAML gives it
    for name in filter(None, part.split(".")):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _where(document: Document, place: Place) -> str:
    return f"{document.file}:{document.line(place)}"


def differences(one: Any, other: Any, place: Place = ()) -> Iterator[tuple[Place, str]]:  # noqa: ANN401 - texts, lists, maps
    """Yield where a translation has another shape than the reference: keys, length, what is filled in, what is no word."""
    if isinstance(one, dict) and isinstance(other, dict):
        for name in [*one, *(name for name in other if name not in one)]:
            if name in one and name in other:
                yield from differences(one[name], other[name], (*place, name))
            else:
                yield (*place, name), "stands in one language only"
    elif isinstance(one, list) and isinstance(other, list):
        if len(one) != len(other):
            yield place, f"{len(one)} are wanted, {len(other)} stand here"
        for number, (left, right) in enumerate(zip(one, other, strict=False)):
            yield from differences(left, right, (*place, number))
    elif isinstance(one, str) and isinstance(other, str) and (said := _difference(one, other, place)):
        yield place, said


def _difference(one: str, other: str, place: Place) -> str:
    if place[-1:] in {("fact",), ("beside",)}:
        return "" if one == other else f"the fact {one} is wanted here"
    if bool(one) != bool(other):
        return "is empty in one language only"
    names = ", ".join(f"{{{name}}}" for name in sorted(_filled(one) ^ _filled(other)))
    return f"{names}: filled in in one language only" if names else ""


def _filled(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}
