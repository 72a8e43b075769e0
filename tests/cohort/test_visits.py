"""Visits in a cohort: nearly all are passed over, and one that was coded with a relapse is seen as `assess` sees it."""

from tests.cohort.conftest import write_lines
from tests.cohort.test_bad_input import PATIENT, leukaemia

RELAPSED = [{"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "C91.02"}]}]
STOMACH_ACHE = [{"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "R10.9"}]}]


def visit(**members):
    return {
        "resourceType": "Encounter",
        "id": "e",
        "status": "finished",
        "subject": {"reference": "Patient/a"},
        "period": {"start": "2026-06-01"},
    } | members


VISITS = {
    "a visit": visit(),
    "a visit for something else": visit(reasonCode=STOMACH_ACHE),
    "a visit for something else, in versions": visit(reasonCode=STOMACH_ACHE, meta={"versionId": "2"}),
    "a visit for a relapse": visit(reasonCode=RELAPSED),
    "a visit for a relapse, in versions": visit(reasonCode=RELAPSED, meta={"versionId": "1"}),
    "a visit for a relapse that is nobody's": {
        key: value for key, value in visit(reasonCode=RELAPSED).items() if key != "subject"
    },
    "a visit that is nobody's": {key: value for key, value in visit().items() if key != "subject"},
    "a visit with a code": visit(code={"text": "CD22"}),
    "a visit whose reason is no list": visit(reasonCode="relapse"),
    "a visit whose reason is null": visit(reasonCode=None),
    "a visit of another patient": visit(patient={"reference": "Patient/b"}),
    "a visit without an id": visit(id=None, reasonCode=RELAPSED),
    "a visit with an id of the wrong type": visit(id=7),
}


def test_a_relapse_with_which_a_visit_was_coded_is_seen_in_a_cohort_too(screened, tmp_path):
    """As `assess` sees it, the newest version of the visit: risk-and-relapse.md 5.1 tier 4."""
    place = tmp_path / "export"
    place.mkdir()

    def rows(*visits):
        write_lines(place / "a.ndjson", [PATIENT, leukaemia("a"), *visits])
        return screened(place)[1]

    without = rows()
    relapsed = rows(visit(reasonCode=RELAPSED))
    older, newer = {"meta": {"versionId": "1"}}, {"meta": {"versionId": "2"}}
    assert without != relapsed
    assert without == rows(visit()) == rows(visit(reasonCode=STOMACH_ACHE), visit(id="f"))
    assert without == rows(visit(reasonCode=RELAPSED, **older), visit(**newer))
    assert relapsed == rows(visit(reasonCode=RELAPSED, **newer), visit(**older))
