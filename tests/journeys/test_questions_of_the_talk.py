"""Each risk row of the talk, from a record to the assessment and to the card of the leukaemia.

Source: talk.md, rows R1 to R14; names of groups as in risk-and-relapse.md 3.3 and 3.4 (the slides' VLR is SR, their VHR is HR).
The group is the clinician's statement where the protocol's table is not encoded, else derived from the record.
A record that does not exclude Down syndrome leaves the stratum DS-High of AALL1731 open: the recorded group stands beside it.
"""

from datetime import date

import orjson
import pytest

from service.assembly import build_service, read_question
from service.consultation import assessment_document
from service.settings import Settings
from tests.case_runners.knowledge import shipped_library
from tests.case_runners.shorthand import bundle

DAY = date(2026, 11, 22)
LESS = "Standard chemotherapy, randomised to less (fewer or no anthracyclines, no pulses)?"
CAR_T = "CAR-T in first line in place of transplant?"
CASSIOPEIA = "CAR-T in first line in place of transplant (CASSIOPEIA)?"
INOTUZUMAB = "Chemotherapy with inotuzumab?"
BLINATUMOMAB = "Chemotherapy with blinatumomab?"
TARGETED = "Chemotherapy with a molecularly targeted drug?"


def called(system):
    return shipped_library().risk_systems[system].called


@pytest.fixture(scope="module")
def service():
    return build_service(Settings())


@pytest.fixture(scope="module")
def answer(service):
    """The entry of a system and the line of the card about it."""

    def ask(system, lines):
        consultation = service.consult_bundle(
            orjson.dumps(bundle(list(lines), bare=True)), read_question({}, service.settings, DAY)
        )
        document = orjson.loads(orjson.dumps(assessment_document(consultation)))
        (entry,) = [entry for entry in document["riskGroups"] if entry["system"] == system]
        text = next(card.detail for card in service.cards.write(consultation).cards if "**Risk groups**" in (card.detail or ""))
        found = [line for line in text.splitlines() if line.startswith(f"- {called(system)}: ")]
        return entry, found

    return ask


def patient(born="2017-01-10", count="20 10*9/L"):
    """A child of eight with Ph-negative B-cell precursor ALL found on 2025-02-03: NCI standard risk."""
    return [
        {"patient": born},
        {"condition": "snomed 277571004", "onset": "2025-02-03", "recorded": "2025-02-03"},
        {"observation": "loinc 51867-0", "on": "2025-02-03", "answer": "snomed 260385009"},
        {"observation": "loinc 6690-2", "on": "2025-02-03", "quantity": count},
    ]


def stated(system, group):
    parts = [{"of": "facts system", "answer": f"facts {system}"}, {"of": "facts group", "answer": f"facts {group}"}]
    return {"observation": "facts risk-group", "on": "2025-03-10", "components": parts}


def marker(name):
    component = {"of": "facts marker", "answer": f"facts {name}"}
    return {"observation": "facts genetic-marker", "on": "2025-02-10", "boolean": True, "components": [component]}


CHILD, HIGH = patient(), patient(count="80 10*9/L")
PH_POSITIVE = [line for line in CHILD if line.get("observation") != "loinc 51867-0"] + [marker("ph")]
DOWN = {"condition": "snomed 41040004", "onset": "2017-01-10"}
EOC = {
    "observation": "facts mrd",
    "on": "2025-05-15",
    "specimen": "marrow",
    "method": "text flow cytometry",
    "components": [{"of": "facts mrd-time-point", "answer": "facts end-of-consolidation"}],
}


