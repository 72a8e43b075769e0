"""The page behind a card: who finds it, until when, what lies in the store, and what is never there."""

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import orjson
import pytest
import sqlalchemy as sa

from service.consultation import assessment_document
from service.explanations.addresses import PATH, digest_of, new_address
from service.explanations.finding import find_assessment
from service.stores.database import open_database
from service.web.answer_memory import AnswerMemory
from service.web.app import create_app
from service.web.assessments import readable
from service.web.call import CallDesk
from tests.contract.stored import HOOK

BASE = "https://cds.example/all"
OLD, NEW, OTHER = (base64.b64encode(bytes([digit]) * 32).decode() for digit in (1, 2, 3))
MARKS = {
    name: f"MARK{name.upper()}"
    for name in (
        "family",
        "given",
        "mrn",
        "note",
        "token",
        "patient",
        "encounter",
        "user",
        "comment",
        "server",
        "subject",
        "name",
    )
}
BIRTH_DATE = "1981-03-14"


class Desk:
    """A client of one process, and a look into its store; several may share one."""

    def __init__(self, service, path, **changes):
        self.path = str(path)
        given = {"store": self.path, "public_base_url": BASE, "encryption_keys": (NEW,)} | changes
        self.settings = replace(service.settings, **given)
        self.memory = AnswerMemory.of(self.settings)
        self.service = replace(service, settings=self.settings)
        self.client = create_app(self.service, self.memory).test_client()

    def show(self, call):
        """The cards, once everything of them is kept."""
        answer = self.client.post(HOOK, data=json.dumps(call), content_type="application/json")
        assert answer.status_code == 200
        self.memory.stop()
        return json.loads(answer.data)["cards"]

    def link(self, call):
        (link,) = {link["url"] for card in self.show(call) for link in card.get("links", []) if PATH in link["url"]}
        assert link.startswith(f"{BASE}{PATH}/")
        return link

    def get(self, link):
        return self.client.get(link.removeprefix(BASE))

    def change(self, statement, **values):
        """What a statement on the store gives."""
        with open_database(self.path).transaction() as connection:
            result = connection.execute(sa.text(statement), values)
            return result.all() if result.returns_rows else []

    def rows(self):
        return self.change("select * from assessments")


@pytest.fixture
def desk(service, tmp_path):
    desk = Desk(service, tmp_path / "store.db")
    yield desk
    desk.memory.stop()


@pytest.fixture
def another(service, tmp_path):
    """Another process of the same store, under other settings."""

    def build(**changes):
        return Desk(service, tmp_path / "store.db", **changes)

    return build


def metric(client, name):
    lines = [line for line in client.get("/metrics").text.splitlines() if line.startswith(f"{name} ")]
    return float(lines[0].rsplit(" ", 1)[1]) if lines else 0.0


def test_every_card_leads_to_the_assessment_that_it_rests_on(desk, hook_call):
    call = hook_call()
    cards = desk.show(call)
    links = {link["url"] for card in cards for link in card["links"] if link["label"] == "Explanation"}
    assert len(links) == 1
    assert [card["links"][-1]["url"] in links for card in cards] == [True] * len(cards)
    answer = desk.get(links.pop())
    assert answer.status_code == 200
    assert answer.mimetype == "application/json"
    assert answer.json["patient"] == f"Patient/{call['context']['patientId']}"
    assert answer.json["knowledge"]["digest"] == desk.service.rules.library.digest
    trace = cards[0]["extension"]["all-cds.trace"]
    assert (answer.json["asOf"], answer.json["knownBy"]) == (trace["asOf"], trace["knownBy"])


def test_it_is_kept_by_no_cache_and_its_address_goes_to_no_other_site(desk, hook_call):
    answer = desk.get(desk.link(hook_call()))
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"


def test_ch_l_04_a_link_holds_nothing_of_the_patient_and_leads_to_one_answer(desk, another, hook_call):
    call = hook_call()
    cards = desk.show(call)
    (one,) = {link["url"] for card in cards for link in card["links"] if PATH in link["url"]}
    two = another().link(call)
    assert one != two
    address = one.rpartition("/")[2]
    assert len(address) == 43
    told = [call["context"]["patientId"], call["hookInstance"], *(card["uuid"] for card in cards)]
    assert [text for text in told if text in one] == []
    assert desk.get(one).data == desk.get(two).data  # the same day and record, under two addresses


