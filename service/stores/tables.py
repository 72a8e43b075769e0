"""The tables as the newest migration leaves them; a test compares the two.

A table that is added later gets its place here and a migration of its own.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
)

METADATA = MetaData()

REGISTRY_RECORDS = Table(
    "registry_records",
    METADATA,
    Column("digest", String(64), nullable=False),
    Column("record", Text, nullable=False),
    PrimaryKeyConstraint("digest", name="pk_registry_records"),
    comment="Records as JSON, each text once: most days nothing changes",
)

REGISTRY_SIGHTINGS = Table(
    "registry_sightings",
    METADATA,
    Column("number", String(11), nullable=False),
    Column("day", Date, nullable=False),
    Column("source", Text, nullable=False),
    Column("data_timestamp", String(40), nullable=False),
    Column("criteria_hash", String(71), nullable=False),
    Column("digest", String(64), nullable=False),
    PrimaryKeyConstraint("number", "day", name="pk_registry_sightings"),
    ForeignKeyConstraint(["digest"], ["registry_records.digest"], name="fk_registry_sightings_digest"),
    Index("ix_registry_sightings_digest", "digest"),
    comment="On which day which record was seen: one row for a study and a day",
)

REGISTRY_REFRESHES = Table(
    "registry_refreshes",
    METADATA,
    Column("begun_at", String(32), nullable=False),
    PrimaryKeyConstraint("begun_at", name="pk_registry_refreshes"),
    comment="When a process last took it on itself to refresh, so that the others need not",
)

USED_TOKENS = Table(
    "used_tokens",
    METADATA,
    Column("digest", String(64), nullable=False),
    Column("until", String(32), nullable=False),
    PrimaryKeyConstraint("digest", name="pk_used_tokens"),
    Index("ix_used_tokens_until", "until"),
    comment="Tokens that callers have used, by the digest of issuer and id, until nobody could use them any more",
)

ANSWERS = Table(
    "answers",
    METADATA,
    Column("card", String(36), nullable=False),
    Column("suggestions", JSON, nullable=False),
    Column("rules", JSON, nullable=False),
    Column("topic", String(100), nullable=False),
    Column("service", String(100), nullable=False),
    Column("hook", String(40), nullable=False),
    Column("knowledge_digest", String(71), nullable=False),
    Column("client", String(200), nullable=False),
    Column("shown_at", String(32), nullable=False),
    PrimaryKeyConstraint("card", name="pk_answers"),
    Index("ix_answers_shown_at", "shown_at"),
    comment="Cards that were shown: which advice, when and to which client; never about whom",
)

FEEDBACK = Table(
    "feedback",
    METADATA,
    Column("card", String(71), nullable=False),
    Column("outcome", String(10), nullable=False),
    Column("given_at", String(32), nullable=False),
    Column("suggestion", String(71), nullable=False),
    Column("reason_code", String(100), nullable=False),
    Column("reason_system", String(200), nullable=False),
    Column("reason_text", String(100), nullable=False),
    Column("commented", Boolean, nullable=False),
    Column("client", String(200), nullable=False),
    Column("received_at", String(32), nullable=False),
    Column("comment", LargeBinary, nullable=True),
    PrimaryKeyConstraint("card", "outcome", "given_at", "suggestion", name="pk_feedback"),
    Index("ix_feedback_received_at", "received_at"),
    comment="What clients told of cards, also of cards that are none of ours; what a user typed only sealed",
)

ASSESSMENTS = Table(
    "assessments",
    METADATA,
    Column("digest", String(64), nullable=False),
    Column("kept_at", String(32), nullable=False),
    Column("expires_at", String(32), nullable=False),
    Column("knowledge_digest", String(71), nullable=False),
    Column("client", String(200), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    PrimaryKeyConstraint("digest", name="pk_assessments"),
    Index("ix_assessments_expires_at", "expires_at"),
    comment="Assessments and what they were made of, sealed, by the digest of an address that is kept nowhere",
)
