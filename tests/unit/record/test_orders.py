"""What orders name, in every shape in which they come: CH-H-02, 05, 06, 08, 09, 10 of the conformance list."""

import json

import pytest

from service.errors import WrongPatient
from service.record.bundle import open_resource
from service.record.orders import (
    FOR_NOBODY,
    NOT_FOUND,
    NOT_SELECTED,
    NOT_SENT,
    UNREADABLE,
    Order,
    Orders,
    of_patient,
    read_dispatched,
    read_orders,
)

RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
DRUG = {"coding": [{"system": RXNORM, "code": "1597258"}]}  # the ingredient blinatumomab
SERVER = "https://ehr.example/fhir"


def order(**members):
    made = {
        "resourceType": "MedicationRequest",
        "id": "a",
        "status": "draft",
        "intent": "order",
        "medicationCodeableConcept": DRUG,
    }
    return {name: value for name, value in {**made, **members}.items() if value is not None}


def bundle(*resources, **members):
    return {"resourceType": "Bundle", "entry": [{"resource": one} for one in resources], **members}


def points_to(reference):
    return {"medicationCodeableConcept": None, "medicationReference": {"reference": reference}}


def medication(name="m"):
    return {"resourceType": "Medication", "id": name, "code": DRUG}


@pytest.fixture
def read(rules):
    """The orders in a document."""

    def give(document, **options):
        sent = document if isinstance(document, bytes) else json.dumps(document).encode()
        return read_orders(sent, rules.vocabulary, **options)

    return give


def concepts(found):
    return [(one.reference, sorted(one.concepts)) for one in found.orders]


BLINATUMOMAB = [("MedicationRequest/a", ["blinatumomab"])]


@pytest.mark.parametrize(
    "document",
    [
        pytest.param(bundle(order(), type="collection"), id="a bundle with a type"),
        pytest.param(bundle(order()), id="a bundle without type and addresses"),
        pytest.param({"entry": [{"resource": order()}]}, id="a bundle that does not say what it is"),
        pytest.param({"resourceType": "Bundle", "entry": [order()]}, id="entries that are the resources"),
        pytest.param({"resourceType": "Bundle", "entry": {"resource": order()}}, id="an entry that is no list"),
        pytest.param({"resource": order()}, id="CH-H-05 one wrapped resource"),
        pytest.param(order(), id="one resource"),
        pytest.param([order()], id="a list"),
        pytest.param(bundle(bundle(order())), id="a bundle in a bundle"),
        pytest.param(bundle(order(subject=None)), id="nobody named"),
        pytest.param(bundle(order(category={"text": "Inpatient"}, intent=None)), id="an odd category and no intent"),
        pytest.param(
            bundle(order(dosageInstruction=[{"doseAndRate": [{"doseQuantity": {"code": "{pill}"}}]}])), id="an odd dose"
        ),
        pytest.param(
            bundle({"resourceType": "NutritionOrder"}, order(), {"resourceType": "Unheard"}), id="CH-H-02 unknown types"
        ),
        pytest.param(bundle(order(status=None)), id="no status"),
        pytest.param(bundle(order(status="active")), id="signed again"),
        pytest.param(bundle(order(status="on-hold")), id="signed again while on hold"),
    ],
)
def test_ch_h_06_the_drug_is_recognised_whatever_the_shape(read, document):
    assert concepts(read(document)) == BLINATUMOMAB
    assert read(document).codes == ()


@pytest.mark.parametrize(
    "document",
    [
        pytest.param(bundle(order(contained=[medication()], **points_to("#m"))), id="contained"),
        pytest.param(bundle(order(**points_to("Medication/m")), medication()), id="beside it"),
        pytest.param(bundle(order(**points_to(f"{SERVER}/Medication/m")), medication()), id="beside it, absolute"),
        pytest.param(
            {"entry": [{"resource": order(**points_to("urn:uuid:1"))}, {"fullUrl": "urn:uuid:1", "resource": medication()}]},
            id="by the address of its entry",
        ),
        pytest.param(
            bundle(order(**{**points_to("Medication/x"), "medicationReference": {"display": "blinatumomab"}})), id="by its words"
        ),
        pytest.param(bundle(order(medicationCodeableConcept={"text": "Blincyto 35 micrograms"})), id="text alone"),
        pytest.param(
            bundle(
                order(medicationCodeableConcept={"coding": [{"system": "urn:oid:2.16.840.1.113883.6.88", "code": "1597258"}]})
            ),
            id="by the address of the system that one vendor writes",
        ),
    ],
)
def test_ch_h_06_the_drug_is_found_wherever_it_stands(read, document):
    assert concepts(read(document)) == BLINATUMOMAB


