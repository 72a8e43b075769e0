"""Cards of trials: open ones that suit, with their day; closed ones never; those nobody knows of together on one."""

from dataclasses import replace
from datetime import date

import pytest

from service.decisions.bind import bind_rules
from service.decisions.choices import closings
from service.decisions.predicate import Looks
from service.decisions.trials import judge_trials
from service.knowledge.registry import NOTHING_SEEN, Registry, RegistryRecord, Seen, Site
from service.knowledge.trial_rows import Trial
from service.logic.fact import Fact, known, unknown
from service.terminology.terms import Terms

RECORDED = date(2031, 1, 2)
CD22 = {"id": "X1", "text": "CD22-positive", "provenance": "K", "test": {"fact": "cd22", "is": "positive"}}
CD19 = {"id": "X2", "text": "CD19-positive", "provenance": "S", "sources": ["S1"], "test": {"fact": "cd19", "is": "positive"}}
ASKED = {"id": "H1", "text": "Consent", "provenance": "K", "ask": "clinician"}


def trial(*criteria, name="NCT99990001", short="EXA-1", status="RECRUITING", day=date(2031, 5, 1), **more):
    text = {"recorded": RECORDED, "criteria": list(criteria), "arms": more.pop("arms", [])}
    seen = {"status": status, "seen": day, "recorded": RECORDED, "verification": "V2", "sources": ["doc-ema"]}
    head = {
        "id": name,
        "name": short,
        "title": "Examplomab in examples",
        "interventions": ["examplomab"],
        "exclusions": "curated",
    }
    numbers = [{"registry": "nct", "number": name, "verification": "V2"}]
    return Trial.model_validate(
        {
            **head,
            "sponsor": "Sponsor",
            "phase": "2",
            "numbers": numbers,
            "sightings": [seen] if status else [],
            **more,
            "versions": [text],
        }
    )


@pytest.fixture
def cards(write, consultation, library, rules):
    """The cards of trials for a record with CD19 known and CD22 not; keyword arguments change the consultation."""

    def give(*trials, registry=NOTHING_SEEN, facts=None, **more):
        shelves = {"trials": {row.id: row for row in trials}, "words": rules.library.words}
        bound = bind_rules(replace(library, **shelves), Terms({}, {}))
        day = consultation.question.as_of
        known_facts = {**consultation.facts, **(facts or {})}
        verdicts = judge_trials(Looks(known_facts), bound, registry, day, day, 45)
        therapies = more.pop("therapies", consultation.therapies)
        closed = closings(therapies, verdicts)
        asked = replace(consultation, facts=known_facts, trials=verdicts, closings=closed, therapies=therapies, **more)
        return [card for card in write(asked) if "trial" in card["source"]["topic"]["code"]]

    return give


def test_an_open_trial_that_fits_says_so_with_the_day_it_was_seen(cards):
    (card,) = cards(trial(CD19, ASKED, countries=["ES", "FR"]))
    assert card["summary"] == "Matches the encoded criteria of EXA-1 (NCT99990001), recruiting, seen 2031-05-01"
    assert card["indicator"] == "info"
    assert "Recruitment: recruiting, seen 2031-05-01 in EMA label of examplomab." in card["detail"]
    assert "- X2 CD19-positive: CD19 97 % of blasts (2031-04-02)" in card["detail"]
    assert "- H1 Consent" in card["detail"].split("**For a human to judge or confirm**")[1]
    assert {
        "label": "NCT99990001 in the registry",
        "url": "https://clinicaltrials.gov/study/NCT99990001",
        "type": "absolute",
    } in card["links"]
    assert card["source"]["topic"]["code"] == "alltrialnct99990001"


def test_the_suggestion_is_a_draft_request_to_screen(cards):
    (card,) = cards(trial(CD19))
    ((action,),) = (suggestion["actions"] for suggestion in card["suggestions"])
    resource = action["resource"]
    assert (resource["resourceType"], resource["status"], resource["intent"]) == ("ServiceRequest", "draft", "proposal")
    assert resource["code"] == {"text": "Screening for the clinical trial EXA-1 (NCT99990001)"}


def test_a_trial_that_lacks_one_item_may_fit_and_names_it(cards):
    (card,) = cards(trial(CD19, CD22))
    assert card["summary"].startswith("May fit EXA-1 (NCT99990001), recruiting, seen 2031-05-01")
    assert "- X1 CD22-positive: needs CD22 (not verified in the registry)" in card["detail"]


