"""Every known fact names its rule and what it rests on, the timeline goes up in time, and neither names what was not sent."""

import random
from pathlib import Path

import orjson
import pytest
import yaml

from tests.case_runners.assessments import assessment, body_of, bundles, facts_and_course, findings

STORIES = Path(__file__).parents[1] / "cases" / "stories"
PATIENTS = Path(__file__).parents[2] / "fixtures" / "patients"
# what is told of one day stands in this order: what was found before what was done
KINDS = (
    "diagnosis", "response", "antigen", "relapse", "suspected-relapse", "refractory", "remission", "statement", "hsct", "car-t",
    "phase", "drug", "report",
)  # fmt: skip


@pytest.mark.parametrize("path", [pytest.param(path, id=path.stem) for path in sorted(STORIES.glob("*.yaml"))])
def test_every_story_explains_itself(path):
    body = (PATIENTS / f"{path.stem}.json").read_bytes()
    for expected in yaml.safe_load(path.read_text())["expect"]:
        assert _faults(assessment(body, expected["as_of"]), body) == []


@pytest.mark.parametrize("file", sorted({name.partition(": ")[0] for name, _, _ in bundles()}))
def test_every_case_explains_itself(file):
    cases = [case for case in bundles() if case[0].partition(": ")[0] == file]
    assert {name: found for name, as_of, body in cases if (found := _faults(facts_and_course(body, as_of), body))} == {}


def test_every_mixed_record_explains_itself():
    chance = random.Random(3)  # noqa: S311 - repeatable, nothing secret
    lines = findings()
    patient = {"resourceType": "Patient", "id": "p", "birthDate": "1990-06-15", "gender": "female"}
    day = bundles()[0][1]
    for _ in range(150):
        body = body_of([patient, *({**line, "id": f"m{number}"} for number, line in enumerate(chance.sample(lines, 12)))])
        assert _faults(facts_and_course(body, day), body) == []


def _faults(document, body):
    return [*_unexplained(document, _names(body)), *_out_of_order(document, _names(body))]


def _unexplained(document, names):
    """Yield the known facts without a rule or evidence, and the references that lead nowhere."""
    for fact, shown in document["facts"].items():
        if shown["state"] == "known" and not (shown.get("rule") and shown["evidence"]):
            yield f"{fact}: rule {shown.get('rule')!r}, {len(shown['evidence'])} pieces of evidence"
        for item in (*shown["evidence"], *shown.get("setAside", ())):
            if item["reference"] not in names:
                yield f"{fact}: {item['reference']} was not sent"


def _out_of_order(document, names):
    shown = document["timeline"]
    places = [_place(item) for item in shown]
    if places != sorted(places):
        yield f"the timeline is not in order: {[(item['date'], item['kind']) for item in shown]}"
    for item in shown:
        if item["reference"] not in names:
            yield f"timeline: {item['reference']} was not sent"
        if not item["text"]:
            yield f"timeline: {item['reference']} says nothing"
        if "end" in item and item["date"] is not None and item["end"] < item["date"]:
            yield f"timeline: {item['reference']} ends before it begins"
        if item["date"] is not None and item["date"][:10] > document["asOf"]:
            yield f"timeline: {item['reference']} is still to come"


def _place(item):
    """Return where an item belongs: by the first day and the last on which it may have been; undated ones come last."""
    first, _, last = ("9999" if item["date"] is None else item["date"]).partition("/")
    day = first[:10]
    return day + "-01-01"[len(day) - 4 :], (last or first)[:10].ljust(10, "~"), KINDS.index(item["kind"])


def _names(body):
    """Return every name under which a resource of a bundle, or of the bundles in it, may be referred to."""
    return set(_names_in(orjson.loads(body)["entry"]))


def _names_in(entries):
    for place, entry in enumerate(entries):
        resource = entry["resource"]
        yield f"entry[{place}]"
        if entry.get("fullUrl"):
            yield entry["fullUrl"]
        if resource.get("id"):
            yield f"{resource['resourceType']}/{resource['id']}"
        if resource["resourceType"] == "Bundle":
            yield from _names_in(resource["entry"])