def test_ch_h_06_a_drug_that_is_not_in_the_call_is_looked_for_in_prefetch_and_then_asked_for(read):
    pointing = bundle(order(**points_to("Medication/m")))
    sent = open_resource(json.dumps(medication()).encode())
    asked = []

    def server(reference):
        asked.append(reference)
        return medication("m")

    assert concepts(read(pointing, drugs=lambda: [sent], read=server)) == BLINATUMOMAB
    assert asked == []
    assert concepts(read(pointing, read=server)) == BLINATUMOMAB
    assert asked == ["Medication/m"]


def test_prefetch_is_opened_once_and_only_where_an_order_points_out_of_its_bundle(read):
    opened = []

    def drugs():
        opened.append(1)
        return []

    read(bundle(order()), drugs=drugs)
    assert opened == []
    found = read(bundle(order(**points_to("Medication/m")), order(id="b", **points_to("Medication/n"))), drugs=drugs)
    assert opened == [1]
    assert [sorted(one.concepts) for one in found.orders] == [[], []]


def test_ch_h_06_an_order_without_a_drug_names_nothing(read):
    (found,) = read(bundle(order(medicationCodeableConcept=None))).orders
    assert (found.concepts, found.in_order) == (frozenset(), ())


def test_ch_h_08_ids_may_be_of_any_length(read):
    (found,) = read(bundle(order(id="e" * 194)), selections=[f"MedicationRequest/{'e' * 194}"]).orders
    assert found.reference == f"MedicationRequest/{'e' * 194}"


@pytest.mark.parametrize("status", ["cancelled", "entered-in-error", "stopped", "revoked"])
def test_orders_that_were_called_off_are_none(read, status):
    assert read(bundle(order(status=status))) == Orders()


def test_an_order_not_to_give_is_none(read):
    assert read(bundle(order(doNotPerform=True))) == Orders()
    assert concepts(read(bundle(order(doNotPerform=False)))) == BLINATUMOMAB


@pytest.mark.parametrize(
    "bad", [{"status": 7}, {"subject": "Patient/1"}, {"medicationCodeableConcept": "x"}, {"modifierExtension": [{"url": "x"}]}]
)
def test_ch_h_10_an_order_that_cannot_be_read_is_set_aside_and_the_others_are_read(read, bad):
    found = read(bundle(order(id="bad", **bad), order()))
    assert concepts(found) == BLINATUMOMAB
    assert found.codes == (UNREADABLE,)


def test_ch_h_07_no_orders_at_all_are_told_to_the_operator(rules):
    assert read_orders(None, rules.vocabulary) == Orders(codes=(NOT_SENT,))


@pytest.mark.parametrize("document", [b"{", b"\xff", b"[" * 100_000])
def test_orders_that_are_no_json_are_told_to_the_operator(read, document):
    assert read(document) == Orders(codes=(UNREADABLE,))


@pytest.mark.parametrize(
    "document",
    ["text", 7, None, {}, [], [[[[[[[[order()]]]]]]]], {"entry": 7}, {"entry": [7]}, {"resourceType": []}, {"resourceType": 7}],
)
def test_what_holds_no_order_holds_none(read, document):
    assert read(document).orders == ()


def test_an_order_without_a_name_of_any_kind_is_read(read):
    assert concepts(read(bundle(order(id=None)))) == [("", ["blinatumomab"])]


def test_a_medication_that_is_nested_without_end_spoils_itself_only(read):
    deep: object = {}
    for _ in range(400):
        deep = {"a": deep}
    found = read(bundle(order(), order(id="b", **points_to("Medication/m")), {**medication(), "extension": deep}))
    assert concepts(found)[0] == BLINATUMOMAB[0]


# ---------------------------------------------------------------- selections


def test_of_selections_only_those_orders_are_read(read):
    both = bundle(order(), order(id="b", medicationCodeableConcept={"text": "paracetamol"}))
    assert [one.reference for one in read(both, selections=["MedicationRequest/b"]).orders] == ["MedicationRequest/b"]
    assert [one.reference for one in read(both, selections=[f"{SERVER}/MedicationRequest/a"]).orders] == ["MedicationRequest/a"]


def test_a_selected_order_may_be_named_by_the_address_of_its_entry(read):
    document = {"entry": [{"fullUrl": "urn:uuid:7", "resource": order(id=None)}, {"resource": order(id="b")}]}
    assert [one.reference for one in read(document, selections=["urn:uuid:7"]).orders] == ["urn:uuid:7"]


@pytest.mark.parametrize("selections", [None, [], [""]])
def test_without_selections_all_orders_are_read(read, selections):
    assert len(read(bundle(order(), order(id="b")), selections=selections).orders) == 2


