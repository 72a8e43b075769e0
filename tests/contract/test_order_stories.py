"""Orders told as stories. What is expected is read off the rows of labels and cautions that each test names.

V.. are the vignettes of the truth table of labels (seen from 22 November 2026, EMA); 2.1 to 2.4 its sections of cautions.
"""

import copy
import json
from datetime import date

import pytest

from service.consultation import Question
from service.record.orders import read_orders
from service.synth.bundles import bundle_of
from service.synth.codes import SYSTEMS
from service.synth.values import coded, percent
from tests.contract.cds_hooks_checker import response_faults
from tests.stories.adults import after_car_t
from tests.stories.catalogue import all_stories
from tests.stories.codes import CD22_BLASTS_MARROW, LOINC, PCS_BREXUCABTAGENE_INFUSION, SNOMED, Code
from tests.stories.order_requests import (
    BLINATUMOMAB,
    CAR_T_REFERRAL,
    INOTUZUMAB,
    bundle,
    drug_order,
    service_order,
    with_past_vod,
)

DAY = date(2026, 11, 22)
STORIES = all_stories()


@pytest.fixture
def cards(service):
    """The cards for orders of a story, by their topic."""

    def give(story, *orders, as_of=DAY, regulators=("EMA",)):
        question = Question(as_of=as_of, known_by=DAY, regulators=regulators)
        consultation = service.consult_bundle(json.dumps(bundle_of(story)).encode(), question)
        found = read_orders(json.dumps(bundle(*orders)).encode(), service.rules.vocabulary)
        answer = service.cards.write_orders(
            consultation, service.judge(consultation, service.ordered(found, story.patient["id"])[0])
        ).to_wire()
        assert response_faults(json.loads(json.dumps(answer))) == []
        return {card["source"]["topic"]["code"]: card for card in answer["cards"]}

    return give


@pytest.fixture
def first_relapse():
    return copy.deepcopy(STORIES["adult-first-relapse"])


# ---------------------------------------------------------------- blinatumomab under the skin (1.8)


SC = "Order of blinatumomab: labels on file are for intravenous use, subcutaneous use is investigational"
MATCHED = "Order of blinatumomab: the record matches the criteria of EMA"


def with_dosage(story, **dosage):
    return drug_order(story, BLINATUMOMAB, dosageInstruction=[dosage])


@pytest.mark.parametrize(
    "dosage",
    [
        {"route": {"coding": [{"system": SNOMED, "code": "34206005"}]}},
        {"route": {"text": "Subcutaneous"}},
        {"route": {"text": "SC"}},
        {"route": {"text": "s.c."}},
        {"text": "250 µg subcutaneously on days 1 to 7"},
        {"text": "250 µg s.c. an Tag 1"},
        {"text": "250 µg subkutan"},
        {"text": "250 µg por vía subcutánea"},
    ],
)
def test_blinatumomab_under_the_skin_is_investigational(cards, first_relapse, dosage):
    card = cards(first_relapse, with_dosage(first_relapse, **dosage))["allbli01order"]
    assert card["summary"] == SC
    assert (
        "The labels on file are for intravenous use. Subcutaneous blinatumomab is investigational as of 2026-11-22"
        in card["detail"]
    )
    assert "matches the criteria" not in card["summary"] + card["detail"]
    assert "Criteria" not in card["detail"]
    assert card["source"]["label"] == "openFDA product listing of blinatumomab"
    assert [row["id"] for row in card["extension"]["all-cds.trace"]["rules"]] == ["BLI-SC"]


@pytest.mark.parametrize(
    "dosage",
    [
        {},
        {"route": {"coding": [{"system": SNOMED, "code": "47625008", "display": "Intravenous route"}]}},
        {"route": {"text": "IV"}},
        {"route": "subcutaneous"},
        {"route": {"coding": "subcutaneous"}},
        {"text": 28},
        {"text": "28 µg/day as a continuous intravenous infusion"},
        {"text": "Intravenous, not subcutaneous"},
        {"text": "Nicht subkutan, nur intravenös"},
        {"text": "15 µg por m² de SC al día"},
    ],
)
def test_blinatumomab_into_the_vein_or_of_no_told_route_is_as_before(cards, first_relapse, dosage):
    assert cards(first_relapse, with_dosage(first_relapse, **dosage))["allbli01order"]["summary"] == MATCHED


def test_a_dosage_of_another_shape_tells_no_route(cards, first_relapse):
    order = drug_order(first_relapse, BLINATUMOMAB, dosageInstruction="subcutaneous")
    assert cards(first_relapse, order)["allbli01order"]["summary"] == MATCHED


