"""The checker of documents is checked itself: one broken document for each thing it looks for."""

import copy
import json
import pathlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cds_hooks.conformance import documents
from cds_hooks.conformance.faults import Level
from tests.contract.cds_hooks_checker import discovery_faults, response_faults

EXAMPLES = pathlib.Path(__file__).parents[4] / "shared" / "fhir-examples"

GOOD_CARD = {
    "uuid": "4e0a3a1e-3283-4575-ab82-028d55fe2719",
    "summary": "Advice",
    "indicator": "info",
    "source": {"label": "Example", "topic": {"code": "advice01", "system": "https://example.org/advice"}},
    "overrideReasons": [{"code": "c", "system": "s", "display": "d"}],
    "links": [{"label": "Page", "url": "https://example.org", "type": "absolute"}],
    "selectionBehavior": "any",
    "suggestions": [
        {"label": "s", "actions": [{"type": "delete", "description": "d", "resourceId": "ServiceRequest/1"}]},
    ],
}
GOOD_SERVICE = {"hook": "patient-view", "id": "example", "title": "Example", "description": "d", "version": "2.0.1"}
GONE = object()


def changed(part, path, value):
    part = copy.deepcopy(part)
    *way, last = path
    inner = part
    for step in way:
        inner = inner[step]
    if value is GONE:
        del inner[last]
    else:
        inner[last] = value
    return part


def items(faults):
    return {fault.split()[0] for fault in faults}


def test_good_documents_have_no_faults():
    assert response_faults({"cards": [GOOD_CARD]}) == []
    assert response_faults({"cards": []}) == []
    assert discovery_faults({"services": [GOOD_SERVICE]}) == []
    assert discovery_faults({"services": []}) == []


@pytest.mark.parametrize(
    ("item", "path", "value"),
    [
        ("CH-G-02", ["detail"], None),
        ("CH-G-03", ["detail"], ""),
        ("CH-G-03", ["links"], []),
        ("CH-G-02", ["extension"], {"a": None}),
        ("CH-C-02", ["uuid"], GONE),
        ("CH-C-02", ["uuid"], "4E0A3A1E-3283-4575-AB82-028D55FE2719"),
        ("CH-C-03", ["summary"], GONE),
        ("CH-C-03", ["summary"], "x" * 140),
        ("CH-C-04", ["detail"], "<b>x</b>"),
        ("CH-C-04", ["detail"], "![x](https://example.org/x.png)"),
        ("CH-C-06", ["indicator"], "hard-stop"),
        ("CH-C-07", ["source"], GONE),
        ("CH-C-07", ["source", "label"], GONE),
        ("CH-C-08", ["source", "url"], "/page"),
        ("CH-C-09", ["source", "topic"], GONE),
        ("CH-C-09", ["source", "topic", "code"], "a-b"),
        ("CH-C-09", ["source", "topic", "system"], GONE),
        ("CH-C-10", ["overrideReasons", 0, "display"], GONE),
        ("CH-C-11", ["selectionBehavior"], GONE),
        ("CH-C-11", ["selectionBehavior"], "all"),
        ("CH-C-11", ["suggestions"], GONE),
        ("CH-C-30", ["overrideReasons"], [{"code": str(n), "system": "s", "display": "d"} for n in range(7)]),
        ("CH-L-01", ["links", 0, "label"], GONE),
        ("CH-L-01", ["links", 0, "type"], "page"),
        ("CH-L-01", ["links", 0, "url"], "http://example.org"),
        ("CH-L-01", ["links", 0, "url"], "page"),
        ("CH-L-02", ["links", 0, "appContext"], "x"),
        ("CH-L-03", ["links", 0, "autolaunchable"], "yes"),
        ("CH-S-01", ["suggestions", 0, "label"], GONE),
        ("CH-S-03", ["suggestions", 0, "isRecommended"], "yes"),
        ("CH-S-05", ["suggestions", 0, "actions", 0, "description"], GONE),
        ("CH-S-05", ["suggestions", 0, "actions", 0, "type"], "annotate"),
        ("CH-S-06", ["suggestions", 0, "actions", 0, "type"], "create"),
        ("CH-S-06", ["suggestions", 0, "actions", 0], {"type": "create", "description": "d", "resource": {"id": "1"}}),
        ("CH-G-05", ["suggestions", 0, "actions", 0], {"type": "create", "description": "d", "resource": "ServiceRequest/1"}),
        ("CH-S-08", ["suggestions", 0, "actionSelectionBehavior"], "one"),
        ("CH-S-07", ["suggestions", 0, "actions", 0, "resourceId"], GONE),
        ("CH-S-07", ["suggestions", 0, "actions", 0, "resource"], "ServiceRequest/1"),
        ("CH-E-01", ["extension"], [1]),
    ],
)
def test_each_fault_of_a_card_is_found_and_nothing_else(item, path, value):
    assert items(response_faults({"cards": [changed(GOOD_CARD, path, value)]})) == set(item.split())


