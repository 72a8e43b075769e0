"""The keys of all issuers, kept for an hour: a call waits for a fetch only where nothing usable is at hand."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock, Thread
from typing import TYPE_CHECKING

from cds_hooks.errors import FaultyKeySet, KeysUnavailable
from cds_hooks.key_set import KeySet, read_key_set
from service.clients.key_set_http import fetch_key_set
from service.errors import UpstreamError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import jwt

    from service.clients.issuers import Issuer


@dataclass(frozen=True, slots=True)
class Ages:
    """How old a fetched set may be; all in seconds.

    Older than `renew`: used, and renewed meanwhile. Older than `fresh`: renewed first. Not to be renewed: used up to `stale`.
    `pause` lies between two fetches of one address, whether a key was not in the set or the fetch failed.
    """

    renew: float = 45 * 60
    fresh: float = 60 * 60
    stale: float = 4 * 60 * 60
    pause: float = 30


@dataclass(slots=True)
class _Shelf:
    """What is known of one address."""

    found: KeySet | None = None
    fetched: float = 0.0
    tried: float | None = None
    fetching: Lock = field(default_factory=Lock)


def _in_background(work: Callable[[], object]) -> None:
    Thread(target=work, name="key-sets", daemon=True).start()


@dataclass(frozen=True, slots=True)
class KeySetParts:
    """What key sets work with. `clock` measures durations only; `failed` is told of each fetch that failed."""

    fetch: Callable[[str], KeySet] = fetch_key_set
    clock: Callable[[], float] = time.monotonic
    later: Callable[[Callable[[], object]], None] = _in_background
    failed: Callable[[UpstreamError], None] = lambda _: None
    ages: Ages = Ages()


class KeySets:
    """The key sets of these issuers. Is what `cds_hooks.jwt` asks for keys."""

    def __init__(self, issuers: Mapping[str, Issuer], parts: KeySetParts | None = None) -> None:
        self._issuers = issuers
        self._parts = parts or KeySetParts()
        addresses = {address for issuer in issuers.values() for address in issuer.trusted.key_addresses}
        self._shelves = {address: _Shelf() for address in sorted(addresses)}
        self._files: dict[str, tuple[tuple[int, int], KeySet]] = {}

    def find(self, issuer: str, key_address: str, kid: str, algorithm: str) -> jwt.PyJWK | None:
        """Return the key; None where there is no such one, and then nobody is asked again for a while.

        Raises: KeysUnavailable.
        """
        known = self._issuers[issuer]
        address = key_address or known.key_address
        if not address:
            return self._of_file(known.key_file).find(kid, algorithm) if known.key_file else None
        shelf = self._shelves[address]
        key = self._current(address, shelf).find(kid, algorithm)
        if key is None and self._renew(address, shelf, wait=True):  # it may have been added since
            key = self._current(address, shelf).find(kid, algorithm)
        return key

    def warm_up(self) -> None:
        """Fetch every set that is not at hand, all at once, so that no call has to. Raises nothing."""
        cold = [(address, shelf) for address, shelf in self._shelves.items() if shelf.found is None]
        if cold:
            with ThreadPoolExecutor(min(8, len(cold)), thread_name_prefix="key-sets") as several:
                list(several.map(lambda pair: self._renew(*pair), cold))

    def _current(self, address: str, shelf: _Shelf) -> KeySet:
        age = self._parts.clock() - shelf.fetched
        if shelf.found is None or age > self._parts.ages.fresh:
            self._renew(address, shelf, wait=shelf.found is None)
        elif age > self._parts.ages.renew and self._may_fetch(shelf):
            self._parts.later(lambda: self._renew(address, shelf))
        if shelf.found is None or self._parts.clock() - shelf.fetched > self._parts.ages.stale:
            raise KeysUnavailable("", "the keys of the issuer cannot be had now")
        return shelf.found

    def _may_fetch(self, shelf: _Shelf) -> bool:
        return shelf.tried is None or self._parts.clock() - shelf.tried >= self._parts.ages.pause

    def _renew(self, address: str, shelf: _Shelf, *, wait: bool = False) -> bool:
        """Return whether the set was fetched just now, by us or by whom we waited for; else what was there stays.

        `wait`: while another fetches, stay for the outcome, because what is there is of no use.
        """
        if not self._may_fetch(shelf) and not shelf.fetching.locked():
            return False
        if not shelf.fetching.acquire(blocking=wait):
            return False
        try:
            if not self._may_fetch(shelf):
                return shelf.found is not None and shelf.fetched == shelf.tried
            shelf.tried = self._parts.clock()
            try:
                shelf.found = self._parts.fetch(address)
            except UpstreamError as error:
                self._parts.failed(error)
                return False
            shelf.fetched = shelf.tried
            return True
        finally:
            shelf.fetching.release()

    def _of_file(self, path: str) -> KeySet:
        """Return the set of the file, read anew where it was changed; a faulty change leaves the set of before."""
        before = self._files.get(path)
        try:
            stat = Path(path).stat()
            mark = (stat.st_mtime_ns, stat.st_size)
            if before is None or before[0] != mark:
                self._files[path] = before = (mark, read_key_set(Path(path).read_bytes()))
        except (OSError, FaultyKeySet) as error:
            self._parts.failed(UpstreamError("a key set cannot be read", where=path, hint=getattr(error, "hint", "")))
        if before is None:
            raise KeysUnavailable("", "the keys of the issuer cannot be had now")
        return before[1]
