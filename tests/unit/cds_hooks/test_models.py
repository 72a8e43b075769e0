"""Cards as Python objects and as JSON: CH-G-02/03, CH-C, CH-S, CH-L, CH-E of the conformance list."""

import json
from dataclasses import replace
from types import MappingProxyType

import pytest

from cds_hooks import (
    Action,
    ActionType,
    Card,
    Coding,
    Contradiction,
    Filled,
    Indicator,
    InvalidValue,
    Link,
    LinkType,
    MissingValue,
    OverrideReason,
    SelectionBehavior,
    ServiceResponse,
    Source,
    Suggestion,
    TooLong,
)
from tests.contract.cds_hooks_checker import response_faults

UUID = "4e0a3a1e-3283-4575-ab82-028d55fe2719"
OTHER_UUID = "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea"
TOPIC = Coding("advice01", "https://example.org/advice")
SOURCE = Source("Example", topic=TOPIC)
RESOURCE = {"resourceType": "ServiceRequest", "status": "draft"}


CARD = Card("Advice", Indicator.INFO, SOURCE, uuid=UUID)


def card(**parts):
    return replace(CARD, **parts)


def full_card():
    return card(
        detail="First paragraph.\n\n- point",
        suggestions=(
            Suggestion(
                "Take this",
                uuid=OTHER_UUID,
                is_recommended=True,
                actions=(
                    Action(ActionType.CREATE, "Order it", resource=RESOURCE),
                    Action(ActionType.DELETE, "Drop the other", resource_id="ServiceRequest/1"),
                ),
                extension={"org.example.rank": 1},
            ),
        ),
        selection_behavior=SelectionBehavior.ANY,
        override_reasons=(OverrideReason("other", "https://example.org/reasons", "Other"),),
        links=(
            Link("Page", "https://example.org/page"),
            Link("App", "https://example.org/launch", LinkType.SMART, app_context="opaque", autolaunchable=True),
        ),
        extension={"org.example.rule": {"id": "r1", "flags": ["a"], "withheld": False, "count": 0}},
    )


def test_ch_c_01_no_advice_is_an_empty_array_of_cards():
    assert ServiceResponse().to_wire() == {"cards": []}


def test_a_card_with_everything_has_the_names_of_the_wire():
    assert full_card().to_wire() == {
        "summary": "Advice",
        "indicator": "info",
        "source": {"label": "Example", "topic": {"code": "advice01", "system": "https://example.org/advice"}},
        "uuid": UUID,
        "detail": "First paragraph.\n\n- point",
        "suggestions": [
            {
                "label": "Take this",
                "uuid": OTHER_UUID,
                "isRecommended": True,
                "actions": [
                    {"type": "create", "description": "Order it", "resource": RESOURCE},
                    {"type": "delete", "description": "Drop the other", "resourceId": "ServiceRequest/1"},
                ],
                "extension": {"org.example.rank": 1},
            }
        ],
        "selectionBehavior": "any",
        "overrideReasons": [{"code": "other", "system": "https://example.org/reasons", "display": "Other"}],
        "links": [
            {"label": "Page", "url": "https://example.org/page", "type": "absolute"},
            {
                "label": "App",
                "url": "https://example.org/launch",
                "type": "smart",
                "appContext": "opaque",
                "autolaunchable": True,
            },
        ],
        "extension": {"org.example.rule": {"id": "r1", "flags": ["a"], "withheld": False, "count": 0}},
    }


def test_ch_c_08_source_and_coding_with_everything_have_the_names_of_the_wire():
    topic = Coding("advice01", "https://example.org/advice", "Advice")
    source = Source("Example", "https://example.org", "https://example.org/icon.png", topic)
    assert source.to_wire() == {
        "label": "Example",
        "url": "https://example.org",
        "icon": "https://example.org/icon.png",
        "topic": {"code": "advice01", "system": "https://example.org/advice", "display": "Advice"},
    }


def test_ch_e_01_an_action_may_have_an_extension():
    assert Action(ActionType.CREATE, "d", resource=RESOURCE, extension={"org.example.a": 1}).to_wire()["extension"] == {
        "org.example.a": 1
    }


def test_ch_g_03_a_card_with_nothing_optional_has_required_members_only():
    bare = Card("Advice", Indicator.INFO, Source("Example"))
    assert bare.to_wire() == {"summary": "Advice", "indicator": "info", "source": {"label": "Example"}}


