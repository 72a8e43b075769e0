"""Every story is FHIR R4 resource by resource, lies in fixtures/ as the generator writes it, and has its expectations."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from fhir.resources.R4B import get_fhir_model_class
from pydantic import ValidationError

from service.synth.bundles import bundle_of
from tests.stories.catalogue import all_stories
from tests.stories.hook_requests import KEYS, all_requests
from tests.stories.order_requests import order_requests
from tests.stories.write import FIXTURES, files

STORIES = all_stories()
REQUESTS = {**all_requests(STORIES), **order_requests(STORIES)}
CASES = Path(__file__).parents[1] / "cases" / "stories"
FHIR_ID = re.compile(r"[A-Za-z0-9.-]{1,64}")
# Sent by one vendor with a category that is no list, on purpose.
ODD = {"odd-vital-sign"}


def resources_in(bundle: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the resources of a bundle, those of bundles inside it too."""
    found: list[dict[str, Any]] = []
    for entry in bundle.get("entry", []):
        resource = entry["resource"]
        found.extend(resources_in(resource) if resource["resourceType"] == "Bundle" else [resource])
    return found


def complaints(resource: dict[str, Any]) -> str:
    """Return what the validator says against a resource, or nothing."""
    try:
        get_fhir_model_class(resource["resourceType"]).model_validate(resource)
    except ValidationError as problem:
        return f"{resource['resourceType']}/{resource['id']}: {problem}"
    return ""


@pytest.mark.parametrize("name", STORIES)
def test_each_resource_is_valid_unless_it_is_broken_on_purpose(name):
    story = STORIES[name]
    resources = resources_in(bundle_of(story))
    found = {resource["id"]: complaints(resource) for resource in resources}
    assert {which for which, said in found.items() if said} == story.unreadable, "\n".join(filter(None, found.values()))


@pytest.mark.parametrize("name", [name for name, story in STORIES.items() if not story.unreadable])
def test_each_bundle_is_valid_as_a_whole(name):
    bundle = bundle_of(STORIES[name])
    assert not complaints({"id": name, **bundle})


@pytest.mark.parametrize("name", REQUESTS)
def test_each_prefetched_resource_is_valid_unless_it_is_odd_on_purpose(name):
    for key, value in REQUESTS[name]["prefetch"].items():
        if value is None:
            continue
        resources = resources_in(value) if value["resourceType"] == "Bundle" else [value]
        said = [complaints({"id": key, **resource}) for resource in resources if resource.get("id") not in ODD]
        assert not any(said), "\n".join(said)


@pytest.mark.parametrize("name", REQUESTS)
def test_each_request_answers_every_prefetch_key(name):
    more = {"servicerequests"} if REQUESTS[name]["hook"] == "order-dispatch" else set()
    assert set(REQUESTS[name]["prefetch"]) == {"patient", *KEYS} | more


@pytest.mark.parametrize("name", STORIES)
def test_ids_are_fhir_ids_and_each_stands_once(name):
    ids = [(resource["resourceType"], resource["id"]) for resource in resources_in(bundle_of(STORIES[name]))]
    assert len(set(ids)) == len(ids)
    assert all(FHIR_ID.fullmatch(which) for _, which in ids)


@pytest.mark.parametrize("name", STORIES)
def test_every_reference_leads_to_a_resource_of_the_same_bundle(name):
    bundle = bundle_of(STORIES[name])
    text = json.dumps(bundle)
    targets = set(re.findall(r'"reference": "([^#"][^"]*)"', text))
    full_urls = set(re.findall(r'"fullUrl": "([^"]+)"', text))
    known = full_urls | {f"{resource['resourceType']}/{resource['id']}" for resource in resources_in(bundle)}
    assert not targets - known


def test_the_fixtures_are_what_the_generator_writes():
    told = files()
    stored = {path for folder in ("patients", "requests") for path in (FIXTURES / folder).glob("*.json")}
    stale = [path.name for path, text in told.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    assert not stale, f"run `python -m tests.stories.write`: {stale}"
    assert stored == set(told)


def test_the_large_story_has_a_thousand_resources_around_it_and_stays_small_enough_for_the_repository():
    path = FIXTURES / "patients" / "adult-first-relapse-among-1000-resources.json"
    assert len(json.loads(path.read_bytes())["entry"]) > 1000
    assert path.stat().st_size < 1_500_000


def test_every_story_has_its_expectations_and_every_expectation_its_story():
    assert {path.stem for path in CASES.glob("*.yaml")} == set(STORIES)


@pytest.mark.parametrize("name", STORIES)
def test_an_expectation_names_its_story_and_the_row_it_was_read_from(name):
    case = yaml.safe_load((CASES / f"{name}.yaml").read_text(encoding="utf-8"))
    assert case["story"] == name
    assert re.search(r"(therapies|risk-and-relapse|terminology|assessment|cds-hooks)\.md", case["why"])
    assert case["expect"]
