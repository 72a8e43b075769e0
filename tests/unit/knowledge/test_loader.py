"""Files → library, or every fault of every file at once with file, line, row and hint."""

import pytest

from service.errors import KnowledgeError
from service.knowledge.loader import load_library

THERAPY = "therapies/examplomab.yaml"


def test_a_faultless_folder_becomes_a_library(shelf):
    library = shelf.load()
    assert library.version == "2040.1.1"
    assert list(library.therapies) == ["examplomab"]
    assert library.files["definitions", "b-all"] == "definitions/disease.yaml"
    assert library.incomplete == frozenset()


def test_the_shipped_files_have_no_fault():
    assert load_library().therapies


@pytest.mark.parametrize(
    ("file", "old", "new", "fault"),
    [
        pytest.param(
            THERAPY,
            "regulator: FDA",
            "regulatr: FDA",
            (
                "therapies/examplomab.yaml:16 indications / F-EXA-1 / regulatr",
                "unknown key `regulatr`",
                "did you mean 'regulator'?",
            ),
            id="misspelt key",
        ),
        pytest.param(
            THERAPY,
            "regulator: FDA",
            "regulator: FAD",
            (
                "therapies/examplomab.yaml:16 indications / F-EXA-1 / regulator",
                "`FAD` is not allowed",
                "write one of 'EMA', 'FDA' or 'AEMPS'",
            ),
            id="word outside the list",
        ),
        pytest.param(
            THERAPY,
            "document: label",
            "document: 5",
            (
                "therapies/examplomab.yaml:18 indications / F-EXA-1 / document",
                "`5` is read as a number, a text is wanted",
                'write "5" in quotes',
            ),
            id="number for a text",
        ),
        pytest.param(
            THERAPY,
            'code: "1-8"',
            "code: 1.10",
            (
                "therapies/examplomab.yaml:11 suggestion / codes / loinc / code",
                "`1.10` is read as a number, a text is wanted",
                'write "1.10" in quotes',
            ),
            id="number for a code",
        ),
        pytest.param(
            THERAPY,
            "status: accelerated",
            "status: true",
            (
                "therapies/examplomab.yaml:23 indications / F-EXA-1 / versions / 2031-04-02 / status",
                "`true` is read as true or false, a text is wanted",
                'write "true" in quotes',
            ),
            id="boolean for a text",
        ),
        pytest.param(
            THERAPY,
            "{fact: age, at_least",
            "{fact: age, at_leest",
            (
                "therapies/examplomab.yaml:29 indications / F-EXA-1 / versions / 2031-04-02 / criteria / age / test / at_leest",
                "unknown key `at_leest`",
                "did you mean 'at_least'?",
            ),
            id="misspelt operator of a test",
        ),
        pytest.param(
            THERAPY,
            "{fact: age, at_least",
            "{fakt: age, at_least",
            (
                "therapies/examplomab.yaml:29 indications / F-EXA-1 / versions / 2031-04-02 / criteria / age / test",
                "not a test: exactly one of fact, all, any, none, use, undecided is written",
                "did you mean 'fact'?",
            ),
            id="misspelt form of a test",
        ),
        pytest.param(
            THERAPY,
            "test: {use: active-b-all}",
            "test: {use: active-b-all, fact: age}",
            (
                "therapies/examplomab.yaml:28 indications / F-EXA-1 / versions / 2031-04-02 / criteria / disease / test",
                "not a test: exactly one of fact, all, any, none, use, undecided is written",
                "did you mean 'use'?",
            ),
            id="two forms of a test at once",
        ),
        pytest.param(
            THERAPY,
            "test: {use: active-b-all}",
            "test: {all: []}",
            (
                "therapies/examplomab.yaml:28 indications / F-EXA-1 / versions / 2031-04-02 / criteria / disease / test / all",
                "the list is empty",
                "write at least one",
            ),
            id="empty list",
        ),
        pytest.param(
            THERAPY,
            "test: {use: active-b-all}",
            "test: active-b-all",
            (
                "therapies/examplomab.yaml:28 indications / F-EXA-1 / versions / 2031-04-02 / criteria / disease / test",
                "not a test: exactly one of fact, all, any, none, use, undecided is written",
                "",
            ),
            id="text for a test",
        ),
        pytest.param(
            THERAPY,
            'at_least: "1 mo"',
            'at_least: "1 mo", below: 5',
            (
                "therapies/examplomab.yaml:29 indications / F-EXA-1 / versions / 2031-04-02 / criteria / age / test",
                "a test on a fact has exactly one of: is, in, has, at_least, above, below, at_most",
                "",
            ),
            id="two operators",
        ),
        pytest.param(
            THERAPY,
            'at_least: "1 mo"',
            "is: 1.5",
            (
                "therapies/examplomab.yaml:29 indications / F-EXA-1 / versions / 2031-04-02 / criteria / age / test / is",
                "a number is not allowed here",
                "",
            ),
            id="broken number for a word",
        ),
        pytest.param(
            "definitions/disease.yaml",
            "in: [relapsed, refractory]",
            "in: [relapsed, refractory], at_leest: 5",
            (
                "definitions/disease.yaml:7 definitions / active-b-all / test / all / disease_state / at_leest",
                "unknown key `at_leest`",
                "did you mean 'at_least'?",
            ),
            id="misspelt operator deep in a tree",
        ),
        pytest.param(
            THERAPY,
            "until: 2033-09-01",
            "until: 2031-04-02",
            (
                "therapies/examplomab.yaml:20 indications / F-EXA-1 / versions / 2031-04-02",
                "`until` must be later than `effective`",
                "",
            ),
            id="dates out of order",
        ),
        pytest.param(
            THERAPY,
            "until: 2033-09-01",
            'until: "2033-09-01"',
            (
                "therapies/examplomab.yaml:21 indications / F-EXA-1 / versions / 2031-04-02 / until",
                "a day such as 2031-04-02 is wanted, not a text",
                "",
            ),
            id="text for a day",
        ),
        pytest.param(
            THERAPY,
            "target: cd19\n",
            "",
            ("therapies/examplomab.yaml:1 target", "the key `target` is missing", ""),
            id="missing key",
        ),
        pytest.param(
            "release.yaml",
            "date: 2040-01-01",
            "date:",
            ("release.yaml:2 date", "a day such as 2031-04-02 is wanted, not nothing", ""),
            id="key without a value",
        ),
        pytest.param(
            "sources/labels.yaml",
            "notice: {title: Notice of withdrawal, read_on",
            "notice: {title: Notice of withdrawal, red_on",
            ("sources/labels.yaml:3 sources / notice / red_on", "unknown key `red_on`", "did you mean 'read_on'?"),
            id="misspelt key in a map",
        ),
    ],
)
def test_a_broken_row_is_named_with_file_line_row_and_hint(shelf, file, old, new, fault):
    shelf.change(file, old, new)
    assert fault in shelf.faults()


