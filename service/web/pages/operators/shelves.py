"""What every one of these pages needs: the library, the words, the days asked about, and how rows become lines."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from service.knowledge.schema import Verification
from service.logic.dated import Force, force_on
from service.web.pages.explanation.desk import Desk
from service.web.pages.explanation.model import Mark
from service.web.pages.operators.detail_model import CriterionLine
from service.web.pages.operators.model import Dates

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from service.cards.wording import Wording
    from service.knowledge.approvals import Standing
    from service.knowledge.library import Library
    from service.knowledge.schema import Criterion, DatedRow, RiskSystem
    from service.knowledge.trial_rows import TrialCriterion
    from service.web.pages.catalogue import Catalogue
    from service.web.pages.explanation.model import SourceRow
    from service.web.pages.operators.words import OperatorWords

KNOWLEDGE = "/pages/knowledge"
STANDING: dict[Force, Standing] = {
    Force.IN_FORCE: "in-force",
    Force.UNCERTAIN: "date-uncertain",
    Force.NOT_IN_FORCE: "not-in-force",
}


@dataclass(frozen=True, slots=True)
class Shelves:
    """The library being looked at on a day, as far as it was written down by another."""

    library: Library
    words: OperatorWords
    wording: Wording
    desk: Desk
    as_of: date
    known_by: date
    today: date

    @classmethod
    def of(
        cls, library: Library, words: tuple[Catalogue, OperatorWords], wording: Wording, days: tuple[date, date, date]
    ) -> Shelves:
        """Return the shelves; `words` of all pages and of these, `days`: asked about, known by, today."""
        return cls(library, words[1], wording, Desk.of({}, library, words[0]), *days)

    def dates(self, row: DatedRow, read_on: date | None = None) -> Dates:
        """Return the days of a row and how it stands on the day asked about."""
        return Dates(
            since=row.effective.isoformat(),
            until=day(row.until),
            uncertain_from=day(row.uncertain_from),
            recorded=row.recorded.isoformat(),
            read_on=day(read_on),
            standing=STANDING[force_on(row, self.as_of, self.known_by)],
        )

    def mark(self, verification: Verification) -> Mark:
        """Return how far a row was checked, also where it was read in its source."""
        words = self.desk.words.marks
        code = verification.value
        return self.desk.mark(code) or Mark(code, words.verification[code], words.short[code], warns=False)

    def marks(self, found: Iterable[Verification]) -> tuple[tuple[Mark, int], ...]:
        """Return how many rows bear each mark, in the order of the marks."""
        counted = Counter(found)
        return tuple((self.mark(mark), counted[mark]) for mark in Verification if counted[mark])

    def provenance(self, found: Iterable[str]) -> tuple[tuple[Mark, int], ...]:
        """Return how many criteria of a trial were read where."""
        words = self.desk.words.marks
        counted = Counter(found)
        return tuple(
            (Mark(code, said, words.provenance_short[code], code != "S"), counted[code])
            for code, said in words.provenance.items()
            if counted[code]
        )

    def status(self, word: str) -> str:
        """Return the registry's word of recruitment in the language of the page."""
        return self.desk.words.terms.recruitment.get(word, word)

    def criterion(self, row: Criterion) -> CriterionLine:
        """Return a criterion of a label."""
        return CriterionLine(
            id=row.id,
            text=row.text,
            kind=self.words.detail.kinds[row.kind],
            any_of="",
            mark=self.mark(row.verification),
            note=row.note,
            sources=(),
        )

    def trial_criterion(self, row: TrialCriterion) -> CriterionLine:
        """Return a criterion of a trial with where it was read."""
        return CriterionLine(
            id=row.id,
            text=row.text,
            kind=self.words.detail.kinds["asked" if row.ask else row.kind],
            any_of=row.any_of,
            mark=self.provenance([row.provenance])[0][0],
            note=row.note,
            sources=self.desk.sources(row.sources),
        )

    def state(self, system: RiskSystem) -> str:
        """Return whether the table of a risk system decides."""
        if not system.enabled:
            return self.words.knowledge.states["off"]
        return self.words.knowledge.states["complete" if system.fully_encoded else "in-part"]


def day(found: date | None) -> str:
    """Return a day as it is written; empty for none."""
    return "" if found is None else found.isoformat()


def therapy_address(product: str) -> str:
    """Return the page of a product."""
    return f"{KNOWLEDGE}/therapies/{product}"


def trial_address(trial: str) -> str:
    """Return the page of a trial."""
    return f"{KNOWLEDGE}/trials/{trial}"


def system_address(system: str) -> str:
    """Return the page of a risk system."""
    return f"{KNOWLEDGE}/risk-systems/{system}"


def each_once(*groups: Iterable[SourceRow]) -> tuple[SourceRow, ...]:
    """Return the sources, each once, in the order of their ids."""
    found = {row.id: row for group in groups for row in group}
    return tuple(found[name] for name in sorted(found))
