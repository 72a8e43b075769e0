"""The fast way through the lines of an export: most hold plain numbers, and what their codes are decides at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from service.cohort.concerned import may_tell_of_disease
from service.cohort.heads import LOOKED_INTO, NO_HEAD, decode_head, is_passed_over, owner_in, sort_headed, sort_line
from service.record.bundle import BYTE_ORDER_MARK, NOTHING, Head, components_in
from service.record.wanted import LONGEST_SEEN, is_wanted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from service.cohort.lines import Block
    from service.cohort.packs import Pack
    from service.cohort.part_rows import PartFile

_PASSED, _KEPT, _SORTED = range(3)  # what becomes of a plain number: nothing, packed, or as of any other resource
_REMEMBERED = 8_192  # codes of tests, and patients
_decode_lines = msgspec.json.Decoder(Head).decode_lines


class Sieve:
    """Sorts lines as `sort_line` does, in a fraction of the time: what the code of a plain number decides is remembered.

    Whatever is not a readable Observation of one quantity or of several, of a patient, goes the long way. Numbers that are kept
    are packed: nothing of the line but its place is looked at again unless the patient has ALL.
    """

    def __init__(self, part: PartFile):
        """Begin the sorting into a part."""
        self._part = part
        self._fates: dict[bytes, int] = {}
        self._packs: dict[bytes, Pack] = {}  # by how the patient is referred to

    def take(self, block: Block) -> None:  # noqa: C901, PLR0912 - one loop: a call for each line would cost as much as the line
        """Sort the lines of a block."""
        part, fates, packs, nothing = self._part, self._fates, self._packs, NOTHING
        name, first = part.name, block.first
        lines: list[bytes] = []
        passed, kept, shadows = 0, 0, 0
        for at, head in enumerate(_heads(block), first):
            if head is not None:
                kind = head.resourceType
                if (
                    kind == "Observation"
                    and head.valueString is nothing
                    and head.valueCodeableConcept is nothing
                    and head.patient is nothing
                    and head.medicationReference is nothing
                ):
                    if head.component is not nothing:
                        fate = self._fate_of_panel(head)
                    elif head.valueQuantity is nothing:
                        fate = _SORTED
                    elif (known := fates.get(code := bytes(head.code))) is not None:
                        fate = known
                    else:
                        fate = self._learn(head, code)
                    if fate != _SORTED:
                        subject = bytes(head.subject)
                        pack = packs.get(subject) or self._pack(subject)
                        if pack is not None:
                            if fate == _KEPT:
                                pack.ids.append(head.id or "")
                                pack.lines.append(at)
                                kept += 1
                            elif head.meta is nothing or not head.id:
                                passed += 1
                            else:
                                pack.shades.append((kind, head.id, "", name, at, False, "", False, bytes(head.meta)))
                                shadows += 1
                            continue
                elif kind and kind not in LOOKED_INTO:
                    passed += 1
                    continue
            lines = lines or block.lines
            self._take_one(at, lines[at - first], head)
        part.passed_over(passed)
        part.add_packed(block, kept, shadows)
        if part.is_full:
            part.flush()
            self._packs = {}

    def _take_one(self, at: int, line: bytes, head: Head | None) -> None:
        """Sort any other line, by its head if it has one."""
        part = self._part
        if head is None:
            if raw := line.strip():
                part.add_all(at, sort_line(raw.removeprefix(BYTE_ORDER_MARK), part.name, at, part.terms))
        elif is_passed_over(head, line, part.terms):
            part.passed_over(1)
        else:
            part.add_all(at, sort_headed(line.strip(), head, part.name, at, part.terms))

    def _learn(self, head: Head, code: bytes) -> int:
        """Return what becomes of all plain numbers with a code, or of all panels of numbers with these codes."""
        terms = self._part.terms
        if not code or len(code) > LONGEST_SEEN or may_tell_of_disease(head, terms):
            return _SORTED
        fate = _KEPT if is_wanted(head, terms) else _PASSED
        if len(self._fates) < _REMEMBERED:
            self._fates[code] = fate
        return fate

    def _fate_of_panel(self, head: Head) -> int:
        """Return what becomes of a panel: nothing, where all its parts are numbers and no fact asks for any of them."""
        parts = components_in(head.component)
        if parts is None or head.code is NOTHING:
            return _SORTED
        codes = [bytes(head.code)]
        for part in parts:
            if part.valueQuantity is NOTHING or part.valueString is not NOTHING or part.valueCodeableConcept is not NOTHING:
                return _SORTED
            codes.append(bytes(part.code))
        key = b"\0".join(codes)
        fate = self._fates.get(key)
        return _PASSED if (self._learn(head, key) if fate is None else fate) == _PASSED else _SORTED

    def _pack(self, subject: bytes) -> Pack | None:
        """Return the pack of the patient that a resource is about; None where it names none."""
        patient = owner_in(subject)
        if not patient:
            return None
        if len(self._packs) >= _REMEMBERED:
            self._packs.clear()
        found = self._packs[subject] = self._part.pack_of(patient)
        return found


def _heads(block: Block) -> Sequence[Head | None]:
    """Return the heads of all lines, None for a line that has none: all at once where each line surely is one object."""
    if block.objects:
        try:
            heads = _decode_lines(block.data)
        except NO_HEAD:
            pass
        else:
            if len(heads) == block.number:
                return heads
    return [_head(line) for line in block.lines]


def _head(line: bytes) -> Head | None:
    try:
        return decode_head(line)
    except NO_HEAD:
        return None
