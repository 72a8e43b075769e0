"""The facts of a case as a FHIR bundle of explicit statements, as a clinician or an interface would write them."""

from datetime import date, timedelta
from typing import Any

from tests.case_runners.values import birth_for

OWN = "urn:all-cds:facts"
SNOMED = "http://snomed.info/sct"
# fact → code of the statement, kind of value
STATED = {
    "cd19": ("cd19-blasts", "code"),
    "cd22": ("cd22-blasts", "code"),
    "disease_state": ("disease-state", "code"),
    "relapse_status": ("relapse-status", "code"),
    "treatment_phase": ("treatment-phase", "code"),
    "relapse_count": ("relapse-number", "integer"),
    "remission_number": ("remission-number", "integer"),
    "prior_lines": ("prior-lines", "integer"),
    "tki_failed": ("tki-failed", "integer"),
    "mrd_percent": ("mrd", "percent"),
    "no_alternative_stated": ("no-alternative-treatment", "boolean"),
    "high_risk_first_relapse": ("high-risk-first-relapse", "boolean"),
}
DISEASES = {
    "bcp-all": (SNOMED, "277571004"),
    "t-all": (SNOMED, "277575008"),
    "mpal": (SNOMED, "1187123005"),
    "all-lineage-unknown": (SNOMED, "91857003"),
}


def can_be_stated(given: dict[str, Any]) -> bool:
    """Whether every fact of a case has a statement: ranges, contradictions and some diseases have none."""
    values = [value for name, value in given.items() if name in STATED]
    plain = all(isinstance(value, bool | int | float) or str(value).replace("-", "").isalpha() for value in values)
    return plain and given.get("age") != "unknown" and given.get("disease") in DISEASES and "conflicting" not in given.values()


def bundle_of(given: dict[str, Any], on: date) -> dict[str, Any]:
    """Return a bundle whose statements of the day before say what the case says; what is unknown is not stated."""
    day = (on - timedelta(days=1)).isoformat()
    birth = given.get("birth") or birth_for(given["age"], on)
    system, code = DISEASES[given["disease"]]
    resources: list[dict[str, Any]] = [
        {"resourceType": "Patient", "id": "p", "birthDate": str(birth)},
        {"resourceType": "Condition", "id": "c", "code": {"coding": [{"system": system, "code": code}]}},
    ]
    told = {name: value for name, value in given.items() if name in STATED and value != "unknown"}
    if given.get("relapse_count") and "relapse_status" not in told and given.get("post_hsct_relapse") in {True, False}:
        told["relapse_status"] = _phrase(given)
    for name, value in told.items():
        resources.append(_statement(f"s{len(resources)}", day, *STATED[name], value))
    if given.get("ph") in {"positive", "negative"}:
        marker = {"code": _own("marker"), "valueCodeableConcept": _own("ph")}
        statement = _statement("ph", day, "genetic-marker", "boolean", given["ph"] == "positive")
        resources.append({**statement, "component": [marker]})
    entries = [{"resource": {"subject": {"reference": "Patient/p"}, **r} if r["id"] != "p" else r} for r in resources]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}


def _phrase(given: dict[str, Any]) -> str:
    if given.get("disease_state") == "refractory":
        return "refractory"
    if given["post_hsct_relapse"] is True:
        return "relapse-after-hsct"
    return "first-relapse" if given["relapse_count"] == 1 else "second-or-later-relapse"


def _own(code: str) -> dict[str, Any]:
    return {"coding": [{"system": OWN, "code": code}]}


def _statement(name: str, day: str, code: str, kind: str, value: object) -> dict[str, Any]:
    said: dict[str, dict[str, Any]] = {
        "code": {"valueCodeableConcept": _own(str(value))},
        "integer": {"valueInteger": value},
        "boolean": {"valueBoolean": value},
        "percent": {"valueQuantity": {"value": value, "unit": "%", "system": "http://unitsofmeasure.org", "code": "%"}},
    }
    base = {"resourceType": "Observation", "id": name, "status": "final", "effectiveDateTime": day, "code": _own(code)}
    return base | said[kind]
