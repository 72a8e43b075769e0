"""`POST /explain`: the page of a bundle, its headers, its languages; hostile texts stay texts; errors are pages for people."""

import gzip
import json
import re
from html.parser import HTMLParser
from itertools import cycle

import pytest

from service.cards.wording import load_wording
from tests.contract.stored import PATIENTS

DAY = "?as_of=2026-11-22&regulators=EMA,FDA,AEMPS"
HTML = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
VOID = {"meta", "link", "br", "img", "input", "hr"}


class Page(HTMLParser):
    """The elements of a page with their attributes, its text, and the data of its plots."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.open, self.data, self.text, self.title = [], [], {}, [], ""
        self.feed(text)
        self.close()

    def updatepos(self, _begin, end):
        """Nobody asks for lines; to count them is a tenth of the work."""
        return end

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open[-1][0] == tag, (self.open[-3:], tag)
        self.open.pop()

    def handle_data(self, data):
        if self.open and self.open[-1][0] == "script":
            self.data[self.open[-1][1]["id"]] = json.loads(data)
        else:
            self.text.append(data)
            self.title += data if ("h1", {}) in self.open else ""

    def all(self, name):
        return [attrs[name] for _, attrs in self.elements if name in attrs]

    @property
    def words(self):
        return " ".join("".join(self.text).split())


@pytest.fixture
def explain(client, bundle):
    """The page of a stored patient, or of these bytes; with `until` read as far as that first stands there."""

    def post(body, language="en", address="/explain" + DAY, until=""):
        body = bundle(body) if isinstance(body, str) else body
        answer = client.post(address, data=body, content_type="application/fhir+json", headers={"Accept-Language": language})
        assert answer.status_code == 200, answer.data[:300]
        text = answer.data.decode()
        return Page(text[: text.index(until) + len(until)] if until else text)

    return post


@pytest.mark.parametrize(("name", "language"), list(zip(PATIENTS, cycle(("en", "es")), strict=False)))
def test_every_patient_has_a_page_whose_links_all_lead_somewhere(explain, name, language):
    page = explain(name, language)
    ids = page.all("id")
    assert page.open == []
    assert len(ids) == len(set(ids))
    inner = {address[1:] for address in page.all("href") if address.startswith("#")}
    assert inner <= set(ids)
    outer = {address for address in page.all("href") if not address.startswith(("#", "/assets/", "data:,"))}
    filed = {address for address in outer if address.startswith("/pages/knowledge/")}
    assert all(re.match(r"https?://", address) for address in outer - filed)
    assert set(page.all("aria-labelledby")) <= set(ids)


def test_products_trials_and_risk_systems_lead_to_all_their_rows_on_file_as_of_the_same_days(explain, client):
    page = explain("adult-first-relapse")
    filed = {address for address in page.all("href") if address.startswith("/pages/knowledge/")}
    assert {address.split("/")[3] for address in filed} == {"therapies", "trials", "risk-systems"}
    assert all("on=2026-11-22" in address for address in filed if "/trials/" not in address)
    for address in filed:
        assert client.get(address).status_code == 200, address


def test_a_page_whose_reader_cannot_open_the_knowledge_has_no_link_to_it(client_with, bundle):
    client = client_with(discovery_auth="required")
    answer = client.post("/explain", data=bundle("adult-first-relapse"), content_type="application/fhir+json")
    assert "/pages/knowledge/" not in answer.data.decode()


@pytest.mark.parametrize("name", PATIENTS)
def test_the_page_begins_with_the_line_of_the_card(explain, client, bundle, name):
    cards = client.post(f"/assess{DAY}&format=cards", data=bundle(name), content_type="application/json").get_json()["cards"]
    if cards:
        line = next(card["summary"] for card in cards if card["source"]["topic"]["code"] == load_wording().topics.profile.code)
        assert explain(name, until="</h1>").title == line
    else:
        assert "no therapy and no trial is judged" in explain(name).words


def test_the_page_loads_our_own_files_alone_and_no_script_stands_in_it(client, bundle):
    answer = client.post("/explain", data=bundle("adult-first-relapse"), content_type="application/json")
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["frame-ancestors"] == "'self'"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    page = Page(answer.data.decode())
    for tag, attrs in page.elements:
        assert not [name for name in attrs if name.startswith("on") or name == "style"], (tag, attrs)
        assert tag not in {"style", "iframe", "object", "form"}
        for name in ("src", "href"):
            address = attrs.get(name, "")
            if tag in {"script", "link", "img"} and address:
                assert address.startswith("/assets/") or address == "data:,"
                assert address == "data:," or client.get(address).status_code == 200


def test_origins_that_may_read_answers_may_show_the_page_in_a_frame(client_with, bundle):
    client = client_with(allowed_origins=("https://ehr.example",))
    answer = client.post("/explain", data=bundle("adult-first-relapse"), content_type="application/json")
    assert answer.headers["Content-Security-Policy"].endswith("frame-ancestors 'self' https://ehr.example")


@pytest.mark.parametrize(
    ("setting", "header", "language"),
    [
        ("", "es-ES,es;q=0.9,en;q=0.5", "es"),
        ("", "en;q=0.4,es;q=0.6", "es"),
        ("", "en-GB", "en"),
        ("", "de", "en"),
        ("", "", "en"),
        ("es", "en", "es"),
        ("en", "es", "en"),
    ],
)
def test_the_language_is_the_setting_else_what_the_browser_asks_for(client_with, bundle, setting, header, language):
    answer = client_with(language=setting).post(
        "/explain", data=bundle("adult-first-relapse"), content_type="application/json", headers={"Accept-Language": header}
    )
    page = Page(answer.data.decode())
    assert answer.headers["Content-Language"] == language
    assert page.elements[0][1]["lang"] == language
    assert "Accept-Language" in answer.headers["Vary"]


def test_in_spanish_what_comes_from_knowledge_files_is_marked_as_english(explain):
    page = explain("adult-first-relapse", "es")
    assert "LLA-B, Ph−, primera recaída" in page.words
    assert [attrs for tag, attrs in page.elements if tag == "span" and attrs.get("lang") == "en"]
    assert "leucemia linfoblástica aguda de precursores B" in page.words


def test_the_page_is_packed_where_the_browser_reads_it_and_small(client, bundle):
    headers = {"Accept-Encoding": "gzip", "Accept": "text/html"}
    answer = client.post(
        f"/explain{DAY}",
        data=bundle("adult-ph-positive-two-tki-failed-no-alternative"),
        content_type="application/json",
        headers=headers,
    )
    page = Page(gzip.decompress(answer.data).decode())
    sent = len(answer.data)
    for address in page.all("src") + [found for found in page.all("href") if found.startswith("/assets/")]:
        asset = client.get(address, headers=headers)
        assert asset.headers["Content-Encoding"] == "gzip"
        sent += len(asset.data)
    assert sent < 300_000


def test_assets_are_kept_for_a_year_and_nothing_else_is_served(client, explain):
    (address,) = [found for found in explain("aml").all("href") if found.startswith("/assets/")]
    answer = client.get(address)
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.mimetype == "text/css"
    for other in (
        "/assets/pages.css",
        "/assets/../render.py",
        "/assets/%2e%2e/render.py",
        "/assets/package.json",
        "/assets/",
        "/assets/charts.0.js",
    ):
        assert client.get(other).status_code == 404, other


HOSTILE = [
    "<script>alert(1)</script>",
    "</script><img src=x onerror=alert(1)>",
    "javascript:alert(1)",
    "\u202egnp.exe\u202c \u2066\u2067",
    "\x07\x1b[31mred\x00",
    "'\"><svg onload=alert(1)>",
    "{{ 7*7 }} {% raw %} ${7*7}",
    "long " + "x" * 1_000_000,
]


FIELDS = [{"text", "display", "valueString", "conclusion"}, {"id"}, {"unit", "given", "family"}]
UNSEEN = re.compile("[\u202a-\u202e\u2066-\u2069\x00-\x08\x1b]")
LONGEST_PARAGRAPH = 3_001
FOREIGN = {"img", "svg", "math", "iframe", "object", "embed", "style", "form", "base", "b", "raw"}


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: repr(text[:20]))
@pytest.mark.parametrize("fields", FIELDS, ids=lambda fields: "-".join(sorted(fields)))
def test_hostile_text_in_every_field_stays_text(explain, bundle, text, fields):
    """Every text of this kind in the record is replaced by one that wants to be more than a text."""
    original = json.loads(bundle("adult-cd19-lost-after-car-t"))
    page = explain(json.dumps(_with(original, fields, text)).encode())
    assert page.open == []
    assert not {tag for tag, _ in page.elements} & FOREIGN
    assert all("src" in attrs or attrs["type"] == "application/json" for tag, attrs in page.elements if tag == "script")
    assert not [name for _, attrs in page.elements for name in attrs if name.startswith("on") or name == "style"]
    assert not [
        address for address in page.all("href") if not re.match(r"#|/assets/|/pages/knowledge/|data:,$|https?://", address)
    ]
    assert not UNSEEN.search("".join(page.text) + json.dumps(page.data, ensure_ascii=False))
    assert max(map(len, page.text)) < LONGEST_PARAGRAPH
    assert page.data  # what plots read is still JSON
    ids = page.all("id")
    assert len(ids) == len(set(ids))


def test_hostile_text_is_shown_and_not_swallowed(explain, bundle):
    original = json.loads(bundle("adult-cd19-lost-after-car-t"))
    page = explain(json.dumps(_with(original, {"id"}, "<script>alert(1)</script>")).encode())
    assert "Observation/<script>alert(1)</script>" in page.words


def _with(value, fields, text, number=None):
    """Return the record with a text in these fields; ids stay different, and the patient's own stays what others refer to."""
    number = number if number is not None else iter(range(10_000))
    if isinstance(value, list):
        return [_with(part, fields, text, number) for part in value]
    if not isinstance(value, dict):
        return value
    mine = fields - {"id"} if value.get("resourceType") == "Patient" else fields
    return {
        key: (f"{text}{next(number)}" if key == "id" else text)
        if key in mine and isinstance(part, str)
        else _with(part, fields, text, number)
        for key, part in value.items()
    }


