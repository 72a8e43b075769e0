"""What knowledge alone says on cards, in one language: each sentence is written when it is first wanted, and kept.

Nothing of a patient is kept here: what is kept is bounded by the knowledge.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from cds_hooks import Coding, Source
from service.cards.fact_words import FactWords
from service.cards.gap_sentences import GapSentences
from service.cards.resources import concept
from service.cards.wording import Topic
from service.knowledge.schema import Verification

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from service.cards.wording import Wording
    from service.decisions.verdicts import IndicationVerdict
    from service.knowledge.library import Library
    from service.knowledge.schema import Caution, OpenQuestion, Therapy

TOPICS = "urn:all-cds:topics"

_GAP = "\x00"  # stands in no text of ours

Row = TypeVar("Row")
Told = TypeVar("Told")

Json = dict[str, object]


class Once(Generic[Row, Told]):
    """Tells of each row once. Rows are told apart by identity: their values are many, and a row never changes."""

    def __init__(self, tell: Callable[[Row], Told]) -> None:
        self._tell = tell
        self._kept: dict[int, tuple[Row, Told]] = {}

    def of(self, rows: Iterable[Row]) -> list[Told]:
        """Return what is told of each of the rows."""
        kept = self._kept
        return [kept[key][1] if (key := id(row)) in kept else self(row) for row in rows]

    def __call__(self, row: Row) -> Told:
        """Return what is told of the row."""
        kept = self._kept.get(id(row))
        if kept is None:
            kept = self._kept[id(row)] = (row, self._tell(row))  # the row is kept, so that nothing else gets its identity
        return kept[1]


@dataclass(frozen=True, slots=True)
class Around:
    """A sentence into which one thing is to be filled: what stands before, between and behind its places."""

    parts: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> Around:
        """Return the sentence of a text that was filled with `_GAP` where something is to come."""
        return cls(tuple(text.split(_GAP)))

    def filled(self, filling: str) -> str:
        """Return the sentence with its places filled in."""
        return filling.join(self.parts)


@dataclass(frozen=True, slots=True)
class CautionSentences:
    """A caution as it stands on a card; a line that is not shown is empty.

    `decided`: the line where no datum of the patient decides it, None where one could. `holds`: where it does.
    `undecided`: around what would decide it. `read`: around what was read and does not decide it. `open`: where nothing is known
    to decide it.
    """

    mark: str
    decided: str | None
    holds: str
    undecided: Around | None
    read: Around
    open: str


@dataclass(frozen=True, slots=True)
class IndicationSentences:
    """A row of a label on its day: its line, its place in the trace, and what of it was not verified or is our reading."""

    line: str
    rule: Json
    unverified: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CriterionSentences:
    """A criterion without and with what was read for it."""

    bare: str
    evidenced: Around


@dataclass(frozen=True, slots=True)
class TherapySentences:
    """A product: its name, also at the beginning of a line, its topic, and the lines of its studies with their indications."""

    name: str
    capitalised: str
    topic: Topic
    suggestion_label: str
    concept: Json
    studies: tuple[tuple[frozenset[str], str, str], ...]  # with the id of the study


Criteria = tuple[tuple[tuple[str, ...], CriterionSentences], ...]
"""Criteria with the facts that they read."""


class Sentences:
    """The sentences of one language. `texts`: texts of knowledge files in that language; English where one is not there."""

    def __init__(self, library: Library, wording: Wording, texts: Mapping[str, str]) -> None:
        self._library = library
        self.wording = wording
        self.texts = texts
        self.facts = FactWords(wording)
        self.gaps = GapSentences(wording, self.say)
        self.caution = Once(self._caution)
        self.question = Once(self._question)
        self.therapy = Once(self._therapy)
        self._indications: dict[int, tuple[object, IndicationSentences]] = {}
        self._criteria: dict[str, CriterionSentences] = {}
        self._sources: dict[tuple[str, str | None, str, str], Source] = {}

    def say(self, text: str) -> str:
        """Return a text of a knowledge file in the language; as it is where nobody has translated it."""
        return self.texts.get(text, text)

    def source(self, label: str, url: str | None, topic: Topic) -> Source:
        """Return the source of a card, checked when it is first made."""
        key = (label, url, topic.code, topic.display)
        found = self._sources.get(key)
        if found is None:
            found = self._sources[key] = Source(label=label, url=url, topic=Coding(topic.code, TOPICS, topic.display))
        return found

    def criterion(self, text: str) -> CriterionSentences:
        """Return how the criterion of a label stands on a card."""
        found = self._criteria.get(text)
        if found is None:
            words, said = self.wording.therapy, self.say(text)
            evidenced = Around.of(words.criterion.format(text=said, evidence=_GAP))
            found = self._criteria[text] = CriterionSentences(words.criterion_bare.format(text=said), evidenced)
        return found

    def criteria(self, rows: Iterable[IndicationVerdict]) -> Criteria:
        """Return the criteria of the rows, each once, with the facts that it reads."""
        told = {(result.id, result.text): (result.facts, self.criterion(result.text)) for row in rows for result in row.criteria}
        return tuple(told.values())

    def indication(self, row: IndicationVerdict) -> IndicationSentences:
        """Return the sentences of a row in the version that the verdict is about."""
        kept = self._indications.get(id(row.version))
        if kept is None:
            kept = self._indications[id(row.version)] = (row.version, self._indication(row))
        return kept[1]

    def _indication(self, row: IndicationVerdict) -> IndicationSentences:
        words, version = self.wording.therapy, row.version
        line = words.indication.format(
            regulator=row.indication.regulator,
            status=words.statuses.get(version.status) or self.say(version.status),
            effective=version.effective.isoformat(),
            says=self.say(row.indication.says).rstrip("."),
        )
        rule: Json = {
            "id": row.indication.id,
            "effective": version.effective.isoformat(),
            "verification": version.verification.value,
            "readOn": version.read_on.isoformat(),
        }
        unsure = [words.row_unverified.format(id=row.indication.id)] if version.verification is Verification.UNVERIFIED else []
        unsure += [self.say(text) for text in version.unverified]
        unsure += [self.say(row.text) for row in version.criteria if row.verification is Verification.UNVERIFIED]
        lines = [words.unverified_line.format(text=text) for text in unsure]
        lines += [words.interpretation_line.format(text=self.say(text)) for text in version.interpretation]
        return IndicationSentences(line, rule, tuple(lines))

    def _caution(self, caution: Caution) -> CautionSentences:
        words = self.wording.therapy
        mark = words.mark if caution.verification is Verification.UNVERIFIED else ""
        shown = {"level": words.levels.get(caution.level, caution.level), "text": self.say(caution.text), "mark": mark}
        plain = words.caution.format(**shown) if caution.stated else ""
        return CautionSentences(
            mark=mark,
            decided=plain if caution.test is None else None,
            holds=words.caution_holds.format(**shown),
            undecided=Around.of(words.caution_unknown.format(**shown, needs=_GAP)) if caution.stated else None,
            read=Around.of(words.caution_read.format(**shown, read=_GAP)),
            open=plain,
        )

    def _question(self, question: OpenQuestion) -> str:
        return self.wording.therapy.open_line.format(question=self.say(question.question), line=self.say(question.line))

    def _therapy(self, therapy: Therapy) -> TherapySentences:
        words, name = self.wording.therapy, self.say(therapy.name)
        return TherapySentences(
            name=name,
            capitalised=name[:1].upper() + name[1:],
            topic=Topic(code=therapy.topic, display=name),
            suggestion_label=self.say(therapy.suggestion.label),
            concept=concept(therapy.suggestion.text, therapy.suggestion.codes),
            studies=tuple(
                (
                    frozenset(study.indications),
                    study.id,
                    words.evidence_line.format(line=self.say(study.line), citation=study.citation),
                )
                for study in self._library.studies(therapy.product)
                if study.line is not None
            ),
        )
