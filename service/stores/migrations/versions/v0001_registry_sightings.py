"""Records of the trial registry and the days on which they were seen."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "registry_records",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("record", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_registry_records"),
        comment="Records as JSON, each text once: most days nothing changes",
    )
    op.create_table(
        "registry_sightings",
        sa.Column("number", sa.String(11), nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("data_timestamp", sa.String(40), nullable=False),
        sa.Column("criteria_hash", sa.String(71), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("number", "day", name="pk_registry_sightings"),
        sa.ForeignKeyConstraint(["digest"], ["registry_records.digest"], name="fk_registry_sightings_digest"),
        comment="On which day which record was seen: one row for a study and a day",
    )
    op.create_index("ix_registry_sightings_digest", "registry_sightings", ["digest"])
    op.create_table(
        "registry_refreshes",
        sa.Column("begun_at", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("begun_at", name="pk_registry_refreshes"),
        comment="When a process last took it on itself to refresh, so that the others need not",
    )


def downgrade() -> None:
    """Take the tables away, with all that was seen."""
    op.drop_table("registry_refreshes")
    op.drop_table("registry_sightings")
    op.drop_table("registry_records")
