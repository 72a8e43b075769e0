"""What was sent for a key: CH-F-01 to 11 of the conformance list."""

import json

import msgspec
import pytest

from cds_hooks import Absent, Empty, Failed, FailureReason, Present, classify, classify_value, continued

CONDITION = {"resourceType": "Condition", "id": "c1"}
SECOND = {"resourceType": "Condition", "id": "c2"}
MEDICATION = {"resourceType": "Medication", "id": "m1"}
NEXT = {"relation": "next", "url": "https://fhir.example.org/r4?page=2&x=%20"}
SELF = {"relation": "self", "url": "https://fhir.example.org/r4?page=1"}
UNREADABLE = Failed(FailureReason.UNREADABLE)


def outcome(severity, code="processing"):
    return {"resourceType": "OperationOutcome", "issue": [{"severity": severity, "code": code}]}


def entry(resource, mode=None):
    return {"resource": resource} | ({"search": {"mode": mode}} if mode else {})


def searchset(*entries, **members):
    return {"resourceType": "Bundle", "type": "searchset", "entry": list(entries)} | members


def state(value):
    return classify_value(msgspec.Raw(json.dumps(value).encode()))


def ids(raws):
    return [json.loads(bytes(raw))["id"] for raw in raws]


def test_ch_f_01_a_key_that_was_not_sent_is_absent():
    assert classify({}, ["conditions"]) == {"conditions": Absent()}


def test_ch_f_02_null_means_that_the_client_looked_and_found_nothing():
    assert state(None) == Empty()


def test_ch_f_03_a_single_resource_is_there_byte_for_byte():
    raw = msgspec.Raw(b'{ "resourceType":"Patient",  "id":"p1"}')
    found = classify_value(raw)
    assert isinstance(found, Present)
    assert [bytes(resource) for resource in found.resources] == [bytes(raw)]
    assert (found.included, found.complete, found.next_page) == ((), True, None)


@pytest.mark.parametrize(
    "resource",
    [
        {"resourceType": "Patient", "link": [{"other": {"reference": "Patient/2"}, "type": "seealso"}]},
        {"resourceType": "Encounter", "type": [{"text": "x"}]},
        {"resourceType": "List", "entry": [{"item": {"reference": "Condition/1"}}]},
        {"type": "x", "id": "1", "resourceType": "Group"},
    ],
)
def test_ch_f_03_members_named_like_those_of_a_bundle_do_not_disturb(resource):
    assert len(state(resource).resources) == 1


def test_ch_f_04_matches_are_data_and_includes_are_kept_apart():
    found = state(searchset(entry(CONDITION, "match"), entry(MEDICATION, "include"), entry(SECOND), total=2))
    assert ids(found.resources) == ["c1", "c2"]
    assert ids(found.included) == ["m1"]
    assert found.complete


@pytest.mark.parametrize(
    "bundle", [searchset(), searchset(total=0), {"resourceType": "Bundle"}, searchset(entry=None, link=[SELF])]
)
def test_ch_f_05_zero_entries_are_the_same_as_null(bundle):
    assert state(bundle) == Empty()


@pytest.mark.parametrize("severity", ["information", "warning"])
@pytest.mark.parametrize("mode", ["outcome", None])
def test_ch_f_06_an_entry_that_only_remarks_is_no_result(severity, mode):
    assert state(searchset(entry(outcome(severity), mode), total=0, link=[SELF])) == Empty(("processing",))


@pytest.mark.parametrize("severity", ["error", "fatal", None, "strange"])
@pytest.mark.parametrize("mode", ["outcome", None, "match"])
def test_ch_f_07_an_entry_that_fails_leaves_the_data_unknown(severity, mode):
    assert state(searchset(entry(outcome(severity, "timeout"), mode))) == Failed(FailureReason.OPERATION_OUTCOME, ("timeout",))


def test_ch_f_07_one_failure_among_remarks_is_a_failure():
    both = searchset(entry(outcome("warning"), "outcome"), entry(outcome("error"), "outcome"))
    assert state(both) == Failed(FailureReason.OPERATION_OUTCOME, ("processing", "processing"))


