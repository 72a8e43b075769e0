"""What cannot be read of a patient is counted, listed with file and line, and told of that patient; it is never a silence."""

import gzip
import json

import pytest

from service.cohort.judging import Judge
from service.cohort.outputs import summary
from service.cohort.reasons import in_words
from service.cohort.told import targets_of, told
from service.errors import NoPatient
from service.knowledge.registry import NOTHING_SEEN
from tests.cohort.conftest import QUESTION, as_on_a_server, rejects_of, write_lines
from tests.cohort.test_bad_input import PATIENT, SECOND, became, leukaemia
from tests.cohort.test_fast_ways import observation

THIRD = PATIENT | {"id": "c"}
OF_C = {"subject": {"reference": "Patient/c"}}


def latin_1(resource):
    return json.dumps(resource, ensure_ascii=False).encode("latin-1")


def write_bytes(path, *lines, zipped=False):
    data = b"\n".join(line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines) + b"\n"
    path.write_bytes(gzip.compress(data) if zipped else data)


def flags(rows):
    return {row["patient"].removeprefix("Patient/"): row["flags"] for row in rows if row["kind"] == "patient"}


def lines_told(report, service, name=None):
    targets = targets_of(name, service.rules.library) if name else ()
    return list(told(report, Judge(service.rules, NOTHING_SEEN, QUESTION), targets))


# ------------------------------------------------------------------------------------------- a resource that is unreadable


@pytest.mark.parametrize("zipped", [False, True])
def test_lines_that_are_not_utf_8_are_listed_and_what_the_patient_loses_is_told(screened, folder, tmp_path, zipped):
    lines = [
        PATIENT, SECOND, THIRD,
        leukaemia("a"),
        latin_1(observation(note=[{"text": "für Müller"}])),
        latin_1(leukaemia("b", note=[{"text": "für Müller"}])),
        json.dumps(leukaemia("c", note=[{"text": "für"}]), ensure_ascii=False).encode(),
        latin_1(observation("8867-4", id="nobody asks for it", **OF_C, note=[{"text": "für Müller"}])),
    ]  # fmt: skip
    name = f"all.ndjson{'.gz' if zipped else ''}"
    write_bytes(folder / name, *lines, zipped=zipped)
    report, rows = screened(folder)
    assert became(rows) == {"a": "judged", "b": "disease-unknown", "c": "judged"}
    assert rejects_of(tmp_path) == [(name, 5, "not-utf-8"), (name, 6, "not-utf-8"), (name, 8, "not-utf-8")]
    assert report.rejected == {"not-utf-8": 3}
    assert flags(rows) == {"a": "unreadable", "b": "unreadable", "c": ""}
    assert report.counts.noted["patients with an unreadable resource",] == 2
    kept = [json.loads(line)["raw"] for line in (tmp_path / "out.rejects.ndjson").read_text(encoding="utf-8").splitlines()]
    assert json.loads(kept[0].replace("\\xfc", "ü"))["note"] == [{"text": "für Müller"}]  # nothing is lost of it


@pytest.mark.parametrize(
    ("name", "code"),
    [("all.ndjson", "utf-16"), ("all.ndjson", "utf-16-be"), ("all.ndjson.gz", "utf-16-le"), ("all.json", "utf-32")],
)
def test_a_file_of_two_bytes_a_sign_is_listed_once(screened, folder, tmp_path, monkeypatch, name, code):
    monkeypatch.setattr("service.cohort.parts.LONGEST_STRETCH", 200)  # each stretch of it begins with other bytes
    write_lines(folder / "readable.ndjson", [PATIENT, leukaemia("a")])
    entries = [{"resource": one} for one in (SECOND, leukaemia("b"))]
    lines = (
        [{"resourceType": "Bundle", "type": "collection", "entry": entries}] if name == "all.json" else [SECOND, leukaemia("b")]
    )
    data = "\n".join(map(json.dumps, lines)).encode(code)
    (folder / name).write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    report, rows = screened(folder)
    assert became(rows) == {"a": "judged"}
    assert rejects_of(tmp_path) == [(name, None if name == "all.json" else 1, "other-encoding")]
    assert (report.rejected, report.unowned) == ({"other-encoding": 1}, 1)  # nobody can tell whose it was


def test_where_nothing_could_be_read_the_reason_is_said(screened, folder):
    for name in ("Condition.ndjson", "Patient.ndjson"):
        (folder / name).write_bytes((json.dumps(PATIENT) + "\n").encode("utf-16") * 2)
    with pytest.raises(NoPatient) as error:
        screened(folder)
    assert error.value.hint == f"rejected, and listed beside the output: 2 of {in_words('other-encoding')}"


