"""What every answer tells browsers: nothing in it is a page, unless the answer itself says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.settings import PRODUCTION

if TYPE_CHECKING:
    from flask import Flask, Response

    from service.settings import Settings

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    # CORS decides which pages may read an answer; without this word some browsers would refuse those too.
    "Cross-Origin-Resource-Policy": "cross-origin",
}
_HTTPS_ONLY = {"Strict-Transport-Security": "max-age=31536000"}  # a year; of subdomains we know nothing


def of_every_answer(settings: Settings) -> dict[str, str]:
    """Return the headers of every answer that does not say otherwise."""
    return {**ALWAYS, **(_HTTPS_ONLY if settings.profile == PRODUCTION else {}), "Cache-Control": "no-store"}


def install(app: Flask, settings: Settings) -> None:
    """Put the headers on every answer; one that an answer has set itself stays, so that a page can say what it needs."""
    headers = [(name.lower(), name, value) for name, value in of_every_answer(settings).items()]

    def add_headers(response: Response) -> Response:
        there = {name.lower() for name, _ in response.headers}
        for lower, name, value in headers:
            if lower not in there:
                response.headers.add(name, value)
        return response

    app.after_request(add_headers)
