"""The testers' console without a browser: what is shown of an answer, of a fault, of a what-if; hostile text stays text."""

import html
import io
import json
import re

import pytest
from markupsafe import escape

from service.settings import REQUIRED
from service.web import callers
from service.web.console.examples import Examples
from service.web.console.view import LONGEST
from tests.case_runners.knowledge import DOSSIER
from tests.contract.stored import PATIENTS, stored_patient, stored_request

DAY = {"as_of": "2026-11-22"}
HOSTILE = [
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "\u202egnp.exe",
    "{{7*7}}",
    "javascript:alert(1)",
]


@pytest.fixture
def ask(client):
    def post(example="", text="", **fields):
        chosen = {"example": example, "text": text, **DAY, "do": "ask", **fields}
        return client.post("/", data=chosen)

    return post


def page(answer):
    return answer.get_data(as_text=True)


def words(answer):
    """The text of a page without its markup."""
    return html.unescape(re.sub(r"<[^>]+>", " ", page(answer)))


def cards(answer):
    return re.findall(r'<article class="card-box i-(\w+)"', page(answer))


def between(answer, opening, closing):
    """What stands between two pieces of markup, the first of each."""
    _, opened, rest = page(answer).partition(opening)
    assert opened, f"{opening} is not on the page"
    return html.unescape(rest.partition(closing)[0])


def message(answer, name):
    return json.loads(between(answer, f'<pre id="{name}"', "</pre>").partition(">")[2])


# ---------------------------------------------------------------- the page


def test_the_empty_page_is_small_and_lets_nothing_foreign_in(client):
    answer = client.get("/")
    assert answer.status_code == 200
    assert answer.mimetype == "text/html"
    assert len(answer.data) < 300_000
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    loaded = re.findall(r'(?:src|href)="([^"#]+)"', page(answer))
    assert {address.split("/")[1] for address in loaded if address.startswith("/")} == {"assets"}
    assert [address for address in loaded if not address.startswith(("/assets/", "data:,"))] == []


def test_what_the_page_loads_is_there(client):
    for address in re.findall(r'"(/assets/[^"]+)"', page(client.get("/"))):
        assert client.get(address).status_code == 200


def test_every_stored_patient_and_request_can_be_chosen(client):
    found = re.findall(r'<option value="((?:patients|requests)/[^"]+)"', page(client.get("/")))
    assert found == list(Examples.of().files)
    assert {f"patients/{name}" for name in PATIENTS} <= set(found)


def test_without_stored_examples_a_record_can_still_be_pasted(tmp_path):
    examples = Examples.of(tmp_path)
    assert examples.files == {}


@pytest.mark.parametrize("path", ["/", "/what-if"])
def test_in_production_there_is_no_console(client_with, path, monkeypatch):
    monkeypatch.setattr(callers, "install", lambda *_: None)  # what is asked of callers is not what is tested here
    production = client_with(profile="production", auth=REQUIRED)
    assert production.post(path, data={}).status_code == 404
    assert production.get(path).status_code == 404


# ---------------------------------------------------------------- cards


def test_an_example_is_answered_as_the_service_answers_it(ask, client):
    answer = ask("patients/adult-first-relapse")
    assert answer.status_code == 200
    sent = message(answer, "request")
    assert sent["hook"] == "patient-view"
    assert sent["extension"]["all-cds.options"] == {"as-of": "2026-11-22"}
    direct = client.post("/cds-services/all-immunotherapy", json=sent)
    assert direct.status_code == 200
    shown = message(answer, "response")
    assert [card["summary"] for card in shown["cards"]] == [card["summary"] for card in direct.json["cards"]]
    assert len(cards(answer)) == len(shown["cards"]) > 1
    for card in shown["cards"]:
        assert html.escape(card["summary"]) in page(answer)
        assert html.escape(card["source"]["label"]) in page(answer)


@pytest.mark.parametrize("name", PATIENTS)
def test_every_stored_patient_gets_a_page(ask, name):
    answer = ask(f"patients/{name}")
    assert answer.status_code == 200
    assert message(answer, "response").keys() >= {"cards"}


