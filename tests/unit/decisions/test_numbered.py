"""All tests at once say what each test says by itself."""

import copy
import pickle
from datetime import date, timedelta
from decimal import Decimal

import pytest

from service.decisions import labels_on_file
from service.decisions.labels_on_file import label_on_file
from service.decisions.predicate import Looks
from service.logic.dates import Age, PartialDate, Span
from service.logic.fact import Gap, conflicting, known, unknown
from service.logic.interval import Interval
from service.logic.truth import Truth
from tests.judged import judge_therapies

DAY = date(2031, 5, 6)
CD19, CD22 = {"fact": "cd19", "is": "positive"}, {"fact": "cd22", "is": "positive"}
OPEN = {"undecided": "the text leaves it open"}
Y, N, U = Truth.YES, Truth.NO, Truth.UNKNOWN
SAID = {Y: known("positive"), N: known("negative"), U: unknown(Gap.NOT_RECORDED, "cd19")}

# Kleene: what the parts are, and what all, any and none of them is.
TABLE = [
    ((Y, Y), Y, Y, N),
    ((Y, N), N, Y, N),
    ((Y, U), U, Y, N),
    ((N, Y), N, Y, N),
    ((N, N), N, N, Y),
    ((N, U), N, U, U),
    ((U, Y), U, Y, N),
    ((U, N), N, U, U),
    ((U, U), U, U, U),
]


@pytest.fixture
def four(bound, make):
    """Rules with all, any and none of two tests, one that is never decided, and a number."""
    parts = [CD19, CD22]
    tests = {"all": {"all": parts}, "any": {"any": parts}, "none": {"none": parts}, "open": {"all": [CD19, OPEN]}}
    blasts = make.criterion("blasts", {"fact": "marrow_blasts_percent", "at_least": Decimal(5)})
    return bound(make.therapy(*(make.criterion(name, test) for name, test in tests.items()), blasts))


def truths(rules, looks, *names):
    return tuple(looks.truth(rules.tests[f"E-EXA-1 0 {name}"]) for name in names)


@pytest.mark.parametrize(("parts", "every", "some", "neither"), TABLE)
def test_joint_tests_follow_kleene(four, facts, parts, every, some, neither):
    looks = four.looks({**facts, "cd19": SAID[parts[0]], "cd22": SAID[parts[1]]})
    assert truths(four, looks, "all", "any", "none") == (every, some, neither)


@pytest.mark.parametrize(("parts", "every", "some", "neither"), TABLE)
@pytest.mark.parametrize("before", [Y, N, U])
def test_changed_facts_say_what_they_would_have_said_from_the_beginning(four, facts, parts, every, some, neither, before):
    changes = {"cd19": SAID[parts[0]], "cd22": SAID[parts[1]]}
    first = four.looks({**facts, "cd19": SAID[before], "cd22": SAID[before]})
    assert truths(four, first.changed(changes), "all", "any", "none") == (every, some, neither)
    one_by_one = first.changed({"cd19": changes["cd19"]}).changed({"cd22": changes["cd22"]})
    assert truths(four, one_by_one, "all", "any", "none") == (every, some, neither)
    assert first.facts["cd19"] is SAID[before]


@pytest.mark.parametrize(("cd19", "truth"), [(Y, U), (N, N), (U, U)])
def test_a_test_that_is_never_decided_holds_nothing_up(four, facts, cd19, truth):
    assert truths(four, four.looks({**facts, "cd19": SAID[cd19]}), "open") == (truth,)


@pytest.mark.parametrize(("low", "high", "truth"), [("5", "5", Y), ("4.9", "4.9", N), ("4.9", "5", U), ("5", "6", Y)])
def test_numbers_are_compared_as_whole_intervals(four, facts, low, high, truth):
    looks = four.looks({**facts, "marrow_blasts_percent": known(Interval(Decimal(low), Decimal(high)))})
    assert truths(four, looks, "blasts") == (truth,)


SPANS = ("29 d", "1 mo", "1 a", "1 a 1 d", "18 a", "25 a", "25 a 1 d", "366 d")


