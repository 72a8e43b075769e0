"""Sealed assessments in the database: put in once, found by the digest of their address while they may be, then deleted."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa

from service.stores.inserting import insert_new
from service.stores.kept import SealedAssessment
from service.stores.moments import sortable
from service.stores.tables import ASSESSMENTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from service.stores.database import Database


class AssessmentTable:
    """The table of one database. Is an AssessmentShelf."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, assessments: Sequence[SealedAssessment]) -> None:
        """Keep these, all of them or none; one that is there already stays as it is. Raises: StoreError."""
        rows = [
            {
                "digest": kept.digest,
                "kept_at": sortable(kept.kept_at),
                "expires_at": sortable(kept.expires_at),
                "knowledge_digest": kept.knowledge_digest,
                "client": kept.client,
                "sealed": kept.sealed,
            }
            for kept in assessments
        ]
        with self._database.transaction() as connection:
            insert_new(connection, ASSESSMENTS, rows)

    def find(self, digest: str, now: datetime) -> SealedAssessment | None:
        """Return the assessment; None where there is none, and from the moment on which it expires. Raises: StoreError."""
        asked = sa.select(ASSESSMENTS).where(ASSESSMENTS.c.digest == digest, ASSESSMENTS.c.expires_at > sortable(now))
        with self._database.transaction() as connection:
            row = connection.execute(asked).first() if sa.inspect(connection).has_table(ASSESSMENTS.name) else None
        if row is None:
            return None
        kept_at, expires_at = datetime.fromisoformat(row.kept_at), datetime.fromisoformat(row.expires_at)
        return SealedAssessment(row.digest, kept_at, expires_at, row.knowledge_digest, row.client, bytes(row.sealed))


def delete_expired(connection: sa.Connection, now: datetime) -> int:
    """Delete what has expired, and return how many that were."""
    return connection.execute(sa.delete(ASSESSMENTS).where(ASSESSMENTS.c.expires_at <= sortable(now))).rowcount