@pytest.mark.parametrize(
    ("new", "count"),
    [("test: {fakt: x}", 1), ("test: {all: [{use: a, uze: b}]}", 1), ("test: {fact: age, below: [1]}", 1)],
)
def test_a_broken_test_is_told_once_and_not_for_every_form(shelf, new, count):
    shelf.change(THERAPY, "test: {use: active-b-all}", new)
    assert len(shelf.faults()) == count


def test_every_fault_of_every_file_is_told_at_once(shelf):
    shelf.change(THERAPY, "target: cd19", "target: cd91")
    shelf.change("limits/blasts.yaml", "value: 5", "value: many")
    shelf.change("talk/rows.yaml", "id: T2", "id: yes")
    shelf.change("systems.yaml", "name: loinc", "name: loinc, name: loinc")
    shelf.write("value_sets/broken.yaml", "concept: [")
    assert sorted(where.partition(" ")[0] for where, _, _ in shelf.faults()) == [
        "limits/blasts.yaml:2",
        "systems.yaml:2",
        "talk/rows.yaml:3",
        "therapies/examplomab.yaml:6",
        "value_sets/broken.yaml:1",
    ]


def test_a_check_does_not_miss_what_stands_in_a_file_that_could_not_be_read(shelf):
    # Everything that cites a source would be a fault of its own, if an unreadable file counted as an empty one.
    shelf.change("sources/labels.yaml", "title: Notice of withdrawal", "titel: Notice of withdrawal")
    assert {where.partition(" ")[0] for where, _, _ in shelf.faults()} == {"sources/labels.yaml:3"}