def test_a_patient_without_leukaemia_gets_no_card_and_the_page_says_so(ask):
    answer = ask("patients/aml")
    assert cards(answer) == []
    assert "No cards: the service has nothing to say about this." in words(answer)
    assert "nothing is judged" in words(answer)


def test_a_hook_request_is_sent_as_it_is(ask):
    stored = json.loads(stored_request("adult-first-relapse-order-sign"))
    answer = ask("requests/adult-first-relapse-order-sign", as_of="")
    assert message(answer, "request") == stored
    assert "all-immunotherapy-order on order-sign" in words(answer)
    assert cards(answer)[0] == "warning"


def test_the_choices_of_the_form_reach_the_call(ask):
    answer = ask("requests/adult-first-relapse-patient-view", regulators=["FDA"], profile="oracle10", country="es")
    assert message(answer, "request")["extension"]["all-cds.options"] == {"as-of": "2026-11-22", "regulators": "FDA"}
    shown = message(answer, "response")
    assert len(shown["cards"]) <= 3
    assert all(len(card["summary"]) <= 90 and "suggestions" not in card for card in shown["cards"])
    assert "shaped for oracle10" in words(answer)


def test_plain_details_are_shown_as_text(ask):
    assert 'class="markdown as-text"' in page(ask("patients/adult-first-relapse", profile="epic-plain"))
    assert 'class="markdown as-text"' not in page(ask("patients/adult-first-relapse", profile="epic"))


def test_a_suggestion_is_shown_with_the_resource_that_it_creates(ask):
    answer = ask("patients/adult-first-relapse")
    offered = [row for card in message(answer, "response")["cards"] for row in card.get("suggestions", [])]
    assert offered
    for suggestion in offered:
        assert f'data-suggestion="{suggestion["uuid"]}"' in page(answer)
    created = re.findall(r'aria-label="The resource that is created" dir="ltr">(.*?)</pre>', page(answer), re.DOTALL)
    assert [json.loads(html.unescape(text)) for text in created] == [row["actions"][0]["resource"] for row in offered]


def test_feedback_on_a_shown_card_is_taken(ask, client):
    card = message(ask("patients/adult-first-relapse"), "response")["cards"][1]
    item = {"card": card["uuid"], "outcome": "overridden", "outcomeTimestamp": "2026-11-22T10:00:00Z"}
    assert client.post("/cds-services/all-immunotherapy/feedback", json={"feedback": [item]}).status_code == 200


def test_an_uploaded_file_is_used_and_stands_in_the_text_afterwards(client):
    upload = (io.BytesIO(stored_patient("adult-first-relapse")), "patient.json")
    answer = client.post("/", data={"file": upload, "text": "ignored", **DAY}, content_type="multipart/form-data")
    assert len(cards(answer)) > 1
    assert "adult-first-relapse" in between(answer, "<textarea", "</textarea>")


def test_the_page_and_its_cards_speak_the_chosen_language(ask):
    answer = ask("patients/adult-first-relapse", language="es")
    assert '<html lang="es">' in page(answer)
    assert "Tarjetas" in words(answer)
    assert "la historia cumple los criterios de EMA" in words(answer)


def test_an_encounter_can_be_started_with_a_bundle_and_an_order_cannot(ask):
    assert "all-immunotherapy on encounter-start" in words(
        ask("patients/adult-first-relapse", service="all-immunotherapy|encounter-start")
    )
    answer = ask("patients/adult-first-relapse", service="all-immunotherapy-order|order-sign")
    assert answer.status_code == 400
    assert "give a hook request" in words(answer)


def test_explanation_and_assessment_open_beside_the_page(ask, client):
    explained = ask("patients/adult-first-relapse", do="explanation", language="es")
    assert "Explicación" in words(explained)
    assessed = ask("patients/adult-first-relapse", do="assessment")
    assert assessed.mimetype == "application/json"
    direct = client.post("/assess?as_of=2026-11-22", data=stored_patient("adult-first-relapse"), content_type="application/json")
    assert assessed.json == direct.json


