"""What is decided by numbers is what the tests say one by one: on made-up records, under the rules that we ship."""

import random
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from service.decisions.choices import closings_of
from service.decisions.indications import favour, judge_labels
from service.decisions.labels_on_file import DATE
from service.decisions.needs import rank_missing
from service.decisions.predicate import Looks, as_then
from service.decisions.risk import judge_systems
from service.decisions.risk_tables import cell_truth
from service.decisions.trials import judge_trials
from service.facts.catalogue import CATALOGUE, Kind, name_now, name_then
from service.knowledge.registry import NOTHING_SEEN
from service.logic.dates import Age, PartialDate
from service.logic.fact import Evidence, Gap, conflicting, known, unknown
from service.logic.interval import Interval
from service.logic.truth import Truth, all_of, any_of
from tests.judged import judge_risk_group

DAY = date(2026, 11, 22)
REGULATORS = ("EMA", "FDA", "AEMPS")
RECORDS = range(60)
GAPS = (Gap.NOT_RECORDED, Gap.NOT_RECORDED, Gap.TOO_OLD, Gap.UNREADABLE)
COUNTRIES = ("", "ES", "US", "XX")


def made_up(seed, rules):
    """A record of which some is missing, some known only within limits, some old; and the words that the caller told."""
    draw = random.Random(seed)  # noqa: S311 - no secret
    fullness = draw.choice((3, 6, 12))
    facts = {name: made_up_fact(spec, draw, fullness) for name, spec in CATALOGUE.items()}
    if seed % 3:
        facts["disease"] = known("bcp-all")
    if seed % 2:  # nothing was given yet that could be given
        recorded = [name for therapy in rules.library.therapies.values() for name in therapy.recorded_as]
        facts.update(dict.fromkeys(recorded, unknown()))
    then = {}
    if seed % 4 == 0:  # what was found at diagnosis is another thing than what is found now
        then = {name: made_up_fact(spec, draw, fullness) for name, spec in CATALOGUE.items() if spec.at_diagnosis}
    return {**facts, **as_then(then, rules.numbered), **rules.whereabouts.told(draw.choice(COUNTRIES), "")}


def made_up_fact(spec, draw, fullness):
    on = PartialDate.of_day(DAY - timedelta(draw.choice((1, 13, 20, 60, 400))))
    evidence = (Evidence(f"Observation/{spec.name}", "", draw.choice((on, on, None)), ""),) if spec.reads else ()
    if not draw.randrange(fullness):
        return draw.choice((unknown(draw.choice(GAPS), evidence=draw.choice(((), evidence))), conflicting(evidence, spec.name)))
    value = made_up_value(spec, draw)
    flags = draw.choice(((), (), ("loose",)))
    beside = draw.choice(((), (("method", "ngs"),)))
    return known(value, evidence, flags=flags, beside=beside) if value is not None else unknown()


def made_up_value(spec, draw):
    match spec.kind:
        case Kind.AGE:
            birth = DAY - timedelta(draw.choice((20, 400, 3000, 3652, 6574, 6600, 9131, 14000, 23000)))
            born = draw.choice((PartialDate.of_day(birth), PartialDate(date(birth.year, 1, 1), date(birth.year, 12, 31), "")))
            return Age(born, PartialDate.of_day(DAY))
        case Kind.NUMBER | Kind.COUNT:
            low = Decimal(draw.choice(("0", "0.01", "1", "2", "5", "50", "1000000")))
            return draw.choice((Interval.point(low), Interval(low, low * 2 + 1), Interval(low, None)))
        case Kind.WORDS:
            return tuple(draw.sample(sorted(spec.values), min(len(spec.values), draw.randrange(3))))
        case _:
            return draw.choice(spec.candidates() or (None,))


@pytest.fixture(params=RECORDS)
def looks(request, rules):
    return rules.looks(made_up(request.param, rules))


def candidates(name, rules):
    return [known(value) for value in rules.whereabouts.tried(name_now(name))]


# ---------------------------------------------------------------- the same, one by one


