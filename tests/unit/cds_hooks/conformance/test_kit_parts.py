"""The parts of the conformance kit, each alone."""

import ast
import json
import re
import threading
import time
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

import cds_hooks.conformance
from cds_hooks.conformance import report, subject
from cds_hooks.conformance.__main__ import main, parser
from cds_hooks.conformance.answers import Answer, Endpoint, endpoint_of
from cds_hooks.conformance.documents import request_faults
from cds_hooks.conformance.faults import Level
from cds_hooks.conformance.items import items
from cds_hooks.conformance.made_up import call_of, made_up_record, record_of
from cds_hooks.conformance.report import Row, Verdict
from cds_hooks.conformance.run import Wishes, run
from cds_hooks.conformance.signing import Signer, read_key
from cds_hooks.conformance.subject import Line, part_of
from cds_hooks.conformance.target import NoAnswer, Target
from cds_hooks.templates import CONTEXT_TOKENS
from tests.stand_ins.callers import private_key, private_pem, public_jwk

ROOT = Path(__file__).resolve().parents[4]
ITEM = re.compile(r"CH-[A-Z]-\d\d")
OUTCOME = json.dumps({"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "invalid"}]}).encode()


# ---------------------------------------------------------------- what is checked is not the checker


def test_no_part_of_the_kit_uses_what_our_own_answers_are_written_with():
    forbidden = {"cds_hooks", "cds_hooks.models", "cds_hooks.discovery", "cds_hooks.outgoing", "cds_hooks.jwt"}
    for path in Path(cds_hooks.conformance.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module] if isinstance(node, ast.ImportFrom) and node.module else []
            assert not forbidden & set(names), path


# ---------------------------------------------------------------- calls


@pytest.mark.parametrize("hook", [*CONTEXT_TOKENS, "com.example.new-hook"])
def test_a_made_up_call_of_each_hook_is_conformant(hook):
    prefetch = {"patient": "Patient/{{context.patientId}}", "user": "{{context.userId}}", "orders": "Task?patient=x"}
    call = call_of(hook, prefetch, made_up_record())
    assert request_faults(call) == []
    assert part_of(call, "prefetch").keys() == prefetch.keys()


def test_a_template_that_the_kit_cannot_answer_is_left_out_as_clients_do():
    call = call_of("patient-view", {"odd": "$everything", "none": "Coverage/{{context.patientId}}"}, made_up_record())
    assert call["prefetch"] == {"none": None}


def bundle(*resources):
    return {"resourceType": "Bundle", "entry": [{"resource": resource} for resource in resources]}


def test_a_record_is_read_from_bundles_inside_bundles_too():
    patient, condition = {"resourceType": "Patient", "id": "p"}, {"resourceType": "Condition", "id": "c"}
    assert record_of(bundle(bundle(patient), bundle(condition))) == (patient, condition)


@pytest.mark.parametrize(
    "document", [None, [], {}, bundle(), bundle({"resourceType": "Patient", "id": "a"}, {"resourceType": "Patient", "id": "b"})]
)
def test_a_record_without_its_one_patient_is_refused(document):
    with pytest.raises(ValueError, match="one patient"):
        record_of(document)


@pytest.mark.parametrize(
    ("path", "endpoint"),
    [
        ("/cds-services", Endpoint.DISCOVERY),
        ("/cds-services/", Endpoint.DISCOVERY),
        ("/base/cds-services/a?b=c", Endpoint.SERVICE),
        ("/cds-services/a/feedback/", Endpoint.FEEDBACK),
        ("/cds-services/a/b", Endpoint.ELSEWHERE),
        ("/assess", Endpoint.ELSEWHERE),
    ],
)
def test_the_part_of_a_service_is_told_by_its_path(path, endpoint):
    assert endpoint_of(path) is endpoint


# ---------------------------------------------------------------- keys


@pytest.mark.parametrize("algorithm", ["ES384", "RS384", "ES256"])
def test_a_key_is_read_as_pem_and_as_json(algorithm):
    key = private_key(algorithm)
    as_jwk = (RSAAlgorithm if algorithm == "RS384" else ECAlgorithm).to_jwk(key)
    for data in (private_pem(key), as_jwk.encode()):
        signer = Signer(read_key(data), "i", "k", "https://cds.example", lambda: datetime(2026, 11, 22, tzinfo=UTC))
        assert signer.algorithm == algorithm
        assert "key" not in repr(signer)


@pytest.mark.parametrize("data", [b"", b"{}", b"{", b"no key", json.dumps(public_jwk("ES384", "k")).encode()])
def test_what_is_no_private_key_is_refused(data):
    with pytest.raises(ValueError, match=r"key|PEM"):
        read_key(data)


# ---------------------------------------------------------------- the way to the service


class Elsewhere(BaseHTTPRequestHandler):
    seen: list[str] = []  # noqa: RUF012 - each test has a class of its own

    def do_GET(self):
        self.seen.append(self.path)
        status, headers, body = self.answer()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        self.do_GET()

    def answer(self):
        return 200, {}, b'{"services": []}'

    def log_message(self, *_arguments):
        pass


@pytest.fixture
def listening():
    """Starts a server that answers everything with this; gives its address and what it was asked."""
    servers = []

    def start(answer):
        seen: list[str] = []
        kind = type("Listening", (Elsewhere,), {"seen": seen, "answer": lambda _self: answer()})
        server = ThreadingHTTPServer(("127.0.0.1", 0), kind)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}", seen

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def announced(**service):
    return json.dumps({"services": [{"hook": "patient-view", "id": "a", "description": "d", **service}]}).encode()


def test_no_redirect_is_followed_and_nothing_is_sent_elsewhere(listening):
    other, seen = listening(lambda: (200, {}, b'{"services": []}'))
    base, asked = listening(lambda: (302, {"Location": f"{other}/cds-services"}, b""))
    rows = run(Line(Target(base, 10)), Wishes(made_up_record()))
    assert asked
    assert seen == []
    assert [(row.item, row.verdict) for row in rows] == [("CH-D-01", Verdict.FAILED)]


def test_an_id_with_strange_signs_stays_below_the_base(listening):
    base, asked = listening(lambda: (200, {}, announced(id="../../else where?x=#y")))
    run(Line(Target(base, 10)), Wishes(made_up_record()))
    assert {path.split("/")[1] for path in asked} == {"cds-services"}
    assert any("..%2F..%2Felse%20where%3Fx%3D%23y" in path for path in asked)


def test_a_base_with_a_path_is_called_below_it(listening):
    base, asked = listening(lambda: (200, {}, b'{"services": []}'))
    run(Line(Target(f"{base}/r4/", 10)), Wishes(made_up_record()))
    assert asked == ["/r4/cds-services", "/r4/cds-services/"]


def test_a_service_that_asks_for_patience_is_asked_again(listening, monkeypatch):
    waited: list[float] = []
    monkeypatch.setattr(time, "sleep", waited.append)
    left = [(429, {"Retry-After": "2"}, OUTCOME), (200, {}, b'{"services": []}')]
    base, asked = listening(lambda: left.pop(0))
    line = Line(Target(base, 10))
    assert line.call("GET", "/cds-services").status == 200
    assert (waited, len(asked)) == ([2.0], 2)


@pytest.mark.parametrize("wait", ["3600", "soon", ""])
def test_a_service_that_asks_for_too_much_patience_is_not(listening, monkeypatch, wait):
    monkeypatch.setattr(time, "sleep", lambda _seconds: pytest.fail("waited"))
    base, asked = listening(lambda: (429, {"Retry-After": wait}, OUTCOME))
    assert Line(Target(base, 10)).call("GET", "/cds-services").status == 429
    assert len(asked) == 1


def test_patience_has_an_end(listening, monkeypatch):
    waited: list[float] = []
    monkeypatch.setattr(time, "sleep", waited.append)
    base, asked = listening(lambda: (429, {"Retry-After": "1"}, OUTCOME))
    assert Line(Target(base, 10)).call("GET", "/cds-services").status == 429
    assert len(asked) == 3


@pytest.mark.parametrize("base", ["", "cds.example", "ftp://cds.example", "https://", "https://cds.example/?a=b"])
def test_what_is_no_base_address_is_refused(base):
    with pytest.raises(ValueError, match="base"):
        Target(base, 10)


def test_a_port_where_nobody_listens_gives_no_answer(free_port):
    with pytest.raises(NoAnswer, match="ConnectionRefusedError"):
        Target(f"http://127.0.0.1:{free_port}", 10).call("GET", "/", None, {})


@pytest.fixture
def free_port():
    """A port that was free a moment ago."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere) as server:
        return server.server_port


@pytest.mark.parametrize(("base", "verdict"), [("https://cds.example", "passed"), ("http://cds.example", "failed")])
def test_ch_g_01_https_is_told_from_http_by_the_address(base, verdict):
    from cds_hooks.conformance.checks.transport import is_encrypted  # noqa: PLC0415

    asked = subject.Subject(subject.Announced("a", "patient-view"), Line(Target(base, 10)), [{}])
    assert bool(list(is_encrypted(asked))) is (verdict == "failed")


# ---------------------------------------------------------------- the command


def test_a_service_that_is_not_announced_fails_and_is_named(listening):
    base, _ = listening(lambda: (200, {}, announced()))
    rows = run(Line(Target(base, 10)), Wishes(made_up_record(), services=("b",)))
    assert [row.reason for row in rows if row.verdict is Verdict.FAILED and row.item == "CH-D-01"] == ["b is not announced"]
    assert {row.service for row in rows} == {""}


def test_a_given_call_is_used_for_its_hook(listening, tmp_path, capsys):
    bodies = [announced()]
    base, _ = listening(lambda: (200, {}, bodies[0]))
    call = tmp_path / "call.json"
    call.write_text(json.dumps(call_of("patient-view", {}, made_up_record())), encoding="utf-8")
    assert main(["--base", base, "--request", str(call), str(call)]) == 1
    assert "CH-C-01" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--base", "cds.example"], "base"),
        (["--base", "http://127.0.0.1:9", "--patient", "no-such-file.json"], "no-such-file"),
        (["--base", "http://127.0.0.1:9", "--request", __file__], "no JSON"),
        (["--base", "http://127.0.0.1:9", "--key", __file__], "--issuer"),
        (["--base", "http://127.0.0.1:9", "--key", __file__, "--issuer", "i", "--kid", "k"], ""),
    ],
)
def test_wrong_usage_is_2_and_says_why(words, said, capsys):
    assert main(words) == 2
    assert said in capsys.readouterr().err


def test_a_service_that_does_not_answer_is_5(capsys, free_port):
    assert main(["--base", f"http://127.0.0.1:{free_port}"]) == 5
    assert "does not answer" in capsys.readouterr().err


ROWS = [
    Row("", "CH-D-01", Level.SHALL, "discovery", Verdict.PASSED),
    Row("a on b", "CH-C-03", Level.SHALL, "summary", Verdict.FAILED, "a|b", "shorter"),
    Row("a on b", "CH-C-30", Level.US, "reasons", Verdict.FAILED, "seven", "fewer"),
]


def test_the_table_is_written_for_people_programs_and_pages():
    text = report.as_text(ROWS)
    assert "== all services" in text
    assert "hint: shorter" in text
    assert "1 passed, 2 failed, 0 not applicable" in text
    assert "a\\|b" in report.as_markdown(ROWS)
    assert json.loads(report.as_json(ROWS))["counts"] == {"passed": 1, "failed": 2, "not applicable": 0}


def test_only_what_is_demanded_fails_unless_all_is_asked_for():
    assert [row.item for row in report.failed(ROWS, strict=False)] == ["CH-C-03"]
    assert [row.item for row in report.failed(ROWS, strict=True)] == ["CH-C-03", "CH-C-30"]


def test_the_repr_of_an_answer_shows_no_body():
    assert "Maria" not in repr(Answer(200, "application/json", b"Maria Invented"))


@pytest.mark.parametrize("body", [b"", b"{", b"NaN", b'{"a": Infinity}', b"\xff"])
def test_what_is_no_json_is_told_from_what_is(body):
    assert not Answer(200, "application/json", body).is_json
    assert Answer(200, "application/json", b"{}").is_json


def test_every_option_of_the_command_is_in_the_readme():
    readme = (ROOT / "service" / "CONNECTING.md").read_text(encoding="utf-8")
    options = {option for action in parser()._actions for option in action.option_strings} - {"-h", "--help"}
    assert [option for option in sorted(options) if f"`{option}" not in readme] == []


def test_every_item_is_named_as_the_list_names_its_items():
    assert [name for name in items() if not ITEM.fullmatch(name)] == []
