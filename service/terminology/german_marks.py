"""What German systems write behind a code of ICD-10-GM: its marks, and letters of certainty and side."""

from __future__ import annotations

import re

_BEHIND = re.compile(r"(?<=\d)[-!*+† ]*([AGVZLRB]{0,2})\Z")


def without_marks(code: str) -> str:
    """Return a code alone."""
    return _BEHIND.sub("", code)


def letters_behind(code: str) -> str:
    """Return the letters behind a code, those of certainty and those of side; '' where there are none."""
    found = _BEHIND.search(code)
    return found[1] if found is not None else ""
