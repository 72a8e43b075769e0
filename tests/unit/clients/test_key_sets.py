"""The keys of issuers: agreed on or named by the token, fetched ahead, kept for a while, asked for again with restraint."""

import os
from threading import Event, Thread

import pytest
import requests
import responses

from cds_hooks import KeysUnavailable
from cds_hooks.jwt import TrustedIssuer
from cds_hooks.key_set import read_key_set
from service.clients.issuers import Issuer, _Issuer
from service.clients.key_set_http import MOST_BYTES, TIME_OUT, fetch_key_set
from service.clients.key_sets import Ages, KeySetParts, KeySets
from service.errors import UpstreamError
from tests.stand_ins.callers import key_set, private_key, public_jwk

ISSUER = "https://ehr.example/oauth2"
AT, OTHER = "https://ehr.example/jwks", "https://ehr.example/more"
OLD = key_set(public_jwk("ES384", "old"))
NEW = key_set(public_jwk("ES384", "old"), public_jwk("ES384", "new", private_key("ES384", 1)))


class Desk:
    """A clock that is moved by hand, fetches that are counted, and work that waits to be done."""

    def __init__(self):
        self.now = 1000.0
        self.documents = {AT: OLD}
        self.fetched = []
        self.waiting = []
        self.failures = []

    def fetch(self, address):
        self.fetched.append(address)
        document = self.documents.get(address)
        if document is None:
            raise UpstreamError("down", where=address)
        return read_key_set(document)

    def sets(self, *, key_file="", key_address=AT, listed=(AT,)):
        trusted = TrustedIssuer(key_addresses=frozenset(listed))
        row = _Issuer(name="EHR", keys="x")
        parts = KeySetParts(self.fetch, lambda: self.now, self.waiting.append, self.failures.append)
        return KeySets({ISSUER: Issuer(trusted, row, key_file, key_address)}, parts)


@pytest.fixture
def desk():
    return Desk()


def found(sets, kid="old", address="", algorithm="ES384"):
    return sets.find(ISSUER, address, kid, algorithm) is not None


def test_ch_j_09_a_set_is_fetched_once_and_kept(desk):
    sets = desk.sets()
    assert [found(sets) for _ in range(5)] == [True] * 5
    assert desk.fetched == [AT]


def test_ch_j_09_sets_are_fetched_before_the_first_call(desk):
    desk.documents[OTHER] = NEW
    sets = desk.sets(listed=(AT, OTHER))
    sets.warm_up()
    assert sorted(desk.fetched) == [AT, OTHER]
    sets.warm_up()
    assert found(sets)
    assert found(sets, "new", OTHER)
    assert len(desk.fetched) == 2


def test_ch_j_09_a_start_with_an_issuer_that_is_down_goes_on(desk):
    desk.documents.clear()
    sets = desk.sets()
    sets.warm_up()
    assert [failure.where for failure in desk.failures] == [AT]
    with pytest.raises(KeysUnavailable):
        found(sets)
    assert desk.fetched == [AT]  # not again within the pause
    desk.documents[AT] = OLD
    desk.now += Ages().pause
    assert found(sets)


def test_ch_j_09_an_unknown_key_has_the_set_fetched_again_once(desk):
    sets = desk.sets()
    sets.warm_up()
    desk.documents[AT] = NEW
    desk.now += Ages().pause
    assert found(sets, "new")
    assert desk.fetched == [AT, AT]
    assert [found(sets, "never") for _ in range(9)] == [False] * 9
    assert desk.fetched == [AT, AT]


@pytest.mark.parametrize(("seconds", "asked_again"), [(0, False), (29.9, False), (30, True)])
def test_ch_j_09_unknown_keys_cannot_make_us_fetch_more_often_than_the_pause(desk, seconds, asked_again):
    sets = desk.sets()
    sets.warm_up()
    desk.now += seconds
    assert not found(sets, "never")
    assert desk.fetched == [AT] * (2 if asked_again else 1)


