"""Lines of risk groups on the profile card: questions of overlays, what no datum would decide, allocated treatment."""

from decimal import Decimal

import pytest

from service.decisions.verdicts import Allocation
from service.knowledge.schema import RiskAllocation
from service.logic.fact import known
from service.logic.interval import Interval

PROFILE = "allleukaemiaprofile"
RULE = RiskAllocation.model_validate(
    {"says": "After induction", "outcomes": ["chemotherapy", "allo-HSCT"], "verification": "V", "sources": ["label"]}
)


@pytest.fixture
def detail(write, consultation, make):
    """The text of the profile card for one risk verdict."""

    def text(verdict):
        cards = write(make.replace(consultation, risk_groups=(verdict,)))
        return next(card["detail"] for card in cards if card["source"]["topic"]["code"] == PROFILE)

    return text


def test_a_protocol_that_is_not_encoded_is_named_with_the_question_of_its_overlay(detail, make):
    verdict = make.replace(make.risk("not-encoded", None, (), question="Imatinib?"), flags=("ABL-class",))
    line = "- NCI: the groups of this protocol are not encoded; question put to this group: Imatinib? (ABL-class fusion)"
    assert line in detail(verdict)
    assert "not encoded" not in detail(make.risk("not-encoded", None, ()))


def test_an_open_group_that_no_datum_would_decide_asks_for_none(detail, make):
    text = detail(make.risk("open", None, ("S3", "S4")))
    assert "- NCI: open (S3, S4)" in text
    assert "would be decided by" not in text


@pytest.mark.parametrize(("to", "shown"), [("allo-HSCT", True), (None, False)])
def test_an_allocated_treatment_is_told_where_it_is_decided(detail, make, to, shown):
    allocation = Allocation(RULE, to, ("chemotherapy", "allo-HSCT"), None, (), (), ())
    text = detail(make.replace(make.risk(), allocation=allocation))
    assert ("treatment that the protocol allocates: allo-HSCT" in text) is shown


@pytest.mark.parametrize(("relapses", "shown"), [(0, True), (1, False)])
def test_what_was_allocated_for_the_first_treatment_is_not_told_after_a_relapse(write, consultation, make, relapses, shown):
    verdict = make.replace(make.risk(), allocation=Allocation(RULE, "allo-HSCT", ("allo-HSCT",), None, (), (), ()))
    facts = {**consultation.facts, "relapse_count": known(Interval.point(Decimal(relapses)), ())}
    cards = write(make.replace(consultation, risk_groups=(verdict,), facts=facts))
    (text,) = [card["detail"] for card in cards if card["source"]["topic"]["code"] == PROFILE]
    assert ("treatment that the protocol allocates: allo-HSCT" in text) is shown


@pytest.mark.parametrize(("state", "group"), [("open", None), ("decided", "HR")])
def test_a_recorded_group_stands_beside_what_is_derived(detail, make, state, group):
    verdict = make.replace(make.risk(state, group, ("SR", "HR"), question="More?"), recorded="*SR")
    assert "; recorded by a clinician: \\*SR; question put to this group: More?" in detail(verdict)


def test_a_group_that_is_shown_as_recorded_is_told_once(detail, make):
    text = detail(make.replace(make.risk("reported", "HR"), recorded="HR"))
    assert "- NCI: **HR**, as recorded by a clinician\n" in f"{text}\n"
    assert "recorded by a clinician: HR" not in text


@pytest.mark.parametrize(("needed", "told"), [(6, "HLF rearranged\n"), (7, "HLF rearranged and 1 more\n")], ids=["6", "7"])
def test_of_many_data_that_would_decide_the_first_are_named_and_the_others_counted(detail, make, needed, told):
    names = ("tp53", "ikzf1_del", "ikzf1_altered", "igh_r", "kmt2a_r", "hlf_r", "znf384_r")[:needed]
    assert told in f"{detail(make.risk('open', None, ('poor', 'standard'), needs=names))}\n"
