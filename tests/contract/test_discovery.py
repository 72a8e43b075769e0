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


FROZEN_OPTIONS = ["approved-therapies", "open-trials", "missing-data", "max-cards", "regulators", "as-of", "known-by", "language"]


def services(client):
    return client.get("/cds-services").json["services"]


def templates(client):
    return [template for service in services(client) for template in service["prefetch"].values()]


def test_discovery_schema(client):
    answer = client.get("/cds-services")
    assert answer.status_code == 200
    assert answer.mimetype == "application/json"
    assert discovery_faults(answer.json) == []


FROZEN_SERVICES = [
    ("all-immunotherapy", "patient-view", FROZEN_KEYS),
    ("all-immunotherapy", "encounter-start", FROZEN_KEYS),
    ("all-approved-therapies", "patient-view", FROZEN_KEYS),
    ("all-open-trials", "patient-view", FROZEN_KEYS),
    ("all-immunotherapy-order", "order-select", FROZEN_KEYS),
    ("all-immunotherapy-order", "order-sign", FROZEN_KEYS),
    ("all-immunotherapy-dispatch", "order-dispatch", FROZEN_KEYS | {"servicerequests"}),
]


def test_ch_d_10_ids_and_keys_stay_as_clients_typed_them(client):
    found = [(service["id"], service["hook"], set(service["prefetch"])) for service in services(client)]
    assert found == FROZEN_SERVICES


def test_ch_d_09_the_services_of_one_id_ask_for_the_same_data(client):
    # The later answer of an id replaces the earlier one: it must not rest on less.
    asked: dict[str, list[object]] = {}
    for service in services(client):
        asked.setdefault(service["id"], []).append(service["prefetch"])
    assert all(one == prefetches[0] for prefetches in asked.values() for one in prefetches)
    assert sorted(len(prefetches) for prefetches in asked.values()) == [1, 1, 1, 2, 2]


def test_ch_d_11_a_slash_at_the_end_is_answered_without_a_redirect(client):
    with_slash = client.get("/cds-services/")
    assert with_slash.status_code == 200
    assert with_slash.data == client.get("/cds-services").data


def test_ch_d_07_the_version_is_that_of_the_specification(client):
    assert {service["version"] for service in services(client)} == {"2.0.1"}


def test_ch_d_07_our_own_version_and_that_of_our_knowledge_stand_in_the_extension(client, service):
    library = service.rules.library
    for announced in services(client):
        assert announced["extension"]["all-cds.knowledge"] == {"version": library.version, "digest": library.digest}


def test_ch_d_08_only_under_the_profile_of_3_0_hooks_have_versions(client, client_with):
    assert all("hookVersion" not in announced for announced in services(client))
    for announced in services(client_with(client_profile="3.0")):
        assert announced["version"] == "3.0.0"
        if announced["hook"] == "patient-view":
            assert announced["hookVersion"] == "1.0"  # the table of hooks, part 5


def test_ch_d_06_what_is_needed_and_what_is_lost_without_it_is_said(client):
    for announced in services(client):
        assert announced["usageRequirements"]


def test_ch_o_10_every_option_is_announced_with_what_holds_without_it(client):
    for announced in services(client):
        listed = announced["extension"]["all-cds.options"]
        assert all(set(option) == {"code", "type", "name", "description", "default"} for option in listed)
        for name in ("code", "name", "description"):
            assert len({option[name] for option in listed}) == len(listed)
    whole = next(announced for announced in services(client) if announced["id"] == "all-immunotherapy")
    listed = whole["extension"]["all-cds.options"]
    assert [option["code"] for option in listed] == FROZEN_OPTIONS
    assert [option["default"] for option in listed] == [True, True, True, 10, "EMA,AEMPS", "today", "today", "accept-language"]


def test_ch_o_10_an_option_reads_the_same_on_every_service(client):
    said: dict[str, object] = {}
    for announced in services(client):
        for option in announced["extension"]["all-cds.options"]:
            assert said.setdefault(option["code"], option) == option


def test_ch_o_11_a_service_of_one_kind_does_not_offer_to_turn_the_other_on(client):
    listed = {s["id"]: {option["code"] for option in s["extension"]["all-cds.options"]} for s in services(client)}
    assert "open-trials" not in listed["all-approved-therapies"]
    assert "approved-therapies" not in listed["all-open-trials"]


def test_prefetch_lint_20(client):
    for template in templates(client):
        assert set(re.findall(r"\{\{(.*?)\}\}", template)) == {"context.patientId"}
        assert not re.search(r"today\(\)|resolve|%|_include|_has|:", template)


def test_no_template_uses_a_parameter_twice(client):
    # A client that merges the two would ask another question than ours.
    for template in templates(client):
        names = re.findall(r"[?&]([^=]+)=", template)
        assert len(names) == len(set(names))


def test_ch_g_02_nothing_announced_is_null_or_empty(client):
    assert not re.search(r'null|""|\[\]|\{\}', json.dumps(services(client)))
