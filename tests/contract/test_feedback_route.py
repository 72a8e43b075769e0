"""What clients may tell of our cards, and what becomes of it: CH-B of the conformance list, on the wire."""

import base64
import gzip
import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from service.errors import SealBroken, StoreError
from service.explanations.comments import open_comment
from service.stores.answers import AnswerTables
from service.stores.database import open_database
from service.stores.encryption_keys import key_bytes
from service.stores.vault import Vault
from service.web.answer_memory import AnswerMemory
from service.web.app import create_app
from tests.contract.stored import HOOK

PATH = f"{HOOK}/feedback"
EVER = datetime(1, 1, 1, tzinfo=UTC)
STRANGE = "9f0fa4d0-0000-4000-8000-000000000009"
OVERRIDDEN = {"card": STRANGE, "outcome": "overridden", "outcomeTimestamp": "2026-11-22T10:00:00Z"}
ACCEPTED = OVERRIDDEN | {"outcome": "accepted", "acceptedSuggestions": [{"id": STRANGE}]}
SYSTEM = "http://terminology.hl7.org/CodeSystem/non-adherence-reason-codes"
EPIC = "com.epic.cdshooks.feedback.overrideReason"


class Desk:
    """A client of a service that keeps what it answers, and a look into its store."""

    def __init__(self, service, path, **settings):
        self.tables = AnswerTables(open_database(path))
        self.memory = AnswerMemory(lambda: self.tables, patience=60)
        self.client = create_app(replace(service, settings=replace(service.settings, **settings)), self.memory).test_client()

    def tell(self, *items, path=PATH, **options):
        data = options.pop("data", json.dumps({"feedback": items}))
        return self.client.post(path, data=data, content_type=options.pop("content_type", "application/json"), **options)

    def show(self, call):
        return json.loads(self.client.post(HOOK, data=json.dumps(call), content_type="application/json").data)["cards"]

    def told(self):
        """What was told of cards of ours, once everything is written."""
        self.memory.stop()
        return [item for story in self.tables.stories(EVER) for item in story.feedback]


@pytest.fixture
def desk(service, tmp_path):
    desk = Desk(service, str(tmp_path / "store.db"))
    yield desk
    desk.memory.stop()


@pytest.fixture
def strict(service, tmp_path):
    desk = Desk(service, str(tmp_path / "store.db"), feedback_strict=True)
    yield desk
    desk.memory.stop()


@pytest.fixture
def card(desk, hook_call):
    """The first card with a suggestion that was shown."""
    return next(card for card in desk.show(hook_call()) if card.get("suggestions"))


def number(client, name):
    lines = [line for line in client.get("/metrics").text.splitlines() if line.startswith(f"{name} ")]
    return float(lines[0].rsplit(" ", 1)[1]) if lines else 0.0


@pytest.mark.parametrize("path", [PATH, f"{PATH}/"])
def test_ch_b_01_the_endpoint_is_below_the_service(desk, path):
    assert desk.tell(OVERRIDDEN, path=path).status_code == 200


def test_ch_b_01_feedback_is_not_announced(client):
    assert "feedback" not in client.get("/cds-services").text.lower()


def test_ch_b_01_another_service_is_404_whatever_was_sent(desk, is_outcome):
    for data in ("{", json.dumps({"feedback": [OVERRIDDEN]})):
        is_outcome(desk.tell(path="/cds-services/unknown/feedback", data=data), 404)


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_ch_b_01_only_post_is_understood(desk, is_outcome, method):
    answer = desk.client.open(PATH, method=method)
    is_outcome(answer, 405)
    assert "POST" in answer.headers["Allow"]


@pytest.mark.parametrize(
    "data", ["{", "[]", json.dumps(OVERRIDDEN), json.dumps([OVERRIDDEN]), "{}", '{"feedback": null}', '{"feedback": {}}', ""]
)
def test_ch_b_02_only_an_object_with_the_array_is_taken(desk, is_outcome, data):
    is_outcome(desk.tell(data=data), 400)


def test_ch_b_02_an_empty_batch_is_taken(desk):
    assert desk.tell().status_code == 200


@pytest.mark.parametrize(
    ("change", "member"),
    [
        ({"card": None}, "card"),
        ({"outcome": "ignored"}, "outcome"),
        ({"outcome": None}, "outcome"),
        ({"outcomeTimestamp": "2026-11-22"}, "outcomeTimestamp"),
        ({"outcomeTimestamp": None}, "outcomeTimestamp"),
    ],
)
def test_ch_b_03_a_faulty_item_refuses_the_batch_and_is_named(desk, card, is_outcome, change, member):
    issue = is_outcome(desk.tell(OVERRIDDEN | {"card": card["uuid"]}, OVERRIDDEN | change), 400)
    assert issue["expression"] == [f"feedback[1].{member}"]
    assert desk.told() == []


