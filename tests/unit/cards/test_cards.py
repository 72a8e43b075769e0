"""Which cards there are, what each says, and in which order."""

import re

import pytest

from service.decisions.verdicts import CautionResult
from service.logic.fact import Gap
from service.logic.truth import Truth
from tests.unit.cards.topics import CONFLICT, GAPS, PROFILE, by_topic, resource_of, topics

# ---------------------------------------------------------------- which cards


def test_a_record_on_label_for_one_product_gets_profile_therapy_and_gaps(write, consultation):
    assert topics(write(consultation)) == [PROFILE, "allexamplomab01", GAPS]


@pytest.mark.parametrize("disease", ["not-all", "burkitt", "cml-lbp", "b-lbl"])
def test_a_record_without_all_gets_no_card(write, consultation, make, disease):
    facts = {**consultation.facts, "disease": make.known(disease)}
    assert write(make.replace(consultation, facts=facts)) == []


def test_a_deceased_patient_gets_no_card(write, consultation, make):
    assert write(make.replace(consultation, deceased=True)) == []


def test_an_unknown_disease_gets_no_card(write, consultation, make):
    facts = {**consultation.facts, "disease": make.unknown()}
    assert write(make.replace(consultation, facts=facts)) == []


@pytest.mark.parametrize("standing", ["undetermined", "not-on-label", "not-approved"])
def test_only_on_label_products_get_a_card(write, consultation, make, standing):
    other = make.replace(consultation, therapies=make.verdicts(make.therapy(), standing))
    assert "allexamplomab01" not in topics(write(other))


def test_a_product_on_label_for_two_regulators_gets_one_card_that_names_both(write, consultation, make):
    two = make.replace(consultation, therapies=make.verdicts(make.therapy(regulators=("EMA", "FDA"))))
    cards = write(two)
    assert topics(cards).count("allexamplomab01") == 1
    card = by_topic(cards, "allexamplomab01")
    assert card["summary"] == "Examplomab: the record matches the criteria of EMA and FDA"
    assert "**EMA**" in card["detail"]
    assert "**FDA**" in card["detail"]


def test_nothing_missing_means_no_gaps_card(write, consultation, make):
    assert GAPS not in topics(write(make.replace(consultation, needs=())))


def test_ch_c_20_a_warning_stands_before_information(write, consultation, make):
    facts = {**consultation.facts, "cd22": make.conflicting((make.seen("Observation/8", "CD22 80 %"),))}
    cards = write(make.replace(consultation, facts=facts))
    assert topics(cards)[0] == CONFLICT
    assert [card["indicator"] for card in cards] == ["warning", "info", "info", "info"]


def test_ch_c_20_the_last_card_shown_names_how_many_were_held_back(write, consultation, make):
    rows = tuple(verdict for name in "abc" for verdict in make.verdicts(make.therapy(f"drug{name}")))
    cards = write(make.replace(consultation, therapies=rows), most=2)
    assert topics(cards) == [PROFILE, "alldruga01"]
    assert "Held back by the limit of 2 cards (3): drugb, drugc, What is missing." in cards[-1]["detail"]
    assert "Held back" not in cards[0]["detail"]


def test_under_the_limit_nothing_is_said_of_held_back_cards(write, consultation):
    assert all("Held back" not in card["detail"] for card in write(consultation))


# ---------------------------------------------------------------- a therapy


def test_a_therapy_names_indication_criteria_evidence_and_document(write, consultation):
    card = by_topic(write(consultation), "allexamplomab01")
    assert card["summary"] == "Examplomab: the record matches the criteria of EMA"
    assert "**EMA** (conditional, since 2031-01-01): adults with relapsed B-cell precursor ALL." in card["detail"]
    assert "- CD19 is as wanted: CD19 97 % of blasts (2031-04-02)" in card["detail"]
    assert card["source"]["label"] == "EMA label of examplomab"
    assert card["source"]["url"] == "https://ema.example/label"


def test_at_most_three_studies_are_shown_and_only_those_of_the_indication_with_a_line(write, consultation):
    detail = by_topic(write(consultation), "allexamplomab01")["detail"]
    assert re.findall(r"Journal (\d)", detail) == ["1", "2", "3"]
    assert "other" not in detail


def test_a_study_of_other_patients_gives_its_place_to_the_next(write, consultation, make):
    (verdict,) = consultation.therapies
    verdict = make.replace(verdict, details=make.replace(verdict.details, studies_of_others=frozenset({"s2"})))
    detail = by_topic(write(make.replace(consultation, therapies=(verdict,))), "allexamplomab01")["detail"]
    assert re.findall(r"Journal (\d)", detail) == ["1", "3", "4"]


def test_an_open_question_of_the_product_is_shown_as_a_question(write, consultation):
    assert "- Before or after? Open." in by_topic(write(consultation), "allexamplomab01")["detail"]


