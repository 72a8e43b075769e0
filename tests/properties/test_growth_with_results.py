"""Twice as many results of whatever kind cost about twice the work, counted in calls: no record can hold the service up."""

from collections import Counter
from datetime import date, timedelta
from itertools import cycle

import orjson
import pytest

from service.assembly import build_service, read_question
from service.consultation import assessment_document
from service.facts import antigens, tested
from service.facts.catalogue import View
from service.logic.dates import PartialDate
from service.logic.fact import Evidence
from service.record.record import PatientRecord
from service.settings import Settings
from service.synth.codes import SYSTEMS
from tests.properties.test_work_is_counted import work_of

FEW, MANY = 200, 400
AT_MOST = 2.1  # times as much for twice as many; up to 4 where each result is compared with each
WALKED = ("service/facts/", "service/logic/", "service/consultation/")
FIRST, DAYS, STEP = date(2009, 1, 1), 6_200, 7_919
CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
SUBJECT = {"reference": "Patient/p"}
QUIET = date(2026, 11, 22)


@pytest.fixture(scope="module")
def service():
    return build_service(Settings())


@pytest.fixture(scope="module")
def code_of(service):
    """The first code of a concept, as FHIR has it; `own`: of the project's own system, else of another where there is one."""
    library = service.rules.library
    addresses = {name: system.uris[0] for name, system in library.systems.items()}

    def made(concept, *, own=False):
        code = min(library.value_sets[concept].codes, key=lambda code: (code.system == "all-cds-facts") is not own)
        return {"coding": [{"system": addresses[code.system], "code": code.code, "display": code.display}]}

    return made


def spread(number):
    """Days all over the years, in no order."""
    return (FIRST + timedelta(days=number * STEP % DAYS)).isoformat()


def one_day(_number):
    return "2025-03-01"


def one_year(_number):
    return "2025"


def percent(code_of):
    values = (0.5, 3, 30, 80, 0.001, 7, 2, 12)
    return lambda number: {"valueQuantity": {"value": values[number % 8] + number / 100_000, "unit": "%", "code": "%"}}


def coded(*concepts):
    return lambda code_of: lambda number: {"valueCodeableConcept": code_of(concepts[number % len(concepts)])}


def own(*words):
    said = [{"valueCodeableConcept": {"coding": [{"system": SYSTEMS["facts"], "code": word}]}} for word in words]
    return lambda _code_of: lambda number: said[number % len(said)]


def numbered(_code_of):
    return lambda number: {"valueInteger": number}


def phrases(*texts):
    return lambda _code_of: lambda number: {"valueString": texts[number % len(texts)]}


POSITIVE_OR_NEGATIVE = coded("answer-positive", "answer-negative")
COURSE = coded("status-remission", "status-relapse", "status-worsened")
FLOW = {"method": {"text": "flow cytometry"}}


def result(concept, value, when=spread, *, stated=False, **more):
    def make(code_of):
        code, read = code_of(concept, own=stated), value(code_of)
        return lambda n: {
            "resourceType": "Observation", "status": "final", "code": code, "effectiveDateTime": when(n), **read(n), **more,
        }  # fmt: skip

    return make


def condition(concept, *statuses, when=spread):
    def make(code_of):
        code, status = code_of(concept), statuses or ("active", "remission", "relapse", "resolved")
        return lambda n: {
            "resourceType": "Condition", "code": code, "onsetDateTime": when(n),
            "clinicalStatus": {"coding": [{"system": CLINICAL, "code": status[n % len(status)]}]},
        }  # fmt: skip

    return make


def dose(drug, when=spread):
    def make(code_of):
        code = code_of(drug)
        return lambda n: {
            "resourceType": "MedicationAdministration", "status": "completed", "medicationCodeableConcept": code,
            "effectiveDateTime": when(n),
        }  # fmt: skip

    return make


def course_of(drug):
    def make(code_of):
        code = code_of(drug)
        return lambda n: {
            "resourceType": "MedicationStatement", "status": "completed", "medicationCodeableConcept": code,
            "effectivePeriod": {"start": spread(n), "end": "2026-01-01"},
        }  # fmt: skip

    return make


def transplant(code_of):
    code = code_of("allo-hsct")
    return lambda n: {"resourceType": "Procedure", "status": "completed", "code": code, "performedDateTime": spread(n)}


def report(code_of):
    said = ("CD19 positive 90 %, CD22 negative. MRD negative", "CD19 negative", "Relapse in the marrow; CNS involvement")
    code = code_of("marrow-report")
    return lambda n: {
        "resourceType": "DiagnosticReport", "status": "final", "code": code, "effectiveDateTime": spread(n),
        "conclusion": said[n % len(said)],
    }  # fmt: skip


