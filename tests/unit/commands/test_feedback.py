"""The report as it is printed: text for people, CSV for a spreadsheet, and nothing made by looking."""

import base64
import csv
import io
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from service import cli
from service.explanations.comments import seal_comment
from service.stores.answers import AnswerTables
from service.stores.database import open_database
from service.stores.encryption_keys import key_bytes
from service.stores.kept import GivenFeedback, ShownCard
from service.stores.vault import Vault

DAY_BEFORE, DAY = datetime(2026, 11, 21, 23, 59, 59, 999999, tzinfo=UTC), datetime(2026, 11, 22, tzinfo=UTC)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "folder" / "store.db"


@pytest.fixture
def tables(path):
    return AnswerTables(open_database(str(path)))


@pytest.fixture
def report(monkeypatch, capsys, path, rules):
    monkeypatch.setattr("service.commands.feedback.build_service", lambda _settings: SimpleNamespace(rules=rules))

    def run(*words, keep="true"):
        monkeypatch.setenv("ALL_CDS_STORE", str(path))
        monkeypatch.setenv("ALL_CDS_KEEP_ANSWERS", keep)
        code = cli.main(["feedback", "report", *words])
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def show(tables, card, rules=("E-BLI-2a",), at=DAY, client="open"):
    tables.add_shown([ShownCard(card, (), rules, "t", "svc", "patient-view", "sha256:x", client, at)])


def tell(tables, card, outcome="overridden", *, suggestions=(), at=DAY, **reason):
    tables.add_feedback([GivenFeedback(card, outcome, at, "open", at, suggestions, **reason)])


def test_the_report_in_words(tables, report):
    for number in range(20):
        show(tables, f"c{number}", client="=ehr" if number else "open")
    show(tables, "trial", rules=("cd22",))
    for number in range(10):
        tell(tables, f"c{number}", reason_code="patient-refuses" if number else "")
    tell(tables, "c10", "accepted", suggestions=("s",))
    tell(tables, "c11", "accepted")
    tell(tables, "stranger")
    code, out, err = report()
    assert (code, err) == (0, "")
    told = "2 accepted (1 without saying what), 10 overridden (patient-refuses 9, no reason 1)"
    assert out.splitlines() == [
        f"21 shown, {told}, 9 without feedback; 1 told of that are none of ours",
        "",
        "by rule",
        f"  E-BLI-2a: 20 shown, {told}, 8 without feedback",
        "  cd22: 1 shown, 0 accepted, 0 overridden, 1 without feedback",
        "",
        "by product or trial",
        f"  blinatumomab: 20 shown, {told}, 8 without feedback",
        "",
        "by client",
        "  =ehr: 19 shown, 2 accepted (1 without saying what), 9 overridden (patient-refuses 9), 8 without feedback",
        "  open: 2 shown, 0 accepted, 1 overridden (no reason 1), 1 without feedback",
        "",
        "overridden on 50 % of at least 20 cards: E-BLI-2a",
    ]


def test_the_report_as_csv_is_no_formula(tables, report):
    show(tables, "c1", client="=ehr")
    tell(tables, "c1", reason_text="@SUM(1)")
    tell(tables, "stranger")
    code, out, err = report("--format", "csv")
    assert (code, err) == (0, "")
    rows = list(csv.reader(io.StringIO(out)))
    assert rows == [
        ["by", "name", "shown", "accepted", "accepted_unnamed", "overridden", "untold", "reasons", "overridden_too_often"],
        ["all", "", "1", "0", "0", "1", "0", "'@SUM(1) 1", ""],
        ["rule", "E-BLI-2a", "1", "0", "0", "1", "0", "'@SUM(1) 1", "no"],
        ["product or trial", "blinatumomab", "1", "0", "0", "1", "0", "'@SUM(1) 1", ""],
        ["client", "'=ehr", "1", "0", "0", "1", "0", "'@SUM(1) 1", ""],
        ["none of ours", "", "1", "", "", "", "", "", ""],
    ]


