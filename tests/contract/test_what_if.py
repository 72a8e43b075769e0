"""`POST /what-if`: which verdicts turn. What the stories answer, before and after, stands in tests/cases/stories."""

import json

import pytest

from tests.case_runners.knowledge import DOSSIER
from tests.contract.stored import stored_patient

QUERY = "?as_of=2026-11-22&known_by=2026-11-22&regulators=EMA,FDA"


@pytest.fixture
def what_if(client):
    def post(story, *changes, query=QUERY):
        sent = {
            "bundle": json.loads(stored_patient(story)),
            "changes": [{"fact": name, "value": value} for name, value in changes],
        }
        return client.post(f"/what-if{query}", json=sent)

    return post


def turned(answer, kind="therapies"):
    return {row["id"]: (row["before"], row["after"]) for row in answer.json[kind] if row["turns"]}


def test_cd22_found_positive_turns_inotuzumab_and_nothing_else(what_if):
    # therapies.md V29: without CD22 inotuzumab is undetermined; adult-first-relapse: with it, it is on label
    answer = what_if("adult-first-relapse-cd22-unknown", ("cd22", "positive"))
    assert answer.status_code == 200
    assert turned(answer) == {
        "EMA/inotuzumab-ozogamicin": ("undetermined", "on-label"),
        "FDA/inotuzumab-ozogamicin": ("undetermined", "on-label"),
    }
    assert answer.json["turned"] == {"therapies": 2, "trials": 0, "riskGroups": 0}
    row = next(row for row in answer.json["therapies"] if row["id"] == "FDA/inotuzumab-ozogamicin")
    assert row["criteria"] == [{"id": "F-INO-2/CD22", "text": "CD22-positive", "before": "unknown", "after": "yes"}]
    assert answer.json["changes"] == [
        {"fact": "cd22", "before": {"state": "unknown", "gap": "not-recorded"}, "after": {"state": "known", "value": "positive"}}
    ]


BIRTHDAY = {
    "EMA/tisagenlecleucel": ("on-label", "not-on-label"),
    "EMA/brexucabtagene-autoleucel": ("not-on-label", "on-label"),
    "EMA/obecabtagene-autoleucel": ("not-on-label", "on-label"),
    "FDA/tisagenlecleucel": ("on-label", "not-on-label"),
}


@pytest.mark.parametrize("change", [("as_of", "2026-11-23"), ("age_years", 26), ("birth_date", "2000-11-22")])
def test_the_26th_birthday_comes_by_the_day_by_the_age_and_by_the_birth_date(what_if, change):
    # therapies.md V01
    answer = what_if("young-adult-on-the-day-before-the-26th-birthday", change)
    assert {name: sides for name, sides in turned(answer).items() if name.partition("/")[2] in DOSSIER} == BIRTHDAY
    ages = {row["fact"]: row["after"].get("value") for row in (*answer.json["changes"], *answer.json["followed"])}
    assert ages["age_years"] == 26


def test_a_day_before_the_birthday_nothing_turns(what_if):
    answer = what_if("young-adult-on-the-day-before-the-26th-birthday", ("birth_date", "2000-11-23"))
    assert turned(answer) == {}
    assert answer.json["turned"] == {"therapies": 0, "trials": 0, "riskGroups": 0}


@pytest.mark.parametrize(("percent", "turns"), [("0.1", True), ("0.099", False)])
def test_both_sides_of_the_mrd_limit(what_if, percent, turns):
    # therapies.md: blinatumomab with MRD of at least 0.1 %
    answer = what_if("adult-cr1-mrd-0-09-percent", ("mrd_percent", percent))
    assert ("EMA/blinatumomab" in turned(answer)) is turns


def test_a_datum_that_is_taken_away_opens_what_rested_on_it_and_never_answers_no(what_if):
    answer = what_if("adult-first-relapse", ("cd19", None))
    found = turned(answer)
    assert found["EMA/blinatumomab"] == ("on-label", "undetermined")
    assert {after for _, after in found.values()} == {"undetermined"}


