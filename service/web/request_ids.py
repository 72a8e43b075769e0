"""One id for each request: the client's own where it is one, else a new one; on the answer, in the log, and for other servers."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from flask import g, request

if TYPE_CHECKING:
    from flask import Flask, Response

HEADER = "X-Request-Id"
_IN_ENVIRON = "HTTP_X_REQUEST_ID"
_GOOD = re.compile(r"[A-Za-z0-9._-]{1,64}")


def new_request_id() -> str:
    """Return an id that no other request has."""
    return os.urandom(16).hex()


def request_id_for(sent: str) -> str:
    """Return the id of a request: what the client sent where that is one, else a new one."""
    return sent if _GOOD.fullmatch(sent) else new_request_id()


def install(app: Flask) -> None:
    """Give each request its id as `g.request_id`, and put it on the answer."""

    @app.before_request
    def begin() -> None:
        g.request_id = request_id_for(request.environ.get(_IN_ENVIRON, ""))

    @app.after_request
    def add_header(response: Response) -> Response:
        found = g.get("request_id")
        if found is not None:
            response.headers[HEADER] = found
        return response
