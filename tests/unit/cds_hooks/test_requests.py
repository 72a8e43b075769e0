"""What a client may send: CH-G-07, CH-R-01 to 08, CH-A-01, 02, 05 of the conformance list."""

import json

import msgspec
import pytest

from cds_hooks import (
    AuthorizationWithoutServer,
    IncomingError,
    InvalidMember,
    MissingMember,
    NotAnObject,
    NotJson,
    OtherPatient,
    PatientViewContext,
    UnsupportedHook,
    decode_request,
)

INSTANCE = "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea"
TIME_BASED = "f399c67c-c703-11ea-af16-460231621f93"
CONTEXT = {"userId": "Practitioner/example", "patientId": "1288992", "encounterId": "89284"}
TOKEN = {
    "access_token": "SECRET-TOKEN",
    "token_type": "Bearer",
    "expires_in": 300,
    "scope": "user/Patient.read",
    "subject": "cds-service4",
}
SERVER = "https://fhir.example.org/r4"
LEFT_OUT = object()


def body(**members):
    sent = {"hook": "patient-view", "hookInstance": INSTANCE, "context": CONTEXT} | members
    return json.dumps({name: value for name, value in sent.items() if value is not LEFT_OUT}).encode()


def authorization(sent):
    found = decode_request(sent).fhir_authorization
    assert found is not None
    return found


def test_the_smallest_request_has_hook_instance_and_context():
    request = decode_request(body(context={"userId": "Practitioner/example", "patientId": "1288992"}))
    assert isinstance(request.context, PatientViewContext)
    assert (request.hook, request.hook_instance) == ("patient-view", INSTANCE)
    assert (request.context.user_id, request.context.patient_id) == ("Practitioner/example", "1288992")
    assert request.context.encounter_id is None
    assert (request.fhir_server, request.fhir_authorization) == (None, None)
    assert (request.prefetch, request.extension) == ({}, {})


def test_a_full_request_keeps_prefetch_and_extension_as_the_bytes_that_came():
    sent = body(
        fhirServer=SERVER,
        fhirAuthorization=TOKEN | {"patient": "1288992"},
        prefetch={"patient": {"resourceType": "Patient", "id": "1288992"}, "nothing": None},
        extension={"com.example.trigger": "18"},
    )
    request = decode_request(sent)
    assert {key: bytes(value) for key, value in request.prefetch.items() if isinstance(value, msgspec.Raw)} == {
        "patient": b'{"resourceType": "Patient", "id": "1288992"}',
        "nothing": b"null",
    }
    assert {key: bytes(value) for key, value in request.extension.items()} == {"com.example.trigger": b'"18"'}
    assert request.fhir_server == SERVER
    assert authorization(sent).access_token == "SECRET-TOKEN"
    assert authorization(sent).usable


def test_ch_g_07_unknown_members_change_nothing():
    plain = decode_request(body(fhirServer=SERVER, fhirAuthorization=TOKEN))
    odd = decode_request(
        body(fhirServer=SERVER, foo={"deep": [None]}, context=CONTEXT | {"foo": 1}, fhirAuthorization=TOKEN | {"foo": []})
    )
    assert odd == plain


@pytest.mark.parametrize(
    ("sent", "error"),
    [
        pytest.param(b"", NotJson, id="nothing"),
        pytest.param(b"<xml/>", NotJson, id="xml"),
        pytest.param(b'{"hook": "patient-view",}', NotJson, id="trailing comma"),
        pytest.param(body()[:-1], NotJson, id="cut off"),
        pytest.param(body() + b"}", NotJson, id="too much"),
        pytest.param(b'{"prefetch":{"\xff":1}}', NotJson, id="a key that is not UTF-8"),
        pytest.param(b'{"foo":' + b"[" * 200_000 + b"]" * 200_000 + b"}", NotJson, id="nested without end, unknown member"),
        pytest.param(b'{"prefetch":{"a":' + b"[" * 200_000 + b"]" * 200_000 + b"}}", NotJson, id="nested without end, prefetch"),
        pytest.param(body().decode().encode("utf-16"), NotJson, id="UTF-16"),
        pytest.param(b"[]", NotAnObject, id="array"),
        pytest.param(b' "text"', NotAnObject, id="text"),
        pytest.param(b"null", NotAnObject, id="null"),
    ],
)
def test_ch_r_08_a_body_that_is_no_json_object_is_named(sent, error):
    with pytest.raises(error):
        decode_request(sent)


