"""Each check finds what it is for, and says where and what may be meant; the faultless library passes them all."""

from datetime import date

import pytest

from service.knowledge.checks import code_shape, run_checks, stale
from service.knowledge.checks.talk import talk_rows_without_home

THERAPY = "therapies/examplomab.yaml"
INDICATION = f"{THERAPY} examplomab / indications / F-EXA-1"
VERSION = f"{INDICATION} / versions / 2031-04-02"
RISK = "risk_systems/example-2040.yaml"
TABLE = f"{RISK} EX40 / versions / 2030-01-01"


def test_the_faultless_library_passes_every_check(shelf):
    assert run_checks(shelf.load()) == ()


def one_fault(shelf, file, old, new):
    shelf.change(file, old, new)
    (fault,) = shelf.faults()
    return fault


# source


@pytest.mark.parametrize(
    ("file", "old", "new", "fault"),
    [
        (THERAPY, "document: label", "document: lable", (INDICATION, "document 'lable'")),
        (
            "limits/blasts.yaml",
            "[label],\n     effective: 2030",
            "[lable],\n     effective: 2030",
            ("limits/blasts.yaml blasts_from / 2", "source 'lable'"),
        ),
        ("asks.yaml", "sources: [label]", "sources: [lable]", ("asks.yaml cd19", "source 'lable'")),
        (RISK, "sources: [label]", "sources: [lable]", (TABLE, "source 'lable'")),
    ],
)
def test_a_cited_source_has_to_be_on_file(shelf, file, old, new, fault):
    where, name = fault
    assert one_fault(shelf, file, old, new) == (where, f"the {name} is not on file", "did you mean 'label'?")


# talk


def test_a_cited_row_of_the_talk_has_to_exist(shelf):
    assert one_fault(shelf, THERAPY, "talk: [T1]", "talk: [T11]") == (
        f"{THERAPY} examplomab",
        "the talk has no row 'T11'",
        "did you mean 'T1'?",
    )


def test_rows_of_the_talk_that_nothing_cites_are_listed_and_no_fault(shelf):
    assert [row.id for row in talk_rows_without_home(shelf.load())] == ["T2"]


# definition


def test_a_used_definition_has_to_exist(shelf):
    assert one_fault(shelf, THERAPY, "{use: active-b-all}", "{use: aktive-b-all}") == (
        f"{VERSION} / criteria / disease / test",
        "there is no definition 'aktive-b-all'",
        "did you mean 'active-b-all'?",
    )


def test_definitions_that_use_each_other_in_a_circle_are_told_once(shelf):
    where, text, _ = one_fault(
        shelf, "definitions/disease.yaml", "test: {fact: disease, is: bcp-all}", "test: {use: active-b-all}"
    )
    assert (where, text) == (
        "definitions/disease.yaml b-all",
        "definitions use each other in a circle: b-all → active-b-all → b-all",
    )


def test_a_definition_used_by_two_others_is_no_circle(shelf):
    shelf.write(
        "definitions/more.yaml",
        """\
        definitions:
          - {id: top, says: Both, verification: V, sources: [label], test: {any: [{use: b-all}, {use: active-b-all}]}}
        """,
    )
    assert shelf.faults() == []


# name


def test_the_file_of_a_therapy_is_called_like_its_product(shelf):
    (shelf.folder / THERAPY).rename(shelf.folder / "therapies/other.yaml")
    assert shelf.faults() == [
        (
            "therapies/other.yaml examplomab",
            "the file is called 'other' and the id inside is 'examplomab'",
            "name it examplomab.yaml",
        )
    ]


def test_file_names_and_ids_of_ours_are_kebab_case(shelf):
    (shelf.folder / "talk/rows.yaml").rename(shelf.folder / "talk/All_Rows.yaml")
    shelf.change("definitions/disease.yaml", "id: active-b-all", "id: Active_B_ALL")
    shelf.change(THERAPY, "{use: active-b-all}", "{use: Active_B_ALL}")
    assert [(where, text) for where, text, _ in shelf.faults()] == [
        ("definitions/disease.yaml Active_B_ALL", "'Active_B_ALL' is not in kebab-case"),
        ("talk/All_Rows.yaml", "the name of a file is in kebab-case"),
    ]


def test_rows_of_one_list_have_different_ids(shelf):
    assert one_fault(shelf, THERAPY, "id: age", "id: disease") == (
        f"{VERSION} / criteria",
        "the id 'disease' stands 2 times in one list",
        "an id is given once",
    )


