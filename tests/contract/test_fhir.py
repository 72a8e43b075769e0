"""Trials in FHIR: read, search and match; every resource that goes out is R4."""

import json

import pytest
from fhir.resources.R4B import get_fhir_model_class

TODAY = "?as_of=2026-11-22&known_by=2026-11-22"
RECRUITMENT, MATCH = "urn:all-cds:fhir:recruitment", "urn:all-cds:fhir:match"
KNOWN = "NCT05748171"


def parts(extension):
    """The parts of an extension, several of one name in a list."""
    found: dict[str, list[object]] = {}
    for part in extension["extension"]:
        value = next((value for name, value in part.items() if name.startswith("value")), part.get("extension"))
        found.setdefault(part["url"], []).append(value)
    return found


def extension(study, url):
    (found,) = [row for row in study["extension"] if row["url"] == url]
    return parts(found)


def studies(answer):
    return [row["resource"] for row in answer.json.get("entry", ()) if row["resource"]["resourceType"] == "ResearchStudy"]


@pytest.fixture
def match(client, bundle):
    def post(name, query=TODAY, body=None):
        data = body if body is not None else bundle(name)
        return client.post(f"/fhir/ResearchStudy/$match{query}", data=data, content_type="application/fhir+json")

    return post


def test_a_study_is_read_by_its_id(client):
    answer = client.get(f"/fhir/ResearchStudy/{KNOWN}{TODAY}")
    assert (answer.status_code, answer.mimetype) == (200, "application/fhir+json")
    study = answer.json
    assert (study["resourceType"], study["id"]) == ("ResearchStudy", KNOWN)
    assert {"system": "http://clinicaltrials.gov", "value": KNOWN, "type": {"text": "ClinicalTrials.gov"}} in study["identifier"]
    (group,) = study["contained"]
    assert group["resourceType"] == "Group"
    assert study["enrollment"] == [{"reference": f"#{group['id']}"}]
    texts = [row["code"]["text"] for row in group["characteristic"]]
    assert any(text.startswith("N03 ") for text in texts)
    assert extension(study, RECRUITMENT)["open"]


def test_every_study_is_valid_r4(client, service):
    answer = client.get(f"/fhir/ResearchStudy{TODAY}")
    get_fhir_model_class("Bundle").model_validate(answer.json)
    listed = [trial for trial in service.rules.library.trials.values() if trial.listed]
    assert answer.json["total"] == len(listed)
    for study in studies(answer):
        get_fhir_model_class("ResearchStudy").model_validate(study)


def test_a_search_in_pages_gives_every_study_once(client):
    everything = studies(client.get(f"/fhir/ResearchStudy{TODAY}"))
    links = {"next": f"/fhir/ResearchStudy{TODAY}&_count=25&_format=json"}
    pages = []
    while "next" in links:
        answer = client.get(links["next"])
        get_fhir_model_class("Bundle").model_validate(answer.json)
        assert answer.json["total"] == len(everything)
        pages.append(studies(answer))
        links = {link["relation"]: link["url"] for link in answer.json["link"]}
        assert client.get(links["self"]).json == answer.json
    assert [len(page) for page in pages[:-1]] == [25] * (len(pages) - 1)
    assert [study["id"] for page in pages for study in page] == [study["id"] for study in everything]


def test_the_links_of_a_search_lead_to_the_public_address(client_with):
    behind = client_with(public_base_url="https://cds.hospital.example/all")
    links = behind.get(f"/fhir/ResearchStudy{TODAY}&_count=2").json["link"]
    assert [link["relation"] for link in links] == ["self", "next"]
    for link in links:
        assert link["url"].startswith("https://cds.hospital.example/all/fhir/ResearchStudy?")


def test_without_a_public_address_they_lead_to_the_one_that_was_called(client):
    links = client.get(f"/fhir/ResearchStudy{TODAY}&_count=2", base_url="http://here.example:8000").json["link"]
    assert [link["url"].partition("?")[0] for link in links] == ["http://here.example:8000/fhir/ResearchStudy"] * 2


def test_a_count_of_nothing_asks_for_the_total_alone(client):
    answer = client.get(f"/fhir/ResearchStudy{TODAY}&_count=0").json
    assert "entry" not in answer
    assert answer["total"] == len(studies(client.get(f"/fhir/ResearchStudy{TODAY}")))
    assert [link["relation"] for link in answer["link"]] == ["self"]


@pytest.mark.parametrize("query", ["_count=-1", "_count=some", "_count=1234567", "_offset=x", "_format=xml"])
def test_a_page_that_cannot_be_given_is_refused(client, is_outcome, query):
    is_outcome(client.get(f"/fhir/ResearchStudy{TODAY}&{query}"), 400)


def test_a_status_that_fhir_does_not_have_is_said_to_be_absent(client, service):
    for study in studies(client.get(f"/fhir/ResearchStudy{TODAY}")):
        word = extension(study, RECRUITMENT).get("status", [""])[0]
        known = service.rules.library.registries.statuses.get(word)
        assert study.get("status") == known
        assert ("_status" in study) is (known is None)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (f"_id={KNOWN}", True),
        ("_id=NCT00000000", False),
        (f"identifier={KNOWN}", True),
        (f"identifier=http://clinicaltrials.gov|{KNOWN}", True),
        ("identifier=2022-000186-40", True),
        ("condition=277571004", True),
        ("condition=http://snomed.info/sct|277571004", True),
        ("condition=http://loinc.org|277571004", False),
        ("condition=254837009", False),
    ],
)
def test_studies_are_searched_for(client, query, found):
    answer = client.get(f"/fhir/ResearchStudy{TODAY}&{query}")
    assert answer.status_code == 200
    assert (KNOWN in [study["id"] for study in studies(answer)]) is found


