"""The pages for those who run the service, on the wire: who may open them, what they hold, what bad input gets."""

import io
import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from service.assembly import open_answers
from service.stores.kept import GivenFeedback, ShownCard
from service.web.app import create_app
from service.web.callers import CallerParts
from service.web.pages.operators.addresses import INTERNAL, OF_KNOWLEDGE
from service.web.token_uses import TokenUses
from tests.contract.stored import stored_patient

FULL = ("/pages/knowledge", "/pages/registry", "/pages/about", "/pages/feedback", "/pages/unmapped")
DETAILS = (
    "/pages/knowledge/therapies/blinatumomab",
    "/pages/knowledge/trials/NCT03959085",
    "/pages/knowledge/trials/allo-CD19-CAR",
    "/pages/knowledge/risk-systems/IF06",
)
HTML = {"Accept": "text/html"}
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def hidden_text(page):
    return re.sub(r"<[^>]+>", " ", page)


@pytest.fixture
def keeping(service, tmp_path):
    """A client of a service that keeps, and its store."""
    settings = replace(service.settings, store=str(tmp_path / "store.db"), keep_answers=True)
    return create_app(replace(service, settings=settings)).test_client(), open_answers(settings)


@pytest.mark.parametrize("path", [*FULL, *DETAILS])
@pytest.mark.parametrize("language", ["en", "es"])
def test_every_page_is_there_in_both_languages(client, path, language):
    answer = client.get(path, headers={**HTML, "Accept-Language": language})
    assert (answer.status_code, answer.mimetype, answer.headers["Content-Language"]) == (200, "text/html", language)
    assert f'<html lang="{language}">' in answer.text
    assert answer.text.count("<h1>") == 1


@pytest.mark.parametrize("path", [*FULL, *DETAILS])
def test_a_page_runs_and_loads_nothing_but_our_files(client, path):
    answer = client.get(path, headers=HTML)
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", answer.text, re.IGNORECASE)
    scripts = re.findall(r"<script(?: [^>]*)?>", answer.text)
    assert all('src="/assets/' in script or 'type="application/json"' in script for script in scripts)
    assert all(client.get(found).status_code == 200 for found in set(re.findall(r'(?:src|href)="(/assets/[^"]+)"', answer.text)))


@pytest.mark.parametrize("path", [*FULL, *DETAILS])
def test_every_link_of_a_page_leads_somewhere(client, path):
    text = client.get(path, headers=HTML).text
    places = set(re.findall(r'\bid="([^"]+)"', text))
    assert [name for name in re.findall(r'href="#([^"]+)"', text) if name not in places] == []
    ours = {found.partition("#")[0].replace("&amp;", "&") for found in re.findall(r'href="(/pages/[^"]+)"', text)}
    assert [found for found in sorted(ours) if client.get(found).status_code != 200] == []


def test_the_first_page_is_light(client):
    # 300 kB as sent without packing
    assert max(len(client.get(path, headers=HTML).data) for path in (*FULL, *DETAILS)) < 300_000


# ---------------------------------------------------------------- what was approved on a day


@pytest.mark.parametrize(
    ("on", "said", "unsaid"),
    [
        # therapies.md 1.4: E-TIS-1 from 2018-08-23
        ("2018-08-22", "next row from 2018-08-23", "row-E-TIS-1"),
        ("2018-08-23", "row-E-TIS-1", "next row from 2018-08-23"),
    ],
)
def test_what_was_approved_on_a_day(client, on, said, unsaid):
    text = client.get(f"/pages/knowledge?on={on}", headers=HTML).text
    table = text.split("<tbody>")[1].split("</tbody>")[0]
    assert said in table
    assert unsaid not in table


def test_before_it_was_written_down_nothing_was_on_file(client):
    # every row of a label was recorded on 2026-11-22
    text = client.get("/pages/knowledge?on=2018-05-01&known_by=2026-11-21", headers=HTML).text
    assert "row in force" not in hidden_text(text.split("<tbody>")[1].split("</tbody>")[0])