def test_an_indication_stands_in_one_file_only(shelf):
    text = (shelf.folder / THERAPY).read_text(encoding="utf-8")
    shelf.write("therapies/samplomab.yaml", text.replace("product: examplomab", "product: samplomab"))
    assert [(where, said) for where, said, _ in shelf.faults()] == [
        ("therapies/samplomab.yaml samplomab / indications / F-EXA-1", f"the id 'F-EXA-1' stands in {THERAPY} too")
    ]


# reference


@pytest.mark.parametrize(
    ("file", "old", "new", "fault"),
    [
        (
            THERAPY,
            "kind: bispecific T-cell engager",
            "kind: bispecific T-cell engagers",
            (f"{THERAPY} examplomab", "there is no kind of treatment 'bispecific T-cell engagers'"),
        ),
        (
            "treatments/immunotherapies.yaml",
            "concept: exacells,",
            "concept: exacell,",
            ("treatments/immunotherapies.yaml exacell", "there is no value set 'exacell'"),
        ),
        (THERAPY, "concept: examplomab", "concept: examplomap", (f"{THERAPY} examplomab", "there is no value set 'examplomap'")),
        ("questions/all.yaml", "[examplomab]", "[samplomab]", ("questions/all.yaml Q1", "there is no therapy 'samplomab'")),
        (
            "evidence/examplomab.yaml",
            "[F-EXA-1]",
            "[F-EXA-2]",
            ("evidence/examplomab.yaml examplomab / studies / EXA-1", "there is no indication 'F-EXA-2'"),
        ),
    ],
)
def test_what_rows_name_by_id_has_to_exist(shelf, file, old, new, fault):
    assert one_fault(shelf, file, old, new)[:2] == fault


def test_evidence_is_about_a_product_on_file(shelf):
    shelf.remove(THERAPY)
    assert ("evidence/examplomab.yaml examplomab", "there is no therapy 'examplomab'", "") in shelf.faults()


# timeline and overlap

SECOND = """\
      - effective: {effective}
        recorded: 2033-09-14
        status: regular
        verification: V
        sources: [label]
        read_on: 2033-09-14
        criteria: [{{id: age, text: Adults, test: {{fact: age, at_least: "18 a"}}}}]
"""


def with_second_version(shelf, effective, more=""):
    text = (shelf.folder / THERAPY).read_text(encoding="utf-8")
    (shelf.folder / THERAPY).write_text(text + SECOND.format(effective=f"{effective}{more}"), encoding="utf-8")


def test_a_version_that_begins_where_the_other_ends_is_well(shelf):
    with_second_version(shelf, "2033-09-01")
    assert shelf.faults() == []


def test_a_version_that_begins_before_the_other_ends_is_an_overlap(shelf):
    with_second_version(shelf, "2033-08-31")
    assert shelf.faults() == [
        (
            f"{INDICATION} / 2033-08-31",
            "holds together with the version of 2031-04-02, from 2033-08-31 to before 2033-09-01",
            "end the older one: `until: 2033-08-31`",
        )
    ]


def test_two_open_versions_overlap_for_good(shelf):
    shelf.change(THERAPY, "        until: 2033-09-01\n", "")
    with_second_version(shelf, "2033-08-31")
    assert [text for _, text, _ in shelf.faults()] == ["holds together with the version of 2031-04-02, from 2033-08-31 on"]


def test_a_version_that_begins_after_the_other_ended_leaves_a_gap(shelf):
    with_second_version(shelf, "2033-09-02")
    assert [(where, text) for where, text, _ in shelf.faults()] == [
        (
            f"{INDICATION} / 2033-09-02",
            "the version before ends on 2033-09-01, this one begins on 2033-09-02: what held between?",
        )
    ]


def test_a_gap_of_days_that_are_said_to_be_uncertain_is_none(shelf):
    with_second_version(shelf, "2033-09-10", "\n        uncertain_from: 2033-09-01")
    assert shelf.faults() == []


def test_versions_stand_oldest_first(shelf):
    with_second_version(shelf, "2030-01-01", "\n        until: 2031-04-02")
    assert shelf.faults() == [(f"{INDICATION} / 2030-01-01", "stands after the version of 2031-04-02", "oldest first")]


def test_two_rows_of_one_limit_do_not_hold_on_one_day(shelf):
    assert one_fault(shelf, "limits/blasts.yaml", "until: 2030-01-01", "until: 2030-01-02")[1] == (
        "holds together with the version of 1990-01-01, from 2030-01-01 to before 2030-01-02"
    )


@pytest.mark.parametrize(("until", "well"), [("2033-01-02", True), ("2033-01-01", False)])
def test_a_caution_does_not_end_before_it_begins(shelf, until, well):
    shelf.change(THERAPY, "regulators: [FDA], verif", f"effective: 2033-01-01, until: {until}, regulators: [FDA], verif")
    expected = (f"{THERAPY} examplomab / cautions / infection", "`until` must be later than `effective`", "")
    assert shelf.faults() == ([] if well else [expected])


