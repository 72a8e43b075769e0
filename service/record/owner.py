"""Whose a record is: the one Patient of it, and whether a reference leads to them."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

import orjson

from service.errors import WrongPatient
from service.record.tolerant import Unreadable, mapping, mappings, text
from service.record.whose import OTHERS

if TYPE_CHECKING:
    from service.record.bundle import Slice
    from service.record.shelf import Shelf
    from service.record.tolerant import Json


def names_another_within(slice_: Slice, patient: Owner) -> bool:
    """Return whether the subject that stands within a resource is no patient, or one who was born on another day."""
    try:
        resource = slice_.decoded()
        inner = text(mapping(resource, "subject") or mapping(resource, "patient"), "reference")[1:]
        own = next((item for _, item in mappings(resource, "contained") if item.get("id") == inner), {})
    except (orjson.JSONDecodeError, RecursionError, Unreadable):
        return False  # whoever reads it says what is wrong
    if own.get("resourceType") in OTHERS:
        return True
    told = own.get("birthDate")
    births = [birth for one in patient.resources if isinstance(birth := one.get("birthDate"), str)]
    return isinstance(told, str) and bool(births) and not any(map(partial(_may_be_one, told), births))


def _may_be_one(one: str, other: str) -> bool:
    """Return whether two dates may be the same: one of them is written less precisely, or as precisely."""
    return one.startswith(other) or other.startswith(one)


@dataclass(slots=True)
class Owner:
    """Who the record is about: every name under which the one Patient may be referred to."""

    names: set[str] = field(default_factory=set)
    resources: list[Json] = field(default_factory=list)
    reference: str = ""

    def take(self, slice_: Slice, wanted_id: str, shelf: Shelf) -> None:
        """Accept one Patient resource; a second person is refused."""
        head = slice_.head
        own = head.id if head is not None and head.id else ""
        names = {name for name in (own, f"Patient/{own}" if own else "", slice_.full_url) if name}
        if self.names and not names & self.names:
            raise WrongPatient("the data belong to more than one patient", where=slice_.position, hint="send one patient a call")
        if wanted_id and own != wanted_id:
            raise WrongPatient("the Patient sent is not the one that the request names", where="context.patientId")
        self.names |= names
        if not self.reference:
            self.reference = f"Patient/{own}" if own else slice_.full_url or slice_.position
        try:
            self.resources.append(slice_.decoded())
        except (orjson.JSONDecodeError, RecursionError):
            shelf.problem("error", "unreadable", self.reference, "The Patient resource could not be read")

    def owns(self, reference: str) -> bool | None:
        """Return whether a reference leads to this patient; None where it does not lead to a patient at all."""
        reference = reference.split("/_history/", 1)[0]
        if reference in self.names:
            return True
        parts = reference.rsplit("/", 2)
        if len(parts) >= 2 and parts[-2] == "Patient":  # noqa: PLR2004 - Type/id
            return f"Patient/{parts[-1]}" in self.names
        if reference.startswith("urn:uuid:"):
            return reference.removeprefix("urn:uuid:") in self.names
        return None
