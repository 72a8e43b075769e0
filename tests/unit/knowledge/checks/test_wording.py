"""Wording: a sentence shown to a clinician informs and fits."""

import pytest

from tests.unit.knowledge.checks.broken_lines import RISK, THERAPY, one_fault


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Give it at once", "tells a clinician what to do: `Give`"),
        ("Patients should receive it", "tells a clinician what to do: `should receive`"),
        ("It must be treated", "tells a clinician what to do: `must be treated`"),
        ("Administer slowly", "tells a clinician what to do: `Administer`"),
        ("A <b>bold</b> word", "holds HTML: `<b>`"),
        ("<!-- hidden -->", "holds HTML: `<!--`"),
        ("x" * 1501, "has 1501 characters, at most 1500 fit"),
    ],
)
def test_a_sentence_shown_to_a_clinician_informs_and_fits(shelf, text, said):
    where, found, _ = one_fault(shelf, THERAPY, "Infections were reported", f'"{text}"')
    assert (where, found) == (f"{THERAPY} examplomab / cautions / infection / text", said)


@pytest.mark.parametrize("text", ["It was given in 5 % of cases", "MRD < 0.01 % and age <1 month", "Forgiveness", "x" * 1500])
def test_plain_information_is_well(shelf, text):
    shelf.change(THERAPY, "Infections were reported", f'"{text}"')
    assert shelf.faults() == []


def test_the_questions_of_a_risk_system_are_shown_too(shelf):
    assert one_fault(shelf, RISK, "Is more needed?", "Give more?")[:2] == (
        f"{RISK} EX40 / questions / HR",
        "tells a clinician what to do: `Give`",
    )
