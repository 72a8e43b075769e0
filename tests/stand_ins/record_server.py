"""The FHIR server of a record system on this machine: answers searches and reads from a stored bundle, and misbehaves as told."""

import gzip
import json
import ssl
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from threading import Event, Lock, Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

BASE = "/fhir/r4"
TOKEN = "TOKEN-OF-ONE-CALL"
_BOMB = gzip.compress(b" " * 30_000_000, 1)
OUTCOME = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "exception"}]}
_WAIT_SECONDS = 120  # much longer than any call has


@dataclass
class RecordServerStandIn:
    """What it holds, how it behaves, and what it was asked.

    `faults`: what happens to queries for a type: a status, a document (sent with 200), bytes (the same), or a word: "stall",
    "dribble" (a header every tenth of a second, without end), "truncate", "linger" (it stops half-way), "drop", "bomb" (gzip of
    very much), `"to <address>"` (a redirect). A list of them is worked off, then it behaves; anything else happens always.
    """

    resources: list[Any] = field(default_factory=list)
    faults: dict[str, Any] = field(default_factory=dict)
    retry_after: str = ""
    page_size: int = 1000
    delay: float = 0
    knows_patient: bool = True  # otherwise the parameter is dropped, and the self link says so
    lets_in: tuple[str | None, ...] = (f"Bearer {TOKEN}",)
    next_links: dict[str, str] = field(default_factory=dict)  # for a type, sent in place of the true one
    certificate: str = ""  # a file with key and certificate: it then speaks https
    asked: list[tuple[str, dict[str, str], dict[str, str]]] = field(default_factory=list)
    waited_out: int = 0  # how often somebody who was kept waiting waited to the end

    def __enter__(self):
        self._over = Event()
        self._lock = Lock()
        stand_in = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                stand_in._answer(self)

            def log_message(self, *_arguments):
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 64

            def handle_error(self, *_arguments):
                pass  # whoever asked has hung up: that is what some tests are about

        self._server = Server(("127.0.0.1", 0), Handler)
        if self.certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self.certificate)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()
        self.origin = f"{'https' if self.certificate else 'http'}://127.0.0.1:{self._server.server_address[1]}"
        self.address = f"{self.origin}{BASE}"
        return self

    def __exit__(self, *_error):
        self._over.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def types_asked(self):
        """The types that were asked for, in order of the alphabet: queries run at once."""
        return sorted(path.split("/")[0] for path, _, _ in self.asked)

    def _answer(self, call):
        parts = urlsplit(call.path)
        path = parts.path.removeprefix(f"{BASE}/")
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        with self._lock:
            self.asked.append((path, query, dict(call.headers)))
            fault = self.faults.get(path.split("/")[0])
            if isinstance(fault, list):
                fault = fault.pop(0) if fault else None
        if self.delay:
            self._over.wait(self.delay)
        if fault is None and call.headers.get("Authorization") not in self.lets_in:
            fault = 401
        if fault is None or fault in ("truncate", "linger"):
            self._send(call, *self._content(path, query), fault=fault)
        else:
            self._misbehave(call, fault)

    def _misbehave(self, call, fault):
        match fault:
            case int():
                self._send(call, fault, OUTCOME)
            case dict() | bytes():
                self._send(call, 200, fault)
            case "stall":
                self._wait()
            case "drop":
                call.close_connection = True
            case "dribble":
                call.send_response(200)
                while not self._over.wait(0.1):
                    call.send_header("X-More", "x")
                    call.flush_headers()
            case "bomb":
                self._send(call, 200, _BOMB, encoding="gzip")
            case str():
                self._send(call, 302, b"", location=fault.removeprefix("to "))

    def _wait(self):
        """Keep whoever asked waiting; that somebody waited to the end is noted."""
        self.waited_out += not self._over.wait(_WAIT_SECONDS)

    def _content(self, path, query):
        kind, _, name = path.partition("/")
        found = [resource for resource in self.resources if resource["resourceType"] == kind]
        if name:
            found = [resource for resource in found if resource["id"] == name]
            return (200, found[0]) if found else (404, OUTCOME)
        if self.knows_patient:
            owner = f"Patient/{query['patient']}"
            found = [resource for resource in found if (resource.get("subject") or resource.get("patient"))["reference"] == owner]
        page = int(query.get("page", "0"))
        pages = [found[start : start + self.page_size] for start in range(0, len(found), self.page_size)] or [[]]
        kept = f"patient={query['patient']}&" if self.knows_patient else ""
        links = [{"relation": "self", "url": f"{self.address}/{kind}?{kept}page={page}"}]
        if kind in self.next_links:
            links.append({"relation": "next", "url": self.next_links[kind]})
        elif page + 1 < len(pages):
            links.append({"relation": "next", "url": f"{self.address}/{kind}?patient={query['patient']}&page={page + 1}"})
        entries = [{"resource": resource, "search": {"mode": "match"}} for resource in pages[page]]
        bundle = {"resourceType": "Bundle", "type": "searchset", "total": len(found), "link": links, "entry": entries}
        return 200, bundle

    def _send(self, call, status, content, *, fault=None, encoding="", location=""):
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        call.send_response(status)
        headers = {
            "Content-Type": "application/fhir+json",
            "Content-Encoding": encoding,
            "Location": location,
            "Retry-After": self.retry_after if status >= 400 else "",
            "Content-Length": str(len(body)),
        }
        for name, value in headers.items():
            if value:
                call.send_header(name, value)
        call.end_headers()
        call.wfile.write(body[: len(body) // 2] if fault in {"truncate", "linger"} else body)
        if fault == "linger":
            self._wait()
        call.close_connection = call.close_connection or fault is not None


def certificate(name, not_after):
    """Key and certificate of a server on this machine that nobody but itself has signed, as one file's text."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    signed = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(not_after)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(name))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    return secret.decode() + signed.public_bytes(serialization.Encoding.PEM).decode()


def leave(token=TOKEN, **changes):
    """The authorization of a call; a change to None takes the member away."""
    whole = {
        "access_token": token,
        "token_type": "Bearer",
        "expires_in": 300,
        "scope": "user/*.read",
        "subject": "all-cds",
        **changes,
    }
    return {name: value for name, value in whole.items() if value is not None}
