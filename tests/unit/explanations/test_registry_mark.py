"""What was known of trials is put together again, though the store has gone on."""

from datetime import date

import pytest

from service.explanations.registry_mark import as_marked, mark_of, record_digest
from service.knowledge.registry import NOTHING_SEEN, Registry, RegistryRecord, Seen
from service.stores.database import open_database

TODAY = date(2026, 11, 22)
A, B = "NCT99990001", "NCT99990002"
PLACE = "http://registry.example"


def seen(number, day, status="RECRUITING"):
    return Seen(date(2026, 11, day), RegistryRecord(number, "SYNTHETIC", status), PLACE, "2026-11-20T09:00:06")


THEN = Registry.of([seen(A, 1), seen(A, 20), seen(A, 21), seen(A, 22), seen(B, 22)])
RECORDS = {
    record_digest(seen(number, 1, status).record): seen(number, 1, status).record
    for number in (A, B)
    for status in ("RECRUITING", "COMPLETED")
}


def test_only_what_may_still_be_replaced_is_listed():
    mark = mark_of(THEN, TODAY)
    assert mark.cut == date(2026, 11, 21)
    assert [row.day.day for row in mark.rows] == [21, 22, 22]


@pytest.mark.parametrize(
    "now",
    [
        THEN,
        Registry.of([seen(A, 1), seen(A, 20), seen(A, 21), seen(A, 22, "COMPLETED"), seen(B, 22, "COMPLETED")]),  # the same day
        Registry.of([seen(A, 1), seen(A, 20), seen(A, 21), seen(A, 22), seen(B, 22), seen(A, 23, "COMPLETED")]),
    ],
    ids=["the same", "replaced", "gone on"],
)
def test_what_was_known_then_comes_back_whatever_was_seen_since(now):
    registry, whole = as_marked(mark_of(THEN, TODAY), now, RECORDS)
    assert registry == THEN
    assert whole


@pytest.mark.parametrize(
    ("now", "records"),
    [
        (Registry.of([seen(A, 20)]), RECORDS),  # one of the first is gone
        (Registry.of([seen(A, 1), seen(A, 20, "COMPLETED")]), RECORDS),  # ... or another
        (THEN, {}),  # no record of the last days is there
        (NOTHING_SEEN, RECORDS),
    ],
)
def test_what_does_not_come_back_whole_says_so(now, records):
    assert not as_marked(mark_of(THEN, TODAY), now, records)[1]


def test_nothing_seen_comes_back_as_nothing_seen():
    assert as_marked(mark_of(NOTHING_SEEN, TODAY), NOTHING_SEEN, {}) == (NOTHING_SEEN, True)
    assert as_marked(mark_of(NOTHING_SEEN, TODAY), Registry.of([seen(A, 22)]), RECORDS) == (NOTHING_SEEN, True)


def test_the_store_has_every_record_under_the_digest_of_the_mark(tmp_path):
    store = open_database(str(tmp_path / "store.db"))
    store.save([seen(A, 22), seen(B, 22)])
    mark = mark_of(store.all(), TODAY)
    store.save([seen(A, 22, "COMPLETED"), seen(A, 23)])
    assert as_marked(mark, store.all(), store.records()) == (Registry.of([seen(A, 22), seen(B, 22)]), True)
