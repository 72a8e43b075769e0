"""Spark gives the answers of one machine, and what fails on it is told, done again, and leaves nothing half-written.

All tests with a session are in this file, and a file is run by one process: it begins one session.
"""

import errno
import gzip
import json
import os
import signal
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path

import pytest
from py4j.protocol import Py4JError

from service import cli
from service.cohort import spark_engine, spark_session, spark_tasks
from service.cohort.inputs import find_inputs
from service.cohort.parts import PartTask, parts_of
from service.cohort.program import program_mark
from service.cohort.screening import on_this_machine
from service.cohort.spark_session import failures_told, read_spark_settings
from service.cohort.spark_tasks import Carried, TaskFailedError, read_one
from service.errors import RequestError, StoreError
from service.knowledge.registry import NOTHING_SEEN, Registry
from service.settings import Settings
from service.synth.export import TRUTH, made_up, write_cohort
from tests.cohort.conftest import QUESTION, Screening, write_lines
from tests.cohort.test_bad_input import PATIENT, became, leukaemia
from tests.cohort.test_odd_names import all_written

OUTPUTS = ("out.attrition.csv", "out.ndjson", "out.needs.csv", "out.rejects.ndjson", "out.summary.json")


def written_in(folder):
    return {name: (folder / name).read_bytes() for name in OUTPUTS}


# ---------------------------------------------------------------------------------------------------- the same answers


def dirtied(folder):
    """Make a cohort as bad as exports are: lines that are no JSON, gzip, twins, contradictions, nobody's, other versions."""
    (folder / TRUTH).unlink()
    one, two = (json.loads(line) for line in (folder / "Patient.000.ndjson").read_text().splitlines()[:2])
    write_lines(
        folder / "more.ndjson",
        [
            one,  # sent twice
            two | {"birthDate": "1901-01-01"},  # somebody else under the same id
            {name: value for name, value in one.items() if name != "id"},
            PATIENT | {"id": "ü"},
            leukaemia("ü", meta={"lastUpdated": "2020-01-01T00:00:00Z"}),
            leukaemia("ü", meta={"lastUpdated": "2021-01-01T00:00:00Z"}, code={"text": "a cold"}),  # a shadow
            leukaemia("ü", id="lasting"),
            leukaemia("nobody"),
            PATIENT | {"id": "died", "deceasedDateTime": QUESTION.as_of.isoformat()},
            leukaemia("died"),
            PATIENT | {"id": "older"},
            leukaemia("older"),
            {"resourceType": "MedicationOrder", "id": "o", "patient": {"reference": "Patient/older"}},
            {"resourceType": "Medication", "id": "drug", "code": {"text": "blinatumomab"}},
            {
                "resourceType": "MedicationAdministration",
                "id": "m",
                "status": "completed",
                "subject": {"reference": "Patient/ü"},
                "effectiveDateTime": "2024-01-01",
                "medicationReference": {"reference": "Medication/drug"},
            },
            {"resourceType": "Observation", "id": "of-nobody", "status": "final"},
            {
                "resourceType": "Bundle",
                "entry": [{"resource": PATIENT | {"id": "b"}}, {"resource": leukaemia("b", code="B-ALL")}],
            },
            leukaemia("lacking", code={"text": "a cold"}, id=1),
            PATIENT | {"id": "lacking"},
            leukaemia("lacking"),
            leukaemia("lacking", id="broken", code="B-ALL"),
        ],
    )
    with (folder / "more.ndjson").open("ab") as file:
        file.write(b'{"resourceType": "Procedure", "subject": {"reference": "Patient/lacking"}, "co\n')
        file.write(json.dumps(leukaemia("lacking", id="words", note=[{"text": "f\xfcr"}]), ensure_ascii=False).encode("latin-1"))
    with (folder / "Observation.000.ndjson").open("a") as file:  # read in several stretches
        file.write('{"resourceType": "Condition"\n\n[]\n')
    for path in sorted(folder.glob("*.001.ndjson")):
        zipped = gzip.compress(path.read_bytes())
        path.with_suffix(".ndjson.gz").write_bytes(zipped[:-9] if path.name.startswith("Encounter") else zipped)
        path.unlink()