def test_a_line_whose_head_is_not_utf_8_is_listed_once(screened, folder, tmp_path):
    write_bytes(folder / "all.ndjson", PATIENT, leukaemia("a"), latin_1(observation(id="für")))
    _, rows = screened(folder)
    assert rejects_of(tmp_path) == [("all.ndjson", 3, "not-utf-8")]
    assert flags(rows) == {"a": "line-rejected"}


def test_a_resource_that_is_json_and_cannot_be_read_is_listed_with_file_and_line(screened, folder, tmp_path):
    write_lines(folder / "persons.ndjson", [PATIENT, SECOND, THIRD])
    conditions = [leukaemia("a"), leukaemia("b", code="B-ALL"), leukaemia("c", code={"text": "a cold"})]
    write_lines(folder / "conditions.ndjson", conditions)
    broken = [observation(), observation(code="0", id="o-2") | {"code": "CD19"}, observation(id="o-3", **OF_C) | {"code": "CD19"}]
    write_lines(folder / "results.ndjson", broken)
    report, rows = screened(folder)
    assert became(rows) == {"a": "judged", "b": "disease-unknown", "c": "disease-unknown"}
    assert rejects_of(tmp_path) == [
        ("conditions.ndjson", 2, "unreadable"),
        ("results.ndjson", 2, "unreadable"),
        ("results.ndjson", 3, "unreadable"),
    ]
    assert report.rejected == {"unreadable": 3}
    assert flags(rows) == {"a": "unreadable", "b": "unreadable", "c": "unreadable"}
    first = json.loads((tmp_path / "out.rejects.ndjson").read_text(encoding="utf-8").splitlines()[0])
    assert (first["path"], json.loads(first["raw"])) == ("code", conditions[1])


def test_a_broken_resource_of_two_days_is_listed_once(screened, folder, tmp_path):
    write_lines(folder / "all.ndjson", [PATIENT, leukaemia("a"), observation() | {"code": "CD19"}])
    other = QUESTION.__class__(as_of=QUESTION.as_of.replace(year=2020), known_by=QUESTION.known_by, regulators=("EMA",))
    report, _ = screened(folder, other=other)
    assert rejects_of(tmp_path) == [("all.ndjson", 3, "unreadable")]
    assert report.rejected == {"unreadable": 1}
    assert report.counts.noted["patients with an unreadable resource",] == 1


@pytest.mark.parametrize(("born", "lines"), [("2030-01-01", []), ("in spring", [("all.ndjson", 1, "unreadable")])])
def test_who_is_born_after_the_day_has_a_birth_date_that_can_be_read(screened, folder, tmp_path, born, lines):
    write_lines(folder / "all.ndjson", [PATIENT | {"birthDate": born}, leukaemia("a")])
    _, rows = screened(folder)
    assert rejects_of(tmp_path) == lines
    assert flags(rows) == {"a": "unreadable" if lines else ""}


def test_in_bundles_the_place_is_told_instead_of_a_line(screened, folder, tmp_path):
    def bundle(name, **members):
        result = observation(subject={"reference": f"Patient/{name}"}) | {"code": "CD19"} | members
        entries = [{"resource": one} for one in (PATIENT | {"id": name}, leukaemia(name), result)]
        return {"resourceType": "Bundle", "type": "collection", "entry": entries}

    (folder / "a.json").write_text(json.dumps(bundle("a"), indent=1))
    write_lines(folder / "lines.ndjson", [{}, bundle("b")])
    (folder / "cut.json").write_text(json.dumps(bundle("a"))[:-2])
    (folder / "latin-1.json").write_bytes(latin_1(bundle("d", note=[{"text": "für"}])))
    _, rows = screened(folder)
    found = [json.loads(line) for line in (tmp_path / "out.rejects.ndjson").read_text(encoding="utf-8").splitlines()]
    assert {(one["file"], one["line"], one.get("position", ""), one["code"]) for one in found} == {
        ("a.json", None, "entry[2]", "unreadable"),
        ("cut.json", None, "", "not-json"),
        ("latin-1.json", None, "entry[2]", "not-utf-8"),
        ("lines.ndjson", 1, "", "not-a-resource"),
        ("lines.ndjson", 2, "entry[2]", "unreadable"),
    }
    assert flags(rows) == {"a": "unreadable;line-rejected", "b": "unreadable", "d": "unreadable"}


# --------------------------------------------------------------------------------------------------------- no silence

FITS = "NCT04521231"  # whose criterion P06 counts as met where nothing is recorded
CUT = '{"resourceType": "Procedure", "id": "x", "status": "completed", "subject": {"reference": "Patient/%s"}, "code'
NOT_ASKED = {"resourceType": "Encounter", "id": "e", "subject": {"reference": "Patient/adult"}}


