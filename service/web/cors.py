"""Which web pages may read our answers: an explicit list of origins, on every answer, errors included."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import request

if TYPE_CHECKING:
    from flask import Flask, Response

_DAY_IN_SECONDS = "86400"
_MAY_SEND = "Content-Type, Authorization, Accept, X-Request-Id"
_MAY_READ = "Retry-After, X-Request-Id"
_OF_NOBODY = "null"  # what a page without an address sends: it could be anybody's


def install(app: Flask, origins: tuple[str, ...]) -> None:
    """Let pages of these origins call every address of the application; what a browser asks beforehand needs no token."""
    allowed = frozenset(origins) - {_OF_NOBODY}

    def add_headers(response: Response) -> Response:
        if "Vary" in response.headers:
            response.vary.add("Origin")
        else:
            response.headers.add("Vary", "Origin")
        origin = request.environ.get("HTTP_ORIGIN", "")
        if origin in allowed:
            response.headers["Access-Control-Allow-Origin"] = origin
            response.headers["Access-Control-Expose-Headers"] = _MAY_READ
            if request.method == "OPTIONS":
                response.headers["Access-Control-Allow-Methods"] = "GET, POST, OPTIONS"
                response.headers["Access-Control-Allow-Headers"] = _MAY_SEND
                response.headers["Access-Control-Max-Age"] = _DAY_IN_SECONDS
        return response

    app.after_request(add_headers)
