"""One resource of an export: whose it is, whether any fact could ask for it, and why it cannot be used."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec
import orjson

from service.cohort.named import is_utf_8, patients_named
from service.errors import RecordError
from service.record.bundle import NOTHING, Head, Slice, deletions_in, open_bundle, open_resource, reference_in
from service.record.kinds import OTHER_VERSIONS, TYPES
from service.record.reader import POINTED_AT, READ_KINDS
from service.record.wanted import is_wanted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from service.record.bundle import Deletion
    from service.record.vocabulary import Terms

decode_head = msgspec.json.Decoder(Head).decode
NO_HEAD = (msgspec.DecodeError, RecursionError, UnicodeDecodeError)
"""What decoding a head raises for what is no JSON, or a resource with wrong types."""

VISIT = "Encounter"
SHARED = ""  # the patient of what belongs to nobody, such as a Medication


@dataclass(frozen=True, slots=True)
class Kept:
    """A resource that is kept for its patient. A shadow says only that a newer or older version was not wanted."""

    patient: str
    slice: Slice
    pointer: str = ""
    shadow: bool = False

    @property
    def bundled(self) -> bool:
        """Whether it stood in a bundle, where a resource may be another patient's than the bundle is."""
        return self.slice.place.endswith("entry")


@dataclass(frozen=True, slots=True)
class Rejected:
    """A resource that cannot be used; `code` says why. Where it is told whose it is, that patient is not judged without it."""

    code: str
    raw: bytes
    position: str = ""
    patient: str = ""
    around: str = ""  # the one patient of the bundle in which it stood

    @property
    def lacking(self) -> tuple[str, ...]:
        """Whose record lacks something by it, as far as that can be made out."""
        told = self.patient or self.around
        return (told,) if told else () if self.code in _TELLS_NOTHING else patients_named(self.raw)

    @property
    def may_be_anybodys(self) -> bool:
        """Whether something may lack of any patient, nobody knows of whom."""
        return self.code not in _TELLS_NOTHING and not self.lacking


NOT_APPLIED, EMPTY, NO_RECORD = "deletion-not-applied", "bundle-without-resources", "not-a-record"
_TELLS_NOTHING = frozenset({NOT_APPLIED, EMPTY, NO_RECORD})


@dataclass(frozen=True, slots=True)
class Deleted:
    """Says that a resource is gone, whoever it was of; `moment` as told, '' where it is not."""

    type: str
    id: str
    moment: str
    position: str


Sorted = Kept | Rejected | Deleted | None  # None: no fact asks for it


def bucket_of(patient: str, buckets: int) -> int:
    """Return the share of the work to which a patient belongs."""
    return zlib.crc32(patient.encode("utf-8", "surrogatepass")) % buckets


def patient_in(reference: str) -> str:
    """Return the id of the patient to whom a reference leads; '' where it leads to none."""
    parts = reference.split("/_history/", 1)[0].rsplit("/", 2)
    if len(parts) >= 2 and parts[-2] == "Patient":  # noqa: PLR2004 - Type/id
        return parts[-1]
    return reference.removeprefix("urn:uuid:") if reference.startswith("urn:uuid:") else ""


def sort_line(raw: bytes, place: str, number: int, terms: Terms) -> Iterator[Sorted]:
    """Yield what one line holds: a resource, or those of a bundle."""
    found = open_resource(raw)
    if found.head is None:
        yield _without_head(raw, place, number)
    else:
        yield from sort_headed(raw, found.head, place, number, terms)


def sort_headed(raw: bytes, head: Head, place: str, number: int, terms: Terms) -> Iterator[Sorted]:
    """Yield what one line holds whose head is known."""
    if head.resourceType == "Bundle":
        yield from sort_bundle(raw, terms)
    else:
        yield sort_resource(Slice(msgspec.Raw(raw), "", place, number, head), "", terms)


_NOT_ASKED_FOR = TYPES - READ_KINDS - POINTED_AT - {"Patient"}
PASSED_OVER = _NOT_ASKED_FOR - {"Bundle"}
"""Types of which a line says nothing, whatever it says."""


def is_passed_over(head: Head, terms: Terms) -> bool:
    """Return whether `sort_headed` would surely say that no fact asks for the line; False leaves it to be sorted.

    Nearly all lines of an export are such: this is the whole way of theirs.
    """
    kind = head.resourceType
    if kind in PASSED_OVER:
        return True
    if kind not in READ_KINDS or (head.meta is not NOTHING and head.id) or is_wanted(head, terms):
        return False
    return kind == VISIT or owner_in(head.subject if head.patient is NOTHING else head.patient) != ""


def owner_in(pointer: msgspec.Raw | bytes) -> str:
    """Return the id of the patient to whom a reference leads; '' where it leads to none."""
    return patient_in(reference_in(pointer))


def sort_bundle(raw: bytes, terms: Terms) -> Iterator[Sorted]:
    """Yield what a bundle holds. In a bundle with one Patient everything is that patient's, as where one is asked about."""
    try:
        slices = list(open_bundle(raw))
    except RecordError as error:
        yield Rejected(error.code, raw)
        return
    gone = list(deletions_in(raw)) if b"DELETE" in raw else []
    yield from map(_sort_deletion, gone)
    if not slices and not gone:
        yield Rejected(EMPTY, raw)
    persons = [slice_ for slice_ in slices if slice_.head is not None and slice_.head.resourceType == "Patient"]
    people = {_own_name(slice_): None for slice_ in persons}
    if len(people) > 1:
        yield from _sort_several(slices, persons, terms)
        return
    owner = next(iter(people), "")
    for slice_ in slices:
        yield _without_its_head(slice_, owner) if slice_.head is None else sort_resource(slice_, owner, terms)


