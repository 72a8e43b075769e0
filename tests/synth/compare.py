"""What is answered of made-up patients beside what is true of them, fact by fact and verdict by verdict."""

from __future__ import annotations

import re

UNKNOWN = "unknown"
SURE_NOT = frozenset({"stale", "contradicted"})  # how a record tells what nobody may conclude from it

UNSAFE, DENIED, MISSED, DECIDED, RIGHT, SILENT = "unsafe", "denied", "missed", "decided", "right-though-not-told", "silent"
"""Of a verdict: a yes that is not so or that nothing told supports; a no to what is so; decidable and left open; decided as it
should be; right, and more than what was told; rightly left open."""

_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_YES_NO = {
    "on-label": "yes", "not-on-label": "no", "undetermined": UNKNOWN, "fits": "yes", "does-not-fit": "no", "needs-data": UNKNOWN,
}  # fmt: skip
_OPEN_GROUPS = frozenset({"open", "not-encoded", "reported"})


def judge(told: object, real: object, found: object, how: str = "told") -> str:
    """What a derived value is beside the truth; `found` is `unknown` where nothing was derived."""
    if found == UNKNOWN:
        return SILENT if told == UNKNOWN else "undecided"
    if real is None or how in SURE_NOT or not _holds(found, real):
        return UNSAFE
    if told == UNKNOWN:
        return "right-though-silent"
    return DECIDED if _inside(found, told) else "wider"


def _holds(found: object, real: object) -> bool:
    """Whether a derived value, perhaps limits or a part of a date, allows what is real."""
    if isinstance(found, str) and isinstance(real, str) and _DAY.fullmatch(real):
        return real.startswith(found)
    if not isinstance(found, dict):
        return found == real and isinstance(found, bool) is isinstance(real, bool)
    low, high = found["low"], found["high"]
    above = low is None or low < real or (low == real and found["lowInclusive"])
    below = high is None or high > real or (high == real and found["highInclusive"])
    return above and below


def _inside(found: object, told: object) -> bool:
    """Whether a derived value says at least as much as the record tells."""
    if not isinstance(found, dict):
        return True
    if not isinstance(told, dict):
        return False
    low = told["low"] is None or (found["low"] is not None and found["low"] >= told["low"])
    high = told["high"] is None or (found["high"] is not None and found["high"] <= told["high"])
    return low and high


def yes_or_no(word: str) -> str:
    """Return yes, no or unknown for the words of labels and trials; others stay as they are."""
    return _YES_NO.get(word, word)


def judge_verdict(real: str, decidable: str, answered: str) -> str:
    """What an answer of yes, no or unknown is beside the truth; a word of another kind has to be the decidable one."""
    if answered == decidable:
        return SILENT if answered == UNKNOWN else DECIDED
    if answered == UNKNOWN:
        return MISSED
    if answered == "no" and decidable == UNKNOWN and real != "yes":
        return RIGHT
    return DENIED if answered == "no" else UNSAFE


def judge_group(real: str, decidable: str, answered: str, possible: tuple[str, ...]) -> str:
    """What the answer of a risk system is beside the true group; `possible` are the groups that it leaves."""
    if answered not in _OPEN_GROUPS:
        if answered != decidable:
            return DENIED if answered == "not-applicable" else UNSAFE
        return DECIDED if real == decidable else UNSAFE
    is_group = real not in _OPEN_GROUPS and real != "not-applicable"
    if answered == "open" and is_group and real not in {name.removesuffix("?") for name in possible}:
        return DENIED
    return SILENT if decidable in _OPEN_GROUPS else MISSED