def test_ch_b_03_what_is_told_is_kept_with_its_moment(desk, card):
    desk.tell(OVERRIDDEN | {"card": card["uuid"], "outcomeTimestamp": "2026-11-22T12:00:00+02:00"})
    (item,) = desk.told()
    assert (item.card, item.outcome, item.client) == (card["uuid"], "overridden", "open")
    assert item.given_at == datetime(2026, 11, 22, 10, tzinfo=UTC)


def test_ch_b_04_what_was_accepted_is_kept(desk, card):
    chosen = card["suggestions"][0]["uuid"]
    assert desk.tell(ACCEPTED | {"card": card["uuid"], "acceptedSuggestions": [{"id": chosen}]}).status_code == 200
    assert [item.suggestions for item in desk.told()] == [(chosen,)]


@pytest.mark.parametrize("suggestions", [None, []])
def test_ch_b_04_an_acceptance_of_nothing_named_is_kept_as_such(desk, card, suggestions):
    assert desk.tell(ACCEPTED | {"card": card["uuid"], "acceptedSuggestions": suggestions}).status_code == 200
    assert [(item.outcome, item.suggestions) for item in desk.told()] == [("accepted", ())]


@pytest.mark.parametrize("suggestions", [None, []])
def test_ch_b_04_or_refused_where_the_setting_says_so(strict, is_outcome, suggestions):
    assert strict.tell(ACCEPTED, OVERRIDDEN).status_code == 200
    issue = is_outcome(strict.tell(OVERRIDDEN, ACCEPTED | {"acceptedSuggestions": suggestions}), 400)
    assert issue["expression"] == ["feedback[1].acceptedSuggestions"]


@pytest.mark.parametrize(
    ("reason", "kept"),
    [
        ({"reason": {"code": "patient-refuses", "system": SYSTEM}}, ("patient-refuses", SYSTEM, False)),
        ({"reason": {"code": "r-1"}, "userComment": "words"}, ("r-1", "", True)),
        ({"userComment": "words"}, ("", "", True)),
        ({"userComment": ""}, ("", "", False)),
        (None, ("", "", False)),
        # what is no code is not kept: it may be anything
        ({"reason": {"code": "Jane Doe, born 1981", "system": SYSTEM}}, ("", "", False)),
        ({"reason": {"code": "r-1", "system": "Jane Doe"}}, ("r-1", "", False)),
    ],
)
def test_ch_b_05_a_reason_that_was_picked_is_kept(desk, card, reason, kept):
    assert desk.tell(OVERRIDDEN | {"card": card["uuid"], "overrideReason": reason}).status_code == 200
    (item,) = desk.told()
    assert (item.reason_code, item.reason_system, item.commented) == kept


def test_ch_b_05_each_reason_that_we_offer_is_kept_when_it_comes_back(desk, card):
    offered = [{name: reason[name] for name in ("code", "system")} for reason in card["overrideReasons"]]
    times = [f"2026-11-22T10:00:0{place}Z" for place in range(len(offered))]
    told = [
        OVERRIDDEN | {"card": card["uuid"], "outcomeTimestamp": moment, "overrideReason": {"reason": reason}}
        for moment, reason in zip(times, offered, strict=True)
    ]
    assert desk.tell(*told).status_code == 200
    assert [{"code": item.reason_code, "system": item.reason_system} for item in desk.told()] == offered


@pytest.mark.parametrize(
    ("extension", "text"),
    [
        ({f"{EPIC}.reasonDisplay": "Does not meet criteria", f"{EPIC}.reasonCategory": "4"}, "Does not meet criteria"),
        ({f"{EPIC}.reasonTitle": "Clinical", f"{EPIC}.reasonCategory": 4}, "Clinical"),
        ({f"{EPIC}.reasonCategory": "4"}, "4"),
        ({f"{EPIC}.reasonDisplay": " two\nlines\u0007 "}, "two lines"),
        ({f"{EPIC}.reasonDisplay": "x" * 101}, "x" * 100),
        ({f"{EPIC}.reasonDisplay": {"a": 1}}, ""),
        ({"another": "text"}, ""),
    ],
)
def test_ch_b_06_feedback_epic_plural_the_reason_that_the_site_built_is_kept(desk, card, extension, text):
    told = OVERRIDDEN | {"card": card["uuid"], "overrideReasons": {"extension": extension, "userComment": "words"}}
    assert desk.tell(told).status_code == 200
    assert [(item.reason_text, item.commented) for item in desk.told()] == [(text, True)]