def supposing(facts, name, value):
    """The facts with one as it would be: as of now or as of the diagnosis, whichever is missing."""
    then = name_then(name)
    if then not in facts or facts[then].is_known:
        return {**facts, name: value}
    return {**facts, then: value} if facts[name].is_known else {**facts, name: value, then: value}


def truth_of(row, facts):
    """A criterion of a trial: what nothing was recorded about has the value that its file names for that."""
    truth = row.node.truth(facts)
    if truth is Truth.UNKNOWN:
        truth = row.node.truth({**facts, **{name: row.absent[name] for name in row.closed(facts)}})
    return row.favour(truth)


def holds(row, facts):
    """A row of a label: in the window of an uncertain date it holds at most perhaps."""
    truth = all_of(favour(node.truth(facts), criterion) for criterion, node in row.details.row.criteria)
    return truth & Truth.UNKNOWN if DATE in row.flags else truth


def fits_if(judged, name, facts):
    """The criteria where a fact has another value: those that are decided or do not read it stay."""
    truths = list(judged.truths)
    for place, row in enumerate(judged.criteria.rows):
        if truths[place] is Truth.UNKNOWN and not {name, name_then(name)}.isdisjoint(row.node.fact_names):
            truths[place] = truth_of(row, facts)
    return judged.criteria.truth(truths)


def trial_if(verdict, name, facts):
    truth = fits_if(verdict.judged, name, facts)
    if verdict.bound.version.arms_required:
        truth &= any_of(fits_if(arm.judged, name, facts) for arm in verdict.arms)
    return truth


def closed_by(therapy, verdict, facts):
    """The criteria that fail once a product was given; nothing where the trial does not ask for it, or stays possible."""
    names = set(therapy.recorded_as)
    given = {**facts, **dict.fromkeys(names, known(value=True))}
    criteria, truths = verdict.judged.criteria, list(verdict.judged.truths)
    asked = [place for place, row in enumerate(criteria.rows) if names & set(row.node.fact_names)]
    for place in asked:
        truths[place] = truth_of(criteria.rows[place], given)
    if not asked or criteria.truth(truths) is not Truth.NO:
        return ()
    return tuple(criteria.rows[place].criterion.id for place in criteria.failing(truths))


# ---------------------------------------------------------------- both


def test_all_tests_at_once_say_and_need_what_each_does(looks, rules):
    facts = looks.facts
    said = {key: looks.truth(node) for key, node in rules.tests.items()}
    assert said == {key: node.truth(facts) for key, node in rules.tests.items()}
    needed = {key: looks.needs(node) for key, node in rules.tests.items()}
    assert needed == {key: Looks(facts).needs(node) for key, node in rules.tests.items()}
    assert any(needed.values())


def test_each_value_of_a_fact_says_what_a_record_with_it_says(looks, rules):
    shift = sum(fact.is_known for fact in looks.facts.values()) % 10
    for name in sorted(looks.numbered.by_fact)[shift::10]:
        anew = tuple(rules.looks({**looks.facts, name: value}).bits for value in candidates(name, rules))
        assert looks.numbered.tried(looks.bits, name) == anew, name
        assert tuple(looks.changed({name: value}).bits for value in candidates(name, rules)) == anew, name


def trials_of(looks, rules):
    return judge_trials(looks, rules, NOTHING_SEEN, DAY, DAY, 45)


def test_trials_are_judged_as_their_criteria_are(looks, rules):
    for verdict in trials_of(looks, rules):
        for judged in (verdict.judged, *(arm.judged for arm in verdict.arms)):
            for place, row in enumerate(judged.criteria.rows):
                truth = truth_of(row, looks.facts)
                assert judged.truths[place] is truth or (row.ages and judged.truths[place] is Truth.UNKNOWN), row.criterion.id
            assert judged.truth is judged.criteria.truth(judged.truths), verdict.id
        arms = any_of(arm.judged.truth for arm in verdict.arms) if verdict.bound.version.arms_required else Truth.YES
        assert verdict.truth is verdict.judged.truth & arms, verdict.id