def test_selections_that_are_not_among_the_orders_leave_all_of_them_and_are_told_to_the_operator(read):
    found = read(bundle(order(), order(id="b")), selections=["MedicationRequest/other"])
    assert len(found.orders) == 2
    assert found.codes == (NOT_SELECTED,)


# ---------------------------------------------------------------- services


def test_a_service_is_read_by_its_code_and_words(read):
    words = "Referral to a CAR-T centre, question of brexucabtagene autoleucel"
    (found,) = read(bundle({"resourceType": "ServiceRequest", "id": "s", "code": {"text": words}})).orders
    assert (found.of_drug, found.by_name, found.words) == (False, True, words)
    assert found.in_order == ("car-t-infusion", "brexucabtagene-autoleucel")


@pytest.mark.parametrize("older", ["MedicationOrder", "ProcedureRequest"])
def test_ch_h_02_what_earlier_versions_of_fhir_call_it_is_read_too(read, older):
    resource = {**order(resourceType=older, medicationCodeableConcept=None), "patient": {"reference": "Patient/1"}}
    resource["medicationCodeableConcept" if older == "MedicationOrder" else "code"] = DRUG
    (found,) = read(bundle(resource)).orders
    assert (found.concepts, found.patient) == ({"blinatumomab"}, "Patient/1")


# ---------------------------------------------------------------- whose


def owned(read, reference):
    return read(bundle(order(subject={"reference": reference})))


@pytest.mark.parametrize("reference", ["Patient/1", f"{SERVER}/Patient/1", "Patient/1/_history/3"])
def test_an_order_of_this_patient_is_kept(read, reference):
    assert of_patient(owned(read, reference), "1").orders != ()
    assert of_patient(read(bundle(order())), "1").orders != ()
    assert of_patient(read(bundle(order(subject={"display": "the patient"}))), "1").orders != ()


def test_the_patient_of_an_order_may_stand_in_the_bundle(read):
    resource = order(subject={"reference": "urn:uuid:7"})
    document = {"entry": [{"resource": resource}, {"fullUrl": "urn:uuid:7", "resource": {"resourceType": "Patient", "id": "1"}}]}
    assert of_patient(read(document), "1").orders != ()
    with pytest.raises(WrongPatient):
        of_patient(read(document), "2")


@pytest.mark.parametrize("reference", ["Patient/2", f"{SERVER}/Patient/2"])
def test_ch_r_09_an_order_of_another_patient_is_refused_without_naming_them(read, reference):
    with pytest.raises(WrongPatient) as caught:
        of_patient(owned(read, reference), "1")
    assert "2" not in str(caught.value).replace("422", "")


@pytest.mark.parametrize("reference", ["Group/1", "urn:uuid:8", "#p"])
def test_an_order_for_nobody_that_can_be_made_out_is_not_judged(read, reference):
    assert of_patient(owned(read, reference), "1") == Orders(codes=(FOR_NOBODY,))


# ---------------------------------------------------------------- handed on


def slices(*resources):
    return [open_resource(json.dumps(one).encode()) for one in resources]


def test_orders_that_are_handed_on_are_found_among_the_requests(rules):
    requests = slices(order(), order(id="b"))
    found = read_dispatched([f"{SERVER}/MedicationRequest/a"], requests, rules.vocabulary)
    assert concepts(found) == BLINATUMOMAB


def test_an_order_that_is_handed_on_and_nowhere_found_is_asked_for_and_told_to_the_operator(rules):
    found = read_dispatched(["MedicationRequest/a"], [], rules.vocabulary, read=lambda _reference: order())
    assert concepts(found) == BLINATUMOMAB
    assert read_dispatched(["MedicationRequest/a"], [], rules.vocabulary) == Orders(codes=(NOT_FOUND,))


@pytest.mark.parametrize("references", [None, ()])
def test_ch_h_04_a_dispatch_that_names_no_order_is_told_to_the_operator(rules, references):
    assert read_dispatched(references, [], rules.vocabulary) == Orders(codes=(NOT_SENT,))


def test_a_request_that_is_broken_is_as_one_that_was_not_found(rules):
    (broken,) = slices(order())
    broken.raw = open_resource(b'{"resourceType": "MedicationRequest", "id": "a"').raw
    assert read_dispatched(["MedicationRequest/a"], [broken], rules.vocabulary) == Orders(codes=(NOT_FOUND,))


def test_an_order_shows_neither_its_words_nor_its_patient():
    shown = repr(Order("MedicationRequest/a", True, frozenset(), False, (), "Jane's drug", "Patient/jane"))
    assert "jane" not in shown.lower()