@pytest.fixture
def relapsed(request, folder):
    """The lines of a patient who fits by a silence, of whom `change` gives the last one."""
    body = (request.config.rootpath / "fixtures" / "patients" / "adult-first-relapse.json").read_bytes()
    resources = [entry["resource"] for entry in json.loads(as_on_a_server(body))["entry"]]
    name = next(one["id"] for one in resources if one["resourceType"] == "Patient")
    of_another = {"status": "completed", "code": {"text": "x-ray"}, "subject": {"reference": "Patient/z"}}
    kinds = ("Procedure", "MedicationStatement")  # were exported too, though nothing is asked of these
    write_bytes(folder / "beside.ndjson", *({"resourceType": kind, "id": kind} | of_another for kind in kinds))

    def write(*lines):
        write_bytes(folder / "all.ndjson", *resources, *lines)
        return name

    return write


def fit(rows):
    found = [row for row in rows if (row["kind"], row["id"]) == ("trial", FITS)]
    return {(row["verdict"], "absence-assumed" in row["flags"]) for row in found}


BROKEN_LINES = {
    "cut off": lambda name: (CUT % name).encode(),
    "escaped": lambda name: (CUT % name).replace("/", "\\/").encode(),
    "an absolute address, a version": lambda name: (CUT % f"{name}/_history/2").replace("Pat", "https://a.example/Pat").encode(),
    "not UTF-8 in its head": lambda name: (CUT % name).replace('"x"', '"ü"').encode("latin-1") + b'":{}}',
    "its Patient": lambda name: f'{{"resourceType": "Patient", "id": "{name}", "birthDate'.encode(),
    "a code of the wrong type": lambda name: (CUT % name).encode() + b'": "x"}',
    "too long": lambda name: (CUT % name).encode() + b" " * 3000 + b'": "x"}',
}


@pytest.mark.parametrize("how", BROKEN_LINES)
def test_who_lacks_a_line_fits_no_trial_by_a_silence(screened, relapsed, folder, monkeypatch, how):
    name = relapsed()
    assert fit(screened(folder)[1]) == {("fits", True)}
    if how == "too long":
        longest = max(len(line) for line in (folder / "all.ndjson").read_bytes().splitlines()) + 1
        assert longest < 3000
        monkeypatch.setattr("service.cohort.parts.LONGEST_LINE", longest, raising=False)
    relapsed(BROKEN_LINES[how](name))
    report, rows = screened(folder)
    assert fit(rows) == {("needs-data", False)}
    assert flags(rows) == {name: "unreadable" if how == "a code of the wrong type" else "line-rejected"}
    assert report.unowned == 0


@pytest.mark.parametrize("processes", [1, 2])  # on Spark: test_spark.py
def test_who_lacks_a_line_is_told_however_it_is_read(screened, relapsed, folder, tmp_path, monkeypatch, processes):
    monkeypatch.setattr("service.cohort.parts.LONGEST_STRETCH", 2_000)
    name = relapsed()
    relapsed((CUT % name).encode(), b"nothing", (CUT % "nobody").encode(), latin_1(observation(id="für Müller")))
    report, rows = screened(folder, processes=processes)
    last = len((folder / "all.ndjson").read_bytes().splitlines())
    codes = ["not-json", "not-json", "not-json", "not-utf-8"]
    assert rejects_of(tmp_path) == [("all.ndjson", last - 3 + place, code) for place, code in enumerate(codes)]
    assert fit(rows) == {("needs-data", False)}
    assert became(rows) == {name: "judged", "nobody": "refused:no-patient", "a": "refused:no-patient"}
    assert flags(rows) == dict.fromkeys((name, "nobody", "a"), "line-rejected")
    assert report.unowned == 1


def test_what_may_be_anybodys_is_told_and_changes_no_verdict(screened, relapsed, folder, service):
    relapsed(b'{"resourceType": "Procedure", "id": "x", "co')
    report, rows = screened(folder)
    assert fit(rows) == {("fits", True)}
    assert summary(report, Judge(service.rules, NOTHING_SEEN, QUESTION))["rejectedOfUnknownPatients"] == 1
    assert report.counts.noted["patients with a trial that fits because nothing else was recorded",] == 1
    said = lines_told(report, service, FITS)
    assert any("1 of what was rejected may be any patient's" in line for line in said)
    relapsed(NOT_ASKED)
    report, _ = screened(folder)
    assert not any("any patient's" in line for line in lines_told(report, service, FITS))


def test_a_broken_resource_that_is_known_to_be_about_something_else_is_no_lack(screened, relapsed, folder):
    """Its code is readable and names nothing that a silence is assumed of."""
    name = relapsed()
    of_it = {"subject": {"reference": f"Patient/{name}"}}
    relapsed(leukaemia("x", code={"text": "a cold"}, onsetDateTime="yesterday") | of_it)
    _, rows = screened(folder)
    assert fit(rows) == {("fits", True)}
    assert flags(rows) == {name: "unreadable"}
