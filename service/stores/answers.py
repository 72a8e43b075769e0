"""Answers and feedback in the database: written once however often they come, read by the report."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from service.stores.assessments import AssessmentTable
from service.stores.inserting import insert_new
from service.stores.kept import CardStory, GivenFeedback
from service.stores.moments import sortable
from service.stores.purging import purge
from service.stores.tables import ANSWERS, FEEDBACK

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from service.stores.database import Database
    from service.stores.kept import Purged, SealedAssessment, ShownCard

_WITHOUT_WORDS = tuple(column for column in FEEDBACK.c if column.name != "comment")
_ASKED_AT_ONCE = 500  # cards in one question: databases limit how many values a statement may have


class AnswerTables:
    """The tables of one database. Is an AnswerStore and an AnswerLog."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add_shown(self, cards: Sequence[ShownCard]) -> None:
        """Keep these cards, all of them or none; one that is there already stays as it is. Raises: StoreError."""
        rows = {
            shown.card: {
                "card": shown.card,
                "suggestions": list(shown.suggestions),
                "rules": list(shown.rules),
                "topic": shown.topic,
                "service": shown.service,
                "hook": shown.hook,
                "knowledge_digest": shown.knowledge_digest,
                "client": shown.client,
                "shown_at": sortable(shown.shown_at),
            }
            for shown in cards
        }
        with self._database.transaction() as connection:
            insert_new(connection, ANSWERS, list(rows.values()))

    def add_feedback(self, items: Sequence[GivenFeedback]) -> int:
        """Keep these, all of them or none, and return how many cards among them are none of ours.

        The same card, outcome, moment and suggestion told again changes nothing. Raises: StoreError.
        """
        rows = {_key(row): row for item in items for row in _rows_of(item)}
        with self._database.transaction() as connection:
            # In the order of their keys: two batches that hold the same cards then never wait for each other in a circle.
            insert_new(connection, FEEDBACK, [rows[key] for key in sorted(rows)])
            cards = sorted({item.card for item in items})
            known = sum(_count_known(connection, part) for part in _parts(cards))
        return len(cards) - known

    def add_assessments(self, assessments: Sequence[SealedAssessment]) -> None:
        """Keep these, all of them or none; one that is there already stays as it is. Raises: StoreError."""
        AssessmentTable(self._database).add(assessments)

    def purge(self, now: datetime, oldest: datetime) -> Purged:
        """Delete what has expired now, and cards and feedback up to `oldest`; return how much. Raises: StoreError."""
        return purge(self._database, now, oldest)

    def has_answers(self) -> bool:
        """Return whether there is anything to report on: an older store has no such table. Raises: StoreError."""
        with self._database.transaction() as connection:
            return sa.inspect(connection).has_table(ANSWERS.name)

    def stories(self, since: datetime) -> tuple[CardStory, ...]:
        """Return the cards shown since then, the earliest first, each with what was told of it. Raises: StoreError."""
        shown = sa.select(ANSWERS).where(ANSWERS.c.shown_at >= sortable(since)).order_by(ANSWERS.c.shown_at, ANSWERS.c.card)
        told = (
            sa.select(*_WITHOUT_WORDS)
            .join(ANSWERS, ANSWERS.c.card == FEEDBACK.c.card)
            .where(ANSWERS.c.shown_at >= sortable(since))
            .order_by(FEEDBACK.c.given_at, FEEDBACK.c.outcome, FEEDBACK.c.suggestion)
        )
        with self._database.transaction() as connection:
            cards = connection.execute(shown).all()
            feedback: dict[str, list[GivenFeedback]] = defaultdict(list)
            for row in connection.execute(told):
                feedback[row.card].append(_feedback_of(row))
        return tuple(
            CardStory(row.card, tuple(row.rules), row.topic, row.client, tuple(feedback.get(row.card, ()))) for row in cards
        )

    def comments(self, since: datetime) -> tuple[GivenFeedback, ...]:
        """Return the feedback received since then whose words were kept, the earliest first, once each. Raises: StoreError."""
        asked = (
            sa.select(FEEDBACK)
            .where(FEEDBACK.c.received_at >= sortable(since), FEEDBACK.c.comment.is_not(None))
            .order_by(FEEDBACK.c.given_at, FEEDBACK.c.card, FEEDBACK.c.outcome, FEEDBACK.c.suggestion)
        )
        with self._database.transaction() as connection:
            known = {column["name"] for column in sa.inspect(connection).get_columns(FEEDBACK.name)}
            rows = connection.execute(asked).all() if "comment" in known else []
        # Of an acceptance of several suggestions there is a row for each, all with the same words.
        return tuple({(row.card, row.outcome, row.given_at): _feedback_of(row) for row in reversed(rows)}.values())[::-1]

    def orphans(self, since: datetime) -> int:
        """Return of how many cards that are none of ours was told since then. Raises: StoreError."""
        ours = sa.select(ANSWERS.c.card).where(ANSWERS.c.card == FEEDBACK.c.card).exists()
        asked = sa.select(sa.func.count(FEEDBACK.c.card.distinct())).where(FEEDBACK.c.received_at >= sortable(since), ~ours)
        with self._database.transaction() as connection:
            return connection.execute(asked).scalar_one()


def _count_known(connection: sa.Connection, cards: Sequence[str]) -> int:
    return connection.execute(sa.select(sa.func.count()).select_from(ANSWERS).where(ANSWERS.c.card.in_(cards))).scalar_one()


def _parts(cards: Sequence[str]) -> Iterable[Sequence[str]]:
    return (cards[first : first + _ASKED_AT_ONCE] for first in range(0, len(cards), _ASKED_AT_ONCE))


def _rows_of(item: GivenFeedback) -> Iterable[dict[str, Any]]:
    """Return a row for each suggestion, one without where none was named."""
    for suggestion in item.suggestions or ("",):
        yield {
            "card": item.card,
            "outcome": item.outcome,
            "given_at": sortable(item.given_at),
            "suggestion": suggestion,
            "reason_code": item.reason_code,
            "reason_system": item.reason_system,
            "reason_text": item.reason_text,
            "commented": item.commented,
            "client": item.client,
            "received_at": sortable(item.received_at),
            "comment": item.comment or None,
        }


def _key(row: dict[str, Any]) -> tuple[str, ...]:
    return tuple(row[column.name] for column in FEEDBACK.primary_key)


def _feedback_of(row: sa.Row[Any]) -> GivenFeedback:
    return GivenFeedback(
        card=row.card,
        outcome=row.outcome,
        given_at=datetime.fromisoformat(row.given_at),
        client=row.client,
        received_at=datetime.fromisoformat(row.received_at),
        suggestions=(row.suggestion,) if row.suggestion else (),
        reason_code=row.reason_code,
        reason_system=row.reason_system,
        reason_text=row.reason_text,
        commented=row.commented,
        comment=bytes(getattr(row, "comment", None) or b""),
    )
