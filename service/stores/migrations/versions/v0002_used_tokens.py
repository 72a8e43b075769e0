"""Tokens that callers have used."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "used_tokens",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("until", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_used_tokens"),
        comment="Tokens that callers have used, by the digest of issuer and id, until nobody could use them any more",
    )
    op.create_index("ix_used_tokens_until", "used_tokens", ["until"])


def downgrade() -> None:
    """Take the table away; tokens that have not expired could then be used again."""
    op.drop_table("used_tokens")
