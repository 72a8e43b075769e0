"""The install sheet: everything that a team must type by hand stands in it, in both formats, and nothing secret does."""

import base64
import hashlib
import html
import re
from dataclasses import replace
from urllib.parse import urlsplit

import pytest

from service.cards.profiles import profiles_by_every_name
from service.errors import KnowledgeError
from service.web import install
from service.web.install import install_sheet
from service.web.install_tables import TABLES
from tests.contract.stored import PATIENTS, stored_patient

BASE = "https://cds.example/all"


@pytest.fixture(scope="module")
def placed(service):
    """The service under a public address, so that everything that it can show is there."""
    return replace(service, settings=replace(service.settings, public_base_url=BASE))


@pytest.fixture(scope="module")
def sheets(placed):
    """Both formats, as a reader sees them."""
    from service.web.app import create_app  # noqa: PLC0415 - one more application

    client = create_app(placed).test_client()
    page = client.get("/install").text
    shown = html.unescape(re.sub(r"<[^>]+>", " ", page.split("</head>")[1]))
    return {"html": " ".join(shown.split()), "markdown": " ".join(client.get("/install.md").text.replace("\\|", "|").split())}


@pytest.fixture(scope="module")
def cards(client):
    """The cards of every story, for all regulators."""
    query = "/assess?format=cards&as_of=2026-11-22&known_by=2026-11-22&regulators=EMA,FDA,AEMPS"
    found = []
    for name in PATIENTS:
        found += client.post(query, data=stored_patient(name), content_type="application/fhir+json").json["cards"]
    return found


def assert_in_both(sheets, texts):
    texts = set(texts)
    assert texts
    for name, sheet in sheets.items():
        assert [text for text in sorted(texts) if text not in sheet] == [], name


def test_ch_d_13_every_key_and_template_of_discovery_is_in_the_sheet(sheets, client):
    announced = client.get("/cds-services").json["services"]
    assert_in_both(sheets, (key for service in announced for key in service["prefetch"]))
    assert_in_both(sheets, (template for service in announced for template in service["prefetch"].values()))


def test_ch_d_13_every_service_hook_address_and_option_is_in_the_sheet(sheets, client):
    announced = client.get("/cds-services").json["services"]
    for member in ("id", "hook", "title", "description", "usageRequirements"):
        assert_in_both(sheets, (" ".join(service[member].split()) for service in announced))
    assert_in_both(sheets, (f"{BASE}/cds-services/{service['id']}{end}" for service in announced for end in ("", "/feedback")))
    assert_in_both(sheets, (option["code"] for service in announced for option in service["extension"]["all-cds.options"]))


def test_ch_d_13_every_reason_and_topic_that_a_card_carries_is_in_the_sheet(sheets, cards):
    assert_in_both(sheets, (card["source"]["topic"]["code"] for card in cards))
    assert_in_both(sheets, (reason[part] for card in cards for reason in card["overrideReasons"] for part in reason))


def test_ch_l_05_every_host_that_a_card_leads_to_is_in_the_sheet(sheets, cards, placed):
    links = {link["url"] for card in cards for link in card.get("links", [])}
    sources = {card["source"]["url"] for card in cards if "url" in card["source"]}
    assert links | sources
    assert_in_both(sheets, (urlsplit(url).netloc for url in links | sources))
    assert_in_both(sheets, [urlsplit(BASE).netloc])
    assert not re.search(r"https?://", "".join(card["detail"] for card in cards))


def test_ch_d_13_scopes_token_and_criteria_are_in_the_sheet(sheets, client):
    announced = client.get("/cds-services").json["services"]
    types = {re.split(r"[/?]", template)[0] for service in announced for template in service["prefetch"].values()}
    assert_in_both(sheets, (f"user/{kind}.read" for kind in types))
    assert_in_both(sheets, (f"user/{kind}.rs" for kind in types))
    # J-06 the algorithms, J-10 the audience, J-11 the times, X-03 the diagnosis for which a call is worth while
    assert_in_both(sheets, ["ES384 or RS384", f"{BASE}/cds-services/all-immunotherapy", "60 minutes", "60 seconds", "C91.0"])
    assert_in_both(sheets, profiles_by_every_name())


