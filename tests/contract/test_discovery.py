"""What the service announces."""

import json
import re

from tests.contract.cds_hooks_checker import discovery_faults

FROZEN_KEYS = {
    "patient",
    "conditions",
    "observations",
    "medicationrequests",
    "medicationadministrations",
    "medicationstatements",
    "medicationdispenses",
    "procedures",
    "allergies",
    "diagnosticreports",
    "specimens",
}


def services(client):
    return client.get("/cds-services").json["services"]


def test_discovery_schema(client):
    answer = client.get("/cds-services")
    assert answer.status_code == 200
    assert answer.mimetype == "application/json"
    assert discovery_faults(answer.json) == []


def test_ch_d_10_ids_and_keys_stay_as_clients_typed_them(client):
    (service,) = services(client)
    assert (service["id"], service["hook"]) == ("all-immunotherapy", "patient-view")
    assert set(service["prefetch"]) == FROZEN_KEYS


def test_ch_d_11_a_slash_at_the_end_is_answered_without_a_redirect(client):
    with_slash = client.get("/cds-services/")
    assert with_slash.status_code == 200
    assert with_slash.data == client.get("/cds-services").data


def test_ch_d_07_the_version_is_that_of_the_specification(client):
    assert services(client)[0]["version"] == "2.0.1"


def test_prefetch_lint_20(client):
    (service,) = services(client)
    for template in service["prefetch"].values():
        assert set(re.findall(r"\{\{(.*?)\}\}", template)) == {"context.patientId"}
        assert not re.search(r"today\(\)|resolve|%|_include|_has|:", template)


def test_no_template_uses_a_parameter_twice(client):
    # A client that merges the two would ask another question than ours.
    (service,) = services(client)
    for template in service["prefetch"].values():
        names = re.findall(r"[?&]([^=]+)=", template)
        assert len(names) == len(set(names))


def test_ch_g_02_nothing_announced_is_null_or_empty(client):
    assert not re.search(r'null|""|\[\]|\{\}', json.dumps(services(client)))
