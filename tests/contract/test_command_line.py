"""The command line: what it prints and its exit codes. Never a stack trace."""

import gzip
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from service import cli, errors
from service.commands.words import EXIT_CODES
from service.errors import Fault
from tests.contract.stored import FIXTURES, PATIENTS

STORY = str(FIXTURES / "patients" / "adult-first-relapse.json")


@pytest.fixture
def run(capsys):
    """Exit code, standard output and standard error of one command."""

    def call(*words):
        code: object
        try:
            code = cli.main(words)
        except SystemExit as stopped:  # argparse
            code = stopped.code
        said = capsys.readouterr()
        assert "Traceback" not in said.out + said.err
        return code, said.out, said.err

    return call


def test_assess_prints_the_assessment(run):
    code, out, err = run("assess", STORY, "--as-of", "2026-11-22", "--known-by", "2026-11-22", "--regulators", "FDA")
    document = json.loads(out)
    assert (code, err) == (0, "")
    assert (document["asOf"], document["regulators"], document["patient"]) == (
        "2026-11-22",
        ["FDA"],
        "Patient/adult-first-relapse",
    )


def test_the_command_line_and_the_web_give_the_same_document(run, client, bundle):
    _, out, _ = run("assess", STORY, "--as-of", "2026-11-22", "--known-by", "2026-11-22")
    query = "/assess?as_of=2026-11-22&known_by=2026-11-22"
    assert client.post(query, data=bundle("adult-first-relapse"), content_type="application/json").json == json.loads(out)


@pytest.mark.parametrize("word", ["ALTogether", "all together", "AEIOP-BFM"])
def test_a_site_group_that_is_nearly_one_is_answered_with_what_may_be_meant(run, word):
    # trials.md, NCT06124157 and NCT04307576: limits differ for ALLTogether, COG, AIEOP-BFM
    code, out, err = run("assess", STORY, "--as-of", "2026-11-22", "--site-group", word)
    assert (code, json.loads(out)["patient"]) == (0, "Patient/adult-first-relapse")
    meant = "AIEOP-BFM" if "BFM" in word else "ALLTogether"
    assert err == f"all-cds: --site-group: no trial on file names {word} (did you mean {meant!r}?)\n"


@pytest.mark.parametrize("word", ["ALLTogether", "alltogether", "cog", "SEHOP", "our own"])
def test_a_site_group_that_is_one_or_is_like_none_is_taken_without_a_word(run, word):
    assert run("assess", STORY, "--as-of", "2026-11-22", "--site-group", word)[2] == ""


def test_the_site_group_that_is_set_up_is_looked_at_too(run, monkeypatch):
    monkeypatch.setenv("ALL_CDS_SITE_GROUP", "ALTogether")
    assert "did you mean 'ALLTogether'?" in run("assess", STORY, "--as-of", "2026-11-22")[2]


def test_assess_reads_standard_input(run, monkeypatch, bundle):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(bundle("adult-first-relapse"))))
    code, out, _ = run("assess", "-", "--as-of", "2026-11-22")
    assert code == 0
    assert json.loads(out)["patient"] == "Patient/adult-first-relapse"


def test_assess_reads_gzip_by_what_it_is_whatever_it_is_called(run, tmp_path, bundle):
    plain = run("assess", STORY, "--as-of", "2026-11-22")
    for name in ("story.json.gz", "story.json"):
        path = tmp_path / name
        path.write_bytes(gzip.compress(bundle("adult-first-relapse")))
        assert run("assess", str(path), "--as-of", "2026-11-22") == plain


def test_assess_reads_gzip_from_standard_input(run, monkeypatch, bundle):
    packed = gzip.compress(bundle("adult-first-relapse"))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(packed)))
    assert run("assess", "-", "--as-of", "2026-11-22")[0] == 0


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be"])
def test_a_bundle_in_another_encoding_is_told_as_that(run, tmp_path, bundle, encoding):
    path = tmp_path / "story.json"
    path.write_bytes(bundle("adult-first-relapse").decode().encode(encoding))
    assert run("assess", str(path)) == (
        4,
        "",
        f"all-cds: {path}: the body is in UTF-16 or UTF-32 (convert it: send one FHIR Bundle as JSON in UTF-8)\n",
    )


