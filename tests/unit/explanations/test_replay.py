"""A kept assessment made again: the same as of then, and each change until today under its own cause.

Expected changes come from the rows that are changed here, and from the 26th birthday of two stored patients.
"""

import zlib
from dataclasses import replace
from datetime import date, timedelta

import msgspec
import orjson
import pytest

from service.assembly import build_service
from service.consultation import Question, assessment_document
from service.decisions.bind import bind_rules
from service.errors import SealBroken
from service.explanations.kept import KeptAssessment, KeptQuestion, copied, pack, unpack
from service.explanations.registry_mark import mark_of, record_digest
from service.explanations.replay import replay
from service.knowledge.registry import NOTHING_SEEN, Registry, RegistryRecord, Seen
from service.record.bundle import open_bundle
from service.settings import Settings
from service.terminology.terms import Terms
from tests.contract.stored import stored_patient

DAY = date(2026, 11, 22)
LATER = date(2026, 11, 30)
QUESTION = Question(DAY, DAY, ("EMA", "FDA"), "ES", "SEHOP", (41.39, 2.15), 45)
TRIAL = "NCT04150497"  # a trial on file


@pytest.fixture(scope="module")
def service():
    return build_service(Settings())


def as_prefetch(name):
    """A stored patient as prefetch would show it: referred to by id, for entries have no address there."""
    body = stored_patient(name)
    for entry in orjson.loads(body)["entry"]:
        if entry["resource"]["resourceType"] == "Patient":
            body = body.replace(entry["fullUrl"].encode(), f"Patient/{name}".encode())
    return body


def kept_from(service, name, question=QUESTION, registry=NOTHING_SEEN, unavailable=frozenset(), also=None):
    """What is kept of a stored patient, with one more resource or none, packed and unpacked as the store has it."""
    resources = {"all": tuple(open_bundle(as_prefetch(name)))}
    if also is not None:
        resources["more"] = tuple(open_bundle(orjson.dumps({"resourceType": "Bundle", "entry": [{"resource": also}]})))
    kept = KeptAssessment(
        service="svc",
        hook="patient-view",
        patient_id=name,
        question=KeptQuestion.of(question),
        resources=copied(resources),
        unavailable=tuple(sorted(unavailable)),
        registry=mark_of(registry, question.known_by),
        assessment=b"",
    )
    consultation = service.consult_prefetch(kept.slices(), name, unavailable, question, registry)
    document = orjson.dumps(assessment_document(consultation))
    return unpack(
        pack(KeptAssessment(**{field: getattr(kept, field) for field in kept.__struct_fields__} | {"assessment": document}))
    )


def seen(day, status):
    record = RegistryRecord(TRIAL, "SYNTHETIC", status)
    return Seen(day, record, "http://registry.example"), {record_digest(record): record}


def knowing(service, registry):
    return replace(service, registry=lambda: registry)


def causes(found):
    return {step.cause: step.changes for step in found.steps}


def named(changes, kind):
    return {change.name: (change.before, change.after) for change in changes if change.kind == kind}


@pytest.mark.parametrize(
    "name",
    [
        "adult-first-relapse",
        "adult-first-relapse-cd22-unknown",
        "adult-one-unreadable-observation",
        "adult-ph-positive-two-tki-failed-no-alternative",
        "child-second-relapse",
        "child-standard-risk-recorded-but-white-count-88",
        "newly-diagnosed-adult-in-induction",
        "nothing-but-a-diagnosis",
        "young-adult-on-the-26th-birthday",
    ],
)
def test_made_again_as_of_then_it_is_the_same(service, name):
    kept = kept_from(service, name, unavailable=frozenset({"Specimen"}))
    found = replay(kept, service, DAY, {})
    assert found.same_then
    assert found.same_knowledge
    assert found.registry_whole
    assert causes(found) == {"knowledge": (), "time": (), "registry": ()}


def test_what_is_kept_is_the_same_to_the_byte(service):
    kept = kept_from(service, "adult-first-relapse")
    assert kept.question.asked() == QUESTION
    sent = [bytes(memoryview(found.raw)) for found in open_bundle(as_prefetch("adult-first-relapse"))]
    assert list(kept.resources["all"]) == sent


@pytest.mark.parametrize(("today", "turned"), [(DAY, False), (DAY + timedelta(days=1), True)])
def test_a_birthday_that_has_passed_since_is_told_as_time(service, today, turned):
    # The fixture is one day short of 26: E-TIS-1 holds below 26 years, E-OBE-1 from 26 years on.
    kept = kept_from(service, "young-adult-on-the-day-before-the-26th-birthday")
    found = replay(kept, service, today, {})
    assert found.same_then
    changed = named(causes(found)["time"], "indication")
    assert ("E-TIS-1" in changed) is ("E-OBE-1" in changed) is turned
    if turned:
        assert changed["E-TIS-1"] == ("yes", "no")
        assert changed["E-OBE-1"] == ("no", "yes")
    assert causes(found)["knowledge"] == causes(found)["registry"] == ()


