"""Errors as a page, for whoever would rather read one: the same OperationOutcome in plain words, with the place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
from flask import Response, request

from service.web.pages.render import prefers_html
from service.web.pages.texts import part, rows, text, texts

if TYPE_CHECKING:
    from flask import Flask

    from service.web.pages.render import Pages

_ERRORS = 400
_PROTOCOL = "/cds-services"  # its clients are programs: what they get is JSON, whatever they accept


def install(app: Flask, pages: Pages) -> None:
    """Write an OperationOutcome as a page where the caller prefers one, but for the protocol; a bare 401 stays bare."""

    @app.after_request
    def as_page(response: Response) -> Response:
        if response.status_code < _ERRORS or response.mimetype != "application/json":
            return response
        if request.path.startswith(_PROTOCOL) or not prefers_html():
            return response
        outcome = part(orjson.loads(response.get_data()))
        issue = next(iter(rows(outcome.get("issue"))), {})
        words = pages.chosen()
        code = text(part(issue.get("details")).get("text"))
        page = pages.response(
            "error.html",
            words,
            status=response.status_code,
            plain=words.error.codes.get(code, words.error.other),
            code=code,
            where=", ".join(texts(issue.get("expression"))),
            diagnostics=text(issue.get("diagnostics")),
            address=request.path,
        )
        for name in ("Allow", "Retry-After"):
            if name in response.headers:
                page.headers[name] = response.headers[name]
        return page
