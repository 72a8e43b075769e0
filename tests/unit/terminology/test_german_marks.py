"""What stands behind a code of ICD-10-GM: its marks, one letter of certainty, one of side."""

import pytest

from service.terminology.german_marks import letters_behind, without_marks


@pytest.mark.parametrize(
    ("written", "alone", "letters"),
    [
        ("C91.00", "C91.00", ""),
        ("C91.00G", "C91.00", "G"),
        ("C91.00 V", "C91.00", "V"),
        ("C91.00-", "C91.00", ""),
        ("G01*", "G01", ""),
        ("A17.0+ZR", "A17.0", "ZR"),
        ("C91.00X", "C91.00X", ""),  # no letter of certainty or side
        ("C91.00GVZ", "C91.00GVZ", ""),  # more than two
        ("", "", ""),
    ],
)
def test_marks_and_letters_are_no_part_of_a_code(written, alone, letters):
    assert (without_marks(written), letters_behind(written)) == (alone, letters)
