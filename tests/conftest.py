"""What holds for every test: examples are the same on every run, and nothing leaves this machine."""

import os
import socket

import pytest
from hypothesis import settings

from service.decisions.bind import bind_rules
from service.knowledge.loader import load_library
from service.terminology.terms import Terms
from tests.answers_checked import every_answer_checked

settings.register_profile("repeatable", derandomize=True, deadline=None, database=None, print_blob=True)
settings.load_profile("repeatable")

LOOPBACK = {"127.0.0.1", "::1", "localhost"}


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    """A test that reaches for another machine fails with that machine's name, instead of sometimes passing."""
    connect = socket.socket.connect
    connect_ex = socket.socket.connect_ex
    getaddrinfo = socket.getaddrinfo

    def refuse_unless_local(host):
        if host not in LOOPBACK:
            raise AssertionError(f"a test tried to reach {host!r}; give it a stored answer instead")

    def local_connect(self, address):
        if isinstance(address, tuple):
            refuse_unless_local(address[0])
        return connect(self, address)

    def local_connect_ex(self, address):
        if isinstance(address, tuple):
            refuse_unless_local(address[0])
        return connect_ex(self, address)

    def local_getaddrinfo(host, *arguments, **options):
        name = host.decode() if isinstance(host, bytes) else host
        if name is not None:
            refuse_unless_local(name)
        return getaddrinfo(host, *arguments, **options)

    monkeypatch.setattr(socket.socket, "connect", local_connect)
    monkeypatch.setattr(socket.socket, "connect_ex", local_connect_ex)
    monkeypatch.setattr(socket, "getaddrinfo", local_getaddrinfo)


@pytest.fixture(autouse=True, scope="session")
def answers_keep_to_the_protocol():
    """An answer of the protocol that breaks it fails the test that received it, whatever that test is about."""
    with every_answer_checked():
        yield


@pytest.fixture(autouse=True, scope="session")
def no_store_of_the_user(tmp_path_factory):
    """What the user of this machine has fetched from a registry is nothing to a test."""
    before = os.environ.get("XDG_STATE_HOME")
    os.environ["XDG_STATE_HOME"] = str(tmp_path_factory.mktemp("state"))
    yield
    if before is None:
        del os.environ["XDG_STATE_HOME"]
    else:
        os.environ["XDG_STATE_HOME"] = before


@pytest.fixture(scope="session")
def rules():
    """The rules of the shipped knowledge, bound once."""
    library = load_library()
    return bind_rules(library, Terms(library.value_sets, library.systems))
