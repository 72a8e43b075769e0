"""What users did with a card: CH-B-02 to 06, 08, 09 and 12 of the conformance list."""

import json
from datetime import UTC, datetime

import pytest

from cds_hooks import InvalidMember, MissingMember, NotAnObject, NotJson, Outcome, decode_feedback

CARD = "4e0a3a1e-3283-4575-ab82-028d55fe2719"
OVERRIDDEN = {"card": CARD, "outcome": "overridden", "outcomeTimestamp": "2022-05-19T19:44:04Z"}
ACCEPTED = OVERRIDDEN | {"outcome": "accepted", "acceptedSuggestions": [{"id": "s1"}, {"id": "s2"}]}
SYSTEM = "https://example.org/reasons"


def decode(*items):
    return decode_feedback(json.dumps({"feedback": items}).encode())


def test_ch_b_03_an_accepted_card_names_its_suggestions():
    (item,) = decode(ACCEPTED)
    assert (item.card, item.outcome, item.accepted_suggestions) == (CARD, Outcome.ACCEPTED, ("s1", "s2"))
    assert item.outcome_timestamp == datetime(2022, 5, 19, 19, 44, 4, tzinfo=UTC)
    assert not item.incomplete


@pytest.mark.parametrize(
    ("sent", "error"),
    [
        (json.dumps(OVERRIDDEN), MissingMember),
        (json.dumps([OVERRIDDEN]), NotAnObject),
        ('{"feedback": null}', MissingMember),
        ('{"feedback": {}}', InvalidMember),
        ('{"feedback": [1]}', InvalidMember),
        ("{", NotJson),
    ],
)
def test_ch_b_02_only_an_object_with_the_array_is_read(sent, error):
    with pytest.raises(error):
        decode_feedback(sent.encode())


def test_ch_b_02_an_empty_batch_is_empty():
    assert decode() == ()


@pytest.mark.parametrize(
    ("change", "error", "member"),
    [
        ({"card": None}, MissingMember, "card"),
        ({"card": 5}, InvalidMember, "card"),
        ({"outcome": None}, MissingMember, "outcome"),
        ({"outcome": "ignored"}, InvalidMember, "outcome"),
        ({"outcomeTimestamp": None}, MissingMember, "outcomeTimestamp"),
        ({"outcomeTimestamp": "yesterday"}, InvalidMember, "outcomeTimestamp"),
        ({"outcomeTimestamp": "2022-05-19"}, InvalidMember, "outcomeTimestamp"),
        ({"outcomeTimestamp": "2022-05-19T19:44:04"}, InvalidMember, "outcomeTimestamp"),
        ({"outcomeTimestamp": "2022-13-19T19:44:04Z"}, InvalidMember, "outcomeTimestamp"),
        ({"outcomeTimestamp": "0001-01-01T00:00:00+23:59"}, InvalidMember, "outcomeTimestamp"),
        ({"acceptedSuggestions": "s1"}, InvalidMember, "acceptedSuggestions"),
        ({"acceptedSuggestions": [{}]}, InvalidMember, "acceptedSuggestions"),
        ({"overrideReason": "no"}, InvalidMember, "overrideReason"),
        ({"overrideReasons": []}, InvalidMember, "overrideReasons"),
        ({"overrideReason": {"reason": "no"}}, InvalidMember, "overrideReason.reason"),
    ],
)
def test_ch_b_03_what_is_wrong_with_an_item_is_named_with_its_place(change, error, member):
    with pytest.raises(error) as caught:
        decode(ACCEPTED, OVERRIDDEN | change)
    assert caught.value.where == f"feedback[1].{member}"


@pytest.mark.parametrize("instant", ["2022-05-19T19:44:04Z", "2022-05-19t19:44:04.000z", "2022-05-19T21:44:04+02:00"])
def test_ch_b_03_instants_come_back_in_utc(instant):
    (item,) = decode(OVERRIDDEN | {"outcomeTimestamp": instant})
    assert item.outcome_timestamp == datetime(2022, 5, 19, 19, 44, 4, tzinfo=UTC)
    assert item.outcome_timestamp.tzinfo is UTC