def test_unverified_parts_and_readings_are_marked(write, consultation):
    detail = by_topic(write(consultation), "allexamplomab01")["detail"]
    assert "**Check the label**" in detail
    assert "- not verified against its source: the day of the decision" in detail
    assert "- our reading of the wording: relapsed means overt relapse" in detail


HOLDS, UNKNOWN, FAILS = {"truth": Truth.YES}, {"truth": Truth.UNKNOWN}, {"truth": Truth.NO}
GENERAL = {"truth": Truth.YES, "tested": False}  # one that nothing in a record decides
EXCLUDE = "to be excluded (Hypersensitivity not found in the data received)"


@pytest.mark.parametrize(
    ("caution", "line"),
    [
        pytest.param(("contraindication", UNKNOWN), f"- Contraindication, {EXCLUDE}: caution x", id="unknown contraindication"),
        pytest.param(("contraindication", FAILS), None, id="contraindication that does not hold"),
        pytest.param(("contraindication", GENERAL), "- Contraindication: caution x", id="general contraindication"),
        pytest.param(("contraindication", {**UNKNOWN, "mark": "M"}), "caution x (check the label)", id="unverified"),
        pytest.param(("boxed-warning", GENERAL), "- Boxed warning: caution x", id="boxed warning"),
        pytest.param(("caution", UNKNOWN), None, id="an unknown caution is not worth a line"),
        pytest.param(("caution", HOLDS), "- Caution, recorded in this patient: caution x", id="a caution that holds"),
        pytest.param(("caution", GENERAL), None, id="a general caution is left to the label"),
        pytest.param(("caution", {**GENERAL, "on_card": True}), "- Caution: caution x", id="a general caution for the card"),
    ],
)
def test_cautions_are_shown_where_they_hold_or_must_be_excluded(write, consultation, make, caution, line):
    level, state = caution
    row = make.caution("x", level, **state)
    detail = by_topic(
        write(make.replace(consultation, therapies=make.verdicts(make.therapy(), cautions=[row]))), "allexamplomab01"
    )["detail"]
    if line is None:
        assert "caution x" not in detail
    else:
        assert line in detail


CONFIRM = "to be confirmed or excluded (Hypersensitivity: allergy not told (2031-04-02))"


@pytest.mark.parametrize(
    ("level", "gap", "line"),
    [
        pytest.param("contraindication", Gap.AMBIGUOUS, f"- Contraindication, {CONFIRM}: caution x", id="stated anyway"),
        pytest.param(
            "contraindication", Gap.TOO_OLD, f"- Contraindication, {CONFIRM}: caution x", id="too old, and stated anyway"
        ),
        pytest.param("caution", Gap.AMBIGUOUS, f"- Caution, {CONFIRM}: caution x", id="what the record points to is shown"),
        pytest.param("caution", Gap.TOO_OLD, None, id="what is too old points to nothing"),
        pytest.param("information", Gap.AMBIGUOUS, None, id="a note is left to the label"),
    ],
)
def test_what_was_read_and_does_not_decide_a_caution_is_named(write, consultation, make, level, gap, line):
    seen = make.unknown(gap, "hypersensitivity", evidence=(make.seen("AllergyIntolerance/9", "allergy not told"),))
    facts = {**consultation.facts, "hypersensitivity": seen}
    row = make.caution("x", level, facts=facts)
    asked = make.replace(consultation, facts=facts, therapies=make.verdicts(make.therapy(), cautions=[row]))
    card = by_topic(write(asked), "allexamplomab01")
    assert (f"{line}\n" in f"{card['detail']}\n") if line else ("caution x" not in card["detail"])
    named = [row["reference"] for row in card["extension"]["all-cds.trace"]["evidence"]]
    assert ("AllergyIntolerance/9" in named) is (line is not None)


def test_a_recorded_contraindication_stands_first_and_takes_the_draft_order_away(write, consultation, make):
    row = make.caution("x", truth=Truth.YES)
    card = by_topic(write(make.replace(consultation, therapies=make.verdicts(make.therapy(), cautions=[row]))), "allexamplomab01")
    assert card["detail"].startswith("**A contraindication is recorded:** caution x")
    assert "contraindication recorded" in card["summary"]
    assert "suggestions" not in card


@pytest.mark.parametrize(("resource", "member"), [("MedicationRequest", "medicationCodeableConcept"), ("ServiceRequest", "code")])
def test_ch_s_09_the_order_is_a_draft_without_a_dose(write, consultation, make, resource, member):
    other = make.replace(consultation, therapies=make.verdicts(make.therapy(resource=resource)))
    (suggestion,) = by_topic(write(other), "allexamplomab01")["suggestions"]
    assert resource_of(suggestion) == {
        "resourceType": resource,
        "status": "draft",
        "intent": "proposal",
        member: {
            "coding": [{"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": "0000000", "display": "examplomab"}],
            "text": "examplomab",
        },
        "subject": {"reference": "Patient/p"},
        "reasonReference": [{"reference": "Condition/1"}],
    }


