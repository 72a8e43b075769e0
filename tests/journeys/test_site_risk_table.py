"""A site that holds a protocol brings its table: one file in a folder decides the group; a faulty one stops the start.

Every limit written here is made up: 0.7 % and 7 % stand in no protocol.
"""

from datetime import date

import orjson
import pytest

from service import cli
from service.assembly import build_service, read_question
from service.consultation import assessment_document
from service.settings import Settings, read_settings
from tests.case_runners.shorthand import bundle

DAY = date(2026, 11, 22)
FILE = "ours/risk_systems/our-alltogether1.yaml"
TABLE = """\
system: A2G1
title: ALLTogether1, made up for a test
population: B-cell precursor ALL, Ph-negative, below 46 years
dated_by: diagnosis
enabled: true
versions:
  - effective: 2020-01-01
    recorded: 2026-11-01
    hit: unique
    inputs: [mrd_end_of_induction_percent, mrd_end_of_consolidation_percent]
    outcomes: [SR, IR-low, IR-high, HR]
    applies:
      all:
        - {fact: disease, is: bcp-all}
        - {fact: age_at_diagnosis_years, below: "46 a"}
        - {fact: ph, is: negative}
    not_applicable: Made up for a test
    rows:
      - {id: MADE-UP-1, when: {mrd_end_of_induction_percent: "< 0.7"}, then: SR}
      - {id: MADE-UP-2, when: {mrd_end_of_induction_percent: "[0.7, 7)"}, then: IR-low}
      - {id: MADE-UP-3, when: {mrd_end_of_induction_percent: ">= 7", mrd_end_of_consolidation_percent: "< 0.7"}, then: IR-high}
      - {id: MADE-UP-4, when: {mrd_end_of_induction_percent: ">= 7", mrd_end_of_consolidation_percent: ">= 0.7"}, then: HR}
    verification: V
    sources: [OUR-PROTOCOL]
    read_on: 2026-11-01
"""
SOURCES = """\
sources:
  OUR-PROTOCOL:
    title: A protocol made up for a test
    citation: Kept at the centre
    read_on: 2026-11-01
"""
LESS = "Standard chemotherapy, randomised to less (fewer or no anthracyclines, no pulses)?"
CAR_T = "CAR-T in first line in place of transplant?"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Write a site's folder and name it in the environment."""

    def write(table=TABLE, sources=SOURCES):
        for name, text in (("risk_systems/our-alltogether1.yaml", table), ("sources/ours.yaml", sources)):
            path = tmp_path / "ours" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        monkeypatch.setenv("ALL_CDS_KNOWLEDGE_FOLDERS", str(tmp_path / "ours"))
        return read_settings()

    return write


def mrd(point, day, value):
    part = {"of": "facts mrd-time-point", "answer": f"facts {point}"}
    return {"observation": "facts mrd", "on": day, "quantity": f"{value} %", "specimen": "marrow", "components": [part]}


def child(*lines):
    """A child of eight with Ph-negative B-cell precursor ALL found on 2025-02-03."""
    head = [
        {"patient": "2017-01-10"},
        {"condition": "snomed 277571004", "onset": "2025-02-03"},
        {"observation": "loinc 51867-0", "on": "2025-02-03", "answer": "snomed 260385009"},
    ]
    return orjson.dumps(bundle([*head, *lines], bare=True))


def judged(settings, body):
    service = build_service(settings)
    consultation = service.consult_bundle(body, read_question({}, settings, DAY))
    document = orjson.loads(orjson.dumps(assessment_document(consultation)))
    (entry,) = [entry for entry in document["riskGroups"] if entry["system"] == "A2G1"]
    return entry, document, "\n".join(card.detail or "" for card in service.cards.write(consultation).cards)


@pytest.mark.parametrize(
    ("eoi", "eoc", "group", "row", "question"),
    [
        ("0.69", None, "SR", "MADE-UP-1", LESS),
        ("0.7", None, "IR-low", "MADE-UP-2", LESS),
        ("6.99", None, "IR-low", "MADE-UP-2", LESS),
        ("7", "0.69", "IR-high", "MADE-UP-3", "Chemotherapy with inotuzumab?"),
        ("7", "0.7", "HR", "MADE-UP-4", CAR_T),
    ],
)
def test_a_table_that_the_site_brings_decides_the_group(folder, eoi, eoc, group, row, question):
    body = child(
        mrd("end-of-induction", "2025-03-05", eoi), *([mrd("end-of-consolidation", "2025-05-15", eoc)] if eoc is not None else [])
    )
    entry, _, text = judged(folder(), body)
    assert (entry["state"], entry["group"], entry["row"], entry["question"]) == ("decided", group, row, question)
    assert f"- ALLTogether1, made up for a test: **{group}**; question put to this group: {question}" in text
    assert "Observation/r3" in entry["evidence"]
    unsaid, _, _ = judged(Settings(), body)
    assert (unsaid["state"], unsaid["group"]) == ("not-encoded", None)


