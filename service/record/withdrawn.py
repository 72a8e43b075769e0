"""Results whose only reports or panels were entered in error: they count no more than one entered in error itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from service.record.bundle import NOTHING
from service.record.members import addresses, names_at
from service.record.tolerant import MISTAKEN, Unreadable

if TYPE_CHECKING:
    from service.record.bundle import Slice
    from service.record.shelf import Shelf

_SIGN = f'"{MISTAKEN}"'.encode()
_NOT_USED = "All reports and panels that list the result were entered in error; not used"


def without_withdrawn(kept: list[Slice], shelf: Shelf) -> list[Slice]:
    """Return the resources without the results to which reports and panels entered in error lead, and no other does.

    A panel that is taken out so takes out its own results in turn. Each is noted as a problem.
    """
    holders = [found for found in kept if _leads_on(found)]
    if not any(_SIGN in bytes(found.raw) for found in holders):
        return kept
    opened = {id(found): _opened(found) for found in holders}
    mistaken = {key for key, (status, _) in opened.items() if status == MISTAKEN}
    out: set[int] = set()
    while more := _led_to_by(mistaken | out, opened, kept) - mistaken - out:
        out |= more
    for found in kept:
        if id(found) in out:
            shelf.problem("warning", "not-evaluable", found.reference, _NOT_USED)
    return [found for found in kept if id(found) not in out]


def _leads_on(found: Slice) -> bool:
    head = found.head
    return head is not None and (head.resourceType == "DiagnosticReport" or head.hasMember is not NOTHING)


def _opened(holder: Slice) -> tuple[object, frozenset[str]]:
    """Return the status of a report or panel, and the names to which it leads; a broken one leads nowhere."""
    try:
        resource = holder.decoded()
        led_to = frozenset(names_at(address for key in ("result", "hasMember") for address in addresses(resource, key)))
    except (Unreadable, orjson.JSONDecodeError, RecursionError, UnicodeDecodeError):
        return None, frozenset()
    return resource.get("status"), led_to


def _led_to_by(withdrawn: set[int], opened: dict[int, tuple[object, frozenset[str]]], kept: list[Slice]) -> set[int]:
    """Return the results to which withdrawn reports and panels lead and none of those that stand."""
    names: set[str] = set()
    standing: set[str] = set()
    for key, (_, led_to) in opened.items():
        (names if key in withdrawn else standing).update(led_to)
    names -= standing
    return {
        id(found)
        for found in kept
        if found.head is not None
        and found.head.resourceType == "Observation"
        and names.intersection((found.reference, found.full_url))
    }