def test_the_validity_of_a_hospital_exemption_is_named(write, consultation, make):
    other = make.replace(consultation, therapies=make.verdicts(make.therapy(), flags=["hospital-exemption"]))
    assert "hospital exemption must be confirmed" in by_topic(write(other), "allexamplomab01")["detail"]


# ---------------------------------------------------------------- what is missing


def test_gaps_name_what_each_item_would_decide(write, consultation):
    card = by_topic(write(consultation), GAPS)
    assert card["summary"] == "Missing: CD22"
    assert "- **CD22 on blasts**: not found in the data received; would decide examplomab (EMA)" in card["detail"]


@pytest.mark.parametrize(
    ("count", "said"),
    [(6, "a0, a1, a2, a3, a4 and a5"), (7, "a0, a1, a2, a3, a4, a5 and 1 more"), (9, "a0, a1, a2, a3, a4, a5 and 3 more")],
)
def test_of_what_an_item_would_decide_six_are_named(write, consultation, make, count, said):
    asked = make.need("cd22", "CD22 on blasts", therapies=tuple(f"a{number}" for number in range(count)))
    card = by_topic(write(make.replace(consultation, needs=(asked,))), GAPS)
    assert f"would decide {said}\n" in card["detail"] + "\n"


def test_the_three_most_decisive_tests_that_can_be_ordered_are_offered(write, consultation, make):
    rows = tuple(make.need(f"f{n}", f"ask {n}", order=n != 1) for n in range(6))
    suggestions = by_topic(write(make.replace(consultation, needs=rows)), GAPS)["suggestions"]
    assert [suggestion["label"] for suggestion in suggestions] == ["Order: ask 0", "Order: ask 2", "Order: ask 3"]
    first = resource_of(suggestions[0])
    assert first["resourceType"] == "ServiceRequest"
    assert (first["status"], first["intent"]) == ("draft", "proposal")
    assert first["code"] == {"coding": [{"system": "http://loinc.org", "code": "0-0", "display": "ask 0"}], "text": "ask 0"}


def test_an_item_that_decides_nothing_alone_says_so(write, consultation, make):
    rows = (make.need("cd22", "CD22 on blasts", therapies=(), gap="too-old"),)
    detail = by_topic(write(make.replace(consultation, needs=rows)), GAPS)["detail"]
    assert "- **CD22 on blasts**: found, but too old; one of several items needed" in detail


def test_many_gaps_are_counted_in_the_summary(write, consultation, make):
    names = ("cd19", "cd22", "ph", "mrd_percent", "wbc_at_diagnosis", "disease_state", "prior_lines", "tki_failed", "hiv")
    summary = by_topic(write(make.replace(consultation, needs=tuple(make.need(n, n) for n in names))), GAPS)["summary"]
    assert len(summary) <= 90
    assert re.fullmatch(r"Missing: CD19, CD22, .* and \d more", summary)


def test_ch_f_07_kinds_of_data_that_could_not_be_had_are_named(write, consultation):
    detail = by_topic(write(consultation, unavailable=frozenset({"Procedure", "AllergyIntolerance"})), PROFILE)["detail"]
    assert "**Not received, or not in full**: allergies and procedures." in detail
    assert "Not received" not in by_topic(write(consultation), PROFILE)["detail"]


# ---------------------------------------------------------------- contradictions


def test_a_contradicted_fact_is_a_warning_with_both_readings(write, consultation, make):
    readings = (make.seen("Observation/8", "CD22 80 %"), make.seen("Observation/9", "CD22 0 %"))
    facts = {**consultation.facts, "cd22": make.conflicting(readings)}
    card = by_topic(write(make.replace(consultation, facts=facts)), CONFLICT)
    assert card["indicator"] == "warning"
    assert card["summary"] == "The record contradicts itself: CD22"
    assert "- **CD22**: CD22 80 % (2031-04-02); CD22 0 % (2031-04-02)" in card["detail"]


def test_a_conflict_problem_is_a_warning_too(write, consultation, make):
    problem = make.Problem("warning", "conflict", "Observation/4 value", "recorded SR, derived HR")
    card = by_topic(write(make.replace(consultation, problems=(problem,))), CONFLICT)
    assert card["summary"] == "The record contradicts itself: recorded SR, derived HR"
    assert "- recorded SR, derived HR (Observation/4 value)" in card["detail"]


def test_other_problems_are_no_contradiction(write, consultation, make):
    problem = make.Problem("information", "after-as-of", "Observation/4", "dated tomorrow")
    assert CONFLICT not in topics(write(make.replace(consultation, problems=(problem,))))


def test_a_caution_that_nothing_tests_was_left_open_by_nothing_that_was_read(make):
    caution = make.caution("x", tested=False).caution
    assert CautionResult(caution, Truth.YES).read == ()
    assert CautionResult(caution, Truth.UNKNOWN, old=("cns_status",)).read == ("cns_status",)
