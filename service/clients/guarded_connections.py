"""Connections that lead only where they may, and that can be cut from outside when the time is over.

A name is looked up once, each of its addresses is checked, and the connection is made to what was checked: a name that changes
its address between check and call gains nothing.
"""

from __future__ import annotations

import socket
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from threading import Event, Lock
from typing import TYPE_CHECKING, Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError
from urllib3.util.connection import create_connection

if TYPE_CHECKING:
    from collections.abc import Iterator

# An IPv4 address in the last 32 bits: of anybody, or only within one network.
_TRANSLATED = IPv6Network("64:ff9b::/96")  # RFC 6052
_TRANSLATED_INSIDE = tuple(map(IPv6Network, ("64:ff9b:1::/48", "::/96", "::ffff:0:0:0/96")))  # RFC 8215, 4291, 2765
_TUNNELLED_INSIDE = (0x0000_5EFE, 0x0200_5EFE)  # before such an address (RFC 5214)
_IPV4_BITS = 0xFFFFFFFF
_OF_ANYBODY = IPv6Network("2000::/3")  # all that was handed out so far; the rest is for special purposes


class AddressRefused(NewConnectionError):
    """A name led to an address that is not called."""


class Lines:
    """The connections that one call is using: all of them are cut together, and none is opened after that."""

    def __init__(self, *, private: bool) -> None:
        """`private`: whether addresses inside a network may be called."""
        self.private = private
        self._over = Event()
        self._lock = Lock()
        self._open: list[_Line] = []

    @property
    def over(self) -> bool:
        """Whether the call has ended."""
        return self._over.is_set()

    def wait(self, seconds: float) -> bool:
        """Return whether the call ended while we waited."""
        return self._over.wait(seconds)

    def cut(self) -> None:
        """End the call: whoever still reads or writes is woken with an error."""
        with self._lock:
            self._over.set()
            lines, self._open = self._open, []
        for line in lines:
            line.shut()

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Make connections of this thread those of this call."""
        mine: list[_Line] = []
        before = _CURRENT.set((self, mine))
        try:
            yield
        finally:
            _CURRENT.reset(before)
            with self._lock:
                self._open = [line for line in self._open if line not in mine]
            for line in mine:
                line.leave()

    def take(self, line: _Line, mine: list[_Line]) -> None:
        """Note that the call uses a connection; one that comes too late is shut."""
        mine.append(line)
        line.use()
        with self._lock:
            over = self._over.is_set()
            if not over:
                self._open.append(line)
        if over:
            line.shut()


class _Line:
    """A second hold on a connection: a thread that waits in it, even in a handshake, is woken by shutting it here.

    The hold is let go when the connection has ended and nobody reads what came through it any more.
    """

    def __init__(self, connection: socket.socket) -> None:
        self._hold = connection.dup()
        self._lock = Lock()
        self._users = 0
        self._ended = False

    def use(self) -> None:
        with self._lock:
            self._users += 1

    def leave(self) -> None:
        with self._lock:
            self._users -= 1
            self._let_go()

    def end(self) -> None:
        with self._lock:
            self._ended = True
            self._let_go()

    def shut(self) -> None:
        with suppress(OSError):  # it may have ended by itself
            self._hold.shutdown(socket.SHUT_RDWR)

    def _let_go(self) -> None:
        if self._ended and self._users <= 0:
            self._hold.close()


_CURRENT: ContextVar[tuple[Lines, list[_Line]] | None] = ContextVar("lines of the call that a thread works for", default=None)


def may_be_called(address: str, *, private: bool) -> bool:
    """Return whether a numeric address may be called; `private`: also one inside a network, or this machine.

    An IPv6 address that stands for an IPv4 one may be called where both may. One with a zone leads to a link, and never may.
    """
    try:
        found = ip_address(address)
    except ValueError:
        return False
    if isinstance(found, IPv4Address):
        return _is_callable(found, private=private)
    if found.scope_id is not None:
        return False
    inner = _ipv4_in(found)
    if inner is None:
        return _is_callable(found, private=private)
    if not _is_callable(inner, private=private):
        return False
    return private or found in _OF_ANYBODY or found in _TRANSLATED or found.ipv4_mapped is not None


def _is_callable(address: IPv4Address | IPv6Address, *, private: bool) -> bool:
    if address.is_link_local or address.is_multicast or address.is_unspecified:
        return False  # the place of services of the machine itself, or of nobody
    return private or (address.is_global and (isinstance(address, IPv4Address) or address in _OF_ANYBODY))


def _ipv4_in(address: IPv6Address) -> IPv4Address | None:
    """Return the IPv4 address that an IPv6 address stands for, where it does."""
    if address.ipv4_mapped or address.sixtofour:
        return address.ipv4_mapped or address.sixtofour
    if address.is_loopback or address.is_unspecified:
        return None
    number = int(address)
    embeds = any(address in network for network in (_TRANSLATED, *_TRANSLATED_INSIDE))
    tunnelled = (number >> 32) & _IPV4_BITS in _TUNNELLED_INSIDE and address in _OF_ANYBODY
    return IPv4Address(number & _IPV4_BITS) if embeds or tunnelled else None


def _connect(connection: HTTPConnection) -> socket.socket:
    """Return a connection to an address that was checked, known to the call that wants it."""
    current = _CURRENT.get()
    if current is None or current[0].over:
        raise NewConnectionError(connection, "no call wants this connection any more")
    lines, mine = current
    try:
        found = socket.getaddrinfo(connection.host, connection.port, 0, socket.SOCK_STREAM)
    except OSError as error:
        raise NameResolutionError(connection.host, connection, socket.gaierror(*error.args[:2])) from error
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    if not addresses or not all(may_be_called(address, private=lines.private) for address in addresses):
        raise AddressRefused(connection, "the name leads to an address that is not called")
    opened = _first_that_answers(connection, addresses)
    line = connection.line = _Line(opened)  # type: ignore[attr-defined] # a guarded one
    lines.take(line, mine)
    return opened


def _first_that_answers(connection: HTTPConnection, addresses: list[str]) -> socket.socket:
    failed: OSError = OSError()
    for address in addresses:
        try:
            return create_connection(
                (address, connection.port),
                connection.timeout,
                socket_options=connection.socket_options,
            )
        except OSError as error:
            failed = error
    if isinstance(failed, TimeoutError):
        raise ConnectTimeoutError(connection, "no connection in time") from failed
    raise NewConnectionError(connection, "no connection") from failed


class _Guarded:
    """What both kinds of connection do beside what urllib3 does."""

    line: _Line | None = None

    def _new_conn(self) -> socket.socket:
        return _connect(self)  # type: ignore[arg-type] # one of the two below

    def request(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401 - handed on as it is
        current = _CURRENT.get()
        if self.line is not None and current is not None and self.line not in current[1]:  # an earlier call left it open
            current[0].take(self.line, current[1])
        super().request(*arguments, **options)  # type: ignore[misc] # as above

    def close(self) -> None:
        super().close()  # type: ignore[misc] # as above
        if self.line is not None:
            self.line.end()
            self.line = None


class _Plain(_Guarded, HTTPConnection):
    pass


class _Encrypted(_Guarded, HTTPSConnection):
    pass


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _Plain


class _EncryptedPool(HTTPSConnectionPool):
    ConnectionCls = _Encrypted


class GuardedAdapter(HTTPAdapter):
    """Makes every connection of a session a guarded one."""

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401 - handed on as it is
        """Set up the pools, with our connections in them."""
        super().init_poolmanager(*arguments, **options)
        self.poolmanager.pool_classes_by_scheme = {"http": _PlainPool, "https": _EncryptedPool}
