"""Connections lead to checked addresses only, and end when their call ends (CH-A-06, CH-A-08)."""

import socket
import threading
from datetime import UTC, datetime

import pytest

from service.clients.fhir_address import base_of
from service.clients.fhir_http import Call, FhirHttp
from service.clients.guarded_connections import Lines, may_be_called
from service.errors import FhirServerError
from tests.stand_ins.record_server import TOKEN, RecordServerStandIn, certificate

PUBLIC = ("8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1", "2606:4700::5efe:808:808")
INSIDE = ("10.1.2.3", "172.16.0.1", "192.168.0.1", "100.64.0.1", "127.0.0.1", "::1", "fd00::1", "::ffff:10.0.0.1")
INSIDE_WRAPPED = (
    *("64:ff9b::a00:1", "64:ff9b::7f00:1", "2002:a00:1::", "2002:7f00:1::1", "::ffff:127.0.0.1", "::ffff:7f00:1"),
    *("::10.0.0.1", "::7f00:1", "::8.8.8.8", "::ffff:0:10.0.0.1", "::ffff:0:8.8.8.8"),  # forms that lead to nobody outside
    *("64:ff9b:1::a00:1", "64:ff9b:1::808:808", "2606:4700::5efe:10.0.0.1", "2606:4700::200:5efe:10.0.0.1"),
    *("fec0::1", "2001:0:a00:1::f5ff:fffe", "5f00::1", "100::1", "4000::1"),
)
NEVER = (
    *("169.254.169.254", "fe80::1", "fe80::1%eth0", "::ffff:169.254.169.254", "0.0.0.0", "::", "224.0.0.1", "ff02::1", "name"),
    *("64:ff9b::a9fe:a9fe", "64:ff9b:1::a9fe:a9fe", "2002:a9fe:a9fe::", "::169.254.169.254", "::ffff:0:169.254.169.254"),
    *("2606:4700::5efe:169.254.169.254", "::ffff:0.0.0.0", "64:ff9b::e000:1"),
    *("2606:4700::1111%1", "::1%lo", "::ffff:10.0.0.1%eth0", "10.0.0.1%eth0", "0x7f.1", "127.1", "2130706433", "010.0.0.1"),
)


@pytest.mark.parametrize("address", PUBLIC)
def test_ch_a_08_a_public_address_may_be_called(address):
    assert may_be_called(address, private=False)


@pytest.mark.parametrize("address", INSIDE + INSIDE_WRAPPED)
def test_ch_a_08_an_address_inside_a_network_only_where_that_is_set(address):
    assert not may_be_called(address, private=False)
    assert may_be_called(address, private=True)


@pytest.mark.parametrize("address", NEVER)
def test_ch_a_08_a_link_local_address_is_never_called(address):
    assert not may_be_called(address, private=True)


@pytest.fixture
def server():
    with RecordServerStandIn([{"resourceType": "Medication", "id": "m"}]) as stand_in:
        yield stand_in


@pytest.fixture
def http():
    client = FhirHttp()
    yield client
    client._session.close()


def call(http, address, *, seconds=20.0, private=True):
    base = base_of(address)
    assert base is not None
    return Call(base, "p", TOKEN, http.clock() + seconds, Lines(private=private))


def looked_up(monkeypatch, *answers):
    """Names lead to these addresses, one answer after the other; each is counted."""
    asked: list[str] = []
    remaining = list(answers)

    def look_up(host, port, *_more, **_options):
        if host.replace(".", "").isdigit():
            addresses = [host]
        else:
            asked.append(host)
            addresses = remaining.pop(0)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return asked


def test_ch_a_08_a_name_is_looked_up_once_and_the_checked_address_is_called(http, server, monkeypatch):
    asked = looked_up(monkeypatch, ["127.0.0.1"], ["169.254.169.254"])
    address = server.address.replace("127.0.0.1", "fhir.example")
    assert http.get(f"{address}/Medication/m", call(http, address)).startswith(b"{")
    assert asked == ["fhir.example"]


@pytest.mark.parametrize("addresses", [["10.0.0.1"], ["8.8.8.8", "10.0.0.1"], []])
def test_ch_a_08_a_name_that_leads_inside_is_refused_before_anything_is_sent(http, monkeypatch, addresses):
    looked_up(monkeypatch, addresses)
    with pytest.raises(FhirServerError) as error:
        http.get("https://fhir.example/r4/Medication/m", call(http, "https://fhir.example/r4", private=False))
    assert error.value.reason == "address-refused"


