"""What is kept of one answer: the assessment, and all that is needed to assess the same again. No token is part of it."""

from __future__ import annotations

import zlib
from datetime import date
from typing import TYPE_CHECKING

import msgspec

from service.consultation import Question
from service.errors import SealBroken
from service.explanations.registry_mark import RegistryMark
from service.record.bundle import open_resource
from service.record.sieve import bytes_of, placed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from service.record.bundle import Slice
    from service.record.sieve import Found

_FAST = 1  # how hard it is packed: a record shrinks to a tenth, and nobody waits


class KeptQuestion(msgspec.Struct, frozen=True):
    """The question that was asked."""

    as_of: date
    known_by: date
    regulators: tuple[str, ...]
    country: str
    site_group: str
    place: tuple[float, float] | None
    sighting_stale_days: int
    is_past: bool = False

    @classmethod
    def of(cls, question: Question) -> KeptQuestion:
        """Return the question as it is kept."""
        return cls(
            question.as_of,
            question.known_by,
            question.regulators,
            question.country,
            question.site_group,
            question.place,
            question.sighting_stale_days,
            question.is_past,
        )

    def asked(self) -> Question:
        """Return the question as it was asked."""
        return Question(
            self.as_of,
            self.known_by,
            self.regulators,
            self.country,
            self.site_group,
            self.place,
            self.sighting_stale_days,
            self.is_past,
        )


class KeptAssessment(msgspec.Struct, frozen=True):
    """One answer. `assessment` is the document as JSON; `resources` are those of each key, as they came.

    Of the call there are hook, service and patient id, of its context nothing else: no user, no server, no token.
    """

    service: str
    hook: str
    patient_id: str
    question: KeptQuestion
    resources: dict[str, tuple[bytes, ...]]
    unavailable: tuple[str, ...]
    registry: RegistryMark
    assessment: bytes

    def __repr__(self) -> str:
        """Return nothing of the patient."""
        return f"KeptAssessment({self.service!r}, {self.hook!r})"

    def slices(self) -> dict[str, list[Slice]]:
        """Return the resources opened, as the reader of records takes them."""
        return {key: placed(key, (open_resource(raw) for raw in raws)) for key, raws in self.resources.items()}


def copied(resources: Mapping[str, Sequence[Found]]) -> dict[str, tuple[bytes, ...]]:
    """Return the bytes of the resources and of nothing else: a slice would hold the whole body, its token with it."""
    return {key: tuple(bytes(memoryview(bytes_of(found))) for found in opened) for key, opened in resources.items()}


def pack(kept: KeptAssessment) -> bytes:
    """Return it as bytes."""
    return zlib.compress(msgspec.msgpack.encode(kept), _FAST)


def unpack(packed: bytes) -> KeptAssessment:
    """Return what was packed. Raises: SealBroken for bytes of another version of the service."""
    try:
        return msgspec.msgpack.decode(zlib.decompress(packed), type=KeptAssessment)
    except (zlib.error, msgspec.MsgspecError):
        raise SealBroken("what is kept was written by another version of the service") from None
