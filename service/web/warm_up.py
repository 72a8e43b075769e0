"""Made-up calls before the first real one, so that the first real one waits for nothing."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from service.knowledge.strict_yaml import read_yaml
from service.web.call import CallDesk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from flask import Flask

    from service.assembly import Service

_CALL = Path(__file__).with_name("warm_up.yaml")
SERVICE = "all-immunotherapy"
TOUCHED_BYTES = 1 << 22  # larger bodies are rare
KEPT_BYTES = 1 << 24  # the C library raises its limit to the size of a freed block, and keeps twice as much of what is free
# Observations added: a small record fills caches, a large one has memory asked for. Code that has run a few times runs faster.
_SIZES = (0, 1_000, 0, 1_000)


def warm_up(app: Flask, service: Service, today: date) -> None:
    """Answer the calls, then move everything that stays out of the collector's sight.

    Done in the process that loads everything, and again in each that is forked from it: what is only read there is copied too.
    """
    keep_freed_memory()
    desk = CallDesk.of(service)
    for call in made_up_calls():
        with app.test_request_context():
            orjson.dumps(desk.answer(SERVICE, orjson.dumps(call), today)[0].to_wire())
    app.test_client().get("/health")
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    gc.enable()


def keep_freed_memory() -> None:
    """Let the allocator keep what one large body needed for the next: else each page of each body is asked of the system anew.

    The C library gives blocks back at once until it has seen one of that size freed; this one is never written to.
    """
    bytes(KEPT_BYTES)


def touch_memory() -> None:
    """Have the system give this thread memory for a body before the first one comes: a page is given when it is written to.

    Threads have memory of their own; the one that gathers bodies answers nothing, so that no made-up call does it there.
    """
    bytearray(TOUCHED_BYTES)


def made_up_calls() -> Iterator[dict[str, Any]]:
    """Return the calls in the order in which they are made."""
    document = made_up_patients()
    for more in _SIZES:
        yield made_up_call(document, more)
        yield document["another"]


def made_up_call(document: dict[str, Any], more: int) -> dict[str, Any]:
    """Return the call of the patient with one of everything, with so many more observations in it."""
    call, repeated = document["call"], document["repeated"]
    observations = call["prefetch"]["observations"]
    added = [repeated[number % len(repeated)] for number in range(more)]
    grown = {**observations, "entry": [*observations["entry"], *added]}
    return {**call, "prefetch": {**call["prefetch"], "observations": grown}}


def made_up_patients() -> dict[str, Any]:
    """Return what the calls are made of."""
    document: Any = read_yaml(_CALL.read_bytes(), _CALL.name).value
    return dict(document)
