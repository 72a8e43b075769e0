"""No test receives an answer that breaks the protocol without noticing: shown with a service that breaks it on purpose."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import requests
from flask import Flask, Response

CARD = {
    "uuid": "4e0a3a1e-3283-4575-ab82-028d55fe2719",
    "summary": "Advice",
    "indicator": "info",
    "source": {"label": "l", "topic": {"code": "a", "system": "https://example.org"}},
}
CALL = "/cds-services/broken"
OUTCOME = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "invalid"}]}


@pytest.fixture
def answering():
    """A client of an application that answers everything with this."""

    def build(document, status=200, mimetype="application/json"):
        app = Flask(__name__)
        data = document if isinstance(document, bytes) else json.dumps(document).encode()

        @app.route("/", defaults={"path": ""}, methods=["GET", "POST"])
        @app.route("/<path:path>", methods=["GET", "POST"])
        def page(path):
            return Response(data, status=status, mimetype=mimetype)

        return app.test_client()

    return build


@pytest.mark.parametrize(
    ("item", "path", "document", "status"),
    [
        ("CH-C-03", CALL, {"cards": [CARD | {"summary": "x" * 140}]}, 200),
        ("CH-C-06", CALL, {"cards": [CARD | {"indicator": "hard-stop"}]}, 200),
        ("CH-G-02", CALL, {"cards": [CARD | {"detail": None}]}, 200),
        ("CH-G-03", CALL, {"cards": [CARD | {"links": []}]}, 200),
        ("CH-C-01", CALL, {}, 200),
        ("CH-C-01", CALL, b"no JSON", 200),
        ("CH-C-01", f"{CALL}/", {"cards": {}}, 200),
        ("CH-T-05", CALL, {"error": "no"}, 400),
        ("CH-T-05", f"{CALL}/feedback", {"error": "no"}, 500),
        ("CH-T-05", "/assess", {"error": "no"}, 422),
        ("CH-T-05", CALL, {"resourceType": "OperationOutcome"}, 400),
        ("CH-T-03", CALL, OUTCOME, 401),
    ],
)
def test_an_answer_that_breaks_an_item_fails_and_names_it(answering, item, path, document, status):
    with pytest.raises(AssertionError, match=item):
        answering(document, status).post(path)


def test_a_faulty_announcement_fails_and_is_named(answering):
    with pytest.raises(AssertionError, match="CH-D-03"):
        answering({"services": [{"hook": "patient-view", "id": "a"}]}).get("/cds-services")


def test_ch_g_06_another_content_type_fails_and_is_named(answering):
    with pytest.raises(AssertionError, match="CH-G-06"):
        answering({"cards": []}, mimetype="text/json").post(CALL)


@pytest.mark.parametrize(
    ("path", "document", "status"),
    [
        (CALL, {"cards": [CARD]}, 200),
        (CALL, OUTCOME, 400),
        (CALL, b"", 401),
        (f"{CALL}/feedback", {}, 200),
        ("/metrics", b"a 1", 200),
    ],
)
def test_what_keeps_to_the_protocol_passes(answering, path, document, status):
    assert answering(document, status).post(path).status_code == status


def test_a_failure_never_repeats_what_was_answered(answering):
    with pytest.raises(AssertionError) as failure:
        answering({"cards": [CARD | {"summary": "Maria Invented" * 20}]}).post(CALL)
    assert "Maria" not in str(failure.value)


class Broken(BaseHTTPRequestHandler):
    def do_POST(self):
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(b'{"cards": [{"summary": "no source", "indicator": "info"}]}')

    def log_message(self, *_arguments):
        pass


def test_the_answer_of_a_started_server_is_checked_too():
    with ThreadingHTTPServer(("127.0.0.1", 0), Broken) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        try:
            with pytest.raises(AssertionError, match="CH-C-07"):
                requests.post(f"http://127.0.0.1:{server.server_port}{CALL}", data=b"{}", timeout=30)
        finally:
            server.shutdown()
