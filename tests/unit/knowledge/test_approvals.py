"""What was approved on a day, both sides of the days of therapies.md 1; and the log of those days."""

from datetime import date

import pytest

from service.knowledge.approvals import approvals_on
from service.knowledge.changes import changes
from service.knowledge.checks.stale import old_readings
from service.knowledge.loader import load_library
from service.logic.dated import Force

LONG_AFTER = date(2026, 11, 28)
RECORDED = date(2026, 11, 22)


@pytest.fixture(scope="module")
def library():
    return load_library()


def held(library, product, regulator, as_of, known_by=LONG_AFTER):
    (found,) = [
        row
        for row in approvals_on(library, date.fromisoformat(as_of), known_by)
        if (row.product, row.regulator) == (product, regulator)
    ]
    return found.standing, {row.indication.id: row.force for row in found.rows}


IN, PERHAPS = Force.IN_FORCE, Force.UNCERTAIN


@pytest.mark.parametrize(
    ("product", "regulator", "as_of", "standing", "rows"),
    [
        # therapies.md 1.1: E-BLI-1 from 2015-11-23 to 2020-12-22, then E-BLI-2a and 2b
        ("blinatumomab", "EMA", "2015-11-22", "not-in-force", {}),
        ("blinatumomab", "EMA", "2015-11-23", "in-force", {"E-BLI-1": IN}),
        ("blinatumomab", "EMA", "2018-05-01", "in-force", {"E-BLI-1": IN}),
        # E-BLI-4 decided 2018-08-23 [M], announced 2018-08-29: in between nobody knows
        ("blinatumomab", "EMA", "2018-08-22", "in-force", {"E-BLI-1": IN}),
        ("blinatumomab", "EMA", "2018-08-23", "in-force", {"E-BLI-1": IN, "E-BLI-4": PERHAPS}),
        ("blinatumomab", "EMA", "2018-08-29", "in-force", {"E-BLI-1": IN, "E-BLI-4": IN}),
        # 1.2: F-BLI-3 from 2017-07-11; F-BLI-4 from 2018-03-29
        ("blinatumomab", "FDA", "2018-03-28", "in-force", {"F-BLI-3": IN}),
        ("blinatumomab", "FDA", "2018-03-29", "in-force", {"F-BLI-3": IN, "F-BLI-4": IN}),
        ("blinatumomab", "FDA", "2018-05-01", "in-force", {"F-BLI-3": IN, "F-BLI-4": IN}),
        ("blinatumomab", "AEMPS", "2018-05-01", "not-on-file", {}),
        # 1.3: E-INO-1a and 1b from 2017-06-29; F-INO-1 to 2024-03-06, then F-INO-2
        ("inotuzumab-ozogamicin", "EMA", "2017-06-28", "not-in-force", {}),
        ("inotuzumab-ozogamicin", "EMA", "2017-06-29", "in-force", {"E-INO-1a": IN, "E-INO-1b": IN}),
        ("inotuzumab-ozogamicin", "FDA", "2024-03-05", "in-force", {"F-INO-1": IN}),
        ("inotuzumab-ozogamicin", "FDA", "2024-03-06", "in-force", {"F-INO-2": IN}),
        # 1.4: F-TIS-1 from 2017-08-30, E-TIS-1 from 2018-08-23
        ("tisagenlecleucel", "EMA", "2018-08-22", "not-in-force", {}),
        ("tisagenlecleucel", "EMA", "2018-08-23", "in-force", {"E-TIS-1": IN}),
        ("tisagenlecleucel", "FDA", "2017-08-29", "not-in-force", {}),
        ("tisagenlecleucel", "FDA", "2017-08-30", "in-force", {"F-TIS-1": IN}),
    ],
)
def test_what_was_approved_on_a_day(library, product, regulator, as_of, standing, rows):
    assert held(library, product, regulator, as_of) == (standing, rows)


def test_what_nobody_had_written_down_yet_is_not_on_file(library):
    # every row of a label was written down on 2026-11-22 (`recorded` in the files)
    assert held(library, "blinatumomab", "EMA", "2018-05-01", date(2026, 11, 21)) == ("not-on-file", {})
    assert held(library, "blinatumomab", "EMA", "2018-05-01", RECORDED)[0] == "in-force"


def test_where_nothing_is_in_force_the_next_row_is_named(library):
    (found,) = [
        row
        for row in approvals_on(library, date(2018, 8, 22), LONG_AFTER)
        if (row.product, row.regulator) == ("tisagenlecleucel", "EMA")
    ]
    assert (found.begins, found.ended) == (date(2018, 8, 23), None)


def test_every_product_stands_with_every_regulator_once(library):
    found = [(row.product, row.regulator) for row in approvals_on(library, RECORDED, RECORDED)]
    assert len(found) == len(set(found)) == 3 * len(library.therapies)


def test_the_log_says_the_beginning_and_the_end_of_a_row_in_the_order_of_days(library):
    found = changes(library)
    assert [change.day for change in found] == sorted(change.day for change in found)
    of_row = [(change.day, change.ends) for change in found if change.row == "E-BLI-1"]
    assert of_row == [(date(2015, 11, 23), False), (date(2020, 12, 22), True)]
    (begins,) = [change for change in found if change.row == "E-BLI-1" and not change.ends]
    assert begins.line.startswith("E-BLI-1 blinatumomab, EMA: conditional")


@pytest.mark.parametrize(("today", "stale"), [(date(2027, 11, 22), False), (date(2027, 11, 23), True)])
def test_a_reading_is_stale_from_the_day_after_its_days_are_over(library, today, stale):
    # E-BLI-1 was read on 2026-11-22: 365 days later is 2027-11-22
    rows = {old.place.trail[2] for old in old_readings(library, today, 365) if old.place.shelf == "therapies"}
    assert ("E-BLI-1" in rows) is stale