SPOILT = {
    "cut off": lambda packed: packed[:-9],
    "changed": lambda packed: packed[:20] + b"x" * 40,
    "only the first bytes": lambda packed: packed[:2] + b"no",
}


@pytest.mark.parametrize("how", SPOILT)
def test_gzip_that_is_broken_is_an_unusable_record(run, tmp_path, bundle, how):
    path = tmp_path / "story.json.gz"
    path.write_bytes(SPOILT[how](gzip.compress(bundle("adult-first-relapse"))))
    code, out, err = run("assess", str(path))
    assert (code, out) == (4, "")
    assert "the file is not whole gzip" in err


def test_the_help_explains_each_format(run):
    _, out, _ = run("assess", "--help")
    for word in ("json", "text", "cards"):
        assert f"{word}: " in out


def test_several_files_are_answered_one_line_each_and_a_broken_one_does_not_stop_the_rest(run, tmp_path):
    broken = tmp_path / "broken.json"
    broken.write_text("{")
    code, out, err = run("assess", STORY, str(broken), STORY, "--as-of", "2026-11-22")
    assert code == 4
    assert [json.loads(line)["patient"] for line in out.splitlines()] == ["Patient/adult-first-relapse"] * 2
    assert "broken.json" in err


def test_format_cards_is_the_answer_of_the_hook(run):
    code, out, _ = run("assess", STORY, "--as-of", "2026-11-22", "--format", "cards")
    assert code == 0
    assert list(json.loads(out)) == ["cards"]


@pytest.mark.parametrize("story", PATIENTS)
def test_format_text_is_for_people(run, story):
    code, out, _ = run("assess", str(FIXTURES / "patients" / f"{story}.json"), "--as-of", "2026-11-22", "--format", "text")
    assert code == 0
    assert out.startswith("Patient/")
    assert "Facts" in out


@pytest.mark.parametrize(
    ("words", "code"),
    [
        pytest.param([], 2, id="no command"),
        pytest.param(["assess"], 2, id="no file"),
        pytest.param(["assess", "nowhere.json"], 2, id="no such file"),
        pytest.param(["assess", STORY, "--as-of", "tomorrow"], 2, id="no date"),
        pytest.param(["assess", STORY, "--as-of", "9999-12-31"], 2, id="a day that has not come"),
        pytest.param(["assess", STORY, "--regulators", "PMDA"], 2, id="no regulator"),
        pytest.param(["assess", STORY, "--format", "xml"], 2, id="no format"),
        pytest.param(["serve", "--port", "0"], 2, id="no port"),
        pytest.param(["serve", "--workers", "0"], 2, id="no workers"),
        pytest.param(["serve", "--workers", "²"], 2, id="workers in a sign that only looks like a number"),
        pytest.param(["knowledge"], 2, id="nothing to look at"),
        pytest.param(["knowledge", "show", "nothing-of-that-name"], 2, id="no such id"),
        pytest.param(["knowledge", "check"], 0, id="knowledge is well"),
        pytest.param(["--help"], 0, id="help"),
    ],
)
def test_exit_codes(run, words, code):
    assert run(*words)[0] == code


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--as-of", "tomorrow"),
        ("--known-by", "2026-02-30"),
        ("--regulators", "PMDA"),
        ("--country", "Spain"),
        ("--place", "here"),
    ],
)
def test_an_option_that_cannot_be_used_is_named_as_it_was_typed(run, option, value):
    code, out, err = run("assess", STORY, option, value)
    assert (code, out) == (2, "")
    assert err.startswith(f"all-cds: {option}: ")