@pytest.mark.parametrize(
    ("query", "where"),
    [
        ("on=yesterday", "on"),
        ("on=2018-02-30", "on"),
        ("on=9999-12-31", "on"),
        ("on=%3Cscript%3Ealert(1)%3C/script%3E", "on"),
        ("known_by=99999-01-01", "known_by"),
        ("older_than=0", "older_than"),
        ("older_than=-1", "older_than"),
        ("older_than=999999", "older_than"),
        ("older_than=%D9%A3", "older_than"),
        ("download=yes", "download"),
        ("on=2018-05-01&on=2018-05-02", "on"),
    ],
)
def test_a_parameter_that_cannot_be_used_is_named_and_not_repeated(client, is_outcome, query, where):
    assert is_outcome(client.get(f"/pages/knowledge?{query}"), 400)["expression"] == [where]
    page = client.get(f"/pages/knowledge?{query}", headers=HTML)
    assert (page.status_code, page.mimetype) == (400, "text/html")
    assert "alert(1)" not in page.text


@pytest.mark.parametrize("path", [*FULL, *DETAILS])
def test_an_unknown_parameter_is_refused(client, is_outcome, path):
    issue = is_outcome(client.get(f"{path}?oon=2018-05-01"), 400)
    assert "2018-05-01" not in json.dumps(issue)


@pytest.mark.parametrize(
    "path",
    [
        "/pages",
        "/pages/knowledge/therapies/aspirin",
        "/pages/knowledge/trials/%3Cscript%3E",
        "/pages/knowledge/trials/..%2f..%2fsecret",
        "/pages/knowledge/risk-systems/if06",
    ],
)
def test_what_is_not_on_file_is_404(client, path):
    answer = client.get(path, headers=HTML)
    assert answer.status_code == 404
    assert "<script>" not in answer.text


def test_the_first_day_and_the_last_that_has_come_somewhere_are_days(client):
    tomorrow = date.today() + timedelta(days=1)  # noqa: DTZ011 - the day where the service runs
    for on in ("0001-01-01", tomorrow.isoformat()):
        assert client.get(f"/pages/knowledge?on={on}&known_by=9999-12-31&older_than=99999", headers=HTML).status_code == 200


# ---------------------------------------------------------------- to keep and to print


@pytest.mark.parametrize("path", [*FULL, *DETAILS])
def test_a_download_is_one_file_that_needs_nothing_else(client, path):
    answer = client.get(f"{path}?download=1", headers=HTML)
    name = re.fullmatch(r'attachment; filename="(all-cds-[a-z-]+-\d{4}-\d\d-\d\d\.html)"', answer.headers["Content-Disposition"])
    assert name
    assert "@media print" in answer.text
    assert not re.search(r'<link rel="stylesheet"|<script(?! type="application/json")|src=|href="/|action="/', answer.text)


def test_a_download_leads_back_where_the_service_has_a_public_address(client_with):
    client = client_with(public_base_url="https://cds.example/all")
    text = client.get("/pages/knowledge?download=1", headers=HTML).text
    assert 'href="https://cds.example/all/pages/knowledge/therapies/blinatumomab' in text
    assert "https://cds.example" not in client.get("/pages/knowledge", headers=HTML).text


# ---------------------------------------------------------------- who may open them


@pytest.mark.parametrize(
    ("settings", "served"),
    [
        ({}, True),
        ({"operator_pages": True}, True),
        ({"auth": "required"}, False),
        ({"auth": "required", "operator_pages": True}, True),
        ({"auth": "required", "profile": "production"}, False),
        ({"auth": "required", "profile": "production", "operator_pages": True}, True),
    ],
)
def test_internal_pages_are_there_on_a_testers_machine_or_where_somebody_said_so(guarded_with, settings, served):
    client = guarded_with(**settings)
    for path in sorted(INTERNAL):
        assert client.get(path, headers=HTML).status_code == (200 if served else 404), path
    listed = client.get("/pages/knowledge", headers=HTML)
    assert listed.status_code == 200
    assert ("/pages/feedback" in listed.text) is served


@pytest.fixture
def guarded_with(service, tmp_path):
    """A client under settings; where tokens are asked for, nobody has one."""
    issuers = tmp_path / "issuers.json"
    issuers.write_text("{}", encoding="utf-8")

    def build(**settings):
        given = {
            "public_base_url": "https://cds.example",
            "issuers": str(issuers),
            "store": str(tmp_path / "store.db"),
        } | settings
        changed = replace(service, settings=replace(service.settings, **given))
        uses = TokenUses(lambda: pytest.fail("nobody sends a token"))
        parts = CallerParts({}, lambda *_: (), uses, lambda: NOON)  # type: ignore[arg-type]
        return create_app(changed, parts=parts).test_client()

    return build


