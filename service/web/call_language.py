"""In which language the cards of a call are written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.web.accept_language import preferred_language
from service.web.callers import caller

if TYPE_CHECKING:
    from service.settings import Settings


def language_of_the_call(settings: Settings, chosen: str = "") -> str:
    """Return the language of a call's cards.

    The call's own choice, then the word of the caller's entry in the file of issuers, then the setting, then `Accept-Language`,
    then English. The operator's word comes before the header because programs send one that nobody chose.
    """
    known = caller()
    return chosen or (known.language if known is not None else "") or settings.language or preferred_language()
