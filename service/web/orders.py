"""The orders that a call is about: those written into its context, or named there and found among the data sent with it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import orjson

from cds_hooks import OrderDispatchContext, OrderSelectContext, OrderSignContext, Present, classify_opened
from service.record.bundle import Slice
from service.record.orders import read_dispatched, read_orders
from service.record.sieve import open_all
from service.record.treatments import read_nowhere

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cds_hooks import HookRequest
    from service.clients.fhir_server import RecordServer
    from service.record.orders import Orders
    from service.record.tolerant import Json
    from service.record.vocabulary import Vocabulary
    from service.web.offered import AskedService

_ORDERS = frozenset({"ServiceRequest", "MedicationRequest"})
_DRUG = "Medication"


def reading_from(server: RecordServer | None) -> Callable[[str], Json | None]:
    """Return how a reference is read from the record server of the call; where there is none, nothing is."""
    if server is None:
        return read_nowhere

    def read(reference: str) -> Json | None:
        found = server.read(reference)
        if found is None:
            return None
        try:
            return found.decoded() or None
        except orjson.JSONDecodeError:
            return None

    return read


def orders_of(
    sent: HookRequest, asked: AskedService, vocabulary: Vocabulary, read: Callable[[str], Json | None] = read_nowhere
) -> Orders | None:
    """Return the orders that a call is about; None for a hook that is not about orders.

    `read` is asked for what neither the context nor the prefetched data hold: a drug, or an order that is handed on.
    """
    drugs = partial(_of_type, sent, asked, frozenset({_DRUG}))
    match sent.context:
        case OrderSelectContext() as context:
            bundle = None if context.draft_orders is None else bytes(context.draft_orders)
            return read_orders(bundle, vocabulary, selections=context.selections, drugs=drugs, read=read)
        case OrderSignContext() as context:
            bundle = None if context.draft_orders is None else bytes(context.draft_orders)
            return read_orders(bundle, vocabulary, drugs=drugs, read=read)
        case OrderDispatchContext() as context:
            requests = _of_type(sent, asked, _ORDERS)
            return read_dispatched(context.dispatched_orders, requests, vocabulary, drugs=drugs, read=read)
        case _:
            return None


def _of_type(sent: HookRequest, asked: AskedService, kinds: frozenset[str]) -> Iterator[Slice]:
    """Yield the prefetched resources of these types, also those that came along with a search."""
    keys = [key for key, one in asked.prefetch.items() if one.type in _ORDERS or (_DRUG in kinds and one.type.startswith(_DRUG))]
    for state in classify_opened(sent.prefetch, keys, open_all).values():
        if isinstance(state, Present):
            for found in (*state.resources, *state.included):
                if found.head is not None and found.head.resourceType in kinds:
                    yield found