def test_another_disease_leaves_nothing_to_answer(what_if):
    answer = what_if("adult-first-relapse", ("disease", "not-all"))
    assert {after for _, after in turned(answer).values()} == {None}
    assert all(row["criteria"] == [] for row in answer.json["therapies"])


def test_risk_groups_turn_too(what_if):
    # the stories of the child born in 2015: with 10 x 10^9/L the NCI group is open, with 60 it is HR
    found = turned(what_if("child-born-in-2015-white-count-10", ("wbc_at_diagnosis", 60)), "riskGroups")
    before, after = found["NCI"]
    assert (before["state"], set(before["possible"])) == ("open", {"HR", "SR"})
    assert (after["state"], after["group"]) == ("decided", "HR")


def test_the_same_question_is_answered_as_before(client, what_if):
    """Nothing of a what-if is kept: neither by the record nor by the rules."""
    body = stored_patient("adult-first-relapse-cd22-unknown")

    def verdicts():
        answer = client.post(f"/assess{QUERY}", data=body, content_type="application/json").json
        return {(row["regulator"], row["product"]): row["verdict"] for row in answer["therapies"]}

    before = verdicts()
    what_if("adult-first-relapse-cd22-unknown", ("cd22", "positive"))
    assert verdicts() == before


IMPOSSIBLE = [
    *(("ecog", 5), ("karnofsky", 101), ("lansky", 101), ("mrd_percent", "> 100"), ("marrow_blasts_percent", 250)),
    ("weight_kg", 99999),
]


@pytest.mark.parametrize(
    ("change", "where"),
    [
        (("cd2", "positive"), "changes[0].fact"),
        (("cd22", "perhaps"), "changes[0].value"),
        *((change, "changes[0].value") for change in IMPOSSIBLE),
        (("age_days", 5), "changes[0].fact"),
        (("as_of", "soon"), "changes[0].value"),
    ],
)
def test_an_unknown_fact_or_value_is_refused_with_a_hint(what_if, is_outcome, change, where):
    issue = is_outcome(what_if("adult-first-relapse", change), 400)
    assert issue["expression"] == [where]
    assert ": " in issue["diagnostics"]
    assert "perhaps" not in issue["diagnostics"]


@pytest.mark.parametrize(
    ("body", "code", "where"),
    [
        (b'{"bundle": {},\n "changes": [}', "not-json", "line 2, column 14"),
        (b"[]", "not-a-bundle", ""),
        (b'{"changes": [{"fact": "cd22", "value": "positive"}]}', "not-a-bundle", "bundle"),
        (b'{"bundle": {}}', "bad-parameter", "changes"),
        (b'{"bundle": {}, "changes": []}', "bad-parameter", "changes"),
        (b'{"bundle": {}, "changes": {}}', "bad-parameter", "changes"),
        (b'{"bundle": {}, "changes": [5]}', "bad-parameter", "changes[0]"),
        (b'{"bundle": {}, "changes": [{"fact": 5, "value": 5}]}', "bad-parameter", "changes[0]"),
        (b'{"bundle": {}, "changes": [{"fact": "cd22"}]}', "bad-parameter", "changes[0]"),
        (b'{"bundle": {}, "changes": [%s]}' % b",".join([b'{"fact": "cd22", "value": null}'] * 21), "bad-parameter", "changes"),
        (b'{"bundle": {}, "changes": [{"fact": "cd22", "value": null}]}', "not-a-bundle", "resourceType"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(client, is_outcome, body, code, where):
    issue = is_outcome(client.post("/what-if", data=body, content_type="application/json"), 400)
    assert issue["details"]["text"] == code
    assert issue.get("expression", [""]) == [where]


def test_a_parameter_that_we_do_not_know_is_refused(what_if, is_outcome):
    is_outcome(what_if("adult-first-relapse", ("cd22", "positive"), query="?asof=2026-11-22"), 400)


def test_a_bundle_nested_without_end_is_not_json(client, is_outcome):
    issue = is_outcome(client.post("/what-if", data=b'{"bundle": ' + b"[" * 100_000, content_type="application/json"), 400)
    assert issue["details"]["text"] == "not-json"
    assert issue["expression"][0].startswith("line 1, column ")
