"""The fast ways give what the long ones give, line by line and patient by patient."""

import gzip
import io
import json
import tempfile
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.cohort import gathering
from service.cohort.concerned import is_silent
from service.cohort.heads import sort_line
from service.cohort.inputs import find_inputs
from service.cohort.line_sieve import LineSieve
from service.cohort.lines import Block, Fault, Stretch, blocks_of
from service.cohort.packs import Heap, decode_packed, decode_shades, lines_of
from service.cohort.part_rows import PartFile
from service.cohort.parts import parts_of
from service.record.bundle import open_resource
from service.synth.export import made_up, write_cohort
from tests.cohort.conftest import rejects_of, write_lines
from tests.cohort.test_bad_input import PATIENT, became, leukaemia
from tests.cohort.test_visits import VISITS

LOINC = "http://loinc.org"


@pytest.fixture(scope="module")
def cohort(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made") / "up"
    write_cohort(made_up(60, seed=5), folder)
    (folder / "truth.ndjson").unlink()
    return folder


def taken(terms, name, lines, *, fast):
    """What a part would hold of the lines, what is packed told one by one."""

    class Kept(list[dict[str, object]]):
        def write_table(self, table, row_group_size):  # noqa: ARG002 - as the writer of parts is called
            self.extend(table.to_pylist())

    with tempfile.TemporaryDirectory() as place:
        written, rejects, heap = Kept(), io.BytesIO(), Path(place) / "heap"
        with heap.open("wb") as file:
            part = PartFile(3, name, 8, terms, written, rejects, Heap(file))
            if fast:
                LineSieve(part).take(Block(0, b"\n".join(lines)))
            else:
                for number, line in enumerate(lines, start=1):
                    if raw := line.strip():
                        part.add_all(number, sort_line(raw.removeprefix(b"\xef\xbb\xbf"), name, number, terms))
            part.flush()
        rows = sorted((one for row in written for one in unpacked(row, heap)), key=lambda row: (row["number"], repr(row)))
    return rows, part.counts, part.rejected, part.pointing, rejects.getvalue()


def unpacked(row, heap):
    """The rows of resources and of shadows for which one row of a part stands."""
    if row["sort"] == "pack":
        assert row["pointer"] == "000003.lines"
        plain = row | {"sort": "resource", "type": "Observation", "tells": False, "pointer": ""}
        for one, number, raw in lines_of(heap, decode_packed(row["raw"])):
            yield plain | {"id": one, "number": number, "raw": raw}
    elif row["sort"] == "shades":
        names = ("type", "id", "full_url", "place", "number", "history", "modified", "deleted", "raw")
        for shade in decode_shades(row["raw"]):
            yield row | {"sort": "shadow", "pointer": ""} | dict(zip(names, shade, strict=True))
    else:
        yield row


def test_the_sieve_sorts_a_cohort_as_the_long_way_does(service, cohort):
    for path in sorted(cohort.iterdir()):
        lines = path.read_bytes().split(b"\n")
        terms = service.rules.vocabulary.terms
        assert taken(terms, path.name, lines, fast=True) == taken(terms, path.name, lines, fast=False), path.name


def observation(code="2160-0", **members):
    return {
        "resourceType": "Observation",
        "id": "o",
        "status": "final",
        "code": {"coding": [{"system": LOINC, "code": code}]},
        "subject": {"reference": "Patient/a"},
        "valueQuantity": {"value": 1, "unit": "mg/dL"},
    } | members


def panel(*codes, value="valueQuantity"):
    parts = [{"code": {"coding": [{"system": LOINC, "code": code}]}, value: {"value": 1}} for code in codes]
    return observation("85354-9", component=parts) | {"valueQuantity": None}


CONTAINED = {
    "contained": [
        {"resourceType": "Observation", "id": "k", "status": "final", "code": {"text": "CD22"}, "valueString": "positive"}
    ],
    "hasMember": [{"reference": "#k"}],
}
NASTY = VISITS | {
    "asked for": observation(),
    "not asked for": observation("8867-4"),
    "not asked for, words beside the number": observation("8867-4", valueString="CD19 positive"),
    "not asked for, codes beside the number": observation("8867-4", valueCodeableConcept={"text": "positive"}),
    "no code, a name that is asked for": observation(code="0") | {"code": {"text": "CD19"}},
    "no code at all": {key: value for key, value in observation().items() if key != "code"},
    "a code that is null": observation() | {"code": None},
    "a code of the wrong type": observation() | {"code": "2160-0"},
    "a name in the text that is asked for": observation("8867-4") | {"code": {"text": "creatinine"}},
    "a value that is null": observation("8867-4", valueQuantity=None),
    "words alone": observation("8867-4", valueString="blasts 30 %") | {"valueQuantity": None},
    "versions": observation("8867-4", meta={"versionId": "2"}),
    "versions of what is asked for": observation(meta={"versionId": "2"}),
    "a profile": observation("8867-4", meta={"profile": ["x"]}),
    "nobody's": {key: value for key, value in observation("8867-4").items() if key != "subject"},
    "nobody's, asked for": {key: value for key, value in observation().items() if key != "subject"},
    "a group's": observation("8867-4", subject={"reference": "Group/a"}),
    "a patient by address": observation("8867-4", subject={"reference": "https://a.example/fhir/Patient/a/_history/2"}),
    "a patient by urn": observation(subject={"reference": "urn:uuid:a"}),
    "a reference of the wrong type": observation("8867-4", subject={"reference": 1}),
    "patient instead of subject": observation("8867-4", patient={"reference": "Patient/b"}),
    "an id that is a number": observation("8867-4", id=1),
    "no id": {key: value for key, value in observation().items() if key != "id"},
    "an empty id": observation(id=""),
    "a drug pointed at": observation("8867-4", medicationReference={"reference": "Medication/m"}),
    "a panel nobody asks for": panel("8480-6", "8462-4"),
    "a panel with a part that is asked for": panel("8480-6", "2160-0"),
    "a panel with words": panel("8480-6", value="valueString"),
    "a panel without parts": observation("8867-4", component=[]),
    "a panel that is null": observation("8867-4", component=None),
    "a panel of the wrong type": observation("8867-4", component={}),
    "a panel that leads elsewhere": observation("8867-4", hasMember=[{"reference": "Observation/x"}]),
    "a panel with results in it": observation("8867-4", **CONTAINED),
    "a panel with results in it, beside a number": observation("8867-4", **CONTAINED) | {"valueQuantity": None},
    "a report with results in it": observation("8867-4", contained=CONTAINED["contained"], result=CONTAINED["hasMember"])
    | {"resourceType": "DiagnosticReport", "valueQuantity": None},
    "histology": observation("31206-6"),
    "a type that does not exist": {"resourceType": "Quux", "subject": {"reference": "Patient/a"}},
    "an empty type": observation() | {"resourceType": ""},
    "a type of the wrong type": observation() | {"resourceType": 1},
    "an older FHIR": observation("8867-4") | {"resourceType": "Procedure", "notPerformed": True},
    "a bundle": {"resourceType": "Bundle", "entry": [{"resource": PATIENT}, {"resource": observation()}]},
    "deep": observation("8867-4", note=[[[[[[["x"]]]]]]]),
    "very long code": observation("8867-4" + " " * 1200),
}


@pytest.mark.parametrize("name", NASTY)
@pytest.mark.parametrize("written", ["plain", "spaced", "escaped", "with a return", "cut", "twice", "marked", "form feed"])
def test_the_sieve_sorts_nasty_lines_as_the_long_way_does(service, name, written):
    text = json.dumps(NASTY[name])
    line = {
        "plain": text,
        "spaced": json.dumps(NASTY[name], separators=(" , ", " : ")),
        "escaped": text.replace("a", "\\u0061").replace("/", "\\/"),
        "with a return": f" \t{text}\r",
        "cut": text[:-2],
        "twice": text + text,
        "marked": f"\ufeff{text}",
        "form feed": f"{text}\x0c",
    }[written].encode()
    terms = service.rules.vocabulary.terms
    # each thrice: what is remembered of the first must hold for the next
    lines = [line, b"", line, json.dumps(observation("8867-4")).encode(), line]
    assert taken(terms, "x", lines, fast=True) == taken(terms, "x", lines, fast=False)


@pytest.mark.parametrize(
    "raw", [b"\xff", b'{"resourceType":"Observation","id":"\xff"}', b"[" * 5000, b"null", b"1", b"  ", b"{}"]
)
def test_the_sieve_refuses_what_the_long_way_refuses(service, raw):
    terms = service.rules.vocabulary.terms
    assert taken(terms, "x", [raw], fast=True) == taken(terms, "x", [raw], fast=False)


def test_a_patient_without_leukaemia_gets_the_same_rows_from_a_little_as_from_everything(screened, cohort, monkeypatch):
    report, rows = screened(cohort)
    monkeypatch.setattr(gathering, "_is_looked_at", lambda table: pa.array([True] * table.num_rows))
    monkeypatch.setattr(gathering._Share, "has_versions", lambda *_: True)
    monkeypatch.setattr(gathering, "_looked_at", lambda rows, _: rows)
    monkeypatch.setattr("service.cohort.judging.is_silent", lambda *_: False)
    monkeypatch.setattr("service.cohort.judging.answer_without_all", lambda *_: None)
    in_full, rows_in_full = screened(cohort)
    assert rows == rows_in_full
    assert replace(report, written=()) == replace(in_full, written=())
    assert {became for _, became in report.counts.patients} == {"judged", "not-concerned", "disease-unknown"}


@pytest.mark.parametrize("most", [0, 7])
def test_packs_that_are_written_often_hold_the_same(screened, cohort, monkeypatch, most):
    """After every block, or after some: the lines of a patient lie in many packs and many chunks."""
    report, rows = screened(cohort)
    monkeypatch.setattr("service.cohort.lines._BLOCK", 3_000)
    monkeypatch.setattr("service.cohort.part_rows._PACKED_AT", most)
    often, rows_often = screened(cohort)
    assert rows == rows_often
    assert replace(report, written=()) == replace(often, written=())


B_ALL = {"coding": [{"system": "http://snomed.info/sct", "code": "277571004"}]}
COLD = leukaemia("a", code={"text": "a cold"})
OTHERS = {
    "nothing": [],
    "a cold": [COLD],
    "diabetes": [leukaemia("a", code={"coding": [{"system": "http://snomed.info/sct", "code": "44054006"}]})],
    "a leukaemia": [leukaemia("a")],
    "another leukaemia": [leukaemia("a", code={"text": "acute myeloid leukaemia"})],
    "a leukaemia in words": [leukaemia("a", code={"text": "B-ALL"})],
    "a leukaemia in words beside a code": [leukaemia("a", code={"text": "B-ALL", "coding": [{"system": "x", "code": "1"}]})],
    "a histology in an extension": [COLD | {"extension": [{"url": "x", "valueCodeableConcept": B_ALL}]}],
    "no code": [{name: value for name, value in COLD.items() if name != "code"}],
    "a code of the wrong type": [COLD | {"code": "B-ALL"}],
    "a coding of the wrong type": [COLD | {"code": {"coding": {"code": "277571004"}}}],
    "a code that is null": [COLD | {"code": None}],
    "a very long code": [COLD | {"code": {"text": "B-ALL" + " " * 1200}}],
    "a newer version": [COLD | {"meta": {"versionId": "1"}}, leukaemia("a") | {"meta": {"versionId": "2"}}],
    "an older version": [COLD | {"meta": {"versionId": "2"}}, leukaemia("a") | {"meta": {"versionId": "1"}}],
    "another Patient of the same id": [PATIENT | {"birthDate": "1990-01-01"}],
    "the same Patient twice": [PATIENT],
    "a Patient born after the day": [PATIENT | {"birthDate": "2090-01-01", "id": "b"}],
    "histology": [observation() | {"code": {"coding": [{"system": LOINC, "code": "31206-6"}]}, "valueCodeableConcept": B_ALL}],
    "a report": [{"resourceType": "DiagnosticReport", "id": "r", "subject": {"reference": "Patient/a"}, "conclusion": "B-ALL"}],
    "a report with histology in it": [
        {
            "resourceType": "DiagnosticReport",
            "id": "r",
            "status": "final",
            "subject": {"reference": "Patient/a"},
            "code": {"text": "Report 7"},
            "contained": [
                {
                    "resourceType": "Observation",
                    "id": "k",
                    "status": "final",
                    "code": {"coding": [{"system": LOINC, "code": "31206-6"}]},
                    "valueCodeableConcept": B_ALL,
                }
            ],
            "result": [{"reference": "#k"}],
        }
    ],
    "a stranger in a bundle": [
        {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one} for one in (PATIENT, leukaemia("b"))]}
    ],
}


