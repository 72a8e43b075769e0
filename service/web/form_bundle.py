"""A bundle as a browser's form sends it: a file or a text, read in memory only."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from werkzeug.formparser import FormDataParser

from service.errors import RequestError
from service.web.body import read_body, read_sent, with_few_values

if TYPE_CHECKING:
    from flask import Request

    from service.settings import Settings

FORM = "multipart/form-data"
FILE, TEXT = "bundle", "text"
_MOST_PARTS = 4


def read_bundle(request: Request, settings: Settings) -> bytes:
    """Return the bundle of a form, or the body itself where it is JSON.

    Raises: UnsupportedMediaType, TooLarge, NotJson, RequestError where a form brings nothing.
    """
    if request.mimetype != FORM:
        return read_body(request, settings)
    limit = settings.body_limit
    body = read_sent(request, limit)
    # Without a factory of our own the framework writes large files to the disk: nothing of a patient lies there.
    parser = FormDataParser(lambda *_args, **_names: BytesIO(), limit, limit, max_form_parts=_MOST_PARTS)
    _, form, files = parser.parse(BytesIO(body), FORM, len(body), dict(request.mimetype_params))
    sent = files.get(FILE)
    found = sent.stream.read() if sent is not None else b""
    found = found or form.get(TEXT, "").encode("utf-8", errors="surrogatepass")
    if not found.strip():
        raise RequestError("the form brought no bundle", where=FILE, hint="choose a file, or paste its text")
    return with_few_values(found, settings.value_limit)