def test_ch_b_06_feedback_epic_plural_with_a_coding(desk, card):
    told = OVERRIDDEN | {"card": card["uuid"], "overrideReasons": {"reason": {"code": "r-1", "system": "urn:x"}}}
    assert desk.tell(told).status_code == 200
    assert [(item.reason_code, item.reason_system) for item in desk.told()] == [("r-1", "urn:x")]


def test_ch_b_08_feedback_repeat_gives_one_row_and_history_is_kept(desk, card):
    first = OVERRIDDEN | {"card": card["uuid"]}
    later = first | {"outcomeTimestamp": "2026-11-22T10:00:01Z"}
    assert [desk.tell(first, first).status_code, desk.tell(first).status_code, desk.tell(later).status_code] == [200] * 3
    assert len(desk.told()) == 2


def test_ch_b_08_one_batch_may_tell_of_several_answers(desk, hook_call):
    cards = [desk.show(hook_call())[0]["uuid"] for _ in range(2)]
    assert desk.tell(*[OVERRIDDEN | {"card": card} for card in cards]).status_code == 200
    assert sorted(item.card for item in desk.told()) == sorted(cards)


@pytest.mark.parametrize("written", [str.upper, "urn:uuid:{}".format, " {} ".format])
def test_ch_b_08_an_id_that_comes_back_in_another_spelling_is_the_same(desk, card, written):
    assert desk.tell(OVERRIDDEN | {"card": written(card["uuid"])}).status_code == 200
    assert [item.card for item in desk.told()] == [card["uuid"]]


@pytest.mark.parametrize("strange", [STRANGE, "123456", "x" * 5000, "\u0000", "\ud83d\ude00"])
def test_ch_b_09_feedback_orphan_is_taken_and_counted_and_disturbs_no_other(desk, card, strange):
    before = number(desk.client, "all_cds_feedback_orphans_total")
    assert desk.tell(OVERRIDDEN | {"card": strange}, OVERRIDDEN | {"card": card["uuid"]}).status_code == 200
    assert number(desk.client, "all_cds_feedback_orphans_total") == before + 1
    assert len(desk.told()) == 1
    assert desk.tables.orphans(EVER) == 1


def test_ch_b_10_what_is_kept_is_answered_with_200_and_an_empty_object(desk):
    answer = desk.tell(OVERRIDDEN)
    assert (answer.status_code, answer.json, answer.mimetype) == (200, {}, "application/json")


def test_ch_b_10_what_could_not_be_kept_is_a_500_so_that_it_comes_again(service, is_outcome):
    def fail():
        raise StoreError("SECRET")

    memory = AnswerMemory(fail, patience=60)
    client = create_app(service, memory).test_client()
    answer = client.post(PATH, data=json.dumps({"feedback": [OVERRIDDEN]}), content_type="application/json")
    memory.stop()
    assert is_outcome(answer, 500)["code"] == "transient"
    assert "SECRET" not in answer.text


def test_ch_b_10_a_service_that_keeps_nothing_takes_feedback_too(client):
    before = number(client, 'all_cds_feedback_total{outcome="overridden"}')
    answer = client.post(PATH, data=json.dumps({"feedback": [OVERRIDDEN]}), content_type="application/json")
    assert (answer.status_code, answer.json) == (200, {})
    assert number(client, 'all_cds_feedback_total{outcome="overridden"}') == before + 1


def test_ch_b_12_the_users_words_are_nowhere(desk, card, capfd, tmp_path):
    words = "MARKWORDS of a user"
    told = OVERRIDDEN | {
        "card": card["uuid"],
        "foo": words,
        "overrideReason": {"userComment": words, "reason": {"code": words, "system": words, "display": words}, "foo": words},
    }
    assert desk.tell(told, OVERRIDDEN | {"card": words}, ACCEPTED | {"acceptedSuggestions": [{"id": words}]}).status_code == 200
    assert desk.tell(told | {"outcome": words}).status_code == 400
    assert len(desk.told()) == 1
    assert "MARKWORDS" not in "".join(capfd.readouterr())
    assert "MARKWORDS" not in desk.client.get("/metrics").text
    assert [path.name for path in tmp_path.iterdir() if b"MARKWORDS" in path.read_bytes()] == []


KEY = base64.b64encode(bytes([1]) * 32).decode()


