"""The command that answers over HTTP."""

from __future__ import annotations

import argparse
import gc
import os
import socket
import sys

from service.assembly import build_service
from service.commands.words import ANSWERED, positive, whole_number
from service.errors import RequestError
from service.settings import read_settings

_LAST_PORT = 65_535
_HANDED_DOWN = frozenset({"LISTEN_FDS", "GUNICORN_FD"})  # who starts us listens already


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

    settings = read_settings()
    refuse_unsafe(settings)
    refuse_where_nothing_can_listen(given.host, given.port)
    gc.disable()  # nearly all that a start makes stays; the warm-up looks through it once and switches the collector on again
    service = build_service(settings)
    workers, at = given.workers or workers_of(service), _address(given.host, given.port)

    def say() -> None:
        print(
            f"all-cds: knowledge {service.rules.library.version}, http://{at}, {workers} process(es). "
            f"{who_may_call(settings, given.host)} {what_is_kept(settings)}",
            file=sys.stderr,
            flush=True,
        )

    serve(service, given.host, given.port, workers, say)
    return ANSWERED


def _address(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def refuse_where_nothing_can_listen(host: str, port: int) -> None:
    """Try the address before anything is loaded. Raises: RequestError that says why nothing can listen there."""
    if not _HANDED_DOWN.isdisjoint(os.environ):
        return
    try:
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the server itself: a port that was just left is free
            tried.bind((host, port))
    except OSError as error:
        raise RequestError(
            f"nothing can listen here: {error.strerror}", where=_address(host, port), hint="name others by --host and --port"
        ) from None