@pytest.mark.parametrize("option", ["--as-of", "--compare-with"])
def test_a_day_of_a_cohort_that_cannot_be_used_is_named_as_it_was_typed(run, tmp_path, option):
    code, _, err = run("screen", STORY, "--output", str(tmp_path / "rows.csv"), option, "tomorrow")
    assert (code, err) == (2, f"all-cds: {option}: not a date (write it as 2026-11-22)\n")


@pytest.mark.parametrize("text", ["", "{", "[]", '{"resourceType":"Bundle"}', '{"resourceType":"Patient"}'])
def test_a_record_that_cannot_be_used_is_4(run, tmp_path, text):
    path = tmp_path / "record.json"
    path.write_text(text)
    code, out, err = run("assess", str(path))
    assert (code, out) == (4, "")
    assert err.startswith("all-cds: ")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.KnowledgeError((Fault("file.yaml:3", "faulty", "did you mean x?"),)), 3),
        (errors.WrongPatient("x"), 4),
        (errors.TooLarge("x"), 4),
        (errors.RequestError("x"), 2),
        (errors.UnsupportedMediaType("x"), 2),
        (errors.UpstreamError("x"), 5),
        (errors.RegistryError("x"), 5),
        (errors.StoreError("x"), 6),
        (errors.SealBroken("x"), 6),
    ],
)
def test_every_error_has_its_exit_code(run, monkeypatch, error, code):
    def fail(*_arguments):
        raise error

    monkeypatch.setattr("service.commands.knowledge.build_service", fail)
    seen, _, err = run("knowledge", "log")
    assert seen == code
    assert err.startswith("all-cds: ")


def test_every_leaf_of_the_error_tree_has_an_exit_code():
    def leaves(root):
        below = root.__subclasses__()
        return {root} if not below else set().union(*map(leaves, below))

    for kind in leaves(errors.ServiceError):
        assert any(parent in EXIT_CODES for parent in kind.__mro__), kind


def test_a_faulty_setting_is_wrong_usage(run, monkeypatch):
    monkeypatch.setenv("ALL_CDS_MAX_CARDS", "many")
    code, _, err = run("assess", STORY)
    assert code == 2
    assert "ALL_CDS_MAX_CARDS" in err


def test_knowledge_check_counts_what_is_not_verified(run):
    code, out, _ = run("knowledge", "check")
    assert code == 0
    assert "no faults" in out
    assert "unverified" in out


@pytest.mark.parametrize(
    ("name", "said"),
    [
        *(("blinatumomab", "E-BLI-2a"), ("BLI", "E-BLI-2a"), ("e-bli-2a", "from 2020-12-22"), ("NCI", "NCI-4")),
        *(("nct03876769", "C05 (inclusion)"), ("CASSIOPEIA", "ACTIVE_NOT_RECRUITING, seen 2026-01-21")),
        *(("2017-002116-14", "CASSIOPEIA"), ("cassio", "C18 (exclusion)"), ("NCT04307576", "D04")),
    ],
)
def test_knowledge_show_knows_therapies_indications_risk_systems_and_trials(run, name, said):
    code, out, _ = run("knowledge", "show", name)
    assert code == 0
    assert said in out


def test_knowledge_show_says_what_may_be_meant(run):
    assert "blinatumomab" in run("knowledge", "show", "blinatumumab")[2]


def test_knowledge_log_is_in_the_order_of_days(run):
    code, out, _ = run("knowledge", "log")
    days = [line[:10] for line in out.splitlines()]
    assert code == 0
    assert days == sorted(days)
    # therapies.md 1.1: the day on which E-BLI-1 ends and E-BLI-2a begins
    assert any(line.startswith("2020-12-22") and "E-BLI-2a" in line for line in out.splitlines())


def test_the_installed_command_is_this_one():
    command = Path(sys.executable).with_name("all-cds")
    assert command.is_file(), "all-cds is missing from the environment: make setup installs it"
    said = subprocess.run([command, "--help"], check=False, capture_output=True, text=True)
    assert said.returncode == 0
    assert "assess" in said.stdout