def test_under_the_skin_in_spanish(service, first_relapse):
    question = Question(as_of=DAY, known_by=DAY, regulators=("EMA", "FDA"))
    consultation = service.consult_bundle(json.dumps(bundle_of(first_relapse)).encode(), question)
    found = read_orders(json.dumps(bundle(with_dosage(first_relapse, text="vía subcutánea"))).encode(), service.rules.vocabulary)
    judged = service.judge(consultation, service.ordered(found, first_relapse.patient["id"])[0])
    told = service.cards_in("es").write_orders(consultation, judged).to_wire()["cards"]
    card = next(card for card in told if card["source"]["topic"]["code"] == "allbli01order")
    says = "las fichas técnicas archivadas son de uso intravenoso; el uso subcutáneo está en investigación"
    assert card["summary"] == f"Prescripción de blinatumomab: {says}"
    assert "no se encontró ninguna aprobación" in card["detail"]


def test_without_leukaemia_the_card_says_only_that(cards):
    story = copy.deepcopy(STORIES["aml"])
    summary = cards(story, with_dosage(story, text="s.c."))["allbli01order"]["summary"]
    assert summary == "Order of blinatumomab: the data received do not show acute lymphoblastic leukaemia"


def test_two_orders_of_which_one_is_under_the_skin(cards, first_relapse):
    orders = [drug_order(first_relapse, BLINATUMOMAB, id="one"), {**with_dosage(first_relapse, text="s.c."), "id": "two"}]
    for told in (orders, orders[::-1]):
        assert cards(first_relapse, *told)["allbli01order"]["summary"] == SC


def test_another_product_under_the_skin_is_compared_with_its_labels(cards, first_relapse):
    order = drug_order(first_relapse, INOTUZUMAB, dosageInstruction=[{"text": "subcutaneous"}])
    assert cards(first_relapse, order)["allino01order"]["summary"].endswith("the record matches the criteria of EMA")


# ---------------------------------------------------------------- inotuzumab and veno-occlusive disease (2.2, EU)


def test_a_past_vod_is_a_warning_that_names_it_with_its_date(cards, first_relapse):
    told = cards(with_past_vod(first_relapse, on="2026-08-03"), drug_order(first_relapse, INOTUZUMAB))
    warning = told["allino01orderwarning"]
    assert warning["indicator"] == "warning"
    assert warning["summary"] == "Order of inotuzumab ozogamicin: contraindication recorded: History of VOD"
    assert "History of VOD: recorded condition (2026-08-03)" in warning["detail"]
    # V28: on label by its criteria all the same; the label does not ask for it among them.
    assert told["allino01order"]["summary"] == "Order of inotuzumab ozogamicin: the record matches the criteria of EMA"


def test_a_vod_that_was_refuted_is_no_caution(cards, first_relapse):
    told = cards(with_past_vod(first_relapse, "refuted", on="2026-11-16"), drug_order(first_relapse, INOTUZUMAB))
    assert set(told) == {"allino01order"}
    assert "Prior confirmed severe or ongoing VOD/SOS" not in told["allino01order"]["detail"]


def test_a_vod_of_which_nothing_is_known_is_to_be_excluded_and_no_warning(cards, first_relapse):
    told = cards(first_relapse, drug_order(first_relapse, INOTUZUMAB))
    assert set(told) == {"allino01order"}
    assert "Contraindication, to be excluded (History of VOD not found in the data received)" in told["allino01order"]["detail"]


def test_before_the_us_label_a_past_vod_warns_and_contraindicates_nothing(cards, first_relapse):
    told = cards(with_past_vod(first_relapse), drug_order(first_relapse, INOTUZUMAB), regulators=("FDA",))
    warning = told["allino01orderwarning"]
    assert warning["summary"] == "Order of inotuzumab ozogamicin: recorded in this patient: History of VOD"
    assert "Contraindication" not in warning["detail"]


# ---------------------------------------------------------------- what was read and decides no caution (2.1, 2.2)


def told_apart(cards, story, ask):
    """The cards of the chart of a story and those of an order of inotuzumab, by their topic."""
    chart = {card["source"]["topic"]["code"]: card for card in ask(story)}
    return chart["allino01"], cards(story, drug_order(story, INOTUZUMAB))["allino01order"]


@pytest.fixture
def ask(service):
    """The cards that a chart of a story gets."""

    def give(story):
        question = Question(as_of=DAY, known_by=DAY, regulators=("EMA",))
        return service.cards.write(service.consult_bundle(json.dumps(bundle_of(story)).encode(), question)).to_wire()["cards"]

    return give


def test_a_hepatitis_without_a_word_of_its_activity_is_named_and_never_not_found(cards, first_relapse, ask):
    first_relapse.diagnosed("2026-08-03", Code(SYSTEMS["icd-10-cm"], "B18.2", "Chronic viral hepatitis C"), label="liver")
    for card in told_apart(cards, first_relapse, ask):
        assert "Contraindication, to be confirmed or excluded (Severe liver disease: liver disease, not told" in card["detail"]
        assert "Severe liver disease not found" not in card["detail"]
        named = [row for row in card["extension"]["all-cds.trace"]["evidence"] if row["fact"] == "severe_liver_disease"]
        assert [row["date"] for row in named] == ["2026-08-03"]


