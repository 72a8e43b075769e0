"""What fetching adds to an answer: every key from a FHIR server that answers in 50 ms, and from one that stalls."""

from __future__ import annotations

import json
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from tests.bench.bodies import patient_view
from tests.bench.caller import HOST, OK, post
from tests.bench.measures import Measure, at_least, at_most, p50, quantile
from tests.bench.server import Server, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

_DELAY = 0.050  # seconds
_STALLED = 60.0
_ROUNDS, _CALLS = 6, 10
_TOKEN = {"access_token": "t", "token_type": "Bearer", "expires_in": 300, "scope": "user/*.read", "subject": "bench"}


class _Record:
    """A record server over one call's prefetch: each answer late by `delay`, one type never."""

    def __init__(self, prefetch: dict[str, Any]) -> None:
        self.delay = _DELAY
        self.stalled = ""
        self.over = threading.Event()
        self.slowest = 0.0
        self.answers: dict[str, bytes] = {}
        for value in prefetch.values():
            if value is not None and (value["resourceType"] != "Bundle" or value.get("entry")):
                first = value["entry"][0]["resource"] if value["resourceType"] == "Bundle" else value
                self.answers[first["resourceType"]] = json.dumps(value).encode()

    def answer(self, call: BaseHTTPRequestHandler) -> None:
        begun = time.perf_counter()
        kind = call.path.lstrip("/").partition("?")[0].partition("/")[0]
        body = self.answers.get(kind, b'{"resourceType":"Bundle","type":"searchset","total":0}')
        self.over.wait(_STALLED if kind == self.stalled else self.delay)
        call.send_response(200)
        call.send_header("Content-Length", str(len(body)))
        call.end_headers()
        call.wfile.write(body)
        if kind != self.stalled:
            self.slowest = max(self.slowest, time.perf_counter() - begun)


@contextmanager
def _record_server(prefetch: dict[str, Any]) -> Iterator[tuple[_Record, str]]:
    record = _Record(prefetch)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            record.answer(self)

        def log_message(self, *_arguments: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 64

        def handle_error(self, *_arguments: object) -> None:
            pass  # a stalled query is hung up on: that is what is measured

    server = Server((HOST, 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield record, f"http://{HOST}:{server.server_address[1]}"
    finally:
        record.over.set()
        server.shutdown()
        server.server_close()


def measure_fallback(size: int = 100) -> list[Measure]:
    """Return the measures; a call with all its data and one with none take turns."""
    call = json.loads(patient_view(size).sent)
    with _record_server(call["prefetch"]) as (record, address):
        settings = {"ALL_CDS_FHIR_SERVERS": address, "ALL_CDS_FHIR_PRIVATE_ADDRESSES": "true"}
        call |= {"fhirServer": address, "fhirAuthorization": _TOKEN}
        whole = post(json.dumps(call).encode())
        bare = post(json.dumps({name: value for name, value in call.items() if name != "prefetch"}).encode())
        with serving("--workers", "1", settings=settings) as server:
            server.seconds(bare)
            rounds = [_round(server, record, whole, bare) for _ in range(_ROUNDS)]
            record.stalled = "Procedure"
            stalled = [_stalled(server, bare) for _ in range(3)]
    added = [[took - plain - slow for took, plain, slow in one] for one in rounds]
    delay = f"a FHIR server that needs {_DELAY * 1000:.0f} ms"
    return [
        Measure(f"{delay}: added over its slowest answer, p50", tuple(p50(one) * 1000 for one in added), at_most(30), "ms"),
        Measure(f"{delay}: added over its slowest answer, p90", tuple(quantile(one, 0.9) * 1000 for one in added), unit="ms"),
        Measure(f"{delay}: whole answer, p50", tuple(p50(took for took, *_ in one) * 1000 for one in rounds), unit="ms"),
        Measure("a FHIR server that stalls: whole answer", tuple(seconds for seconds, _ in stalled), at_most(4.5), "s"),
        Measure("a FHIR server that stalls: answers that say so", tuple(float(says) for _, says in stalled), at_least(1)),
    ]


def _round(server: Server, record: _Record, whole: bytes, bare: bytes) -> list[tuple[float, float, float]]:
    """Return the seconds of calls without data, of the same calls with all data, and of the slowest query of each."""
    found = []
    for _ in range(_CALLS):
        plain = server.seconds(whole)
        record.slowest = 0.0
        took = server.seconds(bare)
        found.append((took, plain, record.slowest))
    return found


def _stalled(server: Server, bare: bytes) -> tuple[float, bool]:
    begun = time.perf_counter()
    status, said = server.ask(bare)
    return time.perf_counter() - begun, status == OK and b"Could not be fetched" in said