def test_ch_j_09_an_issuer_that_fails_while_a_key_is_looked_for_leaves_the_set(desk):
    sets = desk.sets()
    sets.warm_up()
    desk.documents.clear()
    desk.now += Ages().pause
    assert not found(sets, "never")
    assert found(sets)


@pytest.mark.parametrize(("minutes", "renewed"), [(45, False), (45.1, True), (60, True)])
def test_ch_j_09_an_old_set_is_renewed_while_calls_go_on(desk, minutes, renewed):
    sets = desk.sets()
    sets.warm_up()
    desk.documents[AT] = NEW
    desk.now += minutes * 60
    assert found(sets)
    assert desk.fetched == [AT]  # the call has not waited
    assert len(desk.waiting) == (1 if renewed else 0)
    for work in desk.waiting:
        work()
    assert desk.fetched == [AT] * (2 if renewed else 1)


@pytest.mark.parametrize(("minutes", "fetched"), [(60, 1), (60.1, 2)])
def test_ch_j_09_a_key_that_was_taken_back_is_not_believed_after_an_hour(desk, minutes, fetched):
    sets = desk.sets()
    sets.warm_up()
    desk.documents[AT] = key_set(public_jwk("ES384", "new"))
    desk.now += minutes * 60
    assert found(sets) is (fetched == 1)
    assert desk.fetched == [AT] * fetched


@pytest.mark.parametrize(("hours", "believed"), [(2, True), (4, True), (4.01, False)])
def test_ch_j_09_while_the_issuer_fails_the_old_set_is_used_within_a_bound(desk, hours, believed):
    sets = desk.sets()
    sets.warm_up()
    desk.documents.clear()
    desk.now += hours * 3600
    if believed:
        assert found(sets)
    else:
        with pytest.raises(KeysUnavailable):
            found(sets)
    assert desk.fetched == [AT, AT]


def test_ch_j_09_whoever_has_nothing_waits_for_the_one_who_fetches(desk):
    begun, go_on = Event(), Event()
    fetch = desk.fetch

    def slowly(address):
        begun.set()
        assert go_on.wait(10)
        return fetch(address)

    desk.fetch = slowly
    sets = desk.sets()
    answers = []
    several = [Thread(target=lambda: answers.append(found(sets))) for _ in range(3)]
    several[0].start()
    assert begun.wait(10)
    for thread in several[1:]:
        thread.start()
    go_on.set()
    for thread in several:
        thread.join(10)
    assert answers == [True] * 3
    assert desk.fetched == [AT]


def test_ch_j_09_whoever_has_an_old_set_does_not_wait(desk):
    sets = desk.sets()
    sets.warm_up()
    begun, go_on = Event(), Event()
    fetch = desk.fetch

    def slowly(address):
        begun.set()
        assert go_on.wait(10)
        return fetch(address)

    object.__setattr__(sets._parts, "fetch", slowly)
    desk.now += 2 * 3600
    other = Thread(target=lambda: found(sets))
    other.start()
    assert begun.wait(10)
    assert found(sets)  # the fetch has not ended
    go_on.set()
    other.join(10)


def test_ch_j_07_each_address_has_its_own_keys(desk):
    desk.documents[OTHER] = key_set(public_jwk("ES384", "there"))
    sets = desk.sets(listed=(AT, OTHER))
    assert found(sets, "there", OTHER)
    assert not found(sets, "there", AT)
    assert not found(sets, "there")


def test_ch_j_08_without_keys_agreed_on_a_token_must_name_theirs(desk):
    sets = desk.sets(key_address="")
    assert not found(sets)
    assert found(sets, address=AT)


def test_ch_j_08_a_file_is_read_and_read_again_when_it_changes(desk, tmp_path):
    path = tmp_path / "keys.json"
    path.write_bytes(OLD)
    sets = desk.sets(key_file=str(path), key_address="", listed=())
    assert (found(sets), found(sets, "new")) == (True, False)
    path.write_bytes(NEW)
    assert found(sets, "new")
    path.write_bytes(b"{")
    assert found(sets, "new")  # what was good stays
    path.unlink()
    assert found(sets, "new")
    assert {failure.where for failure in desk.failures} == {str(path)}
    assert desk.fetched == []


