"""When the client asks again and how long it waits before; what it gives up, and what it says then."""

import orjson
import pytest
import requests

from service.errors import RegistryError
from tests.stand_ins.synthetic_studies import study
from tests.unit.clients.registry_client.answers import BASE, ONE, THREE, TWO, batch, client_with, named, single


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
