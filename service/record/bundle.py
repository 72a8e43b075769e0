"""Opening a body: bundle entries as raw slices, each with a small typed head, nothing built that nobody asks for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import msgspec
import orjson

from service.errors import NotABundle, NotJson

if TYPE_CHECKING:
    from collections.abc import Iterator

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff")
_WIDE = frozenset((b"\1\0\1\0", b"\0\1\0\1", b"\1\0\0\0", b"\0\0\0\1"))  # where the first four bytes of JSON are not zero
DEEPEST_NESTING = 4
LONGEST_NAME = 1_000  # signs of an id or an address by which evidence may be named: it is repeated on every card


NOTHING = msgspec.Raw()
"""The raw value of an element that is not there."""


class HeadCoding(msgspec.Struct, gc=False):
    """System, code and display of one coding."""

    system: str | None = None
    code: str | None = None
    display: str | None = None


class HeadConcept(msgspec.Struct, gc=False):
    """The codings and the text of one concept."""

    coding: tuple[HeadCoding, ...] = ()
    text: str | None = None


class _Reference(msgspec.Struct, gc=False):
    reference: str | None = None
    type: str | None = None


class HeadComponent(msgspec.Struct, gc=False):
    """What a component is about, and which sort of value it has; all undecoded, for the same codes come by the thousand."""

    code: msgspec.Raw = NOTHING
    valueQuantity: msgspec.Raw = NOTHING  # noqa: N815 - FHIR's own name
    valueString: msgspec.Raw = NOTHING  # noqa: N815 - FHIR's own name
    valueCodeableConcept: msgspec.Raw = NOTHING  # noqa: N815 - FHIR's own name

    @property
    def has_no_words(self) -> bool:
        """Whether the value is neither words nor codes."""
        return self.valueString is NOTHING and self.valueCodeableConcept is NOTHING

    @property
    def is_number(self) -> bool:
        """Whether the value is a quantity, and neither words nor codes stand beside it."""
        return self.valueQuantity is not NOTHING and self.valueString is NOTHING and self.valueCodeableConcept is NOTHING


class Head(HeadComponent, gc=False):
    """The little of a resource that tells whether a fact could ask for it."""

    resourceType: str = ""  # noqa: N815 - FHIR's own name
    id: str | None = None
    medicationCodeableConcept: msgspec.Raw = NOTHING  # noqa: N815 - FHIR's own name
    medicationReference: msgspec.Raw = NOTHING  # noqa: N815 - FHIR's own name
    component: msgspec.Raw = NOTHING
    contained: msgspec.Raw = NOTHING
    hasMember: msgspec.Raw = NOTHING  # noqa: N815 - FHIR's own name
    reasonCode: msgspec.Raw = NOTHING  # noqa: N815 - FHIR's own name
    effectiveDateTime: msgspec.Raw = NOTHING  # noqa: N815 - FHIR's own name
    meta: msgspec.Raw = NOTHING
    subject: msgspec.Raw = NOTHING
    patient: msgspec.Raw = NOTHING

    @property
    def concept(self) -> msgspec.Raw:
        """What the resource is about: its code, or its drug."""
        return self.code if self.code is not NOTHING else self.medicationCodeableConcept


class _Request(msgspec.Struct, gc=False):
    method: str | None = None
    url: str | None = None


class _Response(msgspec.Struct, gc=False):
    lastModified: str | None = None  # noqa: N815 - FHIR's own name


class _Entry(msgspec.Struct, gc=False):
    fullUrl: str | None = None  # noqa: N815 - FHIR's own name
    resource: msgspec.Raw = msgspec.Raw(b"")
    request: _Request | None = None
    response: _Response | None = None


class _Bundle(msgspec.Struct, gc=False):
    resourceType: str = ""  # noqa: N815 - FHIR's own name
    type: str | None = None
    entry: tuple[_Entry, ...] | None = None


class _BundleMeta(msgspec.Struct, gc=False):
    lastUpdated: str | None = None  # noqa: N815 - FHIR's own name


class _DatedBundle(_Bundle, gc=False):
    meta: _BundleMeta | None = None
    timestamp: str | None = None


class Deletion(NamedTuple):
    """What a bundle says to be deleted: where it says so, the address, and when the bundle was made, '' where it is not told."""

    position: str
    address: str
    moment: str

    @property
    def named(self) -> tuple[str, str] | None:
        """Type and id of the resource; None where the address is a search or none."""
        found = _ADDRESS.search(self.address)
        return (found[1], found[2]) if found else None


class Slice(msgspec.Struct, gc=False):
    """One resource: its bytes, where it stood, and its head (None where the head could not be read)."""

    raw: msgspec.Raw
    full_url: str
    place: str
    number: int
    head: Head | None
    history: bool = False  # one of several versions, in a bundle of such
    modified: str = ""  # when a version was made, as the bundle tells
    deleted: bool = False
    wanted: bool = False  # a fact could ask for it: looked at already

    @property
    def position(self) -> str:
        """Where the resource stood: `entry[3]`, `prefetch.conditions[0]`."""
        return f"{self.place}[{self.number}]"

    @property
    def reference(self) -> str:
        """How evidence names the resource: `Type/id`, else its fullUrl, else its place in the bundle."""
        if self.head is not None and self.head.id and len(self.head.id) <= LONGEST_NAME:
            return f"{self.head.resourceType}/{self.head.id}"
        return self.full_url if 0 < len(self.full_url) <= LONGEST_NAME else self.position

    def decoded(self) -> dict[str, object]:
        """Return the whole resource; {} where it is not an object."""
        value = orjson.loads(memoryview(self.raw))
        return value if isinstance(value, dict) else {}


_ADDRESS = re.compile(r"(?:^|/)([A-Z][A-Za-z]+)/([A-Za-z0-9.-]{1,64})$")
_bundle_decoder = msgspec.json.Decoder(_Bundle)
_dated_decoder = msgspec.json.Decoder(_DatedBundle)
decode_head = msgspec.json.Decoder(Head).decode
_concept_decoder = msgspec.json.Decoder(HeadConcept)
_components_decoder = msgspec.json.Decoder(tuple[HeadComponent, ...])
_concepts_decoder = msgspec.json.Decoder(tuple[HeadConcept, ...])
_reference_decoder = msgspec.json.Decoder(_Reference)
UNREADABLE = (msgspec.DecodeError, RecursionError, UnicodeDecodeError)


def is_wide(text: bytes) -> bool:
    """Return whether a text begins as one in UTF-16 or UTF-32 does: of such a one nothing is read."""
    return text.startswith(_WIDE_MARKS) or bytes(byte != 0 for byte in text[:4]) in _WIDE


def open_bundle(body: bytes) -> Iterator[Slice]:
    """Yield the resources of a bundle of any type, nested bundles included.

    Raises: NotJson, NotABundle.
    """
    body = body.removeprefix(BYTE_ORDER_MARK)
    try:
        bundle = _bundle_decoder.decode(body)
    except msgspec.ValidationError:
        bundle = _leniently(body)
    except UNREADABLE as fault:
        raise _not_json(body) from fault
    if bundle.resourceType != "Bundle":
        raise NotABundle("the body is not a FHIR Bundle", where="resourceType", hint="wrap single resources in a Bundle")
    yield from _slices(bundle, "", 0)


def deletions_in(body: bytes) -> Iterator[Deletion]:
    """Yield what a bundle says to be deleted; nothing of a history, nor of nested bundles."""
    try:
        bundle = _dated_decoder.decode(body.removeprefix(BYTE_ORDER_MARK))
    except UNREADABLE:
        return
    moment = (bundle.meta.lastUpdated if bundle.meta is not None else None) or bundle.timestamp or ""
    for number, entry in enumerate(bundle.entry or () if bundle.type != "history" else ()):
        if entry.request is not None and entry.request.method == "DELETE":
            yield Deletion(f"entry[{number}]", entry.request.url or entry.fullUrl or "", moment)


def open_resource(raw: msgspec.Raw | bytes) -> Slice:
    """Return one resource with its head; it stands nowhere yet."""
    slice_ = raw if isinstance(raw, msgspec.Raw) else msgspec.Raw(raw)
    try:
        return Slice(slice_, "", "", 0, decode_head(slice_))
    except UNREADABLE:
        return Slice(slice_, "", "", 0, None)


def _head(raw: msgspec.Raw) -> Head | None:
    try:
        return decode_head(raw)
    except UNREADABLE:
        return None


def concept_in(raw: msgspec.Raw | bytes) -> HeadConcept | None:
    """Return a concept; None where it is not one."""
    try:
        return _concept_decoder.decode(raw)
    except UNREADABLE:
        return None


def concepts_in(raw: msgspec.Raw | bytes) -> tuple[HeadConcept, ...] | None:
    """Return a list of concepts; None where it is not one."""
    try:
        return _concepts_decoder.decode(raw)
    except UNREADABLE:
        return None


def components_in(raw: msgspec.Raw) -> tuple[HeadComponent, ...] | None:
    """Return the heads of the components; None where they cannot be read."""
    try:
        return _components_decoder.decode(raw)
    except UNREADABLE:
        return None


def reference_in(raw: msgspec.Raw | bytes) -> str:
    """Return where a reference leads; '' where it does not say."""
    try:
        return _reference_decoder.decode(raw).reference or ""
    except UNREADABLE:
        return ""


def type_in(reference: str) -> str:
    """Return the type to which a relative or absolute reference leads; '' where it does not tell it."""
    parts = reference.split("/_history/", 1)[0].rsplit("/", 2)
    return parts[-2] if len(parts) > 1 else ""


def type_pointed_at(raw: msgspec.Raw) -> str:
    """Return the type to which a reference leads, by its address or by what it says of it; '' where it does not tell it."""
    try:
        pointer = _reference_decoder.decode(raw)
    except UNREADABLE:
        return ""
    return type_in(pointer.reference or "") or pointer.type or ""


def _slices(bundle: _Bundle, prefix: str, depth: int) -> Iterator[Slice]:
    place = f"{prefix}entry"
    history = bundle.type == "history"
    for number, entry in enumerate(bundle.entry or ()):
        if history and (gone := _deleted(entry, place, number)) is not None:
            yield gone
            continue
        if len(memoryview(entry.resource)) == 0 or (entry.request is not None and entry.request.method == "DELETE"):
            continue
        found = Slice(entry.resource, entry.fullUrl or "", place, number, _head(entry.resource), history, _modified(entry))
        if found.head is not None and found.head.resourceType == "Bundle" and depth < DEEPEST_NESTING:
            try:
                inner = _bundle_decoder.decode(entry.resource)
            except UNREADABLE:
                yield Slice(found.raw, found.full_url, place, number, None)
                continue
            yield from _slices(inner, f"{found.position}.", depth + 1)
        else:
            yield found


def _modified(entry: _Entry) -> str:
    return (entry.response.lastModified or "") if entry.response is not None else ""


def _deleted(entry: _Entry, place: str, number: int) -> Slice | None:
    """Return the version of a history that says that a resource is gone; None where it is another one."""
    if entry.request is None or entry.request.method != "DELETE":
        return None
    parts = (entry.request.url or entry.fullUrl or "").split("/_history/", 1)[0].rsplit("/", 2)[-2:]
    head = Head(resourceType=parts[0], id=parts[-1]) if len(parts) > 1 else None
    return Slice(_BROKEN, entry.fullUrl or "", place, number, head, history=True, modified=_modified(entry), deleted=True)


def _not_json(body: bytes) -> NotJson:
    """Return the error with the line and column where the text stops being JSON, where that can be told."""
    if is_wide(body):
        return NotJson("the body is in UTF-16 or UTF-32", hint="convert it: send one FHIR Bundle as JSON in UTF-8")
    where = ""
    try:
        orjson.loads(body)
    except orjson.JSONDecodeError as fault:
        where = f"line {fault.lineno}, column {fault.colno}"
    except RecursionError:
        pass
    return NotJson("the body is not JSON", where=where, hint="send one FHIR Bundle as JSON in UTF-8")


def _leniently(body: bytes) -> _Bundle:
    """Open a bundle whose envelope has a wrong type somewhere: what can be read of it is read."""
    try:
        value = orjson.loads(body)
    except (orjson.JSONDecodeError, RecursionError) as fault:
        raise _not_json(body) from fault
    if not isinstance(value, dict):
        raise NotABundle("the body is JSON, but not an object", hint="send one FHIR Bundle")
    entries = value.get("entry")
    found = entries if isinstance(entries, list) else () if entries is None else (entries,)
    opened = [
        _lenient_entry(item) if isinstance(item, dict) and item is not entries else _Entry(None, _raw(item)) for item in found
    ]
    kind = value.get("resourceType")
    sort = value.get("type")
    return _Bundle(kind if isinstance(kind, str) else "", sort if isinstance(sort, str) else None, tuple(opened))


_NO_ENTRY = _Entry(None, msgspec.Raw(b""))
_BROKEN = msgspec.Raw(b"[]")  # an entry that cannot be written again: read as a broken resource


def _raw(value: object) -> msgspec.Raw:
    """Return what stands in the place of a resource, written again."""
    try:
        return msgspec.Raw(orjson.dumps(value))
    except TypeError:  # nested deeper than it writes
        return _BROKEN


def _lenient_entry(item: dict[str, object]) -> _Entry:
    resource, url, request = item.get("resource"), item.get("fullUrl"), item.get("request")
    if resource is None:
        return _NO_ENTRY
    raw = _raw(resource)
    asked = request if isinstance(request, dict) else {}
    method, address = asked.get("method"), asked.get("url")
    response = item.get("response")
    made = response.get("lastModified") if isinstance(response, dict) else None
    return _Entry(
        url if isinstance(url, str) else None,
        raw,
        _Request(*(part if isinstance(part, str) else None for part in (method, address))),
        _Response(made if isinstance(made, str) else None),
    )
