"""The real application with the shipped knowledge, called as a client calls it."""

import json
from dataclasses import replace

import pytest

from service.assembly import build_service
from service.settings import Settings
from service.web.app import create_app
from tests.contract.stored import HOOK, SERVICES, stored_patient, stored_request


@pytest.fixture(scope="session")
def service():
    return build_service(Settings())


@pytest.fixture(scope="session")
def client(service):
    return create_app(service).test_client()


@pytest.fixture
def client_with(service):
    """A client of the same service under other settings."""

    def build(**settings):
        return create_app(replace(service, settings=replace(service.settings, **settings))).test_client()

    return build


@pytest.fixture
def bundle():
    """A story as the bytes of its bundle."""

    return stored_patient


@pytest.fixture
def hook_call():
    """A stored call of the hook, free to be changed."""

    def read(name="adult-first-relapse"):
        return json.loads(stored_request(f"{name}-patient-view"))

    return read


@pytest.fixture
def post_hook(client):
    """The answer to one call of the hook."""

    def post(body, **options):
        data = body if isinstance(body, bytes | str) else json.dumps(body)
        return client.post(HOOK, data=data, content_type=options.pop("content_type", "application/json"), **options)

    return post


@pytest.fixture
def post_call(client):
    """The answer of the service that answers the hook of a call."""

    def post(body):
        body = json.loads(body) if isinstance(body, bytes) else body
        return client.post(SERVICES[body["hook"]], data=json.dumps(body), content_type="application/json")

    return post


@pytest.fixture
def without_ids():
    """Cards without what differs from answer to answer."""

    def strip(value):
        if isinstance(value, dict):
            return {name: strip(part) for name, part in value.items() if name != "uuid"}
        return [strip(part) for part in value] if isinstance(value, list) else value

    return strip


def outcome_faults(response):
    """Why an answer is not the one shape of all errors."""
    faults = []
    document = json.loads(response.data)
    if response.mimetype != "application/json":
        faults.append("content type")
    if document.get("resourceType") != "OperationOutcome":
        faults.append("resourceType")
    for issue in document.get("issue") or [{}]:
        if issue.get("severity") not in {"fatal", "error"} or not issue.get("code") or not issue.get("diagnostics"):
            faults.append("issue needs severity, code and diagnostics")
        if "Traceback" in json.dumps(issue) or ".py" in json.dumps(issue):
            faults.append("a stack trace")
    return faults


@pytest.fixture
def is_outcome():
    """Whether an answer is an OperationOutcome of this status; a failure says what is wrong."""

    def check(response, status):
        assert response.status_code == status, response.data
        assert outcome_faults(response) == []
        return json.loads(response.data)["issue"][0]

    return check