@pytest.mark.parametrize(
    "day", ["2006-05-06", "2006-05-05", "2005-05-06", "2013-05-06", "2013-05-07", "2030-05-06", "2030-05-05"]
)
@pytest.mark.parametrize("years", [0, 1, 12])
def test_ages_are_compared_as_each_span_compares_them(bound, facts, make, day, years):
    """The spans in their order, and those that have none among them; a birth known by the day, and within some years."""
    tests = {span: {"fact": "age_years", "at_least": span} for span in SPANS}
    tests |= {f"below {span}": {"fact": "age_years", "below": span} for span in SPANS}
    rules = bound(make.therapy(*(make.criterion(name, test) for name, test in tests.items())))
    born = date.fromisoformat(day)
    age = Age(PartialDate(born, born.replace(year=born.year + years), ""), PartialDate.of_day(DAY))
    record = {**facts, "age_years": known(age)}
    said = [each.truth(record) for each in rules.tests.values()]
    assert [rules.looks(record).truth(each) for each in rules.tests.values()] == said
    assert rules.numbered.by_fact["age_years"].ages.spans == tuple(Span.parse(span) for span in SPANS[1:7])


def test_a_value_of_another_kind_than_an_age_leaves_it_open(bound, facts, make):
    rules = bound(make.therapy(make.criterion("adult", {"fact": "age_years", "at_least": "18 a"})))
    assert truths(rules, rules.looks({**facts, "age_years": known("old")}), "adult") == (U,)


def test_what_is_contradicted_or_not_among_the_facts_is_unknown(four):
    assert truths(four, four.looks({"cd19": conflicting(())}), "all", "any", "none") == (U, U, U)


def test_a_fact_that_no_test_reads_changes_nothing(four, facts):
    looks = four.looks({**facts, "cd19": SAID[Y], "cd22": SAID[N]})
    assert looks.changed({"sex": known("female")}).bits == looks.bits


def test_looks_of_other_rules_are_taken_anew(four, facts):
    theirs = Looks({**facts, "cd19": SAID[Y], "cd22": SAID[Y]})
    assert four.own(theirs).bits == four.looks(theirs.facts).bits
    own = four.looks(facts)
    assert four.own(own) is own


def test_looks_at_diagnosis_are_those_of_now_unless_something_was_otherwise(four, facts):
    now = four.looks({**facts, "cd19": SAID[Y], "cd22": SAID[Y]})
    assert now.of_episodes({}, {}) is now
    assert now.at_diagnosis is now
    both = now.of_episodes({"cd19": SAID[U]}, {"cd22": SAID[N]})
    assert (truths(four, both, "all"), truths(four, both.at_diagnosis, "all")) == ((U,), (N,))
    theirs = Looks(now.facts).of_episodes({"cd19": SAID[U]}, {"cd22": SAID[N]})
    assert (truths(four, four.own(theirs), "all"), truths(four, four.own(theirs).at_diagnosis, "all")) == ((U,), (N,))


def test_what_changes_later_changes_both(four, facts):
    both = four.looks({**facts, "cd19": SAID[Y], "cd22": SAID[Y]}).of_episodes({}, {"cd19": SAID[U]})
    changed = both.changed({"cd22": SAID[N]})
    assert (truths(four, changed, "all"), truths(four, changed.at_diagnosis, "all")) == ((N,), (N,))
    assert truths(four, both.at_diagnosis, "all") == (U,)


@pytest.mark.parametrize("send", [pickle.dumps, copy.deepcopy])
def test_numbered_tests_are_not_sent_elsewhere_where_their_numbers_would_be_those_of_others(four, send):
    with pytest.raises(TypeError, match="bound anew"):
        send(four)


def test_a_label_is_bound_once_for_a_day_and_many_days_are_answered_alike(make, bound, facts, monkeypatch):
    monkeypatch.setattr(labels_on_file, "_REMEMBERED", 3)
    rules = bound(make.therapy(make.criterion("cd19", CD19), effective=date(2031, 5, 8)))
    (therapy,) = rules.library.therapies.values()
    assert label_on_file(therapy, "EMA", rules, DAY, DAY) is label_on_file(therapy, "EMA", rules, DAY, DAY)
    days = [DAY + timedelta(number) for number in range(5)]
    record = {**facts, "cd19": SAID[Y]}
    standing = [judge_therapies(record, rules, day, day, ("EMA",))[0].verdict for day in (*days, *days)]
    assert standing == [*["not-approved"] * 2, *["on-label"] * 3] * 2
