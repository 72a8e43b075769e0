"""Holes and overlaps are found wherever they are: the answer is compared with asking about every patient of a grid."""

from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.knowledge.risk_cells import AnyValue, NumberRange, Words, parse_cell
from service.knowledge.risk_domain import domain_of
from service.knowledge.risk_geometry import axis, hole, overlaps, span_text
from service.knowledge.schema import AllTest, AnyTest, Definition, FactTest, UseTest, Verification
from service.logic.dates import Span
from service.logic.interval import Interval
from service.logic.truth import Truth


def table(*rows):
    """The rows of a table written as cells by input."""
    return {str(number): {name: parse_cell(text) for name, text in row.items()} for number, row in enumerate(rows, start=1)}


def axes_of(rows, domain=None):
    names = sorted({name for cells in rows.values() for name in cells})
    return [axis(name, [c[name] for c in rows.values() if name in c], (domain or {}).get(name, ())) for name in names]


@pytest.mark.parametrize(
    ("rows", "gap"),
    [
        ([{"a": "any"}], None),
        ([{"a": "< 5"}, {"a": ">= 5"}], None),
        ([{"a": "< 5"}, {"a": "> 5"}], "a = 5"),
        ([{"a": "< 5"}], "a = 5"),
        ([{"a": "<= 5"}, {"a": "[6, 9]"}, {"a": "> 9"}], "a in (5, 6)"),
        ([{"a": "<= 5"}, {"a": "(5, 9]"}], "a > 9"),
        ([{"a": "yes"}], "a = no"),
        ([{"a": "yes"}, {"a": "no"}], None),
        ([{"a": "CNS1 | CNS2"}, {"a": "CNS3"}], None),
        ([{"a": "not CNS3"}], "a = CNS3"),
        ([{"a": "CNS1"}, {"a": "not CNS1"}], None),
        ([{"a": "CNS1"}, {"a": "CNS3"}, {"a": "not CNS1 | CNS2 | CNS3"}], "a = CNS2"),
        ([{"a": "yes"}, {"a": "no", "b": "< 1"}], "a = no, b = 1"),
        ([{"a": "< 1 mo"}, {"a": "[1 mo, 18 a)"}], "a = 18 a"),
    ],
)
def test_a_hole_is_told_by_one_patient_in_it(rows, gap):
    written = table(*rows)
    assert hole(written, axes_of(written), {}) == gap


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ([{"a": "< 5"}, {"a": ">= 5"}], []),
        ([{"a": "<= 5"}, {"a": ">= 5"}], [("1", "2", "a = 5")]),
        ([{"a": "any"}, {"a": "any"}], [("1", "2", "any patient")]),
        ([{"a": "yes", "b": "< 5"}, {"a": "no", "b": "any"}], []),
        ([{"a": "yes"}, {"b": "< 5"}], [("1", "2", "a = yes, b < 5")]),
        ([{"a": "not x"}, {"a": "not y"}], [("1", "2", "a = another word")]),
    ],
)
def test_an_overlap_is_told_by_both_rows_and_one_patient(rows, found):
    written = table(*rows)
    assert overlaps(written, axes_of(written)) == found


def test_a_table_without_rows_leaves_everybody_out():
    assert hole({}, [], {}) == "any patient"


NUMBERS = ["any", "< 1", "<= 1", "[1, 2)", "(1, 2]", "[1, 2]", "> 2", ">= 2", "2"]
WORDS = ["any", "yes", "no"]
GRID = [*product([Decimal(n) / 2 for n in range(7)], [True, False])]  # 0, 0.5, ... 3: each bound and each piece between


def answers(cells, patient):
    number, word = patient
    by_number = cells["n"] == AnyValue() or (
        isinstance(cells["n"], NumberRange) and cells["n"].holds(Interval.point(number)) is Truth.YES
    )
    return by_number and (cells["w"] == AnyValue() or (isinstance(cells["w"], Words) and cells["w"].holds(word) is Truth.YES))


@given(st.lists(st.fixed_dictionaries({"n": st.sampled_from(NUMBERS), "w": st.sampled_from(WORDS)}), min_size=1, max_size=6))
def test_geometry_and_asking_everybody_agree(rows):
    written = table(*rows)
    lines = axes_of(written)
    counts = [sum(answers(cells, patient) for cells in written.values()) for patient in GRID]
    assert (hole(written, lines, {}) is None) is all(counts)
    assert (overlaps(written, lines) == []) is (max(counts) <= 1)


def test_who_the_table_is_not_for_is_no_hole():
    written = table({"a": ">= 1", "b": "yes"})
    domain = {"a": [parse_cell(">= 1")], "b": [parse_cell("yes")]}
    assert hole(written, axes_of(written, domain), domain) is None
    assert hole(written, axes_of(written), {"a": domain["a"]}) == "a = 1, b = no"


YOUNG = Definition(
    id="young", says="Young", test=FactTest(fact="age", below="26 a"), verification=Verification.VERIFIED, sources=("label",)
)


@pytest.mark.parametrize(
    ("applies", "domain"),
    [
        (None, {}),
        (FactTest(fact="age", at_least="1 a"), {"age": [parse_cell(">= 1 a")]}),
        (UseTest(use="young"), {"age": [parse_cell("< 26 a")]}),
        (UseTest(use="unknown"), {}),
        (AllTest(all=(UseTest(use="young"), UseTest(use="young"))), {"age": [parse_cell("< 26 a")]}),
        (AnyTest(any=(FactTest(fact="age", below="26 a"),)), {}),
        (FactTest(fact="other", below=Decimal(5)), {}),
        (FactTest(fact="wbc", below=Decimal(5)), {"wbc": [parse_cell("< 5")]}),
        (FactTest(fact="wbc", at_most=Decimal(5)), {"wbc": [parse_cell("<= 5")]}),
        (FactTest(fact="wbc", above=Decimal(5)), {"wbc": [parse_cell("> 5")]}),
        (FactTest(fact="wbc", at_least=Decimal(0)), {"wbc": [parse_cell(">= 0")]}),
        (FactTest.model_validate({"fact": "ph", "is": True}), {"ph": [parse_cell("yes")]}),
        (FactTest.model_validate({"fact": "ph", "in": ["x", "y"]}), {"ph": [parse_cell("x | y")]}),
        (FactTest.model_validate({"fact": "ph", "is": 1}), {}),
        (FactTest(fact="ph", has="x"), {}),
        (FactTest(fact="age", above="25 a"), {}),
        (FactTest(fact="age", below="some time"), {}),
    ],
)
def test_the_domain_is_what_applies_demands_of_every_patient(applies, domain):
    assert domain_of(applies, ("age", "wbc", "ph"), {"young": YOUNG}) == domain


@pytest.mark.parametrize(
    ("span", "text"), [(Span(12, 0), "1 a"), (Span(300, 1), "25 a 1 d"), (Span(7, 0), "7 mo"), (Span(0, 0), "0 d")]
)
def test_a_span_is_written_as_in_a_cell(span, text):
    assert span_text(span) == text
