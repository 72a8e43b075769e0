"""The FHIR server of the record system during one call: what prefetch lacks is fetched from it, all at once, until a moment.

What cannot be had in time is unknown, and never "nothing found". No query outlives the call: at its end connections are cut,
and the token is forgotten.
"""

from __future__ import annotations

import re
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Self

import msgspec

from cds_hooks import Empty, Failed, FailureReason, Interaction, Present, Reach, classify_opened, continued, reach
from service.clients.fhir_http import Outcome
from service.clients.fhir_own import is_read, own_included, own_matches
from service.errors import FhirServerError
from service.record.bundle import BYTE_ORDER_MARK, Slice, open_resource
from service.record.sieve import open_all

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from types import TracebackType

    from cds_hooks import Prefetched
    from service.clients.fhir_http import Call, FhirHttp

NOT_FETCHED = Failed(FailureReason.NOT_FETCHED)
_MOST_AT_ONCE = 16  # queries of one call
_REFERENCE = re.compile(r"([A-Z][A-Za-z]+)/[A-Za-z0-9._\-]+")


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one search may bring: pages, and entries in all of them."""

    pages: int = 20
    entries: int = 10_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """One key to fetch: what is asked (`Type/id` or `Type?...`), and the first page where the client has sent that."""

    key: str
    type: str
    query: str = field(repr=False)
    first: Present[Slice] | None = field(default=None, repr=False)

    @property
    def interaction(self) -> Interaction:
        """Whether one resource is read, or many are searched."""
        return Interaction.SEARCH if self.first is not None or "?" in self.query else Interaction.READ


@dataclass(slots=True)
class _Progress:
    """How far one search has come: written by its thread, read by the call when time is over."""

    found: Prefetched[Slice] | None = None


def _nobody(_outcome: str) -> None:
    pass


class RecordServer:
    """The server for one call and one patient. `told` hears of each query how it ended."""

    def __init__(
        self,
        http: FhirHttp,
        call: Call,
        *,
        limits: Limits | None = None,
        told: Callable[[str], None] = _nobody,
    ) -> None:
        self._http = http
        self._call = call
        self._limits = limits or Limits()
        self._told = told
        self._pool = ThreadPoolExecutor(_MOST_AT_ONCE, thread_name_prefix="fhir")
        self._read: dict[str, Slice | None] = {}

    def __enter__(self) -> Self:
        """Return the server; leaving ends every query."""
        return self

    def __exit__(self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None) -> None:
        """End every query and forget the token."""
        self._call.lines.cut()
        self._call = replace(self._call, token=None)
        self._pool.shutdown(wait=False, cancel_futures=True)

    def fetch(self, wanted: Sequence[Wanted]) -> Mapping[str, Prefetched[Slice]]:
        """Return the state of each key: what fails, or is late, is `NOT_FETCHED`, or what has come of it, not complete."""
        states: dict[str, Prefetched[Slice]] = {}
        progress: dict[str, _Progress] = {}
        running: dict[str, Future[Outcome]] = {}
        for one in wanted:
            states[one.key] = one.first if one.first is not None else NOT_FETCHED
            extent = self._reach(one.type, one.interaction)
            if extent is Reach.NONE:
                self._told(Outcome.OUT_OF_SCOPE)
                continue
            progress[one.key] = _Progress()
            running[one.key] = self._pool.submit(self._fetch, one, progress[one.key], self._call)
        self._wait(running.values())
        for one in wanted:
            if one.key in running:
                outcome = _outcome(running[one.key])
                found = progress[one.key].found
                if found is not None:
                    states[one.key], outcome = self._own(one, found, outcome)
                self._told(outcome)
        return states

    def read(self, reference: str) -> Slice | None:
        """Return what a reference (`Medication/x`, or its address on this server) leads to; None if it cannot be had."""
        return self.read_all([reference])[reference]

    def read_all(self, references: Collection[str]) -> Mapping[str, Slice | None]:
        """Return the resources that the references lead to, all asked for at once and each once in a call."""
        base = self._call.base.address
        relative = {reference: reference.removeprefix(f"{base}/").split("/_history/", 1)[0] for reference in references}
        asked = sorted({short for short in relative.values() if short not in self._read})
        running = {}
        for short in asked:
            self._read[short] = None
            found = _REFERENCE.fullmatch(short)
            if found is None or self._reach(found[1], Interaction.READ) is Reach.NONE:
                continue
            running[short] = self._pool.submit(self._get, f"{base}/{short}", self._call)
        self._wait(running.values())
        for short, answer in running.items():
            outcome = _outcome(answer)
            if outcome is Outcome.FETCHED:
                resource = open_resource(answer.result())
                if is_read(resource, short, self._call.patient_id):
                    self._read[short] = resource
                else:
                    outcome = Outcome.UNREADABLE if resource.head is None else Outcome.OTHERS_DATA
            self._told(outcome)
        return {reference: self._read[short] for reference, short in relative.items()}

    def _reach(self, kind: str, interaction: Interaction) -> Reach:
        return reach(self._call.scope, kind, interaction)

    def _wait(self, running: Iterable[Future[Any]]) -> None:
        """Wait until all have ended; what has not when the time is over is cut."""
        waiting = list(running)
        _, late = wait(waiting, timeout=max(0.0, self._call.until - self._http.clock()))
        if late:
            self._call.lines.cut()
            for future in late:
                future.cancel()

    def _get(self, url: str, call: Call) -> bytes:
        own = call.base.own(url)
        if own is None:
            raise FhirServerError(reason=Outcome.MOVED)
        return self._http.get(own, call).removeprefix(BYTE_ORDER_MARK)

    def _fetch(self, one: Wanted, progress: _Progress, call: Call) -> Outcome:
        """Fetch one key, page after page; what was found so far stands in `progress` at any moment."""
        found: Prefetched[Slice]
        if one.first is None:
            page = msgspec.Raw(self._get(f"{call.base.address}/{one.query}", call))
            found = progress.found = classify_opened({one.key: page}, (one.key,), open_all)[one.key]
            asked = 1
        else:
            found, asked = one.first, 0
        seen: set[str] = set()
        while isinstance(found, Present) and found.next_page is not None:
            link = call.base.own(found.next_page)
            if link is None or link in seen or asked >= self._limits.pages or len(found.resources) >= self._limits.entries:
                return Outcome.INCOMPLETE
            seen.add(link)
            found = progress.found = continued(found, msgspec.Raw(self._get(link, call)), open_all)
            asked += 1
        return Outcome.FETCHED

    def _own(self, one: Wanted, found: Prefetched[Slice], outcome: Outcome) -> tuple[Prefetched[Slice], Outcome]:
        """Return what of the find is what was asked for."""
        match found:
            case Failed():
                return NOT_FETCHED, Outcome.UNREADABLE if found.reason is FailureReason.UNREADABLE else Outcome.FAILED
            case Present() if one.interaction is Interaction.READ:
                if len(found.resources) == 1 and is_read(found.resources[0], one.query, self._call.patient_id):
                    return found, outcome
                return NOT_FETCHED, Outcome.OTHERS_DATA
            case Present():
                return self._own_matches(one, found, outcome)
            case Empty() if self._reach(one.type, one.interaction) is not Reach.ALL:
                return NOT_FETCHED, Outcome.INCOMPLETE  # there may be some that we were not shown
        return found, outcome

    def _own_matches(self, one: Wanted, found: Present[Slice], outcome: Outcome) -> tuple[Prefetched[Slice], Outcome]:
        sent, came_along = (one.first.resources, one.first.included) if one.first is not None else ((), ())
        own = own_matches(found.resources[len(sent) :], one.type, self._call.patient_id)
        included = (*came_along, *own_included(found.included[len(came_along) :], self._call.patient_id))
        whole = found.complete and own.whole and outcome is Outcome.FETCHED
        whole = whole and self._reach(one.type, one.interaction) is Reach.ALL
        resources = (*sent, *own.resources)
        if whole and not resources:
            return Empty(), outcome
        if outcome is Outcome.FETCHED and not whole:
            outcome = Outcome.INCOMPLETE
        if not resources and one.first is None:
            return NOT_FETCHED, outcome
        return replace(found, resources=resources, included=included, complete=whole), outcome


def _outcome(answer: Future[Outcome] | Future[bytes]) -> Outcome:
    """Return how a query ended."""
    if answer.cancelled() or not answer.done():
        return Outcome.SLOW
    error = answer.exception()
    if isinstance(error, FhirServerError):
        return Outcome(error.reason)
    if error is not None:
        return Outcome.UNREADABLE if isinstance(error, RecursionError) else Outcome.FAILED
    found = answer.result()
    return found if isinstance(found, Outcome) else Outcome.FETCHED
