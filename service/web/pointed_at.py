"""Drugs that a record only points at: some clients send orders and doses whose drug is a resource of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from cds_hooks.incoming import UNREADABLE
from service.record.bundle import NOTHING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from service.clients.fhir_server import RecordServer
    from service.record.bundle import Head, Slice

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


def drugs_pointed_at(resources: Mapping[str, Sequence[Slice]], server: RecordServer | None) -> PointedAt:
    """Return the drugs that the record points at and does not hold, read from the server where one may be asked.

    A drug that cannot be had, and whose pointer says no name, is unknown: then nobody can say what was not given.
    """
    heads = [head for slices in resources.values() for found in slices if (head := found.head) is not None]
    pointing = [head for head in heads if head.medicationReference is not NOTHING]
    if not pointing:
        return PointedAt()
    held = {f"{DRUG}/{head.id}" for head in heads if head.resourceType == DRUG}
    wanted = [(kind, pointer) for kind, pointer in _pointers(pointing) if not _is_held(pointer.reference or "", held)]
    if not wanted:
        return PointedAt()
    asked = list(dict.fromkeys(pointer.reference for _, pointer in wanted if pointer.reference))[:MOST]
    answers = server.read_all(asked) if server is not None and asked else {}
    had = {reference: found for reference, found in answers.items() if found is not None}
    nameless = frozenset(kind for kind, pointer in wanted if pointer.reference not in had and not pointer.display)
    return PointedAt(tuple(had.values()), nameless, nameless if answers else frozenset())


def _pointers(pointing: Iterable[Head]) -> Iterator[tuple[str, _Pointer]]:
    for head in pointing:
        try:
            pointer = _POINTER.decode(head.medicationReference)
        except UNREADABLE:
            continue  # the reader of records will say so
        if pointer.reference is None or not pointer.reference.startswith("#"):
            yield head.resourceType, pointer


def _is_held(reference: str, held: set[str]) -> bool:
    """Return whether a reference, relative or absolute, leads to a drug of the record."""
    parts = reference.split("/_history/", 1)[0].rsplit("/", 2)
    return "/".join(parts[-2:]) in held