def test_pages_of_knowledge_are_as_open_as_discovery(guarded_with):
    paths = [rule.replace("<name>", "x") for rule in OF_KNOWLEDGE]
    opened = guarded_with(auth="required")
    closed = guarded_with(auth="required", discovery_auth="required")
    for path in paths:
        assert opened.get(path).status_code in {200, 404}, path
        assert closed.get(path).status_code == 401, path
    told = guarded_with(auth="required", discovery_auth="required", operator_pages=True)
    assert told.get("/pages/knowledge").status_code == 200


# ---------------------------------------------------------------- feedback


def test_that_nothing_is_kept_is_said(client_with, tmp_path):
    client = client_with(store=str(tmp_path / "none.db"))
    assert "Nothing is kept" in client.get("/pages/feedback", headers=HTML).text
    assert not (tmp_path / "none.db").exists()


def test_feedback_is_shown_and_hostile_words_are_text(keeping):
    client, store = keeping
    mark = "</script><script>alert('x')</script>\u202e"
    store.add_shown([ShownCard("c1", (), ("E-INO-1a",), "topic", "s", "h", "d", mark, NOON)])
    store.add_feedback([GivenFeedback("c1", "overridden", NOON, mark, NOON, reason_text=mark, commented=True)])
    text = client.get("/pages/feedback", headers=HTML).text
    assert "1 cards shown: 0 accepted, 1 overridden" in text
    assert "<script>alert" not in text
    assert "\u202e" not in hidden_text(text)
    (chart,) = re.findall(r'<script type="application/json" id="reasons-data">(.*?)</script>', text, re.DOTALL)
    assert json.loads(chart)["rows"][0]["overridden"] == 1


@pytest.mark.parametrize(("since", "shown"), [("2026-11-20", True), ("2026-11-21", False)])
def test_since_is_from_the_beginning_of_the_day(keeping, since, shown):
    client, store = keeping
    store.add_shown([ShownCard("c1", (), ("E-INO-1a",), "topic", "s", "h", "d", "Hospital", NOON)])
    assert ("1 cards shown" in client.get(f"/pages/feedback?since={since}", headers=HTML).text) is shown


def test_a_store_that_cannot_be_read_is_a_page_that_says_so(client_with, tmp_path):
    (tmp_path / "store.db").write_bytes(b"this is no database, however long one looks at it" * 10)
    answer = client_with(store=str(tmp_path / "store.db")).get("/pages/feedback", headers=HTML)
    assert (answer.status_code, answer.mimetype) == (503, "text/html")


# ---------------------------------------------------------------- unmapped codes

LOCAL = {"system": "http://lab.example/codes", "code": "4711", "display": "CD22 blasts"}


def with_code(**coding):
    code = {"coding": [LOCAL | coding]}
    entries = [
        {"resource": {"resourceType": "Patient", "id": "p", "name": [{"family": "Markfamily"}]}},
        {"resource": {"resourceType": "Observation", "id": "o", "status": "final", "code": code}},
    ]
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}).encode()


def sent_as(client, how, body, path="/pages/unmapped"):
    if how == "json":
        return client.post(path, data=body, content_type="application/fhir+json", headers=HTML)
    part = {"bundle": (io.BytesIO(body), "b.json")} if how == "file" else {"text": body.decode()}
    return client.post(path, data=part, content_type="multipart/form-data", headers=HTML)


@pytest.mark.parametrize("how", ["json", "file", "text"])
def test_a_bundle_may_be_sent_as_it_is_or_with_the_form(client, how):
    answer = sent_as(client, how, with_code())
    assert answer.status_code == 200
    text = hidden_text(answer.text)
    assert "1 codes are not understood" in text
    assert "4711" in text
    assert "cd22-blasts" in text


def test_every_code_of_a_story_is_understood(client):
    answer = sent_as(client, "file", stored_patient("adult-first-relapse"))
    assert "Every code is understood." in answer.text


