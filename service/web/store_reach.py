"""Whether the store is needed by what is switched on; whether it can be reached says the assembly."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.settings import REQUIRED

if TYPE_CHECKING:
    from service.settings import Settings


def needs_store(settings: Settings) -> bool:
    """Return whether anything that is switched on keeps something: used tokens, answers, pages, what was seen of trials."""
    keeps_pages = bool(settings.encryption_keys and settings.public_base_url)
    return settings.auth == REQUIRED or settings.keep_answers or keeps_pages or settings.registry_refresh_hours > 0
