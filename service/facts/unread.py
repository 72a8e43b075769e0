"""What could not be read, as evidence: it may be newer than what could, unless its day is known to be an earlier one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.facts.choose import newest_date
from service.logic.fact import Evidence, Gap, unknown
from service.logic.truth import Truth

if TYPE_CHECKING:
    from collections.abc import Iterable

    from service.facts.catalogue import View
    from service.logic.dates import PartialDate
    from service.logic.fact import Fact
    from service.record.record import Unread


def not_before(view: View, broken: Iterable[Unread], day: PartialDate | None) -> tuple[Evidence, ...]:
    """Return what is broken and not surely of before a day, where one is given, nor of after the day asked for."""
    return tuple(
        Evidence(one.reference, one.path, one.when, "could not be read")
        for one in broken
        if one.when is None or one.when.low <= view.today.high
        if may_be_since(one.when, day)
    )


def may_be_since(when: PartialDate | None, day: PartialDate | None) -> bool:
    """Return whether something is not surely of before a day: of that day, later, or one of them is not told."""
    return when is None or day is None or when.before(day) is not Truth.YES


def unless_unread(view: View, name: str, fact: Fact[object], concept: str) -> Fact[object]:
    """Return the newest result of a test; unknown (`unreadable`) where one that cannot be read is not surely an older one."""
    broken = view.layout.broken.of(concept) if fact.is_known else ()
    unread = not_before(view, broken, newest_date(fact)) if broken else ()
    if not unread:
        return fact
    return unknown(Gap.UNREADABLE, name, evidence=(*fact.evidence, *unread), rule=fact.rule)
