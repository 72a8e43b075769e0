"""`all-cds codes unmapped`: what it prints, in both forms, and its exit codes."""

import io
import json
import sys
from pathlib import Path

import pytest

from service import cli
from tests.contract.stored import FIXTURES

STORY = str(FIXTURES / "patients" / "adult-first-relapse.json")
LAB = "http://lab.example/codes"


@pytest.fixture
def run(capsys):
    def call(*words):
        code: object
        try:
            code = cli.main(("codes", "unmapped", *words))
        except SystemExit as stopped:  # argparse
            code = stopped.code
        said = capsys.readouterr()
        assert "Traceback" not in said.out + said.err
        return code, said.out, said.err

    return call


def observation(code, display):
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": LAB, "code": code, "display": display}]},
    }


@pytest.fixture
def local(tmp_path):
    """A bundle with local codes: 4712 twice, 4711 once, and a patient with a name."""
    resources = [
        {"resourceType": "Patient", "id": "p", "name": [{"family": "Nadie", "given": ["Alguien"]}], "birthDate": "1981-03-14"},
        observation("4711", "CD22 on blasts, local method"),
        observation("4712", 'Rhubarb "red"'),
        observation("4712", 'Rhubarb "red"'),
        observation("4713", "Rhubarb of Nadie"),
    ]
    path = tmp_path / "local.json"
    path.write_text(json.dumps({"resourceType": "Bundle", "entry": [{"resource": resource} for resource in resources]}))
    return str(path)


def test_text_lists_by_frequency_with_what_could_be_meant(run, local):
    code, out, err = run(local)
    first, second, third = out.splitlines()
    assert (code, err) == (0, "")
    assert first.split()[:2] == ["2", f"{LAB}|4712"]
    assert second.split()[:2] == ["1", f"{LAB}|4711"]
    assert '"CD22 on blasts, local method" [Observation] perhaps cd22-blasts' in second
    assert third.split()[1] == f"{LAB}|4713"


@pytest.mark.parametrize("form", ["text", "csv"])
def test_nothing_of_the_patient_is_printed(run, local, form):
    _, out, err = run(local, "--format", form)
    assert not any(word in (out + err).lower() for word in ("nadie", "alguien", "1981"))


def test_csv_is_a_mapping_that_says_nothing_until_it_is_edited(run, local, tmp_path, monkeypatch):
    _, out, _ = run(local, "--format", "csv")
    assert out.splitlines() == [
        "system,code,concept",
        f'# {LAB},4712,  # "Rhubarb "red"" 2 x Observation',
        f'# {LAB},4711,cd22-blasts  # "CD22 on blasts, local method" 1 x Observation',
        f"# {LAB},4713,  # (no display) 1 x Observation",
    ]
    mapping = tmp_path / "site.csv"
    monkeypatch.setenv("ALL_CDS_SITE_MAPPING", str(mapping))
    mapping.write_text(out)
    assert run(local, "--format", "csv")[1] == out
    mapping.write_text(out.replace(f"# {LAB},4711", f"{LAB},4711"))
    assert "4711" not in run(local)[1]


def test_most_cuts_the_list_and_says_so(run, local):
    code, out, err = run(local, "--most", "1")
    assert (code, len(out.splitlines()), err) == (0, 1, "all-cds: 2 more\n")
    assert "4712" in out


def test_a_story_in_known_codes_has_nothing_to_map(run):
    assert run(STORY) == (0, "every code is understood\n", "")


def test_standard_input_is_read(run, monkeypatch, local):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(Path(local).read_bytes())))
    assert "4711" in run("-")[1]


def test_a_broken_bundle_does_not_stop_the_rest(run, local, tmp_path):
    broken = tmp_path / "broken.json"
    broken.write_text("{")
    code, out, err = run(str(broken), local)
    assert code == 4
    assert "4711" in out
    assert "broken.json" in err
    assert run(str(broken))[:2] == (4, "")


@pytest.mark.parametrize("words", [[], ["nowhere.json"], [STORY, "--format", "json"], [STORY, "--most", "0"]])
def test_wrong_usage_is_2(run, words):
    assert run(*words)[0] == 2
