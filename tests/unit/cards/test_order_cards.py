"""What the cards of orders may never change: their topics, their indicators, the words that name what is unknown."""

import re

import pytest

from cds_hooks import Indicator
from service.cards.compose import CardWriter
from service.decisions.orders import GRAVITY, Held, Ordered, OrderVerdict
from service.logic.truth import Truth

# Clients keep what users said of a topic for ever: a code is never changed.
FROZEN_TOPICS = {
    "blinatumomab": ("allbli01order", "allbli01orderwarning"),
    "brexucabtagene-autoleucel": ("allbrx01order", "allbrx01orderwarning"),
    "inotuzumab-ozogamicin": ("allino01order", "allino01orderwarning"),
    "obecabtagene-autoleucel": ("allobe01order", "allobe01orderwarning"),
    "tisagenlecleucel": ("alltis01order", "alltis01orderwarning"),
    "varnimcabtagene-autoleucel": ("allari01order", "allari01orderwarning"),
}


def test_ch_c_09_topics_of_orders_are_frozen_alphanumeric_and_apart_from_those_of_products(rules, wording):
    found = {
        name: (wording.order.topic.format(topic=row.topic), wording.order.topic_warning.format(topic=row.topic))
        for name, row in rules.library.therapies.items()
    }
    # A new product adds its own; those that clients may have set up already never change.
    assert {name: found.get(name) for name in FROZEN_TOPICS} == FROZEN_TOPICS
    codes = [code for pair in found.values() for code in pair]
    assert all(re.fullmatch(r"[A-Za-z0-9]{1,100}", code) for code in codes)
    assert not set(codes) & {row.topic for row in rules.library.therapies.values()}


@pytest.fixture
def say(library, wording, consultation, make):
    """The cards of an order of the invented product, in one standing."""

    def give(standing="on-label", cautions=(), needs=(), *, target_lost=False, references=("MedicationRequest/1",), **options):
        row = make.therapy()
        held = tuple(Held(found, ("hypersensitivity",)) for found in cautions)
        order = OrderVerdict(
            Ordered(row, references),
            make.verdicts(row, standing, cautions),
            held,
            target_lost,
            needs,
            options.pop("others", ()),
            (),
        )
        asked = options.pop("of", consultation)
        return CardWriter.of(library, wording, 10).write_orders(asked, [order], **options).cards

    return give


def holding(make, level, mark="V"):
    return make.caution(level, level, truth=Truth.YES, mark=mark)


@pytest.mark.parametrize("level", GRAVITY)
@pytest.mark.parametrize("standing", ["on-label", "undetermined", "not-on-label", "not-approved"])
def test_ch_c_06_no_order_is_ever_critical(say, make, level, standing):
    cards = say(standing, (holding(make, level),), target_lost=True)
    assert [card.indicator for card in cards] == [Indicator.WARNING, Indicator.INFO]


@pytest.mark.parametrize(("level", "warns"), [(level, level != "information") for level in GRAVITY])
def test_a_caution_that_holds_is_a_warning_and_a_note_is_none(say, make, level, warns):
    cards = say(cautions=(holding(make, level),))
    assert ([card.indicator for card in cards] == [Indicator.WARNING, Indicator.INFO]) is warns
    assert any(f"caution {level}" in (card.detail or "") for card in cards)


@pytest.mark.parametrize(("mark", "forbids"), [("V", True), ("M", False)])
def test_an_unverified_contraindication_is_marked_and_not_called_one_in_the_summary(say, make, mark, forbids):
    warning = say(cautions=(holding(make, "contraindication", mark),))[0]
    assert ("contraindication recorded" in warning.summary) is forbids
    assert ("(check the label)" in (warning.detail or "")) is not forbids


@pytest.mark.parametrize(
    ("standing", "summary"),
    [
        ("on-label", "Order of examplomab: the record matches the criteria of EMA"),
        ("undetermined", "Order of examplomab: undecided for EMA"),
        ("not-on-label", "Order of examplomab: the record does not match the criteria of EMA"),
        ("not-approved", "Order of examplomab: not approved by EMA on 2031-05-06"),
    ],
)
def test_the_summary_says_how_the_label_stands(say, standing, summary):
    (card,) = say(standing)
    assert card.summary == summary
    assert card.selection_behavior is None
    # The consultation asked for AEMPS too, which has no row for the product.
    assert "No indication of AEMPS is on file" in (card.detail or "")


def test_tests_that_are_missing_are_offered_as_drafts_with_their_behaviour(say, make):
    (card,) = say("undetermined", needs=(make.need("cd22", "CD22 on blasts"), make.need("mrd", "MRD", order=False)))
    assert card.summary == "Order of examplomab: undecided for EMA, missing: CD22, mrd"
    assert [suggestion.label for suggestion in card.suggestions] == ["Order: CD22 on blasts"]
    assert card.selection_behavior == "any"
    assert card.suggestions[0].uuid


def test_what_was_not_received_is_told(say):
    (card,) = say(unavailable=frozenset({"Specimen", "ServiceRequest"}))
    assert "**Not received, or not in full**: requests of services and specimens." in (card.detail or "")


def test_without_orders_that_have_a_name_no_extension_names_them(say):
    (card,) = say(references=())
    assert "all-cds.associatedOrders" not in card.extension


def test_another_product_that_is_contraindicated_is_marked(say, make):
    row = make.therapy("otheramab")
    free = say(others=make.verdicts(row))[0].detail or ""
    barred = say(others=make.verdicts(row, cautions=(holding(make, "contraindication"),)))[0].detail or ""
    assert "- otheramab (EMA)\n" in f"{free}\n"
    assert "- otheramab (EMA); contraindication recorded" in barred


def test_an_order_for_a_deceased_patient_gets_no_card(say, make, consultation):
    assert say("on-label", (holding(make, "contraindication"),), of=make.replace(consultation, deceased=True)) == ()


def test_a_record_without_all_is_told_and_only_what_forbids_the_product_warns(say, make, consultation):
    other = make.replace(consultation, facts={**consultation.facts, "disease": make.known("not-all")})
    (card,) = say("not-on-label", (holding(make, "caution"),), target_lost=True, of=other)
    assert card.summary == "Order of examplomab: the data received do not show acute lymphoblastic leukaemia"
    assert "another disease" in (card.detail or "")
    warning, _ = say("not-on-label", (holding(make, "contraindication"),), of=other)
    assert warning.indicator is Indicator.WARNING