def test_an_acute_hepatitis_is_the_contraindication_of_the_eu(cards, first_relapse):
    first_relapse.diagnosed(
        "2026-08-03",
        Code(SYSTEMS["icd-10-cm"], "B16.9", "Acute hepatitis B without delta-agent and without hepatic coma"),
        label="liver",
    )
    warning = cards(first_relapse, drug_order(first_relapse, INOTUZUMAB))["allino01orderwarning"]
    assert warning["summary"] == "Order of inotuzumab ozogamicin: contraindication recorded: Severe liver disease"


def test_beside_what_was_read_stands_what_was_not_found(cards, first_relapse):
    first_relapse.diagnosed("2026-08-03", text="ICANS", verification="provisional", label="nerves")
    detail = cards(first_relapse, drug_order(first_relapse, BLINATUMOMAB))["allbli01order"]["detail"]
    assert (
        "unconfirmed (2026-08-03); Epilepsy or neurological disease and History of seizures not found in the data received)"
        in detail
    )


PREGNANCY_TEST = Code(LOINC, "2106-3", "Choriogonadotropin (pregnancy test) [Presence] in Urine")


@pytest.mark.parametrize(("answer", "shown"), [("10828004", True), ("260385009", False)])
def test_a_positive_pregnancy_test_alone_is_shown_as_to_be_confirmed(cards, first_relapse, ask, answer, shown):
    first_relapse.patient["gender"] = "female"
    first_relapse.observed("hcg", PREGNANCY_TEST, "2026-11-20", coded(Code(SNOMED, answer)))
    for card in told_apart(cards, first_relapse, ask):
        said = "Caution, to be confirmed or excluded (Pregnant: pregnancy test positive (2026-11-20)): Pregnancy: toxic"
        assert (said in card["detail"]) is shown


@pytest.mark.parametrize(("sex", "shown"), [("male", False), ("female", True)])
def test_breast_feeding_is_to_be_excluded_in_women_alone(cards, first_relapse, sex, shown):
    """2.1: a contraindication of the EU."""
    first_relapse.patient["gender"] = sex
    detail = cards(first_relapse, drug_order(first_relapse, BLINATUMOMAB))["allbli01order"]["detail"]
    said = (
        "Contraindication, to be excluded (Breast-feeding not found in the data received): Breast-feeding is a contraindication"
    )
    assert (said in detail) is shown
    assert ("Breast-feeding" in detail) is shown


# ---------------------------------------------------------------- CD19 after CAR-T


def after_cells(cd19):
    story = after_car_t("after-cells")
    story.performed("car-t", "2024-02-05", PCS_BREXUCABTAGENE_INFUSION)
    story.marker("cd19", "2026-09-28", percent(cd19))
    story.marker("cd22", "2026-09-28", percent(88), CD22_BLASTS_MARROW)
    return story


def test_blinatumomab_after_car_t_with_cd19_lost(cards):
    """V32: not on label by CD19; inotuzumab is."""
    story = after_cells(0)
    told = cards(story, drug_order(story, BLINATUMOMAB))
    warning, label = told["allbli01orderwarning"], told["allbli01order"]
    assert warning["summary"] == "Order of blinatumomab: CD19 recorded as negative"
    assert "CD19: CD19 0 % of blasts (2026-09-28)" in warning["detail"]
    assert "(2024-02-05)" in warning["detail"]
    assert label["summary"] == "Order of blinatumomab: the record does not match the criteria of EMA"
    assert "not met: CD19-positive (CD19 0 % of blasts (2026-09-28))" in label["detail"]
    assert "- inotuzumab ozogamicin (EMA)" in label["detail"]


def test_blinatumomab_after_car_t_with_cd19_kept(cards):
    """V34: on label; the earlier cells stay a caution."""
    story = after_cells(90)
    told = cards(story, drug_order(story, BLINATUMOMAB))
    assert told["allbli01orderwarning"]["summary"] == "Order of blinatumomab: recorded in this patient: Prior CD19 CAR-T"
    assert "is recorded as negative" not in told["allbli01orderwarning"]["detail"]
    assert told["allbli01order"]["summary"] == "Order of blinatumomab: the record matches the criteria of EMA"


@pytest.mark.parametrize(("cd19", "warned"), [(0, True), (90, False)])
def test_car_t_cells_again_after_cd19_was_lost(cards, cd19, warned):
    """2.4: not recommended for CD19-negative disease after CD19-directed treatment (EU, not verified)."""
    story = after_cells(cd19)
    told = cards(story, service_order(story, CAR_T_REFERRAL))
    detail = told["allbrx01orderwarning"]["detail"]
    assert ("Not recommended for CD19-negative disease after CD19-directed treatment. (check the label)" in detail) is warned
    standing = "does not match" if warned else "matches"
    assert told["allbrx01order"]["summary"] == f"Order of brexucabtagene autoleucel: the record {standing} the criteria of EMA"


