"""A kind of resource of which none came was not exported: what it could tell is unknown, and no absence."""

import json

import pytest

from service.cohort.judging import Judge
from service.cohort.outputs import summary
from service.cohort.told import told
from service.knowledge.registry import NOTHING_SEEN
from tests.cohort.conftest import QUESTION, rejects_of, write_lines
from tests.cohort.test_bad_input import PATIENT, SECOND, leukaemia
from tests.cohort.test_fast_ways import observation

OF_B = {"subject": {"reference": "Patient/b"}}
ASPIRIN = {"id": "m", "medicationCodeableConcept": {"text": "aspirin"}} | OF_B
BESIDE = {
    "Condition": leukaemia("b"),
    "Observation": observation("8867-4", **OF_B),
    "DiagnosticReport": {"resourceType": "DiagnosticReport", "id": "d", "status": "final", "code": {"text": "x"}} | OF_B,
    "Procedure": {"resourceType": "Procedure", "id": "p", "status": "completed", "code": {"text": "x-ray"}} | OF_B,
    "MedicationRequest": {"resourceType": "MedicationRequest", "status": "active", "intent": "order"} | ASPIRIN,
}
TREATMENT = "NCT01207388"  # asks whether there was a transplant
NERVES = "NCT06137118"  # asks for epilepsy, among others


def assumed(rows):
    """The trials that took what is not recorded of the first patient for absent."""
    flagged = [row for row in rows if row["patient"] == "Patient/a" and "absence-assumed" in row["flags"]]
    return {row["id"] for row in flagged}


def exported(folder, *left_out):
    beside = [one for kind, one in BESIDE.items() if kind not in left_out]
    write_lines(folder / "all.ndjson", [PATIENT, SECOND, leukaemia("a"), *beside])
    return folder


def test_what_all_kinds_could_have_told_and_none_tells_is_absent(screened, folder):
    report, rows = screened(exported(folder))
    assert {TREATMENT, NERVES} <= assumed(rows)
    assert report.not_received == ()


@pytest.mark.parametrize(
    ("left_out", "assuming"),
    [("Procedure", {NERVES}), ("MedicationRequest", {NERVES}), ("Observation", set()), ("DiagnosticReport", {TREATMENT, NERVES})],
)
@pytest.mark.parametrize("processes", [1, 2])
def test_without_a_kind_that_could_have_told_it_nothing_is_absent(screened, folder, left_out, assuming, processes):
    report, rows = screened(exported(folder, left_out), processes=processes)
    assert assumed(rows) & {TREATMENT, NERVES} == assuming
    assert any(left_out in kind for kind in report.not_received)


@pytest.mark.parametrize("kind", ["MedicationAdministration", "MedicationStatement", "MedicationDispense"])
def test_one_kind_of_medication_is_enough(screened, folder, kind):
    """A server may write them all as requests, or all as statements."""
    write_lines(folder / "drugs.ndjson", [BESIDE["MedicationRequest"] | {"resourceType": kind}])
    report, rows = screened(exported(folder, "MedicationRequest"))
    assert report.not_received == ()
    assert TREATMENT in assumed(rows)


def test_bundles_of_patients_are_whole_as_where_one_is_asked_about(screened, folder):
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": PATIENT}, {"resource": leukaemia("a")}]}
    (folder / "a.json").write_text(json.dumps(bundle))
    report, rows = screened(folder)
    assert TREATMENT in assumed(rows)
    assert report.not_received == ()


def test_resources_in_files_of_their_own_are_counted_too(screened, folder):
    for name, one in {"a": PATIENT, "b": SECOND, "c": leukaemia("a"), **BESIDE}.items():
        (folder / f"{name}.json").write_text(json.dumps(one))
    assert screened(folder)[0].not_received == ()


@pytest.mark.parametrize("ending", ["json", "ndjson"])
def test_a_byte_order_mark_before_a_resource_hides_no_kind(screened, folder, tmp_path, ending):
    """A file in UTF-8 may begin with one; so may a line, where such files were put together."""
    for name, one in {"a": PATIENT, "b": SECOND, "c": leukaemia("a"), **BESIDE}.items():
        (folder / f"{name}.{ending}").write_bytes(b"\xef\xbb\xbf" + json.dumps(one).encode())
    report, rows = screened(folder)
    assert (report.not_received, rejects_of(tmp_path)) == ((), [])
    assert {TREATMENT, NERVES} <= assumed(rows)


def test_what_was_not_exported_is_said(screened, folder, service):
    report, _ = screened(exported(folder, "Procedure"))
    judge = Judge(service.rules, NOTHING_SEEN, QUESTION)
    assert summary(report, judge)["typesNotReceived"] == ["Procedure"]
    assert any(line.startswith("none came of: Procedure") for line in told(report, judge, ()))


def test_spark_says_the_same(screened, folder, spark):
    exported(folder, "Procedure")
    report, rows = screened(folder)
    on_spark, rows_on_spark = screened(folder, engine=spark)
    assert (on_spark.not_received, rows_on_spark) == (report.not_received, rows) == (("Procedure",), rows)
