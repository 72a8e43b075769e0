"""Log lines as fields, one JSON object a line on standard error; a field that nobody allowed is not written."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import orjson
import structlog
from flask import g, has_request_context

if TYPE_CHECKING:
    from structlog.typing import EventDict, WrappedLogger

# None of these can hold a patient's data: `remarks` are codes of FHIR's list, `hook_instance` is an id of the call, `issuer` and
# `tenant` are on our list.
OF_THE_LINE = ("event", "level", "timestamp", "not_written")
OF_THE_CALL = (
    *("request_id", "method", "route", "status", "milliseconds", "error", "at"),
    *("service", "hook", "hook_instance", "cards", "unavailable", "remarks", "lacking", "stripped"),
    *("trigger", "options_not_used", "orders"),  # a number, and codes of our own lists
    *("client", "issuer", "tenant"),
)
OF_OTHERS = ("key_set",)  # an address or a file that the operator has written
ALLOWED = frozenset((*OF_THE_LINE, *OF_THE_CALL, *OF_OTHERS))


def with_request_id(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Return the line with the id of the request that is being answered, where one is."""
    if has_request_context() and "request_id" in g:
        event.setdefault("request_id", g.request_id)
    return event


def only_allowed(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Return the line without the fields that nobody allowed, naming them in `not_written`."""
    refused = event.keys() - ALLOWED
    if not refused:
        return event
    kept: dict[str, Any] = {name: value for name, value in event.items() if name in ALLOWED}
    kept["not_written"] = sorted(refused)
    return kept


def _json(line: Any, **_options: Any) -> str:  # noqa: ANN401 - as structlog gives it
    return orjson.dumps(line, default=repr).decode()


class _StandardError:
    """Writes whole lines to wherever standard error leads at that moment."""

    def info(self, line: str) -> None:
        sys.stderr.write(line + "\n")

    warning = error = info


log = structlog.wrap_logger(
    _StandardError(),
    processors=[
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        with_request_id,
        only_allowed,
        structlog.processors.JSONRenderer(serializer=_json),
    ],
    cache_logger_on_first_use=True,
)