@pytest.mark.parametrize(
    "part",
    [
        card(detail="", uuid="", extension={}),
        card(source=Source("Example", url="", icon="", topic=TOPIC)),
        card(
            suggestions=(Suggestion("s", uuid="", actions=(), extension={}),),
            selection_behavior=SelectionBehavior.AT_MOST_ONE,
            links=(Link("Page", "https://example.org", app_context=""),),
        ),
    ],
)
def test_ch_g_02_empty_optional_members_are_left_out(part):
    wire = ServiceResponse((part,), extension={}).to_wire()
    assert not [fault for fault in response_faults(wire) if fault.startswith("CH-G")]


@pytest.mark.parametrize(
    "response", [ServiceResponse(), ServiceResponse((card(),)), ServiceResponse((full_card(),), {"org.example.a": 1})]
)
def test_what_the_models_make_passes_the_independent_checker_after_a_trip_through_json(response):
    assert response_faults(json.loads(json.dumps(response.to_wire()))) == []


def test_ch_c_02_a_uuid_is_lower_case_and_bare():
    for wrong in (UUID.upper(), f"urn:uuid:{UUID}", "1"):
        with pytest.raises(InvalidValue):
            card(uuid=wrong)


def test_ch_c_02_two_cards_do_not_share_a_uuid():
    assert len(ServiceResponse((card(), card(uuid=OTHER_UUID))).cards) == 2
    with pytest.raises(Contradiction):
        ServiceResponse((card(), card()))


def test_ch_c_03_139_characters_pass_and_140_are_refused():
    assert card(summary="ü" * 139).to_wire()["summary"] == "ü" * 139
    with pytest.raises(TooLong):
        card(summary="ü" * 140)


@pytest.mark.parametrize(("summary", "error"), [("", MissingValue), (" \t", MissingValue), ("two\nlines", InvalidValue)])
def test_ch_c_03_a_summary_is_one_line_of_text(summary, error):
    with pytest.raises(error):
        card(summary=summary)


def test_ch_c_06_the_indicators_are_these_three_in_this_order():
    assert [indicator.value for indicator in sorted(Indicator, key=lambda one: one.urgency)] == ["info", "warning", "critical"]


def test_ch_c_07_a_source_has_a_label():
    with pytest.raises(MissingValue):
        Source("")


@pytest.mark.parametrize("url", ["https://example.org", "http://example.org/a?b=c#d", "https://example.org:8443/a"])
def test_ch_c_08_absolute_addresses_of_a_source_pass(url):
    assert Source("Example", url=url).to_wire()["url"] == url


@pytest.mark.parametrize(
    "url", ["/page", "example.org", "ftp://example.org", "https://", "https://a b", "https://user@example.org", "javascript:x"]
)
def test_ch_c_08_other_addresses_of_a_source_are_refused(url):
    with pytest.raises(InvalidValue):
        Source("Example", url=url)


@pytest.mark.parametrize(
    ("code", "good"), [("a", True), ("A1b2", True), ("a" * 100, True), ("a" * 101, False), ("a-b", False), ("a.b", False)]
)
def test_ch_c_09_a_topic_code_is_1_to_100_letters_and_digits(code, good):
    topic = Coding(code, "https://example.org/advice")
    if good:
        assert Source("Example", topic=topic).topic == topic
    else:
        with pytest.raises(InvalidValue):
            Source("Example", topic=topic)


@pytest.mark.parametrize(("code", "system"), [("", "s"), ("c", ""), (" ", "s")])
def test_ch_c_09_a_coding_has_code_and_system(code, system):
    with pytest.raises(MissingValue):
        Coding(code, system)


@pytest.mark.parametrize("display", [None, "", " "])
def test_ch_c_10_an_override_reason_needs_a_display(display):
    with pytest.raises(MissingValue):
        OverrideReason("c", "s", display)


def test_ch_c_10_a_reason_is_offered_once():
    reason = OverrideReason("c", "s", "d")
    with pytest.raises(Contradiction):
        card(override_reasons=(reason, OverrideReason("c", "s", "other words")))
    assert card(override_reasons=(reason, OverrideReason("c", "t", "d"))).override_reasons


def test_ch_c_11_suggestions_and_selection_behavior_come_together_or_not_at_all():
    with pytest.raises(Contradiction):
        card(suggestions=(Suggestion("s"),))
    with pytest.raises(Contradiction):
        card(selection_behavior=SelectionBehavior.ANY)


def test_ch_s_01_a_suggestion_has_a_label():
    with pytest.raises(MissingValue):
        Suggestion("")


