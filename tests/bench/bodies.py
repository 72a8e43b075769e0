"""Requests of five sizes: patients with leukaemia in records that are mostly about something else, the same on every run.

Several patients take turns: one body over and over would flatter whatever remembers.
"""

from __future__ import annotations

import hashlib
from datetime import date, timedelta
from itertools import count as counting
from typing import NamedTuple

import orjson

from service.synth.bundles import SERVER, search_answer, uuid_of
from service.synth.chance import read_proportions
from service.synth.noise import bill, visit
from service.synth.patients import patient
from service.synth.story import Story
from service.synth.values import Json, part, parts, quantity
from tests.stories.adults import adult_first_relapse_in_2022
from tests.stories.codes import (
    ALKALINE_PHOSPHATASE,
    BLOOD_PRESSURE,
    CREATININE,
    DIASTOLIC,
    HEART_RATE,
    INTERPRETATION,
    LOINC,
    LYMPHOCYTES,
    MERCAPTOPURINE,
    METHOTREXATE,
    RXNORM,
    SNOMED,
    SYSTOLIC,
    TEMPERATURE,
    UCUM,
    VINCRISTINE,
    WBC,
    Code,
    concept,
)
from tests.stories.hook_requests import KEYS, answer

SIZES = (20, 100, 1_000, 10_000, 20_000)
# Everything lies behind us on whatever day this runs: the hook asks about today.
_FIRST_DAY = date(2011, 1, 3)
_STORY_BEGINS, _STORY_ENDS = date(2020, 1, 21), date(2022, 2, 6)
PATIENTS = 8
_SEED = 1

HAEMOGLOBIN = Code(LOINC, "718-7", "Hemoglobin [Mass/volume] in Blood")
PLATELETS = Code(LOINC, "777-3", "Platelets [#/volume] in Blood by Automated count")
SODIUM = Code(LOINC, "2951-2", "Sodium [Moles/volume] in Serum or Plasma")
POTASSIUM = Code(LOINC, "2823-3", "Potassium [Moles/volume] in Serum or Plasma")
GLUCOSE = Code(LOINC, "2345-7", "Glucose [Mass/volume] in Serum or Plasma")
BODY_WEIGHT = Code(LOINC, "29463-7", "Body weight")
OXYGEN = Code(LOINC, "2708-6", "Oxygen saturation in Arterial blood")
ONDANSETRON = Code(RXNORM, "26225", "ondansetron")
PANTOPRAZOLE = Code(RXNORM, "40790", "pantoprazole")
ACETAMINOPHEN = Code(RXNORM, "161", "acetaminophen")
HYPERTENSION = Code(SNOMED, "38341003", "Hypertensive disorder, systemic arterial (disorder)")

_NUMBERS: tuple[tuple[str, Code, float, str], ...] = (
    ("heart-rate", HEART_RATE, 62, "/min"),
    ("temperature", TEMPERATURE, 36.1, "Cel"),
    ("weight", BODY_WEIGHT, 71.4, "kg"),
    ("oxygen", OXYGEN, 97, "%"),
    ("haemoglobin", HAEMOGLOBIN, 9.8, "g/dL"),
    ("platelets", PLATELETS, 140, "10*9/L"),
    ("creatinine", CREATININE, 0.7, "mg/dL"),
    ("alkaline-phosphatase", ALKALINE_PHOSPHATASE, 74, "U/L"),
    ("lymphocytes", LYMPHOCYTES, 1.1, "10*9/L"),
    ("sodium", SODIUM, 139, "mmol/L"),
    ("potassium", POTASSIUM, 4.1, "mmol/L"),
    ("glucose", GLUCOSE, 94, "mg/dL"),
)
_SELDOM = ("weight", "oxygen")
_SUPPORTIVE = (ONDANSETRON, PANTOPRAZOLE, ACETAMINOPHEN)
_CHEMOTHERAPY = (VINCRISTINE, MERCAPTOPURINE, METHOTREXATE)
# One turn of the wheel: 40 resources, of which the count of leukocytes and the chemotherapy concern the leukaemia.
_TURN = (
    *(name for name, *_ in _NUMBERS), "blood-pressure", "encounter", "order", "order", "claim", "wbc",
    *(name for name, *_ in _NUMBERS if name not in _SELDOM), "blood-pressure", "encounter", "order", "report", "claim",
    "procedure", "heart-rate", "temperature", "heart-rate", "temperature", "blood-pressure", "chemotherapy",
)  # fmt: skip
_TURNS_BETWEEN_CONDITIONS = 4


