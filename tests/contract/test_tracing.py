"""Traces of calls: which spans there are, what they say, and that nothing of a patient is among it."""

import json
import sys

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from service.errors import RequestError
from service.settings import Settings
from service.web import tracing
from service.web.app import create_app
from tests.contract.stored import HOOK, stored_patient
from tests.stand_ins.log_watch import forbidden


@pytest.fixture
def exporter():
    return InMemorySpanExporter()


@pytest.fixture
def traced(service, exporter):
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    app = create_app(service)
    tracing.install(app, provider.get_tracer("all-cds"))
    return app.test_client()


def said(exporter):
    """Everything that the spans hold."""
    return "\n".join(span.to_json() for span in exporter.get_finished_spans())


def secrets_in(text):
    return [word for word in forbidden() if word in text]


def dressed(call):
    """The call with a token and an id of an encounter that must go nowhere."""
    call["fhirServer"] = "https://ehr.example/MARK-SERVER"
    call["fhirAuthorization"] = {
        "access_token": "MARK-TOKEN",
        "token_type": "Bearer",
        "expires_in": 300,
        "scope": "user/*.read",
        "subject": "MARK-SUBJECT",
    }
    call["context"]["encounterId"] = "MARK-ENCOUNTER"
    return call


def test_a_call_is_a_span_with_its_steps_below_it(traced, exporter, hook_call):
    assert traced.post(HOOK, json=hook_call()).status_code == 200
    spans = {span.name: span for span in exporter.get_finished_spans()}
    assert set(spans) == {"call", "fetch", "evaluate"}
    for step in ("fetch", "evaluate"):
        assert spans[step].parent.span_id == spans["call"].context.span_id
        assert dict(spans[step].attributes) == {}
    attributes = dict(spans["call"].attributes)
    assert attributes.pop("all_cds.request_id")
    assert attributes.pop("all_cds.cards") >= 1
    assert attributes == {
        "http.request.method": "POST",
        "http.route": "/cds-services/<service_id>",
        "http.response.status_code": 200,
        "all_cds.service": "all-immunotherapy",
        "all_cds.hook": "patient-view",
    }


def test_ch_a_05_ch_j_23_no_identifier_no_token_and_no_address_as_sent(traced, exporter, hook_call):
    assert traced.post(f"{HOOK}?MARK-QUERY=MARK-ID", json=dressed(hook_call())).status_code == 200
    headers = {"tracestate": "mark=MARK-STATE", "baggage": "patient=MARK-ID", "Authorization": "Bearer MARK-TOKEN"}
    traced.post("/assess?as_of=MARK-QUERY", data=stored_patient("adult-first-relapse"), content_type="application/json")
    traced.get("/fhir/ResearchStudy/MARK-ID?x=MARK-QUERY", headers=headers)
    traced.get("/MARK-ID", headers=headers)
    assert len(exporter.get_finished_spans()) == 6
    assert secrets_in(said(exporter)) == []


def test_ch_a_05_ch_j_23_a_failure_inside_says_that_it_failed_and_not_with_which_words(
    traced, exporter, service, monkeypatch, hook_call
):
    def fail(*_arguments, **_options):
        raise ValueError("MARK-FAMILY")

    monkeypatch.setattr(type(service), "consult_prefetch", fail)
    assert traced.post(HOOK, json=dressed(hook_call())).status_code == 500
    (call,) = [span for span in exporter.get_finished_spans() if span.name == "call"]
    assert call.status.status_code is StatusCode.ERROR
    assert call.attributes["all_cds.error"] == "internal"
    assert all(span.events == () for span in exporter.get_finished_spans())
    assert secrets_in(said(exporter)) == []


def test_a_refused_call_is_no_error_of_ours(traced, exporter):
    traced.post(HOOK, data=b"{", content_type="application/json")
    (call,) = exporter.get_finished_spans()
    assert call.status.status_code is StatusCode.UNSET
    assert call.attributes["http.response.status_code"] == 400
    assert call.attributes["all_cds.error"] == "not-json"


def test_the_trace_of_the_client_goes_on_here(traced, exporter):
    parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    traced.get("/cds-services", headers={"traceparent": parent, "tracestate": "mark=MARK"})
    (call,) = exporter.get_finished_spans()
    assert f"{call.context.trace_id:032x}" == "0af7651916cd43dd8448eb211c80319c"
    assert call.context.trace_state == {}


def test_a_trace_of_nonsense_begins_anew(traced, exporter):
    traced.get("/cds-services", headers={"traceparent": "MARK-ID"})
    (call,) = exporter.get_finished_spans()
    assert call.parent is None
    assert secrets_in(said(exporter)) == []


def test_without_the_extra_the_setting_says_what_to_install(service, monkeypatch):
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http.trace_exporter", None)
    with pytest.raises(RequestError) as raised:
        tracing.tracer_of_environment("1")
    assert raised.value.where == "ALL_CDS_TRACING"
    assert raised.value.hint == ".venv/bin/pip install '.[otel]'"  # of the checkout: no index has a package of our name


def test_without_the_setting_a_step_is_only_done(client, hook_call, exporter):
    assert Settings().tracing is False
    with tracing.span("step"):
        done = json.loads(client.post(HOOK, json=hook_call()).data)
    assert done["cards"]
    assert exporter.get_finished_spans() == ()
