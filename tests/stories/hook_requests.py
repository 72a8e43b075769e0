"""Stories as CDS Hooks requests: what an electronic record sends when a chart is opened."""

from __future__ import annotations

import copy

from service.synth.bundles import SERVER, addressed, search_answer, uuid_of
from service.synth.story import Story
from service.synth.values import Json
from tests.stories.codes import concept

# Prefetch key -> the resource types its search finds.
KEYS: dict[str, tuple[str, ...]] = {
    "conditions": ("Condition",),
    "observations": ("Observation",),
    "medicationrequests": ("MedicationRequest",),
    "medicationadministrations": ("MedicationAdministration",),
    "medicationstatements": ("MedicationStatement",),
    "medicationdispenses": ("MedicationDispense",),
    "procedures": ("Procedure",),
    "allergies": ("AllergyIntolerance",),
    "diagnosticreports": ("DiagnosticReport",),
}
# Searches that bring the drug along.
WITH_DRUGS = ("medicationrequests", "medicationadministrations", "medicationstatements", "medicationdispenses")

PLAIN = (
    "adult-first-relapse",
    "adult-first-relapse-cd22-unknown",
    "adult-cd19-not-retested-after-car-t",
    "adult-ph-positive-two-tki-failed-no-alternative",
    "aml",
    "child-second-relapse",
    "child-standard-risk-recorded-but-white-count-88",
    "newly-diagnosed-adult-in-induction",
    "nothing-but-a-diagnosis",
)
# A time-based UUID, as one vendor sends them.
EPIC_INSTANCE = "7c1d2e00-c6d4-11f1-9b3a-0800200c9a66"


def all_requests(stories: dict[str, Story]) -> dict[str, Json]:
    """Return every request under the name of its file."""
    made = {f"{name}-patient-view": patient_view(stories[name]) for name in PLAIN}
    story = stories["adult-first-relapse"]
    made["adult-first-relapse-patient-view-null-keys"] = with_null_keys(story)
    made["adult-first-relapse-patient-view-no-entries"] = with_bundles_without_entries(story)
    made["adult-first-relapse-patient-view-failed-key"] = with_a_failed_key(story)
    made["adult-first-relapse-patient-view-epic"] = as_epic_sends_it(story)
    return made


def patient_view(story: Story) -> Json:
    """Return a patient-view request with every key answered; an empty search is a bundle with total 0."""
    return {
        "hook": "patient-view",
        "hookInstance": str(uuid_of(story, "hook")),
        "context": {"userId": "Practitioner/invented", "patientId": story.patient["id"]},
        "prefetch": {"patient": story.patient, **{key: answer(story, key) for key in KEYS}},
    }


def answer(story: Story, key: str) -> Json:
    """Return what the search of one key finds."""
    kinds = (*KEYS[key], "Medication") if key in WITH_DRUGS else KEYS[key]
    found = [one for one in story.resources if one["resourceType"] in kinds]
    if all(one["resourceType"] == "Medication" for one in found):
        found = []
    return search_answer(found, f"{KEYS[key][0]}?patient={story.patient['id']}")


def with_null_keys(story: Story) -> Json:
    """Return the request of a client that says `null` where it found nothing."""
    request = patient_view(story)
    found = request["prefetch"]
    request["prefetch"] = {key: value if key == "patient" or value["total"] else None for key, value in found.items()}
    return request


def with_bundles_without_entries(story: Story) -> Json:
    """Return the request of a client that sends bundles of nothing: no total, no link, an empty list."""
    request = patient_view(story)
    for key, value in request["prefetch"].items():
        if key != "patient" and not value["total"]:
            request["prefetch"][key] = {"resourceType": "Bundle", "type": "searchset", "entry": []}
    return request


def with_a_failed_key(story: Story) -> Json:
    """Return a request whose search for medications failed and says so: what was given is unknown, not nothing."""
    request = patient_view(story)
    request["prefetch"]["medicationadministrations"] = outcome("error", "exception")
    return request


def as_epic_sends_it(story: Story) -> Json:
    """Return the request with that vendor's habits.

    A warning in each searchset, absolute references, a trigger that is a number in quotes, a token that is needed for
    nothing here, and one vital sign whose category is an object where a list belongs.
    """
    absolute = copy.deepcopy(story)
    absolute.addressing = "absolute"
    request = addressed(patient_view(absolute), absolute)
    request["hookInstance"] = EPIC_INSTANCE
    request["context"]["userId"] = "PractitionerRole/invented"
    request["context"]["encounterId"] = "visit-1"
    request["fhirServer"] = SERVER
    request["fhirAuthorization"] = {
        "access_token": "invented-token",
        "token_type": "Bearer",
        "expires_in": 300,
        "scope": "patient/*.read",
        "subject": "invented-client",
    }
    request["extension"] = {
        "com.epic.cdshooks.request.bpa-trigger-action": "60",
        "com.epic.cdshooks.request.fhir-version": "R4",
    }
    for key in KEYS:
        bundle = request["prefetch"][key]
        warning = {"fullUrl": "urn:uuid:" + str(uuid_of(story, key)), "resource": outcome("warning", "processing")}
        bundle["entry"] = [*bundle.get("entry", []), {**warning, "search": {"mode": "outcome"}}]
    request["prefetch"]["observations"]["entry"].insert(0, odd_vital_sign(request["prefetch"]["patient"]["id"]))
    request["prefetch"]["observations"]["total"] += 1
    return request


def outcome(severity: str, code: str) -> Json:
    """Return an OperationOutcome with one issue."""
    return {
        "resourceType": "OperationOutcome",
        "issue": [{"severity": severity, "code": code, "details": concept(text="Invented message of the record system")}],
    }


def odd_vital_sign(patient_id: str) -> Json:
    """Return an entry whose Observation is not quite FHIR, and not about leukaemia either."""
    odd = {
        "resourceType": "Observation",
        "id": "odd-vital-sign",
        "status": "final",
        "category": {"text": "Vital Signs"},
        "code": concept(text="Pulse"),
        "subject": {"reference": f"{SERVER}/Patient/{patient_id}"},
        "effectiveDateTime": "2026-11-20",
    }
    return {"fullUrl": f"{SERVER}/Observation/odd-vital-sign", "resource": odd, "search": {"mode": "match"}}
