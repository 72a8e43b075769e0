"""Where these pages are, and who may open them: what holds nothing but knowledge, and what is internal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from service.settings import DEVELOPMENT, OPEN

if TYPE_CHECKING:
    from service.knowledge.library import Library
    from service.settings import Settings

KNOWLEDGE, REGISTRY, ABOUT = "/pages/knowledge", "/pages/registry", "/pages/about"
THERAPY, TRIAL, SYSTEM = f"{KNOWLEDGE}/therapies/<name>", f"{KNOWLEDGE}/trials/<name>", f"{KNOWLEDGE}/risk-systems/<name>"
FEEDBACK, UNMAPPED = "/pages/feedback", "/pages/unmapped"

OF_KNOWLEDGE = frozenset({KNOWLEDGE, REGISTRY, ABOUT, THERAPY, TRIAL, SYSTEM})  # public matter, as open as discovery
INTERNAL = frozenset({FEEDBACK, UNMAPPED})  # how users behave, and what a site's codes are


def internal_pages_are_served(settings: Settings) -> bool:
    """Return whether the internal pages are there at all.

    A browser brings no token. So they are open on a tester's machine, and elsewhere only where somebody said so.
    """
    return settings.operator_pages or (settings.profile == DEVELOPMENT and settings.auth == OPEN)


def opened_without_token(settings: Settings) -> frozenset[str]:
    """Return which of the pages ask for no token where calls bring one."""
    if settings.operator_pages:
        return OF_KNOWLEDGE | INTERNAL
    return OF_KNOWLEDGE if settings.discovery_auth == OPEN else frozenset()


@dataclass(frozen=True, slots=True)
class OnFile:
    """Where everything on file about something is shown, as it was on two days; empty where no page of it can be opened."""

    library: Library
    served: bool
    days: str  # as the pages read them

    @classmethod
    def of(cls, library: Library, settings: Settings, as_of: str, known_by: str) -> OnFile:
        """Return the addresses for a page whose reader's browser brings no token."""
        return cls(library, KNOWLEDGE in opened_without_token(settings), urlencode({"on": as_of, "known_by": known_by}))

    def therapy(self, name: str) -> str:
        """Return the address of a product."""
        return f"{KNOWLEDGE}/therapies/{quote(name)}?{self.days}" if self.served and name in self.library.therapies else ""

    def trial(self, name: str) -> str:
        """Return the address of a trial."""
        return f"{KNOWLEDGE}/trials/{quote(name)}" if self.served and name in self.library.trials else ""

    def system(self, name: str) -> str:
        """Return the address of a risk system."""
        return f"{KNOWLEDGE}/risk-systems/{quote(name)}?{self.days}" if self.served and name in self.library.risk_systems else ""