# risk tables


@pytest.mark.parametrize(
    ("old", "new", "where", "said"),
    [
        pytest.param(
            *('wbc: ">= 50"', 'wbc: "> 50"', TABLE, "no row answers for age = 1 a, wbc = 50"),
            id="hole of one value",
        ),
        pytest.param(
            *('age: ">= 10 a"', 'age: ">= 11 a"', TABLE, "no row answers for age = 10 a, wbc < 50"),
            id="hole of an age",
        ),
        pytest.param(
            *('wbc: "< 50"', 'wbc: "<= 50"', f"{TABLE} / rows / young-high"),
            "answers together with 'young-low' for age = 1 a, wbc = 50",
            id="overlap of one value",
        ),
        pytest.param(
            *('age: ">= 10 a"', 'age: ">= 9 a"', f"{TABLE} / rows / older"),
            "answers together with 'young-low' for age = 9 a, wbc < 50",
            id="overlap of an age",
        ),
        pytest.param(
            *("wbc: any", "wbc: some value", f"{TABLE} / rows / older / wbc", "not a cell: 'some value'"), id="unreadable"
        ),
        pytest.param(*("wbc: any", "wcb: any", f"{TABLE} / rows / older", "'wcb' is not among the inputs"), id="unknown input"),
        pytest.param(*("then: SR", "then: SSR", f"{TABLE} / rows / young-low", "'SSR' is not among the outcomes"), id="outcome"),
        pytest.param(*("[SR, HR]", "[SR, HR, VHR]", TABLE, "no row leads to the outcome 'VHR'"), id="outcome without a row"),
        pytest.param(*("wbc: any", "wbc: high", TABLE, "the cells of wbc mix numbers, ages and words"), id="mixed kinds"),
        pytest.param(
            *('age: ">= 10 a"', 'age: ">= 3652 d"', TABLE),
            "which of two spans is longer depends on the months",
            id="days against years",
        ),
    ],
)
def test_a_table_says_nothing_twice_and_leaves_nobody_out(shelf, old, new, where, said):
    shelf.change(RISK, old, new)
    found = shelf.faults()
    assert any(fault[0] == where and fault[1].startswith(said) for fault in found), found


def test_what_the_table_is_not_for_is_no_hole(shelf):
    # Below one year of age nothing answers; `applies` leaves these patients out. Without it they are a hole.
    shelf.change(RISK, '    applies: {fact: age, at_least: "1 a"}\n', "")
    assert [text for _, text, _ in shelf.faults()] == ["no row answers for age < 1 a, wbc < 50"]


def test_a_first_hit_table_may_answer_twice_but_leaves_nobody_out(shelf):
    shelf.change(RISK, "hit: unique", "hit: first")
    shelf.change(RISK, 'wbc: "< 50"', "wbc: any")
    assert shelf.faults() == []
    shelf.change(RISK, 'age: ">= 10 a"', 'age: ">= 11 a"')
    assert [text for _, text, _ in shelf.faults()] == ["no row answers for age = 10 a, wbc < 50"]


# unit, order code, verification


def test_the_unit_of_a_limit_has_to_be_known(shelf):
    shelf.change("limits/blasts.yaml", 'value: 5, unit: "%"', "value: 5, unit: furlong")
    assert [(where, text) for where, text, _ in shelf.faults()] == [
        ("limits/blasts.yaml blasts_from / 1", "the unit 'furlong' is not known")
    ]


@pytest.mark.parametrize(
    ("file", "old", "new", "fault"),
    [
        pytest.param(
            "asks.yaml",
            'code: "1-8"',
            'code: "2-6"',
            ("asks.yaml cd19 / order", "no value set holds the code 2-6 of loinc as verified"),
            id="unverified code",
        ),
        pytest.param(
            "asks.yaml",
            'code: "1-8"',
            'code: "9-9"',
            ("asks.yaml cd19 / order", "no value set holds the code 9-9 of loinc as verified"),
            id="code of no value set",
        ),
        pytest.param(
            THERAPY,
            "{system: loinc, code",
            "{system: lionc, code",
            (f"{THERAPY} examplomab / suggestion / codes / lionc", "the code system 'lionc' is not on file"),
            id="unknown system of an order",
        ),
        pytest.param(
            "value_sets/examplomab.yaml",
            '{system: loinc, code: "2-6"',
            '{system: lionc, code: "2-6"',
            ("value_sets/examplomab.yaml examplomab / codes / lionc", "the code system 'lionc' is not on file"),
            id="unknown system of a value set",
        ),
    ],
)
def test_only_verified_codes_of_known_systems_are_sent_out(shelf, file, old, new, fault):
    assert one_fault(shelf, file, old, new)[:2] == fault