@pytest.mark.parametrize("address", ["A" * 43, "x", "a" * 44, "a" * 42 + "%20", "a" * 5000, "..", "a" * 42 + "é"])
def test_what_is_unknown_or_malformed_is_not_found(desk, hook_call, is_outcome, address):
    desk.show(hook_call())
    is_outcome(desk.client.get(f"{PATH}/{address}"), 404)


@pytest.fixture
def not_found(desk):
    """The answer to an address that never was."""
    answer = desk.client.get(f"{PATH}/{new_address()}")
    return answer.status_code, answer.data, sorted(name for name, _ in answer.headers)


def like(answer):
    return answer.status_code, answer.data, sorted(name for name, _ in answer.headers)


def test_ch_j_22_unknown_malformed_and_expired_cannot_be_told_apart(desk, hook_call, not_found):
    link = desk.link(hook_call())
    assert desk.get(link).status_code == 200
    desk.change("update assessments set expires_at = '2026-01-01T00:00:00.000000+00:00'")
    assert like(desk.get(link)) == like(desk.client.get(f"{PATH}/x")) == not_found


@pytest.mark.parametrize(("hours", "given"), [(72, {}), (1, {"assessment_hours": 1})])
def test_ch_j_22_an_assessment_is_found_until_its_time_is_over(another, hook_call, hours, given):
    desk = another(**given)
    link = desk.link(hook_call())
    ((kept_at,),) = desk.change("select kept_at from assessments")
    end = datetime.fromisoformat(kept_at) + timedelta(hours=hours)
    assert find_assessment(desk.settings, link, end - timedelta(microseconds=1)) is not None
    assert find_assessment(desk.settings, link, end) is None


def test_ch_j_22_the_thread_deletes_what_is_over(desk, another, hook_call):
    desk.link(hook_call())
    desk.change("update assessments set expires_at = '2026-01-01T00:00:00.000000+00:00'")
    before = metric(desk.client, 'all_cds_purged_total{kind="assessments"}')
    later = another()
    later.memory.start()
    later.memory.stop()
    assert later.rows() == []
    assert metric(desk.client, 'all_cds_purged_total{kind="assessments"}') == before + 1


def test_while_a_key_is_replaced_old_and_new_links_lead_somewhere(another, hook_call):
    old = another(encryption_keys=(OLD,)).link(hook_call())
    both = another(encryption_keys=(NEW, OLD))
    new = both.link(hook_call())
    assert [both.get(link).status_code for link in (old, new)] == [200, 200]
    assert [another().get(link).status_code for link in (old, new)] == [404, 200]


@pytest.mark.parametrize(
    "change",
    [
        "update assessments set sealed = x'00'",
        "update assessments set sealed = x''",
        "update assessments set client = 'another'",
        "update assessments set knowledge_digest = 'sha256:other'",
        "update assessments set kept_at = '2026-01-01T00:00:00.000000+00:00'",
        "update assessments set expires_at = '2999-01-01T00:00:00.000000+00:00'",
    ],
)
def test_a_row_that_was_changed_is_not_found_and_is_counted(desk, hook_call, not_found, capfd, change):
    link = desk.link(hook_call())
    desk.change(change)
    before = metric(desk.client, "all_cds_assessments_unreadable_total")
    assert like(desk.get(link)) == not_found
    assert metric(desk.client, "all_cds_assessments_unreadable_total") == before + 1
    written = "".join(capfd.readouterr())
    assert "seal-broken" in written
    assert "Traceback" not in written
    assert link.rpartition("/")[2] not in written


def test_two_rows_that_were_exchanged_are_not_found(desk, another, hook_call, not_found):
    one, two = desk.link(hook_call()), another().link(hook_call("child-second-relapse"))
    digests = [digest_of(link.rpartition("/")[2]) for link in (one, two)]
    for old, new in ((digests[0], "x"), (digests[1], digests[0]), ("x", digests[1])):
        desk.change("update assessments set digest = :new where digest = :old", old=old, new=new)
    assert [like(desk.get(link)) for link in (one, two)] == [not_found] * 2


