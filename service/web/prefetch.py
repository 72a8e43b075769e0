"""What the states of a client's prefetch mean for a call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec
import orjson

from cds_hooks import Absent, Empty, Failed, Present, classify_opened
from service.errors import PrefetchFailed, WrongPatient
from service.record.bundle import Slice, open_resource

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cds_hooks import HookRequest, Prefetched
    from service.web.offered import AskedService

_HINT = "send them, null where there are none"
_STRIPPED = "nothing was sent at all: is the address that is called exactly the one registered with the client?"
_POINTED_AT = frozenset({"Medication", "Specimen"})


@dataclass(frozen=True, slots=True)
class Received:
    """What a call brought: the resources of each key, and the types of which some or all could not be had."""

    resources: Mapping[str, tuple[Slice, ...]]
    unavailable: frozenset[str]


def receive(request: HookRequest, asked: AskedService) -> Received:
    """Return the data of a call.

    null and an empty search mean that there is nothing; a key that is absent or failed means that nobody knows.

    Raises: PrefetchFailed where a required key is absent or failed; WrongPatient where a key holds another type of resource.
    """
    states = classify_opened(request.prefetch, asked.prefetch, _open)
    if lacking := [key for key, state in states.items() if asked.prefetch[key].required and isinstance(state, Absent | Failed)]:
        raise PrefetchFailed(
            "required data were not sent",
            where=f"prefetch: {', '.join(lacking)}",
            hint=_STRIPPED if is_stripped(request) else _HINT,
        )
    resources = {
        key: _resources(key, asked.prefetch[key].type, state) for key, state in states.items() if isinstance(state, Present)
    }
    if isinstance(states.get("patient"), Empty):
        # The context names the patient even where the record says nothing else about them.
        resources["patient"] = (open_resource(orjson.dumps({"resourceType": "Patient", "id": request.context.patient_id})),)
    unavailable = frozenset(asked.prefetch[key].type for key, state in states.items() if _is_lacking(state))
    return Received(resources, unavailable)


def is_stripped(request: HookRequest) -> bool:
    """Return whether a call came with nothing to answer from: no data, and no server to ask for them.

    Some clients take everything out of a call whose address is not exactly the one that was registered with them.
    """
    return not request.prefetch and request.fhir_server is None


def _is_lacking(state: Prefetched[Slice]) -> bool:
    return isinstance(state, Absent | Failed) or (isinstance(state, Present) and not state.complete)


def _resources(key: str, kind: str, state: Present[Slice]) -> tuple[Slice, ...]:
    for found in state.resources:
        if (found.head is None or found.head.resourceType != kind) and _type_of(found) not in {kind, None}:
            raise WrongPatient(
                "a key holds another type of resource than was asked", where=f"prefetch.{key}", hint=f"{kind} is expected"
            )
    return (*state.resources, *(found for found in state.included if _type_of(found) in _POINTED_AT))


def _open(raw: msgspec.Raw) -> tuple[Slice, str | None]:
    found = open_resource(raw)
    return found, found.head.resourceType if found.head is not None else _type_of(found)


class _Head(msgspec.Struct, gc=False):
    resourceType: str  # noqa: N815 - as FHIR writes it


_HEAD = msgspec.json.Decoder(_Head)


def _type_of(found: Slice) -> str | None:
    """Return the type of a resource, None where it cannot be read: the reader of records will say so."""
    if found.head is not None:
        return found.head.resourceType or None
    try:
        return _HEAD.decode(found.raw).resourceType
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
