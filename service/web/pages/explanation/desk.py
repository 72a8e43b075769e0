"""What every part of the explanation needs: the document, the library, the words, and how they become lines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from service.web.pages.explanation.model import Mark, Rest, SourceRow, Word
from service.web.pages.texts import anchor, part, rows, text, texts, web_address

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from service.knowledge.library import Library
    from service.web.pages.catalogue import Catalogue

_WARNS = frozenset({"M", "S", "?", "L", "K"})


@dataclass(frozen=True, slots=True)
class Desk:
    """One assessment being explained."""

    document: Mapping[str, object]
    library: Library
    words: Catalogue
    read: Mapping[str, Mapping[str, list[Rest]]]  # reference → fact → what it read there

    @classmethod
    def of(cls, document: Mapping[str, object], library: Library, words: Catalogue) -> Desk:
        """Return a desk with the evidence of all facts laid out by resource."""
        read: dict[str, dict[str, list[Rest]]] = {}
        for name, fact in part(document.get("facts")).items():
            for item in (*rows(part(fact).get("evidence")), *rows(part(fact).get("setAside"))):
                rest = rest_of(item)
                read.setdefault(rest.reference, {}).setdefault(name, []).append(rest)
        return cls(document, library, words, read)

    # ---------------------------------------------------------------- facts and what they rest on

    def label(self, fact: str) -> str:
        """Return the short name of a fact."""
        return self.words.terms.facts.get(fact) or fact.replace("_", " ")

    def labels(self, facts: object) -> tuple[str, ...]:
        """Return the short names of a list of facts."""
        return tuple(self.label(name) for name in texts(facts))

    def rests(self, references: object, facts: object = ()) -> tuple[Rest, ...]:
        """Return what the resources say, for the facts named where they say several things."""
        names = texts(facts)
        found: dict[Rest, None] = {}
        for reference in texts(references):
            said = self.read.get(reference, {})
            items = [rest for name in names for rest in said.get(name, ())] or next(iter(said.values()), [])[:1]
            found.update(dict.fromkeys(items or [Rest(reference, anchor("r", reference))]))
        return tuple(found)

    def flags(self, flags: object) -> tuple[str, ...]:
        """Return the flags that have words."""
        return tuple(self.words.terms.flags[flag] for flag in texts(flags) if flag in self.words.terms.flags)

    # ---------------------------------------------------------------- values

    def value(self, fact: Mapping[str, object]) -> str:
        """Return the value of a fact with its unit, or why there is none."""
        terms = self.words.terms
        if fact.get("state") == "conflicting":
            return terms.contradictory
        if fact.get("state") != "known":
            return terms.gaps.get(text(fact.get("gap")), self.words.profile.not_found)
        return self.quantity(fact.get("value"), text(fact.get("unit")))

    def quantity(self, value: object, unit: str) -> str:
        """Return a value with its unit."""
        words = self.words.terms.units.get(unit, unit)
        return f"{self.plain(value)} {words}".strip()

    def plain(self, value: object) -> str:
        """Return a value in words: a number, an interval, a truth, a word of ours in the language of the page."""
        terms = self.words.terms
        match value:
            case bool():
                return terms.true_word if value else terms.false_word
            case int() | float():
                return number(value)
            case list():
                return ", ".join(self.plain(item) for item in value)
            case dict() as limits:
                return interval(limits)
            case _:
                word = text(value)
                return terms.values.get(word) or self.words.values.get(word) or word

    # ---------------------------------------------------------------- knowledge

    def mark(self, code: str) -> Mark | None:
        """Return how far a row was checked; None where it was read in its source, or nothing is told."""
        marks = self.words.marks
        if not code or code not in marks.verification:
            return None
        return Mark(code, marks.verification[code], marks.short[code], code in _WARNS)

    def provenance(self, code: str) -> Mark | None:
        """Return where a trial's criterion was read; None where it is a stored source."""
        marks = self.words.marks
        if code not in marks.provenance or code == "S":
            return None
        return Mark(code, marks.provenance[code], marks.provenance_short[code], code in _WARNS)

    def source(self, name: str) -> SourceRow | None:
        """Return a source of the knowledge files; None where it is not on file."""
        found = self.library.sources.get(name)
        if found is None:
            return None
        return SourceRow(
            id=name,
            anchor=anchor("source", name),
            title=found.title,
            address=web_address(found.url),
            dated=found.dated,
            read_on=found.read_on.isoformat(),
            strength=self.words.marks.strength.get(found.strength, found.strength),
        )

    def sources(self, names: Iterable[str]) -> tuple[SourceRow, ...]:
        """Return the sources that are on file."""
        return tuple(found for name in names if (found := self.source(name)) is not None)

    def product(self, name: str) -> str:
        """Return the name of a product."""
        therapy = self.library.therapies.get(name)
        return therapy.name if therapy is not None else name

    def system(self, name: str) -> str:
        """Return what a risk system is called."""
        system = self.library.risk_systems.get(name)
        return system.called if system is not None else name

    def own(self, word: str, table: Mapping[str, str]) -> Word:
        """Return a word in the language of the page where there is one."""
        return Word(table[word], own=True) if word in table else Word(word)


def rest_of(item: Mapping[str, object]) -> Rest:
    """Return what one piece of evidence says."""
    reference = text(item.get("reference"))
    return Rest(reference, anchor("r", reference), text(item.get("date")), text(item.get("text")))


def number(value: float) -> str:
    """Return a number as it is written: no exponent, no zeros that say nothing."""
    written = f"{value:.10f}"
    return written.rstrip("0").rstrip(".")


def interval(limits: Mapping[str, object]) -> str:
    """Return the limits of a value as a clinician writes them: `< 0.01`, `≥ 5`, `5–10`; `?` where there are none."""
    low, high = limits.get("low"), limits.get("high")
    below = high if isinstance(high, int | float) else None
    above = low if isinstance(low, int | float) and (low > 0 or below is None) else None
    if above is None:
        return "?" if below is None else f"{'≤' if limits.get('highInclusive') else '<'} {number(below)}"
    if below is None:
        return f"{'≥' if limits.get('lowInclusive') else '>'} {number(above)}"
    return f"{number(above)}–{number(below)}"