def with_row(service, *, effective, recorded, rewritten=False):
    """The service of a later day: E-OBE-1 has a row that holds below 26 years only; `rewritten`: it replaces the old one."""
    library = service.rules.library
    therapy = library.therapies["obecabtagene-autoleucel"]
    first, *others = therapy.indications
    (young,) = [row for row in library.therapies["tisagenlecleucel"].indications if row.id == "E-TIS-1"]
    age = next(criterion for criterion in young.versions[0].criteria if criterion.id == "AGE")
    before = first.versions[-1]
    criteria = tuple(age if criterion.id == "AGE" else criterion for criterion in before.criteria)
    row = before.model_copy(
        update={"effective": effective, "recorded": recorded, "uncertain_from": None, "criteria": criteria, "unverified": ()}
    )
    versions = (row,) if rewritten else (before, row)
    changed = therapy.model_copy(update={"indications": (first.model_copy(update={"versions": versions}), *others)})
    later = replace(library, therapies={**library.therapies, therapy.product: changed}, digest="sha256:later")
    return replace(service, rules=bind_rules(later, Terms(later.value_sets, later.systems)))


OF_A_MONTH = {
    "resourceType": "Procedure", "id": "graft", "status": "completed", "subject": {"reference": "Patient/adult-first-relapse"},
    "code": {"coding": [{"system": "http://snomed.info/sct", "code": "58390007"}]}, "performedDateTime": "2026-11",
}  # fmt: skip


@pytest.mark.parametrize(("is_past", "told"), [(False, "known"), (True, "unknown")])
def test_a_transplant_of_the_month_is_told_again_as_it_was(service, is_past, told):
    kept = kept_from(service, "adult-first-relapse", replace(QUESTION, is_past=is_past), also=OF_A_MONTH)
    assert orjson.loads(kept.assessment)["facts"]["prior_allo_hsct"]["state"] == told
    found = replay(kept, service, LATER, {})
    assert found.same_then
    turned = named(causes(found)["time"], "fact")
    assert ("prior_allo_hsct" in turned) is is_past  # what is recorded as done has been done by today


def test_a_question_that_was_kept_before_there_were_past_days_is_of_its_day():
    kept = msgspec.json.encode(KeptQuestion.of(QUESTION))
    older = {name: value for name, value in orjson.loads(kept).items() if name != "is_past"}
    assert msgspec.convert(older, KeptQuestion, strict=False).asked() == QUESTION


def test_a_row_written_down_since_is_told_as_knowledge(service):
    kept = kept_from(service, "adult-first-relapse")
    later = with_row(service, effective=date(2026, 11, 1), recorded=date(2026, 11, 25))
    found = replay(kept, later, LATER, {})
    assert found.same_then  # what was written down later was not known then
    assert not found.same_knowledge
    assert named(causes(found)["knowledge"], "indication")["E-OBE-1"] == ("yes", "no")
    assert "E-OBE-1" not in named(causes(found)["time"], "indication")
    (change,) = [row for row in causes(found)["knowledge"] if row.name == "E-OBE-1"]
    assert {"verdict", "effective"} <= set(change.parts)


def test_a_row_that_holds_from_a_day_since_is_told_as_time(service):
    kept = kept_from(service, "adult-first-relapse")
    later = with_row(service, effective=date(2026, 11, 25), recorded=date(2026, 11, 25))
    found = replay(kept, later, LATER, {})
    assert found.same_then
    assert "E-OBE-1" not in named(causes(found)["knowledge"], "indication")
    assert named(causes(found)["time"], "indication")["E-OBE-1"] == ("yes", "no")


def test_a_row_that_was_rewritten_is_told_as_another_answer_of_then(service):
    kept = kept_from(service, "adult-first-relapse")
    later = with_row(service, effective=date(2025, 7, 21), recorded=DAY, rewritten=True)
    found = replay(kept, later, DAY, {})
    assert not found.same_then
    assert not found.same_knowledge
    assert named(found.again, "indication")["E-OBE-1"] == ("yes", "no")
    assert causes(found) == {"knowledge": (), "time": (), "registry": ()}


def test_a_trial_that_was_closed_since_is_told_as_seen_since(service):
    (open_then, first), (closed, second) = seen(DAY, "RECRUITING"), seen(LATER, "COMPLETED")
    kept = kept_from(service, "adult-first-relapse", registry=Registry.of([open_then]))
    found = replay(kept, knowing(service, Registry.of([open_then, closed])), LATER, {**first, **second})
    assert found.same_then
    assert found.registry_whole
    before, after = named(causes(found)["registry"], "trial")[TRIAL]
    assert "RECRUITING (open: yes)" in before
    assert "COMPLETED (open: no)" in after
    assert TRIAL not in named(causes(found)["knowledge"], "trial")


def test_a_sighting_that_was_replaced_on_the_same_day_is_still_the_one_of_then(service):
    (open_then, first), (closed, second) = seen(DAY, "RECRUITING"), seen(DAY, "COMPLETED")
    kept = kept_from(service, "adult-first-relapse", registry=Registry.of([open_then]))
    found = replay(kept, knowing(service, Registry.of([closed])), DAY, {**first, **second})
    assert found.same_then
    assert set(named(causes(found)["registry"], "trial")) >= {TRIAL}


def test_a_registry_that_is_gone_is_told(service):
    open_then, _ = seen(DAY, "RECRUITING")
    kept = kept_from(service, "adult-first-relapse", registry=Registry.of([open_then]))
    found = replay(kept, service, DAY, {})
    assert not found.registry_whole
    assert not found.same_then
    assert set(named(found.again, "trial")) >= {TRIAL}


@pytest.mark.parametrize(
    "packed", [b"", b"x", zlib.compress(b""), zlib.compress(msgspec.msgpack.encode({"hook": "patient-view"}))]
)
def test_what_another_version_packed_is_told_apart(packed):
    with pytest.raises(SealBroken):
        unpack(packed)