def test_a_byte_order_mark_in_front_is_passed_over():
    assert decode_request(b"\xef\xbb\xbf" + body()) == decode_request(body())


@pytest.mark.parametrize("hook", [LEFT_OUT, None, ""])
def test_ch_r_01_a_missing_hook_is_named(hook):
    with pytest.raises(MissingMember) as caught:
        decode_request(body(hook=hook))
    assert caught.value.where == "hook"


def test_ch_r_01_a_hook_that_is_no_text_is_invalid_and_an_unknown_one_is_unsupported():
    with pytest.raises(InvalidMember):
        decode_request(body(hook=7))
    with pytest.raises(UnsupportedHook):
        decode_request(body(hook="order-start"))


@pytest.mark.parametrize("instance", [INSTANCE, TIME_BASED, INSTANCE.upper()])
def test_ch_r_02_a_uuid_of_any_version_and_case_is_accepted(instance):
    assert decode_request(body(hookInstance=instance)).hook_instance == instance.lower()


@pytest.mark.parametrize(
    ("instance", "error"),
    [
        (LEFT_OUT, MissingMember),
        (None, MissingMember),
        ("", MissingMember),
        (1, InvalidMember),
        ("abc", InvalidMember),
        (INSTANCE.replace("-", ""), InvalidMember),
        (INSTANCE + "\n", InvalidMember),
    ],
)
def test_ch_r_02_anything_else_is_refused(instance, error):
    with pytest.raises(error) as caught:
        decode_request(body(hookInstance=instance))
    assert caught.value.where == "hookInstance"


@pytest.mark.parametrize(
    ("context", "error", "where"),
    [
        (LEFT_OUT, MissingMember, "context"),
        (None, MissingMember, "context"),
        ([], InvalidMember, "context"),
        ("patient", InvalidMember, "context"),
        ({}, MissingMember, "context.userId"),
        ({"userId": "Practitioner/1"}, MissingMember, "context.patientId"),
        ({"patientId": "1"}, MissingMember, "context.userId"),
        ({"userId": "Practitioner/1", "patientId": ""}, MissingMember, "context.patientId"),
        ({"userId": "Practitioner/1", "patientId": None}, MissingMember, "context.patientId"),
        ({"userId": "Practitioner/1", "patientId": 1}, InvalidMember, "context.patientId"),
        ({"userId": "Practitioner/1", "patientId": "Patient/1"}, InvalidMember, "context.patientId"),
        ({"userId": "Practitioner/1", "patientId": ".."}, InvalidMember, "context.patientId"),
        ({"userId": "Practitioner/1", "patientId": "1?x"}, InvalidMember, "context.patientId"),
        ({"userId": "1", "patientId": "1"}, InvalidMember, "context.userId"),
        ({"userId": "Practitioner/..", "patientId": "1"}, InvalidMember, "context.userId"),
        ({"userId": "Practitioner/1/2", "patientId": "1"}, InvalidMember, "context.userId"),
        ({"userId": "Practitioner/1", "patientId": "1", "encounterId": 3}, InvalidMember, "context.encounterId"),
        ({"userId": "Practitioner/1", "patientId": "1", "encounterId": "a/b"}, InvalidMember, "context.encounterId"),
    ],
)
def test_ch_r_03_what_is_wrong_with_a_context_is_named(context, error, where):
    with pytest.raises(error) as caught:
        decode_request(body(context=context))
    assert caught.value.where == where


@pytest.mark.parametrize("user", ["Practitioner/1", "PractitionerRole/e-Qok.w3", "Patient/1", "RelatedPerson/a_b"])
def test_the_user_may_be_of_every_kind_and_ids_may_be_longer_than_fhir_allows(user):
    request = decode_request(body(context={"userId": user, "patientId": "a" * 194, "encounterId": None}))
    assert isinstance(request.context, PatientViewContext)
    assert (request.context.user_id, len(request.context.patient_id), request.context.encounter_id) == (user, 194, None)


@pytest.mark.parametrize("server", [LEFT_OUT, None, ""])
def test_ch_r_04_a_token_without_a_server_is_refused(server):
    with pytest.raises(AuthorizationWithoutServer) as caught:
        decode_request(body(fhirAuthorization=TOKEN, fhirServer=server))
    assert caught.value.where == "fhirServer"


