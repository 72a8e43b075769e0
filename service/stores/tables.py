"""The tables as the newest migration leaves them; a test compares the two.

A table that is added later gets its place here and a migration of its own.
"""

from __future__ import annotations

from sqlalchemy import Column, Date, ForeignKeyConstraint, Index, MetaData, PrimaryKeyConstraint, String, Table, Text

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
