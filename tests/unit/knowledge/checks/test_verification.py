"""Units and codes are known, what is marked as verified says where, and what was read long ago is listed."""

from datetime import date

import pytest

from service.knowledge.checks import code_shape, stale
from tests.unit.knowledge.checks.broken_lines import TABLE, THERAPY, VERSION, one_fault

# unit, order code, verification


def test_the_unit_of_a_limit_has_to_be_known(shelf):
    shelf.change("limits/blasts.yaml", 'value: 5, unit: "%"', "value: 5, unit: furlong")
    assert [(where, text) for where, text, _ in shelf.faults()] == [
        ("limits/blasts.yaml blasts_from / 1", "the unit 'furlong' is not known")
    ]


@pytest.mark.parametrize(
    ("file", "old", "new", "fault"),
    [
        pytest.param(
            "asks.yaml",
            'code: "1-8"',
            'code: "2-6"',
            ("asks.yaml cd19 / order", "no value set holds the code 2-6 of loinc as verified"),
            id="unverified code",
        ),
        pytest.param(
            "asks.yaml",
            'code: "1-8"',
            'code: "9-9"',
            ("asks.yaml cd19 / order", "no value set holds the code 9-9 of loinc as verified"),
            id="code of no value set",
        ),
        pytest.param(
            THERAPY,
            "{system: loinc, code",
            "{system: lionc, code",
            (f"{THERAPY} examplomab / suggestion / codes / lionc", "the code system 'lionc' is not on file"),
            id="unknown system of an order",
        ),
        pytest.param(
            "value_sets/examplomab.yaml",
            '{system: loinc, code: "2-6"',
            '{system: lionc, code: "2-6"',
            ("value_sets/examplomab.yaml examplomab / codes / lionc", "the code system 'lionc' is not on file"),
            id="unknown system of a value set",
        ),
    ],
)
def test_only_verified_codes_of_known_systems_are_sent_out(shelf, file, old, new, fault):
    assert one_fault(shelf, file, old, new)[:2] == fault


@pytest.mark.parametrize(
    ("file", "old", "new", "fault"),
    [
        (
            THERAPY,
            "verification: V, sources: [label]}",
            "verification: V}",
            (f"{THERAPY} examplomab / cautions / infection", "is marked V and cites no source"),
        ),
        (
            "asks.yaml",
            "verification: V\n    sources: [label]",
            "verification: V2",
            ("asks.yaml cd19", "is marked V2 and cites no source"),
        ),
        (
            "evidence/examplomab.yaml",
            "citation: Example 2031",
            'citation: ""',
            ("evidence/examplomab.yaml examplomab / studies / EXA-1", "is marked V and has no citation"),
        ),
        (
            "evidence/examplomab.yaml",
            'published: "41 %", verification: V',
            'published: "41 %", verification: M',
            (
                "evidence/examplomab.yaml examplomab / studies / EXA-1",
                "has a line for the card, and no figure of it was read in a publication",
            ),
        ),
        (
            "value_sets/examplomab.yaml",
            "verified: true, source: label",
            'verified: true, source: ""',
            ("value_sets/examplomab.yaml examplomab / codes / loinc", "is marked as verified and names no source"),
        ),
    ],
)
def test_what_is_marked_as_verified_says_where(shelf, file, old, new, fault):
    assert one_fault(shelf, file, old, new)[:2] == fault


def test_a_verified_figure_has_a_published_number(shelf):
    shelf.change("evidence/examplomab.yaml", ', published: "41 %"', "")
    where = "evidence/examplomab.yaml examplomab / studies / EXA-1"
    assert (
        f"{where} / figures / 1",
        "is marked V and has no published figure",
        "write it as read, or mark it M",
    ) in shelf.faults()


def test_an_unverified_caution_needs_no_source(shelf):
    shelf.change(THERAPY, "verification: V, sources: [label]}", "verification: M}")
    assert shelf.faults() == []


# the two checks that are called from above


def test_the_shape_of_codes_is_judged_by_the_function_that_is_passed(shelf):
    asked = []

    def code_fault(system, code):
        asked.append((system, code))
        return "wrong check digit" if code == "2-6" else None

    assert [(fault.where, fault.text) for fault in code_shape.check(shelf.load(), code_fault)] == [
        ("value_sets/examplomab.yaml examplomab / codes / loinc", "2-6 of loinc: wrong check digit")
    ]
    # one of the therapy, two of the value set, one of the ask, which writes the address of the system
    assert sorted(asked) == [("loinc", "1-8"), ("loinc", "1-8"), ("loinc", "1-8"), ("loinc", "2-6")]


@pytest.mark.parametrize(
    ("as_of", "stale_rows"),
    [
        # read on 2031-04-20, and 100 days later is 2031-07-29
        (date(2031, 7, 29), []),
        (date(2031, 7, 30), [VERSION, TABLE, "sources/labels.yaml label"]),
    ],
)
def test_rows_read_long_ago_are_listed(shelf, as_of, stale_rows):
    found = [fault.where for fault in stale.check(shelf.load(), as_of, 100)]
    assert sorted(found) == sorted(stale_rows)
