"""A trial registry on this machine: answers like API v2, and misbehaves as told. Nothing of it is a real registry's text."""

import json
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

API = "/api/v2"


@dataclass
class RegistryStandIn:
    """What it holds, how it behaves, and what it was asked.

    `faults`: what happens, after `good_first` good answers, first come first served: a status, "stall", "truncate", "half"
    (the body ends early without saying how long it should have been), "linger" (it stops half-way) or "drop".
    """

    studies: dict[str, Any] = field(default_factory=dict)
    merged: dict[str, str] = field(default_factory=dict)
    page_size: int = 1000
    empty_page: int | None = None
    knows_fields: bool = True
    timestamp: str = "2026-11-20T09:00:06"
    good_first: int = 0
    faults: list[int | str] = field(default_factory=list)
    retry_after: str = ""
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def __enter__(self):
        self._over = Event()
        stand_in = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                stand_in._answer(self)

            def log_message(self, *_arguments):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()
        self.address = f"http://127.0.0.1:{self._server.server_address[1]}{API}"
        return self

    def __exit__(self, *_error):
        self._over.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _answer(self, call):
        parts = urlsplit(call.path)
        path = parts.path.removeprefix(API)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self.asked.append((path, query))
        if self.good_first:
            self.good_first -= 1
            fault = None
        else:
            fault = self.faults.pop(0) if self.faults else None
        if isinstance(fault, int):
            headers = {"Retry-After": self.retry_after} if self.retry_after else {}
            self._send(call, fault, "Too many requests or worse, in plain text", headers)
        elif fault == "stall":
            self._over.wait(30)  # until the test is over: whoever asked has given up long before
        elif fault == "drop":
            call.close_connection = True
        else:
            status, content, headers = self._content(path, query)
            self._send(call, status, content, headers, fault)

    def _content(self, path, query):
        if path == "/version":
            return 200, {"apiVersion": "2.0.5", "dataTimestamp": self.timestamp}, {}
        if not self.knows_fields and "fields" in query:
            return 400, "`fields` parameter contains invalid field name: `LocationGeoPoint`", {}
        if path == "/studies":
            return self._list(query)
        number = path.removeprefix("/studies/")
        if number in self.merged:
            return 301, "", {"Location": f"{API}/studies/{self.merged[number]}"}
        if number in self.studies:
            return 200, self.studies[number], {}
        return 404, f"NCT number {number} not found", {}

    def _list(self, query):
        if "filter.ids" in query:
            numbers = query["filter.ids"].split(",")
            unknown = [number for number in numbers if number not in self.studies]
            if unknown:
                return 400, f"Invalid value in parameter `ids`: `{unknown[0]}`", {}
            found = [self.studies[number] for number in numbers]
        else:
            statuses = query.get("filter.overallStatus", "").split("|")
            found = [
                study for study in self.studies.values() if study["protocolSection"]["statusModule"]["overallStatus"] in statuses
            ]
        pages = [found[start : start + self.page_size] for start in range(0, len(found), self.page_size)] or [[]]
        if self.empty_page is not None:
            pages.insert(self.empty_page, [])
        page = int(query.get("pageToken", "0"))
        answer: dict[str, Any] = {"studies": pages[page]}
        if page + 1 < len(pages):
            answer["nextPageToken"] = str(page + 1)
        return 200, answer, {}

    def _send(self, call, status, content, headers=None, fault=None):
        body = content.encode() if isinstance(content, str) else json.dumps(content).encode()
        call.send_response(status)
        call.send_header("Content-Type", "text/plain" if isinstance(content, str) else "application/json")
        for name, value in (headers or {}).items():
            call.send_header(name, value)
        if fault != "half":
            call.send_header("Content-Length", str(len(body)))
        call.end_headers()
        call.wfile.write(body[: len(body) // 2] if fault in {"half", "truncate", "linger"} else body)
        if fault == "linger":
            self._over.wait(30)
        call.close_connection = True