def test_faults_of_rows_and_of_checks_are_told_together(shelf):
    shelf.change("talk/rows.yaml", "id: T2", "id: 2")
    shelf.change(THERAPY, "document: label", "document: lable")
    assert [text for _, text, _ in shelf.faults()] == [
        "`2` is read as a number, a text is wanted",
        "the document 'lable' is not on file",
    ]


@pytest.mark.parametrize(
    ("name", "where", "text", "hint"),
    [
        ("therapys/x.yaml", "therapys/x.yaml", "there is no shelf 'therapys'", "did you mean 'therapies'?"),
        ("therapies/old/x.yaml", "therapies/old/x.yaml", "there is no shelf 'therapies/old'", "did you mean 'therapies'?"),
        ("therapies/x.yml", "therapies/x.yml", "only .yaml files stand here", "name it x.yaml"),
        ("therapies/notes.txt", "therapies/notes.txt", "only .yaml files stand here", ""),
        ("ask.yaml", "ask.yaml", "no such file is expected at the top", "did you mean 'asks.yaml'?"),
    ],
)
def test_a_file_in_the_wrong_place_is_a_fault_and_never_ignored(shelf, name, where, text, hint):
    shelf.write(name, "a: b")
    assert shelf.faults() == [(where, text, hint)]


def test_hidden_files_are_not_ours(shelf):
    before = shelf.load().digest
    shelf.write("therapies/.examplomab.yaml.swp", "x")
    assert shelf.load().digest == before


def test_a_folder_that_is_not_there_is_a_fault(tmp_path):
    with pytest.raises(KnowledgeError, match="this folder of knowledge files does not exist"):
        load_library(tmp_path / "nowhere")


def test_the_release_is_required(shelf):
    shelf.remove("release.yaml")
    assert [(where, text) for where, text, _ in shelf.faults()] == [("release.yaml", "this file is missing")]


def test_an_id_given_twice_names_the_other_file(shelf):
    shelf.write(
        "definitions/more.yaml",
        "definitions:\n  - {id: b-all, says: Again, verification: V, sources: [label], test: {fact: disease, is: bcp-all}}\n",
    )
    assert shelf.faults() == [
        ("definitions/more.yaml b-all", "the id 'b-all' stands in definitions/disease.yaml too", "an id is given once")
    ]


def test_an_id_given_twice_in_one_file_is_a_fault(shelf):
    shelf.change("talk/rows.yaml", "id: T2", "id: T1")
    assert shelf.faults() == [("talk/rows.yaml T1", "the id 'T1' stands twice in this file", "an id is given once")]


def test_a_limit_stands_in_one_file_with_all_its_rows(shelf):
    text = (shelf.folder / "limits/blasts.yaml").read_text(encoding="utf-8")
    shelf.write("limits/more.yaml", text.replace("1990-01-01", "1980-01-01").replace("until: 2030-01-01", "until: 1990-01-01"))
    assert ("limits/more.yaml blasts_from", "the limit 'blasts_from' stands in limits/blasts.yaml too", "") in shelf.faults()


def test_an_added_folder_adds_rows_and_changes_the_digest(shelf, tmp_path):
    added = tmp_path / "site" / "talk"
    added.mkdir(parents=True)
    (added / "rows.yaml").write_text("rows:\n  - {id: X1, text: A row of this hospital}\n", encoding="utf-8")
    library = load_library(shelf.folder, extra=(tmp_path / "site",))
    assert set(library.talk) == {"T1", "T2", "X1"}
    assert library.files["talk", "X1"] == "site/talk/rows.yaml"
    assert library.digest != shelf.load().digest


def test_the_error_lists_its_faults_line_by_line(shelf):
    shelf.change(THERAPY, "document: label", "document: lable")
    with pytest.raises(KnowledgeError) as caught:
        shelf.load()
    assert str(caught.value) == (
        "1 fault(s) in the knowledge files:\n"
        "  therapies/examplomab.yaml:15 examplomab / indications / F-EXA-1: "
        "the document 'lable' is not on file (did you mean 'label'?)"
    )


def test_a_file_that_holds_no_keys_is_a_fault(shelf):
    shelf.write(THERAPY, "- a\n- b\n")
    assert shelf.faults()[0] == (f"{THERAPY}:1", "keys with values is wanted, not a list", "")
