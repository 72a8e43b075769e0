"""A record system opens our page: its user logs in there, and the page shows the record read with that user's leave."""

import json
from urllib.parse import urlencode, urlsplit

import pytest
import requests

from tests.contract.stored import HOOK, stored_request
from tests.stand_ins.served import served
from tests.stand_ins.smart_record_server import CLIENT, TOKEN, record_server

PUBLIC = "https://cds.hospital.example"
STORY = "adult-first-relapse-cd22-unknown"
HTML = {"Accept": "text/html"}


def resources_of(story):
    """The record of a stored call, as its server holds it: every resource names the patient."""
    sent = json.loads(stored_request(f"{story}-patient-view"))["prefetch"].values()
    bundles = [value for value in sent if value and value["resourceType"] == "Bundle"]
    alone = [value for value in sent if value and value["resourceType"] != "Bundle"]
    return (*alone, *(entry["resource"] for bundle in bundles for entry in bundle.get("entry", ())))


def patient_of(resources):
    return next(row["id"] for row in resources if row["resourceType"] == "Patient")


@pytest.fixture(scope="module")
def hospital():
    resources = resources_of(STORY)
    with record_server(patient=patient_of(resources), resources=resources) as running:
        yield running


@pytest.fixture(scope="module")
def ours(hospital, tmp_path_factory):
    listed = tmp_path_factory.mktemp("smart") / "servers.yaml"
    listed.write_text(f"{hospital.address}/fhir:\n  client_id: {CLIENT}\n")
    with served(
        "--workers",
        "1",
        smart_servers=str(listed),
        public_base_url=PUBLIC,
        fhir_private_addresses=True,
        fetch_seconds=30.0,
        answer_seconds=60.0,
    ) as running:
        yield running


def launched(ours, hospital):
    """Status, headers and text of the page, after the way of a browser; our public address is the proxy in front of us."""
    query = urlencode({"iss": f"{hospital.address}/fhir", "launch": "launch-word"})
    status, headers, _ = ours.answer("GET", f"/launch?{query}", headers=HTML)
    assert status == 302
    back = requests.get(headers["Location"], allow_redirects=False, timeout=30).headers["Location"]
    assert back.startswith(f"{PUBLIC}/launch/done?")
    parts = urlsplit(back)
    cookie = headers["Set-Cookie"].split(";", 1)[0]
    return ours.answer("GET", f"{parts.path}?{parts.query}", headers={**HTML, "Cookie": cookie})


def test_the_page_shows_the_record_that_the_user_may_read(ours, hospital):
    status, headers, body = launched(ours, hospital)
    page = body.decode()
    assert status == 200, page[:500]
    assert headers["Content-Type"].startswith("text/html")
    assert "first relapse" in page
    assert any(path.startswith("/fhir/Observation?") for path in hospital.asked)


def test_nothing_of_the_leave_is_left(ours, hospital):
    _, headers, body = launched(ours, hospital)
    assert TOKEN not in body.decode() + str(headers)
    assert headers["Cache-Control"] == "no-store"


def test_ch_l_01_cards_lead_record_systems_that_open_the_page_there(ours, hospital):
    call = json.loads(stored_request(f"{STORY}-patient-view"))
    call.pop("fhirAuthorization", None)
    for server, kind in ((f"{hospital.address}/fhir", "smart"), ("https://elsewhere.example/fhir", None)):
        status, _, body = ours.answer("POST", HOOK, json.dumps({**call, "fhirServer": server}).encode())
        assert status == 200
        links = [link for card in json.loads(body)["cards"] for link in card.get("links", ())]
        found = {link["url"] for link in links if link["type"] == "smart"}
        assert found == ({f"{PUBLIC}/launch"} if kind else set())
