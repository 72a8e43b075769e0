"""Rows that hold from a day on, and which of them were known on a day."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import date


class Dated(Protocol):
    """A row with its dates: `uncertain_from` ≤ day < `effective` is the window in which nobody knows."""

    @property
    def effective(self) -> date:
        """The first day on which the row surely holds."""

    @property
    def until(self) -> date | None:
        """The first day on which the row no longer holds; None while open."""

    @property
    def uncertain_from(self) -> date | None:
        """The first day on which the row may hold; None where the beginning is known."""

    @property
    def recorded(self) -> date:
        """The day on which we wrote the row down."""


class Force(Enum):
    """Whether a row holds on a day."""

    NOT_IN_FORCE = "not-in-force"
    UNCERTAIN = "date-uncertain"
    IN_FORCE = "in-force"


def force_on(row: Dated, as_of: date, known_by: date) -> Force:
    """Return whether the row holds on `as_of`, as far as was written down by `known_by`."""
    if row.recorded > known_by or (row.until is not None and as_of >= row.until):
        return Force.NOT_IN_FORCE
    if as_of >= row.effective:
        return Force.IN_FORCE
    if row.uncertain_from is not None and as_of >= row.uncertain_from:
        return Force.UNCERTAIN
    return Force.NOT_IN_FORCE
