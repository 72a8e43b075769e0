"""Whether the store is needed by what is switched on, and whether it can be reached."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.assembly import open_used_tokens
from service.errors import StoreError
from service.settings import REQUIRED

if TYPE_CHECKING:
    from service.settings import Settings


def needs_store(settings: Settings) -> bool:
    """Return whether anything that is switched on keeps something: used tokens, answers, what was seen of trials."""
    return settings.auth == REQUIRED or settings.keep_answers or settings.registry_refresh_hours > 0


def store_reachable(settings: Settings) -> bool:
    """Return whether the store can be opened now; it is not waited for long."""
    try:
        open_used_tokens(settings)
    except StoreError:
        return False
    return True
