"""A PostgreSQL of our own for as long as the tests last: a fresh cluster on a free port of this machine."""

import os
import shutil
import socket
import subprocess
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import sqlalchemy as sa

_USER = "postgres"
_DEBIAN = Path("/usr/lib/postgresql")
MISSING = "PostgreSQL is not installed: `make test` installs it as root, else `apt-get install postgresql`"


def program(name):
    """The path of one of its programs; Debian does not put them on the path."""
    found = [shutil.which(name), *sorted(map(str, _DEBIAN.glob(f"*/bin/{name}")), reverse=True)]
    return next((path for path in found if path), None)


class PostgresqlStandIn:
    """To be used in a `with`: started at its begin, gone with all its files at its end."""

    def __enter__(self):
        assert program("initdb"), MISSING
        assert find_spec("psycopg"), "psycopg is not installed: `make test` installs it with the other packages of the lock"
        self.folder = Path(tempfile.mkdtemp(prefix="all-cds-postgresql-"))
        # It refuses to run as root, and then its files must belong to the user that it runs as.
        self._as_user: dict[str, Any] = {"user": _USER, "group": _USER, "extra_groups": []} if os.geteuid() == 0 else {}
        if self._as_user:
            shutil.chown(self.folder, _USER, _USER)
        try:
            self._run("initdb", "--username", _USER, "--auth", "trust", "--encoding", "UTF8", "--no-sync", *self._data())
            with socket.socket() as free:
                free.bind(("127.0.0.1", 0))
                self.port = free.getsockname()[1]
            options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off"
            self._run("pg_ctl", "start", "-w", "-o", options, "-l", str(self.folder / "log"), *self._data())
        except BaseException:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise
        self.made = 0
        return self

    def __exit__(self, *_error):
        try:
            self._run("pg_ctl", "stop", "-m", "immediate", *self._data())
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)

    def new_database(self):
        """The address of a database with nothing in it."""
        self.made += 1
        name = f"test_{self.made}"
        engine = sa.create_engine(self.address("postgres"), isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
        with engine.connect() as connection:
            connection.execute(sa.text(f"create database {name}"))
        return self.address(name)

    def address(self, name):
        return f"postgresql+psycopg://{_USER}@127.0.0.1:{self.port}/{name}"

    def _data(self):
        return ("-D", str(self.folder / "data"))

    def _run(self, name, *arguments):
        # Not through pipes: the server would inherit them and hold them open.
        with tempfile.TemporaryFile() as said:
            done = subprocess.run(
                [program(name), *arguments],
                check=False,
                cwd=self.folder,
                stdout=said,
                stderr=said,
                env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
                **self._as_user,
            )
            said.seek(0)
            assert done.returncode == 0, said.read().decode(errors="replace")