def test_both_formats_say_the_same(sheets, placed):
    sheet = install_sheet(placed)
    for section in sheet.sections:
        assert_in_both(sheets, [section.title, *section.text])
        if section.table:
            assert_in_both(sheets, section.table.head)
            assert_in_both(sheets, {" ".join(cell.split()) for row in section.table.rows for cell in row if cell})


def test_every_row_of_a_table_is_as_wide_as_its_head(placed):
    for section in install_sheet(placed).sections:
        if section.table:
            assert section.table.rows
            assert {len(row) for row in section.table.rows} == {len(section.table.head)}


def test_the_markdown_is_made_of_whole_tables(client):
    lines = client.get("/install.md").text.splitlines()
    heads = [place for place, line in enumerate(lines) if line.startswith("| ---")]
    assert len(heads) == len(TABLES)
    for place in heads:
        wide = len(re.findall(r"(?<!\\)\|", lines[place]))
        assert lines[place - 2] == ""
        for line in (lines[place - 1], lines[place + 1]):
            assert len(re.findall(r"(?<!\\)\|", line)) == wide


def test_the_page_runs_nothing_and_loads_nothing(client):
    answer = client.get("/install")
    assert answer.mimetype == "text/html"
    assert not re.search(r"<script|<img|<link|<iframe|<form|\son\w+=|javascript:|src=|href=", answer.text, re.IGNORECASE)
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    (style,) = re.findall(r"<style>(.*?)</style>", answer.text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in policy
    assert "frame-ancestors 'none'" in policy


def test_what_the_page_shows_is_escaped(service):
    from service.web.app import create_app  # noqa: PLC0415

    marked = service.wording.model_copy(
        update={"topics": service.wording.topics.model_copy(update={"gaps": service.wording.topics.gaps.model_copy(
            update={"display": "<b>|x</b>"})})}
    )  # fmt: skip
    client = create_app(replace(service, wording=marked)).test_client()
    assert "<b>" not in client.get("/install").text
    assert "&lt;b&gt;|x&lt;/b&gt;" in client.get("/install").text
    assert "<b>\\|x</b>" in client.get("/install.md").text


@pytest.mark.parametrize(
    ("path", "accept", "kind"),
    [
        ("/install", None, "text/html"),
        ("/install/", "text/html", "text/html"),
        ("/install", "text/markdown", "text/markdown"),
        ("/install", "text/markdown;q=0.5, text/html", "text/html"),
        ("/install", "application/json", "text/html"),
        ("/install.md", "text/html", "text/markdown"),
    ],
)
def test_the_format_is_the_one_that_was_asked_for(client, path, accept, kind):
    answer = client.get(path, headers={"Accept": accept} if accept else {})
    assert (answer.status_code, answer.mimetype) == (200, kind)
    assert "Accept" in answer.headers["Vary"] or path == "/install.md"


def test_without_a_public_address_the_paths_are_there(client):
    assert "`/cds-services/all-immunotherapy`" in client.get("/install.md").text


def test_an_open_service_says_so_in_the_sheet(client):
    assert "anybody may call" in client.get("/install.md").text


def test_nothing_secret_stands_in_the_sheet(service, tmp_path):
    settings = replace(
        service.settings,
        issuers=str(tmp_path / "MARK-ISSUERS.yaml"),
        store="postgresql+psycopg://MARK-USER:MARK-SECRET@db.example/MARK",
        site_mapping="MARK-MAPPING.csv",
        knowledge_folders=("MARK-FOLDER",),
        auth="required",
        public_base_url=BASE,
    )
    sheet = str(install_sheet(replace(service, settings=settings)))
    assert "MARK" not in sheet
    assert "required" in sheet


@pytest.mark.parametrize("kind", ["text/html", "text/markdown"])
def test_the_sheet_is_asked_for_in_any_profile(client_with, kind):
    for name in profiles_by_every_name():
        answer = client_with(client_profile=name).get("/install", headers={"Accept": kind})
        assert answer.status_code == 200
        assert "holds where none is chosen" in answer.text


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("table: topics", "table: topic", "topic"),
        ("table: topics", "tables: topics", "tables"),
        ("lead:", "leads:", "leads"),
    ],
)
def test_a_fault_in_the_sheet_stops_the_start(tmp_path, old, new, said):
    path = tmp_path / "install.yaml"
    path.write_text(install.FILE.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    with pytest.raises(KnowledgeError) as raised:
        install._words(path)
    assert said in str(raised.value)
