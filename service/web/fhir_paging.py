"""Pages of a FHIR search: `_count` entries from `_offset` on, with links to this page and to the next one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from service.errors import RequestError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

COUNT, OFFSET, FORMAT = "_count", "_offset", "_format"
PAGING = (COUNT, OFFSET, FORMAT)
_JSON = frozenset({"json", "application/json", "application/fhir+json"})
_DIGITS = 6


@dataclass(frozen=True, slots=True)
class FhirPage:
    """Which part of what was found is asked for; without `count`, all of it."""

    count: int | None = None
    offset: int = 0

    @classmethod
    def taken_from(cls, given: dict[str, str]) -> FhirPage:
        """Return the page that is asked for; its parameters are taken out of those given.

        Raises: RequestError for what is no number, and for another format than JSON.
        """
        if given.pop(FORMAT, "json") not in _JSON:
            raise RequestError("only JSON is written", where=FORMAT, hint="json")
        count, offset = given.pop(COUNT, None), given.pop(OFFSET, "0")
        return cls(None if count is None else _number(count, COUNT), _number(offset, OFFSET))

    def of(self, found: Sequence[object]) -> slice:
        """Return the part of what was found that stands on this page; `_count=0` asks for the total alone."""
        return slice(self.offset, len(found) if self.count is None else self.offset + self.count)

    def links(self, address: str, asked: Mapping[str, str], total: int) -> list[dict[str, str]]:
        """Return the link to this page, and to the next if there is one. `asked`: the other parameters as they were sent."""
        links = [_link("self", address, {**asked, **self._parameters()})]
        if self.count and self.offset + self.count < total:
            following = FhirPage(self.count, self.offset + self.count)
            links.append(_link("next", address, {**asked, **following._parameters()}))
        return links

    def _parameters(self) -> dict[str, str]:
        count = {} if self.count is None else {COUNT: str(self.count)}
        return {**count, OFFSET: str(self.offset)} if self.offset else count


def _number(text: str, name: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= _DIGITS):
        raise RequestError("not a number that can be used", where=name, hint="a whole number, 0 or more")
    return int(text)


def _link(relation: str, address: str, parameters: Mapping[str, str]) -> dict[str, str]:
    return {"relation": relation, "url": f"{address}?{urlencode(parameters)}" if parameters else address}