def test_a_missing_fact_decides_what_each_of_its_values_decides(looks, rules):
    facts = looks.facts
    trials, therapies = trials_of(looks, rules), judge_labels(looks, rules, DAY, DAY, REGULATORS)
    by_trial, by_product = {row.id: row for row in trials}, {row.key: row for row in therapies}
    for row in (row for verdict in therapies for row in verdict.indications):
        assert row.truth is holds(row, facts), row.indication.id
    for need in rank_missing(looks, rules, therapies, judge_systems(looks, rules, DAY), trials):
        supposed = [supposing(facts, need.fact, value) for value in candidates(need.fact, rules)]
        decided = [
            key
            for key, verdict in by_product.items()
            if verdict.verdict == "undetermined" and need.fact in verdict.needs and settled(verdict, supposed)
        ]
        assert list(need.therapies) == decided, need.fact
        fitting = [
            name
            for name, verdict in by_trial.items()
            if (verdict.fit, verdict.recruitment.open == "no", need.fact in verdict.needs) == ("needs-data", False, True)
            and any(trial_if(verdict, need.fact, one) is not Truth.UNKNOWN for one in supposed)
        ]
        assert list(need.trials) == fitting, need.fact


def settled(verdict, supposed):
    rows = [row for row in verdict.indications if row.truth is Truth.UNKNOWN]
    truths = [{holds(row, facts) for row in rows} for facts in supposed]
    return any(Truth.YES in found or Truth.UNKNOWN not in found for found in truths)


def test_a_product_closes_what_fails_once_it_was_given(looks, rules):
    trials = trials_of(looks, rules)
    possible = [verdict for verdict in trials if verdict.fit != "does-not-fit"]
    for therapy in rules.library.therapies.values():
        wanted = {verdict.id: closed_by(therapy, verdict, looks.facts) for verdict in possible}
        found = {row.trial: row.criteria for row in closings_of(therapy, trials)}
        assert found == {name: criteria for name, criteria in wanted.items() if criteria}, therapy.product


def test_rows_of_risk_are_read_as_their_cells_are(looks, rules):
    for name, system in rules.risk_systems.items():
        for version in system.versions:
            table = version.table
            look = table.look(looks)
            truths = [row_truth(table, line, look) for line in table.lines]
            found = [(line, truth) for line, truth in zip(table.lines, truths, strict=True) if truth is not Truth.NO]
            if table.first_hit:
                hits = [number for number, (_, truth) in enumerate(found) if truth is Truth.YES]
                found = found[: hits[0] + 1] if hits else found
            assert table.rows(look, candidates=True) == found, name
            assert table.is_sure(look.sure, look.supposed, candidates=True) is table.read(looks).sure, name


def row_truth(table, line, look):
    asked = []
    for number, bit in line.cells:
        (leaf,) = (leaf for leaf in table.inputs[number].cells if leaf.bit == bit)
        value = look.values[number].sure if line.verified else look.values[number].supposed
        asked.append(cell_truth(leaf.compare.args[0], value))
    return all_of(asked)


def test_looks_without_numbers_judge_one_by_one_and_the_same(looks, rules):
    plain = Looks(looks.facts)
    assert [plain.truth(node) for node in rules.tests.values()] == [looks.truth(node) for node in rules.tests.values()]


def test_a_missing_fact_settles_what_each_of_its_values_settles(looks, rules):
    """All systems, those that are not in use yet too: they have rows in an order, and features in the place of groups."""
    systems = {name: row.model_copy(update={"enabled": True}) for name, row in rules.library.risk_systems.items()}
    enabled = replace(rules, library=replace(rules.library, risk_systems=systems))
    groups = {row.system.system: row for row in judge_systems(looks, enabled, DAY)}
    for need in rank_missing(looks, enabled, (), tuple(groups.values())):
        supposed = [{**looks.facts, need.fact: value} for value in candidates(need.fact, rules)]
        decided = [
            name
            for name, verdict in groups.items()
            if verdict.state == "open"
            and need.fact in verdict.needs
            and {judge_risk_group(verdict.system, one, enabled).state for one in supposed} & {"decided", "not-applicable"}
        ]
        assert list(need.risk_groups) == decided, need.fact
