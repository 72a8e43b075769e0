"""For which calls a card leads to our page as an app of the record system, instead of to an address that expires."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from service.settings import PRODUCTION
from service.web.launch import LAUNCH

if TYPE_CHECKING:
    from service.cards.profiles import ClientProfile
    from service.settings import Settings


@dataclass(frozen=True, slots=True)
class Apps:
    """The record servers that open our page, and where they find it; none where nothing is set up."""

    servers: frozenset[str] = frozenset()
    address: str = ""

    @classmethod
    def of(cls, settings: Settings) -> Apps:
        """Return those of the settings. Raises: RequestError."""
        if not settings.smart_servers:
            return cls()
        from service.clients.smart_servers import read_smart_servers  # noqa: PLC0415 - only where record systems open our page

        servers = read_smart_servers(Path(settings.smart_servers), made_up_only=settings.profile != PRODUCTION)
        return cls(frozenset(servers), settings.public_base_url + LAUNCH)

    def address_for(self, fhir_server: str | None, profile: ClientProfile) -> str | None:
        """Return where the client's record system opens the page; None where the server or the client cannot."""
        if profile.links != "all" or (fhir_server or "").rstrip("/") not in self.servers:
            return None
        return self.address
