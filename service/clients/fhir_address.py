"""Addresses of FHIR servers: which are the same, and which links lead no further than a server's own pages."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote, urljoin, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterable

_PORTS = {"http": 80, "https": 443}
_PLAIN = re.compile(r"[\x21-\x7e]+")
_LONGEST = 8_000  # characters; more is no address that a server would take


@dataclass(frozen=True, slots=True)
class Base:
    """The base address of a FHIR server, in one way of writing: `path` without a slash at its end."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def address(self) -> str:
        """The address as it is called."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == _PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}{self.path}"

    @property
    def is_encrypted(self) -> bool:
        """Whether nobody on the way reads along."""
        return self.scheme == "https"

    def own(self, link: str) -> str | None:
        """Return the link of a page, word for word where it is absolute; None where it leads out of this server."""
        if not _PLAIN.fullmatch(link) or len(link) > _LONGEST or "\\" in link:
            return None
        whole = link if "://" in link.partition("?")[0] else urljoin(f"{self.address}/", link)
        found = base_of(whole.partition("?")[0])
        if found is None or "#" in whole or (found.scheme, found.host, found.port) != (self.scheme, self.host, self.port):
            return None
        if _climbs(found.path) or not (found.path == self.path or found.path.startswith(f"{self.path}/")):
            return None
        return whole


def base_of(address: str) -> Base | None:
    """Return the address in parts; None where it is no plain web address."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in _PORTS or not parts.hostname or "@" in parts.netloc or parts.query or parts.fragment:
        return None
    return Base(parts.scheme, parts.hostname, port or _PORTS[parts.scheme], parts.path.rstrip("/"))


def registered(address: str, servers: Iterable[str]) -> Base | None:
    """Return the address if it is one of these; None where it is not, or climbs out of its own path."""
    found = base_of(address)
    if found is None or _climbs(found.path):
        return None
    return found if found in {base_of(server) for server in servers} else None


def _climbs(path: str) -> bool:
    """Return whether a path has a part that a server may read as `one up`, however it is encoded."""
    text = unquote(unquote(path)).replace("\\", "/")
    return any(part in {".", ".."} for part in text.split("/"))
