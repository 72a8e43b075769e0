"""Rows of the talk: those that are cited exist; those that nothing cites can be listed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.errors import Fault
from service.knowledge.complaints import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from service.knowledge.library import Library
    from service.knowledge.schema import TalkRow


def check(library: Library) -> Iterator[Fault]:
    """Yield each cited row of the talk that does not exist."""
    if "talk" in library.incomplete:
        return
    for place in library.places:
        for cited in place.row.__dict__.get("talk") or ():
            if isinstance(place.row.__dict__["talk"], tuple) and cited not in library.talk:
                yield Fault(place.where, f"the talk has no row {cited!r}", did_you_mean(cited, library.talk))


def talk_rows_without_home(library: Library) -> tuple[TalkRow, ...]:
    """Return the rows of the talk that no row of the library cites, in their order."""
    cited = {name for place in library.places if isinstance(names := place.row.__dict__.get("talk"), tuple) for name in names}
    return tuple(row for row in library.talk.values() if row.id not in cited)
