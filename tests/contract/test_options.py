"""What a call may choose: each option does exactly what discovery says, and none can do harm."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import msgspec
import pytest

from service.cards.choice import CardKind
from service.settings import Settings
from service.web import hooks
from service.web.offered import offered
from service.web.options import OPTIONS, read_options
from tests.contract.cds_hooks_checker import response_faults

TODAY = datetime(2026, 11, 22, tzinfo=UTC).date()
TRIALS, GAPS = "alltrial", "allmissingdata"
ALWAYS = {"allleukaemiaprofile", "allcontradictions"}
# The stories that between them have every kind of card (their files in tests/cases/stories).
STORIES = ["adult-first-relapse-cd22-unknown", "child-second-relapse", "adult-first-relapse"]


@pytest.fixture(autouse=True)
def on_the_day(monkeypatch):
    """The day of the stories, so that a trial seen then is still believed."""

    class Calendar:
        @staticmethod
        def today():
            return TODAY

    monkeypatch.setattr(hooks, "date", Calendar)


@pytest.fixture
def ask(client, hook_call):
    """The answer to a stored call with these options."""

    def post(story="adult-first-relapse-cd22-unknown", service_id="all-immunotherapy", to=client, **options):
        body = hook_call(story)
        if options:
            body["extension"] = {OPTIONS: {code.replace("_", "-"): value for code, value in options.items()}}
        answer = to.post(f"/cds-services/{service_id}", data=json.dumps(body), content_type="application/json")
        assert answer.status_code == 200, answer.data
        assert response_faults(answer.json) == []
        return answer.json

    return post


def topic(card):
    return card["source"]["topic"]["code"]


def kind(card):
    code = topic(card)
    if code in ALWAYS:
        return None
    if code == GAPS:
        return "missing-data"
    return "open-trials" if code.startswith(TRIALS) or code == "allopentrials" else "approved-therapies"


def test_the_stories_show_every_kind_of_card(ask):
    seen = {kind(card) for story in STORIES for card in ask(story)["cards"]}
    assert seen == {None, *(name.value for name in CardKind)}


@pytest.mark.parametrize("story", STORIES)
@pytest.mark.parametrize("code", [name.value for name in CardKind])
@pytest.mark.parametrize("off", [False, "false", "False"])
def test_ch_o_10_an_option_that_is_off_removes_exactly_its_cards(ask, without_ids, story, code, off):
    whole, fewer = ask(story)["cards"], ask(story, **{code: off})["cards"]
    assert without_ids(fewer) == without_ids([card for card in whole if kind(card) != code])


def test_ch_o_10_everything_off_leaves_the_leukaemia_and_its_contradictions(ask):
    cards = ask(approved_therapies=False, open_trials=False, missing_data=False)["cards"]
    assert {topic(card) for card in cards} <= ALWAYS
    assert "allleukaemiaprofile" in {topic(card) for card in cards}


@pytest.mark.parametrize("on", [True, "true"])
def test_ch_o_10_on_is_as_if_it_were_not_sent(ask, without_ids, on):
    assert without_ids(ask(approved_therapies=on, open_trials=on, missing_data=on)) == without_ids(ask())


@pytest.mark.parametrize("most", [1, 2, "2"])
def test_ch_o_10_max_cards_keeps_the_first_and_names_the_others(ask, most):
    whole, fewer = ask()["cards"], ask(max_cards=most)["cards"]
    assert len(whole) > 2
    assert [topic(card) for card in fewer] == [topic(card) for card in whole][: int(most)]
    assert "Held back by the limit" in fewer[-1]["detail"]


def test_ch_o_10_max_cards_never_exceeds_what_the_operator_allows(ask, client_with, service):
    few = replace(service, cards=replace(service.cards, most=2))
    from service.web.app import create_app  # noqa: PLC0415 - one more application

    assert len(ask(to=create_app(few).test_client(), max_cards=50)["cards"]) == 2


def test_what_was_not_received_is_said_even_where_its_card_is_held_back(client, hook_call):
    body = hook_call("adult-first-relapse-cd22-unknown")
    del body["prefetch"]["procedures"]
    wrong = {"resourceType": "Observation", "id": "again", "status": "final", "effectiveDateTime": "2026-10-20"}
    body["prefetch"]["observations"]["entry"].append({"resource": wrong})
    body["extension"] = {OPTIONS: {"max-cards": 1}}
    (only,) = client.post("/cds-services/all-immunotherapy", data=json.dumps(body), content_type="application/json").json["cards"]
    assert "procedures" in only["detail"]


def test_ch_o_10_regulators_are_those_that_were_asked(ask):
    def named(answer):
        return {
            rule["id"][:2]
            for card in answer["cards"]
            if kind(card) == "approved-therapies"
            for rule in card["extension"]["all-cds.trace"]["rules"]
        }

    for sent in (["FDA"], "fda", "FDA,FDA"):
        assert named(ask(regulators=sent)) == {"F-"}
    assert "F-" not in named(ask())


@pytest.mark.parametrize("code", ["as-of", "known-by"])
def test_ch_o_10_another_day_is_said_on_every_card_first(ask, code):
    cards = ask(**{code: "2026-11-01"})["cards"]
    assert cards
    for card in cards:
        first = card["detail"].split("\n\n")[0]
        assert "2026-11-01" in first
        assert "as the request asked" in first
    trace = cards[0]["extension"]["all-cds.trace"]
    assert trace["asOf" if code == "as-of" else "knownBy"] == "2026-11-01"


@pytest.mark.parametrize("value", ["today", "2026-11-22"])
@pytest.mark.parametrize("code", ["as-of", "known-by"])
def test_today_needs_no_mark(ask, without_ids, code, value):
    assert without_ids(ask(**{code: value})) == without_ids(ask())


BAD: dict[str, list[object]] = {
    "approved-therapies": ["yes", 1, 0, {}, [], None, "", 1.5],
    "open-trials": ["0", [False]],
    "missing-data": [{"value": False}],
    "max-cards": [0, -1, True, "0", "many", 1.5, [], "²"],
    "regulators": ["PMDA", ["EMA", "PMDA"], [1], 7, "", " ", [], {}, "EMA;FDA"],
    "as-of": ["2026-02-30", "20261101", "2026-11-23", "yesterday", 20261101, ["2026-11-01"], "2999-01-01"],
    "known-by": ["2026-13-01", "2026-11-23", True],
}


@pytest.mark.parametrize(("code", "value"), [(code, value) for code, values in BAD.items() for value in values])
def test_ch_o_10_a_value_that_cannot_be_used_is_passed_over_and_named(ask, without_ids, code, value):
    answer = ask(**{code: value})
    assert answer["extension"] == {OPTIONS: {"notUsed": [code]}}
    assert without_ids(answer["cards"]) == without_ids(ask()["cards"])


@pytest.mark.parametrize("value", [[], "text", 7, True, [{"max-cards": 1}]])
def test_ch_o_10_options_that_are_no_object_are_passed_over(client, hook_call, value):
    body = {**hook_call(), "extension": {OPTIONS: value}}
    answer = client.post("/cds-services/all-immunotherapy", data=json.dumps(body), content_type="application/json")
    assert answer.status_code == 200
    assert answer.json["extension"] == {OPTIONS: {"notUsed": [OPTIONS]}}


@pytest.mark.parametrize("options", [None, {}, {"max_cards": 1}, {"unknown": {"deep": []}, "": 1}])
def test_ch_o_10_without_options_and_with_unknown_ones_everything_is_as_set_up(client, hook_call, without_ids, options):
    body = {**hook_call(), "extension": {OPTIONS: options, "org.other": 1}}
    answer = client.post("/cds-services/all-immunotherapy", data=json.dumps(body), content_type="application/json")
    plain = client.post("/cds-services/all-immunotherapy", data=json.dumps(hook_call()), content_type="application/json")
    assert without_ids(answer.json) == without_ids(plain.json)


def test_no_value_and_no_unknown_code_is_written_down_or_repeated(client, hook_call, capfd):
    body = {**hook_call(), "extension": {OPTIONS: {"MARK-CODE": "MARK-VALUE", "as-of": "MARK-VALUE"}}}
    answer = client.post("/cds-services/all-immunotherapy", data=json.dumps(body), content_type="application/json")
    written = "".join(capfd.readouterr())
    assert '"options_not_used":["as-of"]' in written
    assert "MARK" not in written + answer.text


def test_ch_o_12_without_leave_another_day_is_not_answered_and_that_is_said():
    raw = msgspec.Raw(b'{"as-of":"2026-11-01","known-by":"2026-11-01","max-cards":1}')
    asked = offered().find("all-immunotherapy", "patient-view")
    assert asked is not None
    chosen = read_options({OPTIONS: raw}, asked, Settings(), TODAY, other_days=False)
    assert chosen.not_used == ("as-of", "known-by")
    assert (chosen.question.as_of, chosen.question.known_by, chosen.choice.most) == (TODAY, TODAY, 1)
    assert (chosen.choice.asked_day, chosen.choice.known_by) == (None, None)
    allowed = read_options({OPTIONS: raw}, asked, Settings(), TODAY, other_days=True)
    assert allowed.not_used == ()
    assert {allowed.question.as_of, allowed.question.known_by} == {TODAY.replace(day=1)}


# ---------------------------------------------------------------- one service for each kind of advice


@pytest.mark.parametrize("story", STORIES)
@pytest.mark.parametrize(
    ("service_id", "lacking"), [("all-approved-therapies", "open-trials"), ("all-open-trials", "approved-therapies")]
)
def test_ch_o_11_a_service_of_one_kind_answers_as_the_whole_one_without_the_other(ask, without_ids, story, service_id, lacking):
    whole, fewer = ask(story)["cards"], ask(story, service_id=service_id)["cards"]
    assert without_ids(fewer) == without_ids([card for card in whole if kind(card) != lacking])


def test_ch_o_11_the_other_kind_cannot_be_turned_on(ask, without_ids):
    plain = ask(service_id="all-open-trials")
    assert without_ids(ask(service_id="all-open-trials", approved_therapies=True)) == without_ids(plain)


@pytest.mark.parametrize("service_id", ["all-approved-therapies", "all-open-trials"])
def test_ch_o_11_feedback_is_taken_under_each_id(client, service_id):
    item = {
        "card": "00000000-0000-4000-8000-000000000000",
        "outcome": "overridden",
        "outcomeTimestamp": "2026-11-22T10:00:00Z",
    }
    path = f"/cds-services/{service_id}/feedback"
    answer = client.post(path, data=json.dumps({"feedback": [item]}), content_type="application/json")
    assert (answer.status_code, answer.json) == (200, {})
