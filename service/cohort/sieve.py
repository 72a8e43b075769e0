"""The fast way through the lines of an export: most hold plain numbers, and what their codes are decides at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.cohort.concerned import may_tell_of_disease
from service.cohort.heads import NO_HEAD, bucket_of, decode_head, is_passed_over, owner_in, sort_headed, sort_line
from service.cohort.part_rows import RESOURCE, storable
from service.record.bundle import BYTE_ORDER_MARK, NOTHING, components_in
from service.record.wanted import LONGEST_SEEN, is_wanted

if TYPE_CHECKING:
    from service.cohort.lines import Block
    from service.cohort.part_rows import PartFile, Row
    from service.record.bundle import Head

_PASSED, _KEPT, _SORTED = range(3)  # what becomes of a plain number: nothing, a row, or as of any other resource
_REMEMBERED = 8_192  # codes of tests, and patients


class Sieve:
    """Sorts lines as `sort_line` does, in a fraction of the time: what the code of a plain number decides is remembered.

    Whatever is not a readable Observation of one quantity or of several, of a patient, without versions, goes the long way.
    """

    def __init__(self, part: PartFile):
        """Begin the sorting into a part."""
        self._part = part
        self._fates: dict[bytes, int] = {}
        self._owners: dict[bytes, tuple[int, str] | None] = {}

    def take(self, block: Block) -> None:  # noqa: C901 - one loop: a call for each line would cost as much as the line
        """Sort the lines of a block."""
        part, fates, owners, nothing = self._part, self._fates, self._owners, NOTHING
        number, name = part.number, part.name
        passed, size = 0, 0
        rows: list[Row] = []
        for at, line in enumerate(block.lines, block.first):
            try:
                head = decode_head(line)
            except NO_HEAD:
                self._take_headless(at, line)
                continue
            if (
                head.resourceType == "Observation"
                and head.meta is nothing
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
                    owner = owners.get(subject) or self._owner(subject)
                    if owner is not None:
                        if fate == _PASSED:
                            passed += 1
                            continue
                        raw = line.strip()
                        size += len(raw)
                        own = (
                            number,
                            *owner,
                            RESOURCE,
                            False,
                            "Observation",
                            head.id or "",
                            "",
                            "",
                            name,
                            at,
                            False,
                            "",
                            False,
                            raw,
                        )
                        rows.append(own)
                        continue
            if is_passed_over(head, line, part.terms):
                passed += 1
            else:
                part.add_all(at, sort_headed(line.strip(), head, name, at, part.terms))
        part.passed_over(passed)
        part.add_rows(rows, size)

    def _take_headless(self, at: int, line: bytes) -> None:
        if raw := line.strip():
            self._part.add_all(at, sort_line(raw.removeprefix(BYTE_ORDER_MARK), self._part.name, at, self._part.terms))

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

    def _owner(self, subject: bytes) -> tuple[int, str] | None:
        """Return share and id of the patient that a resource is about; None where it names none."""
        patient = owner_in(subject)
        if not patient:
            return None
        if len(self._owners) >= _REMEMBERED:
            self._owners.clear()
        found = self._owners[subject] = (bucket_of(patient, self._part.buckets), storable(patient))
        return found