def test_what_is_missing_is_asked_for(folder):
    entry, document, _ = judged(folder(), child(mrd("end-of-induction", "2025-03-05", "7")))
    assert (entry["state"], set(entry["possible"])) == ("open", {"IR-high", "HR"})
    assert entry["needs"] == ["mrd_end_of_consolidation_percent"]
    (need,) = [need for need in document["needs"] if need["fact"] == "mrd_end_of_consolidation_percent"]
    assert "A2G1" in need["wouldDecide"]["riskGroups"]


def test_overlays_and_other_names_of_ours_stay_and_a_recorded_group_is_compared(folder):
    down = {"condition": "snomed 41040004", "onset": "2017-01-10"}
    parts = [{"of": "facts system", "answer": "facts A2G1"}, {"of": "facts group", "answer": "facts VHR"}]
    recorded = {"observation": "facts risk-group", "on": "2025-03-10", "components": parts}
    entry, document, _ = judged(folder(), child(mrd("end-of-induction", "2025-03-05", "0.5"), down, recorded))
    assert (entry["group"], entry["recorded"]) == ("SR", "VHR")
    assert {"Down", "reported-differs"} <= set(entry["flags"])
    assert entry["question"] == f"{LESS}; Blinatumomab in place of high-risk blocks?"
    texts = [problem["text"] for problem in document["problems"] if problem["code"] == "conflict"]
    assert texts == ["Recorded A2G1 risk group VHR; derived from the data received: SR"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        pytest.param(
            '">= 7", mrd_end_of_consolidation_percent: "< 0.7"',
            '"> 7", mrd_end_of_consolidation_percent: "< 0.7"',
            (f"{FILE}:7 A2G1", "no row answers for mrd_end_of_induction_percent = 7", "add a row"),
            id="hole",
        ),
        pytest.param(
            '"[0.7, 7)"',
            '"[0.7, 7]"',
            (f"{FILE}:21 A2G1", "answers together with 'MADE-UP-2' for mrd_end_of_induction_percent = 7", "one row for each"),
            id="overlap",
        ),
        pytest.param(
            "{fact: ph, is",
            "{fact: phh, is",
            (f"{FILE}:12 A2G1", "there is no fact 'phh'", "did you mean 'ph'?"),
            id="unknown fact",
        ),
        pytest.param(
            "mrd_end_of_consolidation_percent",
            "mrd_end_of_consolidatoin_percent",
            (f"{FILE}:10 A2G1", "no fact 'mrd_end_of_consolidatoin_percent'", "did you mean 'mrd_end_of_consolidation_percent'?"),
            id="unknown input",
        ),
        pytest.param(
            "[OUR-PROTOCOL]",
            "[THE-PROTOCOL]",
            (f"{FILE}:7 A2G1", "the source 'THE-PROTOCOL' is not on file", "did you mean 'OUR-PROTOCOL'?"),
            id="missing source",
        ),
        pytest.param("sources: [OUR-PROTOCOL]", "sources: []", (f"{FILE}:24 ", "the list is empty"), id="no source"),
        pytest.param("then: HR}", "then: HRR}", (f"{FILE}:22 A2G1", "'HRR' is not among", "did you mean 'HR'?"), id="outcome"),
        pytest.param('"< 0.7"', '"less than 0.7"', (f"{FILE}:19 A2G1", "less than 0.7"), id="unreadable cell"),
        pytest.param(
            "hit: unique", "hits: unique", (f"{FILE}:9 ", "unknown key `hits`", "did you mean 'hit'?"), id="misspelt key"
        ),
    ],
)
def test_a_faulty_table_stops_the_start(folder, capsys, old, new, said):
    assert old in TABLE
    folder(TABLE.replace(old, new))
    assert cli.main(["assess", "nothing.json"]) == 3
    printed = capsys.readouterr()
    assert printed.out == ""
    assert [word for word in said if word not in printed.err] == []


def test_a_source_that_is_nowhere_is_to_be_added(folder, capsys):
    folder(sources="sources: {}\n")
    assert cli.main(["knowledge", "check"]) == 3
    assert "the source 'OUR-PROTOCOL' is not on file (add it to a file of sources/)" in capsys.readouterr().err


@pytest.mark.parametrize("system", ["NCI", "COG08B1", "COG1331"])
def test_a_table_that_we_read_in_full_is_not_replaced(folder, capsys, system):
    folder(TABLE.replace("A2G1", system))
    assert cli.main(["knowledge", "check"]) == 3
    assert f"the id '{system}' stands in" in capsys.readouterr().err
