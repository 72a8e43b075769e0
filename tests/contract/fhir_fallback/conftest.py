"""A record system's FHIR server, a call that names it, and a service that may ask it."""

import json

import pytest

from tests.contract.fhir_fallback.one_record import PATIENT, STORY, TYPES, resources
from tests.contract.stored import HOOK
from tests.stand_ins.record_server import RecordServerStandIn, leave


@pytest.fixture
def server():
    with RecordServerStandIn(resources()) as stand_in:
        yield stand_in


@pytest.fixture
def whole(hook_call, server):
    """A call that lacks nothing, and names the server."""
    body = hook_call(STORY)
    body["prefetch"] = dict.fromkeys(TYPES) | body["prefetch"]
    body["fhirServer"] = server.address
    body["fhirAuthorization"] = leave()
    return body


@pytest.fixture
def ask(client_with, server):
    """The answer of a service that lists the server, and may call this machine."""

    def post(body, **settings):
        settings = {"fhir_servers": (server.address,), "fhir_private_addresses": True, **PATIENT} | settings
        return client_with(**settings).post(HOOK, data=json.dumps(body), content_type="application/json")

    return post
