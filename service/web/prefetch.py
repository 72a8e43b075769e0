"""What the states of a client's prefetch mean for a call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec
import orjson

from cds_hooks import Absent, Empty, Failed, Present, classify_opened
from service.errors import PrefetchFailed, WrongPatient
from service.record.bundle import Slice, open_resource
from service.record.reader import POINTED_AT
from service.web.fallback import completed, is_lacking
from service.web.pointed_at import KEY, drugs_pointed_at
from service.web.vendor_extensions import refuse_older

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cds_hooks import HookRequest
    from service.clients.fhir_server import RecordServer
    from service.web.offered import AskedService

_HINT = "send them, null where there are none"
_STRIPPED = "nothing was sent at all: is the address that is called exactly the one registered with the client?"


@dataclass(frozen=True, slots=True)
class Received:
    """The data of a call: the resources of each key, and the types of which some or all could not be had.

    `not_fetched` are those of the latter that the record system's FHIR server was asked for.
    """

    resources: Mapping[str, tuple[Slice, ...]]
    unavailable: frozenset[str]
    not_fetched: frozenset[str] = frozenset()


def receive(
    request: HookRequest, asked: AskedService, server: RecordServer | None = None, *, may_be_older: bool = False
) -> Received:
    """Return the data of a call, fetched from the server where they were not sent.

    null and an empty search mean that there is nothing; a key that is absent or failed, and cannot be fetched, means that nobody
    knows. `may_be_older`: nobody said that the data are R4, so that their types must not say otherwise.

    Raises: PrefetchFailed where a required key is absent or failed; WrongPatient where a key holds another type of resource;
    OtherFhirVersion where it is a type of an older FHIR.
    """
    completion = completed(classify_opened(request.prefetch, asked.prefetch, _open), request, asked, server)
    states = completion.states
    if lacking := [key for key, state in states.items() if asked.prefetch[key].required and isinstance(state, Absent | Failed)]:
        tried = " and could not be fetched" if completion.asked & set(lacking) else ""
        raise PrefetchFailed(
            f"required data were not sent{tried}",
            where=f"prefetch: {', '.join(lacking)}",
            hint=_STRIPPED if is_stripped(request) else _HINT,
        )
    refuse = refuse_older if may_be_older else _let_through
    resources = {
        key: _resources(key, asked.prefetch[key].type, state, refuse)
        for key, state in states.items()
        if isinstance(state, Present)
    }
    if isinstance(states.get("patient"), Empty):
        # The context names the patient even where the record says nothing else about them.
        resources["patient"] = (open_resource(orjson.dumps({"resourceType": "Patient", "id": request.context.patient_id})),)
    lacking_keys = frozenset(key for key, state in states.items() if is_lacking(state))
    drugs = drugs_pointed_at(resources, server)
    if drugs.found:
        resources[KEY] = drugs.found
    return Received(
        resources,
        unavailable=frozenset(asked.prefetch[key].type for key in lacking_keys) | drugs.nameless,
        not_fetched=frozenset(asked.prefetch[key].type for key in lacking_keys & completion.asked) | drugs.not_fetched,
    )


def is_stripped(request: HookRequest) -> bool:
    """Return whether a call came with nothing to answer from: no data, and no server to ask for them.

    Some clients take everything out of a call whose address is not exactly the one that was registered with them.
    """
    return not request.prefetch and request.fhir_server is None


def _let_through(_resource_type: str | None) -> None:
    pass


def _resources(key: str, kind: str, state: Present[Slice], refuse: Callable[[str | None], None]) -> tuple[Slice, ...]:
    for found in state.included:
        refuse(_type_of(found))
    for found in state.resources:
        head = found.head
        if (head is None or head.resourceType != kind) and (another := _type_of(found)) not in {kind, None}:
            refuse(another)
            raise WrongPatient(
                "a key holds another type of resource than was asked", where=f"prefetch.{key}", hint=f"{kind} is expected"
            )
    return (*state.resources, *(found for found in state.included if _type_of(found) in POINTED_AT))


def _open(raw: msgspec.Raw) -> tuple[Slice, str | None]:
    found = open_resource(raw)
    head = found.head
    return found, head.resourceType if head is not None else _type_of(found)


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
