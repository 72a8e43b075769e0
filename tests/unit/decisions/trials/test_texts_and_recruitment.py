"""Which text of a trial holds on a day, and its recruitment, which is kept apart from the fit."""

from datetime import date

from service.decisions.trials_on_file import recruitment_of, text_changed
from service.knowledge.registry import NOTHING_SEEN, Registry, Seen
from service.logic.fact import known
from tests.unit.decisions.trials.asked import DAY, POSITIVE, number, record, sighting

# ---------------------------------------------------------------- texts and days


def version(seen_on, minimum, recorded=date(2031, 1, 2)):
    test = {"fact": "age_days", "at_least": minimum}
    return {"seen": seen_on, "recorded": recorded, "criteria": [{"id": "X1", "text": "age", "provenance": "K", "test": test}]}


def test_the_text_seen_last_by_the_day_holds(make, judge):
    row = make.trial(versions=[version(date(2030, 1, 1), 18), version(date(2031, 3, 1), 12)])
    for as_of, fit in ((date(2031, 2, 28), "does-not-fit"), (date(2031, 3, 1), "fits"), (date(2029, 1, 1), "does-not-fit")):
        assert judge(row, as_of=as_of, age_days=known(number(15))).fit == fit


def test_a_text_written_down_later_is_not_known(make, judge):
    row = make.trial(versions=[version(None, 18), version(date(2031, 3, 1), 12, recorded=date(2031, 4, 1))])
    assert judge(row, known_by=date(2031, 3, 31), age_days=known(number(15))).fit == "does-not-fit"
    assert judge(row, known_by=date(2031, 4, 1), age_days=known(number(15))).fit == "fits"
    assert judge(row, known_by=date(2031, 1, 1)) == ()


def test_a_control_is_never_listed(make, judge):
    assert judge(make.trial(make.trial_criterion("X1", POSITIVE), listed=False, outside="another disease")) == ()


def test_those_that_fit_stand_first_and_of_them_the_open_ones(make, judge):
    def row(name, status):
        sighting = {"status": status, "seen": DAY, "recorded": date(2031, 1, 2), "verification": "V2", "sources": ["label"]}
        return make.trial(make.trial_criterion("X1", POSITIVE), name=name, sightings=[sighting])

    failing = make.trial(make.trial_criterion("X1", {"fact": "cd19", "is": "negative"}), name="NCT99990001")
    open_one, closed = row("NCT99990003", "RECRUITING"), row("NCT99990002", "COMPLETED")
    needs = make.trial(make.trial_criterion("X1", {"fact": "cd22", "is": "positive"}), name="NCT99990004")
    found = judge(failing, closed, open_one, needs, cd19=known("positive"))
    assert [verdict.id for verdict in found] == ["NCT99990003", "NCT99990002", "NCT99990004", "NCT99990001"]


# ---------------------------------------------------------------- recruitment


def recruitment(make, bound, *sightings, registry=NOTHING_SEEN, as_of=DAY, known_by=DAY):
    row = make.trial(make.trial_criterion("X1", POSITIVE), sightings=list(sightings))
    rules = bound(row)
    return recruitment_of(row, rules, registry, as_of, known_by, 45)


def test_the_newest_sighting_by_the_day_is_shown_with_its_day(make, bound):
    rows = (sighting("RECRUITING", date(2031, 4, 1)), sighting("SUSPENDED", date(2031, 5, 1)))
    found = recruitment(make, bound, *rows)
    assert (found.status, found.seen, found.open) == ("SUSPENDED", date(2031, 5, 1), "no")
    before = recruitment(make, bound, *rows, as_of=date(2031, 4, 30))
    assert (before.status, before.open) == ("RECRUITING", "yes")


def test_what_was_seen_after_the_day_or_not_written_down_is_unknown(make, bound):
    row = sighting("RECRUITING", date(2031, 4, 1))
    assert recruitment(make, bound, row, as_of=date(2031, 3, 31)).open == "unknown"
    assert recruitment(make, bound, row, known_by=date(2031, 1, 1)).open == "unknown"
    assert recruitment(make, bound).status == ""


def test_an_undated_sighting_counts_only_where_none_has_a_date(make, bound):
    undated = sighting("RECRUITING", None)
    assert (recruitment(make, bound, undated).seen, recruitment(make, bound, undated).open) == (None, "stale")
    assert recruitment(make, bound, undated, sighting("COMPLETED", date(2031, 4, 1))).open == "no"


def test_an_undated_sighting_says_nothing_of_the_days_before_it_was_written_down(make, bound):
    # trials.md 1A: "undated" is a mirror without a date; what it showed of a year before nobody knows
    closed, abroad = sighting("COMPLETED", None), sighting("RECRUITING", None, country="DE")
    before, on = date(2031, 1, 1), date(2031, 1, 2)
    for as_of, known_by, word, countries in (
        (before, DAY, "unknown", ()),
        (before, before, "unknown", ()),
        (DAY, before, "unknown", ()),
        (on, DAY, "no", (("DE", "RECRUITING"),)),
        (on, on, "no", (("DE", "RECRUITING"),)),
    ):
        found = recruitment(make, bound, closed, abroad, as_of=as_of, known_by=known_by)
        assert (found.open, found.countries) == (word, countries), (as_of, known_by)


def test_a_status_of_one_country_stands_beside_and_not_for_all(make, bound):
    rows = (sighting("RECRUITING", date(2031, 5, 1)), sighting("COMPLETED", date(2031, 5, 2), country="DE"))
    found = recruitment(make, bound, *rows)
    assert (found.status, found.countries) == ("RECRUITING", (("DE", "COMPLETED"),))


def test_the_registry_itself_counts_from_the_day_it_was_asked(make, bound):
    registry = Registry.of([Seen(date(2031, 5, 5), record("RECRUITING"), "https://registry.example")])
    old = sighting("COMPLETED", date(2031, 4, 1))
    found = recruitment(make, bound, old, registry=registry)
    assert (found.status, found.seen, found.source) == ("RECRUITING", date(2031, 5, 5), "https://registry.example")
    assert len(found.sites) == 1
    assert recruitment(make, bound, old, registry=registry, as_of=date(2031, 5, 4)).status == "COMPLETED"
    newer = sighting("SUSPENDED", date(2031, 5, 6))
    assert recruitment(make, bound, newer, registry=registry).status == "SUSPENDED"


def test_a_changed_text_in_the_registry_is_told(make, judge):
    first, later = record("RECRUITING", "Adults"), record("RECRUITING", "Adults and children")
    registry = Registry.of([Seen(date(2031, 5, 1), first, "r"), Seen(date(2031, 5, 5), later, "r")])
    row = make.trial(make.trial_criterion("X1", POSITIVE))
    assert "text-changed" in judge(row, registry=registry).flags
    assert "text-changed" not in judge(row, registry=registry, as_of=date(2031, 5, 4)).flags
    same = row.versions[0].model_copy(update={"text_hash": later.criteria_hash})
    assert not text_changed(same, registry, "NCT99990001", DAY)
    assert not text_changed(row.versions[0], NOTHING_SEEN, "NCT99990001", DAY)
