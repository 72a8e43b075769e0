"""Risk tables: the group, or those still possible; which version of a table; what somebody recorded beside it."""

from datetime import date

import pytest

from service.decisions.risk import compare_reported
from service.facts.catalogue import ReportedRisk
from service.logic.dates import PartialDate
from service.logic.fact import Evidence, Gap, known, unknown
from tests.judged import judge_risk_groups

LATER = date(2040, 1, 1)


@pytest.fixture
def judge(bound, facts):
    """The verdict of one risk system on a record in which only the named facts are known."""

    def verdict(system, known_by=LATER, **given):
        values = {name: value if hasattr(value, "state") else known(value) for name, value in given.items()}
        return judge_risk_groups({**facts, **values}, bound(system), known_by)[0]

    return verdict


def day(text):
    return PartialDate.parse(text)


TABLE = {"marrow": "HR", "combined": "SR", "extramedullary": "SR"}


@pytest.mark.parametrize(("site", "group", "row"), [("marrow", "HR", "row-1"), ("combined", "SR", "row-2")])
def test_a_known_input_decides_the_group_and_names_the_row(judge, make, site, group, row):
    verdict = judge(make.risk_system(make.risk_version(TABLE), questions={"HR": "More?"}), relapse_site=site)
    assert (verdict.state, verdict.group, verdict.row, verdict.needs) == ("decided", group, row, ())
    assert verdict.question == {"HR": "More?"}.get(group)


def test_a_missing_input_leaves_the_groups_open_and_is_needed(judge, make):
    verdict = judge(make.risk_system(make.risk_version(TABLE)))
    assert (verdict.state, verdict.group, set(verdict.possible)) == ("open", None, {"HR", "SR"})
    assert verdict.needs == ("relapse_site",)


def test_what_a_missing_input_needs_itself_is_needed_instead(judge, make):
    verdict = judge(make.risk_system(make.risk_version(TABLE)), relapse_site=unknown(Gap.NOT_RECORDED, "relapse_date"))
    assert verdict.needs == ("relapse_date",)


def test_a_missing_input_is_not_needed_where_every_row_says_the_same(judge, make):
    verdict = judge(make.risk_system(make.risk_version({"marrow": "HR", "combined": "HR", "extramedullary": "HR"})))
    assert (verdict.state, verdict.group, verdict.row, verdict.needs) == ("decided", "HR", None, ())


@pytest.mark.parametrize(
    ("disease", "state", "needs"),
    [(known("bcp-all"), "decided", ()), (known("t-all"), "not-applicable", ()), (unknown(), "open", ("disease",))],
)
def test_a_table_is_read_only_for_those_it_is_made_for(judge, make, disease, state, needs):
    version = make.risk_version(TABLE, applies={"fact": "disease", "is": "bcp-all"}, not_applicable="for B lineage only")
    verdict = judge(make.risk_system(version), relapse_site="marrow", disease=disease)
    assert (verdict.state, verdict.needs) == (state, needs)
    assert verdict.flags == (("for B lineage only",) if state == "not-applicable" else ())


def test_a_table_that_gives_no_reason_is_not_applicable_without_one(judge, make):
    version = make.risk_version(TABLE, applies={"fact": "disease", "is": "bcp-all"})
    assert judge(make.risk_system(version), disease="t-all").flags == ()


def test_a_lineage_that_is_not_told_is_needed_where_the_text_leaves_it_open(judge, make):
    undecided = {"all": [{"fact": "disease", "is": "all-lineage-unknown"}, {"undecided": "the lineage is not told"}]}
    version = make.risk_version(TABLE, applies=undecided)
    verdict = judge(make.risk_system(version), relapse_site="marrow", disease="all-lineage-unknown")
    assert (verdict.state, verdict.needs) == ("open", ("disease",))


