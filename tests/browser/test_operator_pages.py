"""The pages for those who run the service as a person meets them: wide and narrow, light and dark, by keyboard, on paper."""

import json
import re

import pytest

PAGES = {
    "knowledge": "/pages/knowledge?on=2018-05-01",
    "therapy": "/pages/knowledge/therapies/blinatumomab",
    "trial": "/pages/knowledge/trials/NCT03959085",
    "risk-system": "/pages/knowledge/risk-systems/IF06",
    "registry": "/pages/registry",
    "about": "/pages/about",
    "feedback": "/pages/feedback",
    "unmapped": "/pages/unmapped",
}
LOCAL = {"system": "http://lab.example/codes", "code": "<b>4711</b>", "display": "CD22 blasts"}
BUNDLE = {
    "resourceType": "Bundle",
    "type": "collection",
    "entry": [{"resource": {"resourceType": "Observation", "id": "o", "status": "final", "code": {"coding": [LOCAL]}}}],
}
CHART = {
    "rows": [
        {"name": "E-INO-1a", "accepted": 4, "overridden": 16, "untold": 0},
        {"name": "E-TIS-1", "accepted": 0, "overridden": 0, "untold": 8},
    ],
    "parts": [{"id": name, "label": name} for name in ("accepted", "overridden", "untold")],
    "words": {"axis": "cards"},
}


@pytest.fixture
def at(browser, address):
    """A page of the service, opened at a width, in light or dark, in a language; with what the browser complained about."""
    contexts = []

    def build(path, width=1100, scheme="light", language="en"):
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, locale=language)
        contexts.append(context)
        page, complaints = context.new_page(), []
        page.on("console", lambda message: complaints.append(message.text) if message.type in {"error", "warning"} else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"{address}{path}", wait_until="load")
        return page, complaints

    yield build
    for context in contexts:
        context.close()


@pytest.mark.parametrize(("width", "scheme", "language"), [(1100, "light", "en"), (320, "dark", "es")])
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_serious_and_nothing_is_wider_than_the_window(at, axe, keep, name, width, scheme, language):
    page, complaints = at(PAGES[name], width, scheme, language)
    keep(page, f"operators-{name}-{width}-{scheme}-{language}")
    assert axe(page) == []
    assert page.evaluate("() => document.documentElement.scrollWidth") <= width
    assert complaints == []


def test_a_day_is_asked_for_by_keyboard_alone(at):
    page, _ = at("/pages/knowledge")
    page.focus("input[name=on]")
    page.fill("input[name=on]", "2018-08-22")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("on=2018-08-22"))
    # therapies.md 1.4: E-TIS-1 from 2018-08-23
    assert "next row from 2018-08-23" in page.locator(".approvals").inner_text()


def test_a_file_is_chosen_and_its_codes_are_listed_as_text(at, axe, keep):
    page, complaints = at("/pages/unmapped")
    file = {"name": "bundle.json", "mimeType": "application/json", "buffer": json.dumps(BUNDLE).encode()}
    page.set_input_files("input[type=file]", [file])
    page.click("button:not([formaction])")
    page.wait_for_selector("#found")
    assert "<b>4711</b>" in page.locator("table").inner_text()
    assert axe(page) == []
    assert complaints == []
    keep(page, "operators-unmapped-listed")


def test_a_download_is_a_file_that_stands_alone(at, tmp_path):
    page, _ = at("/pages/knowledge")
    with page.expect_download() as waiting:
        page.click("a[href*='download=1']")
    place = tmp_path / waiting.value.suggested_filename
    waiting.value.save_as(place)
    asked = []
    alone = page.context.new_page()
    alone.on("request", lambda request: asked.append(request.url) if not request.url.startswith(("file:", "data:")) else None)
    alone.goto(place.as_uri())
    assert alone.locator(".approvals tbody tr").count() == 6  # therapies.md 0.4: six products
    assert alone.evaluate("() => getComputedStyle(document.querySelector('.notice')).borderLeftStyle") == "solid"
    assert asked == []


def test_on_paper_forms_and_ways_to_other_pages_are_gone(at, keep):
    page, _ = at("/pages/knowledge")
    page.emulate_media(media="print")
    assert not page.locator(".places").is_visible()
    assert not page.locator("form").is_visible()
    assert page.locator(".approvals").is_visible()
    keep(page, "operators-print")


@pytest.mark.parametrize("width", [1100, 320])
def test_counts_become_bars_told_apart_by_what_became_of_the_cards(at, keep, address, width):
    page, complaints = at("/pages/feedback", width)
    # The server of these tests keeps nothing: the plot is drawn from data of its shape.
    scripts = _scripts(address)
    page.evaluate(
        "(chart) => { document.querySelector('main').insertAdjacentHTML('beforeend',"
        ' \'<div class="plot" data-chart="tallies" data-source="d" data-label="l" data-description="d"></div>\''
        " + '<script type=\"application/json\" id=\"d\"></' + 'script>');"
        " document.getElementById('d').textContent = JSON.stringify(chart); }",
        CHART,
    )
    for script in scripts:
        page.add_script_tag(url=script)
    page.wait_for_selector(".plot svg")
    # three parts of which cards are told: 4 accepted, 16 overridden, 8 without feedback
    assert page.locator(".plot g.m-tally > *").count() == 3
    assert complaints == []
    keep(page, f"operators-bars-{width}", ".plot")


def _scripts(address):
    from service.web.pages.assets import load_assets  # noqa: PLC0415 - only this test needs their addresses

    assets = load_assets()
    return [f"{address}/assets/{assets[name].address}" for name in ("d3.js", "plot.js", "charts.js")]