# ---------------------------------------------------------------- errors as pages


@pytest.mark.parametrize(
    ("body", "kind", "status", "said"),
    [
        (b'{"resourceType": "Bundle",\n "entry": [}', "application/json", 400, "line 2, column 12"),
        (b"", "application/json", 400, "not JSON, or not all of it arrived"),
        (b'{"resourceType": "Patient"}', "application/json", 400, "not a FHIR Bundle"),
        (b'{"resourceType": "Bundle"}', "application/json", 422, "There is no Patient"),
        (b"{}", "text/plain", 415, "does not say that it is JSON"),
    ],
)
def test_a_body_that_cannot_be_used_is_a_page_in_plain_words(client, body, kind, status, said):
    answer = client.post("/explain", data=body, content_type=kind, headers=HTML)
    assert (answer.status_code, answer.mimetype) == (status, "text/html")
    page = Page(answer.data.decode())
    assert said in page.words
    assert answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("accept", ["*/*", "application/json", "application/fhir+json, text/html;q=0.5", ""])
def test_who_does_not_prefer_a_page_gets_the_outcome(client, accept):
    answer = client.post("/explain", data=b"{", content_type="application/json", headers={"Accept": accept})
    assert answer.mimetype == "application/json"
    assert answer.get_json()["issue"][0]["expression"] == ["line 1, column 2"]