@pytest.mark.parametrize("severity", ["information", "warning", "error", "fatal"])
def test_ch_f_07_a_value_that_is_an_outcome_leaves_the_data_unknown(severity):
    assert state(outcome(severity, "forbidden")) == Failed(FailureReason.OPERATION_OUTCOME, ("forbidden",))


@pytest.mark.parametrize("broken", [{"resourceType": "OperationOutcome"}, {"resourceType": "OperationOutcome", "issue": "x"}])
def test_ch_f_07_an_outcome_that_says_nothing_readable_is_a_failure(broken):
    assert state(broken) == Failed(FailureReason.OPERATION_OUTCOME)
    assert state(searchset(entry(broken, "outcome"))) == Failed(FailureReason.OPERATION_OUTCOME)


def test_ch_f_07_matches_beside_a_failure_are_data_but_not_all_of_them():
    found = state(searchset(entry(CONDITION, "match"), entry(outcome("error"), "outcome")))
    assert ids(found.resources) == ["c1"]
    assert not found.complete


def test_matches_beside_a_remark_are_complete():
    assert state(searchset(entry(CONDITION, "match"), entry(outcome("warning"), "outcome"), total=1)).complete


@pytest.mark.parametrize("code", ["Ms SURNAME", "surname", "processing "])
def test_what_is_no_issue_code_of_fhir_does_not_travel(code):
    assert state(outcome("error", code)) == Failed(FailureReason.OPERATION_OUTCOME)


@pytest.mark.parametrize("entries", [[entry(CONDITION, "match")], []])
def test_ch_f_08_a_page_is_not_complete_and_names_the_next_word_for_word(entries):
    found = state(searchset(*entries, link=[SELF, NEXT]))
    assert (found.complete, found.next_page, len(found.resources)) == (False, NEXT["url"], len(entries))


@pytest.mark.parametrize(("total", "complete"), [(1, True), (0, True), (None, True), (2, False)])
def test_ch_f_08_a_total_above_the_matches_means_that_some_are_missing(total, complete):
    assert state(searchset(entry(CONDITION), total=total)).complete is complete


def test_a_total_without_any_entry_is_not_nothing_found():
    assert state(searchset(total=3)) == UNREADABLE


def test_ch_f_09_a_collection_is_a_list():
    found = state({"resourceType": "Bundle", "type": "collection", "entry": [entry(CONDITION), entry(SECOND)]})
    assert (ids(found.resources), found.complete) == (["c1", "c2"], True)


def test_ch_f_10_a_single_resource_where_a_search_was_asked_is_a_list_of_one():
    assert ids(state(CONDITION).resources) == ["c1"]


def test_ch_f_11_keys_that_nobody_asked_for_are_passed_over():
    sent = {"conditions": msgspec.Raw(b"null"), "-user": msgspec.Raw(b"broken")}
    assert classify(sent, ["conditions", "labs"]) == {"conditions": Empty(), "labs": Absent()}


@pytest.mark.parametrize(
    "value",
    [
        pytest.param([], id="array"),
        pytest.param([CONDITION], id="array of resources"),
        pytest.param("Condition", id="text"),
        pytest.param(json.dumps(CONDITION), id="resource as text"),
        pytest.param(0, id="number"),
        pytest.param(False, id="boolean"),
        pytest.param({}, id="no type"),
        pytest.param({"entry": []}, id="bundle without type"),
        pytest.param({"resourceType": None, "id": "1"}, id="type is null"),
        pytest.param({"resourceType": ""}, id="type is empty"),
        pytest.param({"resourceType": 5}, id="type is a number"),
        pytest.param(searchset(entry="x"), id="entry is text"),
        pytest.param(searchset(entry={}), id="entry is an object"),
        pytest.param(searchset(None), id="entry holds null"),
        pytest.param(searchset({"fullUrl": "https://example.org/Condition/1"}), id="entry without resource"),
        pytest.param(searchset(entry(None)), id="resource is null"),
        pytest.param(searchset(entry("Condition/1")), id="resource is text"),
        pytest.param(searchset({"resource": CONDITION, "search": "match"}), id="search is text"),
        pytest.param(searchset(total="none"), id="total is text"),
        pytest.param(searchset(entry(MEDICATION, "include")), id="includes without a match"),
        pytest.param(searchset(entry(CONDITION, "strange")), id="unknown mode only"),
    ],
)
def test_what_cannot_be_read_is_unknown_and_never_nothing_found(value):
    assert state(value) == UNREADABLE


