"""What a client sent for each prefetch key: data, nothing found, nothing sent, or a failure.

Only the envelope is read: resources stay undecoded bytes, or become what the caller makes of them, and nothing here knows what
FHIR says inside them. A value that cannot be read spoils its own key only, and never turns into "nothing found".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final, Generic, TypeVar

import msgspec

from cds_hooks.incoming import NOTHING, NULL, UNREADABLE

R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)

Opener = Callable[[Iterable[msgspec.Raw]], Iterator[tuple[R, str | None]]]
"""Makes of the bytes of each resource what the caller wants to have, and tells its type: None where that cannot be read."""


class FailureReason(StrEnum):
    """Why the data of a key are unknown."""

    OPERATION_OUTCOME = "operation-outcome"
    """The client tried and failed, and said so; asking again is likely to fail too."""
    UNREADABLE = "unreadable"
    """What came is no resource and no Bundle, or its entries hold no resources."""
    HISTORY = "history"
    """A Bundle of past versions: which of them is current cannot be told."""
    NOT_FETCHED = "not-fetched"
    """The client did not send it, and its FHIR server did not give it to us either."""


@dataclass(frozen=True, slots=True)
class Present(Generic[R_co]):
    """Data. `included` are for resolving references only; `next_page` is where the client's server has more, word for word.

    Not `complete`: there is more than was sent, so that what is not among the resources is unknown, not absent. `intact`: what
    was sent could be read as a whole, however much more there is; `total` is how many matches the server counts in all pages.
    """

    resources: tuple[R_co, ...] = field(repr=False)
    included: tuple[R_co, ...] = field(default=(), repr=False)
    complete: bool = True
    next_page: str | None = field(default=None, repr=False)
    intact: bool = True
    total: int = 0


@dataclass(frozen=True, slots=True)
class Empty:
    """The client looked and found nothing. `issue_codes` are those of its own remarks, for a log."""

    issue_codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Absent:
    """The key was not sent: the client chose not to, or could not."""


@dataclass(frozen=True, slots=True)
class Failed:
    """The data are unknown. `issue_codes` are those of the client's own remarks, for a log."""

    reason: FailureReason
    issue_codes: tuple[str, ...] = ()


Prefetched = Present[R] | Empty | Absent | Failed

_ABSENT: Final = Absent()


def classify(prefetch: Mapping[str, SentValue], keys: Iterable[str]) -> dict[str, Prefetched[msgspec.Raw]]:
    """The state of each asked key; keys that nobody asked for are passed over."""
    return classify_opened(prefetch, keys, _as_sent)


def classify_opened(prefetch: Mapping[str, SentValue], keys: Iterable[str], opener: Opener[R]) -> dict[str, Prefetched[R]]:
    """The state of each asked key, its resources opened: a caller that reads them anyway has them read once, not twice."""
    return {key: _classify_value(prefetch[key], opener) if key in prefetch else _ABSENT for key in keys}


def classify_value(raw: msgspec.Raw) -> Prefetched[msgspec.Raw]:
    """The state of one value that was sent."""
    return _classify_value(raw, _as_sent)


def continued(so_far: Present[R], page: msgspec.Raw, opener: Opener[R]) -> Present[R]:
    """What was found so far with the next page of the same search; a page that cannot be used ends it, not complete."""
    bundle = _read(page)
    if not isinstance(bundle, SentBundle):
        return replace(so_far, complete=False, next_page=None, intact=False)
    counted, bundle.total = bundle.total or 0, None  # a total counts all pages, not this one
    match _classify_bundle(bundle, opener):
        case Present() as found:
            pass
        case Empty():
            found = Present(())
        case _:
            return replace(so_far, complete=False, next_page=None, intact=False)
    resources = (*so_far.resources, *found.resources)
    total = max(so_far.total, counted)
    intact = so_far.intact and found.intact
    whole = intact and found.complete and total <= len(resources)
    return Present(resources, (*so_far.included, *found.included), whole, found.next_page, intact, total)


def _as_sent(resources: Iterable[msgspec.Raw]) -> Iterator[tuple[msgspec.Raw, str | None]]:
    return ((raw, _type_of(raw)) for raw in resources)


def _classify_value(raw: SentValue, opener: Opener[R]) -> Prefetched[R]:
    if isinstance(raw, SentBundle):
        return _classify_bundle(raw, opener)
    if raw == NULL:
        return Empty()
    value = _read(raw)
    match value:
        case SentBundle():
            return _classify_bundle(value, opener)
        case _OperationOutcome():
            return Failed(FailureReason.OPERATION_OUTCOME, _issue_codes([value]))
        case str():
            return Present(tuple(resource for resource, _ in opener((raw,))))
        case None:
            return Failed(FailureReason.UNREADABLE)


class _Search(msgspec.Struct, gc=False):
    mode: str | None = None


class _Entry(msgspec.Struct, gc=False):
    resource: msgspec.Raw = NOTHING
    search: _Search | None = None


