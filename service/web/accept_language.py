"""Which language of ours the header of a request asks for."""

from __future__ import annotations

from flask import has_request_context, request

from service.cards.languages import LANGUAGES, REFERENCE


def preferred_language() -> str:
    """Return the language of ours that `Accept-Language` likes best; English where it names none of them."""
    asked = request.accept_languages.best_match(LANGUAGES) if has_request_context() else None
    return asked or REFERENCE
