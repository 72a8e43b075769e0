"""The real server on this machine, the plain one beside it, and what their processes hold in memory."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench.caller import HOST, Caller, get

if TYPE_CHECKING:
    from collections.abc import Iterator

_PATIENCE = 60.0
_ROOT = Path(__file__).resolve().parents[2]
READY = "/readyz"


class Server(Caller):
    """A server that listens, and one client of it."""

    def __init__(self, process: subprocess.Popen[bytes], port: int) -> None:
        super().__init__(port)
        self.process = process
        self.port = port

    def ready(self) -> None:
        """Wait for the answer to whether it is ready, on a new connection."""
        self.close()
        self.seconds(get(READY))

    def workers(self) -> list[int]:
        """Return the processes that answer."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text(encoding="ascii")
        return [int(child) for child in children.split()]


def resident(process: int, most: bool = False) -> float:
    """Return the resident memory of a process in bytes; `most`: the most since it began or since `forget_peak`."""
    name = "VmHWM:" if most else "VmRSS:"
    for line in Path(f"/proc/{process}/status").read_text(encoding="utf-8").splitlines():
        if line.startswith(name):
            return int(line.split()[1]) * 1024
    return 0.0


def forget_peak(process: int) -> None:
    """Let the most that a process held be counted from now on."""
    Path(f"/proc/{process}/clear_refs").write_text("5", encoding="ascii")


@contextmanager
def serving(*options: str, settings: dict[str, str] | None = None) -> Iterator[Server]:
    """Give the service, listening, with these settings beside the defaults; it is not asked anything yet."""
    port = _free_port()
    command = [sys.executable, "-m", "service.cli", "serve", "--host", HOST, "--port", str(port), *options]
    with _running(command, port, _environment() | (settings or {})) as server:
        yield server


@contextmanager
def serving_plain(answer: bytes, workers: int, *options: str) -> Iterator[Server]:
    """Give the server of plain_server.py, listening, that answers these bytes."""
    port = _free_port()
    with tempfile.NamedTemporaryFile() as told:
        told.write(answer)
        told.flush()
        command = [sys.executable, "-m", "tests.bench.plain_server", "--port", str(port), "--workers", str(workers)]
        with _running([*command, "--answer", told.name, *options], port, _environment()) as server:
            yield server


@contextmanager
def _running(command: list[str], port: int, environment: dict[str, str]) -> Iterator[Server]:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment, cwd=_ROOT)
    server = Server(process, port)
    try:
        _wait_until_it_listens(server)
        yield server
    finally:
        server.close()
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)


def _environment() -> dict[str, str]:
    """Return the environment without settings of the service: the defaults are measured."""
    return {name: value for name, value in os.environ.items() if not name.startswith("ALL_CDS_")}


def _free_port() -> int:
    with socket.socket() as found:
        found.bind((HOST, 0))
        port: int = found.getsockname()[1]
        return port


def _wait_until_it_listens(server: Server) -> None:
    until = time.perf_counter() + _PATIENCE
    while time.perf_counter() < until:
        if server.process.poll() is not None:
            raise RuntimeError(f"the server ended with {server.process.returncode}")
        try:
            socket.create_connection((HOST, server.port), timeout=1).close()
        except OSError:
            time.sleep(0.002)
        else:
            return
    raise RuntimeError("the server does not listen")


def seconds_to_start() -> float:
    """Return the seconds from starting the command to its first answer."""
    begun = time.perf_counter()
    with serving() as server:
        server.ready()
        return time.perf_counter() - begun


def seconds_of_bare_python() -> float:
    """Return the seconds of starting and ending Python itself."""
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-c", "pass"], check=True)
    return time.perf_counter() - begun