def test_one_process_all_processors_and_spark_write_the_same_bytes(service, spark, tmp_path, monkeypatch):
    monkeypatch.setattr(spark_engine, "parts_of", partial(parts_of, longest=200_000))
    export = tmp_path / "export"
    write_cohort(made_up(60, 5), export, files=2, bundles=True)
    dirtied(export)
    options = {"other": replace(QUESTION, as_of=date(2020, 1, 1))}
    runs = []
    for name, how in (("one", {}), ("all", {"processes": 2}), ("spark [ü], {x}", {"engine": spark})):
        place = tmp_path / name
        place.mkdir()
        report, rows = Screening(service.rules, place)(export, **options, **how)
        runs.append((report, rows, written_in(place)))
        assert [path.name for path in place.iterdir() if path.name not in OUTPUTS] == []
    assert runs[0][2] == runs[1][2] == runs[2][2]
    report, rows, _ = runs[2]
    assert {code: number for code, number in report.rejected.items() if number} == {
        "not-json": 2,
        "not-utf-8": 1,
        "unreadable": 2,
        "not-a-resource": 1,
        "patient-without-id": 1,
        "no-patient-named": 1,
        "other-fhir-version": 1,
        "gzip-broken-off": 1,
    }
    told = became([row for row in rows if row["as_of"] == "2026-11-22"])
    assert (told["ü"], told["nobody"], told["older"]) == ("judged", "refused:no-patient", "refused:other-fhir-version")
    assert told["died"] == "deceased"
    assert (told["b"], told["lacking"]) == ("disease-unknown", "judged")
    assert len(told) == 66  # of the 60 and these six nobody is lost
    flags = {row["patient"]: row["flags"] for row in rows if (row["kind"], row["as_of"]) == ("patient", "2026-11-22")}
    assert (flags["Patient/b"], flags["Patient/lacking"]) == ("unreadable", "unreadable;line-rejected")


@pytest.mark.parametrize("name", ["bucket=3 [1] {x}", "share=7 *?", "part=2 ~ü"])
def test_a_name_changes_no_byte(service, spark, tmp_path, name):
    (tmp_path / name).mkdir()
    expected = all_written(service, tmp_path, "export", "out", "work")
    assert all_written(service, tmp_path / name, f"{name} in", f"{name} out", name, engine=spark) == expected


# ---------------------------------------------------------------------------------------------------- failures on Spark


class Deadly(Registry):
    """Kills the worker process that it is carried into, while `sign` is there; with `once` it takes the sign away first."""

    __slots__ = ("told",)
    told: tuple[str, bool]

    def __init__(self, sign, *, once):
        super().__init__()
        object.__setattr__(self, "told", (str(sign), once))

    def __reduce__(self):
        return arrived, (os.getpid(), *self.told)


def arrived(sender, sign, once):
    if os.getpid() != sender and Path(sign).exists():
        if once:
            Path(sign).unlink(missing_ok=True)
        os.kill(os.getpid(), signal.SIGKILL)
    return NOTHING_SEEN


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "export"
    place.mkdir()
    write_lines(place / "Patient.ndjson", [PATIENT | {"id": name} for name in "abcdefgh"])
    write_lines(place / "Condition.ndjson", [leukaemia(name) for name in "abcdefgh"])
    return place


ALL_JUDGED = dict.fromkeys("abcdefgh", "judged")


def test_workers_killed_while_judging_end_the_run_and_the_same_command_goes_on(screened, spark, folder, tmp_path):
    grouped = tmp_path / "work" / "parts" / "grouped.json"
    with pytest.raises(StoreError, match="a Python worker was killed with each attempt"):
        screened(folder, engine=spark, registry=Deadly(grouped, once=False))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["export", "work"]
    assert list((tmp_path / "work" / "shares").iterdir()) == []
    assert list((tmp_path / "work").glob("attempts-*")) == []
    (tmp_path / "work" / "attempts-of-a-killed-driver" / "judge-1-1").mkdir(parents=True)
    made = grouped.stat().st_mtime_ns
    _, rows = screened(folder, engine=spark, keep_work=True)
    assert became(rows) == ALL_JUDGED
    assert grouped.stat().st_mtime_ns == made
    assert screened.said == ["going on in the work folder", "2 of 2 parts of the input are read already"]
    assert list((tmp_path / "work").glob("attempts-*")) == []


def test_a_worker_killed_once_costs_nothing(screened, spark, folder, tmp_path):
    sign = tmp_path / "sign"
    sign.touch()
    _, rows = screened(folder, engine=spark, registry=Deadly(sign, once=True))
    assert not sign.exists()
    assert became(rows) == ALL_JUDGED


