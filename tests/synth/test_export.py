"""The files of a made-up cohort: the same bytes always, every resource once, nothing half-written that looks complete."""

from __future__ import annotations

import hashlib
from collections import Counter
from datetime import date

import orjson
import pytest

from service import cli
from service.errors import RequestError
from service.knowledge.loader import load_library
from service.synth.export import made_up, write_cohort

# SHA-256 over name and bytes of every file of five patients: a machine on which chance falls otherwise is noticed here.
FIVE_PATIENTS_OF_SEED_1 = "1028638b0d3b6a6422c656b97b1ac4a328fc6d93bf3e33d0479c7efba534b426"


def lines_of(folder, pattern):
    return [orjson.loads(line) for path in sorted(folder.glob(pattern)) for line in path.read_bytes().splitlines()]


def fingerprint(folder):
    found = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        found.update(path.relative_to(folder).as_posix().encode() + path.read_bytes())
    return found.hexdigest()


def test_the_same_seed_writes_the_same_bytes(tmp_path):
    for name in ("one", "two"):
        write_cohort(made_up(5, 1), tmp_path / name, files=2, bundles=True)
    assert fingerprint(tmp_path / "one") == fingerprint(tmp_path / "two") == FIVE_PATIENTS_OF_SEED_1


def test_every_resource_stands_once_in_a_file_of_its_type_under_an_id_of_its_own(tmp_path):
    made = list(made_up(20, 3))
    assert write_cohort(iter(made), tmp_path / "out", files=3) == 20
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert {"Observation.000.ndjson", "Observation.001.ndjson", "Observation.002.ndjson", "truth.ndjson"} <= names
    assert not [name for name in names if name.endswith(".part")]
    for path in (tmp_path / "out").glob("[A-Z]*.ndjson"):
        assert {orjson.loads(line)["resourceType"] for line in path.read_bytes().splitlines()} == {path.name.split(".")[0]}
    resources = lines_of(tmp_path / "out", "[A-Z]*.ndjson")
    ids = Counter((one["resourceType"], one["id"]) for one in resources)
    assert set(ids.values()) == {1}
    assert len(resources) == sum(len(one.story.resources) for one in made)


def test_a_patient_is_spread_over_the_files(tmp_path):
    write_cohort(made_up(20, 3), tmp_path / "out", files=3)
    spread: Counter[str] = Counter()
    for path in (tmp_path / "out").glob("Observation.*.ndjson"):
        spread.update({orjson.loads(line)["subject"]["reference"] for line in path.read_bytes().splitlines()})
    assert max(spread.values()) == 3


def test_the_truth_has_one_line_for_each_patient_on_the_day_that_is_asked_about(tmp_path):
    write_cohort(made_up(4, 9, date(2025, 6, 1)), tmp_path / "out")
    truth = lines_of(tmp_path / "out", "truth.ndjson")
    assert [line["patient"] for line in truth] == [f"patient-9-{number}" for number in (1, 2, 3, 4)]
    assert {line["asOf"] for line in truth} == {"2025-06-01"}
    dated = [one["effectiveDateTime"] for one in lines_of(tmp_path / "out", "Observation.ndjson")]
    assert max(dated) <= "2025-06-01"  # nothing lies in the future


def test_the_true_verdicts_stand_beside_the_facts(tmp_path):
    write_cohort(made_up(30, 9), tmp_path / "out", library=load_library())
    truth = lines_of(tmp_path / "out", "truth.ndjson")
    judged = [line for line in truth if line["verdicts"]["rows"]]
    assert 10 < len(judged) < 30  # the others have no ALL
    for line in judged:
        for side in ("verdicts", "decidable"):
            assert set(line[side]) == {"rows", "therapies", "riskGroups", "trials"}
        for kind, answers in line["decidable"].items():
            assert set(answers) == set(line["verdicts"][kind])
    assert {answer for line in judged for answer in line["decidable"]["rows"].values()} == {"yes", "no", "unknown"}
    assert {how for line in truth for how in line["how"].values()} >= {"untold", "in-part", "clouded", "stale"}


def test_bundles_hold_the_same_patients(tmp_path):
    write_cohort(made_up(4, 9), tmp_path / "out", bundles=True)
    assert sorted(path.name for path in (tmp_path / "out" / "bundles").iterdir()) == [f"patient-9-{n}.json" for n in (1, 2, 3, 4)]


def test_a_folder_that_holds_something_is_refused_and_left_alone(tmp_path):
    (tmp_path / "mine").write_text("kept", encoding="utf-8")
    with pytest.raises(RequestError, match="not empty"):
        write_cohort(made_up(1, 1), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_what_was_broken_off_does_not_look_complete(tmp_path):
    def broken_off():
        yield from made_up(2, 1)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_cohort(broken_off(), tmp_path / "out")
    assert {path.suffix for path in (tmp_path / "out").iterdir()} == {".part"}


def test_a_place_where_nothing_can_be_written_is_named_as_the_option(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(RequestError) as refused:
        write_cohort(made_up(1, 1), tmp_path / "file")
    assert refused.value.where == "--output"


def test_the_command_writes_the_cohort_and_says_so(tmp_path, capsys):
    arguments = ["synth", "--patients", "2", "--seed", "5", "--output", str(tmp_path / "out"), "--as-of", "2025-06-01"]
    assert cli.main(arguments) == 0
    assert "2 patients" in capsys.readouterr().err
    assert len(lines_of(tmp_path / "out", "Patient.ndjson")) == 2


@pytest.mark.parametrize("wrong", [["--patients", "0"], ["--seed", "x"], ["--files", "0"]])
def test_a_number_that_cannot_be_used_is_refused(tmp_path, wrong, capsys):
    arguments = {"--patients": "2", "--seed": "5", "--output": str(tmp_path / "out"), wrong[0]: wrong[1]}
    with pytest.raises(SystemExit):
        cli.main(["synth", *(part for pair in arguments.items() for part in pair)])
    assert "number from" in capsys.readouterr().err


@pytest.mark.parametrize(("day", "code"), [("0200-12-31", 2), ("0201-01-01", 0), ("9799-12-31", 0), ("9800-01-01", 2), ("", 2)])
def test_a_day_around_which_no_life_fits_is_refused(tmp_path, capsys, day, code):
    words = ["synth", "--patients", "40", "--seed", "1", "--output", str(tmp_path / "out"), f"--as-of={day}"]
    assert cli.main(words) == code
    assert (tmp_path / "out").exists() is (code == 0)
    assert ("--as-of" in capsys.readouterr().err) is (code == 2)
