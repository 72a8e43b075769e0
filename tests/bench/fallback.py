"""What fetching adds to an answer: every key from a FHIR server that answers in 50 ms, and from one that stalls."""

from __future__ import annotations

import http.client
import json
import statistics
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from tests.bench.bodies import patient_view
from tests.bench.server import HOOK, HOST, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

_DELAY = 0.050  # seconds
_STALLED = 60.0
_ROUNDS = 60
_TOKEN = {"access_token": "t", "token_type": "Bearer", "expires_in": 300, "scope": "user/*.read", "subject": "bench"}
_PLAIN = {"Content-Type": "application/json"}


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


def _asked(port: int, body: bytes) -> tuple[float, bytes]:
    client = http.client.HTTPConnection(HOST, port, timeout=60)
    begun = time.perf_counter()
    client.request("POST", HOOK, body, _PLAIN)
    answer = client.getresponse()
    said = answer.read()
    seconds = time.perf_counter() - begun
    client.close()
    if answer.status != http.client.OK:
        raise RuntimeError(f"answered {answer.status}: {said[:300]!r}")
    return seconds, said


def print_fallback(size: int = 100) -> None:
    """Measure and print; a call with all its data and one with none take turns."""
    call = json.loads(patient_view(size).sent)
    with _record_server(call["prefetch"]) as (record, address):
        settings = {"ALL_CDS_FHIR_SERVERS": address, "ALL_CDS_FHIR_PRIVATE_ADDRESSES": "true"}
        call |= {"fhirServer": address, "fhirAuthorization": _TOKEN}
        whole = json.dumps(call).encode()
        bare = json.dumps({name: value for name, value in call.items() if name != "prefetch"}).encode()
        with serving("--workers", "1", settings=settings) as server:
            _asked(server.port, bare)
            sent: list[float] = []
            fetched: list[float] = []
            slowest: list[float] = []
            for _ in range(_ROUNDS):
                sent.append(_asked(server.port, whole)[0])
                record.slowest = 0.0
                fetched.append(_asked(server.port, bare)[0])
                slowest.append(record.slowest)
            record.stalled = "Procedure"
            stalled = [_asked(server.port, bare) for _ in range(3)]
    added = [took - plain - slow for took, plain, slow in zip(fetched, sent, slowest, strict=True)]
    late, longest = sorted(added)[int(len(added) * 0.9)], max(seconds for seconds, _ in stalled)
    lines = (
        f"\nfallback against a FHIR server that answers in {_DELAY * 1000:.0f} ms, {size} resources, all keys fetched:",
        f"  with prefetch p50 {_ms(sent)}, fetched p50 {_ms(fetched)}, slowest query p50 {_ms(slowest)}",
        f"  added over the slowest query p50 {_ms(added)}, p90 {_ms([late])}  target <= 30 ms",
        f"  one query stalls: answered in {longest:.2f} s at most  target <= 2 s to fetch, 4.5 s in all",
        f"  and says so: {all(b'Could not be fetched' in said for _, said in stalled)}",
    )
    print(*lines, sep="\n")  # noqa: T201 - a measurement is printed


def _ms(seconds: list[float]) -> str:
    return f"{statistics.median(seconds) * 1000:.1f} ms"


if __name__ == "__main__":
    print_fallback()
