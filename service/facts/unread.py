"""What could not be read, as evidence: it may be newer than what could, unless its day is known to be an earlier one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.logic.fact import Evidence
from service.logic.truth import Truth

if TYPE_CHECKING:
    from collections.abc import Iterable

    from service.facts.catalogue import View
    from service.logic.dates import PartialDate
    from service.record.record import Unread


def not_before(view: View, broken: Iterable[Unread], day: PartialDate | None) -> tuple[Evidence, ...]:
    """Return what is broken and not surely of before a day, where one is given, nor of after the day asked for."""
    return tuple(
        Evidence(one.reference, one.path, one.when, "could not be read")
        for one in broken
        if one.when is None or one.when.low <= view.today.high
        if one.when is None or day is None or one.when.before(day) is not Truth.YES
    )
