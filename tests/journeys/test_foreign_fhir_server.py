"""A stored patient on a FHIR server that others have written: prefetch alone, FHIR alone, and everything between (CH-F-23)."""

import json
from dataclasses import replace

import pytest

from service.assembly import build_service
from service.settings import Settings
from service.web.app import create_app
from tests.contract.stored import FIXTURES, HOOK, stored_request
from tests.stand_ins.foreign_fhir_server import foreign_fhir_server
from tests.stand_ins.record_server import TOKEN, leave

STORY = "adult-cd19-not-retested-after-car-t"


@pytest.fixture(scope="module")
def address():
    with foreign_fhir_server(FIXTURES / "patients" / f"{STORY}.json", TOKEN) as found:
        yield found


@pytest.fixture(scope="module")
def service():
    return build_service(Settings())


@pytest.fixture
def cards(service, address):
    """The cards of a call without their ids, each key taken from prefetch or from the server."""
    settings = replace(
        service.settings, fhir_servers=(address,), fhir_private_addresses=True, fetch_seconds=60, answer_seconds=60
    )
    client = create_app(replace(service, settings=settings)).test_client()

    def ask(prefetched, token=TOKEN):
        body = json.loads(stored_request(f"{STORY}-patient-view"))
        whole = {"specimens": None} | body["prefetch"]
        body["prefetch"] = {key: value for key, value in whole.items() if prefetched(key)}
        body |= {"fhirServer": address, "fhirAuthorization": leave(token)}
        return client.post(HOOK, data=json.dumps(body), content_type="application/json")

    return ask


def without_ids(value):
    if isinstance(value, dict):
        return {name: without_ids(part) for name, part in value.items() if name != "uuid"}
    return [without_ids(part) for part in value] if isinstance(value, list) else value


HALF = ("patient", "observations", "procedures")


@pytest.mark.parametrize(
    "prefetched",
    [
        pytest.param(lambda _key: False, id="nothing from prefetch"),
        pytest.param(lambda key: key in HALF, id="half from prefetch"),
        pytest.param(lambda key: key not in HALF, id="the other half from prefetch"),
    ],
)
def test_ch_f_23_the_cards_are_the_same_wherever_the_data_come_from(cards, prefetched):
    from_prefetch = cards(lambda _key: True)
    answer = cards(prefetched)
    assert len(from_prefetch.json["cards"]) > 1
    assert answer.status_code == 200
    assert without_ids(answer.json) == without_ids(from_prefetch.json)


def test_ch_a_10_ch_f_21_a_token_that_the_server_refuses_opens_nothing(cards):
    answer = cards(lambda _key: False, token="ANOTHER-TOKEN")
    assert answer.status_code == 412
    assert "could not be fetched" in answer.json["issue"][0]["diagnostics"]
