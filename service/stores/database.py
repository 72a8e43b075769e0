"""The store in a database: SQLite in a file, or any other by its address."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import msgspec
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from service.errors import StoreError
from service.knowledge.registry import Registry, RegistryRecord, Seen
from service.stores.address import POSTGRESQL, is_there
from service.stores.moments import sortable
from service.stores.tables import REGISTRY_RECORDS, REGISTRY_REFRESHES, REGISTRY_SIGHTINGS, USED_TOKENS

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime, timedelta

MIGRATIONS = Path(__file__).with_name("migrations")

_TURN = 7_145_083  # any number: it is the name of a lock among ours on PostgreSQL
_WAIT_FOR_OTHERS = 30  # seconds; another process may be writing
_ANSWER_AT_ONCE = 1  # second


def open_database(address: str, *, wait: int = _WAIT_FOR_OTHERS) -> Database:
    """Return the store, ready to be written: made where there is none, its tables brought up to date.

    `wait`: for how many seconds another writer, or a database that does not answer, is waited for. Raises: StoreError.
    """
    if not address.startswith(POSTGRESQL):
        try:
            Path(address).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not Path(address).exists():  # what stands in it is nobody else's on this machine, whatever folder it lies in
                Path(address).touch(mode=0o600)
        except OSError as error:
            raise StoreError(f"no folder or file can be made for the store: {error.strerror}", where=address) from None
    database = Database(_engine(address, wait=wait), _shown(address))
    database.migrate()
    return database


def read_database(address: str, *, wait: int = _WAIT_FOR_OTHERS) -> Database | None:
    """Return the store to be read; None where there is none yet: reading makes no file and no table. Raises: StoreError."""
    if not is_there(address):
        return None
    database = Database(_engine(address, read_only=True, wait=wait), _shown(address))
    return database if database.has_tables() else None


def ask_database(address: str) -> None:
    """Return once the store has answered a question that costs it nothing. Raises: StoreError."""
    with Database(_engine(address, read_only=True, wait=_ANSWER_AT_ONCE), _shown(address)).transaction() as connection:
        sa.inspect(connection).has_table(REGISTRY_SIGHTINGS.name)


def _shown(address: str) -> str:
    """Return the address as it may be told: without a password."""
    if not address.startswith(POSTGRESQL):
        return address
    try:
        return sa.make_url(address).render_as_string(hide_password=True)
    except (SQLAlchemyError, ValueError):
        return POSTGRESQL


def _engine(address: str, *, read_only: bool = False, wait: int = _WAIT_FOR_OTHERS) -> sa.Engine:
    """Return an engine that keeps no connection: processes are forked, and the store is asked rarely."""
    try:
        if address.startswith(POSTGRESQL):
            return sa.create_engine(address, poolclass=sa.NullPool, connect_args={"connect_timeout": wait})
        return _sqlite(Path(address).absolute(), read_only=read_only, wait=wait)
    except (SQLAlchemyError, ValueError):
        raise StoreError("the address of the store cannot be used", where=_shown(address)) from None
    except ImportError:
        hint = "install psycopg, which speaks to PostgreSQL"
        raise StoreError("this kind of database needs a driver", where=_shown(address), hint=hint) from None


def _sqlite(path: Path, *, read_only: bool, wait: int) -> sa.Engine:
    location = f"file:{quote(str(path))}?mode={'ro' if read_only else 'rwc'}"

    def connect() -> sqlite3.Connection:
        # Without a level, Python begins no transaction of its own: ours then hold a change of tables too.
        return sqlite3.connect(location, uri=True, timeout=wait, isolation_level=None)

    engine = sa.create_engine("sqlite://", poolclass=sa.NullPool, creator=connect)

    @sa.event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        # A writer takes its turn at once; otherwise two that have both read could not both go on.
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

    return engine


class Database:
    """The tables of the service, in one database; `shown` is its address as it may be told. Is a RegistryCache."""

    def __init__(self, engine: sa.Engine, shown: str) -> None:
        self._engine = engine
        self._shown = shown

    @contextmanager
    def transaction(self) -> Iterator[sa.Connection]:
        """Yield a connection; what is done on it holds altogether or not at all. Raises: StoreError."""
        try:
            with self._engine.begin() as connection:
                yield connection
        except (SQLAlchemyError, sqlite3.Error) as error:
            # The kind only: the text of these errors repeats the statement and its values.
            kind = type(getattr(error, "orig", None) or error).__name__
            raise StoreError(f"the store cannot be read or written ({kind})", where=self._shown) from None

    def migrate(self) -> None:
        """Bring the tables up to date. Raises: StoreError, also where a newer version of the service has written them."""
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
        with self.transaction() as connection:
            take_turn(connection)
            config.attributes["connection"] = connection
            try:
                command.upgrade(config, "head")
            except CommandError:
                raise StoreError("the store was written by another version of the service", where=self._shown) from None

    def has_tables(self) -> bool:
        """Return whether anything can be read."""
        with self.transaction() as connection:
            return sa.inspect(connection).has_table(REGISTRY_SIGHTINGS.name)

    def save(self, sightings: Iterable[Seen]) -> int:
        """Keep these sightings, all of them or none, and return how many; one of the same study and day is replaced."""
        kept = {(seen.record.nct_id, seen.day): seen for seen in sightings}
        with self.transaction() as connection:
            for seen in kept.values():
                _write(connection, seen)
        return len(kept)

    def all(self) -> Registry:
        """Return everything that was ever seen; a record that did not change is one object. Raises: StoreError."""
        with self.transaction() as connection:
            records = {row.digest: self._record(row.record) for row in connection.execute(sa.select(REGISTRY_RECORDS))}
            rows = connection.execute(sa.select(REGISTRY_SIGHTINGS)).all()
        return Registry.of(Seen(row.day, records[row.digest], row.source, row.data_timestamp) for row in rows)

    def records(self) -> dict[str, RegistryRecord]:
        """Return every record that was ever seen, by its digest, those of replaced sightings too. Raises: StoreError."""
        with self.transaction() as connection:
            return {row.digest: self._record(row.record) for row in connection.execute(sa.select(REGISTRY_RECORDS))}

    def _record(self, text: str) -> RegistryRecord:
        try:
            return msgspec.json.decode(text, type=RegistryRecord)
        except msgspec.MsgspecError:
            raise StoreError("a record of the trial registry in the store cannot be read", where=self._shown) from None

    def claim_refresh(self, moment: datetime, every: timedelta) -> bool:
        """Return whether the caller may refresh now: True to one of all processes, once in each span. Raises: StoreError."""
        began = REGISTRY_REFRESHES.c.begun_at
        recent = sa.select(began).where(began > sortable(moment - every))
        with self.transaction() as connection:
            claim = sa.select(sa.literal(sortable(moment), sa.String)).where(~recent.exists())
            take_turn(connection)
            insert = sa.insert(REGISTRY_REFRESHES).from_select([began], claim)
            taken = connection.execute(insert, execution_options={"preserve_rowcount": True}).rowcount == 1
            if taken:
                connection.execute(sa.delete(REGISTRY_REFRESHES).where(began < sortable(moment)))
        return taken

    def release_refresh(self, moment: datetime) -> None:
        """Give a claim back, because the refresh failed and may be tried again. Raises: StoreError."""
        with self.transaction() as connection:
            connection.execute(sa.delete(REGISTRY_REFRESHES).where(REGISTRY_REFRESHES.c.begun_at == sortable(moment)))

    def use_token(self, issuer: str, token_id: str, until: datetime, now: datetime) -> bool:
        """Return whether this is the first use: True to one of all processes. `until`: afterwards it may be forgotten.

        The primary key decides, so that two that come at once cannot both be the first. Raises: StoreError.
        """
        digest = hashlib.sha256(f"{issuer}\0{token_id}".encode()).hexdigest()
        with self.transaction() as connection:
            # What another process is forgetting at the same time is left to it: two that wait for each other would both fail.
            over = sa.select(USED_TOKENS.c.digest).where(USED_TOKENS.c.until < sortable(now)).with_for_update(skip_locked=True)
            connection.execute(sa.delete(USED_TOKENS).where(USED_TOKENS.c.digest.in_(over)))
            try:
                with connection.begin_nested():  # what fails here must not spoil the transaction around it
                    connection.execute(sa.insert(USED_TOKENS).values(digest=digest, until=sortable(until)))
            except IntegrityError:
                return False
        return True


def take_turn(connection: sa.Connection) -> None:
    """Return once no other process is at what must be done by one at a time; on SQLite every writer has waited already."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_TURN)))


def _write(connection: sa.Connection, seen: Seen) -> None:
    text = msgspec.json.encode(seen.record)
    digest = hashlib.sha256(text).hexdigest()
    known = connection.execute(sa.select(REGISTRY_RECORDS.c.digest).where(REGISTRY_RECORDS.c.digest == digest)).first()
    if known is None:
        connection.execute(sa.insert(REGISTRY_RECORDS).values(digest=digest, record=text.decode()))
    rows = REGISTRY_SIGHTINGS
    connection.execute(sa.delete(rows).where(rows.c.number == seen.record.nct_id, rows.c.day == seen.day))
    connection.execute(
        sa.insert(rows).values(
            number=seen.record.nct_id,
            day=seen.day,
            source=seen.source,
            data_timestamp=seen.data_timestamp,
            criteria_hash=seen.record.criteria_hash,
            digest=digest,
        )
    )
