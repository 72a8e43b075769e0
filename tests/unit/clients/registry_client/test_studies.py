"""The client, one answer at a time: the version, batches, single and merged records, and what is never followed."""

import pytest

from service.clients.registry_http import RegistryHttp
from service.errors import RegistryError
from tests.stand_ins.synthetic_studies import study
from tests.unit.clients.registry_client.answers import BASE, ONE, THREE, TWO, batch, named, single


@pytest.mark.parametrize(
    ("answer", "stamp"),
    [
        # trials.md 2.1, freshness
        ({"apiVersion": "2.0.5", "dataTimestamp": "2026-09-04T09:00:06"}, "2026-09-04T09:00:06"),
        ({"apiVersion": "2.0.5"}, ""),
        ({"dataTimestamp": 7}, ""),
    ],
)
def test_the_version_is_the_moment_of_the_data(web, client, answer, stamp):
    web.get(f"{BASE}/version", json=answer)
    assert client.version() == stamp


def test_a_registry_without_a_version_is_answered_with_none(web, client):
    web.get(f"{BASE}/version", status=404, body="not here")
    assert client.version() == ""


def test_a_batch_is_one_request_with_the_numbers_and_the_pieces_that_are_needed(web, client):
    batch(web, [ONE, TWO], json={"studies": [study(TWO), study(ONE)]})
    answer = client.studies([ONE, TWO, ONE])
    assert (named(answer), answer.problems) == ([ONE, TWO], ())
    asked = web.calls[0].request
    assert {"NCTId", "OverallStatus", "EligibilityCriteria", "LocationGeoPoint"} <= set(asked.params["fields"].split(","))
    assert asked.params["pageSize"] == "1000"
    assert asked.headers["Accept"] == "application/json"


def test_one_number_is_asked_for_alone(web, client):
    single(web, ONE, json=study(ONE))
    assert named(client.studies([ONE])) == [ONE]


@pytest.mark.parametrize(("status", "text"), [(400, "Invalid value in parameter `ids`: `NCT99990002`"), (404, "Not Found")])
def test_a_refused_batch_is_asked_one_by_one_and_the_wrong_number_is_named(web, client, status, text):
    batch(web, [ONE, TWO, THREE], status=status, body=text)
    single(web, ONE, json=study(ONE))
    single(web, TWO, status=404, body="NCT number NCT99990002\nnot found")
    single(web, THREE, json=study(THREE))
    answer = client.studies([ONE, TWO, THREE])
    assert named(answer) == [ONE, THREE]
    (problem,) = answer.problems
    assert (problem.number, problem.kind) == (TWO, "no-such-number")
    assert problem.text == (
        "NCT99990002: the trial registry has no study of this number (it says: NCT number NCT99990002 not found)"
    )


def test_a_number_that_an_answer_passes_over_is_asked_for_alone(web, client):
    batch(web, [ONE, TWO], json={"studies": [study(ONE), study(THREE)]})
    single(web, TWO, json=study(TWO))
    assert named(client.studies([ONE, TWO])) == [ONE, TWO]


@pytest.mark.parametrize("number", ["NCT1", "nct99990001", "2017-002116-14", "NCT999900011", "../version", ""])
def test_what_is_no_number_is_never_sent(web, client, number):
    (problem,) = client.studies([number]).problems
    assert problem.kind == "refused"
    assert len(web.calls) == 0


def test_a_registry_that_does_not_know_a_piece_is_asked_for_whole_records_from_then_on(web, client):
    refused = {"status": 400, "body": "`fields` parameter contains invalid field name: `LocationGeoPoint`"}
    single(web, ONE, **refused)
    single(web, ONE, json=study(ONE))
    single(web, TWO, json=study(TWO))
    assert named(client.studies([ONE])) == [ONE]
    assert named(client.studies([TWO])) == [TWO]
    assert ["fields" in call.request.params for call in web.calls] == [True, False, False]


def test_a_merged_record_is_followed_and_found_under_both_numbers(web, client):
    single(web, ONE, status=301, headers={"Location": f"/api/v2/studies/{TWO}"})
    single(web, TWO, json=study(TWO))
    (record,) = client.studies([ONE]).found
    assert (record.nct_id, record.aliases) == (TWO, (ONE,))


def test_a_merged_record_in_a_batch_is_known_by_its_aliases(web, client):
    merged = study(TWO, identificationModule={"nctId": TWO, "nctIdAliases": [ONE]})
    batch(web, [ONE, THREE], json={"studies": [merged, study(THREE)]})
    answer = client.studies([ONE, THREE])
    assert (named(answer), answer.problems) == ([TWO, THREE], ())


def test_another_study_than_the_one_asked_for_is_not_taken(web, client):
    single(web, ONE, json=study(TWO))
    answer = client.studies([ONE])
    assert (answer.found, answer.problems[0].kind) == ((), "incomplete")
    assert TWO in answer.problems[0].text


def test_an_answer_without_a_study_is_told(web, client):
    single(web, ONE, json={"protocolSection": {}})
    assert client.studies([ONE]).problems[0].kind == "incomplete"


@pytest.mark.parametrize(
    "location",
    [
        "https://elsewhere.example/api/v2/studies/NCT99990002",
        "http://registry.example/api/v2/studies/NCT99990002",
        "https://registry.example:8443/api/v2/studies/NCT99990002",
        "https://registry.example@elsewhere.example/",
        "//elsewhere.example/",
        "file:///etc/hosts",
        "",
    ],
)
def test_another_host_is_never_followed(web, client, location):
    single(web, ONE, status=301, headers={"Location": location})
    with pytest.raises(RegistryError, match="not followed"):
        client.studies([ONE])
    assert len(web.calls) == 1


def test_a_circle_of_moves_ends(web, client):
    single(web, ONE, status=302, headers={"Location": f"{BASE}/studies/{TWO}"})
    single(web, TWO, status=302, headers={"Location": f"{BASE}/studies/{ONE}"})
    with pytest.raises(RegistryError, match="circle"):
        client.studies([ONE])


NOT_ASKED = [
    "",
    "registry.example",
    "ftp://registry.example",
    "https://",
    "https://me:secret@registry.example",
    "https://[",
    "file:///x",
]


@pytest.mark.parametrize("address", NOT_ASKED)
def test_only_web_addresses_without_a_user_are_asked(address):
    with pytest.raises(RegistryError) as raised:
        RegistryHttp(address)
    assert "secret" not in str(raised.value)
