"""Told to stop, the server answers what it has begun, and what is on its way, before it goes."""

import json
from threading import Event, Thread

import pytest

from tests.contract.stored import HOOK, stored_request
from tests.stand_ins.served import served

BODY = stored_request("adult-first-relapse-patient-view")
HEAD = b"POST " + HOOK.encode() + b" HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
LENGTH = b"Content-Length: %d\r\n\r\n" % len(BODY)

# A consultation of this hook waits for a file, as if the record were a very large one.
SLOW = """
import pathlib, time
from service.assembly import Service
from service.web import hooks
folder = pathlib.Path({folder!r})
quick = Service.consult_prefetch
def slow(*arguments, **options):
    if (folder / "slow").exists():
        (folder / "begun").touch()
        while not (folder / "go").exists():
            time.sleep(0.02)
    return quick(*arguments, **options)
Service.consult_prefetch = slow
"""


@pytest.fixture
def slow(tmp_path):
    with served("--workers", "1", change=SLOW.format(folder=str(tmp_path)), answer_seconds=600) as running:
        (tmp_path / "slow").touch()
        yield running, tmp_path


def look(found):
    for _ in range(1_200):
        if found():
            return
        Event().wait(0.05)
    raise AssertionError("it never happened")


def refuses(server):
    try:
        server.connect().close()
    except ConnectionError:
        return True
    return False


def test_a_call_that_has_begun_is_answered_before_the_process_ends(slow):
    server, folder = slow
    answers = []
    caller = Thread(target=lambda: answers.append(server.answer("POST", HOOK, BODY)))
    caller.start()
    look((folder / "begun").exists)
    server.tell_to_stop()
    look(lambda: refuses(server))  # nobody new is let in
    assert server.process.poll() is None
    assert answers == []
    (folder / "go").touch()
    caller.join()
    assert server.stop() == 0
    ((status, _, body),) = answers
    assert status == 200
    assert json.loads(body)["cards"]
    assert "Traceback" not in server.said


def test_a_call_that_was_on_its_way_is_answered_and_a_stalled_one_is_not_waited_for(slow):
    server, folder = slow
    (folder / "go").touch()
    with server.connect() as coming, server.connect() as stalled:
        coming.sendall(HEAD + LENGTH + BODY[:100])
        stalled.sendall(HEAD + LENGTH + BODY[:100])
        assert server.answer("GET", "/healthz")[0] == 200  # both have been let in by now
        server.tell_to_stop()
        look(lambda: refuses(server))
        coming.sendall(BODY[100:])
        got = b""
        while piece := coming.recv(65_536):
            got += piece
        assert got.startswith(b"HTTP/1.1 200 OK")
        assert server.stop() == 0
    assert "Traceback" not in server.said
