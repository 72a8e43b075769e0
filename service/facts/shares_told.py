"""The shares that the words of results tell, by the words of the knowledge files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.facts.per_knowledge import per_knowledge
from service.record.shares import Shares

if TYPE_CHECKING:
    from service.facts.catalogue import View

_shares_of = per_knowledge(Shares)


def shares(view: View) -> Shares:
    """Return what reads the shares in a text."""
    return _shares_of(view.limits.words())
