"""The real server in processes of its own, with a few of its parts changed where a test needs to."""

import http.client
import os
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from threading import Event

from tests.stand_ins.drained import drained

HOST = "127.0.0.1"
PATIENCE = 1_200  # looks, a twentieth of a second apart: only a server that never comes up makes a test wait
JSON = {"Content-Type": "application/json"}


class Served:
    """One server: its port, its process, and what it has written once it has ended."""

    def __init__(self, process, port):
        self.process = process
        self.heard = drained(process)
        self.port = port
        self.said = ""
        self._told = False

    def connect(self):
        """A connection on which nothing was said yet."""
        return socket.create_connection((HOST, self.port), timeout=60)

    def answer(self, method, path, body=None, headers=None):
        """Status, headers and body of one answer, on a connection of its own."""
        connection = http.client.HTTPConnection(HOST, self.port, timeout=60)
        try:
            connection.request(method, path, body, {**JSON, **(headers or {})})
            got = connection.getresponse()
            return got.status, dict(got.getheaders()), got.read()
        finally:
            connection.close()

    def tell_to_stop(self):
        """Say so once, as an operator does."""
        if not self._told:
            self.process.send_signal(signal.SIGTERM)
        self._told = True

    def stop(self):
        """Tell it to stop, and return its exit code."""
        self.tell_to_stop()
        code = self.process.wait(timeout=90)
        self.said = self.heard()
        return code


def free_port():
    """A port on which nobody listens."""
    with socket.socket() as free:
        free.bind((HOST, 0))
        return free.getsockname()[1]


@contextmanager
def served(*options, change="", installed=False, port=None, **settings):
    """Give a server that answers.

    `change`: Python that is run in it before it starts. `installed`: the command as it was installed, unchanged. `port`: any free
    one if not given.
    """
    port = port or free_port()
    words = ["serve", "--port", str(port), *options]
    program = f"{change}\nimport sys\nfrom service.cli import main\nsys.exit(main({words!r}))\n"
    command = [str(Path(sys.executable).with_name("all-cds")), *words] if installed else [sys.executable, "-c", program]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ALL_CDS_")}
    environment |= {f"ALL_CDS_{name.upper()}": str(value) for name, value in settings.items()}
    root = str(Path(__file__).resolve().parents[2])
    process = subprocess.Popen(command, cwd=root, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    server = Served(process, port)
    try:
        for _ in range(PATIENCE):
            try:
                server.answer("GET", "/healthz")
                break
            except ConnectionError:
                assert process.poll() is None, server.heard()
                Event().wait(0.05)
        yield server
    finally:
        if process.poll() is None or not server.said:
            server.stop()
