"""The words of the less common complaints."""

import pytest

from service.knowledge.complaints import did_you_mean


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("value: 5", "value: [5]", ("limits/blasts.yaml:2 limits / blasts_from / value", "a number is wanted, not a list")),
        ("limits:\n", "limits:\n  - 5\n", ("limits/blasts.yaml:2 limits / 1", "keys with values is wanted, not a number")),
        (
            "verification: V, sources: [label],\n     effective: 1990",
            "verification: X, sources: [label],\n     effective: 1990",
            None,
        ),
    ],
)
def test_a_complaint_names_what_was_wanted_and_what_stands_there(shelf, old, new, fault):
    shelf.change("limits/blasts.yaml", old, new)
    where, text, hint = shelf.faults()[0]
    if fault is None:
        fault = ("limits/blasts.yaml:2 limits / blasts_from / verification", "`X` is not allowed")
        assert hint == "write one of 'V', 'V2', 'M', 'B', 'I' or 'S'"
    assert (where, text) == fault


@pytest.mark.parametrize(
    ("word", "known", "hint"),
    [("lable", ["label", "notice"], "did you mean 'label'?"), ("xyz", ["label"], ""), ("label", [], "")],
)
def test_only_a_near_word_is_suggested(word, known, hint):
    assert did_you_mean(word, known) == hint
