"""The answer to what never became a request: the application has not seen it, so it is written here."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

import orjson

from service.web import metrics
from service.web.logs import log
from service.web.request_ids import HEADER

if TYPE_CHECKING:
    from collections.abc import Mapping

_TOO_LONG = (
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.REQUEST_URI_TOO_LONG,
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
)
_ISSUES = {
    **dict.fromkeys(_TOO_LONG, "too-long"),
    HTTPStatus.REQUEST_TIMEOUT: "timeout",
    HTTPStatus.SERVICE_UNAVAILABLE: "throttled",
    HTTPStatus.INTERNAL_SERVER_ERROR: "exception",
}


def refusal(status: HTTPStatus, headers: Mapping[str, str], request_id: str) -> bytes:
    """Return the whole answer, as bytes; it ends the connection. It is counted and logged like every other error.

    `headers`: those of every answer.
    """
    code = status.phrase.lower().replace(" ", "-")
    issue = {
        "severity": "error",
        "code": _ISSUES.get(status, "structure"),
        "details": {"coding": [{"system": "urn:all-cds:errors", "code": code}], "text": code},
        "diagnostics": status.description or status.phrase,
    }
    body = orjson.dumps({"resourceType": "OperationOutcome", "issue": [issue]})
    metrics.ERRORS.labels(code=code).inc()
    log.info("refused", status=int(status), error=code, request_id=request_id)
    wanted = {
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        **headers,
        HEADER: request_id,
        "Connection": "close",
    }
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        wanted["Retry-After"] = "30"
    lines = [f"HTTP/1.1 {int(status)} {status.phrase}", *(f"{name}: {value}" for name, value in wanted.items()), "", ""]
    return "\r\n".join(lines).encode("ascii") + body