@pytest.mark.parametrize(
    "text", [b"", b"{", b'{"resourceType":"\xff"}', b'{"resourceType":"Bundle","type":"\xff"}', b"[" * 100_000]
)
def test_bytes_that_are_no_json_are_unknown_too(text):
    assert classify_value(msgspec.Raw(text)) == UNREADABLE


def test_one_entry_without_a_resource_beside_good_ones_makes_them_incomplete():
    found = state(searchset(entry(CONDITION, "match"), {"fullUrl": "https://example.org/Condition/2"}))
    assert (ids(found.resources), found.complete) == (["c1"], False)


def test_past_versions_are_not_the_present_state():
    assert state({"resourceType": "Bundle", "type": "history", "entry": [entry(CONDITION)]}) == Failed(FailureReason.HISTORY)


def test_a_broken_value_spoils_its_own_key_only():
    sent = {"a": msgspec.Raw(b"[1]"), "b": msgspec.Raw(json.dumps(CONDITION).encode())}
    states = classify(sent, ["a", "b"])
    assert states["a"] == UNREADABLE
    assert isinstance(states["b"], Present)
    assert ids(states["b"].resources) == ["c1"]


def test_no_repr_shows_a_resource():
    found = state(searchset(entry({"resourceType": "Patient", "id": "SURNAME"}), entry(MEDICATION, "include"), link=[NEXT]))
    assert "SURNAME" not in repr(found)
    assert NEXT["url"] not in repr(found)


# ---------------------------------------------------------------- pages (CH-F-08)


def raw(value):
    return msgspec.Raw(json.dumps(value).encode())


def opened(resources):
    return ((one, json.loads(bytes(one)).get("resourceType")) for one in resources)


def joined(*pages):
    found = state(pages[0])
    for page in pages[1:]:
        found = continued(found, raw(page), opened)
    return found


FIRST = searchset(entry(CONDITION), total=2, link=[NEXT])


def test_ch_f_08_pages_together_are_complete_when_nothing_follows():
    found = joined(FIRST, searchset(entry(SECOND), total=2))
    assert ids(found.resources) == ["c1", "c2"]
    assert (found.complete, found.next_page) == (True, None)


def test_ch_f_08_the_next_page_of_a_page_is_its_own_link():
    other = {"relation": "next", "url": "https://fhir.example.org/r4?page=3"}
    found = joined(FIRST, searchset(entry(SECOND), link=[other]))
    assert (found.complete, found.next_page) == (False, other["url"])


@pytest.mark.parametrize("last", [searchset(), searchset(total=1), searchset(entry(outcome("warning"), "outcome"))])
def test_ch_f_08_a_last_page_without_matches_ends_the_search(last):
    assert joined(searchset(entry(CONDITION), total=1, link=[NEXT]), last).complete


@pytest.mark.parametrize(
    "page",
    [
        pytest.param(searchset(total=2), id="fewer than the server counts"),
        pytest.param(searchset(entry(SECOND), entry(outcome("error"), "outcome")), id="a failure beside matches"),
        pytest.param(searchset(entry(outcome("error"), "outcome")), id="a failure alone"),
        pytest.param(outcome("error"), id="an outcome"),
        pytest.param(SECOND, id="a resource alone"),
        pytest.param([], id="no resource"),
        pytest.param(searchset(entry(SECOND), type="history"), id="a history"),
    ],
)
def test_ch_f_08_a_search_that_broke_off_is_not_complete_and_keeps_what_it_found(page):
    found = joined(FIRST, page)
    assert ids(found.resources)[0] == "c1"
    assert (found.complete, found.next_page) == (False, None)


def test_ch_f_08_a_first_page_that_could_not_be_read_whole_never_becomes_complete():
    first = searchset(entry(CONDITION), {"resource": "broken"}, link=[NEXT])
    assert not joined(first, searchset(entry(SECOND))).complete
