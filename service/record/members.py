"""Results that stand within the panel or report which leads to them: which they are, and which of them count."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.record.tolerant import Json, mapping, mappings, text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

DEEPEST = 4  # panels within panels


def addresses(holder: Json, key: str) -> Iterator[str]:
    """Yield where an element of a panel or report leads."""
    return (text(item, "reference", f"{key}[{position}].") for position, item in mappings(holder, key))


def names_at(addresses: Iterable[str]) -> Iterator[str]:
    """Yield the names that what stands at some addresses may have: its full URL, and its type and id.

    Nothing for an empty one, of what is named in words alone: a resource without a full URL is not at it.
    """
    for address in filter(None, addresses):
        yield address
        yield "/".join(address.split("/_history/", 1)[0].rsplit("/", 2)[-2:])


class Panel:
    """One Observation or report with the results that it contains; each of these is handed out once."""

    def __init__(self, resource: Json) -> None:
        self.resource = resource
        self._left = {
            name: (f"contained[{position}].", item)
            for position, item in mappings(resource, "contained")
            if item.get("resourceType") == "Observation" and isinstance(name := item.get("id"), str)
        }

    @property
    def results(self) -> tuple[tuple[str, Json], ...]:
        """The results that were not handed out yet, each with its path."""
        return tuple(self._left.values())

    def members(self, holder: Json, key: str) -> Iterator[tuple[str, Json]]:
        """Yield the contained results to which an element of the panel, or of one within it, leads, each with its path."""
        for position, item in mappings(holder, key):
            reference = text(item, "reference", f"{key}[{position}].")
            found = self._left.pop(reference[1:], None) if reference.startswith("#") else None
            if found is not None:
                path, member = found
                # what a contained resource refers to is contained beside it
                yield path, {**member, "contained": self.resource.get("contained")}

    def is_of_another(self, member: Json, path: str) -> bool:
        """Return whether a member names somebody else than the panel does."""
        own = text(mapping(member, "subject", path), "reference", f"{path}subject.")
        return bool(own) and own != text(mapping(self.resource, "subject"), "reference", "subject.")