def test_ch_r_04_a_server_without_a_token_is_fine():
    request = decode_request(body(fhirServer="http://hooks.example.org:9080", fhirAuthorization=None))
    assert (request.fhir_server, request.fhir_authorization) == ("http://hooks.example.org:9080", None)


@pytest.mark.parametrize(
    "server", [5, "fhir.example.org", "ftp://example.org", "https://a@example.org", "https://example.org/r4?x=1", "file:///etc"]
)
def test_ch_r_04_a_server_that_is_no_base_address_is_refused(server):
    with pytest.raises(InvalidMember):
        decode_request(body(fhirServer=server))


@pytest.mark.parametrize(
    ("change", "missing"),
    [
        ({}, ()),
        ({"token_type": "bearer"}, ()),
        ({"access_token": None}, ("access_token",)),
        ({"access_token": 5}, ("access_token",)),
        ({"token_type": "mac"}, ("token_type",)),
        ({"expires_in": "300"}, ("expires_in",)),
        ({"expires_in": 1}, ()),
        ({"expires_in": 0}, ("expires_in",)),
        ({"scope": "", "subject": None}, ("scope", "subject")),
    ],
)
def test_ch_a_01_an_imperfect_token_is_kept_as_unusable_and_the_call_goes_on(change, missing):
    found = authorization(body(fhirServer=SERVER, fhirAuthorization=TOKEN | change))
    assert found.missing == missing
    assert found.usable is (not missing)


def test_ch_a_01_an_authorization_that_is_no_object_is_refused():
    with pytest.raises(InvalidMember):
        decode_request(body(fhirServer=SERVER, fhirAuthorization="Bearer x"))


def test_ch_a_02_a_token_for_another_patient_is_refused():
    same = TOKEN | {"patient": CONTEXT["patientId"]}
    assert authorization(body(fhirServer=SERVER, fhirAuthorization=same)).patient == CONTEXT["patientId"]
    for patient, error in (("other", OtherPatient), (5, InvalidMember)):
        with pytest.raises(error):
            decode_request(body(fhirServer=SERVER, fhirAuthorization=TOKEN | {"patient": patient}))


def test_ch_a_05_no_repr_shows_the_token_the_patient_or_the_data():
    request = decode_request(
        body(
            fhirServer=SERVER,
            fhirAuthorization=TOKEN | {"patient": CONTEXT["patientId"]},
            prefetch={"patient": {"resourceType": "Patient", "name": "SURNAME"}},
            extension={"x": "SURNAME"},
        )
    )
    shown = repr([request, request.fhir_authorization, request.context, request.prefetch]) + f"{request}"
    for secret in ("SECRET-TOKEN", "SURNAME", *CONTEXT.values()):
        assert secret not in shown


@pytest.mark.parametrize("prefetch", [LEFT_OUT, None, {}])
def test_ch_r_06_prefetch_absent_null_and_empty_are_the_same(prefetch):
    assert decode_request(body(prefetch=prefetch)).prefetch == {}


@pytest.mark.parametrize("prefetch", [[], "x", 1, True])
def test_ch_r_06_prefetch_that_is_no_object_is_refused(prefetch):
    with pytest.raises(InvalidMember) as caught:
        decode_request(body(prefetch=prefetch))
    assert caught.value.where == "prefetch"


def test_ch_r_07_an_extension_is_an_object():
    assert decode_request(body(extension=None)).extension == {}
    with pytest.raises(InvalidMember):
        decode_request(body(extension=["x"]))


@pytest.mark.parametrize(
    "sent",
    [
        body(hook="SURNAME"),
        body(hookInstance="SURNAME"),
        body(context={"userId": "SURNAME", "patientId": "1"}),
        body(context={"userId": "Practitioner/1", "patientId": "SURNAME/1"}),
        body(context="SURNAME"),
        body(fhirServer="SURNAME"),
        body(fhirServer=SERVER, fhirAuthorization=TOKEN | {"patient": "SURNAME"}),
        body(prefetch="SURNAME"),
        body(extension="SURNAME"),
        b'{"SURNAME": ',
    ],
)
def test_no_error_repeats_what_was_sent(sent):
    with pytest.raises(IncomingError) as caught:
        decode_request(sent)
    error = caught.value
    assert "SURNAME" not in f"{error}{error!r}{error.where}{error.hint}"
    assert error.__suppress_context__ or error.__context__ is None
