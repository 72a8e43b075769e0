"""The Flask application: routes, and what holds for all of them."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import orjson
from flask import Flask, Response, g, request

from service.web import callers, cors, errors, metrics
from service.web.answer_memory import AnswerMemory
from service.web.answers import json_answer
from service.web.assess import assess_blueprint
from service.web.explain import explain_blueprint
from service.web.feedback import feedback_blueprint
from service.web.fhir import fhir_blueprint
from service.web.hooks import hooks_blueprint
from service.web.logs import log
from service.web.pages import faults
from service.web.pages.assets import assets_blueprint
from service.web.pages.render import Pages

if TYPE_CHECKING:
    from service.assembly import Service
    from service.web.callers import CallerParts

_QUIET = frozenset({"/health", "/ready", "/metrics"})


def create_app(service: Service, memory: AnswerMemory | None = None, parts: CallerParts | None = None) -> Flask:
    """Return the application that answers with this service; without a memory it keeps nothing of what it answers.

    `parts`: what callers are told apart with; those of the settings if not given.
    Raises: RequestError for settings under which strangers would be answered, and where packages of the pages are missing.
    """
    memory = memory or AnswerMemory(None)
    app = Flask(__name__, static_folder=None)
    app.json.sort_keys = False  # type: ignore[attr-defined] # the default provider has it
    app.register_blueprint(hooks_blueprint(service, memory))
    app.register_blueprint(feedback_blueprint(service, memory))
    app.register_blueprint(assess_blueprint(service))
    app.register_blueprint(fhir_blueprint(service))
    pages = Pages.of(service.settings)
    app.register_blueprint(assets_blueprint(pages.assets))
    app.register_blueprint(explain_blueprint(service, pages))
    _add_operations(app, service)
    _add_records(app)
    callers.install(app, service.settings, parts)
    errors.install(app)
    faults.install(app, pages)
    cors.install(app, service.settings.allowed_origins)
    return app


def _add_operations(app: Flask, service: Service) -> None:
    library = service.rules.library
    state = orjson.dumps({"status": "ok", "knowledge": {"version": library.version, "digest": library.digest}})

    @app.get("/health")
    @app.get("/ready")
    def health() -> Response:
        return json_answer(state)

    @app.get("/metrics")
    def numbers() -> Response:
        return metrics.page()


def _add_records(app: Flask) -> None:
    """Write one log line and count for each answer; nothing of a patient is in either."""

    @app.before_request
    def begin() -> None:
        g.begun = time.perf_counter()

    @app.after_request
    def record(response: Response) -> Response:
        seconds = time.perf_counter() - g.begun if "begun" in g else 0.0
        route = request.url_rule.rule if request.url_rule else "unknown"
        metrics.REQUESTS.labels(route=route, status=str(response.status_code)).inc()
        metrics.SECONDS.labels(route=route).observe(seconds)
        if route not in _QUIET:
            seen = {name: g.get(name) for name in ("hook", "hook_instance", "cards", "unavailable", "error", "issuer", "tenant")}
            log.info(
                "answered",
                method=request.method,
                route=route,
                status=response.status_code,
                milliseconds=round(seconds * 1000, 1),
                **{name: value for name, value in seen.items() if value not in (None, [])},
            )
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers.setdefault("Cache-Control", "no-store")
        return response
