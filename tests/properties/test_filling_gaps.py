"""A verdict that missing data left decided stays decided, whatever the missing datum turns out to be."""

from datetime import date
from decimal import Decimal
from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from service.facts.catalogue import CATALOGUE, FactSpec, Kind
from service.logic.dates import Age, PartialDate, add_months
from service.logic.fact import Fact, known, unknown
from service.logic.interval import Interval
from tests.case_runners.knowledge import shipped_rules
from tests.judged import judge_risk_groups, judge_therapies

DAYS = [date(2018, 8, 25), date(2022, 3, 1), date(2024, 6, 1), date(2025, 1, 20), date(2026, 11, 22)]
KNOWN_BY = date(2026, 11, 22)
AGES_IN_MONTHS = [0, 1, 11, 12, 119, 120, 215, 216, 299, 300, 311, 312, 313, 600]
NUMBERS = [Decimal(number) for number in ("0", "0.05", "0.0999", "0.1", "0.5", "20", "49.9", "50", "100")]
COUNTS = [Decimal(number) for number in (0, 1, 2, 3)]
REGULATORS = ("EMA", "FDA", "AEMPS")


# Remembered: to make a strategy anew takes longer than to draw from it.
@cache
def names_in_rules():
    rules = shipped_rules()
    inputs = {name for system in rules.library.risk_systems.values() for version in system.versions for name in version.inputs}
    # trials have laws of their own, and may ask what the caller tells
    tests = [node for key, node in rules.tests.items() if not key.startswith("trial ")]
    return sorted({name for node in tests for name in node.fact_names} | (inputs & CATALOGUE.keys()))


def intervals(points):
    ends = st.sampled_from(points)
    pair = st.tuples(ends, ends).map(lambda two: Interval(min(two), max(two)))
    half = ends.map(lambda end: Interval(end, None)) | ends.map(lambda end: Interval(None, end, high_inclusive=False))
    return ends.map(Interval.point) | pair | half


@cache
def exact(spec: FactSpec, on: date):
    match spec.kind:
        case Kind.TRUTH:
            return st.booleans()
        case Kind.WORD:
            return st.sampled_from(spec.values)
        case Kind.NUMBER:
            return st.sampled_from(NUMBERS).map(Interval.point)
        case Kind.COUNT:
            return st.sampled_from(COUNTS).map(Interval.point)
        case Kind.AGE:
            born = st.sampled_from(AGES_IN_MONTHS).map(lambda months: PartialDate.of_day(add_months(on, -months)))
            return born.map(lambda birth: Age(birth, PartialDate.of_day(on)))
        case _:
            return None


@cache
def loose(spec: FactSpec, on: date):
    points = {Kind.NUMBER: NUMBERS, Kind.COUNT: COUNTS}.get(spec.kind)
    return intervals(points) if points is not None else exact(spec, on)


@st.composite
def situations(draw):
    """Facts with gaps, one gap, and what it turns out to be."""
    on = draw(st.sampled_from(DAYS))
    facts: dict[str, Fact[object]] = {name: unknown() for name in CATALOGUE}
    usable = [name for name in names_in_rules() if exact(CATALOGUE[name], on) is not None]
    for name in usable:
        if draw(st.booleans()):
            facts[name] = known(draw(loose(CATALOGUE[name], on)))
    if draw(st.integers(0, 3)):
        facts["disease"] = known("bcp-all")
    gap = draw(st.sampled_from([name for name in usable if not facts[name].is_known] or usable))
    return on, facts, {**facts, gap: known(draw(loose(CATALOGUE[gap], on)))}


@given(situations())
@settings(max_examples=250)
def test_filling_a_gap_never_reverses_a_decided_therapy_verdict(situation):
    on, before, after = situation
    if any(before[name].is_known and before[name] is not after[name] for name in before):
        return
    verdicts = [judge_therapies(facts, shipped_rules(), on, KNOWN_BY, REGULATORS) for facts in (before, after)]
    for old, new in zip(*verdicts, strict=True):
        if old.verdict != "undetermined":
            assert new.verdict == old.verdict, old.key


@given(situations())
@settings(max_examples=120)
def test_filling_a_gap_never_adds_a_risk_group(situation):
    _, before, after = situation
    if any(before[name].is_known and before[name] is not after[name] for name in before):
        return
    verdicts = [judge_risk_groups(facts, shipped_rules(), KNOWN_BY) for facts in (before, after)]
    for old, new in zip(*verdicts, strict=True):
        if old.state == "open":
            assert set(new.possible) <= set(old.possible), old.system.system
        elif old.state == "not-encoded":
            # nobody was told a group; more facts may show that the system is not for this patient at all
            assert new.state in {"not-encoded", "not-applicable"}, old.system.system
        else:
            assert (new.state, new.group) == (old.state, old.group), old.system.system


@st.composite
def narrowed_intervals(draw):
    """An interval of a count or number and a point inside it, all else known."""
    on, facts, _ = draw(situations())
    name = draw(st.sampled_from([name for name in names_in_rules() if CATALOGUE[name].kind in {Kind.NUMBER, Kind.COUNT}]))
    points = NUMBERS if CATALOGUE[name].kind is Kind.NUMBER else COUNTS
    low, point, high = sorted(draw(st.tuples(*[st.sampled_from(points)] * 3)))
    return on, {**facts, name: known(Interval(low, high))}, {**facts, name: known(Interval.point(point))}


@given(narrowed_intervals())
@settings(max_examples=120)
def test_a_more_precise_number_never_reverses_a_decided_therapy_verdict(situation):
    on, before, after = situation
    verdicts = [judge_therapies(facts, shipped_rules(), on, KNOWN_BY, REGULATORS) for facts in (before, after)]
    for old, new in zip(*verdicts, strict=True):
        if old.verdict != "undetermined":
            assert new.verdict == old.verdict, old.key
