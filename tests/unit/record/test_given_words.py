"""Notes of any length are read as fast as they are long."""

import re
from time import perf_counter

import pytest

from service.record.given_words import GivenWords


@pytest.mark.parametrize(
    "piece",
    [
        "planned ",
        "next ",
        "this ",
        "will be given next week ",
        "not given next dose ",
        "not given  ",
        " ",
        "a, ",
        "planned  x",
        "CD19 ",
    ],
)
def test_long_notes_are_no_burden(rules, piece):
    words, begun = GivenWords(rules.library.words), perf_counter()
    words.is_something_else(piece * (200_000 // len(piece)), [re.compile("dose")])
    words.note_takes_back(piece * (200_000 // len(piece)))
    words.takes_back("not given" + " " * 200_000 + piece * 1_000)
    assert perf_counter() - begun < 5
