"""What the trial registry said, as the server holds it: read from the store, and refreshed where that is switched on."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING

from service.assembly import load_registry, open_store, registry_client
from service.errors import ServiceError
from service.knowledge.registry import NOTHING_SEEN
from service.stores.address import POSTGRESQL, store_address
from service.web.logs import log

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from service.knowledge.registry import Registry
    from service.registry_sync import RegistrySource
    from service.settings import Settings
    from service.stores.interface import RegistryCache

_AN_HOUR = timedelta(hours=1)
_LOOKED_AGAIN = timedelta(minutes=5)
Stamp = tuple[int, int] | None


def _now() -> datetime:
    return datetime.now(tz=UTC)


@dataclass(frozen=True, slots=True)
class WatchParts:
    """What a watch works with. `stamp` differs once the store has changed; `every` zero: never refresh.

    `again`: how often the store is read again where nothing tells that it has changed; zero: the stamp tells.
    """

    load: Callable[[], Registry]
    store: Callable[[], RegistryCache]
    client: Callable[[], RegistrySource]
    numbers: Sequence[str]
    every: timedelta
    stamp: Callable[[], Stamp] = lambda: None
    again: timedelta = timedelta(0)
    now: Callable[[], datetime] = _now


class RegistryWatch:
    """Holds one Registry and swaps it whole. To be started in the process that answers: a thread does not survive a fork.

    Several processes share a store: the one that claims a refresh does it, the others see that the store has changed.
    Whatever fails, the last registry stays, with its days.
    """

    def __init__(self, parts: WatchParts) -> None:
        self._parts = parts
        self._registry = NOTHING_SEEN
        self._seen: Stamp = None
        self._reading = Lock()
        self._stopped = Event()
        self._thread: Thread | None = None

    @classmethod
    def of(cls, settings: Settings, numbers: Sequence[str]) -> RegistryWatch:
        """Return the watch that the settings ask for; `numbers` are those of the encoded trials."""
        address = store_address(settings.store, os.environ)
        return cls(
            WatchParts(
                load=lambda: load_registry(settings),
                store=lambda: open_store(settings),
                client=lambda: registry_client(settings),
                numbers=tuple(numbers),
                every=timedelta(hours=settings.registry_refresh_hours),
                stamp=lambda: _stamp_of(address),
                again=_LOOKED_AGAIN if address.startswith(POSTGRESQL) else timedelta(0),
            )
        )

    def current(self) -> Registry:
        """Return what is known now; read anew where another process has written to the store since."""
        if self._parts.stamp() != self._seen and self._reading.acquire(blocking=False):
            try:
                self._read()
            finally:
                self._reading.release()
        return self._registry

    def start(self) -> None:
        """Read the store; then refresh, or read again, in the background: where that is switched on and there is a reason to."""
        with self._reading:
            self._read()
        if (self._refreshes or self._parts.again) and self._thread is None:
            self._stopped.clear()
            self._thread = Thread(target=self._run, name="registry-watch", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End the refreshing; a request that is under way is waited for, but not for long."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join(timeout=5)
            self._thread = None

    def turn(self) -> None:
        """Refresh where it is time and no other process does, then read the store. Raises nothing: a failure is logged."""
        try:
            if self._refreshes:
                self._refresh()
        except ServiceError as error:
            log.error("registry refresh failed", error=error.code)
        except Exception as error:  # noqa: BLE001 - the thread must live on, and the last registry stays
            log.error("registry refresh failed", error=type(error).__name__)
        with self._reading:
            self._read()

    @property
    def _refreshes(self) -> bool:
        return bool(self._parts.every and self._parts.numbers)

    def _run(self) -> None:
        # After a failure the claim is given back, so it is tried again within the hour.
        every = self._parts.every if self._refreshes else _AN_HOUR
        pause = min(every, self._parts.again or _AN_HOUR, _AN_HOUR).total_seconds()
        while not self._stopped.is_set():
            self.turn()
            self._stopped.wait(pause)

    def _refresh(self) -> None:
        from service.registry_sync import Sync  # noqa: PLC0415 - only where refreshing is switched on

        moment = self._parts.now()
        store = self._parts.store()
        if not store.claim_refresh(moment, self._parts.every):
            return
        done = False
        try:
            report = Sync(self._parts.client(), store, moment.date()).run(self._parts.numbers, only_if_changed=True)
            done = report.failure is None
            if report.failure is not None:
                raise report.failure
        finally:
            if not done:
                store.release_refresh(moment)

    def _read(self) -> None:
        """Swap the registry; where the store cannot be read, the last one stays until the store changes again."""
        self._seen = self._parts.stamp()
        try:
            self._registry = self._parts.load()
        except ServiceError as error:
            log.error("registry store unreadable", error=error.code)


def _stamp_of(address: str) -> Stamp:
    """Return what differs once a file has been written; None where there is no file."""
    try:
        seen = Path(address).stat()
    except (OSError, ValueError):
        return None
    return seen.st_mtime_ns, seen.st_size