def test_studies_are_searched_for_by_status(client):
    everything = studies(client.get(f"/fhir/ResearchStudy{TODAY}"))
    for status in ("active", "completed", "closed-to-accrual", "approved"):
        wanted = [study["id"] for study in everything if study.get("status") == status]
        assert [study["id"] for study in studies(client.get(f"/fhir/ResearchStudy{TODAY}&status={status}"))] == wanted


def test_what_was_not_written_down_by_the_day_is_not_there(client, is_outcome):
    is_outcome(client.get(f"/fhir/ResearchStudy/{KNOWN}?known_by=2026-11-21"), 404)
    assert client.get("/fhir/ResearchStudy?known_by=2026-11-21").json["total"] == 0


def test_an_unknown_study_or_parameter_is_an_outcome(client, is_outcome):
    issue = is_outcome(client.get("/fhir/ResearchStudy/NCT00000000"), 404)
    assert issue["diagnostics"] == "no trial on file has this id on that day"
    is_outcome(client.get("/fhir/ResearchStudy?phase=3"), 400)
    is_outcome(client.get("/fhir/ResearchStudy?status=active&status=completed"), 400)


# ---------------------------------------------------------------- match


def test_a_match_has_a_score_and_the_answer_for_each_criterion(match):
    answer = match("child-high-risk-first-relapse-in-consolidation", f"{TODAY}&fit=all")
    assert (answer.status_code, answer.mimetype) == (200, "application/fhir+json")
    get_fhir_model_class("Bundle").model_validate(answer.json)
    for row in answer.json["entry"]:
        found = extension(row["resource"], MATCH)
        fit, score = found["fit"][0], row["search"]["score"]
        assert {"fits": score == 1, "does-not-fit": score == 0, "needs-data": 0 < score < 1}[fit]
        assert ("failing" in found) is (fit == "does-not-fit")
        for criterion in found.get("criterion", ()):
            assert {part["url"] for part in criterion} >= {"id", "text", "truth"}


def test_without_a_choice_those_that_do_not_fit_are_left_out(match):
    suitable = match("child-high-risk-first-relapse-in-consolidation")
    everything = match("child-high-risk-first-relapse-in-consolidation", f"{TODAY}&fit=all")
    kept = [study["id"] for study in studies(suitable)]
    scores = {row["resource"]["id"]: row["search"]["score"] for row in everything.json["entry"]}
    assert kept == [name for name, score in scores.items() if score > 0]


def test_a_match_agrees_with_the_assessment(match, client, bundle):
    story = "adult-first-relapse"
    assessed = client.post(f"/assess{TODAY}", data=bundle(story), content_type="application/json").json
    found = {study["id"]: extension(study, MATCH)["fit"][0] for study in studies(match(story, f"{TODAY}&fit=all"))}
    assert found == {row["id"]: row["fit"] for row in assessed["trials"]}


def parameters(bundle, *more):
    data = {"name": "trialMatchClinicalData", "resource": json.loads(bundle)}
    return json.dumps({"resourceType": "Parameters", "parameter": [data, *more]})


def test_parameters_of_the_matching_guide_are_read_and_what_is_not_used_is_said(match, bundle):
    story = bundle("adult-first-relapse")
    plain = match("", body=story)
    more = [{"name": "zipCode", "valueString": "08036"}, {"name": "recruitmentStatus", "valueString": "active"}]
    answer = match("", body=parameters(story, *more))
    get_fhir_model_class("Bundle").model_validate(answer.json)
    active = [study["id"] for study in studies(plain) if study.get("status") == "active"]
    assert [study["id"] for study in studies(answer)] == active
    (outcome,) = [row for row in answer.json["entry"] if row["search"]["mode"] == "outcome"]
    assert "zipCode" in outcome["resource"]["issue"][0]["diagnostics"]
    assert "08036" not in answer.get_data(as_text=True)
    assert answer.json["total"] == len(active)


def test_a_phase_filters(match, bundle):
    story = bundle("adult-first-relapse")
    answer = match("", body=parameters(story, {"name": "phase", "valueString": "3"}))
    assert {study["phase"]["text"] for study in studies(answer)} <= {"3", "2/3"}


@pytest.mark.parametrize(("died", "matches"), [("2026-11-22", False), ("2026-11-23", True)])
def test_a_deceased_patient_matches_nothing(match, bundle, died, matches):
    story = json.loads(bundle("adult-first-relapse"))
    for entry in story["entry"]:
        if entry["resource"]["resourceType"] == "Patient":
            entry["resource"]["deceasedDateTime"] = died
    assert bool(match("", body=json.dumps(story).encode()).json["total"]) is matches


def test_a_patient_without_all_matches_nothing(match):
    assert match("aml").json == {"resourceType": "Bundle", "type": "searchset", "total": 0}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b'{"resourceType": "Parameters", "parameter": [{"name": "phase", "valueString": "3"}]}', 400),
        (b'{"resourceType": "Parameters", ', 400),
        (b'{"resourceType": "Patient", "id": "Parameters"}', 400),
        (b'{"resourceType": "Bundle", "type": "collection", "entry": []}', 422),
    ],
)
def test_what_is_no_bundle_of_one_patient_is_an_outcome(match, is_outcome, body, status):
    is_outcome(match("", body=body), status)


def test_a_wrong_choice_is_an_outcome(match, is_outcome):
    is_outcome(match("adult-first-relapse", f"{TODAY}&fit=maybe"), 400)
