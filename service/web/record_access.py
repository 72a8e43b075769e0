"""Whether a call may be answered with data of its record system's FHIR server, and then with which leave.

Only a server that our operator has listed is ever called: for a caller that has proven who it is the list of its issuer, for
others that of the settings. Where it is not, no name is looked up, and one line of the log says why.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flask import g

from cds_hooks import InvalidMember
from service.settings import OPEN, PRODUCTION
from service.web import metrics
from service.web.callers import caller
from service.web.deadline import seconds_left
from service.web.logs import log

if TYPE_CHECKING:
    from collections.abc import Collection

    from cds_hooks import FhirAuthorization, HookRequest
    from service.clients.fhir_http import FhirHttp
    from service.clients.fhir_server import RecordServer
    from service.settings import Settings

NOT_REGISTERED = "fhir-server-not-registered"
TOKEN_UNUSABLE = "fhir-token-unusable"  # noqa: S105 - a word for the log
NO_TOKEN = "fhir-token-absent"  # noqa: S105 - a word for the log
# What may stand in a header: anything else would be another header, or an error that repeats the token.
_TOKEN = re.compile(r"[\x21-\x7e]+")


class RecordServers:
    """The FHIR servers that the settings allow to be asked; none until something is fetched from them."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._http: FhirHttp | None = None
        if settings.auth != OPEN or settings.fhir_servers:
            # Loaded before the first call, which waits for nothing then; where nobody can be asked, it is not loaded at all.
            from service.clients.fhir_http import FhirHttp  # noqa: PLC0415

            self._http = FhirHttp(authorities=settings.fhir_authorities)

    def of(self, sent: HookRequest) -> RecordServer | None:
        """Return the server of a call, to be asked during it; None where the call must do with what it brought.

        Raises: InvalidMember for an address without encryption where patients are real.
        """
        settings, address = self._settings, sent.fhir_server
        if address is None:
            return None
        if settings.profile == PRODUCTION and not address.lower().startswith("https:"):
            raise InvalidMember("fhirServer", "an https address is expected here")
        if self._http is None:
            log.warning("record server not asked", error=NOT_REGISTERED)
            return None
        return self._listed(sent, self._http)

    def launched(self, sent: HookRequest) -> RecordServer | None:
        """Return the server at which a user has logged in, to be asked with this leave: it was looked up in its own list."""
        if self._http is None:
            from service.clients.fhir_http import FhirHttp  # noqa: PLC0415 - as above

            self._http = FhirHttp(authorities=self._settings.fhir_authorities)
        return self._listed(sent, self._http, listed=(sent.fhir_server or "",))

    def _listed(self, sent: HookRequest, http: FhirHttp, listed: Collection[str] | None = None) -> RecordServer | None:
        from service.clients.fhir_address import registered  # noqa: PLC0415 - as above
        from service.clients.fhir_http import Call  # noqa: PLC0415
        from service.clients.fhir_server import Limits, RecordServer  # noqa: PLC0415
        from service.clients.guarded_connections import Lines  # noqa: PLC0415

        settings = self._settings
        base = registered(sent.fhir_server or "", self._servers() if listed is None else listed)
        if base is None:
            log.warning("record server not asked", error=NOT_REGISTERED)
            return None
        leave = sent.fhir_authorization
        if not _may_ask(leave, settings):
            return None
        call = Call(
            base=base,
            patient_id=sent.context.patient_id,
            token=leave.access_token if leave is not None else None,
            until=_until(settings, http),
            lines=Lines(private=settings.fhir_private_addresses),
            scope=(leave.scope or "") if leave is not None else "",
            request_id=str(g.get("request_id") or ""),
        )
        return RecordServer(http, call, limits=Limits(settings.fetch_pages, settings.fetch_entries), told=_count)

    def _servers(self) -> Collection[str]:
        found = caller()
        return self._settings.fhir_servers if found is None else found.fhir_servers


def _may_ask(leave: FhirAuthorization | None, settings: Settings) -> bool:
    """Return whether the call gives leave to ask; the log names what is lacking, never the token."""
    if leave is None:
        if not settings.fhir_without_token:
            log.info("record server not asked", error=NO_TOKEN)
        return settings.fhir_without_token
    lacking = [*leave.missing]
    if not _TOKEN.fullmatch(leave.access_token or "") and "access_token" not in lacking:
        lacking.append("access_token")
    if lacking:
        log.warning("record server not asked", error=TOKEN_UNUSABLE, lacking=lacking)
    return not lacking


def _until(settings: Settings, http: FhirHttp) -> float:
    """Return when fetching must have ended: so long after now, and no later than the answer as a whole may be."""
    left = seconds_left()
    return http.clock() + (settings.fetch_seconds if left is None else min(settings.fetch_seconds, max(0.0, left)))


def _count(outcome: str) -> None:
    metrics.FETCHES.labels(outcome=outcome).inc()
