"""Several versions of one resource: the newest one speaks, and a deleted resource not at all."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable

    from service.record.bundle import Slice
    from service.record.shelf import Shelf


class _Meta(msgspec.Struct, gc=False):
    versionId: str | None = None  # noqa: N815 - FHIR's own name
    lastUpdated: str | None = None  # noqa: N815 - FHIR's own name


_decoder = msgspec.json.Decoder(_Meta)
Age = tuple[str, int]
_UNTOLD = -1  # the number of a version that tells none
_LONGEST_ID = 64  # signs, as FHIR has it


def has_twins(slices: Iterable[Slice]) -> bool:
    """Return whether two resources of one type share an id."""
    named = [head for slice_ in slices if (head := slice_.head) is not None and head.id]
    if len({head.id for head in named}) == len(named):
        return False
    return len({(head.resourceType, head.id) for head in named}) < len(named)


def newest_versions(slices: Iterable[Slice], shelf: Shelf) -> list[Slice]:
    """Return the resources, of each one its newest version only.

    Which is the newest tell `meta.lastUpdated`, else `meta.versionId`, else the time of the entry. Versions in a bundle of a
    history that none of these puts in order are all set aside. Elsewhere such twins are kept: they may be two resources.
    """
    found = list(slices)
    left_out = _replaced(found, shelf) if has_twins(found) else set()
    return [slice_ for slice_ in found if not slice_.deleted and id(slice_) not in left_out]


def _replaced(found: list[Slice], shelf: Shelf) -> set[int]:
    twins: dict[tuple[str, str], list[Slice]] = {}
    for slice_ in found:
        if slice_.head is not None and slice_.head.id:
            twins.setdefault((slice_.head.resourceType, slice_.head.id), []).append(slice_)
    left_out: set[int] = set()
    for group in twins.values():
        if len(group) > 1:
            left_out |= _older(group, shelf)
    return left_out


def _older(group: list[Slice], shelf: Shelf) -> set[int]:
    """Return the versions that another one replaces."""
    ages = [_age(slice_) for slice_ in group]
    newest = max(ages)
    if ages.count(newest) == 1 and _is_told(newest, ages):
        return {id(slice_) for slice_, age in zip(group, ages, strict=True) if age != newest}
    if not any(slice_.history for slice_ in group):
        return set()
    shelf.set_aside(group[0], "meta", "Which of its versions is the newest is not told; all of them are set aside")
    return {id(slice_) for slice_ in group}


def _is_told(newest: Age, ages: list[Age]) -> bool:
    """Return whether each age tells what it is compared by: its moment, and its number where the moments are the same."""
    moments, numbers = [moment for moment, _ in ages], [number for moment, number in ages if moment == newest[0]]
    return (all(moments) or not any(moments)) and (len(numbers) == 1 or _UNTOLD not in numbers)


def _age(slice_: Slice) -> Age:
    """Return when a version was made and its number, as far as it tells."""
    raw = None if slice_.head is None else slice_.head.meta
    try:
        meta = _decoder.decode(raw) if raw else _Meta()
    except msgspec.DecodeError:
        meta = _Meta()
    return moment_of(meta.lastUpdated or slice_.modified), _number(meta.versionId or "")


def _number(written: str) -> int:
    """Return the number of a version; less than any where it is none, or longer than FHIR lets an id be."""
    return int(written) if written.isdecimal() and len(written) <= _LONGEST_ID else _UNTOLD


def moment_of(written: str) -> str:
    """Return an instant in one time zone, so that the later one is the greater; '' where it is none."""
    try:
        moment = datetime.fromisoformat(written)
        moment = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):  # the second: an instant that lies outside of the calendar once it is in UTC
        return ""
    return moment.isoformat(timespec="microseconds")