def test_another_key_finds_nothing_and_says_so_to_operators_alone(desk, another, hook_call, not_found):
    link = desk.link(hook_call())
    stranger = another(encryption_keys=(OTHER,))
    before = metric(desk.client, "all_cds_assessments_unreadable_total")
    assert like(stranger.get(link)) == not_found
    assert metric(desk.client, "all_cds_assessments_unreadable_total") == before + 1
    assert like(another(encryption_keys=()).get(link)) == not_found  # without a key nobody even looks
    assert metric(desk.client, "all_cds_assessments_unreadable_total") == before + 1


@pytest.mark.parametrize("changes", [{"encryption_keys": ()}, {"public_base_url": ""}])
def test_without_a_key_or_a_public_address_nothing_of_a_patient_is_kept_and_no_link_is_given(another, hook_call, changes):
    desk = another(keep_answers=True, **changes)
    cards = desk.show(hook_call())
    assert cards
    assert [link for card in cards for link in card.get("links", []) if PATH in link["url"]] == []
    assert desk.rows() == []


def test_without_a_key_and_without_memory_there_is_not_even_a_store(another, hook_call, tmp_path):
    another(encryption_keys=()).show(hook_call())
    assert list(tmp_path.iterdir()) == []


def test_a_key_alone_keeps_no_cards_and_takes_no_feedback(desk, hook_call):
    cards = desk.show(hook_call())
    told = {"card": cards[0]["uuid"], "outcome": "overridden", "outcomeTimestamp": "2026-11-22T10:00:00Z"}
    answer = desk.client.post(f"{HOOK}/feedback", data=json.dumps({"feedback": [told]}), content_type="application/json")
    assert answer.status_code == 200
    assert [desk.change(f"select * from {table}") for table in ("answers", "feedback")] == [[], []]  # noqa: S608 - names of ours
    assert len(desk.rows()) == 1


def test_an_answer_without_cards_is_not_kept(desk, hook_call):
    assert desk.show(hook_call("aml")) == []
    assert not desk.memory._thread
    call = hook_call()
    call["prefetch"]["patient"]["deceasedBoolean"] = True
    assert desk.show(call) == []
    assert not desk.memory._thread


def test_a_record_that_is_too_large_has_cards_without_a_link_and_is_counted(another, hook_call):
    call = hook_call("child-second-relapse")
    name = 'all_cds_assessments_lost_total{reason="too-large"}'
    wide = another()
    kept = find_assessment(wide.settings, wide.link(call), datetime.now(tz=UTC))
    assert kept is not None
    size = sum(len(raw) for raws in kept.resources.values() for raw in raws)
    exact = another(assessment_limit=size)
    before = metric(exact.client, name)
    exact.link(call)
    assert metric(exact.client, name) == before
    small = another(assessment_limit=size - 1)
    cards = small.show(call)
    assert [link for card in cards for link in card.get("links", []) if PATH in link["url"]] == []
    assert metric(small.client, name) == before + 1
    assert len(small.rows()) == 2


def test_a_store_that_is_down_stops_no_card_and_the_link_leads_nowhere(service, hook_call, tmp_path, is_outcome):
    folder = tmp_path / "folder"
    folder.write_text("no folder")
    desk = Desk(service, folder / "store.db")
    link = desk.link(hook_call())
    is_outcome(desk.get(link), 404)
    assert metric(desk.client, 'all_cds_assessments_lost_total{reason="stopped"}') >= 1


def test_a_store_that_cannot_be_read_is_a_503(service, tmp_path, is_outcome):
    path = tmp_path / "store.db"
    path.write_text(100 * "not a database ")
    desk = Desk(service, path)
    is_outcome(desk.client.get(f"{PATH}/{new_address()}"), 503)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_it_can_only_be_read(desk, is_outcome, method):
    is_outcome(desk.client.open(f"{PATH}/{new_address()}", method=method), 405)


