"""Timeline and overlap: versions of one thing follow each other, oldest first, and leave no days out."""

import pytest

from tests.unit.knowledge.checks.broken_lines import INDICATION, THERAPY, one_fault

SECOND = """\
      - effective: {effective}
        recorded: 2033-09-14
        status: regular
        verification: V
        sources: [label]
        read_on: 2033-09-14
        criteria: [{{id: age, text: Adults, test: {{fact: age, at_least: "18 a"}}}}]
"""


def with_second_version(shelf, effective, more=""):
    text = (shelf.folder / THERAPY).read_text(encoding="utf-8")
    (shelf.folder / THERAPY).write_text(text + SECOND.format(effective=f"{effective}{more}"), encoding="utf-8")


def test_a_version_that_begins_where_the_other_ends_is_well(shelf):
    with_second_version(shelf, "2033-09-01")
    assert shelf.faults() == []


def test_a_version_that_begins_before_the_other_ends_is_an_overlap(shelf):
    with_second_version(shelf, "2033-08-31")
    assert shelf.faults() == [
        (
            f"{INDICATION} / 2033-08-31",
            "holds together with the version of 2031-04-02, from 2033-08-31 to before 2033-09-01",
            "end the older one: `until: 2033-08-31`",
        )
    ]


def test_two_open_versions_overlap_for_good(shelf):
    shelf.change(THERAPY, "        until: 2033-09-01\n", "")
    with_second_version(shelf, "2033-08-31")
    assert [text for _, text, _ in shelf.faults()] == ["holds together with the version of 2031-04-02, from 2033-08-31 on"]


def test_a_version_that_begins_after_the_other_ended_leaves_a_gap(shelf):
    with_second_version(shelf, "2033-09-02")
    assert [(where, text) for where, text, _ in shelf.faults()] == [
        (
            f"{INDICATION} / 2033-09-02",
            "the version before ends on 2033-09-01, this one begins on 2033-09-02: what held between?",
        )
    ]


def test_a_gap_of_days_that_are_said_to_be_uncertain_is_none(shelf):
    with_second_version(shelf, "2033-09-10", "\n        uncertain_from: 2033-09-01")
    assert shelf.faults() == []


def test_versions_stand_oldest_first(shelf):
    with_second_version(shelf, "2030-01-01", "\n        until: 2031-04-02")
    assert shelf.faults() == [(f"{INDICATION} / 2030-01-01", "stands after the version of 2031-04-02", "oldest first")]


def test_two_rows_of_one_limit_do_not_hold_on_one_day(shelf):
    assert one_fault(shelf, "limits/blasts.yaml", "until: 2030-01-01", "until: 2030-01-02")[1] == (
        "holds together with the version of 1990-01-01, from 2030-01-01 to before 2030-01-02"
    )


@pytest.mark.parametrize(("until", "well"), [("2033-01-02", True), ("2033-01-01", False)])
def test_a_caution_does_not_end_before_it_begins(shelf, until, well):
    shelf.change(THERAPY, "regulators: [FDA], verif", f"effective: 2033-01-01, until: {until}, regulators: [FDA], verif")
    expected = (f"{THERAPY} examplomab / cautions / infection", "`until` must be later than `effective`", "")
    assert shelf.faults() == ([] if well else [expected])
