"""What we announce: CH-D and CH-P of the conformance list."""

import pytest

from cds_hooks import (
    HOOK_VERSIONS,
    FaultyTemplate,
    InvalidValue,
    MissingValue,
    ServiceDefinition,
    TwinService,
    discovery_document,
    template_faults,
)
from tests.contract.cds_hooks_checker import discovery_faults


def definition(**parts):
    return ServiceDefinition(
        **{"hook": "patient-view", "id": "example", "title": "Example", "description": "An example."} | parts
    )


def test_ch_d_02_no_services_is_an_empty_array():
    assert discovery_document([]) == {"services": []}


def test_ch_d_03_required_members_come_alone_when_there_is_nothing_else():
    assert discovery_document([definition()]) == {
        "services": [
            {"hook": "patient-view", "id": "example", "title": "Example", "description": "An example.", "version": "2.0.1"}
        ]
    }


def test_ch_d_06_optional_members_have_the_names_of_the_wire():
    wire = definition(
        prefetch={"patient": "Patient/{{context.patientId}}"},
        usage_requirements="A coded diagnosis.",
        extension={"org.example.release": "1"},
    ).to_wire()
    assert wire["prefetch"] == {"patient": "Patient/{{context.patientId}}"}
    assert wire["usageRequirements"] == "A coded diagnosis."
    assert wire["extension"] == {"org.example.release": "1"}
    assert discovery_faults({"services": [wire]}) == []


# The table of hooks (part 5) and the five that are answered or may be.
PUBLISHED = {"patient-view": "1.0", "order-select": "1.0", "order-sign": "1.0", "order-dispatch": "1.1", "encounter-start": "1.0"}


@pytest.mark.parametrize(("hook", "version"), PUBLISHED.items())
def test_ch_d_08_a_hook_has_the_version_under_which_it_is_published(hook, version):
    assert HOOK_VERSIONS[hook] == version
    wire = definition(hook=hook, version="3.0.0", hook_version=version).to_wire()
    assert wire["hookVersion"] == version
    assert discovery_faults({"services": [wire]}) == []
    assert "hookVersion" not in definition(hook=hook).to_wire()


@pytest.mark.parametrize(
    ("hook", "version"), [("patient-view", "1.1"), ("order-dispatch", "1.0"), ("other", "one"), ("other", "")]
)
def test_ch_d_08_no_other_version_is_announced(hook, version):
    with pytest.raises(InvalidValue) as caught:
        definition(hook=hook, hook_version=version)
    assert caught.value.where == "services.hookVersion"


@pytest.mark.parametrize("name", ["hook", "title", "description"])
def test_ch_d_03_required_texts_are_not_empty(name):
    with pytest.raises(MissingValue) as caught:
        definition(**{name: ""})
    assert caught.value.where == f"services.{name}"


@pytest.mark.parametrize(
    ("version", "good"), [("2.0.0", True), ("2.0.1", True), ("3.0.0", True), ("1.0", False), ("2.0", False), ("2026.11.1", False)]
)
def test_ch_d_07_version_is_that_of_the_specification(version, good):
    if good:
        assert definition(version=version).to_wire()["version"] == version
    else:
        with pytest.raises(InvalidValue):
            definition(version=version)


def test_ch_d_09_one_id_may_stand_on_two_hooks_but_not_twice_on_one():
    document = discovery_document([definition(), definition(hook="order-sign"), definition(id="second")])
    assert discovery_faults(document) == []
    with pytest.raises(TwinService):
        discovery_document([definition(), definition(title="Other")])


@pytest.mark.parametrize(
    ("service_id", "good"),
    [("all-1", True), ("", False), ("All", False), ("a_b", False), ("a/b", False), ("a b", False), ("a\n", False)],
)
def test_ch_d_10_an_id_is_small_letters_digits_and_hyphens(service_id, good):
    if good:
        assert definition(id=service_id).id == service_id
    else:
        with pytest.raises(InvalidValue):
            definition(id=service_id)


def test_ch_p_08_keys_are_letters_digits_and_hyphens():
    for key, good in (("patient", True), ("lab-2", True), ("a_b", False), ("", False), ("a b", False)):
        if good:
            assert definition(prefetch={key: "Patient/{{context.patientId}}"}).prefetch
        else:
            with pytest.raises(InvalidValue):
                definition(prefetch={key: "Patient/{{context.patientId}}"})


def test_a_faulty_template_is_refused_with_its_key():
    with pytest.raises(FaultyTemplate) as caught:
        definition(prefetch={"patient": "Patient/{{context.patientId}}", "labs": "Observation?patient={{today()}}"})
    assert caught.value.where == "services.prefetch.labs"


