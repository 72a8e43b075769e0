"""Opening what a client sent: of a resource that no fact asks for only its bytes are kept.

Most of a long record is such. All that has to be known of them is asked here, while their heads are at hand; the reader of the
record then walks the others alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from service.record.bundle import NOTHING, UNREADABLE, Head, Slice, decode_head, open_resource, reference_in
from service.record.owner import Owner
from service.record.reader import READ_KINDS
from service.record.wanted import is_wanted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from service.record.vocabulary import Terms

_PASSED_OVER = {kind: Head(resourceType=kind) for kind in READ_KINDS}
"""The heads of all resources that are passed over: of each only the type."""


class Sieve:
    """Opens the resources of one call, and passes over those that the record of this patient is surely the same without."""

    def __init__(self, terms: Terms, patient_id: str) -> None:
        """Begin with nothing opened."""
        self._terms = terms
        self._owner = Owner(names={patient_id, f"Patient/{patient_id}"})
        self._latest = NOTHING
        self._ids: dict[str, list[str]] = {kind: [] for kind in READ_KINDS}
        self._numbers: dict[bytes, bool] = {}  # by code: whether some fact asks for plain numbers of such a test

    @property
    def has_twins(self) -> bool:
        """Whether two of the opened resources share type and id: one that is passed over may be the newer version."""
        return any(len(set(ids)) < len(ids) for ids in self._ids.values())

    def open(self, raw: msgspec.Raw) -> tuple[Slice, str | None]:
        """Return a resource, and its type: None where that cannot be read."""
        try:
            head = decode_head(raw)
        except UNREADABLE:
            broken = Slice(raw, "", "", 0, None)
            return broken, type_of(broken)
        kind = head.resourceType
        ids = self._ids.get(kind)
        if ids is None:
            return Slice(raw, "", "", 0, head), kind
        if head.id:
            ids.append(head.id)
        pointer = head.subject if head.patient is NOTHING else head.patient
        if pointer != self._latest and not self._is_own(pointer):  # one and the same a thousand times
            return Slice(raw, "", "", 0, head), kind
        if (
            kind == "Observation"
            and head.code is not NOTHING
            and head.valueQuantity is not NOTHING
            and head.component is NOTHING
            and head.valueString is NOTHING
            and head.valueCodeableConcept is NOTHING
            and head.medicationReference is NOTHING
        ):
            code = bytes(head.code)
            wanted = self._numbers.get(code)
            if wanted is None:
                wanted = self._numbers[code] = is_wanted(head, self._terms)
        else:
            wanted = is_wanted(head, self._terms)
        if wanted:
            return Slice(raw, "", "", 0, head, wanted=True), kind
        return Slice(raw, "", "", 0, _PASSED_OVER[kind], passed_over=True), kind

    def _is_own(self, pointer: msgspec.Raw) -> bool:
        """Return whether a resource is surely not another patient's."""
        reference = reference_in(pointer) if pointer is not NOTHING else ""
        if reference and self._owner.owns(reference) is False:
            return False
        self._latest = pointer
        return True


def opened_again(slices: Iterable[Slice]) -> tuple[Slice, ...]:
    """Return the resources, also those that were passed over, with their heads."""
    return tuple(open_resource(found.raw) if found.passed_over else found for found in slices)


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
