"""What a hospital record is mostly made of: visits, vital signs, routine results and bills that decide nothing."""

from __future__ import annotations

from datetime import date, timedelta

from tests.stories.codes import LOINC, Code, concept
from tests.stories.story import Story
from tests.stories.values import Json, part, parts, quantity

HEART_RATE = Code(LOINC, "8867-4", "Heart rate")
TEMPERATURE = Code(LOINC, "8310-5", "Body temperature")
BLOOD_PRESSURE = Code(LOINC, "85354-9", "Blood pressure panel with all children optional")
SYSTOLIC = Code(LOINC, "8480-6", "Systolic blood pressure")
DIASTOLIC = Code(LOINC, "8462-4", "Diastolic blood pressure")
CREATININE = Code(LOINC, "2160-0", "Creatinine [Mass/volume] in Serum or Plasma")
ALKALINE_PHOSPHATASE = Code(LOINC, "6768-6", "Alkaline phosphatase [Enzymatic activity/volume] in Serum or Plasma")
LYMPHOCYTES = Code(LOINC, "26474-7", "Lymphocytes [#/volume] in Blood")

# Each turn of the wheel makes these, in this order.
TURN = ("encounter", "heart-rate", "temperature", "blood-pressure", "creatinine", "alkaline-phosphatase", "lymphocytes", "claim")


def surround(story: Story, count: int, first_day: date) -> None:
    """Add `count` resources that say nothing about the leukaemia, one turn every five days; the same ones every time."""
    for number in range(count):
        turn, place = divmod(number, len(TURN))
        day = (first_day + timedelta(days=5 * turn)).isoformat()
        add_one(story, TURN[place], day, turn)


def add_one(story: Story, what: str, day: str, turn: int) -> None:
    """Add one resource of the named sort; values wander with the turn."""
    wander = (turn * 37) % 23
    values: dict[str, tuple[Code, Json]] = {
        "heart-rate": (HEART_RATE, quantity(62 + wander, "/min")),
        "temperature": (TEMPERATURE, quantity(36.1 + wander / 20, "Cel")),
        "blood-pressure": (
            BLOOD_PRESSURE,
            parts(
                part(SYSTOLIC, quantity(104 + wander, "mm[Hg]")),
                part(DIASTOLIC, quantity(61 + wander // 2, "mm[Hg]")),
            ),
        ),
        "creatinine": (CREATININE, quantity(round(0.6 + wander / 50, 2), "mg/dL")),
        "alkaline-phosphatase": (ALKALINE_PHOSPHATASE, quantity(70 + wander, "U/L")),
        "lymphocytes": (LYMPHOCYTES, quantity(round(1.1 + wander / 10, 1), "10*9/L")),
    }
    if what == "encounter":
        visit(story, day)
    elif what == "claim":
        bill(story, day)
    else:
        code, value = values[what]
        story.observed(what, code, day, value)


def visit(story: Story, day: str) -> None:
    """Add an outpatient visit."""
    story.add(
        "Encounter",
        "encounter",
        status="finished",
        **{"class": Code("http://terminology.hl7.org/CodeSystem/v3-ActCode", "AMB", "ambulatory").coding()},
        subject=story.about(),
        period={"start": day, "end": day},
    )


def bill(story: Story, day: str) -> None:
    """Add a bill."""
    story.add(
        "Claim",
        "claim",
        status="active",
        type=concept(Code("http://terminology.hl7.org/CodeSystem/claim-type", "institutional")),
        use="claim",
        patient=story.about(),
        created=day,
        provider={"display": "Invented Hospital"},
        priority=concept(Code("http://terminology.hl7.org/CodeSystem/processpriority", "normal")),
        insurance=[{"sequence": 1, "focal": True, "coverage": {"display": "Invented Insurance"}}],
    )
