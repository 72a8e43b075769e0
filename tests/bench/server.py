"""The real server on this machine, and one client that keeps its connection."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

HOST = "127.0.0.1"
HOOK = "/cds-services/all-immunotherapy"
_JSON = {"Content-Type": "application/json"}
_PATIENCE = 30.0


class Server:
    """One `all-cds serve`."""

    def __init__(self, process: subprocess.Popen[bytes], port: int) -> None:
        self.process = process
        self.port = port
        self._client = http.client.HTTPConnection(HOST, port, timeout=60)

    def ask(self, path: str, body: bytes | None = None, *, gzipped: bool = False, expected: int = 200) -> float:
        """Return the seconds from the first byte sent to the last byte read of one answer."""
        headers = {**_JSON, "Content-Encoding": "gzip"} if gzipped else _JSON
        begun = time.perf_counter()
        self._client.request("GET" if body is None else "POST", path, body, headers)
        answer = self._client.getresponse()
        said = answer.read()
        seconds = time.perf_counter() - begun
        if answer.status != expected:
            raise RuntimeError(f"{path} answered {answer.status}: {said[:300]!r}")
        return seconds

    def cards(self, body: bytes) -> int:
        """Return how many cards one request brings: an answer of nothing would be no measure."""
        self._client.request("POST", HOOK, body, _JSON)
        return self._client.getresponse().read().count(b'"indicator"')

    def reconnect(self) -> None:
        """Begin a new connection: another process may answer it."""
        self._client.close()

    def worker_megabytes(self) -> list[float]:
        """Return the resident memory of each process that answers, in MiB."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text(encoding="ascii").split()
        return [_resident(int(child)) for child in children]


def _resident(process: int) -> float:
    for line in Path(f"/proc/{process}/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


@contextmanager
def serving(*options: str, settings: dict[str, str] | None = None) -> Iterator[Server]:
    """Give a server that listens, with these settings beside the defaults; it is not asked anything yet."""
    port = _free_port()
    command = [str(Path(sys.executable).with_name("all-cds")), "serve", "--host", HOST, "--port", str(port), *options]
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=_environment() | (settings or {})
    )
    server = Server(process, port)
    try:
        _wait_until_it_listens(server)
        yield server
    finally:
        server.reconnect()
        process.terminate()
        try:
            process.wait(10)
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
        server.ask("/health")
        return time.perf_counter() - begun


def seconds_of_bare_python() -> float:
    """Return the seconds of starting and ending Python itself."""
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-c", "pass"], check=True)
    return time.perf_counter() - begun
