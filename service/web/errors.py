"""The only place where an error becomes HTTP: an OperationOutcome, never patient data, never a stack trace.

A caller that is not known is told nothing at all: a bare 401. The log says which check failed.
"""

from __future__ import annotations

import traceback
from http import HTTPStatus
from typing import TYPE_CHECKING, Literal

import orjson
from flask import Response, g
from werkzeug.exceptions import HTTPException

import cds_hooks
from service import errors
from service.web import metrics
from service.web.logs import log

if TYPE_CHECKING:
    from flask import Flask

IssueCode = Literal[
    "structure",
    "required",
    "value",
    "invalid",
    "not-supported",
    "not-found",
    "too-long",
    "business-rule",
    "security",
    "transient",
    "timeout",
    "throttled",
    "exception",
]
"""Codes of FHIR's list of issue types."""


STATUS: dict[type[Exception], tuple[HTTPStatus, IssueCode]] = {
    errors.ServiceError: (HTTPStatus.INTERNAL_SERVER_ERROR, "exception"),
    errors.KnowledgeError: (HTTPStatus.INTERNAL_SERVER_ERROR, "exception"),
    errors.RecordError: (HTTPStatus.UNPROCESSABLE_ENTITY, "invalid"),
    errors.NotJson: (HTTPStatus.BAD_REQUEST, "structure"),
    errors.NotABundle: (HTTPStatus.BAD_REQUEST, "structure"),
    errors.TooLarge: (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too-long"),
    errors.NoPatient: (HTTPStatus.UNPROCESSABLE_ENTITY, "required"),
    errors.WrongPatient: (HTTPStatus.UNPROCESSABLE_ENTITY, "business-rule"),
    errors.PrefetchFailed: (HTTPStatus.PRECONDITION_FAILED, "required"),
    errors.OtherFhirVersion: (HTTPStatus.PRECONDITION_FAILED, "not-supported"),
    errors.RequestError: (HTTPStatus.BAD_REQUEST, "value"),
    errors.UnsupportedMediaType: (HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "not-supported"),
    errors.TooManyCalls: (HTTPStatus.TOO_MANY_REQUESTS, "throttled"),
    errors.OutOfTime: (HTTPStatus.SERVICE_UNAVAILABLE, "timeout"),
    errors.UpstreamError: (HTTPStatus.BAD_GATEWAY, "transient"),
    errors.StoreError: (HTTPStatus.SERVICE_UNAVAILABLE, "transient"),
    errors.SealBroken: (HTTPStatus.NOT_FOUND, "not-found"),
    cds_hooks.ProtocolError: (HTTPStatus.INTERNAL_SERVER_ERROR, "exception"),
    cds_hooks.IncomingError: (HTTPStatus.BAD_REQUEST, "invalid"),
    cds_hooks.NotJson: (HTTPStatus.BAD_REQUEST, "structure"),
    cds_hooks.NotAnObject: (HTTPStatus.BAD_REQUEST, "structure"),
    cds_hooks.MissingMember: (HTTPStatus.BAD_REQUEST, "required"),
    cds_hooks.InvalidMember: (HTTPStatus.BAD_REQUEST, "value"),
    cds_hooks.UnsupportedHook: (HTTPStatus.BAD_REQUEST, "not-supported"),
    cds_hooks.OtherPatient: (HTTPStatus.UNPROCESSABLE_ENTITY, "business-rule"),
    cds_hooks.NotAuthenticated: (HTTPStatus.UNAUTHORIZED, "security"),
    cds_hooks.KeysUnavailable: (HTTPStatus.SERVICE_UNAVAILABLE, "transient"),
    cds_hooks.OutgoingError: (HTTPStatus.INTERNAL_SERVER_ERROR, "exception"),
}
"""The nearest class in the tree of an error decides."""

_HTTP_CODES: dict[int, IssueCode] = {404: "not-found", 405: "not-supported", 413: "too-long", 415: "not-supported"}
_RETRY_SECONDS = "30"


def status_of(error: Exception) -> tuple[HTTPStatus, IssueCode]:
    """Return the HTTP status and the issue code of an error of ours or of the protocol's."""
    return next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), (HTTPStatus.INTERNAL_SERVER_ERROR, "exception"))