@pytest.mark.parametrize("reasons", ["overrideReason", "overrideReasons"])
def test_ch_b_12_the_users_words_are_kept_sealed_where_there_is_a_key(service, tmp_path, capfd, reasons):
    desk = Desk(service, str(tmp_path / "store.db"), encryption_keys=(KEY,))
    words = "MARKWORDS of a user – α"
    assert desk.tell(OVERRIDDEN | {reasons: {"userComment": words}}).status_code == 200
    desk.memory.stop()
    (kept,) = desk.tables.comments(EVER)
    assert kept.commented
    assert open_comment(kept, Vault([key_bytes(KEY)])) == words
    assert "MARKWORDS" not in "".join(capfd.readouterr()) + desk.client.get("/metrics").text + repr(kept)
    assert [path.name for path in tmp_path.iterdir() if b"MARKWORDS" in path.read_bytes()] == []
    for elsewhere in (replace(kept, card=STRANGE[::-1]), replace(kept, outcome="accepted"), replace(kept, given_at=EVER)):
        with pytest.raises(SealBroken):
            open_comment(elsewhere, Vault([key_bytes(KEY)]))


@pytest.mark.parametrize(("length", "kept"), [(4000, 4000), (4001, 4000)])
def test_ch_b_12_very_long_words_are_cut(service, tmp_path, length, kept):
    desk = Desk(service, str(tmp_path / "store.db"), encryption_keys=(KEY,))
    assert desk.tell(OVERRIDDEN | {"overrideReason": {"userComment": "x" * length}}).status_code == 200
    desk.memory.stop()
    assert [open_comment(item, Vault([key_bytes(KEY)])) for item in desk.tables.comments(EVER)] == ["x" * kept]


def test_ch_b_12_without_a_key_no_word_is_kept(desk):
    assert desk.tell(OVERRIDDEN | {"overrideReason": {"userComment": "words"}}).status_code == 200
    assert desk.told() == []
    assert desk.tables.comments(EVER) == ()


def test_ch_g_07_unknown_members_are_ignored(desk, card):
    assert desk.tell(data=json.dumps({"foo": 1, "feedback": [OVERRIDDEN | {"card": card["uuid"], "foo": {}}]})).status_code == 200
    assert len(desk.told()) == 1


def test_ch_g_08_limits_are_those_of_every_body(service, tmp_path, is_outcome):
    body = json.dumps({"feedback": [OVERRIDDEN]}).encode()
    for settings, status in [({"body_limit": len(body)}, 200), ({"body_limit": len(body) - 1}, 413)]:
        desk = Desk(service, str(tmp_path / "store.db"), **settings)
        answer = desk.tell(data=body)
        desk.memory.stop()
        assert answer.status_code == status
    desk = Desk(service, str(tmp_path / "store.db"), inflated_limit=len(body) - 1)
    is_outcome(desk.tell(data=gzip.compress(body), headers={"Content-Encoding": "gzip"}), 413)


def test_ch_g_06_another_content_type_is_415(desk, is_outcome):
    is_outcome(desk.tell(OVERRIDDEN, content_type="text/plain"), 415)


def test_ch_j_21_a_page_of_the_list_may_tell(service, tmp_path):
    desk = Desk(service, str(tmp_path / "store.db"), allowed_origins=("https://page.example",))
    for origin, allowed in [("https://page.example", True), ("https://elsewhere.example", False)]:
        answer = desk.tell(OVERRIDDEN, headers={"Origin": origin})
        assert ("Access-Control-Allow-Origin" in answer.headers) is allowed
    asked = {"Origin": "https://page.example", "Access-Control-Request-Method": "POST"}
    assert "POST" in desk.client.options(PATH, headers=asked).headers["Access-Control-Allow-Methods"]
    desk.memory.stop()


def test_the_cards_of_an_answer_are_kept_as_they_were_shown(desk, hook_call, service):
    cards = desk.show(hook_call())
    desk.memory.stop()
    stories = {story.card: story for story in desk.tables.stories(EVER)}
    assert set(stories) == {card["uuid"] for card in cards}
    for card in cards:
        rules = [rule["id"] for rule in card["extension"]["all-cds.trace"].get("rules", [])]
        story = stories[card["uuid"]]
        assert (story.rules, story.topic, story.client) == (tuple(rules), card["source"]["topic"]["code"], "open")


def test_a_store_that_is_down_stops_no_card(service, hook_call, capfd):
    def fail():
        raise StoreError("down")

    memory = AnswerMemory(fail)
    client = create_app(service, memory).test_client()
    before = number(client, "all_cds_answers_lost_total")
    answer = client.post(HOOK, data=json.dumps(hook_call()), content_type="application/json")
    assert json.loads(answer.data)["cards"]
    memory.stop()
    assert number(client, "all_cds_answers_lost_total") == before + 1
    assert "store-failed" in capfd.readouterr().err
