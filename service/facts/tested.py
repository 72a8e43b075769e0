"""One result of an antigen on blasts, and what it is by the meaning of the labels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from service.logic.truth import Truth

if TYPE_CHECKING:
    from service.facts.catalogue import View
    from service.logic.dates import PartialDate
    from service.logic.fact import Evidence
    from service.logic.interval import Interval
    from service.record.findings import Answer

NAMES = {"cd19": "CD19", "cd22": "CD22"}


class Tested(msgspec.Struct, frozen=True, gc=False):
    """One result of an antigen on blasts; `answer` None and `percent` None where it was seen and not understood."""

    when: PartialDate | None
    answer: Answer | None
    percent: Interval | None
    evidence: Evidence
    flags: tuple[str, ...] = ()
    own_statement: bool = False
    by_test: bool = False  # of a test of this antigen, not of words that name it


def label_status(view: View, antigen: str, tested: Tested) -> str | None:
    """Return positive or negative by the label's meaning; None where the result does not tell."""
    if tested.answer in {"positive", "dim"}:
        return "positive"
    if tested.answer == "negative":
        return "negative"
    if tested.answer == "indeterminate" or tested.percent is None:
        return None
    if antigen == "cd22":
        above = tested.percent.above(view.limits.number("cd22_positive_above_percent"))
        return {Truth.YES: "positive", Truth.NO: "negative"}.get(above)
    if tested.percent.at_least(view.limits.number("cd19_positive_from_percent")) is Truth.YES:
        return "positive"
    return "negative" if tested.percent.at_most(view.limits.number("cd19_negative_to_percent")) is Truth.YES else None
