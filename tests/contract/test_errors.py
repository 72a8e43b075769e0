"""Every error is an OperationOutcome with the status its class has; an unexpected one is a bare 500."""

import inspect
import json

import pytest
from flask import Flask
from werkzeug.exceptions import HTTPException

import cds_hooks
from service import errors
from service.errors import Fault
from service.web import errors as web_errors

EXPECTED = {
    # the tree at the top of service/errors.py
    errors.KnowledgeError: 500,
    errors.NotJson: 400,
    errors.NotABundle: 400,
    errors.TooLarge: 413,
    errors.NoPatient: 422,
    errors.WrongPatient: 422,
    errors.PrefetchFailed: 412,
    errors.OtherFhirVersion: 412,
    errors.FileChanged: 422,
    errors.RequestError: 400,
    errors.UnsupportedMediaType: 415,
    errors.TooManyCalls: 429,
    errors.OutOfTime: 503,
    errors.UpstreamError: 502,
    errors.RegistryError: 502,
    errors.LoginFailed: 502,
    errors.FhirServerError: 502,
    errors.StoreError: 503,
    errors.SealBroken: 404,
    # the tree at the top of cds_hooks/errors.py; what we ourselves do wrong is 500
    cds_hooks.NotJson: 400,
    cds_hooks.NotAnObject: 400,
    cds_hooks.MissingMember: 400,
    cds_hooks.InvalidMember: 400,
    cds_hooks.UnsupportedHook: 400,
    cds_hooks.AuthorizationWithoutServer: 400,
    cds_hooks.OtherPatient: 422,
    cds_hooks.KeysUnavailable: 503,
    cds_hooks.MissingValue: 500,
    cds_hooks.TooLong: 500,
    cds_hooks.InvalidValue: 500,
    cds_hooks.Contradiction: 500,
    cds_hooks.FaultyTemplate: 500,
    cds_hooks.FaultyKeySet: 500,
    cds_hooks.TwinService: 500,
}
UNKNOWN_CALLERS = (
    *(cds_hooks.NoToken, cds_hooks.UnreadableToken, cds_hooks.ForbiddenAlgorithm, cds_hooks.UnknownIssuer),
    *(cds_hooks.UnlistedKeyAddress, cds_hooks.UnknownKey, cds_hooks.WrongSignature, cds_hooks.WrongAudience),
    *(cds_hooks.ExpiredToken, cds_hooks.TokenFromTheFuture, cds_hooks.WrongLifetime),
    *(cds_hooks.UnlistedTenant, cds_hooks.ReplayedToken),
)
FHIR_ISSUE_TYPES = {
    *("invalid", "structure", "required", "value", "not-supported", "not-found"),
    *("too-long", "business-rule", "transient", "exception", "timeout", "throttled"),
}


def leaves(root):
    below = root.__subclasses__()
    return {root} if not below else set().union(*map(leaves, below))


def one_of(kind):
    if kind is errors.KnowledgeError:
        return kind((Fault("file.yaml", "faulty"),))
    if issubclass(kind, errors.ServiceError):
        return kind("said", where="there", hint="do this")
    return kind("there", "do this")


@pytest.fixture
def raising():
    """The answer of an application whose only page raises this."""

    def get(error):
        app = Flask(__name__)
        web_errors.install(app)

        @app.get("/")
        def page():
            raise error

        return app.test_client().get("/")

    return get


def test_every_error_that_can_be_raised_stands_in_the_table():
    mine = {
        kind
        for kind in leaves(errors.ServiceError) | leaves(cds_hooks.ProtocolError)
        if kind.__module__.startswith(("service", "cds_hooks"))
    }
    assert mine - set(EXPECTED) - set(UNKNOWN_CALLERS) == set()


@pytest.mark.parametrize(("kind", "status"), EXPECTED.items(), ids=lambda value: getattr(value, "__qualname__", None))
def test_ch_t_05_every_error_is_an_operation_outcome(raising, is_outcome, kind, status):
    issue = is_outcome(raising(one_of(kind)), status)
    assert issue["code"] in FHIR_ISSUE_TYPES
    if status < 500:
        assert "there" in issue["diagnostics"]
        assert "do this" in issue["diagnostics"]
        assert issue["details"]["coding"] == [{"system": "urn:all-cds:errors", "code": kind.code}]


@pytest.mark.parametrize("kind", UNKNOWN_CALLERS, ids=lambda kind: kind.__name__)
def test_ch_t_03_ch_j_14_a_caller_that_is_not_known_is_told_nothing(raising, kind):
    answer = raising(one_of(kind))
    assert (answer.status_code, answer.data) == (401, b"")
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert [value for _, value in answer.headers if "there" in value or "do this" in value or kind.code in value] == []


@pytest.mark.parametrize(
    "error",
    [
        errors.StoreError("down"),
        errors.TooManyCalls("slowly"),
        errors.OutOfTime("late"),
        cds_hooks.KeysUnavailable("jwks", "later"),
    ],
)
def test_ch_t_04_what_may_be_tried_again_says_when(raising, error):
    assert int(raising(error).headers["Retry-After"]) > 0


def test_ch_t_06_an_unexpected_error_is_a_bare_500(raising, is_outcome):
    issue = is_outcome(raising(ValueError("Maria Invented, born 1981")), 500)
    assert "Maria" not in str(issue)
    assert issue["diagnostics"] == "the service could not evaluate this request"


def test_ch_t_06_error_is_not_empty_cards(client, service, monkeypatch, is_outcome, hook_call):
    def fail(*_arguments, **_options):
        raise KeyError("Maria Invented")

    monkeypatch.setattr(type(service), "consult_prefetch", fail)
    answer = client.post("/cds-services/all-immunotherapy", data=json.dumps(hook_call()), content_type="application/json")
    is_outcome(answer, 500)


@pytest.mark.parametrize("path", ["/nothing-here", "/cds-services/x/y/z"])
def test_an_address_that_is_not_ours_is_404(client, is_outcome, path):
    issue = is_outcome(client.get(path), 404)
    assert issue["code"] == "not-found"
    assert "GET /cds-services lists the services" in issue["diagnostics"]


def test_a_method_that_an_address_does_not_take_is_405_and_the_right_one_is_named(client, is_outcome):
    answer = client.get("/assess")
    issue = is_outcome(answer, 405)
    assert issue["code"] == "not-supported"
    assert all(method in issue["diagnostics"] for method in answer.headers["Allow"].split(", "))


@pytest.mark.parametrize("status", [401, 403, 429])
def test_errors_of_the_framework_have_the_same_shape(raising, is_outcome, status):
    error = HTTPException("detail")
    error.code = status
    is_outcome(raising(error), status)


def test_errors_are_counted_by_their_code(client):
    client.post("/assess", data=b"{", content_type="application/json")
    assert 'all_cds_errors_total{code="not-json"}' in client.get("/metrics").text


def test_the_tree_drawn_at_the_top_of_the_file_names_every_class():
    drawn = errors.__doc__
    classes = [name for name, kind in vars(errors).items() if inspect.isclass(kind) and issubclass(kind, Exception)]
    assert [name for name in classes if name not in drawn] == []
