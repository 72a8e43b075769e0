"""What rows cite, use and name has to exist, and each fault says where and what may be meant; the faultless library passes."""

import pytest

from service.knowledge.checks import run_checks
from service.knowledge.checks.talk import talk_rows_without_home
from tests.unit.knowledge.checks.broken_lines import INDICATION, RISK, TABLE, THERAPY, VERSION, one_fault


def test_the_faultless_library_passes_every_check(shelf):
    assert run_checks(shelf.load()) == ()


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
