"""Opening what a client sent: of a resource that no fact asks for only its bytes are kept.

Most of a long record is such. All that has to be known of them is asked here, while their heads are at hand; the reader of the
record then walks the others alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from service.record.bundle import NOTHING, UNREADABLE, Slice, decode_head, open_resource, reference_in
from service.record.owner import Owner
from service.record.reader import READ_KINDS
from service.record.wanted import is_wanted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from service.record.vocabulary import Terms

Found = Slice | msgspec.Raw
"""A resource, or the bytes of one that was passed over."""


class Sieve:
    """Opens the resources of one call, and passes over those that the record of this patient is surely the same without."""

    def __init__(self, terms: Terms, patient_id: str) -> None:
        """Begin with nothing opened."""
        self._terms = terms
        self._owner = Owner(names={patient_id, f"Patient/{patient_id}"})
        self._ids: dict[str, list[str]] = {kind: [] for kind in READ_KINDS}
        self._numbers: dict[bytes, bool] = {}  # by code: whether some fact asks for plain numbers of such a test

    @property
    def has_twins(self) -> bool:
        """Whether two of the opened resources share type and id: one that is passed over may be the newer version."""
        return any(len(set(ids)) < len(ids) for ids in self._ids.values())

    def open(self, kind: str, resources: Iterable[msgspec.Raw]) -> Iterator[tuple[Found, str | None]]:
        """Yield each resource with its type, None where that cannot be read. What is passed over is of the kind asked for."""
        ids = self._ids.get(kind)
        if ids is None:
            yield from open_all(resources)
            return
        terms, numbers, nothing = self._terms, self._numbers, NOTHING
        latest = nothing
        for raw in resources:
            try:
                head = decode_head(raw)
            except UNREADABLE:
                yield from open_all((raw,))
                continue
            if head.resourceType != kind:
                yield Slice(raw, "", "", 0, head), head.resourceType
                continue
            if head.id:
                ids.append(head.id)
            pointer = head.subject if head.patient is nothing else head.patient
            if pointer != latest:  # one and the same a thousand times
                if not self._is_own(pointer):
                    yield Slice(raw, "", "", 0, head), kind
                    continue
                latest = pointer
            if (
                head.valueQuantity is not nothing
                and head.component is nothing
                and head.hasMember is nothing
                and head.valueString is nothing
                and head.valueCodeableConcept is nothing
                and head.code is not nothing
                and kind == "Observation"
                and head.medicationReference is nothing
            ):
                code = bytes(head.code)
                wanted = numbers.get(code)
                if wanted is None:
                    wanted = numbers[code] = is_wanted(head, terms)
            else:
                wanted = is_wanted(head, terms)
            yield Slice(raw, "", "", 0, head, wanted=True) if wanted else raw, kind

    def _is_own(self, pointer: msgspec.Raw) -> bool:
        """Return whether a resource is surely not another patient's."""
        reference = reference_in(pointer) if pointer is not NOTHING else ""
        return not reference or self._owner.owns(reference) is not False


def open_all(resources: Iterable[msgspec.Raw]) -> Iterator[tuple[Slice, str | None]]:
    """Yield each resource with its type, None where that cannot be read. None is passed over."""
    for raw in resources:
        found = open_resource(raw)
        yield found, type_of(found)


def placed(key: str, found: Iterable[Found]) -> list[Slice]:
    """Return the resources that were not passed over, each of which then knows where it stood."""
    place, kept = f"prefetch.{key}", []
    for number, one in enumerate(found):
        if isinstance(one, Slice):
            one.place, one.number = place, number
            kept.append(one)
    return kept


def opened_again(resources: Iterable[Found]) -> tuple[Slice, ...]:
    """Return the resources, also those that were passed over."""
    return tuple(found if isinstance(found, Slice) else open_resource(found) for found in resources)


def bytes_of(found: Found) -> msgspec.Raw:
    """Return the bytes of a resource, as they came."""
    return found.raw if isinstance(found, Slice) else found


class _Head(msgspec.Struct, gc=False):
    resourceType: str  # noqa: N815 - as FHIR writes it


_HEAD = msgspec.json.Decoder(_Head)


def type_of(found: Slice) -> str | None:
    """Return the type of a resource, None where it cannot be read: the reader of records will say so."""
    if found.head is not None:
        return found.head.resourceType or None
    try:
        return _HEAD.decode(found.raw).resourceType
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
