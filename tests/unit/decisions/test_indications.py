"""One product before one regulator: rows in force, criteria in the patient's favour, cautions, open questions."""

from datetime import date
from decimal import Decimal

import pytest

from service.logic.dates import PartialDate
from service.logic.fact import Evidence, Gap, conflicting, known, unknown
from service.logic.interval import Interval
from service.logic.truth import Truth
from tests.judged import judge_therapies

POSITIVE = {"fact": "cd22", "is": "positive"}
SEEN = (Evidence("Observation/9", "value", PartialDate.parse("2031-05-01"), "pregnancy test positive"),)


@pytest.fixture
def judge(bound, facts, make):
    """The verdict of the one product on a record in which only the named facts are known."""

    def verdict(*rows, as_of=make.day, known_by=date(2040, 1, 1), **given):
        known_facts = {name: value if hasattr(value, "state") else known(value) for name, value in given.items()}
        return judge_therapies({**facts, **known_facts}, bound(*rows), as_of, known_by, ("EMA",))[0]

    return verdict


@pytest.mark.parametrize(
    ("cd22", "truth", "verdict"),
    [
        (known("negative"), Truth.YES, "on-label"),  # an exclusion that does not apply is fulfilled
        (known("positive"), Truth.NO, "not-on-label"),
        (unknown(), Truth.UNKNOWN, "undetermined"),
    ],
)
def test_an_exclusion_is_told_in_the_patients_favour(judge, make, cd22, truth, verdict):
    found = judge(make.therapy(make.criterion("cd22", POSITIVE, kind="exclusion")), cd22=cd22)
    assert found.indications[0].criteria[0].truth is truth
    assert found.verdict == verdict


@pytest.mark.parametrize(
    ("cd22", "kind", "truth"),
    [
        ("positive", "inclusion", Truth.YES),
        ("negative", "inclusion", Truth.UNKNOWN),
        ("positive", "exclusion", Truth.UNKNOWN),
        ("negative", "exclusion", Truth.YES),
    ],
)
@pytest.mark.parametrize("mark", ["M", "B", "S"])
def test_an_unverified_criterion_is_flagged_and_never_the_reason_for_a_no(judge, make, mark, cd22, kind, truth):
    found = judge(make.therapy(make.criterion("cd22", POSITIVE, kind=kind, verification=mark)), cd22=cd22)
    row = found.indications[0].criteria[0]
    assert (row.truth, row.flags) == (truth, ("unverified",))


def test_a_verified_criterion_beside_an_unverified_one_may_say_no(judge, make):
    rows = [make.criterion("cd22", POSITIVE, verification="M"), make.criterion("cd19", {"fact": "cd19", "is": "positive"})]
    assert judge(make.therapy(*rows), cd22="positive", cd19="negative").verdict == "not-on-label"


def test_an_undetermined_product_needs_what_its_open_criteria_need(judge, make):
    rows = [make.criterion("cd22", POSITIVE), make.criterion("cd19", {"fact": "cd19", "is": "positive"})]
    found = judge(make.therapy(*rows), cd19="positive")
    assert (found.verdict, found.needs) == ("undetermined", ("cd22",))


@pytest.mark.parametrize(
    ("as_of", "verdict", "flags"),
    [
        (date(2031, 1, 14), "not-approved", ()),
        (date(2031, 1, 15), "undetermined", ("date",)),  # somewhere in these days it began
        (date(2031, 1, 31), "undetermined", ("date",)),
        (date(2031, 2, 1), "on-label", ()),
        (date(2031, 2, 28), "on-label", ()),
        (date(2031, 3, 1), "not-approved", ()),
    ],
)
def test_a_row_holds_from_its_first_day_to_the_day_before_its_end(judge, make, as_of, verdict, flags):
    dates = {"uncertain_from": date(2031, 1, 15), "effective": date(2031, 2, 1), "until": date(2031, 3, 1)}
    found = judge(make.therapy(make.criterion("cd22", POSITIVE), **dates), as_of=as_of, cd22="positive")
    assert (found.verdict, found.flags) == (verdict, flags)


@pytest.mark.parametrize(
    ("as_of", "known_by", "verdict", "flags"),
    [
        (date(2031, 2, 1), date(2031, 3, 9), "not-approved", ("recorded-later",)),  # approved, and not written down yet
        (date(2031, 2, 1), date(2031, 3, 10), "on-label", ()),
        (date(2031, 1, 31), date(2031, 3, 9), "not-approved", ()),  # not approved, whenever it was written down
        (date(2031, 1, 31), date(2031, 3, 10), "not-approved", ()),
    ],
)
def test_no_row_for_want_of_writing_is_told_from_no_approval(judge, make, as_of, known_by, verdict, flags):
    dates = {"effective": date(2031, 2, 1), "recorded": date(2031, 3, 10), "read_on": date(2031, 3, 10)}
    row = make.therapy(make.criterion("cd22", POSITIVE), **dates)
    found = judge(row, as_of=as_of, known_by=known_by, cd22="positive")
    assert (found.verdict, found.flags) == (verdict, flags)