@pytest.mark.parametrize(
    ("diagnosed", "group", "flags"),
    [
        ("1999-12-31", "A", ("not-in-force",)),  # before the first version: the first
        ("2000-01-01", "A", ()),
        ("2009-12-31", "A", ()),
        ("2010-01-01", "B", ()),
        ("2019-12-31", "B", ()),
        ("2020-01-01", "B", ("not-in-force",)),  # after the last version: the last
        ("2009", "A", ()),
    ],
)
def test_the_version_in_force_at_the_diagnosis_is_read(judge, make, diagnosed, group, flags):
    system = make.risk_system(
        make.risk_version({"any": "A"}, until=date(2010, 1, 1)),
        make.risk_version({"any": "B"}, effective=date(2010, 1, 1), until=date(2020, 1, 1)),
    )
    verdict = judge(system, diagnosis_date=day(diagnosed))
    assert (verdict.group, verdict.flags) == (group, flags)


def test_without_a_date_the_newest_version_is_read(judge, make):
    older = make.risk_version({"any": "A"}, until=date(2010, 1, 1))
    assert judge(make.risk_system(older, make.risk_version({"any": "B"}, effective=date(2010, 1, 1)))).group == "B"


def test_a_system_of_relapses_is_dated_by_the_relapse(judge, make):
    system = make.risk_system(make.risk_version({"any": "A"}), dated_by="relapse")
    assert judge(system, diagnosis_date=day("1999-01-01"), relapse_date=day("2001-01-01")).flags == ()
    assert judge(system, diagnosis_date=day("2001-01-01"), relapse_date=day("1999-01-01")).flags == ("not-in-force",)


def test_a_system_that_is_switched_off_or_not_written_down_yet_is_not_encoded(judge, make):
    assert judge(make.risk_system(make.risk_version(TABLE), enabled=False), relapse_site="marrow").state == "not-encoded"
    assert judge(make.risk_system(), relapse_site="marrow").state == "not-encoded"
    recorded = make.risk_system(make.risk_version(TABLE, recorded=date(2031, 1, 2)))
    assert judge(recorded, date(2031, 1, 1), relapse_site="marrow").state == "not-encoded"
    assert judge(recorded, date(2031, 1, 2), relapse_site="marrow").state == "decided"


def test_flags_of_the_inputs_reach_the_verdict(judge, make):
    assert judge(make.risk_system(make.risk_version(TABLE)), relapse_site=known("marrow").flagged("computed")).flags == (
        "computed",
    )


# ---------------------------------------------------------------- what was recorded


def recorded(group, system="EX40", reference="Observation/1"):
    return ReportedRisk(system, group, Evidence(reference, "value", None, group))


def test_a_recorded_group_that_agrees_is_said(judge, make):
    (verdict,), problems = compare_reported((judge(make.risk_system(make.risk_version({"any": "HR"}))),), (recorded("HR"),))
    assert (verdict.group, verdict.flags, problems) == ("HR", ("reported-agrees",), ())


def test_a_recorded_group_that_differs_is_a_conflict_and_changes_nothing(judge, make):
    derived = judge(make.risk_system(make.risk_version({"any": "HR"})))
    (verdict,), problems = compare_reported((derived,), (recorded("SR", reference="Observation/7"),))
    assert (verdict.state, verdict.group, verdict.flags) == ("decided", "HR", ("reported-differs",))
    assert [(problem.code, problem.where) for problem in problems] == [("conflict", "Observation/7 value")]


def test_a_recorded_group_is_shown_where_no_table_is_encoded(judge, make):
    off = judge(make.risk_system(enabled=False))
    (verdict,), problems = compare_reported((off,), (recorded("HR", reference="Observation/7"),))
    assert (verdict.state, verdict.group, verdict.possible, problems) == ("reported", "HR", ("HR",), ())
    assert verdict.evidence == ("Observation/7",)


def test_a_recorded_group_never_fills_an_open_table(judge, make):
    system = make.risk_system(make.risk_version(TABLE), questions={"HR": "More?"})
    (verdict,), problems = compare_reported((judge(system),), (recorded("HR"),))
    assert (verdict.state, verdict.group, verdict.flags, problems) == ("open", None, ("reported-possible",), ())
    assert (verdict.recorded, verdict.question) == ("HR", "More?")


