"""The words of users about cards: sealed before they are kept, opened for a report that asks for them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from service.stores.moments import sortable

if TYPE_CHECKING:
    from service.stores.kept import GivenFeedback
    from service.stores.vault import Vault

_LONGEST = 4000  # signs; an answer of a form, not a document


def seal_comment(given: GivenFeedback, words: str, vault: Vault) -> GivenFeedback:
    """Return the feedback with the words sealed into it, cut where they are very long."""
    return replace(given, comment=vault.seal(words[:_LONGEST].encode("utf-8", "replace"), _beside(given)))


def open_comment(given: GivenFeedback, vault: Vault) -> str:
    """Return the words of a feedback. Raises: SealBroken."""
    return vault.open(given.comment, _beside(given)).decode("utf-8", "replace")


def _beside(given: GivenFeedback) -> tuple[str, ...]:
    return ("comment", given.card, given.outcome, sortable(given.given_at))
