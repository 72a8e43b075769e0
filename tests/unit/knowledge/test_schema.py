"""What the rows themselves refuse, and which marks may carry a block alone."""

import pytest

from service.knowledge.schema import Verification


@pytest.mark.parametrize(
    ("mark", "alone"),
    # therapies.md 0.1 and risk-and-relapse.md 0.1: [M], [B] and [S] never as the only reason
    [("V", True), ("V2", True), ("I", True), ("M", False), ("B", False), ("S", False)],
)
def test_unverified_matter_is_never_usable_alone(mark, alone):
    assert Verification(mark).usable_alone is alone


@pytest.mark.parametrize(("uncertain_from", "well"), [("2031-04-01", True), ("2031-04-02", False)])
def test_the_uncertain_days_come_before_the_certain_ones(shelf, uncertain_from, well):
    file = "therapies/examplomab.yaml"
    shelf.change(file, "- effective: 2031-04-02", f"- effective: 2031-04-02\n        uncertain_from: {uncertain_from}")
    said = [text for _, text, _ in shelf.faults()]
    assert said == ([] if well else ["`uncertain_from` must be earlier than `effective`"])


@pytest.mark.parametrize(
    ("until", "well"),
    [("2031-04-03", True), ("2031-04-02", False)],
)
def test_a_version_holds_for_a_day_at_least(shelf, until, well):
    shelf.change("therapies/examplomab.yaml", "until: 2033-09-01", f"until: {until}")
    assert [text for _, text, _ in shelf.faults()] == ([] if well else ["`until` must be later than `effective`"])
