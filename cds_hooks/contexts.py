"""The context of each hook that is read: whose record, who asks, which orders. What FHIR says in it stays undecoded bytes.

To serve another hook: its type here, in `HookContext`, and a line in `CONTEXT_READERS`.

What a client must send and often does not is no reason to refuse a call: without orders there is nothing to say about orders.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

import msgspec

from cds_hooks.errors import InvalidMember
from cds_hooks.incoming import NOTHING, decode_member, decode_or_none, is_missing, optional_text, required_text

# No upper length: real ids are longer than FHIR allows. Never dots alone: ids become parts of addresses.
_ID = re.compile(r"(?!\.+\Z)[A-Za-z0-9._\-]+")
_TYPED_ID = re.compile(r"[A-Za-z]+/(?!\.+\Z)[A-Za-z0-9._\-]+")


@dataclass(frozen=True, slots=True)
class PatientViewContext:
    """Whose record was opened, and by whom. `user_id` is `Type/id`, the others are bare ids. The repr shows none of them."""

    user_id: str = field(repr=False)
    patient_id: str = field(repr=False)
    encounter_id: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class EncounterStartContext:
    """Whose encounter begins, and with whom; it may begin several times."""

    user_id: str = field(repr=False)
    patient_id: str = field(repr=False)
    encounter_id: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class OrderSelectContext:
    """Orders that are being chosen. `selections` are `Type/id` of those chosen now; None: the client did not say.

    `draft_orders` is what was sent as a Bundle, undecoded; None: nothing was, some clients need a further right for it.
    """

    user_id: str = field(repr=False)
    patient_id: str = field(repr=False)
    encounter_id: str | None = field(default=None, repr=False)
    selections: tuple[str, ...] | None = field(default=None, repr=False)
    draft_orders: msgspec.Raw | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class OrderSignContext:
    """Orders about to be signed; some may be signed again, and then are no drafts. `draft_orders` as in OrderSelectContext."""

    user_id: str = field(repr=False)
    patient_id: str = field(repr=False)
    encounter_id: str | None = field(default=None, repr=False)
    draft_orders: msgspec.Raw | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class OrderDispatchContext:
    """Orders, as `Type/id`, that are handed to somebody who carries them out; there is no user. None: the client did not say.

    Who carries them out and by which tasks makes no difference to what we say, so that neither is read.
    """

    patient_id: str = field(repr=False)
    dispatched_orders: tuple[str, ...] | None = field(default=None, repr=False)


HookContext = PatientViewContext | EncounterStartContext | OrderSelectContext | OrderSignContext | OrderDispatchContext


class _Sent(msgspec.Struct, rename="camel", gc=False):
    user_id: msgspec.Raw = NOTHING
    patient_id: msgspec.Raw = NOTHING
    encounter_id: msgspec.Raw = NOTHING
    selections: msgspec.Raw = NOTHING
    draft_orders: msgspec.Raw = NOTHING
    dispatched_orders: msgspec.Raw = NOTHING
    order: msgspec.Raw = NOTHING  # order-dispatch 1.0


def _sent(raw: msgspec.Raw) -> _Sent:
    return decode_member(raw, _Sent, "context", "an object is expected here")


def _patient(sent: _Sent) -> str:
    patient_id = required_text(sent.patient_id, "context.patientId")
    if not _ID.fullmatch(patient_id):
        raise InvalidMember("context.patientId", "a bare id is expected here, without Patient/")
    return patient_id


def _user_and_patient(sent: _Sent) -> tuple[str, str]:
    user_id = required_text(sent.user_id, "context.userId")
    patient_id = _patient(sent)
    if not _TYPED_ID.fullmatch(user_id):
        raise InvalidMember("context.userId", "Type/id is expected here")
    return user_id, patient_id


def _encounter(sent: _Sent) -> str | None:
    encounter_id = optional_text(sent.encounter_id, "context.encounterId")
    if encounter_id is not None and not _ID.fullmatch(encounter_id):
        raise InvalidMember("context.encounterId", "a bare id is expected here, without Encounter/")
    return encounter_id


def _texts(raw: msgspec.Raw) -> tuple[str, ...] | None:
    """Return the texts of a list, one text as a list of one; None where neither was sent."""
    one = decode_or_none(raw, str)
    if one:
        return (one,)
    listed = decode_or_none(raw, list[msgspec.Raw])
    return None if listed is None else tuple(text for item in listed if (text := decode_or_none(item, str)))


def _orders(sent: _Sent) -> msgspec.Raw | None:
    return None if is_missing(sent.draft_orders) else sent.draft_orders


def _patient_view(raw: msgspec.Raw) -> PatientViewContext:
    sent = _sent(raw)
    return PatientViewContext(*_user_and_patient(sent), _encounter(sent))


def _encounter_start(raw: msgspec.Raw) -> EncounterStartContext:
    sent = _sent(raw)
    user_and_patient = _user_and_patient(sent)
    required_text(sent.encounter_id, "context.encounterId")
    return EncounterStartContext(*user_and_patient, _encounter(sent) or "")


def _order_select(raw: msgspec.Raw) -> OrderSelectContext:
    sent = _sent(raw)
    return OrderSelectContext(*_user_and_patient(sent), _encounter(sent), _texts(sent.selections), _orders(sent))


def _order_sign(raw: msgspec.Raw) -> OrderSignContext:
    sent = _sent(raw)
    return OrderSignContext(*_user_and_patient(sent), _encounter(sent), _orders(sent))


def _order_dispatch(raw: msgspec.Raw) -> OrderDispatchContext:
    sent = _sent(raw)
    dispatched = _texts(sent.dispatched_orders)
    return OrderDispatchContext(_patient(sent), dispatched if dispatched is not None else _texts(sent.order))


CONTEXT_READERS: Final[Mapping[str, Callable[[msgspec.Raw], HookContext]]] = MappingProxyType(
    {
        "patient-view": _patient_view,
        "encounter-start": _encounter_start,
        "order-select": _order_select,
        "order-sign": _order_sign,
        "order-dispatch": _order_dispatch,
    }
)
"""The hooks that are read, and how the context of each becomes its type."""
