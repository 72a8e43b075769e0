"""A site's own codes: its mapping file as rows, and what a code that is not understood could mean."""

from __future__ import annotations

import csv
import difflib
import re
from typing import TYPE_CHECKING

from service.errors import Fault, KnowledgeError
from service.knowledge.complaints import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from service.knowledge.schema import CodeSystem, ValueSet
    from service.terminology.terms import SiteRow

HEADER = ("system", "code", "concept")
COMMENT = "#"

_OWN_SYSTEM = "all-cds-facts"
_SHAPE = f"a row is {','.join(HEADER)}"


def read_site_mapping(
    text: str, file: str, value_sets: Mapping[str, ValueSet], systems: Mapping[str, CodeSystem]
) -> tuple[SiteRow, ...]:
    """Return the rows `system,code,concept` of a mapping file, for `Terms.with_site_mapping`.

    `system` is an address or a short name of `systems.yaml`; `concept` is a value set, or a word of our own code system that
    stands for one. `#` begins a comment; a header may stand first. `file` is the name that faults are told with.
    Raises: KnowledgeError with every row that cannot be used.
    """
    own_words = {
        code.code: concept
        for concept, value_set in value_sets.items()
        for code in value_set.codes
        if code.system == _OWN_SYSTEM and code.verified
    }
    meant = own_words | {concept: concept for concept in value_sets}
    rows: list[SiteRow] = []
    faults: list[Fault] = []
    begun = False
    for number, line in enumerate(text.removeprefix("\ufeff").split("\n"), start=1):
        cells = _cells(line)
        if not cells:
            continue
        is_header = not begun and tuple(cell.lower() for cell in cells) == HEADER
        begun = True
        if is_header:
            continue
        found = [Fault(f"{file}:{number}", *fault) for fault in _faults(cells, meant, systems)]
        faults += found
        if not found:
            rows.append((cells[0], cells[1], meant[cells[2]]))
    if faults:
        raise KnowledgeError(tuple(faults))
    return tuple(rows)


def _cells(line: str) -> list[str]:
    """Return the cells of one line without its comment; none where nothing else stands there."""
    if not line.strip() or line.lstrip().startswith(COMMENT):
        return []
    try:
        cells = [cell.strip() for cell in next(csv.reader([line], skipinitialspace=True))]
    except csv.Error:
        return [line]
    if not any(cells):
        return []  # what a spreadsheet leaves of an empty row
    # a system or a code may hold the sign of a comment, a concept never does
    concept = ",".join(cells[2:]).partition(COMMENT)[0].strip(", ")
    return [*cells[:2], *([concept] if len(cells) > 2 else [])]  # noqa: PLR2004 - the third cell


def _faults(cells: list[str], meant: Mapping[str, str], systems: Mapping[str, CodeSystem]) -> list[tuple[str, str]]:
    if len(cells) != len(HEADER) or not all(cells):
        return [(_SHAPE, "cells are separated by commas" if len(cells) == 1 else "")]
    system, _, concept = cells
    found: list[tuple[str, str]] = []
    # Data do name systems by bare words. Only a word close to one of our short names is taken for a slip.
    if ":" not in system and system.lower() not in systems and (near := did_you_mean(system.lower(), systems)):
        found.append((f"there is no code system {system!r}", near))
    if concept not in meant:
        found.append((f"there is no concept {concept!r}", did_you_mean(concept, meant)))
    return found


# Families of concepts that the name of a test speaks of besides what it is about: `Blood pressure` is no specimen.
_BESIDE = ("specimen-", "method-", "answer-", "source-", "laboratory-")
_CLOSE = 0.8
_LONG_WORD = 8  # letters from which a single word may be compared: the names of drugs
_SUGGESTED = 3

_IN_BRACKETS = re.compile(r"\s*\([^()]*\)\s*$")  # the kind of concept, as SNOMED CT writes it
_NO_LETTERS = re.compile(r"[\W_]+")


class Suggestions:
    """What a code could mean, by the words that stand beside it. A suggestion is for a human to accept, never to be applied."""

    def __init__(self, names_in: Callable[[str], tuple[str, ...]], value_sets: Mapping[str, ValueSet]) -> None:
        self._names_in = names_in
        self._by_name: dict[str, str] = {}
        for concept, value_set in value_sets.items():
            for name in (*value_set.names, *(code.display for code in value_set.codes if code.verified)):
                self._by_name.setdefault(_plain(name), concept)

    def for_words(self, words: str, *, is_answer: bool = False) -> tuple[str, ...]:
        """Return up to three concepts, the best first: those whose names stand in the words, else those with similar names.

        An answer must be a name as a whole: in `no relapse`, or beside `undetectable`, a part would say the opposite.
        """
        if is_answer:
            named = self._by_name.get(_plain(_IN_BRACKETS.sub("", words)))
            return () if named is None else (named,)
        found = dict.fromkeys(self._names_in(words)) or dict.fromkeys(self._close(words))
        return tuple(concept for concept in found if not concept.startswith(_BESIDE))[:_SUGGESTED]

    def _close(self, words: str) -> Iterable[str]:
        parts = [part for part in map(_plain, words.split()) if len(part) >= _LONG_WORD]
        for text in dict.fromkeys((_plain(words), *parts)):
            for name in difflib.get_close_matches(text, self._by_name, n=_SUGGESTED, cutoff=_CLOSE):
                yield self._by_name[name]


def _plain(text: str) -> str:
    """Return letters and digits alone: `CD 22` and `CD-22` are one name."""
    return _NO_LETTERS.sub("", text).lower()