@pytest.mark.parametrize(
    ("query", "said"), [("?as_of=yesterday", "as_of"), ("?strict=maybe", "strict"), ("?format=cards", "that we do not know")]
)
def test_a_wrong_parameter_is_named(client, bundle, query, said):
    answer = client.post(f"/explain{query}", data=bundle("adult-first-relapse"), content_type="application/json", headers=HTML)
    assert answer.status_code == 400
    assert said in Page(answer.data.decode()).words


def test_an_error_page_speaks_spanish_too(client):
    answer = client.post("/explain", data=b"{", content_type="application/json", headers={**HTML, "Accept-Language": "es"})
    assert "Lo enviado no es JSON" in Page(answer.data.decode()).words


def test_an_address_that_does_not_exist_is_a_page_and_the_allowed_method_is_named(client):
    assert "nothing at this address" in Page(client.get("/nowhere", headers=HTML).data.decode()).words
    answer = client.get("/explain", headers=HTML)
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]


@pytest.mark.parametrize("address", ["/cds-services/nobody", "/cds-services/all-immunotherapy"])
def test_the_protocol_answers_programs_whatever_they_accept(client, address):
    answer = client.post(address, data=b"{", content_type="application/json", headers=HTML)
    assert answer.status_code in {400, 404}
    assert answer.get_json()["resourceType"] == "OperationOutcome"


def test_hostile_text_in_the_address_is_not_repeated(client):
    answer = client.get("/<script>alert(1)</script>", headers=HTML)
    assert "alert" not in answer.data.decode()


def test_strict_reading_lists_what_is_wrong_on_the_page_too(explain, bundle):
    patient = json.loads(bundle("adult-first-relapse"))
    patient["entry"][0]["resource"]["stray"] = "x"
    body = json.dumps(patient).encode()
    assert "not-valid-fhir" in explain(body, address=f"/explain{DAY}&strict=true").words
    assert "not-valid-fhir" not in explain(body).words
