"""Which product an order is about, and what is said of it. Products and trials are invented, the names of concepts are not."""

from datetime import date

import pytest

from service.decisions.choices import Closing
from service.decisions.orders import Held, Ordered, is_contraindicated, judge_order, ordered_products, product_of
from service.decisions.predicate import Looks
from service.decisions.trials import judge_trials
from service.knowledge.registry import NOTHING_SEEN
from service.logic.fact import known, unknown
from service.record.orders import Order
from tests.judged import judge_therapies

DAY = date(2031, 5, 6)
BLINATUMOMAB, TISAGENLECLEUCEL = "blinatumomab", "tisagenlecleucel"


def order(*concepts, words=(), drug=True, text="", reference="MedicationRequest/a"):
    """An order by code, or by the names in its words."""
    return Order(reference, drug, frozenset(words or concepts), bool(words), tuple(words), text)


def product(one, rules):
    found = product_of(one, rules.library)
    return found.product if found is not None else None


# ---------------------------------------------------------------- which product


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        pytest.param(order(BLINATUMOMAB), BLINATUMOMAB, id="a code"),
        pytest.param(order(BLINATUMOMAB, drug=False), BLINATUMOMAB, id="a code of a service"),
        pytest.param(
            order(TISAGENLECLEUCEL, "car-t-infusion", drug=False), TISAGENLECLEUCEL, id="a code of product and infusion"
        ),
        pytest.param(order(words=[BLINATUMOMAB]), BLINATUMOMAB, id="a name"),
        pytest.param(order(words=["bcp-all", BLINATUMOMAB]), BLINATUMOMAB, id="a disease before the name"),
        pytest.param(order(words=[BLINATUMOMAB, "dexamethasone"]), BLINATUMOMAB, id="its premedication after it"),
        pytest.param(order(words=["dexamethasone", BLINATUMOMAB]), None, id="premedication for it"),
        pytest.param(order(words=["car-t-infusion", TISAGENLECLEUCEL], drug=False), TISAGENLECLEUCEL, id="a referral"),
        pytest.param(order(words=[BLINATUMOMAB], drug=False), None, id="a service that speaks of a drug"),
        pytest.param(order("car-t-infusion"), None, id="cells without a product"),
        pytest.param(order("paracetamol"), None, id="another drug"),
        pytest.param(order(), None, id="nothing"),
        pytest.param(order(words=[BLINATUMOMAB, "inotuzumab-ozogamicin"]), BLINATUMOMAB, id="two names: the first"),
        pytest.param(order(BLINATUMOMAB, "inotuzumab-ozogamicin"), None, id="two codes and no words"),
    ],
)
def test_a_product_is_told_by_its_code_or_by_the_drug_named_first(rules, one, expected):
    assert product(one, rules) == expected


def test_a_request_to_screen_for_a_trial_of_a_product_is_no_order_of_it(rules):
    words = ["obecabtagene-autoleucel"]
    trial = next(iter(rules.library.trials))
    assert product(order(words=words, drug=False, text="Obe-cel"), rules) == "obecabtagene-autoleucel"
    assert product(order(words=words, drug=False, text=f"Screening for Obe-cel ({trial})"), rules) is None


def test_orders_of_one_product_stand_together_in_the_order_of_our_files(rules):
    orders = [
        order(TISAGENLECLEUCEL, reference="ServiceRequest/c"),
        order(BLINATUMOMAB),
        order("paracetamol", reference="MedicationRequest/p"),
        order(BLINATUMOMAB, reference="MedicationRequest/b"),
        order(BLINATUMOMAB),
    ]
    found = ordered_products(orders, rules.library)
    assert [(one.therapy.product, one.references) for one in found] == [
        (BLINATUMOMAB, ("MedicationRequest/a", "MedicationRequest/b")),
        (TISAGENLECLEUCEL, ("ServiceRequest/c",)),
    ]
    assert ordered_products([], rules.library) == ()


def test_a_product_is_told_where_its_order_has_no_name(rules):
    (found,) = ordered_products([order(BLINATUMOMAB, reference="")], rules.library)
    assert (found.therapy.product, found.references) == (BLINATUMOMAB, ())


# ---------------------------------------------------------------- what is said

