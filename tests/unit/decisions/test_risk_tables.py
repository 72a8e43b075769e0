"""Columns and rows of risk tables: definitions, unverified matter, other methods, overlays, allocation."""

from datetime import date
from decimal import Decimal

import pytest

from service.decisions.risk import allocate_reported, compare_reported
from service.errors import KnowledgeError
from service.facts.catalogue import ReportedRisk
from service.logic.fact import Evidence, known
from service.logic.interval import Interval
from tests.judged import judge_risk_group, judge_risk_groups

LATER = date(2040, 1, 1)
PH = {"fact": "ph", "is": "positive"}


@pytest.fixture
def judge(bound, facts):
    """The verdict of the one system among the rows on a record in which only the named facts are known."""

    def verdict(*rows, reported=None, **given):
        values = {name: value if hasattr(value, "state") else known(value) for name, value in given.items()}
        rules, record = bound(*rows), {**facts, **values}
        verdicts = judge_risk_groups(record, rules, LATER)
        if reported:
            item = ReportedRisk("EX40", reported, Evidence("Observation/1", "", None, reported))
            verdicts = allocate_reported(compare_reported(verdicts, (item,))[0], rules.looks(record), rules)
        return verdicts[0]

    return verdict


def mrd(low, high=None, method=None):
    value = Interval(Decimal(low), Decimal(high if high is not None else low))
    return known(value, beside=(("method", method),) if method else ())


def of_one_day(low, high, **methods):
    beside = tuple((method, Interval.point(Decimal(percent))) for method, percent in methods.items())
    return known(Interval(Decimal(low), Decimal(high)), beside=beside, flags=("discordant", "methods-differ"))


# ---------------------------------------------------------------- definitions as columns


def test_a_definition_is_read_as_yes_and_no(judge, make):
    system = make.risk_system(make.risk_version({"yes": "HR", "no": "SR"}, of="positive"))
    rows = (make.definition("positive", PH), system)
    assert judge(*rows, ph="positive").group == "HR"
    assert judge(*rows, ph="negative").group == "SR"
    assert judge(*rows).needs == ("ph",)


def test_a_word_that_a_definition_never_says_is_a_fault(bound, make):
    system = make.risk_system(make.risk_version({"maybe": "HR"}, of="positive"))
    with pytest.raises(KnowledgeError, match="positive is never 'maybe'"):
        bound(make.definition("positive", PH), system)


def test_an_unverified_definition_never_surely_says_yes(judge, make):
    system = make.risk_system(make.risk_version({"yes": "HR", "no": "SR"}, of="positive"))
    rows = (make.definition("positive", PH, verification="B"), system)
    found = judge(*rows, ph="positive")
    assert (found.state, set(found.possible), found.needs, found.flags) == ("open", {"HR", "SR"}, (), ("unverified",))
    assert judge(*rows, ph="negative").group == "SR"


def test_what_both_answers_of_an_unverified_definition_lead_to_is_decided(judge, make):
    system = make.risk_system(make.risk_version({"yes": "HR", "no": "HR"}, of="positive"))
    found = judge(make.definition("positive", PH, verification="B"), system, ph="positive")
    assert (found.state, found.group, found.flags) == ("decided", "HR", ())


def test_a_number_at_a_limit_that_the_text_leaves_open_is_asked_for_again(judge, make):
    limit, name = Decimal("0.01"), "mrd_percent"
    at_limit = {"all": [{"fact": name, "at_least": limit}, {"fact": name, "at_most": limit}, {"undecided": "> or >="}]}
    test = {"any": [{"fact": name, "above": limit}, at_limit]}
    rows = (make.definition("high", test), make.risk_system(make.risk_version({"yes": "HR", "no": "SR"}, of="high")))
    assert judge(*rows, mrd_percent=mrd("0.01")).needs == ("mrd_percent",)
    assert judge(*rows, mrd_percent=mrd("0.02")).group == "HR"


def test_a_lineage_that_is_not_told_is_no_value_of_a_row(judge, make):
    system = make.risk_system(make.risk_version({"t-all": "HR", "not t-all": "SR"}, of="disease"))
    found = judge(system, disease="all-lineage-unknown")
    assert (found.state, set(found.possible), found.needs) == ("open", {"HR", "SR"}, ("disease",))


# ---------------------------------------------------------------- rows that nobody read


def with_marks(version, **marks):
    return {**version, "rows": [{**row, **marks.get(row["then"], {})} for row in version["rows"]]}


