"""The testers' console as a person uses it: choose, ask, change a fact, accept, dismiss, paste what is broken."""

import json
import re

import pytest

UNFOLD = "() => document.querySelectorAll('details').forEach((element) => (element.open = true))"
CD22_UNKNOWN = "patients/adult-first-relapse-cd22-unknown"
BROKEN = '{"resourceType": "Bundle",\n "entry": [}'
DROP = """(text) => {
  const data = new DataTransfer();
  data.items.add(new File([text], "patient.json", {type: "application/json"}));
  document.getElementById("text").dispatchEvent(new DragEvent("drop", {dataTransfer: data, bubbles: true, cancelable: true}));
}"""


@pytest.fixture
def console(blank, address):
    """The console, with an example chosen and asked about where one is named."""

    def build(example="", **options):
        found = blank(**{"width": 1300, **options})
        found.page.goto(f"{address}/", wait_until="load")
        if example:
            found.page.select_option("#example", example)
            found.page.fill("[name=as_of]", "2026-11-22")
            ask(found.page)
        return found

    return build


def ask(page):
    page.click("button[value=ask]")
    page.wait_for_selector("#answer:not([aria-busy]) :is(.card-box, .failure, .empty:not(.quiet))")


def suppose(page, fact, value):
    page.select_option("#fact", fact)
    field = page.locator("#value")
    if field.evaluate("(element) => element.tagName") == "SELECT":
        field.select_option(value)
    else:
        field.fill(value)
    page.click("button[value=what-if]")
    page.wait_for_selector(f"#answer:not([aria-busy]) input[name=change][value='{fact}={value}']")


@pytest.mark.parametrize(
    ("width", "scheme", "language"), [(1300, "light", "en"), (1300, "dark", "es"), (320, "light", "es"), (320, "dark", "en")]
)
def test_axe_finds_nothing_serious_and_nothing_is_wider_than_the_window(console, axe, keep, width, scheme, language):
    found = console(CD22_UNKNOWN, width=width, scheme=scheme, language=language)
    suppose(found.page, "cd22", "positive")
    keep(found.page, f"console-{width}-{scheme}-{language}")
    found.page.evaluate(UNFOLD)
    assert axe(found.page) == []
    assert found.page.evaluate("() => document.documentElement.scrollWidth") <= width
    assert found.complaints == []
    assert found.foreign == []


def test_an_example_becomes_cards(console, keep):
    page = console("patients/adult-first-relapse").page
    assert page.locator(".card-box").count() > 1
    assert page.locator(".card-box h3", has_text="Blinatumomab: the record matches the criteria of EMA").is_visible()
    assert page.locator(".card-box .indicator").first.inner_text().split() == ["i", "Information"]
    page.locator(".suggestion summary").first.click()
    assert json.loads(page.locator(".suggestion pre").first.inner_text())["resourceType"] == "MedicationRequest"
    keep(page, "console-cards")


def test_cd22_positive_turns_a_verdict_and_taking_it_back_turns_none(console, keep):
    # therapies.md V29: without CD22 inotuzumab is undetermined
    page = console(CD22_UNKNOWN).page
    suppose(page, "cd22", "positive")
    assert page.locator("tr.turns").count() == 1
    assert re.search(r"inotuzumab.*undetermined.*matches.*turns", page.locator("tr.turns").inner_text(), re.DOTALL)
    keep(page, "console-what-if", "section.what-if")
    page.uncheck("input[name=change]")
    page.click("button[value=what-if]")
    page.wait_for_selector("#answer:not([aria-busy]):not(:has(input[name=change])) .card-box")
    assert page.locator("tr.turns").count() == 0


def test_a_birthday_is_a_change_of_the_day(console):
    # therapies.md V01
    page = console("patients/young-adult-on-the-day-before-the-26th-birthday").page
    suppose(page, "as_of", "2026-11-23")
    turned = page.locator("tr.turns th").all_inner_texts()
    assert {re.split(r"\s", name)[0].casefold() for name in turned} == {"tisagenlecleucel", "brexucabtagene", "obecabtagene"}


