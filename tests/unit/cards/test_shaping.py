"""What each kind of client gets of one and the same card."""

import re

import pytest

from cds_hooks import (
    Action,
    ActionType,
    Card,
    Coding,
    Indicator,
    Link,
    LinkType,
    SelectionBehavior,
    ServiceResponse,
    Source,
    Suggestion,
    override_reasons,
)
from service.cards.profiles import FILE, client_profiles, profiles_by_every_name
from service.cards.shaping import plain_text, shape
from service.cards.wording import load_wording
from service.errors import KnowledgeError

RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"


def order(kind="MedicationRequest", system=RXNORM):
    concept = {"coding": [{"system": system, "code": "0000000", "display": "examplomab"}], "text": "examplomab"}
    return {"resourceType": kind, "medicationCodeableConcept": concept, "subject": {"reference": "Patient/p"}}


def action(kind="MedicationRequest", **more):
    return Action(ActionType.CREATE, "Draft", order(kind, **more))


def suggestion(*actions, number=1, **more):
    return Suggestion("Draft", uuid=f"00000000-0000-4000-8000-00000000000{number}", actions=actions or (action(),), **more)


def card(**more):
    whole = {
        "summary": "Examplomab: the record matches the criteria of EMA",
        "indicator": Indicator.INFO,
        "source": Source("Label", topic=Coding("allexamplomab01", "urn:all-cds:topics", "examplomab")),
        "detail": "**EMA**: adults\n\n- CD19: 97 \\% of blasts \\[sic\\] \\*",
        "uuid": "00000000-0000-4000-8000-000000000000",
        "suggestions": (suggestion(),),
        "selection_behavior": SelectionBehavior.ANY,
        "override_reasons": override_reasons(["action-completed"]),
        "links": (
            Link("page", "https://a.example/x"),
            Link("app", "https://b.example/x", LinkType.SMART, app_context="c", autolaunchable=True),
        ),
        "extension": {"all-cds.trace": {"knowledgeVersion": "1"}},
    }
    return Card(**{**whole, **more})


@pytest.fixture
def shaped(wording):
    def build(profile, **more):
        (only,) = shape(ServiceResponse((card(**more),)), profiles_by_every_name()[profile], wording).cards
        return only.to_wire()

    return build


def test_the_profiles_are_those_of_the_list_under_both_their_names():
    # 14.6, and the names by which people call them
    assert {"generic20", "generic30", "epic", "oracle10", "crd-inferno", "sandbox"} <= set(client_profiles())
    by_name = profiles_by_every_name()
    for alias, name in {"default": "generic20", "3.0": "generic30", "oracle": "oracle10", "inferno": "crd-inferno"}.items():
        assert by_name[alias] is client_profiles()[name]


def test_the_default_takes_nothing_away(shaped):
    assert shaped("default") == {
        **card().to_wire(),
        "links": [
            {"label": "page", "url": "https://a.example/x", "type": "absolute"},
            {"label": "app", "url": "https://b.example/x", "type": "smart", "appContext": "c"},
        ],
    }


def test_ch_l_03_no_app_opens_by_itself(shaped):
    for name in client_profiles():
        assert "autolaunchable" not in str(shaped(name))


def test_oracle_narrow_card(shaped):
    # X-22 no app context, X-23 no reasons, X-24 at most 90 characters
    long = "Examplomab: the record matches the criteria of EMA, FDA and AEMPS, and of a regulator with a very long name"
    narrow = shaped("oracle", summary=long)
    assert narrow["summary"] == "Examplomab: the record matches the criteria of EMA, FDA and AEMPS…"
    assert not {"overrideReasons", "suggestions", "selectionBehavior"} & narrow.keys()
    assert [link["type"] for link in narrow["links"]] == ["absolute"]
    assert narrow["detail"] == card().detail


def test_ch_c_11_x_09_epic_is_told_any(shaped):
    assert shaped("epic")["selectionBehavior"] == "any"


def test_ch_s_04_a_suggestion_of_two_actions_is_left_out_for_epic_and_the_card_stays(shaped):
    both = (suggestion(action(), action()), suggestion(number=2))
    assert [row["uuid"] for row in shaped("epic", suggestions=both)["suggestions"]] == [both[1].uuid]
    assert len(shaped("default", suggestions=both)["suggestions"]) == 2
    alone = shaped("epic", suggestions=both[:1])
    assert not {"suggestions", "selectionBehavior"} & alone.keys()


