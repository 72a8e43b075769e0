"""The fast way through the lines of an export: most hold results, and what their codes are decides at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from service.cohort.concerned import may_tell_of_disease
from service.cohort.heads import NO_HEAD, PASSED_OVER, VISIT, decode_head, is_passed_over, patient_in, sort_headed, sort_line
from service.record.bundle import BYTE_ORDER_MARK, NOTHING, HeadComponent, reference_in
from service.record.wanted import LONGEST_SEEN, is_wanted, is_wanted_visit

if TYPE_CHECKING:
    from service.cohort.lines import Block
    from service.cohort.packs import Pack
    from service.cohort.part_rows import PartFile

_PASSED, _KEPT, _SORTED = range(3)  # what becomes of a result: nothing, packed, or as of any other resource
_WORDS = b"\1"  # tells the words of a test from its numbers
_REMEMBERED = 8_192  # codes of tests, and patients


class LineHead(HeadComponent, gc=False):
    """The little of a line that tells what becomes of a result, and whose it is; any other line is read again."""

    resourceType: str = ""  # noqa: N815 - FHIR's own name
    id: str | None = None
    meta: msgspec.Raw = NOTHING
    subject: msgspec.Raw = NOTHING
    component: tuple[HeadComponent, ...] | msgspec.UnsetType = msgspec.UNSET
    patient: msgspec.Raw = NOTHING
    medicationReference: msgspec.Raw = NOTHING  # noqa: N815 - FHIR's own name
    hasMember: msgspec.Raw = NOTHING  # noqa: N815 - FHIR's own name
    reasonCode: msgspec.Raw = NOTHING  # noqa: N815 - FHIR's own name


_decode_line = msgspec.json.Decoder(LineHead).decode


class LineSieve:
    """Sorts lines as `sort_line` does, in a fraction of the time: what the code of a result decides is remembered.

    Whatever is not a readable Observation of a patient goes the long way, and whatever may tell of the disease. Other results
    that are kept are packed: nothing of the line but its place is looked at again unless the patient has ALL.
    """

    def __init__(self, part: PartFile):
        """Begin the sorting into a part."""
        self._part = part
        self._fates: dict[bytes, int] = {}
        self._packs: dict[bytes, Pack] = {}  # by how the patient is referred to

    def take(self, block: Block) -> None:  # noqa: C901, PLR0912 - one loop: a call for each line would cost as much as the line
        """Sort the lines of a block, and count them."""
        part, fates, packs, nothing, unset = self._part, self._fates, self._packs, NOTHING, msgspec.UNSET
        name, latest, pack = part.name, NOTHING, None
        first = part.lines + 1
        at, passed, kept, shadows = part.lines, 0, 0, 0
        for at, line in enumerate(block.lines, first):
            try:
                head = _decode_line(line)
            except NO_HEAD:
                self._take_unread(at, line)
                continue
            kind, fate = head.resourceType, _SORTED
            if (
                kind == "Observation"
                and head.patient is nothing
                and head.medicationReference is nothing
                and head.hasMember is nothing
            ):
                if head.component is not unset:
                    fate = self._fate_of_panel(head, line)
                else:
                    code = bytes(head.code)
                    if (
                        head.valueQuantity is nothing
                        or head.valueString is not nothing
                        or head.valueCodeableConcept is not nothing
                    ):
                        code += _WORDS
                    known = fates.get(code)
                    fate = self._learn(line, code) if known is None else known
            elif kind in PASSED_OVER:
                passed += 1
                continue
            elif kind == VISIT and self._says_nothing(head):
                fate = _PASSED
            if fate != _SORTED:
                subject = head.subject
                if subject != latest:
                    latest = subject
                    pack = packs.get(told := bytes(subject)) or self._pack(told)
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
            self._take_one(at, line)
        part.lines = at
        part.passed_over(passed)
        part.add_packed(first, block, kept, shadows)
        if part.is_full:
            part.flush()
            self._packs = {}

    def _says_nothing(self, head: LineHead) -> bool:
        """Return whether a visit is coded with nothing that is asked for; one of another shape is sorted."""
        if head.reasonCode is not NOTHING and is_wanted_visit(head.reasonCode, self._part.terms):
            return False
        return head.code is head.patient is head.medicationReference is head.hasMember is NOTHING

    def _take_one(self, at: int, line: bytes) -> None:
        """Sort any other line."""
        part = self._part
        try:
            head = decode_head(line)
        except NO_HEAD:
            self._take_unread(at, line)
            return
        part.came(head.resourceType)
        if is_passed_over(head, part.terms):
            part.passed_over(1)
        else:
            part.add_all(at, sort_headed(line.strip(), head, part.name, at, part.terms))

    def _take_unread(self, at: int, line: bytes) -> None:
        """Sort a line that has no head: an empty one is passed over, and a mark before it is none of it."""
        part, raw = self._part, line.strip()
        if raw.startswith(BYTE_ORDER_MARK):
            self._take_one(at, raw.removeprefix(BYTE_ORDER_MARK))
        elif raw:
            part.add_all(at, sort_line(raw, part.name, at, part.terms))

    def _learn(self, line: bytes, code: bytes) -> int:
        """Return what becomes of all numbers with the code of this one, of all words with it, or of all panels with its codes."""
        head, terms = decode_head(line), self._part.terms
        self._part.came(head.resourceType)
        if len(code) > LONGEST_SEEN or may_tell_of_disease(head, terms):
            return _SORTED
        fate = _KEPT if is_wanted(head, terms) else _PASSED
        if len(self._fates) < _REMEMBERED:
            self._fates[code] = fate
        return fate

    def _fate_of_panel(self, head: LineHead, line: bytes) -> int:
        """Return what becomes of a panel: nothing, where all its parts are numbers and no fact asks for any of them."""
        codes, nothing = [head.code], NOTHING
        if head.code is nothing or head.component is msgspec.UNSET or not head.has_no_words:
            return _SORTED
        for part in head.component:
            if part.valueQuantity is nothing or part.valueString is not nothing or part.valueCodeableConcept is not nothing:
                return _SORTED
            codes.append(part.code)
        key = b"\0".join(codes)
        fate = self._fates.get(key)
        return _PASSED if (self._learn(line, key) if fate is None else fate) == _PASSED else _SORTED

    def _pack(self, subject: bytes) -> Pack | None:
        """Return the pack of the patient that a resource is about; None where it names none."""
        reference = reference_in(subject)
        self._part.led_to(reference)
        patient = patient_in(reference)
        if not patient:
            return None
        if len(self._packs) >= _REMEMBERED:
            self._packs.clear()
        found = self._packs[subject] = self._part.pack_of(patient)
        return found
