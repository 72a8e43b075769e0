"""Laws of the trials: gaps, deletions and the order of a record never turn a verdict, and what is open says what it lacks.

Where a trial's file says what a missing record means (`absence_means`: treatments, inborn syndromes), silence counts as a no, so
that a record of it may turn a verdict. These are the only exceptions; each such criterion must carry the flag `absence-assumed`.
"""

import random
from datetime import date
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.decisions.context import CONTEXT
from service.decisions.predicate import Looks
from service.decisions.trials import judge_trials
from service.decisions.trials_judged import ABSENCE_ASSUMED, OLD
from service.facts.catalogue import CATALOGUE
from service.knowledge.registry import NOTHING_SEEN
from service.logic.fact import Fact, known, unknown
from service.logic.truth import Truth
from tests.case_runners import trial_vignettes
from tests.case_runners.assessments import body_of, resources
from tests.case_runners.knowledge import shipped_rules
from tests.properties.test_filling_gaps import exact, loose

DAY = date(2026, 11, 22)
STALE_DAYS = 45
DELETED_FROM = 24
HARD = (
    "one marrow of 5 % in second remission is a suspicion, no relapse",
    "row 34",
    "row 41",
    "an AST of 91 days ago is asked for again",
)
SEED = 20261122


@cache
def names_in_trials():
    found = {name for versions in shipped_rules().trials.values() for version in versions for name in version.fact_names}
    return sorted(found - set(CONTEXT))


@cache
def words_of(name):
    return st.sampled_from(sorted(str(word.value) for word in shipped_rules().whereabouts.possible(name)))


def verdicts(facts):
    return {row.id: row for row in judge_trials(Looks(facts), shipped_rules(), NOTHING_SEEN, DAY, DAY, STALE_DAYS)}


@st.composite
def situations(draw):
    """Facts with gaps, and the same with one gap filled."""
    facts: dict[str, Fact[object]] = {name: unknown() for name in (*CATALOGUE, *CONTEXT)}
    usable = [name for name in names_in_trials() if exact(CATALOGUE[name], DAY) is not None]
    share = draw(st.integers(1, 9))
    for name in usable:
        if draw(st.integers(0, 9)) < share:
            facts[name] = known(draw(loose(CATALOGUE[name], DAY)))
    if draw(st.integers(0, 3)):
        facts["disease"] = known("bcp-all")
    gaps = [name for name in (*usable, *CONTEXT) if not facts[name].is_known]
    gap = draw(st.sampled_from(gaps or usable))
    filled = draw(words_of(gap) if gap in CONTEXT else loose(CATALOGUE[gap], DAY))
    return facts, {**facts, gap: known(filled)}


@given(situations())
@settings(max_examples=100)
def test_filling_a_gap_never_reverses_a_trial_that_was_decided(situation):
    facts, filled = situation
    if any(facts[name].is_known and facts[name] is not filled[name] for name in facts):
        return
    before, after = verdicts(facts), verdicts(filled)
    for key, old in before.items():
        if {old.fit, after[key].fit} == {"fits", "does-not-fit"}:
            _only_by_assumed_absence(old, after[key])
        elif old.fit != "needs-data" and after[key].fit == "needs-data":
            assert ABSENCE_ASSUMED in _flags(old), f"{key} was {old.fit} and is open"


def _only_by_assumed_absence(old, new):
    """Assert that what changed sides had rested on silence, and had said so."""
    changed = [
        (before, after)
        for before, after in zip(_results(old), _results(new), strict=True)
        if {before.truth, after.truth} == {Truth.YES, Truth.NO}
    ]
    assert changed, f"{old.id}: {old.fit} became {new.fit} and no criterion changed sides"
    for before, _ in changed:
        assert ABSENCE_ASSUMED in before.flags, f"{old.id}: {before.id} changed sides by a fact that had been missing"


def _results(verdict):
    return [*verdict.judged.results(), *(row for arm in verdict.arms for row in arm.judged.results())]


def _flags(verdict):
    return {flag for row in _results(verdict) for flag in row.flags}


@given(situations())
@settings(max_examples=60)
def test_what_is_open_says_what_it_lacks_or_that_its_text_is_open(situation):
    for verdict in verdicts(situation[0]).values():
        _says_what_it_lacks(verdict)


@pytest.mark.parametrize("name", list(trial_vignettes.vignettes()))
def test_an_open_trial_of_a_patient_says_what_it_lacks(name):
    for written in trial_vignettes.WRITTEN:
        for verdict in trial_vignettes.consulted(name, written).trials:
            _says_what_it_lacks(verdict)