def outcome(status: int, issue: IssueCode, code: str, diagnostics: str, where: str = "") -> Response:
    """Return the error as a FHIR OperationOutcome; `code` is ours and stable."""
    entry: dict[str, object] = {
        "severity": "error",
        "code": issue,
        "details": {"coding": [{"system": "urn:all-cds:errors", "code": code}], "text": code},
        "diagnostics": diagnostics,
    }
    if where:
        entry["expression"] = [where]
    body = orjson.dumps({"resourceType": "OperationOutcome", "issue": [entry]})
    response = Response(body, status=status, mimetype="application/json")
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = _RETRY_SECONDS
    g.error = code
    metrics.ERRORS.labels(code=code).inc()
    return response


def unknown_caller(error: cds_hooks.NotAuthenticated) -> Response:
    """Return a 401 that says nothing; the issuer is logged where it is one of ours."""
    g.error, g.issuer = error.code, error.issuer or None
    metrics.ERRORS.labels(code=error.code).inc()
    return Response(status=HTTPStatus.UNAUTHORIZED, headers={"WWW-Authenticate": "Bearer"})


def answer_to(error: Exception) -> Response:
    """Return the answer to an error of ours or of the protocol's."""
    if isinstance(error, cds_hooks.NotAuthenticated):
        return unknown_caller(error)
    if isinstance(error, errors.PrefetchFailed):
        g.remarks = list(error.remarks)
    status, issue = status_of(error)
    code: str = getattr(error, "code", "internal")
    if status == HTTPStatus.INTERNAL_SERVER_ERROR:
        return _internal(error)
    message = error.message if isinstance(error, errors.ServiceError) else code.replace("-", " ")
    where: str = getattr(error, "where", "")
    hint: str = getattr(error, "hint", "")
    diagnostics = message + (f" at {where}" if where else "") + (f": {hint}" if hint else "")
    answer = outcome(status, issue, code, diagnostics, where)
    if isinstance(error, errors.TooManyCalls):
        answer.headers["Retry-After"] = str(error.retry_after)
    return answer


def _http(error: HTTPException) -> Response:
    status = error.code or HTTPStatus.INTERNAL_SERVER_ERROR
    code = HTTPStatus(status).phrase.lower().replace(" ", "-")
    allowed = [value for name, value in error.get_headers() if name.lower() == "allow"]
    answer = outcome(status, _HTTP_CODES.get(status, "invalid"), code, _said(HTTPStatus(status), allowed))
    for value in allowed:
        answer.headers["Allow"] = value
    return answer


def _said(status: HTTPStatus, allowed: list[str]) -> str:
    """Return what is wrong and what would be right."""
    if status == HTTPStatus.NOT_FOUND:
        return "there is nothing under this address: GET /cds-services lists the services, GET /install tells the rest"
    if status == HTTPStatus.METHOD_NOT_ALLOWED and allowed:
        return f"the address is right, the method is not: it takes {', '.join(allowed)}"
    return status.description or status.phrase


def _internal(error: Exception) -> Response:
    """Return a bare 500; the log gets the kind of error and the places in our code, never its message or any value."""
    frames = traceback.extract_tb(error.__traceback__)
    places = [f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames[-8:]]
    log.error("unexpected", error=type(error).__name__, at=places)
    return outcome(HTTPStatus.INTERNAL_SERVER_ERROR, "exception", "internal", "the service could not evaluate this request")


def install(app: Flask) -> None:
    """Make every error of the application an OperationOutcome."""
    app.register_error_handler(errors.ServiceError, answer_to)
    app.register_error_handler(cds_hooks.ProtocolError, answer_to)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _internal)
