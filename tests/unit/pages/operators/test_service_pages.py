"""What the pages about the service say, without HTML: feedback, the registry, unmapped codes, the decision support itself."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from service.facts.catalogue import CATALOGUE
from service.feedback_counts import TooOften
from service.knowledge.registry import NOTHING_SEEN, Registry, RegistryRecord, Seen
from service.stores.kept import CardStory, GivenFeedback
from service.web.offered import offered
from service.web.pages.operators.about import ATTRIBUTES, about_page, facts_asked_for
from service.web.pages.operators.feedback import DRAWN, Kept, feedback_page
from service.web.pages.operators.registry import registry_page
from service.web.pages.operators.unmapped import unmapped_lines

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
OFTEN = TooOften(Decimal(50), 2)


def told(card, outcome, **members):
    return GivenFeedback(card, outcome, NOON, "Hospital", NOON, **members)


def story(card, rule, *feedback):
    return CardStory(card, (rule,), "allbli01", "Hospital", feedback)


STORIES = (
    story("1", "E-BLI-2a", told("1", "accepted")),
    story("2", "E-BLI-2a"),
    story("3", "E-INO-1a", told("3", "overridden", reason_code="patient-contraindication")),
    story("4", "E-INO-1a", told("4", "overridden", reason_text="<b>ours</b>")),
)


def page_of(shelves, stories=STORIES, orphans=0, keeps=True, since=None):
    return feedback_page(shelves(), Kept(stories, orphans, since, keeps), OFTEN)


def test_cards_are_counted_by_rule_product_and_client(shelves):
    page = page_of(shelves)
    counted = {
        group.id: [(line.name, line.shown, line.accepted, line.overridden, line.untold) for line in group.lines]
        for group in page.groups
    }
    assert counted == {
        "rules": [("E-BLI-2a", 2, 1, 0, 1), ("E-INO-1a", 2, 0, 2, 0)],
        "subjects": [("blinatumomab", 2, 1, 0, 1), ("inotuzumab ozogamicin", 2, 0, 2, 0)],
        "clients": [("Hospital", 4, 1, 2, 1)],
    }
    assert [line.too_often for line in page.groups[0].lines] == [False, True]
    assert page.groups[0].lines[0].address == "/pages/knowledge/therapies/blinatumomab#row-E-BLI-2a"


def test_reasons_are_in_words_and_those_of_a_site_stay_as_they_are(shelves):
    page = page_of(shelves)
    assert page.total.reasons == (("<b>ours</b>", 1), ("contraindication of the patient", 1))
    assert page.reasons.chart["rows"] == [
        {"name": "<b>ours</b>", "overridden": 1},
        {"name": "contraindication of the patient", "overridden": 1},
    ]


def test_the_plot_holds_what_the_table_says_and_no_more_than_can_be_read(shelves):
    page = page_of(shelves, tuple(story(str(number), f"R{number:02}") for number in range(DRAWN + 1)))
    rules = page.groups[0]
    assert (len(rules.lines), rules.drawn, len(rules.chart["rows"])) == (DRAWN + 1, DRAWN, DRAWN)
    first = rules.lines[0]
    assert rules.chart["rows"][0] == {"name": first.name, "accepted": 0, "overridden": 0, "untold": 1}


@pytest.mark.parametrize(
    ("stories", "orphans", "keeps", "found"), [((), 0, False, False), ((), 1, True, True), (STORIES, 0, False, True)]
)
def test_nothing_kept_is_told_from_nothing_new_kept(shelves, stories, orphans, keeps, found):
    page = page_of(shelves, stories, orphans, keeps)
    assert (page.found, page.keeps) == (found, keeps)
    assert bool(page.groups) is bool(stories)


# ---------------------------------------------------------------- registry


def seen(number, status, day, criteria=""):
    return Seen(date.fromisoformat(day), RegistryRecord(number, "SYNTHETIC", status, criteria=criteria), "registry")


def registry_lines(shelves, shipped, registry):
    page = registry_page(shelves("2026-11-28"), registry, shipped.settings)
    return page, {line.number.text: line for line in page.lines}


def test_without_a_sync_the_days_are_those_of_the_files(shelves, shipped):
    page, lines = registry_lines(shelves, shipped, NOTHING_SEEN)
    # trials/NCT03959085.yaml: recruiting, seen 2025-09-04: more than 45 days ago
    line = lines["NCT03959085"]
    assert (line.open, line.seen, line.text, line.trial.text) == ("stale", "2025-09-04", "not compared", "AALL1732")
    assert page.last_seen == ""
    trials = shipped.rules.library.trials.values()
    assert len(page.lines) == len({trial.registry_number for trial in trials if trial.registry_number})
    assert {line.id for line in page.unregistered} == {trial.id for trial in trials if not trial.registry_number}


@pytest.mark.parametrize(("day", "word"), [("2026-10-14", "yes"), ("2026-10-13", "stale")])  # 45 and 46 days ago
def test_a_sighting_is_believed_for_its_days(shelves, shipped, day, word):
    page, lines = registry_lines(shelves, shipped, Registry.of([seen("NCT03959085", "RECRUITING", day)]))
    assert (lines["NCT03959085"].open, page.last_seen) == (word, day)


def test_a_text_that_has_changed_stands_first(shelves, shipped):
    registry = Registry.of(
        [
            seen("NCT03959085", "COMPLETED", "2026-11-01", "Age 1 year or older"),
            seen("NCT03959085", "COMPLETED", "2026-11-27", "Age 2 years or older"),
        ]
    )
    page, _ = registry_lines(shelves, shipped, registry)
    assert (page.changed, page.lines[0].number.text, page.lines[0].text) == (1, "NCT03959085", "changed")


def test_a_study_that_nobody_encoded_has_no_page_of_ours(shelves, shipped):
    _, lines = registry_lines(shelves, shipped, Registry.of([seen("NCT99990001", "RECRUITING", "2026-11-27")]))
    assert lines["NCT99990001"].trial is None


# ---------------------------------------------------------------- unmapped codes


def test_codes_that_are_not_understood_are_listed_with_what_they_may_mean(shipped):
    code = {"coding": [{"system": "http://lab.example/codes", "code": "4711", "display": "CD22 blasts"}]}
    entry = {"resource": {"resourceType": "Observation", "id": "o", "status": "final", "code": code}}
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [entry, entry]}
    (line,) = unmapped_lines(json.dumps(bundle).encode(), shipped.rules)
    assert (line.system, line.code, line.seen, line.places) == ("http://lab.example/codes", "4711", 2, "Observation")
    assert line.suggestions[0] == "cd22-blasts"


# ---------------------------------------------------------------- about


@pytest.fixture(scope="module")
def about(shelves, shipped):
    return about_page(shelves(), shipped.settings, offered().services)


def test_what_is_asked_of_a_person_is_counted_from_the_rules(about):
    used = {row.name: row.used for row in about.attributes}
    assert [name for name, is_used in used.items() if not is_used] == [
        "Race",
        "Ethnicity",
        "Language",
        "Sexual orientation",
        "Gender identity",
        "Social determinants of health",
    ]
    asked = {name for name, is_used in used.items() if is_used}
    assert {"Sex, as recorded for administration", "Date of birth, as age", "Pregnancy"} <= asked


def test_the_attributes_are_made_of_facts_that_there_are():
    # country and study group are of the question, bmi of measures: rules name them, no record holds them as such
    named = frozenset().union(*ATTRIBUTES.values())
    assert named - CATALOGUE.keys() <= {"country", "site_group", "bmi"}


def test_no_fact_is_about_what_is_said_to_be_unused():
    parts = {part for name in CATALOGUE for part in name.split("_")}
    assert not parts & {"race", "ethnicity", "ethnic", "language", "orientation", "gender", "income", "housing", "education"}


def test_a_fact_that_a_rule_begins_to_ask_for_is_counted(shipped):
    library = shipped.rules.library
    without = replace(library, therapies={}, trials={}, definitions={}, risk_systems={}, questions={})
    assert "sex" in facts_asked_for(library)
    assert facts_asked_for(without) < facts_asked_for(library)


def test_every_key_of_prefetch_and_every_source_and_study_stands_on_the_page(about, shipped):
    library = shipped.rules.library
    announced = {key: asked.template for service in offered().services for key, asked in service.prefetch.items()}
    assert {row.key: row.template for row in about.inputs} == announced
    assert {row.key for row in about.inputs if row.required} >= {"patient", "conditions", "observations"}
    assert {row.id for row in about.sources} == library.sources.keys()
    studies = {study.id for product in library.therapies for study in library.studies(product)}
    assert {row.id for row in about.citations} == studies | library.questions.keys()
    assert all(row.citation.text for row in about.citations)


def test_limits_are_counted_from_the_files(about):
    # risk_systems/alltogether1.yaml and sehop-pethema-2013.yaml are switched off
    (said,) = [text for text in about.limits if "switched off" in text]
    assert "ALLTogether1" in said


def test_what_nobody_stated_is_said_to_be_not_stated(shelves):
    words = shelves().words.about
    assert (words.developer, words.funding) == ("not stated", "not stated")
    spanish = shelves(language="es").words.about
    assert (spanish.developer, spanish.funding) == ("no consta", "no consta")


@pytest.mark.parametrize(("hours", "said"), [(0, "by command"), (24, "every 24 hours")])
def test_how_trials_are_refreshed_is_that_of_the_settings(shelves, shipped, hours, said):
    settings = replace(shipped.settings, registry_refresh_hours=hours)
    assert said in about_page(shelves(), settings, offered().services).updates[-1]