def test_a_kept_connection_serves_the_next_call_too(http, server):
    for _ in range(3):
        http.get(f"{server.address}/Medication/m", call(http, server.address))
    assert len({headers.get("Host") for _, _, headers in server.asked}) == 1
    assert len(server.asked) == 3


def in_the_background(http, server, one):
    failures = []

    def ask():
        try:
            http.get(f"{server.address}/Medication/m", one)
        except FhirServerError as error:
            failures.append(error.reason)

    thread = threading.Thread(target=ask)
    thread.start()
    return thread, failures


@pytest.mark.parametrize("fault", ["stall", "linger", "dribble"])
@pytest.mark.parametrize("kept", [False, True], ids=["new connection", "kept connection"])
def test_ch_a_06_a_query_that_still_runs_is_woken_when_its_call_ends(http, server, fault, kept):
    if kept:
        http.get(f"{server.address}/Medication/m", call(http, server.address))
    before = len(server.asked)
    server.faults["Medication"] = fault
    one = call(http, server.address, seconds=25)
    thread, failures = in_the_background(http, server, one)
    while len(server.asked) == before:
        one.lines.wait(0.01)
    one.lines.wait(0.1)
    one.lines.cut()
    thread.join(15)  # the server would keep it for 30 seconds, its own patience for 25
    assert not thread.is_alive()
    assert failures == ["slow"]


def test_ch_a_06_a_server_that_never_ends_the_handshake_keeps_nobody(http):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"https://127.0.0.1:{silent.getsockname()[1]}"
        one = call(http, address, seconds=25)
        server = type("Silent", (), {"address": address})
        thread, failures = in_the_background(http, server, one)
        peer, _ = silent.accept()
        one.lines.wait(0.1)
        one.lines.cut()
        thread.join(15)
        peer.close()
    assert not thread.is_alive()
    assert failures == ["slow"]


def test_ch_a_06_nothing_is_sent_once_a_call_has_ended(http, server):
    one = call(http, server.address)
    one.lines.cut()
    with pytest.raises(FhirServerError) as error:
        http.get(f"{server.address}/Medication/m", one)
    assert error.value.reason == "slow"
    assert server.asked == []


def test_a_server_whose_certificate_nobody_has_signed_is_not_spoken_to(http, server):
    address = server.address.replace("http:", "https:")
    with pytest.raises(FhirServerError) as error:
        http.get(f"{address}/Medication/m", call(http, address))
    assert error.value.reason == "unreachable"
    assert server.asked == []


LATER, PAST = datetime(2120, 1, 1, tzinfo=UTC), datetime(2021, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "until", "trusted", "reached"),
    [
        pytest.param("127.0.0.1", LATER, True, True, id="signed by a listed authority"),
        pytest.param("127.0.0.1", LATER, False, False, id="signed by nobody known"),
        pytest.param("127.0.0.2", LATER, True, False, id="of another host"),
        pytest.param("127.0.0.1", PAST, True, False, id="expired"),
    ],
)
def test_certificates_are_checked_before_anything_is_sent(tmp_path, name, until, trusted, reached):
    file = tmp_path / "server.pem"
    file.write_text(certificate(name, until), encoding="ascii")
    http = FhirHttp(authorities=str(file) if trusted else "")
    with RecordServerStandIn([{"resourceType": "Medication", "id": "m"}], certificate=str(file)) as server:
        if reached:
            assert http.get(f"{server.address}/Medication/m", call(http, server.address)).startswith(b"{")
            server.faults["Medication"] = "linger"
            one = call(http, server.address, seconds=25)
            thread, failures = in_the_background(http, server, one)
            one.lines.wait(0.3)
            one.lines.cut()  # an encrypted connection ends as others do
            thread.join(15)
            assert not thread.is_alive()
            assert failures == ["slow"]
        else:
            with pytest.raises(FhirServerError) as error:
                http.get(f"{server.address}/Medication/m", call(http, server.address))
            assert error.value.reason == "unreachable"
            assert server.asked == []
    http._session.close()
