"""What is kept only sealed: assessments with what they were made of, and the words of users."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_BEFORE = "What clients told of cards, also of cards that are none of ours; never what a user typed"
_NOW = "What clients told of cards, also of cards that are none of ours; what a user typed only sealed"


def upgrade() -> None:
    """Make the table and the column."""
    op.create_table(
        "assessments",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("kept_at", sa.String(32), nullable=False),
        sa.Column("expires_at", sa.String(32), nullable=False),
        sa.Column("knowledge_digest", sa.String(71), nullable=False),
        sa.Column("client", sa.String(200), nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_assessments"),
        comment="Assessments and what they were made of, sealed, by the digest of an address that is kept nowhere",
    )
    op.create_index("ix_assessments_expires_at", "assessments", ["expires_at"])
    op.add_column("feedback", sa.Column("comment", sa.LargeBinary, nullable=True))
    if op.get_bind().dialect.name == "postgresql":  # SQLite keeps no comments
        op.create_table_comment("feedback", _NOW, existing_comment=_BEFORE)


def downgrade() -> None:
    """Take both away, with all that was sealed."""
    if op.get_bind().dialect.name == "postgresql":
        op.create_table_comment("feedback", _BEFORE, existing_comment=_NOW)
    op.drop_column("feedback", "comment")
    op.drop_table("assessments")