@pytest.mark.parametrize(
    ("system", "lines", "state", "group", "question"),
    [
        pytest.param("A2G1", [*CHILD, stated("A2G1", "VLR")], "reported", "VLR", LESS, id="R2: very low risk"),
        pytest.param("A2G1", [*CHILD, stated("A2G1", "SR")], "reported", "SR", LESS, id="R2: by the name of the protocol"),
        pytest.param("A2G1", [*CHILD, stated("A2G1", "IR-low")], "reported", "IR-low", LESS, id="R3: intermediate-low risk"),
        pytest.param("A2G1", [*CHILD, stated("A2G1", "IR-high")], "reported", "IR-high", INOTUZUMAB, id="R4: IR-high"),
        pytest.param("A2G1", [*CHILD, stated("A2G1", "VHR")], "reported", "VHR", CAR_T, id="R5: very high risk"),
        pytest.param("A2G1", [*CHILD, stated("A2G1", "HR")], "reported", "HR", CAR_T, id="R5: by the name of the protocol"),
        pytest.param(
            "A2G1", [*CHILD, marker("abl_class")], "not-encoded", None, "Imatinib from day 15 of induction?", id="R6: ABL-class"
        ),
        pytest.param(
            "A2G1", [*CHILD, DOWN], "not-encoded", None, "Blinatumomab in place of high-risk blocks?", id="R7: Down syndrome"
        ),
        pytest.param(
            "COG1731",
            [*CHILD, stated("COG1731", "SR-Fav")],
            "open",
            None,
            "Standard chemotherapy (disease-free survival over 95 % in the talk)",
            id="R8: SR-favorable",
        ),
        pytest.param(
            "COG1732",
            [*HIGH, {**EOC, "quantity": "0.001 %"}, stated("COG1732", "HR-Fav")],
            "reported",
            "HR-Fav",
            "Standard chemotherapy (disease-free survival over 94 % in the talk)",
            id="R8: HR-favorable",
        ),
        pytest.param("COG1731", [*CHILD, stated("COG1731", "SR-Avg")], "open", None, BLINATUMOMAB, id="R9: SR-average"),
        pytest.param("COG1731", [*CHILD, stated("COG1731", "SR-High")], "open", None, BLINATUMOMAB, id="R9: SR-high"),
        pytest.param(
            "COG1732",
            [*HIGH, {**EOC, "quantity": "0.001 %"}, stated("COG1732", "HR")],
            "reported",
            "HR",
            INOTUZUMAB,
            id="R10: HR after a negative end of consolidation",
        ),
        pytest.param("COG1732", [*HIGH, stated("COG1732", "HR")], "open", None, INOTUZUMAB, id="R10: HR while VHR is possible"),
        pytest.param("COG1732", [*HIGH, {**EOC, "quantity": "0.01 %"}], "decided", "VHR", CASSIOPEIA, id="R11: VHR, computed"),
        pytest.param("COG1732", [*HIGH, stated("COG1732", "VHR")], "open", None, CASSIOPEIA, id="R11: VHR, recorded"),
        pytest.param("ESPHALL", PH_POSITIVE, "not-encoded", None, TARGETED, id="R12: Ph"),
        pytest.param("COG1731", [*CHILD, marker("ph_like")], "open", None, TARGETED, id="R12: Ph-like of standard risk"),
        pytest.param("COG1732", [*HIGH, marker("ph_like")], "open", None, TARGETED, id="R12: Ph-like of high risk"),
        pytest.param("SEHOP13", [*CHILD, stated("SEHOP13", "VHR")], "reported", "VHR", CASSIOPEIA, id="R13: SEHOP-PETHEMA"),
    ],
)
def test_the_question_stands_in_the_assessment_and_on_the_card(answer, system, lines, state, group, question):
    entry, card = answer(system, lines)
    assert (entry["state"], entry["group"], entry["question"]) == (state, group, question)
    (line,) = card
    assert f"; question put to this group: {question}" in line
    assert line.startswith(f"- {called(system)}: **{group}**" if group else f"- {called(system)}: ")
    recorded = [
        part["answer"].removeprefix("facts ")
        for row in lines
        for part in row.get("components", ())
        if part["of"] == "facts group"
    ]
    assert [entry["recorded"]] == (recorded or [None])
    assert (f"; recorded by a clinician: {''.join(recorded)}" in line) is (bool(recorded) and group is None)


@pytest.mark.parametrize(
    ("born", "count", "group"),
    [
        pytest.param("2015-02-04", "49.9 10*9/L", "SR", id="R1: a day below ten years, below 50"),
        pytest.param("2015-02-03", "49.9 10*9/L", "HR", id="R1: ten years"),
        pytest.param("2015-02-04", "50 10*9/L", "HR", id="R1: 50"),
    ],
)
def test_the_nci_group_stands_on_the_card(answer, born, count, group):
    entry, card = answer("NCI", patient(born, count))
    assert (entry["state"], entry["group"], entry["question"]) == ("decided", group, None)
    assert card == [f"- NCI: **{group}**"]


@pytest.mark.parametrize(
    ("system", "line"),
    [("INTREALL", "**HR**"), ("BFM_S", "open (S3, S4)"), ("COG1331", "**High**")],
)
def test_the_class_of_a_first_relapse_stands_on_the_card(answer, system, line):
    # R14; risk-and-relapse.md 3.9: isolated marrow, twelve months after diagnosis
    relapse = [
        {"observation": "loinc 11150-0", "on": "2025-03-10", "quantity": "1 %"},
        {"observation": "loinc 11150-0", "on": "2026-02-03", "quantity": "70 %"},
        {"observation": "text CNS status", "on": "2026-02-04", "says": "CNS1"},
    ]
    _, card = answer(system, [*CHILD, *relapse])
    assert len(card) == 1
    assert card[0].startswith(f"- {called(system)}: {line}")


def test_every_group_of_a_system_of_the_talk_has_its_question():
    systems = shipped_library().risk_systems
    assert {name: set(system.questions) for name, system in systems.items() if system.questions} == {
        "A2G1": {"SR", "IR-low", "IR-high", "HR"},
        "COG1731": {"SR-Fav", "SR-Avg", "SR-High"},
        "COG1732": {"HR-Fav", "HR", "VHR"},
        "SEHOP13": {"VHR"},
    }
