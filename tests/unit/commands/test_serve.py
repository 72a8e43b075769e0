"""A server that cannot listen says so at once, in one line, and says nothing of what it would have answered."""

import socket

import pytest

from service import cli
from service.commands import serve

HOST = "127.0.0.1"


@pytest.fixture
def stopped(monkeypatch, capsys):
    """Exit code and what was said of a server that does not start: nothing is loaded for it."""

    def call(*words):
        monkeypatch.setattr(serve, "build_service", lambda _settings: pytest.fail("loaded in vain"))
        code = cli.main(["serve", *words])
        said = capsys.readouterr()
        assert said.out == ""
        return code, said.err

    return call


def test_a_port_in_use_is_said_in_one_line(stopped):
    with socket.create_server((HOST, 0)) as taken:
        port = taken.getsockname()[1]
        code, said = stopped("--port", str(port))
    assert code == 2
    assert said.startswith(f"all-cds: {HOST}:{port}: nothing can listen here: Address already in use (")
    assert said.count("\n") == 1


@pytest.mark.parametrize(
    "host", ["192.0.2.1", "2001:db8::1", "no.such.host.invalid"], ids=["another's", "another's 6", "no host"]
)
def test_a_host_that_is_not_this_machine_is_said_in_one_line(stopped, host):
    code, said = stopped("--host", host, "--port", "8000")
    assert code == 2
    assert said.startswith(f"all-cds: {f'[{host}]' if ':' in host else host}:8000: nothing can listen here: ")
    assert said.count("\n") == 1


def test_a_port_that_was_just_left_is_free():
    with socket.create_server((HOST, 0)) as listening:
        address = listening.getsockname()
        calling = socket.create_connection(address)
        called, _ = listening.accept()
        called.close()  # who closes first keeps the address for a while
        calling.close()
    serve.refuse_where_nothing_can_listen(*address)


@pytest.mark.parametrize("variable", ["LISTEN_FDS", "GUNICORN_FD"])
def test_a_socket_that_was_handed_down_is_listened_on_already(monkeypatch, variable):
    monkeypatch.setenv(variable, "3")
    with socket.create_server((HOST, 0)) as taken:
        serve.refuse_where_nothing_can_listen(*taken.getsockname())
