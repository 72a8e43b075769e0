"""What facts and problems say, in the words of a language: `evidence.en.yaml` and its like.

Facts say what they read in English and by names of ours (`diagnosis: bcp-all`). A line of the file says how such a text is shown;
what has no line is shown as it is.
"""

from __future__ import annotations

import re
from functools import cache
from string import Formatter
from typing import TYPE_CHECKING, Annotated, Literal, NamedTuple

from pydantic import AfterValidator

from service.cards.languages import FOLDER, load_wordings
from service.cards.wording import Words
from service.knowledge.one_file import read_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from service.cards.wording import Wording

_OPEN = {  # the other places hold names that are listed
    "value": ".+?",
    "drugs": ".+?",
    "amount": r"\S.*?",
    "text": ".*",
    "result": "[a-z ]+?",
}
_LISTED = ("fact", "measure", "antigen")


def _alike(phrases: dict[str, str]) -> dict[str, str]:
    for said, shown in phrases.items():
        if _slots(said) != _slots(shown):
            raise ValueError(f"`{said}` and `{shown}` are not filled with the same")
        if unknown := _slots(said) - _OPEN.keys() - set(_LISTED):
            raise ValueError(f"`{said}`: {', '.join(sorted(unknown))} is never filled in")
    return phrases


def _slots(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


Phrases = Annotated[dict[str, str], AfterValidator(_alike)]


class EvidenceFile(Words):
    """One file: words that fill places, and how whole texts of evidence and of problems are shown."""

    language: Literal["en", "es"]
    names: dict[str, str]
    measures: dict[str, str]
    antigens: dict[str, str]
    drugs: dict[str, str]
    values: dict[str, str]
    evidence: Phrases
    problems: Phrases


class _Phrase(NamedTuple):
    said: re.Pattern[str]
    shown: str


class _Table:
    """Texts and how they are shown. Those with places in them are found by their first word."""

    def __init__(self, phrases: Mapping[str, str], listed: Mapping[str, Iterable[str]]) -> None:
        self.whole = {said: shown for said, shown in phrases.items() if not _slots(said)}
        self._by_word: dict[str, list[_Phrase]] = {}
        self._others: list[_Phrase] = []
        for said, shown in phrases.items():
            if said in self.whole:
                continue
            phrase = _Phrase(re.compile("".join(_pattern(said, listed)), re.DOTALL), shown)
            words = _first_words(said, listed)
            for word in words:
                self._by_word.setdefault(word, []).append(phrase)
            if not words:
                self._others.append(phrase)

    def find(self, text: str) -> tuple[str, Mapping[str, str]] | None:
        """Return how a text is shown and what fills its places; None where no line fits."""
        for phrase in (*self._by_word.get(text.partition(" ")[0], ()), *self._others):
            if (found := phrase.said.fullmatch(text)) is not None:
                return phrase.shown, found.groupdict()
        return None


def _pattern(said: str, listed: Mapping[str, Iterable[str]]) -> Iterator[str]:
    for literal, name, _, _ in Formatter().parse(said):
        yield re.escape(literal)
        if name is not None and name in listed:
            yield f"(?P<{name}>{'|'.join(re.escape(one) for one in sorted(listed[name], key=len, reverse=True))})"
        elif name is not None:
            yield f"(?P<{name}>{_OPEN[name]})"


def _first_words(said: str, listed: Mapping[str, Iterable[str]]) -> set[str]:
    """Return the words with which a text of this kind may begin; none where it may begin with anything."""
    literal, name, _, _ = next(iter(Formatter().parse(said)))
    if literal:
        return {literal.partition(" ")[0]}
    # a place of listed names may be followed by a colon
    return {word for one in listed.get(name or "", ()) for word in (one.partition(" ")[0], f"{one.partition(' ')[0]}:")}


class EvidencePhrases:
    """How evidence and problems stand on cards and pages in one language. Nothing of a patient is kept."""

    def __init__(self, wording: Wording) -> None:
        """Read the file of the language. Raises: KnowledgeError listing its faults."""
        spoken = _read(wording.language)
        self._wording, self._spoken = wording, spoken
        self._facts = {name.replace("_", " "): words for name, words in wording.facts.items()} | spoken.names
        listed = {"fact": self._facts, "measure": spoken.measures, "antigen": spoken.antigens}
        self._evidence, self._problems = _Table(spoken.evidence, listed), _Table(spoken.problems, listed)

    def evidence(self, text: str) -> str:
        """Return what evidence says; the text itself where no line of the file fits."""
        shown = self.known(text)
        return text if shown is None else shown

    def known(self, text: str) -> str | None:
        """Return what evidence says; None where no line of the file fits."""
        return self._spoken.drugs.get(text) or self._shown(self._evidence, text)

    def problem(self, text: str) -> str:
        """Return what a problem says; the text itself where no line of the file fits."""
        shown = self._shown(self._problems, text)
        return text if shown is None else shown

    def _shown(self, table: _Table, text: str) -> str | None:
        whole = table.whole.get(text)
        if whole is not None:
            return whole
        found = table.find(text)
        if found is None:
            return None
        shown, places = found
        return shown.format_map({name: self._word(name, said) for name, said in places.items()})

    def _word(self, place: str, said: str) -> str:
        match place:
            case "fact":
                return self._facts[said]
            case "measure":
                return self._spoken.measures[said]
            case "antigen":
                return self._spoken.antigens[said]
            case "drugs":
                return ", ".join(self._spoken.drugs.get(drug, drug) for drug in said.split(", "))
            case "value" | "result":
                values = self._wording.values
                return values.get(said) or self._spoken.values.get(said) or values.get(said.replace(" ", "-")) or said
            case _:
                return said


@cache
def _read(language: str) -> EvidenceFile:
    return read_file(FOLDER / f"evidence.{language}.yaml", EvidenceFile)


@cache
def evidence_phrases(language: str) -> EvidencePhrases:
    """Return how evidence and problems stand in a language. Raises: KnowledgeError listing the faults of its files."""
    return EvidencePhrases(load_wordings()[language])