def test_x_11_epic_gets_no_resource_that_it_cannot_take(shaped):
    assert "suggestions" not in shaped("epic", suggestions=(suggestion(action("Observation")),))
    assert "suggestions" in shaped("epic", suggestions=(suggestion(action("ServiceRequest")),))
    assert "suggestions" in shaped("default", suggestions=(suggestion(action("Observation")),))


def test_x_11_epic_gets_the_code_under_its_own_name_of_the_system_too(shaped):
    (made,) = shaped("epic")["suggestions"][0]["actions"]
    codings = made["resource"]["medicationCodeableConcept"]["coding"]
    assert [row["system"] for row in codings] == [RXNORM, "urn:oid:2.16.840.1.113883.6.88"]
    assert {row["code"] for row in codings} == {"0000000"}
    other = shaped("epic", suggestions=(suggestion(action(system="http://loinc.org")),))["suggestions"][0]["actions"][0]
    assert [row["system"] for row in other["resource"]["medicationCodeableConcept"]["coding"]] == ["http://loinc.org"]


def test_x_10_plain_text_for_epic_is_marked_as_that(shaped):
    plain = shaped("epic-plain")
    assert plain["detail"] == "EMA: adults\n\n- CD19: 97 % of blasts [sic] *"
    assert plain["extension"]["com.epic.cdshooks.card.detail.content-type"] == "text/plain"
    assert plain["extension"]["all-cds.trace"] == {"knowledgeVersion": "1"}
    assert "com.epic.cdshooks.card.detail.content-type" not in shaped("epic")["extension"]
    assert "detail" not in shaped("epic-plain", detail=None)


@pytest.mark.parametrize(("markdown", "text"), [("a\\\\b", "a\\b"), ("**x** \\*\\*y", "x **y"), ("- a\n- b", "- a\n- b")])
def test_plain_text_reads_as_the_markdown_would_be_shown(markdown, text):
    assert plain_text(markdown) == text


def test_ch_s_03_the_sandbox_is_told_of_each_suggestion_whether_it_is_recommended(shaped):
    assert shaped("sandbox")["suggestions"][0]["isRecommended"] is False
    assert "isRecommended" not in shaped("default")["suggestions"][0]
    for profile in ("sandbox", "default"):
        assert shaped(profile, suggestions=(suggestion(is_recommended=True),))["suggestions"][0]["isRecommended"] is True


def test_at_most_one_where_a_client_takes_one_only(wording):
    profile = client_profiles()["oracle10"].model_copy(update={"suggests": ("MedicationRequest",)})
    (only,) = shape(ServiceResponse((card(),)), profile, wording).cards
    assert only.selection_behavior is SelectionBehavior.AT_MOST_ONE


def test_links_are_left_out_for_a_client_without_any(wording):
    profile = client_profiles()["oracle10"].model_copy(update={"links": "none"})
    assert shape(ServiceResponse((card(),)), profile, wording).cards[0].links == ()


def test_a_shape_changes_neither_ids_nor_topics_nor_urgency_nor_the_trace(shaped):
    plain = card().to_wire()
    for name in client_profiles():
        kept = shaped(name)
        assert (kept["uuid"], kept["indicator"], kept["source"]) == (plain["uuid"], plain["indicator"], plain["source"])
        assert kept["extension"]["all-cds.trace"] == plain["extension"]["all-cds.trace"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("aliases: [default]", "aliases: [sandbox]", "one profile only: sandbox"),
        ("longest_summary: 90", "longest_summary: 140", "139"),
        ("selection: at-most-one", "selection: one", "`one` is not allowed"),
        ("  generic20:", "  generic2:", "generic20 is used"),
        ("one_action: true", "one_actions: true", "one_actions"),
    ],
)
def test_a_fault_in_the_profiles_stops_the_start(tmp_path, old, new, said):
    text = FILE.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "client_profiles.yaml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(KnowledgeError) as raised:
        client_profiles(path)
    assert said in str(raised.value)
    assert re.search(r"client_profiles\.yaml:\d+", str(raised.value))


def test_what_a_profile_leaves_as_it_is_stays_the_same_card():
    plain = card(links=(Link("page", "https://a.example/x"),))
    answer = ServiceResponse((plain,))
    assert shape(answer, client_profiles()["generic20"], load_wording()) is answer
    assert plain.suggestions[0] is shape(answer, client_profiles()["generic20"], load_wording()).cards[0].suggestions[0]