def test_a_recorded_group_that_an_open_table_excludes_is_a_conflict(judge, make):
    system = make.risk_system(make.risk_version(TABLE))
    (verdict,), problems = compare_reported((judge(system),), (recorded("LR"),))
    assert (verdict.state, verdict.group, verdict.flags, verdict.recorded) == ("open", None, ("reported-differs",), "LR")
    (problem,) = problems
    said = f"Recorded EX40 risk group LR; derived from the data received: {' or '.join(verdict.possible)}"
    assert (problem.code, problem.text) == ("conflict", said)


def test_an_open_table_that_leaves_patients_out_excludes_no_group(judge, make):
    system = make.risk_system(make.risk_version(TABLE, partial=True))
    (verdict,), problems = compare_reported((judge(system),), (recorded("LR"),))
    assert (verdict.state, verdict.flags, verdict.recorded, problems) == ("open", ("reported-possible",), "LR", ())


NOT_FOR_THEM = {"fact": "ph", "is": "positive"}


@pytest.mark.parametrize(
    ("name", "dated_by", "item", "conflicts"),
    [
        ("EX40", "diagnosis", recorded("HR"), 1),
        ("EX40", "relapse", recorded("HR"), 0),  # the class of an earlier relapse stays right
        ("NCI", "diagnosis", recorded("HR", system="NCI"), 1),
        ("NCI", "diagnosis", recorded("HR", system=None), 0),  # it may be a group of another system
    ],
)
def test_a_group_recorded_in_a_system_that_is_not_for_the_patient_is_a_conflict(judge, make, name, dated_by, item, conflicts):
    version = make.risk_version(TABLE, applies=NOT_FOR_THEM)
    derived = judge(make.risk_system(version, name=name, dated_by=dated_by), ph=known("negative"))
    (verdict,), problems = compare_reported((derived,), (item,))
    assert (verdict.state, verdict.group, len(problems)) == ("not-applicable", None, conflicts)
    assert ("reported-differs" in verdict.flags) is bool(conflicts)
    assert [problem.text for problem in problems] == conflicts * [
        f"Recorded {name} risk group HR; by the data received the system is not for this patient"
    ]


def dated(group, day, reference):
    return ReportedRisk("EX40", group, Evidence(reference, "value", PartialDate.parse(day), group))


def test_two_groups_recorded_on_one_day_are_a_conflict_and_neither_is_shown(judge, make):
    off = judge(make.risk_system(make.risk_version(TABLE), enabled=False, aliases={"VHR": "HR"}))
    items = (dated("SR", "2031-01-01", "Observation/1"), dated("HR", "2031-01-01", "Observation/2"))
    (verdict,), problems = compare_reported((off,), items)
    assert (verdict.state, verdict.group, verdict.flags) == ("not-encoded", None, ("conflict",))
    assert [(problem.where, problem.text) for problem in problems] == [
        ("Observation/1 value", "Recorded EX40 risk group SR; recorded on one day: SR, HR"),
        ("Observation/2 value", "Recorded EX40 risk group HR; recorded on one day: SR, HR"),
    ]
    items = (dated("VHR", "2031-01-01", "Observation/1"), dated("HR", "2031-01-01", "Observation/2"))
    assert compare_reported((off,), items)[0][0].state == "reported"  # two names of one group
    items = (dated("SR", "2031-01-01", "Observation/1"), dated("HR", "2031-01-02", "Observation/2"))
    (verdict,), problems = compare_reported((off,), items)
    assert (verdict.state, verdict.group, problems) == ("reported", "HR", ())


@pytest.mark.parametrize(("name", "flags"), [("NCI", ("reported-agrees",)), ("EX40", ())])
def test_a_group_recorded_without_a_system_is_compared_with_the_nci_groups_only(judge, make, name, flags):
    derived = judge(make.risk_system(make.risk_version({"any": "HR"}), name=name))
    (verdict,), _ = compare_reported((derived,), (recorded("HR", system=None),))
    assert verdict.flags == flags
