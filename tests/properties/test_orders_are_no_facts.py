"""No order that is being written, signed or handed on ever changes a fact, whatever it holds (CH-H-09)."""

import json
from dataclasses import dataclass, field, replace
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.assembly import build_service
from service.cards.compose import CardWriter
from service.settings import Settings
from service.web.app import create_app
from tests.stories.catalogue import all_stories
from tests.stories.codes import IMATINIB, MERCAPTOPURINE, VINCRISTINE
from tests.stories.hook_requests import patient_view
from tests.stories.order_requests import (
    BLINATUMOMAB,
    CAR_T_REFERRAL,
    INOTUZUMAB,
    PARACETAMOL,
    drug_order,
    order_dispatch,
    order_sign,
    service_order,
)

STORIES = all_stories()
NAMES = ("adult-first-relapse", "child-second-relapse", "adult-cd19-lost-after-car-t", "newly-diagnosed-adult-in-induction")
IDS = ("new", "order-1", "administration-1", "medication-1")  # some are ids of resources of the record
STATUSES = ("draft", "active", "completed", "on-hold", "stopped", "cancelled", "entered-in-error", "unknown")
DRUGS = (BLINATUMOMAB, INOTUZUMAB, PARACETAMOL, IMATINIB, MERCAPTOPURINE, VINCRISTINE)


@dataclass
class Listening:
    """Stands for the writer of cards and remembers the facts that it was given."""

    writer: CardWriter
    facts: list[Any] = field(default_factory=list)

    @property
    def wording(self):
        return self.writer.wording

    def write(self, consultation, *rest, **options):
        self.facts.append(consultation.facts)
        return self.writer.write(consultation, *rest, **options)

    def write_orders(self, consultation, *rest, **options):
        self.facts.append(consultation.facts)
        return self.writer.write_orders(consultation, *rest, **options)


@pytest.fixture(scope="module")
def facts_of():
    """The facts on which the answer to a call rests; None where it rests on none."""
    service = build_service(Settings())
    listening = Listening(service.cards)
    client = create_app(replace(service, cards=cast("CardWriter", listening))).test_client()
    places = {"patient-view": "", "order-sign": "-order", "order-dispatch": "-dispatch"}

    def give(call):
        listening.facts.clear()
        address = f"/cds-services/all-immunotherapy{places[call['hook']]}"
        assert client.post(address, data=json.dumps(call), content_type="application/json").status_code == 200
        return listening.facts[0] if listening.facts else None

    return give


@pytest.fixture(scope="module")
def without_orders(facts_of):
    return {name: facts_of(patient_view(STORIES[name])) for name in NAMES}


@st.composite
def orders(draw, story):
    members = {"id": draw(st.sampled_from(IDS)), "status": draw(st.sampled_from(STATUSES))}
    if draw(st.booleans()):
        return service_order(story, CAR_T_REFERRAL, **members, intent="order")
    return drug_order(story, draw(st.sampled_from(DRUGS)), **members, authoredOn="2026-11-01")


@settings(max_examples=40)
@given(data=st.data())
def test_no_order_changes_a_fact(facts_of, without_orders, data):
    name = data.draw(st.sampled_from(NAMES))
    story = STORIES[name]
    certain = drug_order(story, BLINATUMOMAB, id="certain")  # so that the record is looked at
    drawn = data.draw(st.lists(orders(story), max_size=4))
    assert facts_of(order_sign(story, certain, *drawn)) == without_orders[name]


@pytest.mark.parametrize("name", NAMES)
def test_no_service_that_is_handed_on_changes_a_fact(facts_of, without_orders, name):
    referral = service_order(STORIES[name], CAR_T_REFERRAL, status="active", intent="order")
    assert facts_of(order_dispatch(STORIES[name], referral)) == without_orders[name]


def test_ch_h_09_a_drug_that_stands_in_an_order_only_was_never_given(facts_of):
    story = STORIES["adult-first-relapse"]
    for status in STATUSES[:3]:
        found = facts_of(order_sign(story, drug_order(story, BLINATUMOMAB, status=status)))["prior_blinatumomab"]
        assert not found.is_known
        assert found.evidence == ()