def _sort_deletion(gone: Deletion) -> Sorted:
    """Return what a bundle says to be deleted; a search, which may have found anything, cannot be applied."""
    if gone.named is None:
        return Rejected(NOT_APPLIED, gone.address.encode("utf-8", "replace"), gone.position)
    return Deleted(*gone.named, gone.moment, gone.position)


def _sort_several(slices: list[Slice], persons: list[Slice], terms: Terms) -> Iterator[Sorted]:
    """Yield what a bundle of several patients holds, in which references may lead to addresses within it."""
    addresses = {slice_.full_url: _own_name(slice_) for slice_ in persons if slice_.full_url}
    drugs = {
        one.full_url: one for one in slices if one.full_url and one.head is not None and one.head.resourceType == "Medication"
    }
    given: set[tuple[str, str]] = set()
    for slice_ in slices:
        head = slice_.head
        if head is None:
            yield _without_its_head(slice_, "")
            continue
        owner = addresses.get(_pointed_at(head), "") if head.resourceType != "Patient" else ""
        found = sort_resource(slice_, owner, terms)
        yield found
        drug = "" if head.medicationReference is NOTHING else reference_in(head.medicationReference)
        if isinstance(found, Kept) and drug in drugs and (found.patient, drug) not in given:
            given.add((found.patient, drug))
            yield Kept(found.patient, drugs[drug])


def _without_its_head(slice_: Slice, owner: str) -> Sorted:
    """Return what stands in the place of a resource: one with wrong types is kept for the one patient of its bundle."""
    raw = bytes(slice_.raw)
    try:
        value = orjson.loads(raw)
    except (orjson.JSONDecodeError, RecursionError):
        value = {"resourceType": ""}  # the reader will say so
    if not isinstance(value, dict) or not isinstance(value.get("resourceType"), str):
        return Rejected("not-a-resource", raw, _position(slice_), around=owner)
    return Kept(owner, slice_) if owner else Rejected("unreadable", raw, _position(slice_))


def _pointed_at(head: Head) -> str:
    return reference_in(head.subject if head.patient is NOTHING else head.patient)


def _own_name(slice_: Slice) -> str:
    head = slice_.head
    return (head.id if head is not None and head.id else "") or slice_.full_url.removeprefix("urn:uuid:")


def sort_resource(slice_: Slice, owner: str, terms: Terms) -> Sorted:
    """Return whose a resource is and whether it is kept; `owner` is the one patient of its bundle, if it has one."""
    head = slice_.head
    if head is None or not head.resourceType:
        return Rejected("not-a-resource", bytes(slice_.raw), _position(slice_), around=owner)
    kind = head.resourceType
    if kind == "Patient":
        name = owner or _own_name(slice_)
        return Kept(name, slice_) if name else Rejected("patient-without-id", bytes(slice_.raw), _position(slice_))
    if kind in _NOT_ASKED_FOR:
        return None
    patient = owner or patient_in(_pointed_at(head))
    if kind in OTHER_VERSIONS:
        return Rejected("other-fhir-version", bytes(slice_.raw), _position(slice_), patient)
    if kind not in TYPES:  # kept where it is told whose it is: the reader sets it aside, and its patient hears of it
        return Kept(patient, slice_) if patient else Rejected("not-a-resource", bytes(slice_.raw), _position(slice_))
    if not patient:
        return _nobodys(slice_, head, terms)
    if kind in POINTED_AT or slice_.deleted or is_wanted(head, terms):
        return Kept(patient, slice_, _medication(head))
    # a newer version that is about something else still replaces an older one that was wanted
    return Kept(patient, slice_, shadow=True) if head.id and head.meta is not NOTHING else None


def _nobodys(slice_: Slice, head: Head, terms: Terms) -> Sorted:
    """Return what becomes of a resource of which it is not told whose it is."""
    if slice_.deleted:  # of a history that holds no Patient
        return Deleted(head.resourceType, head.id or "", slice_.modified, slice_.position)
    if head.resourceType == "Medication":
        return Kept(SHARED, slice_)
    if head.resourceType == VISIT and not is_wanted(head, terms):
        return None  # nearly all visits say nothing, whoever they are of
    return Rejected("no-patient-named", bytes(slice_.raw), _position(slice_))


def _position(slice_: Slice) -> str:
    """Return the entry of a bundle; '' for a line, whose number is told beside it."""
    return slice_.position if slice_.place.endswith("entry") else ""


def _medication(head: Head) -> str:
    if head.medicationReference is NOTHING:
        return ""
    parts = reference_in(head.medicationReference).split("/_history/", 1)[0].rsplit("/", 2)[-2:]
    return parts[1] if len(parts) > 1 and parts[0] == "Medication" else ""


def _without_head(raw: bytes, place: str, number: int) -> Sorted:
    """Return a line that is no JSON as rejected; a resource with wrong types is kept, so that its patient hears of it."""
    try:
        value = orjson.loads(raw)
    except (orjson.JSONDecodeError, RecursionError):
        return Rejected("not-json" if is_utf_8(raw) else "not-utf-8", raw)
    if not isinstance(value, dict) or not isinstance(value.get("resourceType"), str):
        return Rejected("not-a-resource", raw)
    pointer = value.get("patient") or value.get("subject")
    reference = pointer.get("reference") if isinstance(pointer, dict) else ""
    patient = patient_in(reference) if isinstance(reference, str) else ""
    if not patient:
        return Rejected("unreadable", raw)
    return Kept(patient, Slice(open_resource(raw).raw, "", place, number, None))
