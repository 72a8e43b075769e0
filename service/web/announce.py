"""What discovery says of each service beside what it asks for: state of knowledge, options, version of its hook."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cds_hooks import HOOK_VERSIONS, discovery_document
from service.web.client_profiles import profile_of_the_setting
from service.web.options import OPTIONS, announced_options

if TYPE_CHECKING:
    from cds_hooks import ServiceDefinition
    from service.assembly import Service
    from service.web.offered import AskedService, Offered

KNOWLEDGE = "all-cds.knowledge"


def definition_of(asked: AskedService, service: Service) -> ServiceDefinition:
    """Return the announcement of one service on one hook. It is the same for every caller: the setting's profile shapes it."""
    profile, library = profile_of_the_setting(service.settings), service.rules.library
    return replace(
        asked.definition,
        version=profile.specification,
        hook_version=HOOK_VERSIONS.get(asked.hook) if profile.names_hook_versions else None,
        extension={
            KNOWLEDGE: {"version": library.version, "digest": library.digest},
            OPTIONS: announced_options(asked, service.settings),
        },
    )


def discovery(offers: Offered, service: Service) -> dict[str, object]:
    """Return the document that announces everything we offer."""
    return discovery_document(definition_of(asked, service) for asked in offers.services)
