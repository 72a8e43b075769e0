"""A real server, Debian's Chromium, and pages as a person opens them. Screenshots are kept in artifacts/."""

import shutil
from dataclasses import dataclass, field
from pathlib import Path

import orjson
import pytest
from playwright.sync_api import sync_playwright

from service.web.pages.assets import HERE
from tests.case_runners.case_files import case_files
from tests.case_runners.shorthand import bundle
from tests.stand_ins.served import HOST, served

ARTIFACTS = Path(__file__).with_name("artifacts")
AXE = HERE / "node_modules" / "axe-core" / "axe.min.js"
ALONE = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@pytest.fixture(scope="session")
def address():
    """The address of a server as `all-cds serve` starts it."""
    with served("--workers", "1") as running:
        yield f"http://{HOST}:{running.port}"


@pytest.fixture(scope="session")
def browser():
    """Debian's Chromium without a window."""
    found = shutil.which("chromium")
    assert found, "chromium is missing: `make test` installs it on Debian as root"
    assert AXE.is_file(), "axe-core is missing: `make test` installs the packages of the pages"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=found, args=ALONE)
        yield started
        started.close()


@pytest.fixture(scope="session")
def course_bundle():
    """The bundle of course.yaml."""
    record = dict(case_files("../browser"))["course"]["record"]
    return orjson.dumps(bundle(record, bare=False))


@dataclass
class Opened:
    """A page in the browser with what it complained about and what it asked of others."""

    page: object
    complaints: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)

    def said(self, message):
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)

    def asked(self, dialog):
        self.complaints.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def fetched(self, url, ours):
        if not url.startswith((ours, "data:")):
            self.foreign.append(url)


@pytest.fixture
def blank(browser, address):
    """A page of a width, in light or dark, in a language, with or without scripts; nothing is opened yet."""
    contexts = []

    def build(width=1100, scheme="light", language="en", *, scripts=True):
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, locale=language, java_script_enabled=scripts
        )
        contexts.append(context)
        page = context.new_page()
        found = Opened(page)
        page.on("console", found.said)
        page.on("pageerror", lambda error: found.complaints.append(str(error)))
        page.on("dialog", found.asked)
        page.on("request", lambda request: found.fetched(request.url, address))
        return found

    yield build
    for context in contexts:
        context.close()


@pytest.fixture
def opened(blank, address, course_bundle):
    """The explanation of a bundle, opened at a width, in light or dark, in a language, with or without scripts."""

    def build(body=course_bundle, width=1100, scheme="light", language="en", scripts=True):
        found = blank(width, scheme, language, scripts=scripts)
        page = found.page
        page.route("**/explain*", lambda route: route.continue_(method="POST", post_data=body, headers=_as_json(route.request)))
        page.goto(f"{address}/explain?as_of=2026-11-22&regulators=EMA,FDA,AEMPS", wait_until="load")
        return found

    return build


def _as_json(request):
    return {**request.headers, "content-type": "application/json"}


@pytest.fixture
def keep():
    """Keep a picture of a page, or of a part of it, for people to look at."""
    ARTIFACTS.mkdir(exist_ok=True)

    def shoot(page, name, part=None):
        place = str(ARTIFACTS / f"{name}.png")
        if part is None:
            page.screenshot(path=place, full_page=True)
        else:
            page.locator(part).first.screenshot(path=place)

    return shoot


@pytest.fixture(scope="session")
def axe():
    """What axe-core finds on a page that is serious or critical."""
    source = AXE.read_text(encoding="utf-8")

    def run(page):
        page.evaluate(source)
        found = page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
        return [
            f"{rule['impact']} {rule['id']}: {node['html'][:200]} {node.get('failureSummary', '')[:300]}"
            for rule in found["violations"]
            if rule["impact"] in {"serious", "critical"}
            for node in rule["nodes"][:3]
        ]

    return run
