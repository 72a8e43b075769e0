"""A user opens our page from a record system in a browser: logs in there, and sees the patient."""

import json
from urllib.parse import urlencode

import pytest

from tests.contract.stored import stored_request
from tests.stand_ins.served import HOST, free_port, served
from tests.stand_ins.smart_record_server import CLIENT, TOKEN, record_server

STORY = "adult-cd19-not-retested-after-car-t"


def resources_of(story):
    sent = [value for value in json.loads(stored_request(f"{story}-patient-view"))["prefetch"].values() if value]
    alone = [value for value in sent if value["resourceType"] != "Bundle"]
    return (*alone, *(entry["resource"] for value in sent for entry in value.get("entry", ())))


@pytest.fixture(scope="module")
def hospital():
    resources = resources_of(STORY)
    patient = next(row["id"] for row in resources if row["resourceType"] == "Patient")
    with record_server(patient=patient, resources=resources, faults=frozenset({"asks"})) as running:
        yield running


@pytest.fixture(scope="module")
def ours(hospital, tmp_path_factory):
    listed = tmp_path_factory.mktemp("smart") / "servers.yaml"
    listed.write_text(f"{hospital.address}/fhir:\n  client_id: {CLIENT}\n")
    port = free_port()
    address = f"http://{HOST}:{port}"
    patience = {"fetch_seconds": 60.0, "answer_seconds": 60.0}
    smart = {"smart_servers": str(listed), "public_base_url": address, "fhir_private_addresses": True}
    with served("--workers", "1", port=port, **smart, **patience):
        yield address


def test_a_launch_ends_on_the_page_of_the_patient(browser, ours, hospital, axe, keep):
    context = browser.new_context(locale="en")
    try:
        page = context.new_page()
        page.goto(f"{ours}/launch?{urlencode({'iss': f'{hospital.address}/fhir', 'launch': 'launch-word'})}")
        assert page.title() == "Log in"  # the record system asks, not we
        page.get_by_role("link", name="log in").click()
        page.wait_for_load_state()
        assert page.url.startswith(f"{ours}/launch/done?")
        assert "CD19" in page.get_by_role("heading", level=1).inner_text()
        assert page.locator("svg").count() > 0
        assert axe(page) == []
        assert context.cookies() == []  # the login is over
        assert TOKEN not in page.content()
        keep(page, "launched")
    finally:
        context.close()


def test_a_page_that_is_loaded_again_must_be_launched_again(browser, ours, hospital):
    context = browser.new_context(locale="en")
    try:
        page = context.new_page()
        page.goto(f"{ours}/launch?{urlencode({'iss': f'{hospital.address}/fhir', 'launch': 'launch-word'})}")
        page.get_by_role("link", name="log in").click()
        page.wait_for_load_state()
        answer = page.reload()
        assert answer.status == 502
        assert "login" in page.content()
        assert "CD19" not in page.content()
    finally:
        context.close()
