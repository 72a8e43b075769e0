"""What a text says of one marker."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from service.logic.interval import Interval

Answer = Literal["positive", "negative", "dim", "indeterminate"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What a text says of one marker: an answer, a percentage, or both; `contradictory` where it says two things.

    `methods` are those that its sentences name, where it is absent: not each method would have shown it.
    """

    answer: Answer | None
    percent: Interval | None
    contradictory: bool = False
    cytoplasmic: bool = False
    methods: frozenset[str] = frozenset()


def beside_share(answer: Answer | None, percent: Interval | None) -> Answer | None:
    """Return an answer as it is beside a share; None where it affirms what was found in no cell at all: there the number speaks.

    What is denied above a share, as in `not seen in more than 5 %`, is not understood.
    """
    if percent is None:
        return answer
    if answer == "negative" and percent.high is None and percent.low:
        return "indeterminate"
    return None if percent.exact == 0 and answer in {"positive", "dim"} else answer
