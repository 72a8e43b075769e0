"""A record system's FHIR server with its authorization server, over HTTP on this machine: SMART App Launch with PKCE.

It checks what a strict server checks and remembers what it was asked; `faults` make it misbehave.
"""

from __future__ import annotations

import base64
import hashlib
import json
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

CLIENT, SECRET = "all-cds-at-the-hospital", "a made-up secret of the client"
TOKEN = "made-up-access-token-of-the-user"


@dataclass
class RecordServer:
    """What the server holds and what it was asked."""

    patient: str = "p-1"
    resources: tuple[dict[str, Any], ...] = ()
    faults: frozenset[str] = frozenset()
    secret: str = ""
    address: str = ""
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    scopes: list[str] = field(default_factory=list)

    def configuration(self):
        document = {
            "authorization_endpoint": f"{self.address}/auth/authorize",
            "token_endpoint": f"{self.address}/auth/token",
            "code_challenge_methods_supported": ["plain"] if "no-pkce" in self.faults else ["S256"],
            "capabilities": ["launch-ehr", "context-ehr-patient"],
        }
        if "token-elsewhere" in self.faults:
            document["token_endpoint"] = "http://elsewhere.example/token"
        if "half-a-configuration" in self.faults:
            del document["token_endpoint"]
        return document

    def authorize(self, query):
        """The answer to the browser: where it goes next."""
        assert query["response_type"] == "code"
        assert query["client_id"] == CLIENT
        assert query["aud"] == f"{self.address}/fhir"
        assert query["launch"] == "launch-word"
        assert query["code_challenge_method"] == "S256"
        self.scopes.append(query["scope"])
        code = f"code-{len(self.codes) + 1}"
        self.codes[code] = query
        back = (
            {"state": query["state"], "error": "access_denied"}
            if "denied" in self.faults
            else {
                "state": query["state"],
                "code": code,
            }
        )
        return f"{query['redirect_uri']}?{urlencode(back)}"

    def token(self, form, authorization):
        """Status and document of the token endpoint."""
        begun = self.codes.pop(form.get("code", ""), None)
        challenge = (
            base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest()).rstrip(b"=").decode()
        )
        known = f"Basic {base64.b64encode(f'{CLIENT}:{self.secret}'.encode()).decode()}"
        if begun is None or form.get("grant_type") != "authorization_code" or challenge != begun["code_challenge"]:
            return 400, {"error": "invalid_grant"}
        if form.get("redirect_uri") != begun["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        if authorization != known if self.secret else form.get("client_id") != CLIENT:
            return 401, {"error": "invalid_client"}
        document = {
            "access_token": TOKEN,
            "token_type": "Bearer",
            "expires_in": 300,
            "scope": begun["scope"],
            "patient": self.patient,
        }
        if "no-patient" in self.faults:
            del document["patient"]
        if "odd-patient" in self.faults:
            document["patient"] = "../Practitioner/1"
        return 200, document

    def found(self, kind):
        """The search result of one type; every resource is the patient's."""
        entries = [{"resource": row, "search": {"mode": "match"}} for row in self.resources if row["resourceType"] == kind]
        return {"resourceType": "Bundle", "type": "searchset", "total": len(entries), "entry": entries}


class _Handler(BaseHTTPRequestHandler):
    state: RecordServer

    protocol_version = "HTTP/1.1"

    def log_message(self, *_args):
        pass

    def do_GET(self):
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self.state.asked.append(self.path)
        if parts.path == "/fhir/.well-known/smart-configuration":
            self._configuration()
        elif parts.path == "/auth/authorize":
            self._log_in(self.state.authorize(query))
        elif parts.path.startswith("/fhir/"):
            self._fhir(parts.path.removeprefix("/fhir/"))
        else:
            self._send(404, b"")

    def do_POST(self):
        form = {
            name: values[0] for name, values in parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode()).items()
        }
        self.state.asked.append(self.path)
        if "token-garbage" in self.state.faults:
            self._send(200, b"<html>maintenance</html>", {"Content-Type": "text/html"})
        elif "token-redirect" in self.state.faults:
            self._send(307, b"", {"Location": f"{self.state.address}/auth/other"})
        else:
            status, document = self.state.token(form, self.headers.get("Authorization"))
            self._json(status, document)

    def _log_in(self, back):
        """Where the user lands after logging in; at once, unless the server asks first."""
        if "asks" in self.state.faults:
            page = f'<!doctype html><title>Log in</title><a href="{escape(back)}">Dr Who, log in</a>'
            self._send(200, page.encode(), {"Content-Type": "text/html"})
        else:
            self._send(302, b"", {"Location": back})

    def _configuration(self):
        if "no-configuration" in self.state.faults:
            self._send(404, b"")
        elif "configuration-elsewhere" in self.state.faults:
            self._send(302, b"", {"Location": "http://elsewhere.example/"})
        elif "configuration-garbage" in self.state.faults:
            self._send(200, b"<html>")
        else:
            self._json(200, self.state.configuration())

    def _fhir(self, path):
        if self.headers.get("Authorization") != f"Bearer {TOKEN}":
            self._json(401, {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "login"}]})
            return
        kind, _, wanted = path.partition("/")
        if wanted:
            row = next((row for row in self.state.resources if (row["resourceType"], row.get("id")) == (kind, wanted)), None)
            self._json(200 if row else 404, row or {"resourceType": "OperationOutcome", "issue": []})
        else:
            self._json(200, self.state.found(kind))

    def _json(self, status, document):
        self._send(status, json.dumps(document).encode(), {"Content-Type": "application/json"})

    def _send(self, status, body, headers=None):
        self.send_response(status)
        for name, value in {**(headers or {}), "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def record_server(**given):
    """A running server; its FHIR part lies under `/fhir`."""
    state = RecordServer(**given)

    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"state": state}))
    state.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
