"""What holds for every test: examples are the same on every run, and nothing leaves this machine."""

import gc
import os
import socket
from pathlib import Path

import coverage
import pytest
from hypothesis import settings

from service import assembly
from tests.answers_checked import every_answer_checked
from tests.case_runners.knowledge import library_read_once, rules_bound_once, shipped_rules
from tests.stand_ins.log_watch import leaks, watched

settings.register_profile("repeatable", derandomize=True, deadline=None, database=None, print_blob=True)
settings.load_profile("repeatable")

HERE = Path(__file__).parent
# The tests that walk every branch of the medicine by themselves. The laws and the entrances run the same code again, thousands
# of times, and would take more than twice as long under measurement without adding a line to it.
MEASURED = ("unit", "test_cases.py", "test_stories.py", "test_vignettes.py")
# What takes longest comes next, so that the cheap files at the end keep every process busy until the last one.
LONG = ("cohort", "browser", "synth", "journeys", "properties")

LOOPBACK = {"127.0.0.1", "::1", "localhost"}


def part_of(item):
    """The folder or the file of a test below this folder."""
    return item.path.relative_to(HERE).parts[0]


def is_measured(item):
    return part_of(item) in MEASURED


def turn_of(item):
    return 0 if is_measured(item) else 1 + (LONG.index(part_of(item)) if part_of(item) in LONG else len(LONG))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """What is measured comes first, so that nothing it asks for was remembered by a test that is not.

    `make test` hands out whole files in this order: a process that takes one that is not measured finds no measured one after it.
    """
    items.sort(key=turn_of)


def pytest_collection_finish():
    """What was collected and the knowledge stay to the end: the collector of garbage need not look through them again."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item):
    """Where coverage is measured at all, it ends before the first test that is not measured; each process takes them in order."""
    measurement = coverage.Coverage.current()
    if measurement is not None and not is_measured(item):
        measurement.stop()


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


@pytest.fixture(autouse=True, scope="session")
def nothing_of_a_patient_in_any_log():
    """Whatever any test does: no line of the log holds a name, an id, a birth date or a token of what the tests use.

    Each process that runs tests looks at its own lines, when its last test is done.
    """
    with watched() as lines:
        yield
    found = {(word, line) for line in set(lines) for word in leaks(line)}
    assert found == set(), f"{len(found)} leak(s) in the log, such as {next(iter(found))}"


@pytest.fixture(autouse=True, scope="session")
def knowledge_is_read_once():
    """Services and commands share the shipped knowledge; processes that a test starts read it themselves."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(assembly, "load_library", library_read_once)
        patch.setattr(assembly, "bind_rules", rules_bound_once)
        yield


@pytest.fixture(scope="session")
def rules():
    """The rules of the shipped knowledge."""
    return shipped_rules()
