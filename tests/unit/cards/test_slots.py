"""A text of the wording is filled by position as `str.format` fills it by name."""

from decimal import Decimal

import pytest

from service.cards.fact_words import FactWords
from service.cards.slots import slots
from service.logic.fact import known
from service.logic.interval import Interval


@pytest.mark.parametrize(
    ("text", "names", "values"),
    [
        ("no place", (), ()),
        ("{a}", ("a",), ("1",)),
        ("{b} before {a}", ("a", "b"), ("1", "2")),
        ("{a} and {a}", ("a", "b"), ("1", "2")),
        ("{{{a}}} {{b}}", ("a",), ("{1}",)),
    ],
)
def test_it_is_filled_as_by_name(text, names, values):
    assert slots(text, *names)(*values) == text.format(**dict(zip(names, values, strict=True)))


def test_what_is_known_already_is_filled_in_as_it_stands():
    filled = slots("{label} ({value}), {label}", "value", label="a {value} in braces")
    assert filled("{1}") == "a {value} in braces ({1}), a {value} in braces"


@pytest.mark.parametrize(
    ("fact", "shown"),
    [
        (known("negative"), "negative"),
        (known("bcp-all"), "B-cell precursor ALL"),
        (known("bcp-all", unit="%"), "B-cell precursor ALL %"),  # a word with a unit is put together
        (known("<b>"), "\\<b\\>"),  # a word that is not ours is escaped
        (known(value=True), "yes"),
        (known(Interval.point(Decimal(34)), unit="a"), "34 years"),
    ],
)
def test_a_value_is_shown_in_words_with_its_unit_and_escaped(wording, fact, shown):
    assert FactWords(wording).value(fact) == shown


def test_a_line_of_a_fact_has_its_label_in_it(wording):
    words = FactWords(wording)
    assert words.lines["cd19"].bare("positive") == wording.profile.fact_line_bare.format(label="CD19", value="positive")
    assert words.lines["cd19"] is words.lines["cd19"]


def test_names_and_flags_are_put_into_words_alike_each_time(wording):
    words = FactWords(wording)
    for _ in range(2):
        assert words.phrase(("cd19", "cd22")) == wording.listing([wording.label("cd19"), wording.label("cd22")])
        assert (
            words.flagged(("computed", "not in the file", "from-text"))
            == " (computed, not stated by a clinician, read from free text)"
        )
        assert words.flagged(("not in the file",)) == ""


def test_of_what_is_kept_there_is_a_bound(wording, monkeypatch):
    monkeypatch.setattr("service.cards.fact_words._MOST", 2)
    words = FactWords(wording)
    shown = [(words.phrase((f"fact_{number}",)), words.flagged((f"flag-{number}",))) for number in range(5)]
    assert shown == [(f"fact {number}", "") for number in range(5)]
    assert len(words._phrases) <= 2 >= len(words._flagged)
