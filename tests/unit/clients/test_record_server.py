"""Single resources of the record server, and the end of a call."""

import pytest

from service.clients.fhir_address import base_of
from service.clients.fhir_http import Call, FhirHttp
from service.clients.fhir_server import RecordServer, Wanted
from service.clients.guarded_connections import Lines
from tests.stand_ins.record_server import TOKEN, RecordServerStandIn

RESOURCES = [
    {"resourceType": "Medication", "id": "m.1-a"},
    {"resourceType": "Procedure", "id": "mine", "subject": {"reference": "Patient/p"}},
    {"resourceType": "Procedure", "id": "other", "subject": {"reference": "Patient/q"}},
]


@pytest.fixture
def stand_in():
    with RecordServerStandIn(RESOURCES) as server:
        yield server


@pytest.fixture
def http():
    client = FhirHttp()
    yield client
    client._session.close()


@pytest.fixture
def told():
    return []


@pytest.fixture
def record_server(stand_in, http, told):
    def build(*, scope="", seconds=20.0):
        base = base_of(stand_in.address)
        assert base is not None
        call = Call(base, "p", TOKEN, http.clock() + seconds, Lines(private=True), scope=scope)
        return RecordServer(http, call, told=told.append)

    return build


def test_ch_h_06_a_reference_is_read_once_however_often_it_is_asked_for(record_server, stand_in, told):
    with record_server() as server:
        found = server.read("Medication/m.1-a")
        assert found is not None
        assert found.reference == "Medication/m.1-a"
        assert server.read("Medication/m.1-a") is found
        assert server.read(f"{stand_in.address}/Medication/m.1-a/_history/3") is found
    assert [path for path, _, _ in stand_in.asked] == ["Medication/m.1-a"]
    assert told == ["fetched"]


@pytest.mark.parametrize(
    "reference",
    [
        *(
            "#contained",
            "urn:uuid:6a1c",
            "https://elsewhere.example/fhir/r4/Medication/m.1-a",
            "Medication/../Patient",
            "Medication",
        ),
        *("Medication/m?x=1", "Medication/m/1", "", "../Medication/m.1-a", "Medication/.."),
    ],
)
def test_ch_f_13_a_reference_that_does_not_lead_to_this_server_is_not_followed(record_server, stand_in, reference):
    with record_server() as server:
        assert server.read(reference) is None
    assert stand_in.asked == []


@pytest.mark.parametrize(
    ("reference", "outcome"),
    [("Procedure/mine", "fetched"), ("Procedure/other", "others-data"), ("Medication/none", "not-found")],
)
def test_a_resource_of_somebody_else_is_not_given(record_server, told, reference, outcome):
    with record_server() as server:
        assert (server.read(reference) is not None) is (outcome == "fetched")
    assert told == [outcome]


@pytest.mark.parametrize("answer", [{"resourceType": "Medication", "id": "another"}, b"<html>", {"resourceType": "Bundle"}])
def test_another_resource_than_was_asked_for_is_not_given(record_server, stand_in, answer):
    stand_in.faults["Medication"] = answer
    with record_server() as server:
        assert server.read("Medication/m.1-a") is None


def test_ch_a_03_a_type_outside_of_the_scope_is_not_read(record_server, stand_in):
    with record_server(scope="user/Condition.read") as server:
        assert server.read("Medication/m.1-a") is None
    assert stand_in.asked == []


def test_several_references_are_read_at_once(record_server, stand_in):
    names = ["Medication/m.1-a", "Procedure/mine", "Medication/none"]
    with record_server() as server:
        found = server.read_all(names)
    assert {name: one is not None for name, one in found.items()} == dict(zip(names, [True, True, False], strict=True))


def test_ch_a_06_after_the_call_nothing_is_asked_and_the_token_is_gone(record_server, stand_in):
    with record_server() as server:
        pass
    assert server._call.token is None
    assert server._call.lines.over
    with pytest.raises(RuntimeError):
        server.read("Medication/m.1-a")
    assert stand_in.asked == []


def test_ch_f_26_all_queries_run_at_once(record_server, stand_in):
    kinds = [f"Kind{letter}" for letter in "ABCDEFGHIJK"]
    arrived = []
    stand_in.faults = dict.fromkeys(kinds, "stall")
    with record_server(seconds=3.0) as server:
        states = server.fetch([Wanted(kind, kind, f"{kind}?patient=p") for kind in kinds])
        arrived = stand_in.types_asked
    assert arrived == kinds
    assert {type(state).__name__ for state in states.values()} == {"Failed"}


def test_what_came_before_the_time_was_over_is_kept_and_not_complete(record_server, stand_in):
    stand_in.resources = [{"resourceType": "Procedure", "id": f"p{n}", "subject": {"reference": "Patient/p"}} for n in range(3)]
    stand_in.page_size = 1
    stand_in.faults["Procedure"] = [None, None, "stall"]
    with record_server(seconds=4.0) as server:
        state = server.fetch([Wanted("procedures", "Procedure", "Procedure?patient=p")])["procedures"]
    assert [found.reference for found in state.resources] == ["Procedure/p0", "Procedure/p1"]
    assert not state.complete


def test_a_query_does_not_show_its_patient():
    assert "p-17" not in repr(Wanted("procedures", "Procedure", "Procedure?patient=p-17"))