@pytest.mark.parametrize("name", OTHERS)
def test_a_silent_record_is_answered_as_one_that_is_read(screened, tmp_path, monkeypatch, name):
    place = tmp_path / "export"
    place.mkdir()
    write_lines(place / "a.ndjson", [PATIENT, *OTHERS[name]])
    quick, rows = screened(place)
    monkeypatch.setattr("service.cohort.judging.is_silent", lambda *_: False)
    read, rows_read = screened(place)
    assert rows == rows_read
    assert replace(quick, written=()) == replace(read, written=())


def test_a_report_with_histology_in_it_tells_the_disease(screened, tmp_path):
    place = tmp_path / "export"
    place.mkdir()
    write_lines(place / "a.ndjson", [PATIENT, *OTHERS["a report with histology in it"]])
    assert became(screened(place)[1]) == {"a": "judged"}


def test_a_record_is_silent_where_it_names_no_leukaemia(service):
    terms = service.rules.vocabulary.terms

    def silent(*resources, key="a"):
        return is_silent(key, [open_resource(json.dumps(one).encode()) for one in resources], terms)

    assert silent(PATIENT)
    assert silent(PATIENT, COLD)
    assert not silent(COLD)
    assert not silent(PATIENT, key="b")
    assert not silent(PATIENT, PATIENT)
    assert not silent(PATIENT, leukaemia("a"))
    assert not silent(PATIENT, leukaemia("a", code={"text": "B-ALL"}))
    assert not silent(PATIENT, observation())
    assert not silent(PATIENT, COLD | {"code": "a cold"})


