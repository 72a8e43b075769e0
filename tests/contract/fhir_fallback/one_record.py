"""The record of one patient, what its call may lack, and where an answer says so."""

import json

from tests.contract.stored import stored_patient

TYPES = {
    "patient": "Patient",
    "conditions": "Condition",
    "observations": "Observation",
    "medicationrequests": "MedicationRequest",
    "medicationadministrations": "MedicationAdministration",
    "medicationstatements": "MedicationStatement",
    "medicationdispenses": "MedicationDispense",
    "procedures": "Procedure",
    "allergies": "AllergyIntolerance",
    "diagnosticreports": "DiagnosticReport",
    "specimens": "Specimen",
}
PATIENT = {"fetch_seconds": 60.0, "answer_seconds": 60.0}  # how busy this machine is decides nothing
STORY = "adult-cd19-not-retested-after-car-t"
NOT_FETCHED = "**Could not be fetched, or not in full**"
NOT_RECEIVED = "**Not received, or not in full**"


def resources(name=STORY):
    return [entry["resource"] for entry in json.loads(stored_patient(name))["entry"]]


def lines(answer, begin):
    detail = next(card["detail"] for card in answer.json["cards"] if card["source"]["topic"]["code"] == "allleukaemiaprofile")
    return "".join(line for line in detail.splitlines() if line.startswith(begin))


def lacking(body, *keys):
    return body | {"prefetch": {key: value for key, value in body["prefetch"].items() if key not in keys}}


def outcomes(client, outcome):
    found = [line for line in client.get("/metrics").text.splitlines() if f'all_cds_fetches_total{{outcome="{outcome}"}}' in line]
    return float(found[0].rsplit(" ", 1)[1]) if found else 0.0
