"""What prefetch lacks, asked of the record system's FHIR server: key by key, and nothing that the client has already told."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cds_hooks import Absent, Failed, Present, filled
from service.record.sieve import opened_again
from service.web import metrics

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cds_hooks import HookRequest, Prefetched
    from service.clients.fhir_server import RecordServer
    from service.record.bundle import Slice
    from service.record.sieve import Found
    from service.web.offered import AskedService


@dataclass(frozen=True, slots=True)
class Completed:
    """The states of all keys after fetching; `asked` are the keys that the server was asked for."""

    states: Mapping[str, Prefetched[Found]]
    asked: frozenset[str] = frozenset()


def completed(
    states: Mapping[str, Prefetched[Found]], request: HookRequest, asked: AskedService, server: RecordServer | None
) -> Completed:
    """Return the states with what the server had for the keys that were not sent, or of which more pages are there.

    Nothing found (null) and failures of the client are its word, and are not asked again.
    """
    lacking = {key: state for key, state in states.items() if _can_be_asked(state)}
    if server is None or not lacking:
        return Completed(states)
    from service.clients.fhir_server import Wanted  # noqa: PLC0415 - only where there is a server

    wanted = []
    for key, state in lacking.items():
        query = filled(asked.prefetch[key].template, request.context)
        if query is not None:
            wanted.append(Wanted(key, asked.prefetch[key].type, query, _opened(state) if isinstance(state, Present) else None))
    begun = time.perf_counter()
    fetched = server.fetch(wanted)
    metrics.FETCH_SECONDS.observe(time.perf_counter() - begun)
    return Completed({**states, **fetched}, frozenset(fetched))


def _opened(state: Present[Found]) -> Present[Slice]:
    again = opened_again(state.resources), opened_again(state.included)
    return Present(*again, state.complete, state.next_page, state.intact, state.total)


def _can_be_asked(state: Prefetched[Found]) -> bool:
    match state:
        case Absent():
            return True
        case Present():
            return state.next_page is not None
        case _:
            return False


def is_lacking(state: Prefetched[Found]) -> bool:
    """Return whether some or all of a key's data are unknown."""
    return isinstance(state, Absent | Failed) or (isinstance(state, Present) and not state.complete)
