"""Choosing among results: the newest day, contradictions said once, statements against other evidence."""

import pytest

from service.facts.choose import in_time, newest, not_readable, report, settle
from service.logic.dates import PartialDate
from service.logic.fact import Evidence, Gap, State, conflicting, known, unknown


@pytest.mark.parametrize(
    ("days", "chosen"),
    [
        ([], []),
        ([None, None], [None, None]),  # nothing is dated: all of them
        ([None, "2026-01-01"], ["2026-01-01"]),  # an undated one is never newer than a dated one
        (["2026-01-02", "2026-01-01"], ["2026-01-02"]),
        (["2026-01-02", "2026-01-02"], ["2026-01-02", "2026-01-02"]),
        (["2026-01", "2026-01-20"], ["2026-01-20", "2026-01"]),  # the month may hold a day as new as the newest
        (["2025", "2026-01-20"], ["2026-01-20"]),
        (["2026-01-31", "2026-02"], ["2026-02"]),
    ],
)
def test_the_newest_are_those_that_may_be_of_the_newest_day(reading, days, chosen):
    found = newest([reading("ecog", on=day) for day in days])
    texts = [item.when.text if item.when else None for item in found]
    assert sorted(texts, key=str) == sorted(chosen, key=str)


def test_a_contradiction_is_said_once(view_of):
    view = view_of()
    torn = (Evidence("Observation/1", "value", None, "a"), Evidence("Observation/2", "", None, "b"))
    report(view, torn, "They disagree")
    report(view, torn, "They disagree")
    assert [(problem.code, problem.where) for problem in view.problems] == [("conflict", "Observation/1 value, Observation/2")]


def test_a_statement_that_is_not_readable_is_noted_once(view_of, reading):
    view, said = view_of(), reading("relapse-status")
    not_readable(view, [said])
    not_readable(view, [said])
    assert [(problem.code, problem.where) for problem in view.problems] == [("unreadable", "Observation/1 value")]


def seen(value, day, reference, **more):
    when = PartialDate.parse(day) if day else None
    return known(value, (Evidence(reference, "value", when, str(value)),), **more)


def stated(value, day):
    return seen(value, day, "Observation/stated", rule="stated")


def derived(value, day):
    return seen(value, day, "Observation/seen", rule="derived")


@pytest.mark.parametrize(
    ("statement", "other", "rule", "conflict"),
    [
        (None, derived("a", "2026-01-01"), "derived", False),
        (stated("a", "2026-01-02"), unknown(), "stated", False),
        (stated("a", "2026-01-02"), derived("a", "2026-01-03"), "stated", False),  # they agree
        (stated("a", "2026-01-02"), derived("b", "2026-01-01"), "stated", True),
        (stated("a", "2026-01-02"), derived("b", "2026-01-02"), "stated", True),  # of its own date or earlier
        (stated("a", "2026-01-02"), derived("b", "2026-01-03"), "derived", True),
        (stated("a", "2026-01"), derived("b", "2026-01-20"), "stated", True),  # surely newer only after the month
        (stated("a", None), derived("b", "2026-01-01"), "derived", True),  # without a date it outranks nothing that is dated
        (stated("a", None), derived("b", None), "stated", True),
        (stated("a", "2026-01-02"), derived("b", None), "stated", True),
    ],
)
def test_a_statement_outranks_evidence_of_its_own_date_or_earlier(view_of, statement, other, rule, conflict):
    view = view_of()
    fact = settle(view, "disease_state", other, statement)
    assert fact.rule == rule
    assert bool(view.problems) is conflict
    assert ("conflict" in fact.flags) is conflict


@pytest.mark.parametrize(
    "unreadable",
    [
        unknown(Gap.UNREADABLE, evidence=stated("a", "2026-01-02").evidence),
        conflicting(stated("a", "2026-01-02").evidence),
    ],
)
@pytest.mark.parametrize(("day", "is_known"), [("2026-01-01", False), ("2026-01-02", False), ("2026-01-03", True)])
def test_a_statement_without_an_answer_stands_against_evidence_of_its_own_date_or_earlier(view_of, unreadable, day, is_known):
    fact = settle(view_of(), "disease_state", derived("b", day), unreadable)
    assert (fact.state is State.KNOWN) is is_known


def test_a_statement_that_agrees_keeps_what_stands_beside_the_result(view_of):
    result = seen("positive", "2026-01-01", "Observation/seen", beside=(("percent", 98),), flags=("dim", "computed"), unit="%")
    fact = settle(view_of(), "cd19", result, stated("positive", "2026-01-02"))
    assert dict(fact.beside) == {"percent": 98}
    assert (fact.flags, fact.unit) == (("dim",), "%")
    assert [item.reference for item in fact.evidence] == ["Observation/stated", "Observation/seen"]


def test_what_loses_is_kept_as_set_aside(view_of):
    fact = settle(view_of(), "disease_state", derived("b", "2026-01-03"), stated("a", "2026-01-02"))
    assert [item.reference for item in fact.set_aside] == ["Observation/stated"]


@pytest.mark.parametrize(
    ("written", "in_order"),
    [
        (["01T09:00:00+02:00", "01T08:00:00Z"], ["01T09:00:00+02:00", "01T08:00:00Z"]),  # 07:00 in UTC comes first
        (["01T08:00:00Z", "01T09:00:00+02:00"], ["01T09:00:00+02:00", "01T08:00:00Z"]),
        (["01T08:00:00Z", "01T09:00:00+02:00", "01T08:30:00"], ["01T08:00:00Z", "01T08:30:00", "01T09:00:00+02:00"]),
        (["02T07:00:00Z", "01T08:00:00Z"], ["01T08:00:00Z", "02T07:00:00Z"]),  # the day comes before the time
        (["01T08:00:00Z", "01T08:00:00Z"], ["01T08:00:00Z", "01T08:00:00Z"]),
        # another day is another comparison, and what has no time or no date stays first
        (
            ["02T08:30:00", "01T08:00:00Z", "01", None, "01T09:00:00+02:00"],
            [None, "01", "01T09:00:00+02:00", "01T08:00:00Z", "02T08:30:00"],
        ),
    ],
)
def test_results_of_one_day_stand_in_the_order_of_their_instants(reading, written, in_order):
    found = in_time(reading("ecog", on=day and f"2026-01-{day}") for day in written)
    told = [item.when and f"{item.when.text[8:]}{'T' if item.when.moment else ''}{item.when.moment}" for item in found]
    assert told == in_order
