"""Which cards were shown, and what was told of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "answers",
        sa.Column("card", sa.String(36), nullable=False),
        sa.Column("suggestions", sa.JSON, nullable=False),
        sa.Column("rules", sa.JSON, nullable=False),
        sa.Column("topic", sa.String(100), nullable=False),
        sa.Column("service", sa.String(100), nullable=False),
        sa.Column("hook", sa.String(40), nullable=False),
        sa.Column("knowledge_digest", sa.String(71), nullable=False),
        sa.Column("client", sa.String(200), nullable=False),
        sa.Column("shown_at", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("card", name="pk_answers"),
        comment="Cards that were shown: which advice, when and to which client; never about whom",
    )
    op.create_index("ix_answers_shown_at", "answers", ["shown_at"])
    op.create_table(
        "feedback",
        sa.Column("card", sa.String(71), nullable=False),
        sa.Column("outcome", sa.String(10), nullable=False),
        sa.Column("given_at", sa.String(32), nullable=False),
        sa.Column("suggestion", sa.String(71), nullable=False),
        sa.Column("reason_code", sa.String(100), nullable=False),
        sa.Column("reason_system", sa.String(200), nullable=False),
        sa.Column("reason_text", sa.String(100), nullable=False),
        sa.Column("commented", sa.Boolean, nullable=False),
        sa.Column("client", sa.String(200), nullable=False),
        sa.Column("received_at", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("card", "outcome", "given_at", "suggestion", name="pk_feedback"),
        comment="What clients told of cards, also of cards that are none of ours; never what a user typed",
    )
    op.create_index("ix_feedback_received_at", "feedback", ["received_at"])


def downgrade() -> None:
    """Take the tables away, with all that was told."""
    op.drop_table("feedback")
    op.drop_table("answers")