def test_shares_that_are_judged_are_not_judged_again_and_without_any_left_no_session_begins(screened, spark, folder, tmp_path):
    _, rows = screened(folder, engine=spark, keep_work=True)
    shares = sorted((tmp_path / "work" / "shares").glob("*.json"))
    kept = {path: path.stat().st_mtime_ns for path in shares[1:]}
    shares[0].unlink()
    assert screened(folder, engine=spark, keep_work=True)[1] == rows
    assert f"{len(kept)} of {len(shares)} shares of the patients are judged already" in screened.said
    assert {path: path.stat().st_mtime_ns for path in kept} == kept
    shares[0].unlink()
    assert screened(folder, keep_work=True)[1] == rows  # on this machine, going on with what Spark has done
    assert {path: path.stat().st_mtime_ns for path in kept} == kept
    nowhere = spark_engine.SparkEngine(lambda *_: pytest.fail("a session is begun"), Settings())
    assert screened(folder, engine=nowhere)[1] == rows


def test_executors_with_other_knowledge_are_refused(screened, spark, folder, service):
    other = replace(service.rules, library=replace(service.rules.library, digest="sha256:other"))
    with pytest.raises(StoreError, match="another version of all-cds or of its knowledge"):
        screened(folder, engine=spark, rules=other)


# ---------------------------------------------------------------------------------------------------- without a session


def test_a_folder_that_spark_would_take_for_two_is_refused(tmp_path):
    settings = read_spark_settings(None, (), processes=1)
    with pytest.raises(RequestError, match="comma"), spark_session.spark_session(settings, tmp_path / "a,b", "1GB", 1):
        pass


@pytest.fixture
def attempt(folder, service, tmp_path):
    """Reads a file as a worker of Spark does, into a folder of parts."""
    for name in ("parts", "attempts"):
        (tmp_path / name).mkdir()
    source = find_inputs([folder]).sources[0]
    marks = service.rules.library.digest, program_mark()
    carried = Carried(Settings(), QUESTION, None, NOTHING_SEEN, *marks, tmp_path / "attempts")

    def run(**changed):
        read_one(PartTask(0, replace(source, **changed), tmp_path / "parts", 8), carried, 1)
        return sorted(path.name for path in (tmp_path / "parts").iterdir())

    return run


def test_an_attempt_gives_everything_its_place_and_leaves_nothing(attempt, tmp_path):
    assert attempt() == ["000000.json", "000000.lines", "000000.parquet", "000000.rejects.ndjson"]
    assert list((tmp_path / "attempts").iterdir()) == []


def test_an_attempt_that_meets_a_full_disk_says_so_and_leaves_nothing(attempt, tmp_path, monkeypatch):
    def full(task, terms):
        task.data.write_bytes(b"half")
        raise OSError(errno.ENOSPC, "")

    monkeypatch.setattr(spark_tasks, "make_part", full)
    with pytest.raises(TaskFailedError, match=r"all-cds could not do it: .* No space left on device"):
        attempt()
    assert list((tmp_path / "attempts").iterdir()) == list((tmp_path / "parts").iterdir()) == []


def test_what_a_task_failed_of_is_told_without_what_it_says(attempt, monkeypatch):
    def faulty(task, terms):
        raise KeyError("Patient/a")

    monkeypatch.setattr(spark_tasks, "make_part", faulty)
    with pytest.raises(TaskFailedError) as failure:
        attempt()
    assert str(failure.value).startswith("all-cds could not do it: KeyError in test_spark.py:")
    assert failure.value.__suppress_context__


def test_a_worker_with_another_program_does_nothing(attempt, tmp_path, monkeypatch):
    monkeypatch.setattr(spark_tasks, "program_mark", lambda: "another")
    with pytest.raises(TaskFailedError, match="another version of all-cds or of its knowledge"):
        attempt()
    assert list((tmp_path / "parts").iterdir()) == []


