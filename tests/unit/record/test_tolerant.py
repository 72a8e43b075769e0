"""Words are read as they stand, but for long gaps in them."""

import pytest

from service.record.tolerant import text


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("MRD 10" + " " * 1990 + "^", "MRD 10 ^"),
        ("CD19" + "\u00a0" * 500 + "positive", "CD19 positive"),
        ("CD19 positive" + " \n" * 100 + "CD22", "CD19 positive\nCD22"),
        ("two  spaces", "two  spaces"),
        ("three   spaces", "three spaces"),
    ],
)
def test_long_gaps_are_closed(written, read):
    assert text({"text": written}, "text") == read