@pytest.mark.parametrize(
    ("behavior", "recommended", "good"),
    [
        (SelectionBehavior.AT_MOST_ONE, 1, True),
        (SelectionBehavior.AT_MOST_ONE, 2, False),
        (SelectionBehavior.ANY, 2, True),
    ],
)
def test_ch_s_03_several_recommended_only_if_any_may_be_taken(behavior, recommended, good):
    suggestions = tuple(Suggestion("s", is_recommended=place < recommended) for place in range(3))
    if good:
        assert card(suggestions=suggestions, selection_behavior=behavior).suggestions == suggestions
    else:
        with pytest.raises(Contradiction):
            card(suggestions=suggestions, selection_behavior=behavior)


@pytest.mark.parametrize(
    ("known", "wire"),
    [({}, {}), ({"is_recommended": False}, {"isRecommended": False}), ({"is_recommended": True}, {"isRecommended": True})],
)
def test_ch_s_03_is_recommended_is_sent_where_it_is_known(known, wire):
    assert Suggestion("s", **known).to_wire() == {"label": "s", **wire}


def test_ch_s_05_an_action_has_a_description():
    with pytest.raises(MissingValue):
        Action(ActionType.CREATE, "", resource=RESOURCE)


@pytest.mark.parametrize("kind", [ActionType.CREATE, ActionType.UPDATE])
def test_ch_s_06_create_and_update_carry_the_whole_resource(kind):
    assert Action(kind, "d", resource=RESOURCE).to_wire()["resource"] is RESOURCE
    with pytest.raises(MissingValue):
        Action(kind, "d")
    with pytest.raises(InvalidValue):
        Action(kind, "d", resource={"status": "draft"})
    with pytest.raises(Contradiction):
        Action(kind, "d", resource=RESOURCE, resource_id="ServiceRequest/1")


def test_ch_s_07_delete_names_a_relative_reference_and_carries_no_resource():
    with pytest.raises(MissingValue):
        Action(ActionType.DELETE, "d")
    with pytest.raises(Contradiction):
        Action(ActionType.DELETE, "d", resource=RESOURCE, resource_id="ServiceRequest/1")
    for wrong in ("1", "https://example.org/ServiceRequest/1", "ServiceRequest/1/2", "ServiceRequest/"):
        with pytest.raises(InvalidValue):
            Action(ActionType.DELETE, "d", resource_id=wrong)


@pytest.mark.parametrize(
    "url", ["https://example.org", "https://example.org/a#b", "http://localhost:8000/a", "http://127.0.0.1/", "http://[::1]:80"]
)
def test_ch_l_01_a_link_is_https_or_on_this_machine(url):
    assert Link("Page", url).to_wire() == {"label": "Page", "url": url, "type": "absolute"}


@pytest.mark.parametrize(
    "url", ["http://example.org", "http://localhost.example.org/", "/a", "", "https://a@b/", "https://example.org/a b"]
)
def test_ch_l_01_any_other_link_is_refused(url):
    with pytest.raises(InvalidValue):
        Link("Page", url)


def test_ch_l_01_a_link_has_a_label():
    with pytest.raises(MissingValue):
        Link("", "https://example.org")


def test_ch_l_02_app_context_is_for_smart_links_only():
    with pytest.raises(Contradiction):
        Link("Page", "https://example.org", app_context="x")


@pytest.mark.parametrize(
    "extension",
    [
        {"a": None},
        {"a": ""},
        {"a": []},
        {"a": {}},
        {"a": {"b": [1, {"c": None}]}},
        {"": 1},
        {1: "a"},
        MappingProxyType({"a": ()}),
        [1],
    ],
)
def test_ch_e_01_an_extension_is_an_object_without_null_or_empty_parts(extension):
    for make in (
        lambda: ServiceResponse(extension=extension),
        lambda: card(extension=extension),
        lambda: Suggestion("s", extension=extension),
        lambda: Action(ActionType.CREATE, "d", resource=RESOURCE, extension=extension),
    ):
        with pytest.raises(InvalidValue):
            make()


@pytest.mark.parametrize(
    "extension", [{"a": 'null, [], {} and ""'}, {"null": "null"}, {"a": MappingProxyType({"b": ("c", 0, False)})}, Filled(a="b")]
)
def test_ch_e_01_a_text_that_looks_like_an_empty_part_is_none(extension):
    assert ServiceResponse(extension=extension).to_wire()["extension"] == extension


def test_what_is_written_of_a_coding_is_what_it_says_after_a_change_too():
    changed = replace(TOPIC, display="Advice")
    assert changed.to_wire() == {**TOPIC.to_wire(), "display": "Advice"}
    assert replace(SOURCE, topic=changed).to_wire() == {"label": "Example", "topic": changed.to_wire()}


def test_a_made_card_cannot_be_changed():
    with pytest.raises(AttributeError):
        card().summary = "x" * 200
