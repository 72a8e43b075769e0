"""Pages are followed within the server, up to a bound; what they hold is looked through again."""

import pytest

from tests.contract.fhir_fallback.one_record import NOT_FETCHED, STORY, lacking, lines, resources
from tests.stand_ins.record_server import RecordServerStandIn

# ---------------------------------------------------------------- pages


def test_ch_f_08_pages_are_followed_until_there_is_no_next(ask, whole, server, without_ids):
    server.page_size = 1
    answer = ask(lacking(whole, "observations", "conditions"))
    assert {query.get("page") for _, query, _ in server.asked} >= {None, "1", "2"}
    assert without_ids(answer.json) == without_ids(ask(whole).json)


def test_ch_f_08_a_page_that_the_client_sent_is_followed_with_the_token(ask, whole, server, without_ids):
    all_of_them = whole["prefetch"]["observations"]["entry"]
    server.page_size = 2
    link = f"{server.address}/Observation?patient={STORY}&page=1"
    page = {"resourceType": "Bundle", "type": "searchset", "entry": all_of_them[:2], "link": [{"relation": "next", "url": link}]}
    answer = ask(whole | {"prefetch": whole["prefetch"] | {"observations": page}})
    assert [query["page"] for _, query, _ in server.asked] == [str(page) for page in range(1, -(-len(all_of_them) // 2))]
    assert without_ids(answer.json) == without_ids(ask(whole).json)


@pytest.mark.parametrize("limit", [{"fetch_pages": 2}, {"fetch_entries": 2}])
def test_ch_f_08_ch_f_26_pages_have_a_bound_and_what_is_cut_off_is_said(ask, whole, server, limit):
    server.page_size = 1
    answer = ask(lacking(whole, "observations"), **limit)
    assert len(server.asked) == 2
    assert "observations" in lines(answer, NOT_FETCHED)


@pytest.mark.parametrize(
    "link",
    ["{other}/fhir/r4/Observation?page=1", "{origin}/other/Observation?page=1", "{address}/../Observation?page=1", "file:///etc"],
)
def test_ch_f_08_ch_a_08_a_next_link_that_leads_elsewhere_is_not_followed(ask, whole, server, link):
    with RecordServerStandIn(resources()) as other:
        server.next_links["Observation"] = link.format(other=other.origin, origin=server.origin, address=server.address)
        answer = ask(lacking(whole, "observations"))
        assert other.asked == []
    assert len(server.asked) == 1
    assert "observations" in lines(answer, NOT_FETCHED)


def test_a_next_link_that_leads_in_a_circle_ends(ask, whole, server):
    server.next_links["Observation"] = f"{server.address}/Observation?patient={STORY}&page=0"
    assert "observations" in lines(ask(lacking(whole, "observations")), NOT_FETCHED)
    assert len(server.asked) == 2


# ---------------------------------------------------------------- looked through again


def test_ch_f_27_others_data_are_left_out_where_the_server_drops_the_parameter(ask, whole, server, without_ids):
    stranger = [
        resource | {"id": f"other-{resource['id']}", "subject": {"reference": "Patient/somebody-else"}}
        for resource in resources()
        if resource["resourceType"] in {"Observation", "Condition"}
    ]
    server.resources += stranger
    server.knows_patient = False
    answer = ask(lacking(whole, "observations", "conditions"))
    assert answer.status_code == 200
    assert without_ids(answer.json) == without_ids(ask(whole).json)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        pytest.param({"subject": {"reference": "Patient/somebody-else"}}, False, id="somebody else's"),
        pytest.param({"subject": {"reference": "https://ehr.example/fhir/Patient/somebody-else"}}, False, id="by address"),
        pytest.param({"subject": {"reference": "Group/g"}}, False, id="a group's"),
        pytest.param({"resourceType": "Procedure"}, False, id="another type"),
        pytest.param({"subject": None}, True, id="nobody's"),
        pytest.param({"subject": {"display": "the patient"}}, True, id="not told by reference"),
        pytest.param({"id": 5, "subject": {"reference": "Patient/somebody-else"}}, False, id="somebody else's, and broken"),
    ],
)
def test_ch_f_27_a_resource_that_was_not_asked_for_is_left_out(ask, whole, server, without_ids, change, said):
    observation = next(resource for resource in resources() if resource["resourceType"] == "Observation")
    observation = observation | {"id": "stray", "code": {"coding": [{"system": "http://loinc.org", "code": "26515-7"}]}} | change
    entries = [{"resource": resource} for resource in resources() if resource["resourceType"] == "Observation"]
    server.faults["Observation"] = {"resourceType": "Bundle", "type": "searchset", "entry": [*entries, {"resource": observation}]}
    answer = ask(lacking(whole, "observations"))
    assert ("observations" in lines(answer, NOT_FETCHED)) is said
    if not said:
        assert without_ids(answer.json) == without_ids(ask(whole).json)


@pytest.mark.parametrize("other", [{"id": "somebody-else"}, {"resourceType": "Practitioner"}])
def test_ch_f_12_a_read_that_gives_another_resource_is_not_the_patient(ask, whole, server, is_outcome, other):
    server.faults["Patient"] = next(resource for resource in resources() if resource["resourceType"] == "Patient") | other
    is_outcome(ask(lacking(whole, "patient")), 412)
