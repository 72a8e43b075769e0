"""Searches: what is asked, and pages that are followed to their end."""

import pytest

from service.clients.registry import Search, discovery
from service.errors import RegistryError
from tests.stand_ins.synthetic_studies import study
from tests.unit.clients.registry_client.answers import BASE, ONE, TWO


def test_pages_are_followed_with_the_same_parameters_over_an_empty_one(web, client):
    pages = [
        {"studies": [study(ONE)], "nextPageToken": "a", "totalCount": 2},
        {"studies": [], "nextPageToken": "b"},
        {"studies": [study(TWO)]},
    ]
    for page in pages:
        web.get(f"{BASE}/studies", json=page)
    found = list(
        client.search(Search("acute lymphoblastic leukemia", ("blinatumomab", "CAR"), ("RECRUITING", "NOT_YET_RECRUITING")))
    )
    assert [[record.nct_id for record in page] for page in found] == [[ONE], [], [TWO]]
    asked = [dict(call.request.params) for call in web.calls]
    assert [parameters.pop("pageToken", None) for parameters in asked] == [None, "a", "b"]
    assert asked[0] == asked[1] == asked[2]
    assert asked[0]["query.cond"] == "acute lymphoblastic leukemia"
    assert asked[0]["query.intr"] == "blinatumomab OR CAR"
    assert asked[0]["filter.overallStatus"] == "RECRUITING|NOT_YET_RECRUITING"
    assert asked[0]["sort"] == "LastUpdatePostDate:desc"
    assert "filter.phase" not in asked[0]  # trials.md 2.1: there is no such parameter


def test_a_search_without_limits_sends_none(web, client):
    web.get(f"{BASE}/studies", json={"studies": []})
    assert list(client.search(Search("leukaemia"))) == [()]
    assert {"query.intr", "filter.overallStatus"} & set(web.calls[0].request.params) == set()


def test_pages_that_do_not_end_are_left(web, client):
    web.get(f"{BASE}/studies", json={"studies": [], "nextPageToken": "again"})
    with pytest.raises(RegistryError, match="come to an end"):
        list(client.search(Search("leukaemia")))
    assert len(web.calls) == 2


def test_more_pages_than_anybody_needs_are_left(web, client):
    for number in range(201):
        web.get(f"{BASE}/studies", json={"studies": [], "nextPageToken": str(number)})
    web.assert_all_requests_are_fired = False
    with pytest.raises(RegistryError, match="come to an end"):
        list(client.search(Search("leukaemia")))
    assert len(web.calls) == 200


def test_a_search_that_is_refused_says_why(web, client):
    # trials.md 2.1: the text of a 400
    web.get(f"{BASE}/studies", status=400, body="Invalid value in parameter `overallStatus`: `FOO`")
    with pytest.raises(RegistryError, match="`FOO`"):
        list(client.search(Search("leukaemia", (), ("FOO",))))


def test_the_shipped_search_is_that_of_the_sync_recipe():
    # trials.md 2.1, sync recipe
    assert discovery() == Search(
        "acute lymphoblastic leukemia",
        ("blinatumomab", "inotuzumab", "CAR"),
        ("RECRUITING", "NOT_YET_RECRUITING", "ENROLLING_BY_INVITATION"),
    )
