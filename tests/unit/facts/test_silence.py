"""A record's silence: what is worked out once for all records is what deriving each fact anew would say."""

import pytest
from msgspec.structs import replace

from service.facts.catalogue import CATALOGUE, View
from service.facts.derived import derive_facts
from service.facts.focus import set_aside_other_focus
from service.facts.received import as_far_as_received
from service.facts.silence import Silence, silence_of
from service.logic.dates import PartialDate
from service.logic.fact import Gap, known
from service.record.record import Diagnosis, Drug, PatientRecord, Treatment, Unread
from tests.unit.facts.conftest import DAY

ON = PartialDate.parse("2026-09-01")


def diagnosis(*concepts, reference="Condition/1"):
    return Diagnosis(reference, frozenset(concepts), (), "", "active", certain=True, onset=ON, recorded=ON, abated=None)


def drug(*concepts):
    return Drug("MedicationStatement/1", frozenset(concepts), "", "statement", ON, None, given=True)


def procedure(*concepts):
    return Treatment("Procedure/1", frozenset(concepts), "", ON, ON, done=True)


def said_aloud(record, rules):
    """Every fact of a record derived one after the other, and the problems in the order in which they were found."""
    view = View(record, rules.limits_on(DAY, DAY), PartialDate.of_day(DAY))
    set_aside_other_focus(view)
    facts = {name: view.fact(name) for name in CATALOGUE}
    concepts = silence_of(rules.library.treatments).concepts_of
    return as_far_as_received(facts, record, concepts), tuple(view.problems)


def as_answered(record, rules):
    derived = derive_facts(record, rules.limits_on(DAY, DAY), DAY)
    return dict(derived.facts), derived.problems


@pytest.fixture(scope="module")
def silence(rules):
    return Silence(rules.library.treatments)


def records_of_one_thing(reading, silence):
    """A record for each concept that some fact asks for, with that one thing in it."""
    wakes = silence._wakes
    for concept in wakes["readings"]:
        for number, unit in (("7", "%"), (None, "")):
            yield f"reading {concept} {number}", {"readings": (reading(concept, number=number, unit=unit),)}
    for concept in wakes["parents"]:
        part = reading("component", parent=frozenset({concept}), number="7")
        yield f"component of {concept}", {"readings": (reading(concept, components=(part,)),)}
    for code in wakes["own"]:
        yield f"own {code}", {"readings": (reading(number="1", unit="", code_codings=(("all-cds-facts", code),)),)}
    for concept in wakes["diagnoses"]:
        yield f"diagnosis {concept}", {"diagnoses": (diagnosis(concept),)}
        yield f"refuted {concept}", {"refuted": (replace(diagnosis(concept), refuted=True),)}
    for concept in wakes["drugs"]:
        yield f"drug {concept}", {"drugs": (drug(concept),)}
    for concept in wakes["treatments"]:
        yield f"procedure {concept}", {"treatments": (procedure(concept),)}
    for concept in wakes["broken"]:
        yield f"broken {concept}", {"unreadable": (Unread(frozenset({concept}), "Observation/9", "valueQuantity"),)}
    yield "a man", {"sex": "male"}
    yield "a woman", {"sex": "female"}
    yield "a birth", {"birth": PartialDate.parse("1990-05-01")}


@pytest.mark.parametrize("beside", [(), (diagnosis("bcp-all", "all-in-relapse", reference="Condition/9"),)])
def test_one_thing_wakes_all_that_it_tells_of(rules, reading, beside, silence):
    for what, parts in records_of_one_thing(reading, silence):
        parts["diagnoses"] = (*parts.get("diagnoses", ()), *beside)
        record = PatientRecord("Patient/p", **parts)
        assert as_answered(record, rules) == said_aloud(record, rules), what


def test_a_gap_of_silence_holds_nothing_of_a_patient(view_of, silence):
    gaps, untold = silence.of(PatientRecord("Patient/p"), view_of().layout)
    for gap in (*gaps.values(), *(other.gap for other in untold)):
        assert (gap.value, gap.evidence, gap.beside, gap.set_aside) == (None, (), (), ())
    assert {"cd19", "ecog", "prior_blinatumomab", "gilbert_syndrome", "mrd_end_of_induction_percent"} <= gaps.keys()
    assert {"kmt2a_r", "tp53", "hypodiploidy_lt44"} <= {other.name for other in untold}


def test_a_result_wakes_its_own_facts_alone(view_of, reading, silence):
    view = view_of(reading("ecog", number="1", unit=""))
    gaps, untold = silence.of(view.record, view.layout)
    everything, _ = silence.of(PatientRecord("Patient/p"), view_of().layout)
    assert everything.keys() - gaps.keys() == {"ecog"}
    assert len(untold) == len(silence._untold)


def test_a_marker_that_is_told_wakes_what_rests_on_it(rules, reading):
    told = reading("marker-tcf3-hlf", answers=frozenset({"answer-positive"}))
    facts, problems = as_answered(PatientRecord("Patient/p", readings=(told,)), rules)
    assert (facts, problems) == said_aloud(PatientRecord("Patient/p", readings=(told,)), rules)
    assert (facts["tcf3_hlf"].value, facts["hlf_r"].value, facts["kmt2a_r"].gap) == (True, True, Gap.NOT_RECORDED)


def test_what_is_supposed_wakes_what_rests_on_it(rules):
    derived = derive_facts(PatientRecord("Patient/p"), rules.limits_on(DAY, DAY), DAY, {"tcf3_hlf": known(value=True)})
    assert derived.facts["hlf_r"].value is True


def test_a_broken_result_is_no_silence(rules):
    broken = (Unread(frozenset({"ecog"}), "Observation/9", "valueQuantity"),)
    facts, _ = as_answered(PatientRecord("Patient/p", unreadable=broken), rules)
    assert facts["ecog"].gap is Gap.UNREADABLE


def test_a_broken_result_wakes_what_it_was_about_and_nothing_else(view_of, silence):
    layout = view_of(unreadable=(Unread(frozenset({"ecog"}), "Observation/9", "valueQuantity"),)).layout
    gaps, _ = silence.of(PatientRecord("Patient/p"), layout)
    everything, _ = silence.of(PatientRecord("Patient/p"), view_of().layout)
    assert everything.keys() - gaps.keys() == {"ecog"}
