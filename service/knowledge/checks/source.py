"""Every source that a row cites is on file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.errors import Fault
from service.knowledge.complaints import did_you_mean
from service.knowledge.schema import Indication

if TYPE_CHECKING:
    from collections.abc import Iterator

    from service.knowledge.library import Library


def check(library: Library) -> Iterator[Fault]:
    """Yield each cited source that does not exist, the regulator's document of an indication included."""
    if "sources" in library.incomplete:
        return
    for place in library.places:
        for cited in place.row.__dict__.get("sources", ()):
            if isinstance(cited, str) and cited not in library.sources:
                yield Fault(place.where, f"the source {cited!r} is not on file", _hint(cited, library))
        if isinstance(place.row, Indication) and place.row.document not in library.sources:
            document = place.row.document
            yield Fault(place.where, f"the document {document!r} is not on file", _hint(document, library))


def _hint(cited: str, library: Library) -> str:
    return did_you_mean(cited, library.sources) or "add it to a file of sources/"