@pytest.mark.parametrize("suggestions", [None, [], [{"id": ""}]])
def test_ch_b_04_an_acceptance_without_suggestions_is_kept_and_says_so(suggestions):
    (item,) = decode(ACCEPTED | {"acceptedSuggestions": suggestions})
    assert item.incomplete
    assert not decode(OVERRIDDEN)[0].incomplete


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        ({"reason": {"code": "c", "system": SYSTEM}}, ("c", SYSTEM, None, None)),
        ({"reason": {"code": "c", "system": SYSTEM, "display": "d"}, "userComment": "words"}, ("c", SYSTEM, "d", "words")),
        ({"userComment": "words"}, (None, None, None, "words")),
    ],
)
def test_ch_b_05_reason_and_comment_come_alone_or_together(reason, expected):
    (item,) = decode(OVERRIDDEN | {"overrideReason": reason})
    given = item.override_reason
    assert (given.code, given.system, given.display, given.user_comment) == expected


@pytest.mark.parametrize("reason", [None, {}, {"reason": None, "userComment": ""}])
def test_ch_b_05_a_reason_with_nothing_in_it_is_none(reason):
    assert decode(OVERRIDDEN | {"overrideReason": reason})[0].override_reason is None


def test_ch_b_06_the_plural_key_is_read_like_the_singular():
    reason = {"reason": {"code": "c", "system": SYSTEM}, "userComment": "words"}
    assert decode(OVERRIDDEN | {"overrideReasons": reason}) == decode(OVERRIDDEN | {"overrideReason": reason})


def test_ch_b_06_reasons_built_at_the_site_are_kept():
    name = "com.epic.cdshooks.feedback.overrideReason.reasonDisplay"
    (item,) = decode(OVERRIDDEN | {"overrideReasons": {"extension": {name: "Does not meet criteria"}, "userComment": "words"}})
    assert bytes(item.override_reason.extension[name]) == b'"Does not meet criteria"'
    assert item.override_reason.code is None


@pytest.mark.parametrize("empty", [None, {}, {"userComment": ""}])
def test_ch_b_06_an_empty_singular_does_not_hide_the_plural(empty):
    (item,) = decode(OVERRIDDEN | {"overrideReason": empty, "overrideReasons": {"userComment": "words"}})
    assert item.override_reason.user_comment == "words"


@pytest.mark.parametrize(
    ("members", "text"),
    [
        ({"reasonCategory": "4", "reasonTitle": "t", "reasonDisplay": "d"}, "d"),
        ({"reasonCategory": "4", "reasonTitle": "t", "reasonDisplay": " "}, "t"),
        ({"reasonCategory": "4", "reasonTitle": 5}, "4"),
        ({"reasonCategory": None}, None),
        ({"another": "text"}, None),
    ],
)
def test_ch_b_06_the_most_telling_text_of_a_sites_reason(members, text):
    extension = {f"com.epic.cdshooks.feedback.overrideReason.{name}": value for name, value in members.items()}
    (item,) = decode(OVERRIDDEN | {"overrideReasons": {"extension": extension}})
    assert item.override_reason.site_reason == text


def test_ch_b_08_one_batch_may_repeat_a_card():
    assert len(decode(ACCEPTED, OVERRIDDEN, ACCEPTED)) == 3


def test_ch_b_09_a_card_id_may_be_any_text():
    assert decode(OVERRIDDEN | {"card": "123456"})[0].card == "123456"


def test_ch_b_12_no_repr_shows_the_users_words():
    assert "SURNAME" not in repr(decode(OVERRIDDEN | {"overrideReason": {"userComment": "SURNAME"}}))