def _says_what_it_lacks(verdict):
    if verdict.fit != "needs-data":
        assert not verdict.needs, f"{verdict.id} is decided and still asks for {verdict.needs}"
        return
    judged = [verdict.judged, *(arm.judged for arm in verdict.arms if verdict.bound.version.arms_required)]
    assert verdict.needs or any(row.undecidable for row in judged), f"{verdict.id} is open and nothing tells why"


# ---------------------------------------------------------------- whole records


def _deleted_from():
    chance = random.Random(SEED)  # noqa: S311 - repeatable, nothing secret
    return list(dict.fromkeys((*chance.sample(sorted(trial_vignettes.vignettes()), DELETED_FROM), *HARD)))


@pytest.mark.parametrize("name", list(trial_vignettes.vignettes()))
def test_the_order_of_a_record_changes_no_trial(name):
    chance = random.Random(SEED)  # noqa: S311 - repeatable, nothing secret
    case = trial_vignettes.vignettes()[name]
    found = resources(trial_vignettes.body(name, "A"))
    shuffled = chance.sample(found, len(found))
    expected = _told(trial_vignettes.consulted(name, "A"))
    for other in (found[::-1], shuffled):
        assert _told(trial_vignettes.judged_for_trials(body_of(other), case)) == expected


def _told(consultation):
    return [
        (
            verdict.id,
            verdict.fit,
            verdict.failing,
            verdict.needs,
            verdict.flags,
            [(row.id, row.truth, sorted(row.evidence)) for row in _results(verdict)],
        )
        for verdict in consultation.trials
    ]


def test_what_is_judged_for_trials_alone_is_what_the_whole_consultation_says():
    for name in list(trial_vignettes.vignettes())[::20]:
        alone = trial_vignettes.judged_for_trials(trial_vignettes.body(name, "A"), trial_vignettes.vignettes()[name])
        whole = trial_vignettes.consulted(name, "A")
        assert (alone.facts, _told(alone), alone.problems) == (whole.facts, _told(whole), whole.problems)


@pytest.mark.parametrize("name", _deleted_from())
def test_deleting_a_resource_makes_no_trial_fit_unless_it_spoke_against_it(name):
    _deletions(name)


def test_some_deletions_make_a_trial_fit_so_that_the_law_is_tried():
    assert all(_deletions(name) for name in HARD[:2])


def _deletions(name):
    """Return how many trials fit after a deletion, each because what was taken away spoke against it."""
    case = trial_vignettes.vignettes()[name]
    found = resources(trial_vignettes.body(name, "A"))
    before = trial_vignettes.consulted(name, "A")
    made = 0
    for taken in found:
        if taken["resourceType"] == "Patient":
            continue
        reference = f"{taken['resourceType']}/{taken['id']}"
        after = trial_vignettes.judged_for_trials(body_of([item for item in found if item is not taken]), case)
        fitting = {row.id: row for row in after.trials if row.fit == "fits"}
        for old in before.trials:
            if old.fit != "fits" and old.id in fitting:
                made += 1
                assert reference in _contrary(before, old), f"{name}: without {reference}, {old.id} fits"
                _rests_on_something(old, fitting[old.id], f"{name}: without {reference}")
    return made


def _contrary(consultation, verdict):
    """Return what spoke against a trial: evidence of what was not met, of the facts that it reads, of conflicts."""
    rows = [row for row in _results(verdict) if row.truth is not Truth.YES]
    facts = [consultation.facts[name] for row in rows for name in row.facts if name in consultation.facts]
    return (
        {reference for row in rows for reference in row.evidence}
        | {item.reference for fact in facts for item in (*fact.evidence, *fact.set_aside)}
        | {
            place.split()[0]
            for problem in consultation.problems
            if problem.code == "conflict"
            for place in problem.where.split(", ")
        }
    )


def _rests_on_something(old, new, where):
    """Assert that what is met now and was not rests on other resources, or says that silence was taken for a no."""
    open_before = {row.id for row in _results(old) if row.truth is not Truth.YES}
    for row in _results(new):
        if row.id in open_before and row.truth is Truth.YES:
            assert row.evidence or ABSENCE_ASSUMED in row.flags, f"{where}: {new.id} {row.id} is met by nothing"


def test_an_absence_is_never_assumed_where_something_was_recorded():
    for name in trial_vignettes.vignettes():
        consultation = trial_vignettes.consulted(name, "B")
        for verdict in consultation.trials:
            for row in verdict.judged.results():
                if ABSENCE_ASSUMED in row.flags:
                    assert OLD not in row.flags
                    silent = [fact for fact in row.facts if not consultation.facts.get(fact, unknown()).evidence]
                    assert silent, f"{name}: {verdict.id} {row.id} takes for absent what is recorded"
