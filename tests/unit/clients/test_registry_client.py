"""The client, one answer at a time: what it asks, when it asks again, what it never does. Sleep and clock are ours."""

from dataclasses import replace

import orjson
import pytest
import requests
import responses
from responses import matchers

from service.clients.registry import RegistryClient, Search, discovery
from service.clients.registry_http import Manners, RegistryHttp
from service.errors import RegistryError
from tests.stand_ins.synthetic_studies import study

BASE = "https://registry.example/api/v2"
ONE, TWO, THREE = "NCT99990001", "NCT99990002", "NCT99990003"


class Time:
    """A clock that only sleeping moves."""

    def __init__(self):
        self.now = 0.0
        self.slept = []

    def clock(self):
        return self.now

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def time():
    return Time()


@pytest.fixture
def client(time):
    return client_with(time)


@pytest.fixture
def web():
    with responses.RequestsMock() as mock:
        yield mock


def client_with(time, base=BASE, **manners):
    http = RegistryHttp(base, manners=replace(Manners(), **manners), sleep=time.sleep, clock=time.clock)
    return RegistryClient(http)


def single(web, number, **answer):
    web.get(f"{BASE}/studies/{number}", **answer)


def batch(web, numbers, **answer):
    asked = matchers.query_param_matcher({"filter.ids": ",".join(numbers)}, strict_match=False)
    web.get(f"{BASE}/studies", match=[asked], **answer)


def named(studies):
    return [record.nct_id for record in studies.found]


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


def test_a_second_lies_between_two_requests(web, client, time):
    batch(web, [ONE, TWO], status=400, body="no")
    single(web, ONE, json=study(ONE))
    single(web, TWO, json=study(TWO))
    client.studies([ONE, TWO])
    assert time.slept == [1, 1]


def test_time_that_has_passed_counts(web, client, time):
    single(web, ONE, json=study(ONE))
    client.studies([ONE])
    time.now += 0.25
    client.studies([ONE])
    assert time.slept == [0.75]
    time.now += 1
    client.studies([ONE])
    assert time.slept == [0.75]


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504, 408])
def test_what_may_pass_is_asked_again_with_longer_waits(web, client, time, status):
    for _ in range(3):
        single(web, ONE, status=status, body="plain text")
    single(web, ONE, json=study(ONE))
    assert named(client.studies([ONE])) == [ONE]
    assert time.slept == [2, 4, 8]  # longer than the second between two requests, so that one adds nothing


def test_after_four_times_it_has_failed(web, client, time):
    for _ in range(4):
        single(web, ONE, status=503)
    with pytest.raises(RegistryError, match="503") as raised:
        client.studies([ONE])
    assert len(web.calls) == 4
    assert raised.value.where == BASE


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"Retry-After": "7"}, 7),
        ({"Retry-After": "60"}, 60),
        ({"Retry-After": "Sun, 22 Nov 2026 10:00:09 GMT", "Date": "Sun, 22 Nov 2026 10:00:00 GMT"}, 9),
        ({"Retry-After": "Sun, 22 Nov 2026 10:00:09 GMT"}, 2),
        ({"Retry-After": "soon"}, 2),
        ({"Retry-After": "-5"}, 2),
    ],
)
def test_the_registry_says_how_long_to_wait(web, client, time, headers, wait):
    single(web, ONE, status=429, headers=headers)
    single(web, ONE, json=study(ONE))
    client.studies([ONE])
    assert time.slept[0] == wait


def test_a_registry_that_wants_to_be_left_alone_for_long_is(web, client, time):
    single(web, ONE, status=429, headers={"Retry-After": "61"})
    with pytest.raises(RegistryError, match="61 seconds"):
        client.studies([ONE])
    assert time.slept == []


@pytest.mark.parametrize(
    ("failure", "said"),
    [
        (requests.ConnectTimeout("x"), "in time"),
        (requests.ReadTimeout("x"), "in time"),
        (requests.ConnectionError("refused"), "reached"),
        (requests.exceptions.ChunkedEncodingError("x"), "broke off"),
        (requests.exceptions.ContentDecodingError("x"), "broke off"),
    ],
)
def test_a_broken_connection_is_tried_again_and_then_told(web, client, failure, said):
    for _ in range(4):
        single(web, ONE, body=failure)
    with pytest.raises(RegistryError, match=said):
        client.studies([ONE])
    assert len(web.calls) == 4


def test_half_a_body_is_no_answer(web, client):
    whole = orjson.dumps(study(ONE))
    for _ in range(3):
        single(web, ONE, body=whole[: len(whole) // 2])
    single(web, ONE, body=whole)
    assert named(client.studies([ONE])) == [ONE]


@pytest.mark.parametrize("document", [[], "text", 7, True])
def test_json_of_another_shape_is_told(web, client, document):
    single(web, ONE, json=document)
    with pytest.raises(RegistryError, match="another shape"):
        client.studies([ONE])


@pytest.mark.parametrize("document", [{}, {"studies": None}, {"studies": {}}, {"error": "x"}])
def test_a_list_that_is_missing_is_not_an_empty_one(web, client, document):
    batch(web, [ONE, TWO], json=document)
    with pytest.raises(RegistryError, match="no list of studies"):
        client.studies([ONE, TWO])


@pytest.mark.parametrize(("limit", "fits"), [(0, True), (-1, False)])
def test_an_answer_is_read_up_to_its_limit(web, time, limit, fits):
    body = orjson.dumps(study(ONE))
    single(web, ONE, body=body)
    client = client_with(time, most_bytes=len(body) + limit)
    if fits:
        assert named(client.studies([ONE])) == [ONE]
    else:
        with pytest.raises(RegistryError, match="larger than"):
            client.studies([ONE])


def test_an_answer_that_trickles_is_given_up(web, time, monkeypatch):
    def trickle(*_arguments, **_options):
        for _ in range(1000):
            time.now += 1
            yield b" "

    monkeypatch.setattr(requests.Response, "iter_content", trickle)
    single(web, ONE, body=b"")
    with pytest.raises(RegistryError, match="come to an end"):
        client_with(time, attempts=1).studies([ONE])


@pytest.mark.parametrize("status", [401, 403, 410])
def test_a_registry_that_shuts_us_out_is_told_and_not_asked_again(web, client, status):
    batch(web, [ONE, TWO], status=status, body="<b>Go\x07 away</b> " + 1000 * "x")
    with pytest.raises(RegistryError, match=str(status)) as raised:
        client.studies([ONE, TWO])
    assert len(web.calls) == 1
    assert len(raised.value.message) < 300
    assert "\x07" not in raised.value.message


def test_one_study_that_fails_does_not_lose_the_others_of_its_batch(web, time):
    client = client_with(time, attempts=1)
    batch(web, [ONE, TWO, THREE], status=400, body="no")
    single(web, ONE, json=study(ONE))
    single(web, TWO, status=500)
    single(web, THREE, json=study(THREE))
    answer = client.studies([ONE, TWO, THREE])
    assert named(answer) == [ONE, THREE]
    assert [(problem.number, problem.kind) for problem in answer.problems] == [(TWO, "failed")]


def test_two_failures_in_a_row_are_a_registry_that_is_down(web, time):
    client = client_with(time, attempts=1)
    batch(web, [ONE, TWO, THREE], status=400, body="no")
    single(web, ONE, status=500)
    single(web, TWO, status=500)
    with pytest.raises(RegistryError):
        client.studies([ONE, TWO, THREE])


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