@pytest.mark.parametrize(
    "template",
    [
        "Patient/{{context.patientId}}",
        "{{context.userId}}",
        "Practitioner/{{userPractitionerId}}",
        "Encounter/{{context.encounterId}}",
        "Condition?patient={{context.patientId}}",
        "Condition?patient={{context.patientId}}&category=problem-list-item,encounter-diagnosis",
        "Observation?patient={{context.patientId}}&code=http://loinc.org|4548-4&_count=1&_sort=-date",
        "Observation?patient={{context.patientId}}&code:in=http://example.org/ValueSet/labs&date=ge2020-01-01",
        "Observation?patient={{context.patientId}}&_sort=code,-date&_count=100&date=lt2030",
        "MedicationRequest?patient=Patient/{{context.patientId}}&_lastUpdated=gt2020",
    ],
)
def test_ch_p_01_to_04_templates_inside_the_recommended_subset_have_no_faults(template):
    assert template_faults("patient-view", template) == ()


@pytest.mark.parametrize(
    ("item", "template"),
    [
        ("CH-P-01", "Patient/{{patientId}}"),
        ("CH-P-01", "Patient/{{ context.patientId }}"),
        ("CH-P-01", "Patient/{context.patientId}"),
        ("CH-P-01", "Patient/{{context.patientId}"),
        ("CH-P-01", "Patient/{{}}"),
        ("CH-P-01", "Patient/{{userName}}"),
        ("CH-P-02", "Medication/{{context.draftOrders.entry.resource}}"),
        ("CH-P-02", "Medication/{{context.draftOrders}}"),
        ("CH-P-03", "Observation?patient={{context.patientId}}&date=ge{{today() - 90 days}}"),
        ("CH-P-03", "Encounter/{{%patient.id}}"),
        ("CH-P-04", "Observation?patient.name=x"),
        ("CH-P-04", "Observation?subject:Patient.name=x"),
        ("CH-P-04", "Patient?_has:Observation:patient:code=1"),
        ("CH-P-04", "MedicationRequest?patient={{context.patientId}}&_include=MedicationRequest:medication"),
        ("CH-P-04", "Patient?_id={{context.patientId}}&_revinclude=Observation:patient"),
        ("CH-P-04", "Condition?patient={{context.patientId}}&code:not=1"),
        ("CH-P-04", "Condition?patient={{context.patientId}}&code:text=leukaemia"),
        ("CH-P-04", "Condition?patient={{context.patientId}}&_maxresults=5"),
        ("CH-P-04", "Condition?patient={{context.patientId}}&_elements=code"),
        ("CH-P-04", "Observation?patient={{context.patientId}}&date=ne2020"),
        ("CH-P-04", "Observation?patient={{context.patientId}}&date=sa2020-01-01"),
        ("CH-P-04", "Observation?patient={{context.patientId}}&_count=0"),
        ("CH-P-04", "Observation?patient={{context.patientId}}&_count=many"),
        ("CH-P-04", "Observation?patient="),
        ("CH-P-04", "Observation?"),
        ("CH-P-04", "Observation?=x"),
        ("CH-P-04", "Patient/{{context.patientId}}/$everything"),
        ("CH-P-04", "Patient/{{context.patientId}}/Observation?code=1"),
        ("CH-P-04", "{{context.patientId}}"),
        ("CH-P-04", "https://fhir.example.org/Patient/{{context.patientId}}"),
        ("CH-P-04", "Patient"),
        ("CH-P-04", ""),
        ("CH-P-04", "Condition?patient={{context.patientId}} &code=1"),
        ("CH-P-05", "Observation?patient={{context.patientId}}&_sort:desc=date"),
        ("CH-P-05", "Observation?patient={{context.patientId}}&_sort:in=date"),
        ("CH-P-05", "Observation?patient={{context.patientId}}&_sort=--date"),
    ],
)
def test_templates_outside_the_recommended_subset_have_a_fault(item, template):
    assert template_faults("patient-view", template), item


@pytest.mark.parametrize(
    ("hook", "token", "good"),
    [
        ("patient-view", "encounterId", True),
        ("patient-view", "selections", False),
        ("order-sign", "draftOrders", False),
        ("order-dispatch", "userId", False),
        ("order-dispatch", "patientId", True),
        ("com.example.hook", "anything", True),
    ],
)
def test_ch_p_02_tokens_are_those_of_the_hooks_own_table(hook, token, good):
    assert (template_faults(hook, f"Patient/{{{{context.{token}}}}}") == ()) is good