def test_another_lineage_is_flagged_as_out_of_scope(judge, make):
    row = make.therapy(make.criterion("disease", {"fact": "disease", "is": "bcp-all"}))
    assert judge(row, disease="t-all").flags == ("out-of-scope",)
    assert judge(row, disease="t-all", as_of=date(2030, 1, 1)).flags == ()  # no row in force, nothing to be out of


WORDS = frozenset({"date", "unverified", "computed", "study-only"})


@pytest.mark.parametrize(
    ("rows", "cd22", "among"),
    [
        ({}, known("positive"), ()),
        ({}, known("positive", flags=("computed",)), ("computed",)),  # a fact brings it along
        ({}, known("positive", flags=("from-text",)), ()),
        ({"flags": ("study-only",)}, known("positive"), ("study-only",)),  # the row itself
        ({"flags": ("hospital-exemption",)}, known("positive"), ()),
        ({"uncertain_from": date(2031, 5, 1), "effective": date(2031, 5, 7)}, known("positive"), ("date",)),
    ],
)
def test_of_the_flags_of_a_product_those_can_be_asked_for_that_have_words(judge, make, rows, cd22, among):
    found = judge(make.therapy(make.criterion("cd22", POSITIVE), **rows), cd22=cd22)
    assert found.flags_among(WORDS) == among == tuple(flag for flag in found.flags if flag in WORDS)


@pytest.mark.parametrize(("flag", "among"), [("date", ("date",)), ("other", ()), ("", ())])
def test_a_part_that_the_text_leaves_open_may_have_a_flag_however_deep_it_stands(judge, make, flag, among):
    test = {"all": [POSITIVE, {"any": [POSITIVE, {"undecided": "The text does not say.", "flag": flag}]}]}
    found = judge(make.therapy(make.criterion("cd22", test)), cd22="positive")
    assert found.verdict == "on-label"
    assert found.flags_among(WORDS) == among


def test_that_a_criterion_was_not_verified_and_what_is_out_of_scope_can_be_asked_for(judge, make):
    row = make.therapy(make.criterion("disease", {"fact": "disease", "is": "bcp-all"}, verification="M"))
    assert judge(row, disease="bcp-all").flags_among(WORDS) == ("unverified",)
    verified = make.therapy(make.criterion("disease", {"fact": "disease", "is": "bcp-all"}))
    assert judge(verified, disease="t-all").flags_among({"out-of-scope"}) == ("out-of-scope",)


@pytest.mark.parametrize(
    ("dates", "shown"),
    [
        ({}, True),
        ({"effective": date(2031, 5, 6)}, True),
        ({"effective": date(2031, 5, 7)}, False),
        ({"until": date(2031, 5, 6)}, False),
        ({"until": date(2031, 5, 7)}, True),
    ],
)
def test_a_caution_is_shown_on_the_days_on_which_it_holds(judge, make, dates, shown):
    found = judge(make.therapy(make.criterion("cd22", POSITIVE), cautions=[{"id": "c", **dates}]))
    assert bool(found.cautions) is shown


@pytest.mark.parametrize(
    ("pregnant", "truth", "needs"), [(known(value=True), Truth.YES, ()), (unknown(), Truth.UNKNOWN, ("pregnant",))]
)
def test_a_caution_with_a_test_holds_where_the_test_does(judge, make, pregnant, truth, needs):
    caution = {"id": "c", "test": {"fact": "pregnant", "is": True}}
    (found,) = judge(make.therapy(make.criterion("cd22", POSITIVE), cautions=[caution]), pregnant=pregnant).cautions
    assert (found.truth, found.needs) == (truth, needs)


@pytest.mark.parametrize(
    ("pregnant", "pressing"),
    [
        (known(value=True), ["grave", "marked", "quiet", "told", "mild"]),  # one that is not stated holds
        (known(value=False), ["grave", "marked", "told"]),
        (unknown(), ["grave", "marked", "told"]),
        # one that is not stated may be meant
        (unknown(Gap.AMBIGUOUS, "pregnant", evidence=SEEN), ["grave", "marked", "quiet", "told", "mild"]),
        (unknown(Gap.TOO_OLD, "pregnant", evidence=SEEN), ["grave", "marked", "told"]),
    ],
)
def test_of_cautions_those_press_that_are_stated_whatever_is_known(judge, make, pregnant, pressing):
    test = {"fact": "pregnant", "is": True}
    cautions = [
        {"id": "grave", "level": "contraindication", "test": test},
        {"id": "marked", "level": "warning", "test": test, "on_card": True},
        {"id": "quiet", "level": "warning", "test": test},
        {"id": "told", "level": "boxed-warning"},
        {"id": "mild", "level": "information"},
    ]
    found = judge(make.therapy(make.criterion("cd22", POSITIVE), cautions=cautions), pregnant=pregnant)
    assert [row.caution.id for row in found.pressing] == pressing
    assert set(found.pressing) <= set(found.cautions)