def test_a_request_is_assessed_from_its_prefetch(ask):
    assessed = ask("requests/adult-first-relapse-patient-view", do="assessment").json
    assert assessed["patient"] == "Patient/adult-first-relapse"
    assert assessed["facts"]["cd22"]["value"] == "positive"


# ---------------------------------------------------------------- what if


def turned(answer):
    return re.findall(r'<tr class="turns"><th scope="row"><bdi>(.*?)</bdi>', page(answer))


def test_cd22_positive_turns_inotuzumab(ask):
    # therapies.md V29: without CD22 inotuzumab is undetermined
    answer = ask(
        "patients/adult-first-relapse-cd22-unknown", fact="cd22", value="positive", do="what-if", regulators=["EMA", "FDA"]
    )
    assert [name.casefold() for name in turned(answer)] == ["inotuzumab ozogamicin"] * 2
    assert "Verdicts that turn: 2 of therapies, 0 of trials, 0 of risk systems." in words(answer)
    assert 'value="cd22=positive" checked' in page(answer)


def test_the_cards_beside_a_what_if_are_those_of_the_record(ask):
    plain = message(ask("patients/adult-first-relapse-cd22-unknown"), "response")["cards"]
    changed = message(ask("patients/adult-first-relapse-cd22-unknown", change=["cd22=positive"]), "response")["cards"]
    assert [card["summary"] for card in plain] == [card["summary"] for card in changed]


def test_a_new_value_replaces_the_one_before_it_and_others_stay(ask):
    answer = ask("patients/adult-first-relapse", change=["cd22=positive", "cd19=positive"], fact="cd22", value="null")
    assert re.findall(r'name="change" value="([^"]+)" checked', page(answer)) == ["cd19=positive", "cd22=null"]


def test_another_day_is_a_change(ask):
    # therapies.md V01: the 26th birthday is the next day
    answer = ask("patients/young-adult-on-the-day-before-the-26th-birthday", change=["as_of=2026-11-23"], regulators=["EMA"])
    named = sorted(name.casefold().replace(" ", "-") for name in turned(answer))
    assert [name for name in named if name in DOSSIER] == [
        "brexucabtagene-autoleucel", "obecabtagene-autoleucel", "tisagenlecleucel",
    ]  # fmt: skip
    assert "<s><bdi>2026-11-22</bdi></s>" in page(answer)


@pytest.mark.parametrize("change", ["cd22=perhaps", "cd2=positive", "age_years=old"])
def test_a_change_that_cannot_be_used_is_refused_beside_the_cards(ask, change):
    answer = ask("patients/adult-first-relapse", change=[change])
    assert answer.status_code == 200
    assert len(cards(answer)) > 1
    assert "One of the choices cannot be used." in words(answer)
    assert turned(answer) == []


# ---------------------------------------------------------------- what cannot be read


def test_broken_json_is_shown_with_its_place(ask):
    answer = ask(text='{"resourceType": "Bundle",\r\n "entry": [}')
    assert answer.status_code == 400
    assert "What was sent is not JSON" in words(answer)
    assert "Line 2, column 12" in words(answer)
    assert "<mark><bdi>}</bdi></mark>" in page(answer)
    assert "OperationOutcome" in words(answer)


def test_json_that_ends_too_early_is_shown_with_its_place(ask):
    answer = ask(text='{"resourceType": "Bundle"')
    assert "Line 1, column 26" in words(answer)


@pytest.mark.parametrize(
    ("text", "plain", "where"),
    [
        ("[]", "neither a FHIR Bundle nor a hook request", ""),
        ('{"resourceType": "Patient"}', "neither a FHIR Bundle nor a hook request", ""),
        ('{"resourceType": "Bundle", "entry": []}', "There is no Patient in the bundle", "entry"),
        ('{"hook": "patient-view"}', "lacks something that the protocol requires", "hookInstance"),
        ('{"hook": "patient-view", "hookInstance": 5}', "another form than the protocol gives it", "hookInstance"),
        ('{"hook": 5, "prefetch": {}}', "another form than the protocol gives it", "hook"),
    ],
)
def test_what_cannot_be_used_is_said_in_plain_words_with_its_path(ask, text, plain, where):
    answer = ask(text=text)
    assert answer.status_code in {400, 422}
    assert plain in words(answer)
    assert where in words(answer)
    assert escape(text) in page(answer)


