"""Treatments of which nothing tells what they were: each may be one that is directed at an antigen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from service.facts.received import MEDICATIONS
from service.record.record import NOT_TOLD, Drug

if TYPE_CHECKING:
    from service.facts.catalogue import View

_TREATMENTS = MEDICATIONS | {"Procedure"}


def treatments_not_told(view: View) -> list[Drug]:
    """Return what was given, or perhaps given, and is not told: drugs without a name, and treatments that could not be read.

    Each comes as of its first day: nothing tells that what is still taken is one that matters. What went into the cerebrospinal
    fluid is told well enough.
    """
    nameless = [d for d in view.layout.drugs.of(NOT_TOLD) if (d.given or d.finished) and not d.intrathecal]
    lost = [
        Drug(one.reference, frozenset({NOT_TOLD}), "", "administration", one.when, None, given=False, finished=True)
        for one in view.record.unreadable
        if one.lost in _TREATMENTS and (one.when is None or one.when.low <= view.today.high)
    ]
    return [*(replace(drug, ongoing=False) for drug in nameless), *lost]
