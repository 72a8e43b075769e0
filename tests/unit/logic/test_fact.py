"""A fact is a value or a gap, and says which."""

from service.logic.fact import Evidence, Fact, Gap, State, conflicting, known, unknown

SEEN = (Evidence("Observation/1", "valueQuantity", None, "WBC 60 10*9/L"),)


def test_a_known_fact_has_a_value_its_unit_and_its_evidence():
    fact = known(60, SEEN, rule="newest", unit="10*9/L", beside=(("method", "flow"),), set_aside=SEEN)
    assert fact.is_known
    assert (fact.value, fact.unit, fact.evidence, fact.gap, fact.needs) == (60, "10*9/L", SEEN, None, ())
    assert (fact.rule, fact.beside, fact.set_aside) == ("newest", (("method", "flow"),), SEEN)


def test_an_unknown_fact_has_a_gap_and_what_would_fill_it_and_no_value():
    fact: Fact[int] = unknown(Gap.TOO_OLD, "platelets", evidence=SEEN)
    assert not fact.is_known
    assert (fact.state, fact.value, fact.gap, fact.needs) == (State.UNKNOWN, None, Gap.TOO_OLD, ("platelets",))


def test_nothing_said_about_the_gap_means_not_recorded():
    fact: Fact[int] = unknown()
    assert fact.gap is Gap.NOT_RECORDED


def test_a_contradicted_fact_is_not_known_and_its_gap_is_ambiguous():
    fact: Fact[int] = conflicting(SEEN, "disease", rule="lineage", flags=("discordant",))
    assert not fact.is_known
    assert (fact.state, fact.value, fact.gap, fact.needs) == (State.CONFLICTING, None, Gap.AMBIGUOUS, ("disease",))
    assert fact.flags == ("discordant",)


def test_a_flag_is_carried_once():
    fact = known(1, flags=("computed",)).flagged("computed", "stale-specimen")
    assert fact.flags == ("computed", "stale-specimen")
    assert fact.value == 1