def test_since_counts_cards_from_the_beginning_of_the_day(tables, report):
    show(tables, "before", at=DAY_BEFORE)
    show(tables, "after")
    tell(tables, "stranger", at=DAY_BEFORE)
    assert report("--since", "2026-11-21")[1].startswith("2 shown, 0 accepted, 0 overridden, 2 without feedback; 1 told")
    assert report("--since", "2026-11-22")[1].startswith("1 shown, 0 accepted, 0 overridden, 1 without feedback; 0 told")


@pytest.mark.parametrize("words", [("--since", "yesterday"), ("--since", "2026-13-01"), ("--format", "xml")])
def test_wrong_words_are_2(report, words):
    with pytest.raises(SystemExit) as stopped:
        report(*words)
    assert stopped.value.code == 2


def test_without_a_store_there_is_nothing_to_tell_and_none_is_made(report, path):
    code, out, _ = report()
    assert code == 0
    assert out.startswith("0 shown, 0 accepted, 0 overridden, 0 without feedback")
    assert "no rule" in out
    assert not path.parent.exists()


def test_a_store_of_before_these_tables_has_nothing_to_tell(report, tables):
    with tables._database.transaction() as connection:
        for table in ("answers", "feedback"):
            connection.exec_driver_sql(f"drop table {table}")
    assert report()[1].startswith("0 shown")


def test_a_store_that_cannot_be_read_is_6(report, path):
    path.parent.mkdir()
    path.write_text(100 * "not a database ")
    assert report()[0] == 6


@pytest.mark.parametrize(("keep", "said"), [("true", False), ("false", True)])
def test_that_nothing_new_is_kept_is_said(report, tables, keep, said):
    assert ("ALL_CDS_KEEP_ANSWERS" in report(keep=keep)[2]) is said


def test_a_terminal_is_not_told_what_to_do(report, tables):
    show(tables, "c1", client="\x1b[2Jehr")
    assert "\x1b" not in report()[1]


KEY, OTHER_KEY = (base64.b64encode(bytes([digit]) * 32).decode() for digit in (1, 2))
WORDS = "Jane Doe, born 1981\nrefuses"


@pytest.fixture
def commented(tables):
    given = GivenFeedback("c1", "overridden", DAY, "open", DAY, commented=True)
    show(tables, "c1")
    tables.add_feedback([seal_comment(given, WORDS, Vault([key_bytes(KEY)]))])
    tell(tables, "c2")


@pytest.mark.parametrize("words", [(), ("--format", "csv")])
def test_ch_b_12_what_users_typed_is_not_in_a_report_that_does_not_ask_for_it(commented, report, monkeypatch, words):
    monkeypatch.setenv("ALL_CDS_ENCRYPTION_KEYS", KEY)
    code, out, err = report(*words)
    assert code == 0
    assert "Jane" not in out + err


@pytest.mark.parametrize(
    ("keys", "shown"),
    [
        (KEY, "Jane Doe, born 1981 refuses"),
        (f"{OTHER_KEY},{KEY}", "Jane Doe, born 1981 refuses"),
        (OTHER_KEY, "sealed: none of the keys that are set opens it"),
        ("", "sealed: no key is set"),
    ],
)
def test_ch_b_12_a_report_that_asks_for_it_shows_what_its_key_opens(commented, report, monkeypatch, keys, shown):
    monkeypatch.setenv("ALL_CDS_ENCRYPTION_KEYS", keys)
    code, out, err = report("--comments")
    assert (code, err) == (0, "")
    assert out.splitlines()[-2:] == ["in their own words, 1 times", f"  2026-11-22 overridden c1: {shown}"]


def test_what_users_typed_is_asked_for_by_the_day_it_came(commented, report):
    assert "in their own words, 1 times" in report("--comments", "--since", "2026-11-22")[1]
    assert "in their own words, 0 times" in report("--comments", "--since", "2026-11-23")[1]


def test_what_users_typed_is_for_no_spreadsheet(commented, report):
    code, out, err = report("--comments", "--format", "csv")
    assert (code, out) == (2, "")
    assert "--comments" in err


def test_comments_without_a_store_are_none_and_make_none(report, path):
    assert "in their own words, 0 times" in report("--comments")[1]
    assert not path.parent.exists()
