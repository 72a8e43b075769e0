"""The catalogue: every fact once, with the values it may turn out to have."""

from decimal import Decimal

import pytest

from service.facts.catalogue import CATALOGUE, Kind, derive, is_yes
from service.facts.derived import derive_facts
from service.logic.fact import Gap, State, known, unknown
from service.logic.interval import Interval
from service.record.record import PatientRecord, Unread
from tests.unit.facts.conftest import DAY


def test_a_fact_is_derived_once():
    before = dict(CATALOGUE)
    with pytest.raises(ValueError, match="the fact cd19 is derived twice"):
        derive("cd19", Kind.WORD)(lambda _: unknown())
    assert before == CATALOGUE


@pytest.mark.parametrize(
    ("name", "kind", "candidates"),
    [
        ("pregnant", Kind.TRUTH, (True, False)),
        ("cd19", Kind.WORD, ("positive", "negative")),
        ("mrd_percent", Kind.NUMBER, tuple(Interval.point(Decimal(n)) for n in (0, 1000000))),
        ("relapse_count", Kind.COUNT, tuple(Interval.point(Decimal(n)) for n in (0, 1, 2, 9))),
        ("diagnosis_date", Kind.DATE, ()),
        ("age_years", Kind.AGE, ()),
        ("hypersensitivity", Kind.WORDS, ()),
    ],
)
def test_a_missing_fact_is_supposed_to_have_each_of_its_values(name, kind, candidates):
    assert CATALOGUE[name].kind is kind
    assert CATALOGUE[name].candidates() == candidates


def test_an_empty_record_has_every_fact_and_knows_none(rules):
    derived = derive_facts(PatientRecord("Patient/p"), rules.limits_on(DAY, DAY), DAY)
    assert list(derived.facts) == list(CATALOGUE)
    assert [name for name, fact in derived.facts.items() if fact.state is not State.UNKNOWN] == []
    assert [name for name, fact in derived.facts.items() if not fact.needs] == []
    assert (derived.problems, derived.reported_risks) == ((), ())


@pytest.mark.parametrize(("about", "gap"), [("cd19-blasts", Gap.UNREADABLE), ("ecog", Gap.NOT_RECORDED)])
def test_a_broken_resource_about_a_fact_is_its_gap(view_of, about, gap):
    view = view_of(unreadable=(Unread(frozenset({about}), "Observation/9", "valueQuantity"),))
    fact = view.fact("cd19")
    assert (fact.gap, fact.needs) == (gap, ("cd19",))
    assert [item.reference for item in fact.evidence] == (["Observation/9"] if gap is Gap.UNREADABLE else [])


def test_a_broken_resource_about_something_else_hides_no_result_that_could_be_read(view_of, reading):
    broken = Unread(frozenset({"ecog"}), "Observation/9", "valueQuantity")
    assert view_of(reading("marrow-blasts", number=95), unreadable=(broken,)).fact("marrow_blasts_percent").is_known


def test_a_broken_marrow_may_be_the_newest(view_of, reading):
    broken = Unread(frozenset({"marrow-blasts"}), "Observation/9", "valueQuantity")
    fact = view_of(reading("marrow-blasts", number=95), unreadable=(broken,)).fact("marrow_blasts_percent")
    assert fact.gap is Gap.UNREADABLE


def test_a_broken_antigen_result_may_be_the_newest(view_of, reading):
    broken = Unread(frozenset({"cd19-blasts"}), "Observation/9", "valueQuantity")
    assert view_of(reading("cd19-blasts", number=95), unreadable=(broken,)).fact("cd19").gap is Gap.UNREADABLE


@pytest.mark.parametrize(("fact", "yes"), [(known(value=True), True), (known(value=False), False), (unknown(), False)])
def test_only_a_known_truth_is_yes(fact, yes):
    assert is_yes(fact) is yes