@pytest.mark.parametrize(
    ("level", "pregnant", "read", "suspected"),
    [
        ("caution", unknown(Gap.AMBIGUOUS, "pregnant", evidence=SEEN), ("pregnant",), True),
        ("caution", conflicting(SEEN, "pregnant"), ("pregnant",), True),
        ("information", unknown(Gap.AMBIGUOUS, "pregnant", evidence=SEEN), ("pregnant",), False),
        ("caution", unknown(Gap.TOO_OLD, "pregnant", evidence=SEEN), ("pregnant",), False),
        ("caution", unknown(Gap.NOT_RECORDED, "pregnant"), (), False),
        ("caution", known(value=True, evidence=SEEN), (), False),
    ],
)
def test_a_caution_that_is_open_tells_what_was_read(judge, make, level, pregnant, read, suspected):
    caution = {"id": "c", "level": level, "test": {"fact": "pregnant", "is": True}}
    (found,) = judge(make.therapy(make.criterion("cd22", POSITIVE), cautions=[caution]), pregnant=pregnant).cautions
    assert (found.read, found.suspected) == (read, suspected)


def test_a_caution_without_a_test_always_holds(judge, make):
    (found,) = judge(make.therapy(make.criterion("cd22", POSITIVE), cautions=[{"id": "c"}])).cautions
    assert (found.truth, found.needs, found.evidence) == (Truth.YES, (), ())


def test_a_caution_rests_on_what_its_test_reads(judge, make):
    caution = {"id": "c", "test": {"fact": "pregnant", "is": True}}
    pregnant = known(value=True, evidence=(Evidence("Observation/1", "value", None, "pregnant"),))
    (found,) = judge(make.therapy(make.criterion("cd22", POSITIVE), cautions=[caution]), pregnant=pregnant).cautions
    assert (found.truth, found.needs, found.evidence) == (Truth.YES, (), ("Observation/1",))


def test_open_questions_stand_beside_a_product_on_label_where_they_concern_the_patient(judge, make):
    rows = [
        make.therapy(make.criterion("cd22", POSITIVE)),
        make.question("always"),
        make.question("holds", {"fact": "cd19", "is": "positive"}),
        make.question("holds not", {"fact": "cd19", "is": "negative"}),
        make.question("is open", {"fact": "ph", "is": "negative"}),
    ]
    assert [row.id for row in judge(*rows, cd22="positive", cd19="positive").questions] == ["always", "holds"]
    assert judge(*rows, cd22="negative", cd19="positive").questions == ()


def test_studies_of_other_patients_are_told(judge, make):
    rows = [
        make.therapy(make.criterion("cd22", POSITIVE)),
        make.studies(
            everybody=None,
            these={"fact": "cd19", "is": "positive"},
            others={"fact": "cd19", "is": "negative"},
            untold={"fact": "ph", "is": "negative"},
        ),
    ]
    assert judge(*rows, cd22="positive", cd19="positive").studies_of_others == {"others"}


def test_evidence_of_a_criterion_is_what_its_facts_rest_on(judge, make):
    seen = (Evidence("Observation/1", "value", None, "CD22"), Evidence("Observation/1", "note", None, "CD22"))
    found = judge(make.therapy(make.criterion("cd22", POSITIVE)), cd22=known("positive", seen))
    assert found.indications[0].criteria[0].evidence == ("Observation/1",)


def measured(value, *days):
    """A fact with a piece of evidence of each day; None is one without a day."""
    seen = tuple(
        Evidence(f"Observation/{number}", "", PartialDate.parse(day) if day else None, "seen") for number, day in enumerate(days)
    )
    return known(value, seen)


OLD = [
    pytest.param("qtc_ms", 480, ("2031-04-08",), Truth.NO, (), id="of 28 days ago"),
    pytest.param("qtc_ms", 480, ("2031-04-07",), Truth.UNKNOWN, ("qtc_ms",), id="of 29 days ago"),
    pytest.param("qtc_ms", 520, ("2031-04-07",), Truth.YES, (), id="of 29 days ago and too high"),
    pytest.param("qtc_ms", 480, ("2030", "2031-05-01"), Truth.NO, (), id="an old and a new one"),
    pytest.param("qtc_ms", 480, (None,), Truth.NO, (), id="without a day"),
    pytest.param("pregnant", False, ("2031-04-07",), Truth.UNKNOWN, ("pregnant",), id="a pregnancy test"),
    pytest.param("marrow_blasts_percent", 30, ("2031-01-07",), Truth.NO, (), id="a marrow keeps its own time"),
    pytest.param("vod_history", False, ("2020-04-07",), Truth.NO, (), id="a condition keeps its own time"),
]


@pytest.mark.parametrize(("name", "value", "days", "truth", "needs"), OLD)
def test_a_caution_is_not_denied_by_an_old_value(judge, make, name, value, days, truth, needs):
    """therapies.md 2.2: liver tests and QTc before each dose; a stale datum is no no."""
    number = isinstance(value, int) and not isinstance(value, bool)
    test = {"fact": name, "above": Decimal(500)} if number else {"fact": name, "is": True}
    product = make.therapy(make.criterion("cd22", POSITIVE), cautions=[{"id": "c", "test": test}])
    found = judge(product, **{name: measured(Interval.point(Decimal(value)) if number else value, *days)})
    assert [(caution.truth, caution.needs) for caution in found.details.cautions] == [(truth, needs)]