class _Link(msgspec.Struct, gc=False):
    relation: str | None = None
    url: str | None = None


class SentBundle(msgspec.Struct, tag_field="resourceType", tag="Bundle"):
    """The answer to a search, its resources undecoded."""

    type: str | None = None
    total: int | None = None
    link: list[_Link] | None = None
    entry: list[_Entry] | None = None


SentValue = msgspec.Raw | SentBundle
"""What was sent for a key: its bytes, or a Bundle that is open already."""


class _Issue(msgspec.Struct, gc=False):
    severity: str | None = None
    code: str | None = None


class _OperationOutcome(msgspec.Struct, tag_field="resourceType", tag="OperationOutcome"):
    issue: list[_Issue] | None = None

    @property
    def failed(self) -> bool:
        """Whether this is more than a remark; an outcome that does not say so counts as a failure."""
        return not self.issue or any(issue.severity not in ("information", "warning", "success") for issue in self.issue)


class _Head(msgspec.Struct, rename="camel", gc=False):
    resource_type: str


_ENVELOPE: Final[msgspec.json.Decoder[SentBundle | _OperationOutcome]] = msgspec.json.Decoder(SentBundle | _OperationOutcome)
_HEAD: Final = msgspec.json.Decoder(_Head)
_OUTCOME: Final = "OperationOutcome"
_RESULT: Final = (None, "match")
# A code of FHIR's list (http://hl7.org/fhir/issue-type, R4) and nothing else: free text does not reach a log.
_ISSUE_TYPES: Final = frozenset(
    {
        *("invalid", "structure", "required", "value", "invariant"),
        *("security", "login", "unknown", "expired", "forbidden", "suppressed"),
        *("processing", "not-supported", "duplicate", "multiple-matches", "not-found", "deleted", "too-long", "code-invalid"),
        *("extension", "too-costly", "business-rule", "conflict"),
        *("transient", "lock-error", "no-store", "exception", "timeout", "incomplete", "throttled"),
        "informational",
    }
)


def _read(raw: msgspec.Raw) -> SentBundle | _OperationOutcome | str | None:
    """An envelope, or the type of any other resource, or None for what is neither."""
    try:
        return _ENVELOPE.decode(raw)
    except UNREADABLE:
        pass
    resource_type = _type_of(raw)
    match resource_type:
        case "OperationOutcome":  # one that we cannot read in detail is a failure all the same
            return _OperationOutcome()
        case "Bundle" | "":
            return None
        case _:
            return resource_type


def _type_of(raw: msgspec.Raw) -> str | None:
    try:
        return _HEAD.decode(raw).resource_type
    except UNREADABLE:
        return None


def _is_outcome(raw: msgspec.Raw, resource_type: str | None) -> bool:
    """Whether an entry must be read for what the client remarks; one that its reader could not open is searched for the word."""
    return resource_type == _OUTCOME or (not resource_type and _OUTCOME.encode() in bytes(raw))


def _classify_bundle(bundle: SentBundle, opener: Opener[R]) -> Prefetched[R]:
    if bundle.type == "history":
        return Failed(FailureReason.HISTORY)
    matches: list[R] = []
    included: list[R] = []
    outcomes: list[_OperationOutcome] = []
    whole = True
    entries = bundle.entry or ()
    for entry, (resource, resource_type) in zip(entries, opener([entry.resource for entry in entries]), strict=True):
        search = entry.search
        mode = search.mode if search is not None else None
        if (mode == "match" or mode is None) and resource_type and resource_type != _OUTCOME:  # nearly all are such
            matches.append(resource)
            continue
        suspected = mode == "outcome" or _is_outcome(entry.resource, resource_type)
        found = _read(entry.resource) if suspected else "resource"
        if found is None or (resource_type is None and not bytes(entry.resource).startswith(b"{")):
            whole = False
        elif isinstance(found, _OperationOutcome):
            outcomes.append(found)
        elif mode in _RESULT:
            matches.append(resource)
        else:
            included.append(resource)
            whole = whole and mode == "include"
    codes = _issue_codes(outcomes)
    failed = any(outcome.failed for outcome in outcomes)
    if failed and not matches:
        return Failed(FailureReason.OPERATION_OUTCOME, codes)
    more = [link for link in bundle.link or () if link.relation == "next"]
    total = bundle.total or 0
    intact = whole and not failed and bool(matches or not included)
    whole = intact and total <= len(matches)
    if matches or more:
        next_page = more[0].url if more else None
        return Present(tuple(matches), tuple(included), whole and not more, next_page, intact, total)
    return Empty(codes) if whole else Failed(FailureReason.UNREADABLE, codes)


def _issue_codes(outcomes: list[_OperationOutcome]) -> tuple[str, ...]:
    codes = [issue.code for outcome in outcomes for issue in outcome.issue or () if issue.code]
    return tuple(code for code in codes if code in _ISSUE_TYPES)
