"""Risk systems as files: partial tables, unverified rows, allocation, and a table that a site brings."""

import pytest

from service.errors import KnowledgeError
from service.knowledge.checks.talk import talk_rows_without_home
from service.knowledge.loader import load_library
from tests.case_runners.knowledge import shipped_library

RISK = "risk_systems/example-2040.yaml"
TABLE = f"{RISK} EX40 / versions / 2030-01-01"

OPEN = """\
system: EX40
title: Example 2040
population: all
dated_by: diagnosis
enabled: {enabled}
{more}
versions:
  - effective: 2030-01-01
    recorded: 2030-01-01
    hit: unique
    inputs: [wbc]
    outcomes: [SR, HR]
    verification: {verification}
    sources: [label]
    read_on: 2031-04-20
    rows:
      - {{id: low, when: {{wbc: "< {limit}"}}, then: SR, verification: {verification}}}
      - {{id: high, when: {{wbc: ">= {limit}"}}, then: HR, verification: {verification}}}
"""


def text(*, enabled="true", verification="V", limit=50, more="talk: [T1]"):
    return OPEN.format(enabled=enabled, verification=verification, limit=limit, more=more)


# ---------------------------------------------------------------- tables


def test_a_partial_table_may_leave_patients_out(shelf):
    shelf.change(RISK, 'wbc: ">= 50"', 'wbc: "> 50"')
    shelf.change(RISK, "[SR, HR]", "[SR, HR, VHR]")
    assert [fault[1] for fault in shelf.faults()] == ["no row leads to the outcome 'VHR'"]
    shelf.change(RISK, "hit: unique", "hit: unique\n    partial: true")
    assert shelf.faults() == []


def test_a_partial_table_says_nothing_twice(shelf):
    shelf.change(RISK, "hit: unique", "hit: unique\n    partial: true")
    shelf.change(RISK, 'wbc: "< 50"', 'wbc: "<= 50"')
    assert [fault[0] for fault in shelf.faults()] == [f"{TABLE} / rows / young-high"]


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        pytest.param(
            *("questions: {HR: Is", "questions: {HRR: Is", (f"{RISK} EX40 / questions", "'HRR' is not among the outcomes")),
            id="question of no group",
        ),
        pytest.param(
            *(
                "enabled: true",
                "enabled: true\naliases: {VHR: HRR}",
                (f"{RISK} EX40 / aliases", "'HRR' is not among the outcomes"),
            ),
            id="another name of no group",
        ),
        pytest.param(
            *(
                "wbc: any}, then: HR",
                "wbc: any}, then: HR, among: [HR, XR]",
                (f"{TABLE} / rows / older", "'XR' is not among the outcomes"),
            ),
            id="among no group",
        ),
        pytest.param(
            *(
                "wbc: any}, then: HR",
                "wbc: any}, then: HR, among: [SR]",
                (f"{TABLE} / rows / older", "'HR' is not among the groups of `among`"),
            ),
            id="among others",
        ),
        pytest.param(
            *(
                "hit: unique",
                "hit: unique\n    methods: {wcb: flow}\n    other_method_factor: 10",
                (f"{TABLE} / methods", "'wcb' is not among the inputs"),
            ),
            id="method of no input",
        ),
        pytest.param(
            *(
                "hit: unique",
                "hit: unique\n    methods: {wbc: flow}",
                (f"{TABLE} / methods", "says nothing about results of another method"),
            ),
            id="method without a factor",
        ),
    ],
)
def test_groups_and_methods_belong_to_the_table(shelf, old, new, fault):
    shelf.change(RISK, old, new)
    assert [found[:2] for found in shelf.faults()] == [fault]


ALLOCATION = """\
    allocation:
      says: After induction
      inputs: [group, wbc]
      outcomes: [more, less]
      verification: V
      sources: [label]
      rows:
        - {{id: one, when: {{group: {group}}}, then: more}}
        - {{id: two, when: {{group: SR, wbc: "{cell}"}}, then: less}}
        - {{id: three, when: {{group: SR, wbc: ">= 50"}}, then: more}}
"""