def test_ch_s_03_two_recommended_suggestions_need_any():
    twice = changed(GOOD_CARD, ["suggestions"], [{"label": "s", "isRecommended": True}] * 2)
    assert response_faults({"cards": [twice]}) == []
    assert items(response_faults({"cards": [twice | {"selectionBehavior": "at-most-one"}]})) == {"CH-S-03"}


def test_ch_c_05_links_of_the_text_are_repeated_beside_it():
    linked = GOOD_CARD | {"detail": "see [the page](https://example.org)"}
    assert response_faults({"cards": [linked]}) == []
    assert items(response_faults({"cards": [changed(linked, ["links"], GONE)]})) == {"CH-C-05"}


def test_139_characters_pass():
    assert response_faults({"cards": [GOOD_CARD | {"summary": "x" * 139}]}) == []


@pytest.mark.parametrize("document", [{}, [], {"cards": None}, {"cards": {}}, None])
def test_ch_c_01_cards_are_an_array(document):
    assert items(response_faults(document)) == {"CH-C-01"}


def test_ch_c_02_a_uuid_used_twice_is_found():
    assert items(response_faults({"cards": [GOOD_CARD, GOOD_CARD]})) == {"CH-C-02"}


@pytest.mark.parametrize(
    ("item", "path", "value"),
    [
        ("CH-G-03", ["prefetch"], {}),
        ("CH-D-03", ["hook"], GONE),
        ("CH-D-03", ["description"], GONE),
        ("CH-D-04", ["title"], GONE),
        ("CH-D-05", ["prefetch"], {"patient": 5}),
        ("CH-D-06", ["usageRequirements"], 5),
        ("CH-D-07", ["version"], "2026.11"),
        ("CH-D-10", ["id"], "Example"),
        ("CH-E-01", ["extension"], "x"),
    ],
)
def test_each_fault_of_a_service_is_found_and_nothing_else(item, path, value):
    assert items(discovery_faults({"services": [changed(GOOD_SERVICE, path, value)]})) == {item}


def test_ch_d_09_a_service_announced_twice_is_found():
    assert items(discovery_faults({"services": [GOOD_SERVICE, GOOD_SERVICE]})) == {"CH-D-09"}
    assert discovery_faults({"services": [GOOD_SERVICE, GOOD_SERVICE | {"hook": "order-sign"}]}) == []


SCALARS = st.none() | st.booleans() | st.integers() | st.text(max_size=3) | st.sampled_from(["any", "smart", "delete", "create"])
ANYTHING = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2)
)


@settings(max_examples=25)
@given(value=ANYTHING, data=st.data())
def test_whatever_stands_at_any_place_of_a_document_is_judged_and_breaks_nothing(value, data):
    path = data.draw(st.sampled_from(list(places(GOOD_CARD))))
    assert isinstance(response_faults({"cards": [changed(GOOD_CARD, path, value)]}), list)
    member = data.draw(st.sampled_from(sorted(GOOD_SERVICE)))
    assert isinstance(discovery_faults({"services": [GOOD_SERVICE | {member: value}, GOOD_SERVICE | {member: value}]}), list)
    item = {"card": "c", "outcome": value, "acceptedSuggestions": value, "overrideReason": value}
    assert documents.feedback_faults({"feedback": [item]}) != []
    assert isinstance(
        documents.outcome_faults({"resourceType": "OperationOutcome", "issue": [{"severity": value, "code": value}]}), list
    )
    assert isinstance(documents.request_faults({"hook": value, "context": value, "fhirAuthorization": value}), list)


def places(value, way=()):
    """The path of every part of a document."""
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, part in parts:
        yield [*way, name]
        yield from places(part, (*way, name))


def test_a_document_nested_without_end_is_judged():
    nested: list[Any] = [1]
    for _ in range(5_000):
        nested = [nested]
    assert response_faults({"cards": [], "extension": {"a": nested}}) == []


def demanded(faults):
    """What the specification itself demands: recommendations and our own rules are left to whoever wrote the document."""
    return [fault for fault in faults if fault.level is Level.SHALL]


@pytest.mark.skipif(not EXAMPLES.is_dir(), reason="other people's examples lie beside the repository, not in it")
class TestExamplesNobodyHereWrote:
    def test_valid_responses_have_no_faults(self):
        cards = json.loads((EXAMPLES / "crd-hook-requests" / "valid_cards.json").read_text(encoding="utf-8"))
        response = json.loads(
            (EXAMPLES / "cds-hooks-logical-models" / "example-CDSHooksResponse.json").read_text(encoding="utf-8")
        )
        assert demanded(documents.response_faults({"cards": cards})) == []
        assert demanded(documents.response_faults(response)) == []

    def test_valid_discovery_has_no_faults(self):
        services = json.loads(
            (EXAMPLES / "cds-hooks-logical-models" / "example-CDSHookServices.json").read_text(encoding="utf-8")
        )
        assert demanded(documents.discovery_faults(services)) == []
