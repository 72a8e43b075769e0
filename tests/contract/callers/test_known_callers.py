"""What is known of a caller, and what of a token is written down: nothing."""

import json

from service.web.callers import caller
from tests.contract.callers.signed_calls import CALL, MOMENT, bearer, call, token
from tests.contract.stored import HOOK


def test_ch_a_07_ch_j_13_what_the_operator_wrote_of_the_caller_is_at_hand(application):
    app = application()
    with app.test_request_context(
        HOOK, method="POST", headers=bearer(token(claims={"iss": "https://tenants.example", "tenant": "a"}))
    ):
        app.preprocess_request()
        found = caller()
    assert found is not None
    assert (found.name, found.client.tenant) == ("Hospital", "a")
    assert found.fhir_servers == {"https://ehr.example/fhir"}


def test_ch_j_14_issuer_and_tenant_are_logged(guarded, capfd):
    call(guarded, token(claims={"iss": "https://tenants.example", "tenant": "a"}))
    (line,) = [json.loads(row) for row in capfd.readouterr().err.splitlines() if '"answered"' in row]
    assert (line["issuer"], line["tenant"]) == ("https://tenants.example", "a")


def test_ch_j_14_no_token_in_any_log_error_or_metric(guarded, capfd):
    given = [token(), token("/wrong"), token(claims={"exp": MOMENT - 99, "iat": MOMENT - 100}), token(header={"kid": "x"})]
    answers = [call(guarded, each) for each in (*given, given[0])]
    answers.append(call(guarded, given[0], "/cds-services/unknown"))
    answers += [guarded.get("/health", headers=bearer(given[0])), guarded.get("/nothing", headers=bearer(given[0]))]
    said = "".join(capfd.readouterr()) + guarded.get("/metrics").text
    said += "".join(answer.text + str(answer.headers) for answer in answers)
    assert '"answered"' in said
    for each in given:
        for part in each.split(".")[1:]:  # the header is the same for every token of a key, yet see below
            assert part not in said
    assert "eyJ" not in said


def test_ch_a_05_nor_the_token_for_the_record_server(guarded, service, monkeypatch, capfd):
    def fail(*_arguments, **_options):
        raise ValueError("MARK-TOKEN")

    body = json.loads(CALL)
    body["fhirServer"] = "https://ehr.example/fhir"
    body["fhirAuthorization"] = {
        "access_token": "MARK-TOKEN",
        "token_type": "Bearer",
        "expires_in": 300,
        "scope": "user/*.read",
        "subject": "MARK-SUBJECT",
    }
    given = [token(), token()]
    answers = [guarded.post(HOOK, json=body, headers=bearer(given[0]))]
    monkeypatch.setattr(type(service), "consult_prefetch", fail)
    answers.append(guarded.post(HOOK, json=body, headers=bearer(given[1])))
    assert [answer.status_code for answer in answers] == [200, 500]
    said = "".join(capfd.readouterr()) + guarded.get("/metrics").text
    said += "".join(answer.text + str(answer.headers) for answer in answers)
    for secret in ("MARK", *(part for each in given for part in each.split("."))):
        assert secret not in said


def test_ch_j_14_nor_where_something_breaks(guarded, service, monkeypatch, capfd):
    def fail(*_arguments, **_options):
        raise ValueError("broken")

    monkeypatch.setattr(type(service), "consult_prefetch", fail)
    answer = call(guarded, token())
    assert answer.status_code == 500
    assert "eyJ" not in "".join(capfd.readouterr()) + answer.text
