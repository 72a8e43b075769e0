"""How many shares are put together at once."""

from itertools import pairwise

import pytest

from service.cohort import grouping
from service.cohort.grouping import groups_of
from service.cohort.inputs import Source
from service.cohort.parts import PartTask, Told

MEGABYTE = 1024 * 1024


@pytest.mark.parametrize(
    ("parts", "size", "groups"),
    [
        (1, 0, 1),
        (1, MEGABYTE, 1),
        (1, MEGABYTE + 1, 2),
        (1, 8 * MEGABYTE * 100, 100),
        (1, 8 * MEGABYTE * 1000, 256),
        (2_000, 8 * MEGABYTE, 100),  # each group opens all parts: two hundred thousand in all
        (2_001, 8 * MEGABYTE, 99),
        (300_000, 8 * MEGABYTE, 2),
    ],
)
def test_so_many_as_memory_holds_and_not_more_than_can_be_opened(monkeypatch, tmp_path, parts, size, groups):
    monkeypatch.setattr(grouping, "told_of", lambda _: Told({}, {}, 0, 0, size, 0, [], False, []))
    source = Source(tmp_path / "a.ndjson", "a.ndjson", size, 0, is_zipped=False, is_document=False, is_manifest=False)
    tasks = [PartTask(number, source, tmp_path, 65_536) for number in range(parts)]
    found = groups_of(tmp_path, tasks, 65_536)
    assert len(found) == groups
    assert (found[0].low, found[-1].high) == (0, 65_535)
    assert all(one.high + 1 == other.low for one, other in pairwise(found))
