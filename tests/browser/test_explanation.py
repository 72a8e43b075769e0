"""The explanation page as a person meets it: wide and narrow, light and dark, without scripts, on paper, by keyboard."""

import re

import orjson
import pytest

UNFOLD = "() => document.querySelectorAll('details').forEach((element) => (element.open = true))"
DATA = "(name) => JSON.parse(document.getElementById(name).textContent)"
MARKS = "([place, mark]) => document.querySelectorAll(`${place} g.${mark} > *`).length"


@pytest.mark.parametrize(
    ("width", "scheme", "language"),
    [(1100, "light", "en"), (1100, "dark", "es"), (320, "light", "es"), (320, "dark", "en")],
)
def test_axe_finds_nothing_serious_and_nothing_is_wider_than_the_window(opened, axe, keep, width, scheme, language):
    found = opened(width=width, scheme=scheme, language=language)
    keep(found.page, f"explanation-{width}-{scheme}-{language}")
    found.page.evaluate(UNFOLD)
    assert axe(found.page) == []
    assert found.page.evaluate("() => document.documentElement.scrollWidth") <= width
    assert found.complaints == []
    assert found.foreign == []


def test_every_datum_of_the_course_is_a_mark_of_the_plot(opened, keep):
    page = opened().page
    data = page.evaluate(DATA, "course-data")
    figure = "#course-figure"
    marks = {name: page.evaluate(MARKS, [figure, name]) for name in ("m-level", "m-event", "m-antigen", "m-span")}
    antigens = [row for row in data["events"] if row["kind"] == "antigen"]
    # course.yaml: 8 results of MRD, two of them of one day; blasts of 4 days
    assert len(data["levels"]) == 8 + 4
    assert marks == {
        "m-level": len(data["levels"]),
        "m-event": len(data["events"]) - len(antigens),
        "m-antigen": len(antigens),
        "m-span": len(data["spans"]),
    }
    keep(page, "course", figure)


def test_censored_results_are_open_marks_with_an_arrow(opened):
    page = opened().page
    drawn = page.evaluate(
        "() => [...document.querySelectorAll('#course-figure g.m-level > *')]"
        ".map((mark) => [mark.querySelector('title').textContent, mark.getAttribute('fill')])"
    )
    hollow = {title.split("\n")[0].split(",")[0] for title, fill in drawn if fill == "var(--paper)"}
    assert hollow == {"MRD < 0.01 %", "MRD < 0.001 %", "MRD > 10 %"}


def test_the_plots_of_published_figures_have_a_mark_for_each_figure(opened, keep):
    page = opened().page
    page.evaluate(UNFOLD)
    page.wait_for_function("() => [...document.querySelectorAll('.plot')].every((place) => place.dataset.drawn)")
    for place in page.locator(".study-block").all():
        name = place.get_attribute("id")
        points = page.evaluate(DATA, f"{name}-data")["points"]
        assert page.evaluate(MARKS, [f"#{name}", "m-figure"]) == len(points) > 0
    keep(page, "evidence", "section:has(#evidence)")


def test_a_plot_is_an_image_with_a_description_and_a_table_beside_it(opened):
    page = opened().page
    for plot in page.locator(".plot").all():
        assert plot.get_attribute("role") == "img"
        assert len(plot.get_attribute("aria-label")) > 30
        assert plot.locator("xpath=ancestor::section").locator("table").count() > 0
        assert plot.locator("svg:not([aria-hidden='true'])").count() == 0


def test_without_scripts_the_tables_say_the_same(opened, keep):
    page = opened(scripts=False).page
    page.locator("details.table-of summary").first.click()
    rows = page.locator("#course-table tbody tr")
    # every item of the course stands in the table, drawn or not
    assert rows.count() >= 8 + 4
    assert rows.first.is_visible()
    assert page.locator("noscript").first.is_visible()
    assert page.locator(".plot svg").count() == 0
    keep(page, "without-scripts")


def test_on_paper_the_page_is_whole_and_its_tables_are_unfolded(opened, keep):
    page = opened(scheme="dark").page
    page.emulate_media(media="print", color_scheme="dark")
    page.evaluate("() => dispatchEvent(new Event('beforeprint'))")
    assert page.locator("#course-table").is_visible()
    assert page.evaluate("() => getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    keep(page, "print")
    paper = page.pdf(format="A4", print_background=True)
    assert paper.startswith(b"%PDF")
    assert len(re.findall(rb"/Type\s*/Page\b", paper)) > 1


def test_the_keyboard_reaches_the_content_and_opens_what_is_folded(opened):
    page = opened().page
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("() => location.hash") == "#content"
    fold = page.locator("details.table-of summary").first
    fold.focus()
    page.keyboard.press("Enter")
    assert page.locator("#course-table").is_visible()


def test_a_link_opens_what_it_leads_to(opened):
    page = opened().page
    name = page.locator("details:not([open]) .indication").first.get_attribute("id")
    target = page.locator(f"[id='{name}']")
    assert not target.is_visible()
    page.locator(f"table.matrix a[href='#{name}']").first.click()
    assert target.is_visible()


def test_a_narrower_window_draws_the_plots_anew(opened):
    page = opened(width=1100).page
    wide = page.locator("#course-figure svg").first.get_attribute("width")
    page.set_viewport_size({"width": 320, "height": 800})
    page.wait_for_function("(wide) => document.querySelector('#course-figure svg').getAttribute('width') !== wide", arg=wide)
    assert float(page.locator("#course-figure svg").first.get_attribute("width")) <= 320


def test_the_plots_speak_the_language_of_the_page(opened):
    page = opened(language="es").page
    said = page.locator("#course-figure").inner_text()
    assert "Recaída 1, medular aislada" in said
    assert "EMR" in said
    assert "TPH" in said


@pytest.mark.parametrize("text", ["</script><script>alert(1)</script>", "<img src=x onerror=alert(1)>", "\u202ekcab"])
def test_a_hostile_record_runs_nothing_and_is_drawn_all_the_same(opened, course_bundle, text):
    record = orjson.loads(course_bundle)
    for number, entry in enumerate(record["entry"]):
        resource = entry["resource"]
        if resource["resourceType"] != "Patient":
            resource["id"] = f"{text}{number}"
    found = opened(body=orjson.dumps(record))
    assert found.complaints == []
    assert found.page.locator("#course-figure g.m-level > *").count() == 8 + 4
    assert found.page.locator("img").count() == 0


def test_an_error_is_a_page_that_axe_accepts(opened, axe, keep):
    found = opened(body=b'{"resourceType": "Bundle",\n "entry": [}', width=320)
    assert "line 2, column 12" in found.page.locator("main").inner_text()
    assert axe(found.page) == []
    keep(found.page, "error")