# ---------------------------------------------------------------- what is missing


def test_a_missing_cd22_leaves_inotuzumab_undecided_and_its_test_is_offered(cards):
    """V29: undetermined by CD22."""
    story = STORIES["adult-first-relapse-cd22-unknown"]
    card = cards(story, drug_order(story, INOTUZUMAB))["allino01order"]
    assert card["summary"] == "Order of inotuzumab ozogamicin: undecided for EMA, missing: CD22"
    assert "not decided: CD22-positive (CD22: not found in the data received)" in card["detail"]
    (suggestion,) = card["suggestions"]
    resource = suggestion["actions"][0]["resource"]
    assert (resource["resourceType"], resource["status"], resource["intent"]) == ("ServiceRequest", "draft", "proposal")
    assert card["selectionBehavior"] == "any"


def test_a_contradicted_cd19_decides_nothing(cards):
    story = STORIES["adult-cd19-positive-and-negative-on-one-day"]
    told = cards(story, drug_order(story, BLINATUMOMAB))
    assert told["allbli01order"]["summary"] == "Order of blinatumomab: undecided for EMA, missing: CD19"
    assert "CD19: contradictory in the data received" in told["allbli01order"]["detail"]


def test_an_unknown_disease_is_not_a_no(cards, first_relapse):
    first_relapse.resources = [first_relapse.patient]
    (card,) = cards(first_relapse, drug_order(first_relapse, BLINATUMOMAB)).values()
    assert card["summary"] == "Order of blinatumomab: the data received do not show acute lymphoblastic leukaemia"
    assert "not found in the data received" in card["detail"]
    assert "not met" not in card["detail"]


def test_a_contraindication_is_told_whatever_the_disease(cards):
    story = with_past_vod(STORIES["aml"])
    told = cards(story, drug_order(story, INOTUZUMAB))
    assert told["allino01orderwarning"]["summary"] == (
        "Order of inotuzumab ozogamicin: contraindication recorded: History of VOD"
    )
    assert "do not show" in told["allino01order"]["summary"]


def test_a_lineage_outside_the_labels_does_not_meet_them(cards):
    """V59: T-ALL, no product."""
    story = STORIES["t-all-second-relapse"]
    (card,) = [card for topic, card in cards(story, drug_order(story, BLINATUMOMAB)).items() if topic == "allbli01order"]
    assert card["summary"] == "Order of blinatumomab: the record does not match the criteria of EMA"
    assert "not met: B-cell precursor ALL" in card["detail"]


# ---------------------------------------------------------------- dates (E-BRX-1: decided 2 September 2022, announced on the 8th)


@pytest.mark.parametrize(
    ("as_of", "summary"),
    [
        (date(2022, 9, 1), "Order of brexucabtagene autoleucel: not approved by EMA on 2022-09-01"),
        (date(2022, 9, 2), "Order of brexucabtagene autoleucel: undecided for EMA"),
        (date(2022, 9, 7), "Order of brexucabtagene autoleucel: undecided for EMA"),
        (date(2022, 9, 8), "Order of brexucabtagene autoleucel: the record matches the criteria of EMA"),
    ],
)
def test_a_label_is_read_as_it_stood_on_the_day(cards, as_of, summary):
    story = STORIES["adult-first-relapse-in-2022"]
    card = cards(story, service_order(story, CAR_T_REFERRAL), as_of=as_of)["allbrx01order"]
    assert card["summary"] == summary
    if "undecided" in summary:
        assert "the day from which it holds is uncertain" in card["detail"]
        assert "suggestions" not in card


def test_a_regulator_that_never_listed_a_product_is_told(cards, first_relapse):
    (card,) = [
        card
        for topic, card in cards(first_relapse, drug_order(first_relapse, BLINATUMOMAB), regulators=("AEMPS",)).items()
        if topic == "allbli01order"
    ]
    assert card["summary"] == "Order of blinatumomab: no indication of AEMPS is on file"


# ---------------------------------------------------------------- several orders


def test_warnings_of_all_orders_stand_before_what_the_labels_say(cards, first_relapse):
    story = with_past_vod(first_relapse)
    told = cards(story, drug_order(story, BLINATUMOMAB), drug_order(story, INOTUZUMAB))
    # What is contraindicated comes first of its kind.
    assert list(told) == ["allino01orderwarning", "allbli01orderwarning", "allino01order", "allbli01order"]
    assert "- inotuzumab ozogamicin (EMA); contraindication recorded" in told["allbli01order"]["detail"]