def test_a_newer_version_of_another_sort_takes_the_histology_away(screened, tmp_path):
    """The newer version is a plain number that tells no disease, and is still looked at."""
    place = tmp_path / "export"
    place.mkdir()
    histology = {"coding": [{"system": LOINC, "code": "31206-6"}]}
    b_all = {"coding": [{"system": "http://snomed.info/sct", "code": "277571004"}]}
    told = observation(code=histology, meta={"versionId": "1"}) | {"code": histology, "valueCodeableConcept": b_all}
    del told["valueQuantity"]
    write_lines(place / "a.ndjson", [PATIENT, told])
    assert became(screened(place)[1]) == {"a": "judged"}
    write_lines(place / "a.ndjson", [PATIENT, told, observation(meta={"versionId": "2"})])
    assert became(screened(place)[1]) == {"a": "disease-unknown"}


# --- lines ------------------------------------------------------------------------------------------------------------


def flat(found):
    """(number, line) of each, the line None where it was too long."""
    number = 0
    for one in found:
        for line in [None] if isinstance(one, Fault) else one.lines:
            number += 1
            yield number, line and line.removesuffix(b"\n")


def placed(found):
    """(place, bytes) of what is read together."""
    return [(one.begins, one.data) for one in found if isinstance(one, Block)]