def test_markup_is_text_and_names_of_people_are_left_out(client):
    text = sent_as(client, "file", with_code(code="<img src=x onerror=alert(1)>", display="of Markfamily")).text
    assert "<img" not in text
    assert "&lt;img" in text
    assert "Markfamily" not in text


def test_the_list_can_be_kept_as_a_file(client):
    answer = sent_as(client, "file", with_code(), "/pages/unmapped?download=1")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "4711" in answer.text
    assert "<form" not in answer.text


@pytest.mark.parametrize(
    ("how", "body", "status"),
    [
        ("file", b"", 400),
        ("text", b"  ", 400),
        ("file", b"{", 400),
        ("text", b'{"resourceType": "Patient"}', 400),
        ("json", b"[]", 400),
    ],
)
def test_what_is_no_bundle_is_said_in_plain_words(client, how, body, status):
    answer = sent_as(client, how, body)
    assert (answer.status_code, answer.mimetype) == (status, "text/html")
    assert "This could not be answered" in answer.text


def test_a_form_that_is_none_brings_nothing(client):
    answer = client.post("/pages/unmapped", data=b"rubbish", content_type="multipart/form-data; boundary=x", headers=HTML)
    assert answer.status_code == 400
    assert client.post("/pages/unmapped", data=b"a=b", content_type="text/plain").status_code == 415


def test_limits_hold_for_the_form_too(client_with):
    assert sent_as(client_with(body_limit=100), "file", with_code()).status_code == 413
    assert sent_as(client_with(value_limit=2), "file", with_code()).status_code == 413


def test_nothing_of_a_sent_bundle_lies_on_the_disk_or_in_the_log(client, monkeypatch, capfd):
    monkeypatch.setattr("tempfile.TemporaryFile", lambda *_a, **_k: pytest.fail("a file was written"))
    monkeypatch.setattr("werkzeug.formparser.SpooledTemporaryFile", lambda *_a, **_k: pytest.fail("a file was written"))
    head = b'--x\r\nContent-Disposition: form-data; name="bundle"; filename="b.json"\r\n\r\n'
    body = head + with_code(code="MARKCODE") + b" " * 2_000_000 + b"\r\n--x--\r\n"
    answer = client.post("/pages/unmapped", data=body, content_type="multipart/form-data; boundary=x", headers=HTML)
    assert "MARKCODE" in answer.text
    said = capfd.readouterr()
    assert "MARK" not in said.out + said.err


def test_a_page_of_the_past_is_written_once(client, monkeypatch):
    from service.web import operator_pages  # noqa: PLC0415 - only this test looks inside

    first = client.get("/pages/knowledge?on=2011-01-01", headers=HTML).data
    monkeypatch.setattr(operator_pages, "knowledge_page", lambda *_: pytest.fail("written again"))
    assert client.get("/pages/knowledge?on=2011-01-01", headers=HTML).data == first


def test_a_page_written_before_anybody_asked_is_the_same(client, service):
    warm = create_app(service)
    with warm.test_request_context():  # as the start of the server writes it
        warm.view_functions["operator-pages.knowledge"]()
    assert warm.test_client().get("/pages/knowledge", headers=HTML).data == client.get("/pages/knowledge", headers=HTML).data


@pytest.mark.parametrize(
    "path", ["/pages/knowledge?on=2018-05-01", *DETAILS, "/pages/registry", "/pages/about", "/pages/feedback"]
)
def test_each_page_links_to_itself_as_a_file(client, path):
    (query,) = re.findall(r'href="(\?[^"]*download=1)"', client.get(path, headers=HTML).text)
    address = path.partition("?")[0] + query.replace("&amp;", "&")
    assert client.get(address, headers=HTML).headers["Content-Disposition"].startswith("attachment")
    assert ("on=2018-05-01" in query) is ("on=2018-05-01" in path)


def test_many_days_do_not_fill_the_memory(client, monkeypatch):
    from service.web import operator_pages  # noqa: PLC0415 - as above

    written = operator_pages._Written()
    for number in range(operator_pages._MOST_KEPT + 5):
        assert written.get((number,), lambda: "page") == "page"
    assert len(written.pages) == operator_pages._MOST_KEPT