def marked(call):
    """The call with everything that tells of whom it is, or opens a door, marked."""
    call = json.loads(json.dumps(call).replace(call["context"]["patientId"], MARKS["patient"]))
    call["context"] |= {"userId": f"Practitioner/{MARKS['user']}", "encounterId": MARKS["encounter"]}
    patient = call["prefetch"]["patient"]
    patient["name"] = [{"family": MARKS["family"], "given": [MARKS["given"]]}]
    patient["identifier"] = [{"value": MARKS["mrn"]}]
    patient["birthDate"] = BIRTH_DATE
    for entry in call["prefetch"]["observations"]["entry"]:
        entry["resource"]["note"] = [{"text": MARKS["note"]}]
    call["fhirServer"] = f"https://{MARKS['server'].lower()}.example/fhir"
    call["fhirAuthorization"] = {
        "access_token": MARKS["token"],
        "token_type": "Bearer",
        "expires_in": 300,
        "scope": "patient/*.read",
        "subject": MARKS["subject"],
    }
    return call


def texts_of(value):
    """Every text of a call that could tell of whom it is: ids, references, dates, names."""
    if isinstance(value, dict):
        return {
            text
            for name, part in value.items()
            if name not in {"resourceType", "system", "code", "unit"}
            for text in texts_of(part)
        }
    if isinstance(value, list):
        return {text for part in value for text in texts_of(part)}
    return {value} if isinstance(value, str) and len(value) > 5 else set()


def test_ch_j_22_ch_a_05_no_identifier_name_date_or_token_stands_in_the_store(another, hook_call, tmp_path, capfd):
    desk = another(keep_answers=True)
    call = marked(hook_call())
    answer = desk.client.post(HOOK, data=json.dumps(call), content_type="application/json")
    told = {
        "card": answer.json["cards"][0]["uuid"],
        "outcome": "overridden",
        "outcomeTimestamp": "2026-11-22T10:00:00Z",
        "overrideReason": {"userComment": f"{MARKS['comment']} {MARKS['family']}"},
    }
    sent = desk.client.post(f"{HOOK}/feedback", data=json.dumps({"feedback": [told]}), content_type="application/json")
    assert sent.status_code == 200
    desk.memory.stop()
    assert len(desk.rows()) == 1
    assert desk.change("select card from feedback where length(comment) > 0")
    written = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    wanted = {*MARKS.values(), MARKS["server"].lower(), BIRTH_DATE, *texts_of(call)} - {call["hook"]}  # it stands with a card
    assert len(wanted) > 40
    assert [text for text in sorted(wanted) if text.encode() in written] == []
    link = answer.json["cards"][0]["links"][-1]["url"]
    secrets = [link.rpartition("/")[2], NEW, NEW.rstrip("=")]
    assert [secret for secret in secrets if secret.encode() in written] == []
    said = "".join(capfd.readouterr()) + desk.client.get("/metrics").text
    assert [text for text in (*MARKS.values(), BIRTH_DATE, *secrets) if text in said] == []


def test_ch_a_05_ch_a_06_no_token_and_nobody_who_asked_is_part_of_what_is_kept(desk, hook_call):
    link = desk.link(marked(hook_call()))
    kept = find_assessment(desk.settings, link, datetime.now(tz=UTC))
    assert kept is not None
    inside = b"".join(raw for raws in kept.resources.values() for raw in raws) + kept.assessment
    assert MARKS["family"].encode() in inside  # it is the record itself
    there = {name for name in ("token", "server", "user", "encounter", "subject") if MARKS[name].encode() in inside}
    assert there == set()
    assert MARKS["patient"] not in repr(kept)


def test_ch_a_06_what_waits_holds_the_resources_and_not_the_call_around_them(service, hook_call, desk):
    call = marked(hook_call())
    body = json.dumps(call).encode()
    asked = CallDesk.of(replace(desk.service, settings=desk.settings))
    with desk.client.application.test_request_context():
        _, page = asked.answer("all-immunotherapy", body, datetime.now(tz=UTC).date())
    assert page is not None
    assert {type(raw) for raws in page.resources.values() for raw in raws} == {bytes}
    assert sum(len(raw) for raws in page.resources.values() for raw in raws) == page.size < len(body)
    assert "MARK" not in repr(page)


def test_the_document_is_the_one_of_the_answer_whatever_is_known_later(desk, hook_call):
    link = desk.link(hook_call())
    kept = readable(desk.settings, link, datetime.now(tz=UTC))
    assert kept is not None
    again = desk.service.consult_prefetch(kept.slices(), kept.patient_id, frozenset(kept.unavailable), kept.question.asked())
    assert desk.get(link).data == kept.assessment == orjson.dumps(assessment_document(again))