def expected(data, longest):
    lines = data.split(b"\n")
    if not lines[-1]:
        lines.pop()
    return [(number, None if len(line) > longest else line) for number, line in enumerate(lines, start=1)]


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text("ab\n", max_size=60), st.sampled_from([1, 3, 5, 1000]), st.sampled_from([1, 2, 7, 100]), st.data())
def test_stretches_give_each_line_once_with_its_number(tmp_path, monkeypatch, text, longest, block, data):
    path, written = tmp_path / "lines", text.encode()
    path.write_bytes(written)
    monkeypatch.setattr("service.cohort.lines._BLOCK", block)
    assert list(flat(blocks_of(path, zipped=False, longest=longest))) == expected(written, longest)
    cuts = sorted({0, *data.draw(st.lists(st.integers(0, len(written)), max_size=4))})
    found, before = [], 0
    for start, end in zip(cuts, [*cuts[1:], None], strict=True):
        blocks = list(blocks_of(path, zipped=False, stretch=Stretch(start, end), longest=longest))
        assert all(written[begins:].startswith(lines) for begins, lines in placed(blocks))
        own = list(flat(blocks))
        found += [(number + before, line) for number, line in own]
        before += len(own)
    assert found == expected(written, longest)
    middle = len(written) // 2
    path.write_bytes(gzip.compress(written[:middle]) + gzip.compress(written[middle:]) + b"\0\0")
    assert list(flat(blocks_of(path, zipped=True, longest=longest))) == expected(written, longest)


def test_rejects_of_a_file_read_in_stretches_keep_their_lines(screened, tmp_path, monkeypatch):
    place = tmp_path / "export"
    place.mkdir()
    names = [f"p{number}" for number in range(40)]
    lines = [json.dumps(resource) for name in names for resource in (PATIENT | {"id": name}, leukaemia(name))]
    lines[5], lines[41], lines[79] = "nothing", "nothing", "nothing"
    (place / "all.ndjson").write_text("\n".join(lines))
    whole = screened(place)[1]
    found = rejects_of(tmp_path)
    assert [line for _, line, _ in found] == [6, 42, 80]
    monkeypatch.setattr("service.cohort.parts.LONGEST_STRETCH", 1000)
    sources = find_inputs([place]).sources
    assert len(parts_of(sources, tmp_path, 8)) > 5
    assert screened(place)[1] == whole
    assert rejects_of(tmp_path) == found