def nested(depth):
    return '{"a":' * depth + "1" + "}" * depth


@pytest.mark.parametrize("depth", [400, 1_000, 100_000])
@pytest.mark.parametrize("text", ['{"hook": "patient-view", "prefetch": {"p": %s}}', '{"resourceType": "Bundle", "entry": %s}'])
@pytest.mark.parametrize("wants", ["ask", "explanation", "assessment"])
def test_what_is_nested_without_end_is_refused(ask, text, depth, wants):
    assert ask(text=text % nested(depth), do=wants).status_code == 400


def test_a_call_with_a_bundle_whose_entries_are_none_is_answered(ask):
    call = json.loads(stored_request("adult-first-relapse-patient-view"))
    call["prefetch"]["procedures"] = {"resourceType": "Bundle", "entry": 5}
    assert ask(text=json.dumps(call)).status_code == 200


def test_a_broken_resource_stands_among_the_problems_with_its_path(ask):
    answer = ask("patients/adult-one-unreadable-observation")
    problems = page(answer).partition('<ul class="problems">')[2].partition("</ul>")[0]
    assert "Observation/" in problems


@pytest.mark.parametrize(
    "fields",
    [{"profile": "nobody"}, {"country": "Spain"}, {"as_of": "soon"}, {"service": "nothing|order-sign"}, {"regulators": ["X"]}],
)
def test_a_choice_that_cannot_be_used_never_fails_the_page(ask, fields):
    answer = ask("patients/adult-first-relapse", **fields)
    assert answer.status_code in {200, 400, 404}
    assert '<form id="console"' in page(answer)


def test_an_example_that_is_not_listed_opens_no_file(ask):
    answer = ask("patients/../../pyproject")
    assert answer.status_code == 400
    assert "there is no such example" in words(answer)


# ---------------------------------------------------------------- hostile text


def poisoned(text):
    record = json.loads(stored_patient("adult-first-relapse"))
    for number, entry in enumerate(record["entry"]):
        resource = entry["resource"]
        if resource["resourceType"] != "Patient":
            resource["id"] = f"{text}{number}"
            resource["note"] = [{"text": text}]
            if "code" in resource:
                resource["code"]["text"] = text
    return json.dumps(record)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_shown_as_text(ask, text):
    answer = ask(text=poisoned(text))
    assert answer.status_code == 200
    body = page(answer)
    assert len(re.findall(r"<script", body)) == 2  # ours, and the values of the facts
    assert "<img" not in body
    assert 'href="javascript:' not in body
    outside = re.sub(r"<textarea.*?</textarea>", "", body, flags=re.DOTALL)
    assert "\u202e" not in outside


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_that_cannot_be_read_is_shown_as_text(ask, text):
    answer = ask(text=f'{{"resourceType": {text}')
    assert answer.status_code == 400
    assert len(re.findall(r"<script", page(answer))) == 1
    assert "<img" not in page(answer)


def test_a_megabyte_in_one_string_is_cut_where_it_is_shown(ask):
    answer = ask(text=poisoned("x" * 1_000_000 + "\u202e").replace("x" * 1_000_000, "x" * 60_000))
    assert answer.status_code == 200
    assert "Shortened: only the beginning is shown." in words(answer)
    assert len(between(answer, '<pre id="request"', "</pre>")) < LONGEST * 1.1
    one = json.loads(stored_patient("adult-first-relapse"))
    one["entry"][1]["resource"]["note"] = [{"text": "y" * 1_000_000}]
    assert len(cards(ask(text=json.dumps(one)))) > 1


def test_a_text_beyond_the_limit_is_refused(client_with):
    small = client_with(body_limit=1_000)
    assert small.post("/", data={"text": "x" * 200_000}).status_code == 413
    few = client_with(value_limit=10)
    assert few.post("/", data={"text": "," * 11}).status_code == 413