POSITIVE = {"fact": "cd19", "is": "positive"}
VOD = {"fact": "vod_history", "is": True}
NO_CAR_T = {"fact": "prior_cd19_car_t", "is": True}
CAUTIONS = (
    {"id": "note", "level": "information", "test": VOD},
    {"id": "watch", "level": "caution", "test": {"any": [VOD, {"fact": "pregnant", "is": True}]}},
    {"id": "unsure", "level": "contraindication", "test": VOD, "verification": "M"},
    {"id": "never", "level": "contraindication", "test": {"all": [VOD, POSITIVE]}},
    {"id": "all", "level": "warning"},
    {"id": "none-of", "level": "warning", "test": {"none": [{"fact": "pregnant", "is": True}]}},
)


@pytest.fixture
def judged(bound, facts, make):
    """The verdict on one ordered product before EMA, and before FDA that has no row for it."""

    def give(*trials, cautions=CAUTIONS, others=(), **given):
        therapy = make.therapy(make.criterion("C1", POSITIVE), cautions=cautions)
        therapy = therapy.model_copy(update={"recorded_as": ("prior_cd19_car_t",)})
        rules = bound(therapy, *others, *trials)
        looks = Looks({**facts, **given, **rules.whereabouts.told("", "")})
        therapies = judge_therapies(looks.facts, rules, DAY, DAY, ("EMA", "FDA"))
        verdicts = judge_trials(looks, rules, NOTHING_SEEN, DAY, DAY, 45)
        return judge_order(Ordered(therapy, ("a",)), looks, rules, (DAY, DAY), ("EMA", "FDA"), therapies, verdicts)

    return give


@pytest.mark.parametrize(
    ("cd19", "standing", "lost"),
    [(known("positive"), "on-label", False), (unknown(), "undetermined", False), (known("negative"), "not-on-label", True)],
)
def test_a_product_is_judged_and_a_target_that_is_gone_is_told(judged, cd19, standing, lost):
    found = judged(cd19=cd19)
    assert [(verdict.regulator, verdict.verdict) for verdict in found.verdicts] == [("EMA", standing)]
    assert found.target_lost is lost
    assert [need.fact for need in found.needs] == (["cd19"] if standing == "undetermined" else [])


def held(found):
    return [(one.found.caution.id, one.grounds) for one in found.cautions]


def test_cautions_that_hold_stand_with_what_makes_them_hold_the_worst_first(judged):
    found = judged(cd19=known("positive"), vod_history=known(value=True), pregnant=known(value=False))
    assert held(found) == [
        ("never", ("vod_history", "cd19")),
        ("unsure", ("vod_history",)),
        ("none-of", ("pregnant",)),
        ("watch", ("vod_history",)),
        ("note", ("vod_history",)),
    ]
    assert found.forbidden


@pytest.mark.parametrize("vod", [known(value=False), unknown()], ids=["refuted", "unknown"])
def test_a_caution_that_is_refuted_or_unknown_does_not_hold(judged, vod):
    found = judged(cd19=known("positive"), vod_history=vod)
    assert held(found) == []
    assert not found.forbidden


def test_an_unverified_contraindication_never_forbids(judged):
    unsure = judged(cautions=(CAUTIONS[2],), vod_history=known(value=True))
    assert held(unsure) == [("unsure", ("vod_history",))]
    assert not unsure.forbidden
    assert isinstance(unsure.cautions[0], Held)
    assert not is_contraindicated(unsure.cautions[0].found)


def test_what_else_is_on_label_is_told_without_the_product_itself(judged, make):
    other = make.therapy(make.criterion("C1", POSITIVE), product="otheramab")
    off = make.therapy(make.criterion("C1", {"fact": "cd19", "is": "negative"}), product="offamab")
    others = tuple(
        one.model_copy(update={"indications": (one.indications[0].model_copy(update={"id": f"E-{one.product}"}),)})
        for one in (other, off)
    )
    found = judged(others=others, cd19=known("positive"))
    assert [verdict.therapy.product for verdict in found.alternatives] == ["otheramab"]


@pytest.mark.parametrize("cd19", [known("positive"), unknown()], ids=["on label", "undetermined"])
def test_trials_that_the_order_would_close_are_told_whether_or_not_it_is_on_label(judged, make, cd19):
    row = make.trial(make.trial_criterion("X2", NO_CAR_T, kind="exclusion"))
    assert judged(row, cd19=cd19).closings == (Closing("examplomab", "NCT99990001", ("X2",)),)