def test_a_trial_that_lacks_many_items_or_that_its_text_leaves_open_has_no_card(cards):
    tests = ("kmt2a_r", "iamp21", "tp53")
    many = [{"id": f"M{n}", "text": name, "provenance": "K", "test": {"fact": name, "is": True}} for n, name in enumerate(tests)]
    given: dict[str, Fact[object]] = {name: unknown() for name in tests}
    assert cards(trial(*many), facts=given) == []
    assert len(cards(trial(*many[:2]), facts=given)) == 1
    undecided = {"id": "U1", "text": "open", "provenance": "?", "test": {"undecided": "The threshold is not known."}}
    assert cards(trial(CD19, undecided)) == []


@pytest.mark.parametrize(
    "status", ["ACTIVE_NOT_RECRUITING", "COMPLETED", "SUSPENDED", "TERMINATED", "WITHDRAWN", "ENROLLING_BY_INVITATION"]
)
def test_a_closed_trial_never_has_a_card(cards, status):
    assert cards(trial(CD19, status=status)) == []


def test_a_trial_that_does_not_fit_has_no_card(cards):
    assert cards(trial(CD22), facts={"cd22": known("negative")}) == []


@pytest.mark.parametrize(("day", "summaries"), [(date(2031, 3, 22), 0), (date(2031, 3, 21), 1)])
def test_trials_seen_too_long_ago_stand_together_and_are_not_said_to_be_open(cards, day, summaries):
    found = cards(trial(CD19, day=day), trial(CD19, name="NCT99990002", short="EXA-2", day=day))
    unconfirmed = [card for card in found if card["source"]["topic"]["code"] == "allopentrials"]
    assert len(unconfirmed) == summaries
    if summaries:
        (card,) = found
        assert card["summary"] == "Trials to check, recruitment not confirmed: EXA-1, EXA-2"
        assert (
            f"- EXA-1 (NCT99990001): matches the encoded criteria; recruiting, seen {day}. Examplomab in examples"
            in card["detail"]
        )
        assert "suggestions" not in card


def test_a_trial_not_yet_recruiting_or_seen_on_an_unknown_day_stands_there_too(cards):
    (card,) = cards(trial(CD19, status="NOT_YET_RECRUITING"), trial(CD19, name="NCT99990002", short="EXA-2", day=None))
    assert "not yet recruiting, seen 2031-05-01" in card["detail"]
    assert "recruiting, seen on an unknown day" in card["detail"]


def test_a_trial_that_fits_and_was_never_seen_stands_there_and_one_that_lacks_data_does_not(cards):
    (card,) = cards(trial(CD19, status=None), trial(CD19, CD22, name="NCT99990002", short="EXA-2", status=None))
    assert "- EXA-1 (NCT99990001): matches the encoded criteria; recruitment never seen. Examplomab in examples" in card["detail"]
    assert "EXA-2" not in card["detail"]


def test_more_than_a_few_unconfirmed_trials_are_counted(cards):
    rows = [trial(CD19, name=f"NCT9999000{n}", short=f"EXA-{n}", day=None) for n in range(1, 8)]
    (card,) = cards(*rows)
    assert "and 2 more" in card["detail"]


def test_sites_that_recruit_are_shown_the_nearest_first(cards, consultation):
    sites = (
        Site("Far Clinic", "Town", "FR", "France", "RECRUITING", 48.85, 2.35),
        Site("Near Clinic", "City", "ES", "Spain", "RECRUITING", 41.39, 2.17),
        Site("Closed Clinic", "City", "ES", "Spain", "COMPLETED", 41.39, 2.17),
    )
    record = RegistryRecord("NCT99990001", "synthetic", "RECRUITING", sites=sites)
    registry = Registry.of([Seen(date(2031, 5, 5), record, "https://registry.example")])
    (card,) = cards(trial(CD19), registry=registry, question=replace(consultation.question, place=(41.39, 2.17)))
    assert card["summary"].endswith("recruiting in 2 countries, seen 2031-05-05")
    lines = card["detail"].split("**Sites that say they recruit**")[1].strip().splitlines()[:2]
    assert lines[0] == "- Near Clinic, City, ES, 0 km"
    assert lines[1].startswith("- Far Clinic, Town, FR, 8")
    assert "Closed Clinic" not in card["detail"]
    (card,) = cards(trial(CD19), registry=registry)
    assert "- Far Clinic, Town, FR\n" in card["detail"]


