"""What a launch leads to: the record of the leave, read from its server, and the page about it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from flask import g

from cds_hooks import FhirAuthorization, HookRequest, PatientViewContext
from service.assembly import read_question
from service.consultation import assessment_document
from service.settings import PRODUCTION
from service.stores.encryption_keys import key_bytes
from service.web.deadline import check_time
from service.web.offered import offered
from service.web.prefetch import receive
from service.web.record_access import RecordServers

if TYPE_CHECKING:
    from datetime import date

    from flask import Blueprint, Response

    from service.assembly import Service
    from service.clients.smart_words import Leave

HOOK, SERVICE = "patient-view", "all-immunotherapy"
_READER = "Practitioner/unknown"  # who looks is asked nowhere and makes no difference

Render = Callable[[dict[str, object]], "Response"]
"""Makes the page of an assessment."""


@dataclass(frozen=True, slots=True)
class LaunchedPages:
    """Reads records with the leave of users who opened our page, and has the pages made."""

    service: Service
    servers: RecordServers
    render: Render

    @classmethod
    def of(cls, service: Service, render: Render) -> LaunchedPages:
        """Return them as the settings ask for."""
        return cls(service, RecordServers(service.settings), render)

    def show(self, leave: Leave, today: date) -> Response:
        """Return the page about the patient of the leave.

        Raises: PrefetchFailed where what is needed at least cannot be read, RecordError, OutOfTime.
        """
        asked = offered().find(SERVICE, HOOK)
        if asked is None:
            raise LookupError("there is no service whose data the page could ask for")
        sent = HookRequest(
            hook=HOOK,
            hook_instance=str(uuid4()),
            context=PatientViewContext(_READER, leave.patient),
            fhir_server=leave.server,
            fhir_authorization=FhirAuthorization(leave.access_token, "Bearer", 1, leave.scope or "patient/*.rs", "all-cds"),
        )
        with self.servers.launched(sent) or nullcontext() as server:
            received = receive(sent, asked, self.service.rules.vocabulary.terms, server)
        g.unavailable = sorted(received.unavailable)
        g.remarks = list(received.remarks)
        check_time()
        question = read_question({}, self.service.settings, today)
        consultation = self.service.consult_prefetch(received.resources, leave.patient, received.unavailable, question)
        check_time()
        return self.render(assessment_document(consultation))


def launch_routes(service: Service, render: Render, today: Callable[[], date]) -> Blueprint:
    """Return the routes of launches from the record servers that the settings list. Raises: RequestError."""
    from service.clients.smart import SmartLogins  # noqa: PLC0415 - only where record systems open our page
    from service.clients.smart_servers import read_smart_servers  # noqa: PLC0415
    from service.web.launch import DONE, LoginMemory, launch_blueprint  # noqa: PLC0415

    settings = service.settings
    servers = read_smart_servers(Path(settings.smart_servers), made_up_only=settings.profile != PRODUCTION)
    asked = offered().find(SERVICE, HOOK)
    types = [key.type for key in asked.prefetch.values()] if asked is not None else []
    pages = LaunchedPages.of(service, render)
    base = settings.public_base_url
    memory = LoginMemory.made(secure=base.startswith("https://"), keys=[key_bytes(key) for key in settings.encryption_keys])
    return launch_blueprint(SmartLogins(servers, base + DONE, types), memory, lambda leave: pages.show(leave, today()))