@pytest.mark.parametrize(
    ("group", "cell", "fault"),
    [
        ("HR", "< 50", []),
        ("not SR", "< 50", []),
        ("HR", "<= 50", [(f"{TABLE} / allocation / rows / three", "answers together with 'two' for group = SR, wbc = 50")]),
        ("HR", "< 49", [(f"{TABLE} / allocation", "no row answers for group = SR, wbc = 49")]),
        ("HR | XR", "< 50", [(f"{TABLE} / allocation / rows / one", "'XR' is not among the outcomes")]),
    ],
)
def test_an_allocation_is_a_table_of_the_groups_of_its_system(shelf, group, cell, fault):
    shelf.change(RISK, "    verification: V\n", ALLOCATION.format(group=group, cell=cell) + "    verification: V\n")
    assert [found[:2] for found in shelf.faults()] == fault


def test_the_question_of_an_overlay_is_shown_too(shelf):
    overlay = "enabled: true\noverlays: [{flag: X, test: {fact: age, at_least: '1 a'}, question: Give it?}]"
    shelf.change(RISK, "enabled: true", overlay)
    assert [found[1] for found in shelf.faults()] == ["tells a clinician what to do: `Give`"]


# ---------------------------------------------------------------- a table that a site brings


@pytest.fixture
def site(shelf, tmp_path):
    """Load the small library with a site's file for the same system."""

    def load(ours, theirs, *more):
        shelf.write(RISK, ours)
        folders = []
        for number, file in enumerate((theirs, *more)):
            folder = tmp_path / f"site{number}" / "risk_systems"
            folder.mkdir(parents=True)
            (folder / "from-the-protocol.yaml").write_text(file, encoding="utf-8")
            folders.append(folder.parent)
        return load_library(shelf.folder, extra=tuple(folders))

    return load


@pytest.mark.parametrize("ours", [{"enabled": "false"}, {"verification": "B"}], ids=["switched off", "unverified rows"])
def test_a_site_brings_the_table_of_a_system_that_is_shipped_open(site, ours):
    library = site(text(**ours), text(limit=20))
    system = library.risk_systems["EX40"]
    assert system.fully_encoded
    assert system.versions[0].rows[0].when == {"wbc": "< 20"}
    assert library.files["risk_systems", "EX40"] == "site0/risk_systems/from-the-protocol.yaml"


def test_what_the_site_does_not_say_is_kept(site):
    ours = text(enabled="false", more="talk: [T1]\nquestions: {HR: More?}\naliases: {VHR: HR}")
    system = site(ours, text(more="aliases: {XR: HR}")).risk_systems["EX40"]
    assert (system.talk, dict(system.questions), dict(system.aliases)) == (("T1",), {"HR": "More?"}, {"XR": "HR"})


def test_a_system_that_is_fully_encoded_is_not_replaced(site):
    with pytest.raises(KnowledgeError, match="the id 'EX40' stands in"):
        site(text(), text(limit=20))


def test_two_sites_do_not_bring_one_system(site):
    with pytest.raises(KnowledgeError, match="the id 'EX40' stands in site0"):
        site(text(enabled="false"), text(limit=20), text(limit=30))


def test_the_table_of_a_site_is_checked_like_ours(site):
    with pytest.raises(KnowledgeError, match="no row answers for wbc = 20"):
        site(text(enabled="false"), text(limit=20).replace(">= 20", "> 20"))


def test_a_site_brings_a_system_of_its_own(site):
    library = site(text(), text().replace("EX40", "OWN"))
    assert set(library.risk_systems) == {"EX40", "OWN"}


# ---------------------------------------------------------------- what is shipped

# assessment.md, section 3: the words of `system`
SYSTEMS = {
    *("NCI", "COG08B1", "COG1731", "COG1732", "A2G1", "SEHOP13", "AIEOPBFM09", "IF06", "IF21", "ESPHALL", "INTREALL", "BFM_S"),
    *("COG1331", "ADULT_NCCN", "ADULT_GRAALL14B", "ADULT_PETHEMA_HR11", "ADULT_GIMEMA2317"),
}


def test_every_system_is_on_file_and_those_without_a_read_protocol_are_switched_off():
    # risk-and-relapse.md 3: ALLTogether1 and SEHOP-PETHEMA are disabled; IF21 is eligibility only; ESPHALL's limit is unverified
    systems = shipped_library().risk_systems
    assert set(systems) == SYSTEMS
    assert {name for name, system in systems.items() if not system.enabled} == {"A2G1", "SEHOP13", "IF21", "ESPHALL"}


def test_every_risk_row_of_the_talk_has_a_home():
    assert [row.id for row in talk_rows_without_home(shipped_library()) if row.id.startswith("R")] == []