@pytest.mark.parametrize(
    ("file", "old", "new", "fault"),
    [
        (
            THERAPY,
            "verification: V, sources: [label]}",
            "verification: V}",
            (f"{THERAPY} examplomab / cautions / infection", "is marked V and cites no source"),
        ),
        (
            "asks.yaml",
            "verification: V\n    sources: [label]",
            "verification: V2",
            ("asks.yaml cd19", "is marked V2 and cites no source"),
        ),
        (
            "evidence/examplomab.yaml",
            "citation: Example 2031",
            'citation: ""',
            ("evidence/examplomab.yaml examplomab / studies / EXA-1", "is marked V and has no citation"),
        ),
        (
            "evidence/examplomab.yaml",
            'published: "41 %", verification: V',
            'published: "41 %", verification: M',
            (
                "evidence/examplomab.yaml examplomab / studies / EXA-1",
                "has a line for the card, and no figure of it was read in a publication",
            ),
        ),
        (
            "value_sets/examplomab.yaml",
            "verified: true, source: label",
            'verified: true, source: ""',
            ("value_sets/examplomab.yaml examplomab / codes / loinc", "is marked as verified and names no source"),
        ),
    ],
)
def test_what_is_marked_as_verified_says_where(shelf, file, old, new, fault):
    assert one_fault(shelf, file, old, new)[:2] == fault


def test_a_verified_figure_has_a_published_number(shelf):
    shelf.change("evidence/examplomab.yaml", ', published: "41 %"', "")
    where = "evidence/examplomab.yaml examplomab / studies / EXA-1"
    assert (
        f"{where} / figures / 1",
        "is marked V and has no published figure",
        "write it as read, or mark it M",
    ) in shelf.faults()


def test_an_unverified_caution_needs_no_source(shelf):
    shelf.change(THERAPY, "verification: V, sources: [label]}", "verification: M}")
    assert shelf.faults() == []


# wording


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Give it at once", "tells a clinician what to do: `Give`"),
        ("Patients should receive it", "tells a clinician what to do: `should receive`"),
        ("It must be treated", "tells a clinician what to do: `must be treated`"),
        ("Administer slowly", "tells a clinician what to do: `Administer`"),
        ("A <b>bold</b> word", "holds HTML: `<b>`"),
        ("<!-- hidden -->", "holds HTML: `<!--`"),
        ("x" * 1501, "has 1501 characters, at most 1500 fit"),
    ],
)
def test_a_sentence_shown_to_a_clinician_informs_and_fits(shelf, text, said):
    where, found, _ = one_fault(shelf, THERAPY, "Infections were reported", f'"{text}"')
    assert (where, found) == (f"{THERAPY} examplomab / cautions / infection / text", said)


@pytest.mark.parametrize("text", ["It was given in 5 % of cases", "MRD < 0.01 % and age <1 month", "Forgiveness", "x" * 1500])
def test_plain_information_is_well(shelf, text):
    shelf.change(THERAPY, "Infections were reported", f'"{text}"')
    assert shelf.faults() == []


def test_the_questions_of_a_risk_system_are_shown_too(shelf):
    assert one_fault(shelf, RISK, "Is more needed?", "Give more?")[:2] == (
        f"{RISK} EX40 / questions / HR",
        "tells a clinician what to do: `Give`",
    )


# the two checks that are called from above


def test_the_shape_of_codes_is_judged_by_the_function_that_is_passed(shelf):
    asked = []

    def code_fault(system, code):
        asked.append((system, code))
        return "wrong check digit" if code == "2-6" else None

    assert [(fault.where, fault.text) for fault in code_shape.check(shelf.load(), code_fault)] == [
        ("value_sets/examplomab.yaml examplomab / codes / loinc", "2-6 of loinc: wrong check digit")
    ]
    # one of the therapy, two of the value set, one of the ask, which writes the address of the system
    assert sorted(asked) == [("loinc", "1-8"), ("loinc", "1-8"), ("loinc", "1-8"), ("loinc", "2-6")]


@pytest.mark.parametrize(
    ("as_of", "stale_rows"),
    [
        # read on 2031-04-20, and 100 days later is 2031-07-29
        (date(2031, 7, 29), []),
        (date(2031, 7, 30), [VERSION, TABLE, "sources/labels.yaml label"]),
    ],
)
def test_rows_read_long_ago_are_listed(shelf, as_of, stale_rows):
    found = [fault.where for fault in stale.check(shelf.load(), as_of, 100)]
    assert sorted(found) == sorted(stale_rows)