def test_an_input_or_a_work_folder_that_executors_do_not_see_is_no_lost_file(attempt, tmp_path):
    with pytest.raises(TaskFailedError, match=r"an input file is not there for the executors: Condition\.ndjson"):
        attempt(path=tmp_path / "elsewhere")
    (tmp_path / "attempts").rmdir()
    with pytest.raises(TaskFailedError, match="the work folder is not there for the executors"):
        attempt()


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("Job aborted ... all-cds could not do it: the reason\n\tat java", "Spark stopped: the reason"),
        ("java.io.IOException: No space left on device", "Spark stopped: No space left on device"),
        ("ExecutorLostFailure (executor 1 exited)", "Spark stopped: an executor was lost with each attempt"),
        ("java.lang.OutOfMemoryError: Java heap space", "Spark stopped: Spark's own process had too little memory"),
        ("[CAST_INVALID_INPUT] The value 'Patient/a' of the type", "Spark stopped: CAST_INVALID_INPUT; --spark-conf"),
        ("Patient/a", "Spark stopped: Py4JError; --spark-conf"),
    ],
)
def test_what_spark_complains_of_is_one_line_without_anything_of_a_patient(said, told):
    with pytest.raises(StoreError) as failure, failures_told():
        raise Py4JError(said)
    assert failure.value.message.startswith(told)
    assert "Patient/a" not in failure.value.message
    assert "\n" not in failure.value.message


def test_this_machine_is_the_master_if_none_is_named_and_what_is_given_overrides():
    assert read_spark_settings(None, [], 3).master == "local[3,4]"
    settings = read_spark_settings("spark://head:7077", ["spark.executor.memory=8g", "spark.a.b=c=d"], 3)
    assert (settings.master, settings.is_local) == ("spark://head:7077", False)
    assert settings.given == {"spark.executor.memory": "8g", "spark.a.b": "c=d"}


def test_executors_are_told_where_knowledge_is_and_no_secret():
    settings = Settings(store="postgresql+psycopg://user:secret@host/db", knowledge_folders=("/more",), site_mapping="/map.csv")
    engine = spark_engine.SparkEngine.of(read_spark_settings(None, [], 1), settings)
    assert engine.settings == Settings(knowledge_folders=("/more",), site_mapping="/map.csv")


@pytest.mark.parametrize("given", ["memory=8g", "spark.memory", "spark. memory=8g"])
def test_a_setting_that_is_none_of_spark_is_refused(given):
    with pytest.raises(RequestError, match="a setting of Spark is expected"):
        read_spark_settings(None, [given], 1)


def test_without_spark_or_java_it_is_said_what_to_install(monkeypatch, tmp_path):
    java = tmp_path / "bin" / "java"
    java.parent.mkdir()
    java.write_text("#!/bin/sh\necho 'openjdk version \"11.0.2\" 2019-01-15' >&2\n")
    java.chmod(0o700)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(RequestError, match="Java 17 or newer") as failure:
        read_spark_settings(None, [], 1)
    assert "openjdk-17" in failure.value.hint
    java.write_text("#!/bin/sh\necho 'openjdk version \"17.0.1\"' >&2\n")
    read_spark_settings(None, [], 1)
    java.unlink()
    with pytest.raises(RequestError, match="Java, which was not found"):
        read_spark_settings(None, [], 1)
    monkeypatch.setattr(spark_session, "find_spec", {}.get)
    with pytest.raises(RequestError, match="Spark is not installed") as failure:
        read_spark_settings(None, [], 1)
    assert "[spark]" in failure.value.hint


# ---------------------------------------------------------------------------------------------------- the command


def test_the_command_hands_its_words_to_spark(folder, tmp_path, monkeypatch):
    given = []

    def engine_of(spark, settings):
        given.append(spark)
        return on_this_machine

    monkeypatch.setattr(spark_engine.SparkEngine, "of", engine_of)
    words = ["--engine", "spark", "--master", "local[1]", "--spark-conf", "spark.a=1", "--spark-conf", "spark.b=2"]
    assert cli.main(["screen", str(folder), "--output", str(tmp_path / "out.csv"), "--processes", "1", *words]) == 0
    assert [(settings.master, settings.given) for settings in given] == [("local[1]", {"spark.a": "1", "spark.b": "2"})]


def test_words_of_spark_without_spark_are_wrong_usage(folder, tmp_path, capsys):
    words = ["screen", str(folder), "--output", str(tmp_path / "out.csv")]
    assert cli.main([*words, "--master", "local[1]"]) == cli.main([*words, "--spark-conf", "spark.a=1"]) == 2
    assert "--engine spark" in capsys.readouterr().err
