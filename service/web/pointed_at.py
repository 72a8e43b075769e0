"""Drugs that a record only points at: some clients send orders and doses whose drug is a resource of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from cds_hooks.incoming import NOTHING, UNREADABLE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from service.clients.fhir_server import RecordServer
    from service.record.bundle import Slice

DRUG = "Medication"
KEY = "drugs-pointed-at"
MOST = 100  # drugs read for one call: a record of more names them otherwise


class _Pointer(msgspec.Struct, gc=False):
    reference: str | None = None
    display: str | None = None


_POINTER = msgspec.json.Decoder(_Pointer)


@dataclass(frozen=True, slots=True)
class PointedAt:
    """The drugs that were read, and the kinds of resources of which some drug stays without a name."""

    found: tuple[Slice, ...] = ()
    nameless: frozenset[str] = frozenset()
    not_fetched: frozenset[str] = frozenset()


def drugs_pointed_at(resources: Mapping[str, tuple[Slice, ...]], server: RecordServer | None) -> PointedAt:
    """Return the drugs that the record points at and does not hold, read from the server where one may be asked.

    A drug that cannot be had, and whose pointer says no name, is unknown: then nobody can say what was not given.
    """
    held = {f"{DRUG}/{found.head.id}" for slices in resources.values() for found in slices if _is_drug(found) and found.head}
    wanted = [(kind, pointer) for kind, pointer in _pointers(resources) if not _is_held(pointer.reference or "", held)]
    if not wanted:
        return PointedAt()
    asked = list(dict.fromkeys(pointer.reference for _, pointer in wanted if pointer.reference))[:MOST]
    answers = server.read_all(asked) if server is not None and asked else {}
    had = {reference: found for reference, found in answers.items() if found is not None}
    nameless = frozenset(kind for kind, pointer in wanted if pointer.reference not in had and not pointer.display)
    return PointedAt(tuple(had.values()), nameless, nameless if answers else frozenset())


def _is_drug(found: Slice) -> bool:
    return found.head is not None and found.head.resourceType == DRUG


def _pointers(resources: Mapping[str, tuple[Slice, ...]]) -> Iterator[tuple[str, _Pointer]]:
    for slices in resources.values():
        for found in slices:
            if found.head is None or found.head.medicationReference is NOTHING:
                continue
            try:
                pointer = _POINTER.decode(found.head.medicationReference)
            except UNREADABLE:
                continue  # the reader of records will say so
            if pointer.reference is None or not pointer.reference.startswith("#"):
                yield found.head.resourceType, pointer


def _is_held(reference: str, held: set[str]) -> bool:
    """Return whether a reference, relative or absolute, leads to a drug of the record."""
    parts = reference.split("/_history/", 1)[0].rsplit("/", 2)
    return "/".join(parts[-2:]) in held
