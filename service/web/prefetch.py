"""What the states of a client's prefetch mean for a call."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

import orjson

from cds_hooks import Absent, Empty, Failed, Present, classify_opened
from service.errors import PrefetchFailed, WrongPatient
from service.record.bundle import Slice, open_resource
from service.record.reader import POINTED_AT
from service.record.sieve import Found, Sieve, opened_again, placed, type_of
from service.web.fallback import completed, is_lacking
from service.web.pointed_at import KEY, drugs_pointed_at
from service.web.vendor_extensions import refuse_older

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from cds_hooks import HookRequest, Prefetched
    from service.clients.fhir_server import RecordServer
    from service.record.vocabulary import Terms
    from service.web.fallback import Completed
    from service.web.offered import AskedService

_HINT = "send them, null where there are none"
_FAILED = "what they say is unknown, not absent: call again once the queries work"
_STRIPPED = "nothing was sent at all: is the address that is called exactly the one registered with the client?"


@dataclass(frozen=True, slots=True)
class Received:
    """The data of a call: the resources of each key that a fact may ask for, and the types of which some or all could not be had.

    `not_fetched` are those of the latter that the record system's FHIR server was asked for; `everything` is all that came.
    `remarks`: the codes of what the client remarked about keys without data, for a log.
    """

    resources: Mapping[str, Sequence[Slice]]
    everything: Mapping[str, Sequence[Found]] = field(repr=False)
    unavailable: frozenset[str]
    not_fetched: frozenset[str]
    remarks: tuple[str, ...] = ()


def receive(
    request: HookRequest,
    asked: AskedService,
    terms: Terms,
    server: RecordServer | None = None,
    *,
    may_be_older: bool = False,
) -> Received:
    """Return the data of a call, fetched from the server where they were not sent.

    null and an empty search mean that there is nothing; a key that is absent or failed, and cannot be fetched, means that nobody
    knows. `may_be_older`: nobody said that the data are R4, so that their types must not say otherwise. What no fact asks for by
    `terms` is passed over where it was sent.

    Raises: PrefetchFailed where a required key is absent or failed; WrongPatient where a key holds another type of resource;
    OtherFhirVersion where it is a type of an older FHIR.
    """
    sieve = Sieve(terms, request.context.patient_id)
    sent: dict[str, Prefetched[Found]] = {}
    for key, one in asked.prefetch.items():
        sent |= classify_opened(request.prefetch, (key,), partial(sieve.open, one.type))
    completion = completed(sent, request, asked, server)
    states = completion.states
    _require_sent(completion, sent, request, asked)
    refuse = refuse_older if may_be_older else _let_through
    everything: dict[str, Sequence[Found]] = {}
    resources: dict[str, list[Slice]] = {}
    for key, state in states.items():
        if isinstance(state, Present):
            along = _pointed_at(state, refuse)
            everything[key] = (*state.resources, *along)
            resources[key] = placed(key, everything[key])
            _require(asked.prefetch[key].type, resources[key][: -len(along) or None], key, refuse)
    if sieve.has_twins or completion.asked:  # which of several versions speaks is told by all of them
        everything = {key: opened_again(found) for key, found in everything.items()}
        resources = {key: placed(key, found) for key, found in everything.items()}
    if isinstance(states.get("patient"), Empty):
        # The context names the patient even where the record says nothing else about them.
        nobody = open_resource(orjson.dumps({"resourceType": "Patient", "id": request.context.patient_id}))
        everything["patient"], resources["patient"] = (nobody,), placed("patient", (nobody,))
    lacking_keys = frozenset(key for key, state in states.items() if is_lacking(state))
    drugs = drugs_pointed_at(resources, server)
    if drugs.found:
        everything[KEY], resources[KEY] = drugs.found, placed(KEY, drugs.found)
    return Received(
        resources,
        everything,
        unavailable=frozenset(asked.prefetch[key].type for key in lacking_keys) | drugs.nameless,
        not_fetched=frozenset(asked.prefetch[key].type for key in lacking_keys & completion.asked) | drugs.not_fetched,
        remarks=_remarks(sent),
    )


def _remarks(sent: Mapping[str, Prefetched[Found]]) -> tuple[str, ...]:
    """Return the codes with which the client says why keys have no data, each once."""
    codes = [code for state in sent.values() if isinstance(state, Empty | Failed) for code in state.issue_codes]
    return tuple(sorted(set(codes)))


def _require_sent(
    completion: Completed, sent: Mapping[str, Prefetched[Found]], request: HookRequest, asked: AskedService
) -> None:
    """Raises: PrefetchFailed where a required key has no data, saying what the client did with it."""
    states = completion.states
    lacking = [key for key, state in states.items() if asked.prefetch[key].required and isinstance(state, Absent | Failed)]
    if not lacking:
        return
    failed = any(isinstance(sent[key], Failed) for key in lacking)
    hint = _STRIPPED if is_stripped(request) else _FAILED if failed else _HINT
    said = "required data were sent as failed or cannot be read" if failed else "required data were not sent"
    tried = " and could not be fetched" if completion.asked & set(lacking) else ""
    raise PrefetchFailed(f"{said}{tried}", where=f"prefetch: {', '.join(lacking)}", hint=hint, remarks=_remarks(sent))


def is_stripped(request: HookRequest) -> bool:
    """Return whether a call came with nothing to answer from: no data, and no server to ask for them.

    Some clients take everything out of a call whose address is not exactly the one that was registered with them.
    """
    return not request.prefetch and request.fhir_server is None


def _let_through(_resource_type: str | None) -> None:
    pass


def _pointed_at(state: Present[Found], refuse: Callable[[str | None], None]) -> list[Slice]:
    """Return what came along with a search and may be pointed at."""
    along = [(found, type_of(found)) for found in state.included if isinstance(found, Slice)]
    for _, kind in along:
        refuse(kind)
    return [found for found, kind in along if kind in POINTED_AT]


def _require(kind: str, resources: Sequence[Slice], key: str, refuse: Callable[[str | None], None]) -> None:
    for found in resources:
        head = found.head
        if (head is None or head.resourceType != kind) and (another := type_of(found)) not in {kind, None}:
            refuse(another)
            raise WrongPatient(
                "a key holds another type of resource than was asked", where=f"prefetch.{key}", hint=f"{kind} is expected"
            )