BLASTS, MRD = result("marrow-blasts", percent), result("mrd", percent)
RELAPSES, STATUS = condition("all-in-relapse"), result("disease-status", COURSE)
KINDS = {
    "blasts in the marrow": (BLASTS,),
    "blasts of one year": (result("marrow-blasts", percent, one_year),),
    "MRD": (MRD,),
    "clear MRD, then not": (result("mrd", percent), result("disease-status", coded("status-remission"), lambda _: "2010-01-01")),
    "blasts and MRD": (BLASTS, MRD),
    "blasts and MRD of one day": (result("marrow-blasts", percent, one_day), result("mrd", percent, one_day)),
    "MRD of one day by flow, and CD19-directed doses": (result("mrd", percent, one_day, **FLOW), dose("blinatumomab")),
    "CD19": (result("cd19-blasts", percent),),
    "CD19 of one day, and CD19-directed doses": (result("cd19-blasts", percent, one_day), dose("blinatumomab")),
    "disease status": (STATUS,),
    "disease status and blasts": (STATUS, BLASTS),
    "CNS, blasts and disease status": (result("cns-status", own("CNS1", "CNS3"), stated=True), BLASTS, STATUS),
    "sites and relapses": (result("relapse-site", own("extramedullary", "combined"), stated=True), RELAPSES),
    "relapses": (RELAPSES,),
    "relapses that go on": (condition("all-in-relapse", "active"),),
    "relapses and remissions": (RELAPSES, condition("all-in-remission")),
    "diagnoses": (condition("bcp-all"),),
    "diagnoses that name a marker": (condition("bcp-all-ph-like"),),
    "leukaemia outside the marrow": (condition("cns-leukaemia"), STATUS),
    "vague diagnoses": (condition("acute-leukaemia-unspecified"),),
    "refractory": (condition("refractory-malignancy"),),
    "doses and blasts": (dose("vincristine"), BLASTS),
    "doses of one day": tuple(dose(drug, one_day) for drug in ("vincristine", "prednisone", "daunorubicin")),
    "blocks of treatment": (
        *(dose(drug) for drug in ("vincristine", "prednisone", "pegaspargase", "daunorubicin")), BLASTS, STATUS,
    ),
    "consolidations": (*(dose(drug) for drug in ("mercaptopurine", "cyclophosphamide", "cytarabine")), STATUS),
    "kinase inhibitors and relapses": (course_of("imatinib"), RELAPSES),
    "antibodies, drugs and MRD": (dose("blinatumomab"), dose("vincristine"), STATUS, MRD),
    "phases and MRD of consolidation": (
        result("treatment-phase", own("induction", "maintenance"), stated=True),
        result("mrd-at-end-of-consolidation", percent),
        MRD,
    ),
    "karyotypes": (result("karyotype", phrases("46,XY,t(9;22)(q34;q11)[12]", "46,XX[20]")),),
    "FISH and disease status": (result("bcr-abl1-fish", POSITIVE_OR_NEGATIVE), STATUS),
    "numbers of relapses": (result("relapse-number", numbered, stated=True), RELAPSES),
    "transplants and relapses": (transplant, RELAPSES),
    "virus found and denied": (
        result("hcv-test", POSITIVE_OR_NEGATIVE, one_day), result("any-hcv", coded("answer-negative"), one_day),
    ),
    "reports": (report,),
}  # fmt: skip


def bundle(parts, count, code_of):
    """A patient with so many resources of each part."""
    makers = [make(code_of) for make in parts]
    entries = [
        {"resourceType": "Patient", "id": "p", "birthDate": "1981-03-14", "gender": "male"},
        {
            "resourceType": "Condition", "id": "all", "code": code_of("bcp-all"), "subject": SUBJECT,
            "onsetDateTime": "2008-05-06",
        },
    ]  # fmt: skip
    for maker, number in zip(cycle(makers), range(count * len(makers)), strict=False):
        entries.append({**maker(number // len(makers)), "id": f"r{number}", "subject": SUBJECT})
    made = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one} for one in entries]}
    return orjson.dumps(made)


@pytest.mark.parametrize("kind", KINDS)
def test_twice_the_results_of_a_kind_are_about_twice_the_work(service, code_of, kind):
    question = read_question({"as_of": QUIET.isoformat()}, service.settings, QUIET)

    def calls(count):
        body = bundle(KINDS[kind], count, code_of)
        assessment_document(service.consult_bundle(body, question))  # what is made once
        found = work_of(lambda: assessment_document(service.consult_bundle(body, question)))
        return sum(found.of(WALKED).values()), found.calls

    (few, few_in_all), (many, many_in_all) = calls(FEW), calls(MANY)
    assert many <= AT_MOST * few
    assert many_in_all <= AT_MOST * few_in_all


def test_a_specimen_to_which_every_result_refers_is_opened_once(service, code_of):
    question = read_question({"as_of": QUIET.isoformat()}, service.settings, QUIET)
    specimen = {"resourceType": "Specimen", "id": "s", "subject": SUBJECT, "note": [{"text": "n" * 10_000}]}
    of_it = result("marrow-blasts", percent, specimen={"reference": "Specimen/s"})

    def decoded(count):
        made = orjson.loads(bundle((of_it,), count, code_of))
        made["entry"].append({"resource": specimen})
        body = orjson.dumps(made)
        service.consult_bundle(body, question)
        return work_of(lambda: service.consult_bundle(body, question)).of(["record/bundle.py:decoded"])

    ((_, few),), ((_, many),) = decoded(10).items(), decoded(20).items()
    assert many - few == 10  # the results themselves


def test_results_of_one_day_are_not_compared_with_each_other(service):
    limits = service.rules.limits_on(QUIET, QUIET)
    day = PartialDate.parse("2026-10-01")
    compared: Counter[str] = Counter()

    class Watched(tested.Tested, frozen=True):
        def __eq__(self, other):
            compared["times"] += 1
            return super().__eq__(other)

        __hash__ = tested.Tested.__hash__

    results: list[tested.Tested] = [
        Watched(day, "positive", None, Evidence(f"DiagnosticReport/{n}", "", day, "CD19 positive")) for n in range(100)
    ]
    view = View(PatientRecord("Patient/p"), limits, PartialDate.of_day(QUIET))
    assert antigens._govern(view, "cd19", results).value == "positive"
    assert compared["times"] <= len(results)
