"""FHIR resources from the short lines of case files; a line with `resourceType` is taken as it stands.

A line names what it is: `observation`, `condition`, `procedure`, `given` (MedicationAdministration), `taken`
(MedicationStatement), `ordered` (MedicationRequest), `dispensed` (MedicationDispense), `report` (DiagnosticReport) or `patient`
(date of birth).
Its value is a concept: `loinc 51124-6`, `text CD22`, several parts separated by ` | `.
All other keys are explained at the functions; `also` adds raw members.
"""

import re
from collections.abc import Mapping
from typing import Any

Json = dict[str, Any]

SYSTEMS = {
    "loinc": "http://loinc.org",
    "snomed": "http://snomed.info/sct",
    "facts": "urn:all-cds:facts",
    "rxnorm": "http://www.nlm.nih.gov/research/umls/rxnorm",
    "atc": "http://www.whocc.no/atc",
    "atc-de": "http://fhir.de/CodeSystem/bfarm/atc",
    "icd10cm": "http://hl7.org/fhir/sid/icd-10-cm",
    "icd10gm": "http://fhir.de/CodeSystem/bfarm/icd-10-gm",
    "icd10": "http://hl7.org/fhir/sid/icd-10",
    "icdo3": "http://terminology.hl7.org/CodeSystem/icd-o-3",
    "icd10pcs": "http://www.cms.gov/Medicare/Coding/ICD10",
    "ncit": "http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl",
    "cpt": "http://www.ama-assn.org/go/cpt",
    "hcpcs": "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets",
    "ops": "http://fhir.de/CodeSystem/bfarm/ops",
    "hgnc": "http://www.genenames.org/geneId",
    "so": "http://www.sequenceontology.org/",
    "iscn": "https://iscn.karger.com",
    "interpretation": "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation",
    "absent": "http://terminology.hl7.org/CodeSystem/data-absent-reason",
    "clinical": "http://terminology.hl7.org/CodeSystem/condition-clinical",
    "verification": "http://terminology.hl7.org/CodeSystem/condition-ver-status",
    "verlauf": "https://www.medizininformatik-initiative.de/fhir/ext/modul-onko/CodeSystem/mii-cs-onko-verlauf-gesamtbeurteilung",
    "therapy-de": "https://www.medizininformatik-initiative.de/fhir/ext/modul-onko/CodeSystem/mii-cs-onko-therapie-typ",
    "local": "http://example.org/laboratory",
}
CERTAINTY = "http://fhir.de/StructureDefinition/icd-10-gm-diagnosesicherheit"
KBV_CERTAINTY = "https://fhir.kbv.de/CodeSystem/KBV_CS_SFHIR_ICD_DIAGNOSESICHERHEIT"
SPECIMENS = {"marrow": "MAR", "blood": "BLD", "csf": "CSF"}
_QUANTITY = re.compile(r"(<=|>=|<|>)?\s*(-?\d+(?:\.\d+)?(?:[eE]-?\d+)?)(?:\s*\.\.\s*(\d+(?:\.\d+)?))?\s*(.*)")
_TYPES = {
    "observation": "Observation",
    "condition": "Condition",
    "procedure": "Procedure",
    "given": "MedicationAdministration",
    "taken": "MedicationStatement",
    "ordered": "MedicationRequest",
    "dispensed": "MedicationDispense",
    "report": "DiagnosticReport",
}


def bundle(lines: list[Json], *, bare: bool) -> Json:
    """Return a Bundle; unless `bare`, with a patient born in 1990 and a B-cell precursor ALL found on 2025-02-03."""
    if not bare:
        lines = [{"patient": "1990-06-15"}, {"condition": "snomed 277571004", "id": "all", "onset": "2025-02-03"}, *lines]
    entries = [{"resource": resource(line, f"r{number}")} for number, line in enumerate(lines)]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}


def resource(line: Json, name: str) -> Json:
    """Return the resource of one line."""
    if "resourceType" in line:
        return (
            {"id": name, "subject": {"reference": "Patient/p"}, **line}
            if line["resourceType"] not in _UNOWNED
            else {"id": name, **line}
        )
    if "patient" in line:
        sex = line.get("sex", "female")
        patient: Json = {"resourceType": "Patient", "id": "p", "birthDate": str(line["patient"]), "gender": sex}
        patient |= line.get("also", {})
        return patient
    kind = next(key for key in _TYPES if key in line)
    made: Json = {"resourceType": _TYPES[kind], "id": line.get("id", name), "subject": {"reference": "Patient/p"}}
    made |= _WRITERS[kind](line)
    made |= line.get("also", {})
    return made


_UNOWNED = {"Patient", "Medication", "Specimen", "Organization", "OperationOutcome", "FamilyMemberHistory"}


def concept(written: str) -> Json:
    """Return a CodeableConcept: `snomed 260385009`, `text see note`, `loinc 51124-6 | text CD22`."""
    codings: list[Json] = []
    made: Json = {}
    for part in written.split(" | "):
        system, _, code = part.partition(" ")
        if system == "text":
            made["text"] = code
        elif system == "code":
            codings.append({"code": code})
        else:
            codings.append({"system": SYSTEMS[system], "code": code})
    return {"coding": codings, **made} if codings else made