def test_an_accepted_suggestion_is_told_and_answered(console, keep):
    page = console("patients/adult-first-relapse").page
    card = page.locator(".card-box", has=page.locator(".accept")).first
    card.locator(".accept").first.click()
    card.locator(".told .status").wait_for()
    sent, answered = card.locator(".told pre").all_inner_texts()
    item = json.loads(sent)["feedback"][0]
    assert item["outcome"] == "accepted"
    assert item["acceptedSuggestions"] == [{"id": card.locator(".accept").first.get_attribute("data-suggestion")}]
    assert card.locator(".told .status").inner_text().startswith("Answered: 200")
    assert json.loads(answered) == {}
    keep(page, "console-accepted")


def test_a_dismissed_card_is_told_with_its_reason(console):
    page = console("patients/adult-first-relapse").page
    card = page.locator(".card-box").first
    card.locator("select[name=reason]").select_option("cds-not-applicable")
    card.locator("input[name=comment]").fill("not this one")
    card.get_by_role("button", name=re.compile("Dismiss")).click()
    card.locator(".told .status").wait_for()
    item = json.loads(card.locator(".told pre").first.inner_text())["feedback"][0]
    assert item["outcome"] == "overridden"
    assert item["overrideReason"]["reason"]["code"] == "cds-not-applicable"
    assert item["overrideReason"]["userComment"] == "not this one"
    assert card.locator(".told .status").inner_text().startswith("Answered: 200")


def test_broken_json_is_shown_with_its_place(console, axe, keep):
    page = console().page
    page.fill("#text", BROKEN)
    ask(page)
    said = page.locator(".failure").inner_text()
    assert "Line 2, column 12" in said
    assert page.locator(".excerpt mark").inner_text() == "}"
    assert axe(page) == []
    keep(page, "console-broken")


def test_a_dropped_file_is_what_is_asked_about(console, course_bundle):
    page = console("patients/aml").page
    page.evaluate(DROP, course_bundle.decode())
    page.wait_for_function("() => document.getElementById('text').value && !document.getElementById('example').value")
    page.click("button[value=ask]")
    page.wait_for_selector(".card-box")
    assert page.locator(".card-box").count() > 1


def test_another_language_is_another_page_with_the_same_choice(console, keep):
    page = console("patients/adult-first-relapse").page
    page.select_option("#language", "es")
    with page.expect_navigation():
        page.click("button[value=ask]")
    assert page.locator("html").get_attribute("lang") == "es"
    assert page.locator("#example").input_value() == "patients/adult-first-relapse"
    assert page.locator(".card-box h3", has_text="la historia cumple los criterios de EMA").count() > 0
    keep(page, "console-spanish")


def test_the_explanation_opens_beside_the_console(console):
    found = console("patients/adult-first-relapse")
    with found.page.expect_popup() as opened:
        found.page.click("button[value=explanation]")
    opened.value.wait_for_load_state()
    assert opened.value.locator("#therapies, h1").count() > 0
    assert found.page.locator(".card-box").count() > 1


def test_without_scripts_cards_and_what_if_are_there(console, keep):
    page = console(scripts=False).page
    page.select_option("#example", CD22_UNKNOWN)
    page.click("button[value=ask]")
    page.wait_for_selector(".card-box")
    assert page.locator(".card-box").count() > 1
    assert not page.locator("form.feedback").first.is_visible()
    page.select_option("#fact", "cd22")
    page.fill("#value", "positive")
    page.click("button[value=what-if]")
    page.wait_for_selector("tr.turns")
    assert page.locator("tr.turns").count() == 1
    keep(page, "console-without-scripts")


def test_by_keyboard_alone(console):
    page = console().page
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.className") == "skip"
    page.focus("#example")
    page.keyboard.type("adult first relapse cd22")
    page.focus("button[value=ask]")
    page.keyboard.press("Enter")
    page.wait_for_selector(".card-box")
    assert page.evaluate("() => document.activeElement.id") == "answer"


@pytest.mark.parametrize("text", ["</script><script>alert(1)</script>", "<img src=x onerror=alert(1)>", "\u202ekcab"])
def test_a_hostile_record_runs_nothing(console, course_bundle, text):
    record = json.loads(course_bundle)
    for number, entry in enumerate(record["entry"]):
        if entry["resource"]["resourceType"] != "Patient":
            entry["resource"]["id"] = f"{text}{number}"
    found = console()
    found.page.fill("#text", json.dumps(record))
    ask(found.page)
    found.page.evaluate(UNFOLD)
    assert found.page.locator(".card-box").count() > 1
    assert found.page.locator("img").count() == 0
    assert found.complaints == []