class Body(NamedTuple):
    """One request: how many resources it holds, and its bytes."""

    resources: int
    sent: bytes


class Bodies(NamedTuple):
    """Requests of one size, each of another patient."""

    size: int
    each: tuple[Body, ...]

    @property
    def sent(self) -> list[bytes]:
        """The bytes of each."""
        return [body.sent for body in self.each]

    @property
    def typical_bytes(self) -> float:
        """The mean of their lengths."""
        return sum(map(len, self.sent)) / len(self.each)

    @property
    def digest(self) -> str:
        """What tells these bodies from others."""
        found = hashlib.sha256()
        for sent in self.sent:
            found.update(sent)
        return found.hexdigest()[:16]


def patient_views(size: int, patients: int = PATIENTS) -> Bodies:
    """Return requests with about `size` resources each: an invented relapse, and made-up patients of the cohort generator."""
    stories = [adult_first_relapse_in_2022(), *_made_up(patients - 1)]
    return Bodies(size, tuple(patient_view(size, story) for story in stories))


def _made_up(patients: int) -> list[Story]:
    """Return the first patients of a seed that have ALL and fit into the smallest request."""
    often = {**read_proportions(), "all": 100, "noise_to": {"few": 0, "some": 0, "many": 0}}
    found: list[Story] = []
    for number in counting():
        if len(found) == patients:
            break
        story = patient(_SEED, number, often, _STORY_ENDS).story
        if len(story.resources) <= SIZES[0]:
            found.append(story)
    return found


def patient_view(count: int, story: Story | None = None) -> Body:
    """Return the patient-view request of a record with about `count` resources; of an invented relapse if no story is given.

    Each asked key holds its kind; visits and bills ride along under keys that nobody asked for, as some clients send them.
    """
    story = story or adult_first_relapse_in_2022()
    _surround(story, count - len(story.resources))
    dressed = Story(story.name, born=story.patient["birthDate"], sex=story.patient["gender"])
    dressed.resources = [story.patient, *(_dressed(story, one) for one in story.resources[1:])]
    request = {
        "hook": "patient-view",
        "hookInstance": str(uuid_of(story, "bench")),
        "context": {"userId": "Practitioner/invented", "patientId": story.patient["id"]},
        "prefetch": {
            "patient": story.patient,
            **{key: answer(dressed, key) for key in KEYS},
            "encounters": _others(dressed, "Encounter"),
            "claims": _others(dressed, "Claim"),
        },
    }
    return Body(len(story.resources), orjson.dumps(request))


def _others(story: Story, kind: str) -> Json:
    return search_answer([one for one in story.resources if one["resourceType"] == kind], kind)


