"""From a card over its link to the command that makes the assessment again, through served processes that share a store."""

import base64
import json
from threading import Event

import pytest
import requests

from tests.contract.stored import HOOK
from tests.journeys.test_feedback import BIRTH_DATE, MARKS, Served, marked_call

KEY = base64.b64encode(bytes([7]) * 32).decode()
NOT_FOUND = 404
PATIENCE = 1_200  # looks, a twentieth of a second apart: only a page that is never kept makes this test wait


@pytest.fixture(scope="module")
def journey(tmp_path_factory):
    folder = tmp_path_factory.mktemp("kept")
    settings = {"ALL_CDS_ENCRYPTION_KEYS": KEY, "ALL_CDS_PUBLIC_BASE_URL": "http://localhost:8000"}
    with Served(folder, **settings) as served:
        cards = served.post(HOOK, marked_call()).json()["cards"]
        link = cards[0]["links"][-1]["url"]
        address = link.rpartition("/")[2]
        here = f"http://127.0.0.1:{served.port}/assessments/{address}"
        # The link is out before the page is kept: whoever is faster than the store looks again.
        page = requests.get(here, timeout=60)
        for _ in range(PATIENCE):
            if page.status_code != NOT_FOUND:
                break
            Event().wait(0.05)
            page = requests.get(here, timeout=60)
        several = [requests.get(here, timeout=60).status_code for _ in range(8)]  # whichever of the processes it is
        replayed = served.command("replay", link)
        as_document = json.loads(served.command("replay", address, "--format", "json"))
        purged = served.command("answers", "purge")
        served.stop()
        yield {
            "folder": folder,
            "said": served.said,
            "address": address,
            "page": page,
            "several": several,
            "replayed": replayed,
            "document": as_document,
            "purged": purged,
        }


def test_every_process_shows_what_one_has_kept(journey):
    assert journey["page"].json()["patient"] == f"Patient/{MARKS['patient']}"
    assert journey["several"] == [200] * 8


def test_made_again_it_is_the_same(journey):
    assert "made again as of then: the same assessment, to the last word" in journey["replayed"]
    assert journey["document"]["asOfThen"] == {"same": True, "changes": []}


def test_what_is_not_over_is_not_purged(journey):
    assert journey["purged"] == "deleted: 0 assessments, 0 cards, 0 rows of feedback\n"


def test_ch_j_22_ch_a_05_nothing_of_the_patient_can_be_read_in_the_files_or_the_logs(journey):
    files = [path for path in journey["folder"].rglob("*") if path.is_file()]
    kept = b"".join(path.read_bytes() for path in files).lower()
    said = journey["said"].lower()
    assert '"/assessments/<address>"' in said
    assert len(kept) > 20_000  # it is there, and cannot be read
    for mark in (*MARKS.values(), BIRTH_DATE, journey["address"], KEY):
        assert mark.lower().encode() not in kept, mark
        assert mark.lower() not in said, mark
    assert b"observation/" not in kept
