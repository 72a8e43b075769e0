"""The command that answers over HTTP."""

from __future__ import annotations

import argparse
import gc
import sys

from service.assembly import build_service
from service.commands.words import ANSWERED, positive, whole_number
from service.settings import read_settings

_LAST_PORT = 65_535


def add_serve(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the words that the command line understands."""
    serve = commands.add_parser("serve", help="answer over HTTP", description="CDS Hooks and POST /assess over HTTP.")
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--port", type=_port, default=8000)
    serve.add_argument("--workers", type=positive, help="processes; ALL_CDS_WORKERS if not given")
    serve.set_defaults(run=_serve)


def _port(text: str) -> int:
    if not 1 <= whole_number(text) <= _LAST_PORT:
        raise argparse.ArgumentTypeError(f"a port is a number from 1 to {_LAST_PORT}")
    return whole_number(text)


def _serve(given: argparse.Namespace) -> int:
    from service.web.safe_start import refuse_unsafe, what_is_kept, who_may_call  # noqa: PLC0415 - the other commands need no server
    from service.web.serve import serve, workers_of  # noqa: PLC0415

    gc.disable()  # nearly all that a start makes stays; the warm-up looks through it once and switches the collector on again
    settings = read_settings()
    refuse_unsafe(settings)
    service = build_service(settings)
    workers = given.workers or workers_of(service)
    print(
        f"all-cds: knowledge {service.rules.library.version}, http://{given.host}:{given.port}, {workers} process(es). "
        f"{who_may_call(settings, given.host)} {what_is_kept(settings)}",
        file=sys.stderr,
        flush=True,
    )
    serve(service, given.host, given.port, workers)
    return ANSWERED