def _surround(story: Story, count: int) -> None:
    days = (_STORY_ENDS - _FIRST_DAY).days
    begins = _diagnosed(story)
    for number in range(count):
        turn, place = divmod(number, len(_TURN))
        day = _FIRST_DAY + timedelta(days=days * number // max(count, 1))
        what = _TURN[place]
        if place == 0 and turn % _TURNS_BETWEEN_CONDITIONS == 1:
            what = "condition"
        if what in {"chemotherapy", "wbc"}:  # these lie between diagnosis and relapse
            day = begins + timedelta(days=(_STORY_ENDS - begins).days * number // max(count, 1))
        _add(story, what, day.isoformat(), number)


def _diagnosed(story: Story) -> date:
    """Return the day after the first full onset of a condition; that of our invented relapse where there is none."""
    onsets = (one["onsetDateTime"] for one in story.resources if one["resourceType"] == "Condition" and "onsetDateTime" in one)
    days = [date.fromisoformat(onset[:10]) for onset in onsets if len(onset) >= len("2020-01-20")]
    return min(days) + timedelta(days=1) if days else _STORY_BEGINS


def _add(story: Story, what: str, day: str, number: int) -> None:
    wander = (number * 37) % 23
    match what:
        case "encounter":
            visit(story, day)
        case "claim":
            bill(story, day)
        case "order":
            story.ordered(_SUPPORTIVE[wander % 3], day, status="completed")
        case "chemotherapy":
            story.given(_CHEMOTHERAPY[wander % 3], day)
        case "wbc":
            story.wbc(day, 2.1 + wander / 10, code=WBC)
        case "condition":
            story.diagnosed(day, HYPERTENSION, status="resolved", label="condition")
        case "procedure":
            story.performed("dressing", day, text="Change of dressing")
        case "report":
            story.report(day, Code(LOINC, "58410-2", "CBC panel - Blood by Automated count"))
        case "blood-pressure":
            values = parts(
                part(SYSTOLIC, quantity(104 + wander, "mm[Hg]")), part(DIASTOLIC, quantity(61 + wander // 2, "mm[Hg]"))
            )
            story.observed(what, BLOOD_PRESSURE, day, values)
        case _:
            code, least, unit = next((code, least, unit) for name, code, least, unit in _NUMBERS if name == what)
            story.observed(what, code, day, quantity(round(least + wander / 10, 1), unit))


def _dressed(story: Story, resource: Json) -> Json:
    """Return the resource with what a real server writes beside it: where it came from, who, when, and its own codes."""
    kind = resource["resourceType"]
    local = f"{kind}/{resource['id']}"
    made: Json = {
        "resourceType": kind,
        "id": resource["id"],
        "meta": {
            "versionId": "1",
            "lastUpdated": "2022-02-10T08:15:30.123+00:00",
            "source": "#" + str(uuid_of(story, local))[:16],
            "profile": [f"{SERVER}/StructureDefinition/local-{kind.lower()}"],
        },
        "identifier": [
            {
                "use": "official",
                "type": concept(Code("http://terminology.hl7.org/CodeSystem/v2-0203", "FILL", "Filler Identifier")),
                "system": f"{SERVER}/ids",
                "value": str(uuid_of(story, local)),
            }
        ],
    }
    made.update({name: value for name, value in resource.items() if name not in made})
    if kind not in {"Encounter", "Claim"}:
        made["encounter"] = {"reference": f"Encounter/{uuid_of(story, 'encounter of ' + local)}", "display": "Outpatient visit"}
    if "coding" in made.get("code", {}) and not made["code"]["coding"][0]["system"].startswith("urn:"):
        own = Code(f"{SERVER}/codes", str(uuid_of(story, made["code"]["coding"][0]["code"]).int % 90_000))
        made["code"] = {**made["code"], "coding": [*made["code"]["coding"], own.coding()]}
    if kind == "Observation":
        made["issued"] = resource.get("effectiveDateTime", "2022-01-01")[:10] + "T09:20:00.000+00:00"
        made["performer"] = [
            {"reference": "Organization/laboratory", "display": "Central laboratory"},
            {"reference": "Practitioner/invented", "type": "Practitioner", "display": "Invented"},
        ]
        if "valueQuantity" in resource:
            made["interpretation"] = [concept(Code(INTERPRETATION, "N", "Normal"), text="Normal")]
            made["referenceRange"] = [_range(resource["valueQuantity"]["unit"])]
    return made


def _range(unit: str) -> Json:
    ends = {name: {"value": value, "unit": unit, "system": UCUM, "code": unit} for name, value in (("low", 1), ("high", 200))}
    return {**ends, "text": f"1 to 200 {unit}"}
