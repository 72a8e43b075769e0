"""What the commands about kept answers print: made again, and deleted."""

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from service import cli
from service.assembly import build_service
from service.settings import Settings
from service.stores.answers import AnswerTables
from service.stores.database import open_database
from service.stores.kept import GivenFeedback, SealedAssessment, ShownCard
from service.web.answer_memory import AnswerMemory
from service.web.app import create_app
from tests.contract.stored import HOOK, stored_request

BASE = "https://cds.example"
KEY, OTHER = (base64.b64encode(bytes([digit]) * 32).decode() for digit in (1, 2))


@pytest.fixture(scope="module")
def service():
    return build_service(Settings())


@pytest.fixture
def path(tmp_path):
    return tmp_path / "folder" / "store.db"


@pytest.fixture
def command(monkeypatch, capsys, path, service):
    monkeypatch.setattr("service.commands.replay.build_service", lambda _settings: service)

    def run(*words, key=KEY, **variables):
        monkeypatch.setenv("ALL_CDS_STORE", str(path))
        monkeypatch.setenv("ALL_CDS_ENCRYPTION_KEYS", key)
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        code = cli.main(list(words))
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


@pytest.fixture
def link(service, path, capsys):
    """The link of an answer that is kept."""
    settings = Settings(store=str(path), encryption_keys=(KEY,), public_base_url=BASE)
    memory = AnswerMemory.of(settings)
    client = create_app(replace(service, settings=settings), memory).test_client()
    answer = client.post(HOOK, data=stored_request("adult-first-relapse-patient-view"), content_type="application/json")
    memory.stop()
    found = json.loads(answer.data)["cards"][0]["links"][-1]["url"]
    assert found.startswith(f"{BASE}/assessments/")
    capsys.readouterr()  # what the service has logged
    return found


@pytest.mark.parametrize("form", [str, lambda link: link.rpartition("/")[2]])
def test_a_link_or_an_address_is_made_again(command, link, form):
    code, out, err = command("replay", form(link))
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0].startswith("all-immunotherapy, patient-view: answered as of ")
    assert lines[1] == "made again as of then: the same assessment, to the last word"
    assert "as of today, " in lines[3]


def test_the_same_as_a_document(command, link, service):
    code, out, _ = command("replay", link, "--format", "json")
    document = json.loads(out)
    assert code == 0
    assert document["asOfThen"] == {"same": True, "changes": []}
    assert document["knowledge"]["same"] is document["registryWhole"] is True
    assert document["knowledge"]["today"] == service.rules.library.digest
    assert [step["cause"] for step in document["untilToday"]] == ["knowledge", "time", "registry"]


def test_knowledge_that_was_rewritten_since_is_said_first(command, link, service, monkeypatch):
    library = service.rules.library
    therapies = {product: therapy for product, therapy in library.therapies.items() if product != "blinatumomab"}
    later = replace(service, rules=replace(service.rules, library=replace(library, digest="sha256:later", therapies=therapies)))
    monkeypatch.setattr("service.commands.replay.build_service", lambda _settings: later)
    _, out, _ = command("replay", link)
    assert "made again as of then: NOT the same assessment" in out
    assert "  therapy EMA/blinatumomab: on-label → not there" in out
    assert f"the knowledge files have changed: {service.rules.library.digest} then, sha256:later today" in out


@pytest.mark.parametrize("address", ["x", "A" * 43, f"{BASE}/assessments/{'A' * 43}"])
def test_what_is_not_kept_is_2_and_makes_no_store(command, path, address):
    code, out, err = command("replay", address)
    assert (code, out) == (2, "")
    assert "nothing is kept under this address" in err
    assert address not in err or address == "x"
    assert not path.parent.exists()


def test_what_has_expired_is_2(command, link, path):
    import sqlalchemy as sa  # noqa: PLC0415 - for this test alone

    with open_database(str(path)).transaction() as connection:
        connection.execute(sa.text("update assessments set expires_at = '2026-01-01T00:00:00.000000+00:00'"))
    assert command("replay", link)[0] == 2


def test_another_key_is_6_and_no_key_is_2(command, link):
    code, out, err = command("replay", link, key=OTHER)
    assert (code, out) == (6, "")
    assert "keys that are set" in err
    code, _, err = command("replay", link, key="")
    assert code == 2
    assert "ALL_CDS_ENCRYPTION_KEYS" in err


def test_a_key_that_is_none_is_2_and_is_not_printed(command):
    code, out, err = command("replay", "x", key="SECRETKEY")
    assert code == 2
    assert "SECRETKEY" not in out + err


def test_purge_deletes_what_is_over_and_nothing_else(command, path):
    now = datetime.now(tz=UTC)
    tables = AnswerTables(open_database(str(path)))
    hour = timedelta(hours=1)
    for card, days in (("old", 31), ("young", 29)):
        at = now - timedelta(days=days)
        tables.add_shown([ShownCard(card, (), (), "t", "svc", "patient-view", "sha256:x", "open", at)])
        tables.add_feedback([GivenFeedback(card, "overridden", at, "open", at)])
    for digest, end in (("a" * 64, now - hour), ("b" * 64, now + hour)):
        tables.add_assessments([SealedAssessment(digest, now - hour, end, "sha256:x", "open", b"sealed")])
    code, out, _ = command("answers", "purge", ALL_CDS_FEEDBACK_DAYS="30")
    assert (code, out) == (0, "deleted: 1 assessments, 1 cards, 1 rows of feedback\n")
    assert command("answers", "purge", ALL_CDS_FEEDBACK_DAYS="30")[1] == "deleted: 0 assessments, 0 cards, 0 rows of feedback\n"
    assert [story.card for story in tables.stories(datetime(1, 1, 1, tzinfo=UTC))] == ["young"]


def test_purge_without_a_store_makes_none(command, path):
    assert command("answers", "purge") == (0, "nothing is kept\n", "")
    assert not path.parent.exists()
