"""What was looked at of a patient and could not be read: listed with file and line, as `assess` names it under `problems`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.cohort.named import is_utf_8
from service.cohort.places import Place, in_bundle, rejected_line
from service.logic.dates import PartialDate

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from service.record.bundle import Slice
    from service.record.record import Problem

UNREADABLE = "unreadable"


def broken_among(slices: Sequence[Slice], problems: Iterable[Problem]) -> dict[Place, bytes]:
    """Return the resources that could not be read, or not in full, by where they stood; of versions of one, all."""
    told = [problem.where for problem in problems if problem.code == UNREADABLE]
    if not told:
        return {}
    named: dict[str, list[Slice]] = {}
    for slice_ in slices:
        if not slice_.deleted:
            named.setdefault(slice_.reference, []).append(slice_)
    found: dict[Place, bytes] = {}
    for where in told:
        reference, path = (where, "") if where in named else where.rpartition(" ")[::2]
        for slice_ in named.get(reference, ()):
            if path == "birthDate" and _is_a_day(slice_):
                continue  # it lies after the day asked about
            file, position = in_bundle(slice_.place)
            found[Place(file, slice_.number, position, path)] = bytes(slice_.raw)
    return found


def _is_a_day(person: Slice) -> bool:
    born = person.decoded().get("birthDate")
    return isinstance(born, str) and PartialDate.parse(born) is not None


def listed(broken: Mapping[Place, bytes]) -> list[bytes]:
    """Return the lines for the list of what was rejected; what is no UTF-8 was listed as it was read."""
    return [rejected_line(place, UNREADABLE, raw) for place, raw in sorted(broken.items()) if is_utf_8(raw)]
