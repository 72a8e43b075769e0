"""The application under gunicorn: built once, warmed up, then shared by all processes."""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]

from service.knowledge.registry_curated import curated_numbers
from service.web.security_headers import of_every_answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask

    from service.assembly import Service
    from service.settings import Settings

MOST_WORKERS = 4
LONGEST_HEADER = 16_384
"""Bytes of one header; some issuers put every role of a user into a token."""
_THREADS = 4  # so that /health answers while a large record is being read
_GRACE_SECONDS = 20  # a stopping process answers what it has begun, then writes down what waits to be kept
_METRICS_FOLDER = "PROMETHEUS_MULTIPROC_DIR"


class _Gunicorn(BaseApplication):  # type: ignore[misc] # gunicorn has no types
    """The application object of gunicorn.

    `body_limit`: bytes of a body that the worker gathers at most; `headers`: those of every answer, for what it refuses itself.
    """

    def __init__(self, app: Flask, options: dict[str, Any], settings: Settings) -> None:
        self.app = app
        self.body_limit = settings.body_limit
        self.headers = of_every_answer(settings)
        self.options = options
        super().__init__()

    def load_config(self) -> None:
        for name, value in self.options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        return self.app


def workers_of(service: Service) -> int:
    """Return how many processes answer."""
    return service.settings.workers or min(MOST_WORKERS, os.cpu_count() or 1)


def serve(service: Service, host: str, port: int, workers: int, say: Callable[[], None]) -> None:
    """Answer on the address until told to stop; `say` tells the operator so, once nothing of the settings can stop the start.

    Raises: ServiceError where it can.
    """
    folder = tempfile.mkdtemp(prefix="all-cds-metrics-") if workers > 1 else ""
    if folder:
        os.environ[_METRICS_FOLDER] = folder
    # The metrics read that folder when they are made: imported only now.
    from service.web.answer_memory import AnswerMemory  # noqa: PLC0415
    from service.web.app import create_app  # noqa: PLC0415
    from service.web.registry_watch import RegistryWatch  # noqa: PLC0415
    from service.web.warm_up import touch_memory, warm_up  # noqa: PLC0415

    watch = RegistryWatch.of(service.settings, curated_numbers(service.rules.library.trials.values()))
    service = replace(service, registry=watch.current)
    memory = AnswerMemory.of(service.settings)
    app = create_app(service, memory)
    say()

    def prepare() -> None:
        warm_up(app, service, date.today())  # noqa: DTZ011 - the day where the service runs

    def prepare_worker(worker: Any) -> None:  # noqa: ANN401 - gunicorn has no types
        touch_memory()
        watch.start()  # a thread does not survive the fork
        memory.start()
        worker.tpool.submit(prepare).result()  # in the thread that answers first: each has memory of its own to be asked for

    def leave(_server: object, _worker: object) -> None:
        memory.stop()

    prepare()
    master = os.getpid()
    try:
        options = {**_options(host, port, workers), "post_worker_init": prepare_worker, "worker_exit": leave}
        _Gunicorn(app, options, service.settings).run()
    finally:
        if folder and os.getpid() == master:  # workers leave through here too
            shutil.rmtree(folder, ignore_errors=True)


def _options(host: str, port: int, workers: int) -> dict[str, Any]:
    from service.web.server.worker import GatheringWorker, most_connections  # noqa: PLC0415 - it counts too

    return {
        "bind": f"[{host}]:{port}" if ":" in host else f"{host}:{port}",
        "workers": workers,
        "worker_class": GatheringWorker,
        "threads": _THREADS,
        "worker_connections": most_connections(),
        "preload_app": True,
        "proc_name": "all-cds",
        "forwarder_headers": "",  # no header says under which path we are: a proxy's rules by path would be passed by
        "timeout": 60,
        "graceful_timeout": _GRACE_SECONDS,
        "keepalive": 5,
        "limit_request_field_size": LONGEST_HEADER,
        "control_socket_disable": True,  # nothing but the address takes orders, and no home is needed for its file
        "loglevel": "warning",
        "child_exit": _forget,
    }


def _forget(_server: object, worker: Any) -> None:  # noqa: ANN401 - gunicorn has no types
    """Take a stopped process out of the live metrics."""
    if os.environ.get(_METRICS_FOLDER):
        from prometheus_client.multiprocess import mark_process_dead  # noqa: PLC0415 - only where several processes count

        mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]
