"""How moments stand in the store."""

from __future__ import annotations

from datetime import UTC, datetime


def sortable(moment: datetime) -> str:
    """Return a moment so that later ones come later in the alphabet too, whatever the database."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
