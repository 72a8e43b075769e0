"""How one query is made and what each kind of answer means; stored answers, no connection."""

import pytest
import requests
import responses

from service.clients.fhir_address import Base
from service.clients.fhir_http import Call, FhirHttp
from service.clients.guarded_connections import Lines
from service.errors import FhirServerError

BASE = Base("https", "fhir.example", 443, "/r4")
URL = f"{BASE.address}/Condition?patient=p"
TOKEN = "TOKEN-OF-ONE-CALL"
DATE = "Sun, 22 Nov 2026 10:00:00 GMT"


class Clock:
    """Seconds that pass only when told."""

    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


class Waiting(Lines):
    """Lines of a call on which waiting takes no time, and is noted."""

    def __init__(self, clock, waited=None, ends=False):
        super().__init__(private=False)
        self.clock = clock
        self.waited = waited if waited is not None else []
        self.ends = ends

    def wait(self, seconds):
        self.waited.append(seconds)
        self.clock.now += seconds
        return self.ends


@pytest.fixture
def server():
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def waited():
    """How long was waited, in seconds, each time."""
    return []


@pytest.fixture
def ask(clock, waited):
    def get(url=URL, *, token=TOKEN, seconds=2.0, request_id="", ends=False):
        call = Call(BASE, "p", token, clock.now + seconds, Waiting(clock, waited, ends), request_id=request_id)
        return FhirHttp(most_bytes=1000, clock=clock).get(url, call)

    return get


def reason(ask, *arguments, **options):
    with pytest.raises(FhirServerError) as error:
        ask(*arguments, **options)
    return error.value.reason


def test_a_query_brings_the_token_in_its_header_and_nothing_else_of_ours(server, ask):
    server.get(URL, body=b"{}", headers={"Set-Cookie": "session=of-one-user"})
    assert ask(request_id="r-1") == b"{}"
    sent = server.calls[0].request
    assert dict(sent.headers) == {
        "Accept": "application/fhir+json",
        "Accept-Encoding": "gzip",
        "User-Agent": "all-cds",
        "Authorization": f"Bearer {TOKEN}",
        "X-Request-Id": "r-1",
    }
    assert TOKEN not in sent.url


def test_no_cookie_of_one_call_goes_with_the_next(server, clock):
    server.get(URL, body=b"{}", headers={"Set-Cookie": "session=of-one-user; Path=/"})
    http = FhirHttp(clock=clock)
    for _ in range(2):
        http.get(URL, Call(BASE, "p", TOKEN, clock.now + 2, Waiting(clock)))
    assert "Cookie" not in server.calls[1].request.headers


def test_neither_password_files_nor_proxies_of_the_machine_are_used(server, ask, monkeypatch, tmp_path):
    (tmp_path / "netrc").write_text("machine fhir.example login me password secret")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    server.get(URL, body=b"{}")
    ask()
    assert server.calls[0].request.headers["Authorization"] == f"Bearer {TOKEN}"
    assert server.calls[0].request.req_kwargs["proxies"] == {}
    assert server.calls[0].request.req_kwargs["verify"] is True


def test_ch_a_11_without_a_token_no_header_says_who_asks(server, ask):
    server.get(URL, body=b"{}")
    ask(token=None)
    assert "Authorization" not in server.calls[0].request.headers


def test_ch_f_08_a_link_is_called_word_for_word(server, ask):
    link = f"{BASE.address}?_getpages=a%7eb%2Fc&x=%41"
    server.get(f"{BASE.address}", body=b"{}")
    ask(link)
    assert server.calls[0].request.url == link


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        *((401, "refused"), (403, "refused"), (404, "not-found"), (410, "not-found"), (400, "rejected"), (422, "rejected")),
        *((500, "server-error"), (502, "server-error"), (504, "server-error"), (204, "unreadable"), (206, "unreadable")),
        *((429, "busy"), (503, "busy"), (301, "moved"), (308, "moved")),
    ],
)
def test_ch_a_10_each_refusal_has_its_word_and_is_tried_once(server, ask, status, expected):
    server.get(URL, status=status)
    assert reason(ask) == expected
    assert len(server.calls) == 1


@pytest.mark.parametrize(
    ("retry_after", "seconds"),
    [("0", 0), ("1", 1), ("Sun, 22 Nov 2026 10:00:01 GMT", 1), ("Sun, 22 Nov 2026 09:00:00 GMT", 0)],
)
def test_a_busy_server_is_asked_once_more_when_it_says(server, ask, waited, retry_after, seconds):
    server.get(URL, status=503, headers={"Retry-After": retry_after, "Date": DATE})
    server.get(URL, body=b"{}")
    assert ask() == b"{}"
    assert len(server.calls) == 2
    assert waited == [seconds]


@pytest.mark.parametrize("retry_after", ["2", "3600", "Sun, 22 Nov 2026 10:00:02 GMT", "soon", "-1", "1e3", "٣"])
def test_a_wait_that_does_not_fit_into_the_time_is_not_waited(server, ask, retry_after):
    server.get(URL, status=429, headers={"Retry-After": retry_after.encode().decode("latin-1"), "Date": DATE})
    assert reason(ask) == "busy"
    assert len(server.calls) == 1


def test_a_call_that_ends_while_it_waits_asks_no_more(server, ask):
    server.get(URL, status=429, headers={"Retry-After": "1"})
    assert reason(ask, ends=True) == "busy"
    assert len(server.calls) == 1


@pytest.mark.parametrize(("size", "fits"), [(1000, True), (1001, False)])
def test_an_answer_may_be_so_large_and_no_larger(server, ask, size, fits):
    server.get(URL, body=b"x" * size)
    if fits:
        assert len(ask()) == size
    else:
        assert reason(ask) == "too-large"


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (requests.ConnectTimeout(), "slow"),
        (requests.ReadTimeout(), "slow"),
        (requests.ConnectionError(), "unreachable"),
        (requests.exceptions.SSLError(), "unreachable"),
        (requests.exceptions.ChunkedEncodingError(), "unreachable"),
        (requests.exceptions.ContentDecodingError(), "unreadable"),
        (OSError(), "unreachable"),
    ],
)
def test_each_broken_connection_has_its_word(server, ask, error, expected):
    server.get(URL, body=error)
    assert reason(ask) == expected


def test_a_query_is_not_begun_when_the_time_is_over(server, ask):
    server.get(URL, body=b"{}")
    assert reason(ask, seconds=0) == "slow"
    assert len(server.calls) == 0


@pytest.mark.parametrize("location", ["https://elsewhere.example/r4/Condition", "http://fhir.example/r4/Condition", "/other", ""])
def test_ch_a_08_a_redirect_that_leads_elsewhere_is_not_followed(server, ask, location):
    server.get(URL, status=302, headers={"Location": location})
    assert reason(ask) == "moved"
    assert len(server.calls) == 1


def test_ch_a_05_no_error_holds_the_token(server, ask):
    server.get(URL, body=requests.ConnectionError(f"Bearer {TOKEN}"))
    with pytest.raises(FhirServerError) as error:
        ask()
    assert TOKEN not in f"{error.value!r}{error.value}{error.value.__cause__!r}"


def test_ch_a_05_a_call_does_not_show_its_token_or_patient(clock):
    shown = repr(Call(BASE, "PATIENT", TOKEN, 1.0, Waiting(clock)))
    assert TOKEN not in shown
    assert "PATIENT" not in shown