def test_a_criterion_that_is_met_says_of_what_was_read_what_the_profile_says_of_it(cards, make):
    cd19 = make.known("positive", (make.seen("Observation/3", "CD19 positive"),), flags=("stale-specimen",))
    (card,) = cards(trial(CD19), facts={"cd19": cd19})
    assert "- X2 CD19-positive: CD19 positive (2031-04-02) (the specimen is old)" in card["detail"].splitlines()
    (card,) = cards(trial(CD19), facts={"cd19": make.known("positive", flags=("undated",))})
    assert "- X2 CD19-positive (undated)" in card["detail"].splitlines()


def test_arms_with_criteria_are_told(cards):
    def arm(name, test):
        rows = [{"id": f"{name}1", "text": name, "provenance": "K", "test": test}]
        return {
            "id": name,
            "name": f"Arm {name}",
            "text": f"Text {name}.",
            "otherwise": "Without it.",
            "provenance": "K",
            "criteria": rows,
        }

    arms = [
        arm("A", {"fact": "cd19", "is": "positive"}),
        arm("B", {"fact": "cd19", "is": "negative"}),
        arm("C", {"fact": "cd22", "is": "positive"}),
        arm("E", {"undecided": "The limits of this arm are not known."}),
        {"id": "D", "name": "Arm D", "text": "no criteria", "provenance": "K"},
    ]
    (card,) = cards(trial(CD19, arms=arms))
    assert "- Arm A: criteria met. Text A." in card["detail"]
    assert "- Arm B: not met (B1). Without it." in card["detail"]
    assert "- Arm C: undecided, needs CD22. Text C." in card["detail"]
    assert "- Arm E: undecided, its criteria are not curated. Text E." in card["detail"]
    assert "Arm D" not in card["detail"]


def test_choices_that_touch_are_named(cards, make):
    therapy = make.therapy().model_copy(update={"recorded_as": ("prior_cd19_car_t",)})
    therapies = make.verdicts(therapy)
    excluded = {
        "id": "X9",
        "text": "Prior CAR-T",
        "kind": "exclusion",
        "provenance": "K",
        "test": {"fact": "prior_cd19_car_t", "is": True},
    }
    row = trial(CD19, {**excluded, "absence_means": {"prior_cd19_car_t": False}}, products=["examplomab"])
    facts = {"prior_cd19_car_t": make.unknown()}
    (card,) = cards(row, therapies=therapies, facts=facts)
    assert "For the drug of this trial the record matches the criteria of a label now: examplomab (EMA)." in card["detail"]
    assert "This trial would be closed by: examplomab." in card["detail"]
    assert "some criteria count as met because nothing was recorded" in card["detail"]


def test_the_card_of_a_therapy_names_the_trials_that_it_would_close(write, consultation, make, library, rules):
    therapies = make.verdicts(make.therapy().model_copy(update={"recorded_as": ("prior_cd19_car_t",)}))
    excluded = {
        "id": "X9",
        "text": "Prior",
        "kind": "exclusion",
        "provenance": "K",
        "test": {"fact": "prior_cd19_car_t", "is": True},
    }
    rows = {
        name: trial(excluded, name=name, short=short, status=status)
        for name, short, status in (
            ("NCT99990001", "EXA-1", "RECRUITING"),
            ("NCT99990002", "EXA-2", "NOT_YET_RECRUITING"),
            ("NCT99990003", "EXA-3", "COMPLETED"),
        )
    }
    bound = bind_rules(replace(library, trials=rows, words=rules.library.words), Terms({}, {}))
    day, facts = consultation.question.as_of, {**consultation.facts, "prior_cd19_car_t": unknown()}
    verdicts = judge_trials(Looks(facts), bound, NOTHING_SEEN, day, day, 45)
    asked = replace(consultation, facts=facts, trials=verdicts, therapies=therapies, closings=closings(therapies, verdicts))
    (card,) = [card for card in write(asked) if card["source"]["topic"]["code"] == "allexamplomab01"]
    closed = card["detail"].split("**Trials that this would close**")[1]
    assert "- EXA-1 (NCT99990001), by its criteria X9" in closed
    assert "- EXA-2 (NCT99990002), by its criteria X9" in closed
    assert "EXA-3" not in closed


def test_a_trial_without_a_registry_number_has_no_link(cards):
    (card,) = cards(trial(CD19, name="EXA-1", numbers=[]))
    assert "links" not in card
    assert card["source"]["label"].startswith("All-CDS")