def test_an_unverified_row_names_a_candidate_and_decides_nothing(judge, make):
    version = with_marks(make.risk_version({"marrow": "HR", "combined | extramedullary": "SR"}), SR={"verification": "B"})
    system = make.risk_system(version)
    found = judge(system, relapse_site="combined")
    assert (found.state, found.group, found.possible, found.candidate, found.flags) == (
        "not-encoded",
        None,
        (),
        "SR?",
        ("unverified",),
    )
    assert judge(system, relapse_site="marrow").group == "HR"
    found = judge(system)
    assert (found.state, found.possible, found.needs) == ("open", ("HR", "SR?"), ("relapse_site",))


def test_an_unverified_row_of_one_verified_pair_leaves_the_pair(judge, make):
    version = with_marks(
        make.risk_version({"marrow": "S4", "combined | extramedullary": "S1"}), S4={"verification": "B", "among": ["S3", "S4"]}
    )
    found = judge(make.risk_system({**version, "outcomes": ["S1", "S3", "S4"]}), relapse_site="marrow")
    assert (found.state, found.possible, found.candidate, found.flags) == ("open", ("S3", "S4"), "S4?", ("unverified",))


def test_where_no_row_speaks_nothing_is_encoded(judge, make):
    system = make.risk_system(make.risk_version({"marrow": "HR"}, partial=True))
    assert judge(system, relapse_site="combined").state == "not-encoded"
    found = judge(system)
    assert (found.state, found.possible, found.needs) == ("open", ("HR",), ("relapse_site",))


def test_a_recorded_group_fills_what_only_candidates_speak_of(judge, make):
    version = with_marks(
        make.risk_version({"marrow": "HR", "not marrow": "SR"}), SR={"verification": "B"}, HR={"verification": "B"}
    )
    system = make.risk_system(version, questions={"HR": "More?"}, aliases={"VHR": "HR"})
    found = judge(system, reported="VHR")
    assert (found.state, found.group, found.question) == ("reported", "VHR", "More?")


def test_another_name_of_the_derived_group_agrees_with_it(judge, make):
    system = make.risk_system(make.risk_version({"any": "HR"}), aliases={"VHR": "HR"})
    assert judge(system, reported="VHR").flags == ("reported-agrees",)


# ---------------------------------------------------------------- methods


@pytest.mark.parametrize(
    ("value", "group", "flags"),
    [
        (mrd("0.01", method="flow"), "HR", ()),
        (mrd("0.0099", method="flow"), "SR", ()),
        (mrd("0.01"), "HR", ()),  # a method that is not recorded is taken for the right one
        (mrd("0.1001", method="pcr"), "HR", ("other-method",)),
        (mrd("0.1", method="pcr"), None, ("other-method",)),
        (mrd("0.001", method="pcr"), None, ("other-method",)),
        (mrd("0.00099", method="pcr"), "SR", ("other-method",)),
        (known(Interval(None, Decimal("0.0005"), high_inclusive=False), beside=(("method", "pcr"),)), "SR", ("other-method",)),
        (known(Interval(Decimal("0.5"), None), beside=(("method", "pcr"),)), "HR", ("other-method",)),
        (of_one_day("0.005", "0.02", flow="0.005", pcr="0.02"), "SR", ("discordant", "methods-differ")),
        (of_one_day("0.005", "0.02", flow="0.02", pcr="0.005"), "HR", ("discordant", "methods-differ")),
        (of_one_day("0.05", "0.2", ngs="0.05", pcr="0.2"), None, ("discordant", "methods-differ", "other-method")),
        (of_one_day("0.2", "0.5", ngs="0.2", pcr="0.5"), "HR", ("discordant", "methods-differ", "other-method")),
    ],
)
def test_another_method_counts_only_more_than_ten_times_away_from_the_limit(judge, make, value, group, flags):
    version = make.risk_version({"< 0.01": "SR", ">= 0.01": "HR"}, of="mrd_percent")
    system = make.risk_system({**version, "methods": {"mrd_percent": "flow"}, "other_method_factor": 10})
    found = judge(system, mrd_percent=value)
    assert (found.group, found.flags) == (group, flags)


# ---------------------------------------------------------------- overlays


def test_an_overlay_is_a_flag_and_a_question_and_no_group(judge, make):
    overlay = {"flag": "Ph", "test": PH, "question": "Which?"}
    off = make.risk_system(make.risk_version({"any": "HR"}), enabled=False, overlays=[overlay])
    found = judge(off, ph=known("positive", (Evidence("Observation/2", "", None, ""),)))
    assert (found.state, found.flags, found.question, found.evidence) == ("not-encoded", ("Ph",), "Which?", ("Observation/2",))
    assert judge(off, ph="negative").flags == ()
    assert judge(off).question is None
    on = make.risk_system(make.risk_version({"any": "HR"}), overlays=[overlay], questions={"HR": "More?"})
    assert judge(on, ph="positive").question == "More?; Which?"


