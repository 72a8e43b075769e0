"""Deleting what was kept long enough."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from service.stores.assessments import delete_expired
from service.stores.database import take_turn
from service.stores.kept import Purged
from service.stores.moments import sortable
from service.stores.tables import ANSWERS, FEEDBACK

if TYPE_CHECKING:
    from datetime import datetime

    from service.stores.database import Database


def purge(database: Database, now: datetime, oldest: datetime) -> Purged:
    """Delete assessments that have expired, cards shown up to `oldest` and feedback received up to then or on such a card.

    Any number of processes may do so: they take turns. Raises: StoreError.
    """
    limit = sortable(oldest)
    over = sa.select(ANSWERS.c.card).where(ANSWERS.c.card == FEEDBACK.c.card, ANSWERS.c.shown_at <= limit).exists()
    with database.transaction() as connection:
        take_turn(connection)
        # Feedback goes with its card: left behind, it would count as told of a card that is none of ours.
        feedback = connection.execute(sa.delete(FEEDBACK).where((FEEDBACK.c.received_at <= limit) | over)).rowcount
        cards = connection.execute(sa.delete(ANSWERS).where(ANSWERS.c.shown_at <= limit)).rowcount
        return Purged(delete_expired(connection, now), cards, feedback)
