"""Spans of a call for those who collect traces: how long it took, and its steps. Nothing of a patient, no address as it was sent.

Without the extra `otel` and the setting nothing of this is loaded, and `span` does nothing.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, ExitStack, nullcontext
from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import g, has_request_context, request

from service.errors import RequestError

if TYPE_CHECKING:
    from flask import Flask, Response
    from opentelemetry.trace import Tracer

NAME = "all-cds"
_NO_SPAN = nullcontext()
_PARENT = "traceparent"  # alone: what else a client hangs on its traces is passed on to nobody


def tracer_of_environment(version: str) -> Tracer:
    """Return the tracer that the OTEL_ variables of the environment ask for. Raises: RequestError where the extra is missing."""
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415 - an extra
        from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415
    except ImportError:
        raise RequestError(
            "traces need an extra that is not installed", where="ALL_CDS_TRACING", hint=".venv/bin/pip install '.[otel]'"
        ) from None
    provider = TracerProvider(resource=Resource.create({"service.name": NAME, "service.version": version}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return provider.get_tracer(NAME)


def install(app: Flask, tracer: Tracer) -> None:
    """Make each request a span, `call`, with its route and what became of it."""
    from opentelemetry import trace  # noqa: PLC0415 - only where somebody collects traces
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator  # noqa: PLC0415

    parents = TraceContextTextMapPropagator()

    @app.before_request
    def begin() -> None:
        sent = request.headers.get(_PARENT)
        context = parents.extract({_PARENT: sent}) if sent else None
        g.tracer = tracer
        g.span = tracer.start_span("call", context, kind=trace.SpanKind.SERVER)
        g.open_spans = ExitStack()
        g.open_spans.enter_context(trace.use_span(g.span, record_exception=False, set_status_on_exception=False))

    @app.after_request
    def describe(response: Response) -> Response:
        if "span" in g:
            known = {
                "http.request.method": request.method if request.url_rule else "_OTHER",
                "http.route": request.url_rule.rule if request.url_rule else "unknown",
                "http.response.status_code": response.status_code,
                **{f"all_cds.{name}": g.get(name) for name in ("service", "hook", "error", "client", "cards", "request_id")},
            }
            g.span.set_attributes({name: value for name, value in known.items() if value is not None})
            if response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
                g.span.set_status(trace.StatusCode.ERROR)  # without a word: an error's text may hold anything
        return response

    @app.teardown_request
    def end(_error: BaseException | None) -> None:
        if "span" in g:
            g.open_spans.close()
            g.span.end()


def span(name: str) -> AbstractContextManager[object]:
    """Return what makes all that is done inside a span of the call; where nobody collects traces, it does nothing."""
    tracer = g.get("tracer") if has_request_context() else None
    if tracer is None:
        return _NO_SPAN
    made: AbstractContextManager[object] = tracer.start_as_current_span(
        name, record_exception=False, set_status_on_exception=False
    )
    return made
