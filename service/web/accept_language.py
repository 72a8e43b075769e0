"""Which language of ours the header of a request asks for."""

from __future__ import annotations

from flask import has_request_context, request

from service.cards.languages import LANGUAGES, REFERENCE


def preferred_language() -> str:
    """Return the language of ours that `Accept-Language` likes best, a regional form of it included.

    English where the header names none of them.
    """
    # A library's choice would take a plain `es` before `en-GB`, however the two were rated.
    asked = request.accept_languages if has_request_context() else ()
    named = (tag.lower().partition("-")[0] for tag, quality in asked if quality > 0)
    return next((language for language in named if language in LANGUAGES), REFERENCE)