def quantity(written: str) -> Json:
    """Return a value member: `98 %`, `< 0.01 %`, `80..95 %`, `0.0001 1`, `0.01`; a unit is written as UCUM code too."""
    match = _QUANTITY.fullmatch(written)
    assert match is not None, written
    comparator, number, upper, unit = match.groups()
    if upper is not None:
        return {"valueRange": {"low": _amount(number, unit), "high": _amount(upper, unit)}}
    return {"valueQuantity": _amount(number, unit) | ({"comparator": comparator} if comparator else {})}


def _amount(number: str, unit: str) -> Json:
    value = float(number) if set(number) & set(".eE") else int(number)
    return {"value": value} | ({"unit": unit, "system": "http://unitsofmeasure.org", "code": unit} if unit else {})


def _value(line: Mapping[str, Any]) -> Json:
    """quantity, ratio, answer (concept), says (string), integer, boolean, date; interpretation, absent, method, note."""
    made: Json = {}
    if "quantity" in line:
        made |= quantity(str(line["quantity"]))
    if "ratio" in line:
        top, bottom = (float(part) for part in line["ratio"].split(":"))
        made["valueRatio"] = {"numerator": {"value": top}, "denominator": {"value": bottom}}
    if "answer" in line:
        made["valueCodeableConcept"] = concept(line["answer"])
    for key, member in (("says", "valueString"), ("integer", "valueInteger"), ("boolean", "valueBoolean")):
        if key in line:
            made[member] = line[key]
    if "date" in line:
        made["valueDateTime"] = str(line["date"])
    if "interpretation" in line:
        made["interpretation"] = [concept(line["interpretation"])]
    if "absent" in line:
        made["dataAbsentReason"] = concept(line["absent"])
    return made


def _observation(line: Json) -> Json:
    """on (date), status, a value, specimen (marrow, blood, csf), site, method, note, components (each with `of`)."""
    made: Json = {"status": line.get("status", "final"), "code": concept(line["observation"]), **_value(line)}
    if "on" in line:
        made["effectiveDateTime"] = str(line["on"])
    if "specimen" in line:
        kind = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0487", "code": SPECIMENS[line["specimen"]]}]}
        made["contained"] = [{"resourceType": "Specimen", "id": "s", "type": kind}]
        made["specimen"] = {"reference": "#s"}
    if "site" in line:
        made["bodySite"] = concept(line["site"])
    if "method" in line:
        made["method"] = concept(line["method"])
    if "note" in line:
        made["note"] = [{"text": line["note"]}]
    if "components" in line:
        made["component"] = [{"code": concept(part["of"]), **_value(part)} for part in line["components"]]
    return made


def _condition(line: Json) -> Json:
    """onset, recorded (dates), clinical (default active), verification (default confirmed), site, note; ~ leaves a status out.

    certainty: the letter beside each German code.
    """
    made: Json = {"code": concept(line["condition"])}
    if "certainty" in line:
        for coding in made["code"]["coding"]:
            if coding["system"] == SYSTEMS["icd10gm"]:
                coding["extension"] = [{"url": CERTAINTY, "valueCoding": {"system": KBV_CERTAINTY, "code": line["certainty"]}}]
    for key, member, default in (("clinical", "clinicalStatus", "active"), ("verification", "verificationStatus", "confirmed")):
        code = line.get(key, default)
        if code:
            made[member] = concept(f"{key} {code}")
    for key, member in (("onset", "onsetDateTime"), ("recorded", "recordedDate"), ("abated", "abatementDateTime")):
        if key in line:
            made[member] = str(line[key])
    if "site" in line:
        made["bodySite"] = [concept(line["site"])]
    if "note" in line:
        made["note"] = [{"text": line["note"]}]
    return made


def _procedure(line: Json) -> Json:
    """on (date), status (default completed)."""
    made: Json = {"code": concept(line["procedure"]), "status": line.get("status", "completed")}
    return made | ({"performedDateTime": str(line["on"])} if "on" in line else {})


def _drug(kind: str, status: str, date_member: str) -> Any:
    """on (date), until (end of a period), status, reason (statusReason as text), note."""

    def write(line: Json) -> Json:
        made: Json = {"status": line.get("status", status)}
        made["medicationCodeableConcept"] = concept(line[kind])
        if "until" in line:
            made["effectivePeriod"] = {"start": str(line["on"]), "end": str(line["until"])}
        elif "on" in line:
            made[date_member] = str(line["on"])
        if "reason" in line:
            reason = {"text": line["reason"]}
            made |= {
                "ordered": {"statusReason": reason}, "dispensed": {"statusReasonCodeableConcept": reason},
            }.get(kind, {"statusReason": [reason]})  # fmt: skip
        if "note" in line:
            made["note"] = [{"text": line["note"]}]
        if kind == "ordered":
            made["intent"] = line.get("intent", "order")
        return made

    return write


def _report(line: Json) -> Json:
    """on (date), conclusion (text)."""
    made: Json = {"status": line.get("status", "final"), "code": concept(line["report"]), "effectiveDateTime": str(line["on"])}
    return made | ({"conclusion": line["conclusion"]} if "conclusion" in line else {})


_WRITERS = {
    "observation": _observation,
    "condition": _condition,
    "procedure": _procedure,
    "given": _drug("given", "completed", "effectiveDateTime"),
    "taken": _drug("taken", "completed", "effectiveDateTime"),
    "ordered": _drug("ordered", "active", "authoredOn"),
    "dispensed": _drug("dispensed", "completed", "whenHandedOver"),
    "report": _report,
}
