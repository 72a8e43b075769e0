"""The Flask application: routes, and what holds for all of them."""

from __future__ import annotations

import time
from datetime import date
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, g, request

from service.settings import DEVELOPMENT, OPEN
from service.web import callers, cors, deadline, errors, metrics, probes, rate_limit, request_ids, security_headers, tracing
from service.web.answer_memory import AnswerMemory
from service.web.assess import assess_blueprint
from service.web.assessments import assessments_blueprint
from service.web.console.routes import console_blueprint
from service.web.explain import explain_blueprint, explanation_response
from service.web.feedback import feedback_blueprint
from service.web.fhir import fhir_blueprint
from service.web.hooks import hooks_blueprint
from service.web.install import install_blueprint
from service.web.launched import launch_routes
from service.web.logs import log
from service.web.operator_pages import operator_pages_blueprint
from service.web.pages import faults
from service.web.pages.assets import assets_blueprint
from service.web.pages.render import Pages
from service.web.usage import CALL_ENDPOINTS, count_call
from service.web.what_if import what_if_blueprint

if TYPE_CHECKING:
    from collections.abc import Callable

    from service.assembly import Service
    from service.web.callers import CallerParts

_SEEN = (
    *("service", "hook", "hook_instance", "client", "cards", "unavailable", "remarks", "stripped"),
    *("trigger", "options_not_used", "orders"),
    *("error", "issuer", "tenant"),
)
_QUIET = frozenset({*probes.HEALTH, *probes.READY, "/metrics"})


class _Application(Flask):
    """Flask, for views and hooks that are plain functions."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function: whether it is a coroutine is not looked into each time that it is called."""
        return func


def create_app(
    service: Service,
    memory: AnswerMemory | None = None,
    parts: CallerParts | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Flask:
    """Return the application that answers with this service; without a memory it keeps nothing of what it answers.

    `parts`: what callers are told apart with; those of the settings if not given. `clock`: seconds, for durations only.
    Raises: RequestError for settings under which strangers would be answered.
    """
    memory = memory or AnswerMemory(None)
    app = _Application(__name__, static_folder=None)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.json.sort_keys = False  # type: ignore[attr-defined] # the default provider has it
    app.register_blueprint(hooks_blueprint(service, memory))
    app.register_blueprint(feedback_blueprint(service, memory))
    app.register_blueprint(install_blueprint(service))
    app.register_blueprint(assess_blueprint(service))
    app.register_blueprint(fhir_blueprint(service))
    app.register_blueprint(assessments_blueprint(service))
    pages = Pages.of(service.settings, service.rules.library.translations)
    app.register_blueprint(assets_blueprint(pages.assets))
    app.register_blueprint(explain_blueprint(service, pages))
    app.register_blueprint(operator_pages_blueprint(service, pages))
    if service.settings.profile == DEVELOPMENT:
        app.register_blueprint(what_if_blueprint(service))
        app.register_blueprint(console_blueprint(service, memory, pages))
    if service.settings.smart_servers:
        app.register_blueprint(launch_routes(service, explanation_response, date.today))
    request_ids.install(app)
    if service.settings.tracing:
        tracing.install(app, tracing.tracer_of_environment(service.rules.library.version))
    _add_records(app, is_open=service.settings.auth == OPEN)
    probes.install(app, service, clock)
    app.add_url_rule("/metrics", "/metrics", metrics.page)
    deadline.install(app, service.settings.answer_seconds, clock)
    found = callers.install(app, service.settings, parts)
    if found is not None:
        rate_limit.install(app, rate_limit.shares_of(service.settings, found.issuers, clock))
    errors.install(app)
    faults.install(app, pages)
    cors.install(app, service.settings.allowed_origins)
    security_headers.install(app, service.settings)
    return app


def _add_records(app: Flask, *, is_open: bool) -> None:
    """Write one log line and count for each answer; nothing of a patient is in either."""

    @app.before_request
    def begin() -> None:
        g.begun = time.perf_counter()

    @app.after_request
    def record(response: Response) -> Response:
        told = vars(g._get_current_object())  # noqa: SLF001 - each look through the proxy takes its time
        seconds = time.perf_counter() - told["begun"] if "begun" in told else 0.0
        rule, method, status = request.url_rule, request.method, response.status_code
        route = rule.rule if rule else "unknown"
        metrics.labelled(metrics.REQUESTS, route, str(status)).inc()
        metrics.labelled(metrics.SECONDS, route).observe(seconds)
        if rule and rule.endpoint in CALL_ENDPOINTS and method != "OPTIONS":
            count_call(response, seconds, is_open=is_open)
        if route not in _QUIET:
            log.info(
                "answered",
                method=method,
                route=route,
                status=status,
                milliseconds=round(seconds * 1000, 1),
                **{name: value for name in _SEEN if (value := told.get(name)) not in (None, [])},
            )
        return response
