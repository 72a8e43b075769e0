"""What a hospital record is mostly made of: visits, vital signs, routine results and bills that decide nothing."""

from __future__ import annotations

from datetime import date, timedelta

from service.synth.codes import CODES, Code, concept
from service.synth.story import Story
from service.synth.values import Json, part, parts, quantity

# Each turn of the wheel makes these, in this order.
TURN = ("encounter", "heart-rate", "temperature", "blood-pressure", "creatinine", "alkaline-phosphatase", "lymphocytes", "claim")


def surround(story: Story, count: int, first_day: date) -> tuple[float, date] | None:
    """Add `count` resources that say nothing about the leukaemia, one turn every five days; the same ones every time.

    Return the newest creatinine in mg/dL with its day, which some trials ask for; None where there is none.
    """
    newest: tuple[float, date] | None = None
    for number in range(count):
        turn, place = divmod(number, len(TURN))
        day = first_day + timedelta(days=5 * turn)
        add_one(story, TURN[place], day.isoformat(), turn)
        if TURN[place] == "creatinine":
            newest = creatinine(turn), day
    return newest


def creatinine(turn: int) -> float:
    """Return the creatinine of a turn in mg/dL."""
    return round(0.6 + _wander(turn) / 50, 2)


def _wander(turn: int) -> int:
    return (turn * 37) % 23


def add_one(story: Story, what: str, day: str, turn: int) -> None:
    """Add one resource of the named sort; values wander with the turn."""
    wander = _wander(turn)
    values: dict[str, tuple[Code, Json]] = {
        "heart-rate": (CODES["heart-rate"], quantity(62 + wander, "/min")),
        "temperature": (CODES["temperature"], quantity(36.1 + wander / 20, "Cel")),
        "blood-pressure": (
            CODES["blood-pressure"],
            parts(
                part(CODES["systolic"], quantity(104 + wander, "mm[Hg]")),
                part(CODES["diastolic"], quantity(61 + wander // 2, "mm[Hg]")),
            ),
        ),
        "creatinine": (CODES["creatinine"], quantity(creatinine(turn), "mg/dL")),
        "alkaline-phosphatase": (CODES["alkaline-phosphatase"], quantity(70 + wander, "U/L")),
        "lymphocytes": (CODES["lymphocytes"], quantity(round(1.1 + wander / 10, 1), "10*9/L")),
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