def test_ch_j_08_a_file_that_was_never_readable(desk, tmp_path):
    sets = desk.sets(key_file=str(tmp_path / "none.json"), key_address="", listed=())
    with pytest.raises(KeysUnavailable):
        found(sets)


def test_ch_j_08_the_same_size_at_another_moment_is_a_change(desk, tmp_path):
    path = tmp_path / "keys.json"
    path.write_bytes(key_set(public_jwk("ES384", "aaa")))
    sets = desk.sets(key_file=str(path), key_address="", listed=())
    assert found(sets, "aaa")
    path.write_bytes(key_set(public_jwk("ES384", "bbb")))
    os.utime(path, (1, 1))
    assert found(sets, "bbb")


def test_work_in_the_background_is_done(desk):
    done = Event()
    KeySetParts().later(done.set)
    assert done.wait(10)


# ---------------------------------------------------------------- the fetch itself


@pytest.fixture
def server():
    with responses.RequestsMock() as server:
        yield server


def test_ch_j_09_a_set_comes_over_verified_https_in_little_time(server):
    server.get(AT, body=OLD)
    assert fetch_key_set(AT).find("old", "ES384") is not None
    sent = server.calls[0].request
    assert (sent.req_kwargs["timeout"], sent.req_kwargs["stream"]) == (2.0, True)
    assert sent.req_kwargs["verify"]  # true, or the file of the machine's own authorities
    assert "Authorization" not in sent.headers


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_ch_j_09_a_redirect_is_not_followed(server, status):
    server.get(AT, status=status, headers={"Location": "https://evil.example/jwks"})
    with pytest.raises(UpstreamError, match=str(status)):
        fetch_key_set(AT)
    assert [call.request.url for call in server.calls] == [AT]


@pytest.mark.parametrize("status", [204, 400, 401, 404, 429, 500, 503])
def test_another_answer_than_200_is_none(server, status):
    server.get(AT, body=OLD, status=status)
    with pytest.raises(UpstreamError):
        fetch_key_set(AT)


@pytest.mark.parametrize("body", [b"", b"<html>", b"{}", OLD[:-5]])
def test_an_answer_that_is_no_set_is_none(server, body):
    server.get(AT, body=body)
    with pytest.raises(UpstreamError):
        fetch_key_set(AT)


@pytest.mark.parametrize("failure", [requests.ConnectionError("x"), requests.Timeout("x"), OSError("x")])
def test_an_issuer_that_cannot_be_reached(server, failure):
    server.get(AT, body=failure)
    with pytest.raises(UpstreamError) as raised:
        fetch_key_set(AT)
    assert raised.value.where == AT


@pytest.mark.parametrize(("more", "good"), [(0, True), (1, False)])
def test_ch_j_09_a_set_of_100_kilobytes_at_most(server, more, good):
    assert MOST_BYTES == 100_000
    server.get(AT, body=OLD + b" " * (MOST_BYTES - len(OLD) + more))
    if good:
        assert fetch_key_set(AT).find("old", "ES384") is not None
    else:
        with pytest.raises(UpstreamError, match="larger"):
            fetch_key_set(AT)


@pytest.mark.parametrize(("second", "good"), [(TIME_OUT, True), (TIME_OUT + 0.1, False)])
def test_ch_j_09_an_answer_that_trickles_is_cut(server, second, good):
    server.get(AT, body=OLD)
    moments = iter([0.0, second])
    if good:
        assert fetch_key_set(AT, lambda: next(moments)).find("old", "ES384") is not None
    else:
        with pytest.raises(UpstreamError, match="in time"):
            fetch_key_set(AT, lambda: next(moments))


@pytest.mark.parametrize("address", ["http://ehr.example/jwks", "file:///jwks", "ehr.example/jwks"])
def test_ch_j_09_no_other_scheme_is_ever_asked(server, address):
    with pytest.raises(UpstreamError):
        fetch_key_set(address)
    assert len(server.calls) == 0