def test_an_overlay_in_place_of_the_table_silences_candidates_only(judge, make):
    version = with_marks(make.risk_version({"marrow": "HR", "not marrow": "SR"}), SR={"verification": "B"})
    system = make.risk_system(version, overlays=[{"flag": "Ph", "test": PH, "instead": True}])
    found = judge(system, ph="positive", relapse_site="combined")
    assert (found.state, found.candidate, found.flags) == ("not-encoded", None, ("Ph",))
    assert judge(system, ph="positive", relapse_site="marrow").group == "HR"


def test_a_system_that_is_switched_off_still_says_whom_it_is_not_for(judge, make):
    version = make.risk_version({"any": "HR"}, applies=PH, not_applicable="for Ph-positive only")
    off = make.risk_system(version, enabled=False)
    assert judge(off, ph="negative").state == "not-applicable"
    assert judge(off).state == "not-encoded"


# ---------------------------------------------------------------- allocation


def allocation(*rows, inputs=("group", "pregnant"), **more):
    return {
        "says": "After induction",
        "inputs": list(inputs),
        "outcomes": ["more", "less"],
        "rows": list(rows),
        "verification": "V",
        "sources": ["label"],
        **more,
    }


RULED = allocation(
    {"id": "high", "when": {"group": "HR"}, "then": "more"},
    {"id": "low-yes", "when": {"group": "SR", "pregnant": "yes"}, "then": "more"},
    {"id": "low-no", "when": {"group": "SR", "pregnant": "no"}, "then": "less"},
    {"id": "low-unknown", "when": {"group": "SR", "pregnant": "unknown"}, "then": "less"},
)


def test_an_allocation_stands_beside_the_group(judge, make):
    version = make.risk_version({"marrow": "HR", "not marrow": "SR"}, allocation=RULED)
    found = judge(make.risk_system(version), relapse_site="marrow")
    assert (found.group, found.allocation.to, found.allocation.row) == ("HR", "more", "high")
    found = judge(make.risk_system(version), relapse_site="combined", pregnant=True)
    assert (found.group, found.allocation.to) == ("SR", "more")


def test_a_rule_for_a_missing_result_decides_and_says_so(judge, make):
    version = make.risk_version({"marrow": "HR", "not marrow": "SR"}, allocation=RULED)
    found = judge(make.risk_system(version), relapse_site="combined")
    assert (found.allocation.to, found.allocation.row, found.allocation.flags) == ("less", "low-unknown", ("unknown-by-rule",))


def test_an_open_allocation_asks_for_what_its_rule_takes_as_missing(judge, make):
    found = judge(make.risk_system(make.risk_version({"marrow": "HR", "not marrow": "SR"}, allocation=RULED)))
    assert (found.allocation.to, set(found.allocation.possible), found.allocation.needs) == (
        None,
        {"more", "less"},
        ("pregnant",),
    )


def test_a_group_that_is_not_encoded_is_allocated_as_recorded(judge, make):
    version = make.risk_version({}, partial=True, outcomes=["SR", "HR"], allocation=RULED)
    system = make.risk_system(version, aliases={"VHR": "HR"})
    assert judge(system).needs == ("pregnant",)
    assert judge(system, reported="VHR").allocation.to == "more"
    assert judge(system, reported="SR", pregnant=False).allocation.to == "less"


def test_an_allocation_that_does_not_speak_of_a_group_is_none(judge, make):
    only = allocation({"id": "high", "when": {"group": "HR"}, "then": "more"}, inputs=("group",), partial=True)
    system = make.risk_system(make.risk_version({"marrow": "HR", "not marrow": "SR"}, allocation=only))
    assert judge(system, relapse_site="combined").allocation is None
    assert judge(system, relapse_site="marrow").allocation.to == "more"


def test_a_recorded_group_of_a_system_without_tables_is_allocated_nothing(judge, make):
    assert judge(make.risk_system(), reported="HR").allocation is None


def test_an_open_group_whose_own_rows_need_nothing_needs_what_its_allocation_needs(judge, make):
    version = make.risk_version({"yes": "HR"}, of="positive", partial=True, allocation=RULED)
    found = judge(make.definition("positive", PH, verification="B"), make.risk_system(version), ph="positive")
    assert (found.state, found.needs) == ("open", ("pregnant",))


def test_the_first_row_that_surely_holds_answers(judge, make):
    system = make.risk_system(make.risk_version({"marrow": "HR", "any": "SR"}, hit="first"))
    assert judge(system, relapse_site="marrow").group == "HR"
    assert judge(system, relapse_site="combined").group == "SR"
    assert judge(system).possible == ("HR", "SR")


def test_one_system_is_judged_whatever_was_known_when(bound, facts, make):
    system = make.risk_system(make.risk_version({"any": "HR"}))
    assert judge_risk_group(system, facts, bound(system)).group == "HR"
