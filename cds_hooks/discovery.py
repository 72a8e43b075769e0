"""What a service says about itself before it is called."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from cds_hooks.errors import FaultyTemplate, InvalidValue, TwinService
from cds_hooks.outgoing import require_extension, require_text
from cds_hooks.templates import template_faults

# An id becomes part of an address, and both are typed by hand into clients: plain characters, never changed once released.
_SERVICE_ID = re.compile(r"[a-z0-9\-]+")
_PREFETCH_KEY = re.compile(r"[A-Za-z0-9\-]+")
_HOOK_VERSION = re.compile(r"\d+\.\d+(?:\.\d+)?")
_SPECIFICATION = re.compile(r"(?:2\.0\.\d+|3\.0\.0)")


HOOK_VERSIONS: Final[Mapping[str, str]] = MappingProxyType(
    {"patient-view": "1.0", "order-select": "1.0", "order-sign": "1.0", "order-dispatch": "1.1", "encounter-start": "1.0"}
)
"""The versions of the hooks as their definitions are published."""


@dataclass(frozen=True, slots=True)
class ServiceDefinition:
    """One service as announced. `version` is that of the CDS Hooks specification it follows, never its own.

    `hook_version` is a member of 3.0 only; where it is given it is the published one.

    Raises: OutgoingError; a prefetch template is checked too.
    """

    hook: str
    id: str
    title: str
    description: str
    prefetch: Mapping[str, str] = field(default_factory=dict)
    usage_requirements: str | None = None
    version: str = "2.0.1"
    extension: Mapping[str, object] = field(default_factory=dict)
    hook_version: str | None = None

    def __post_init__(self) -> None:
        for name, text in (("hook", self.hook), ("title", self.title), ("description", self.description)):
            require_text(text, f"services.{name}")
        if not _SERVICE_ID.fullmatch(self.id):
            raise InvalidValue("services.id", "small letters, digits and hyphens only")
        if not _SPECIFICATION.fullmatch(self.version):
            raise InvalidValue("services.version", "a published version of CDS Hooks: 2.0.x or 3.0.0")
        if self.hook_version is not None and not (
            _HOOK_VERSION.fullmatch(self.hook_version) and HOOK_VERSIONS.get(self.hook) in {None, self.hook_version}
        ):
            raise InvalidValue("services.hookVersion", "the version under which the hook is published")
        require_extension(self.extension, "services.extension")
        for key, template in self.prefetch.items():
            if not _PREFETCH_KEY.fullmatch(key):
                raise InvalidValue("services.prefetch", "keys are letters, digits and hyphens: they are typed by hand")
            if faults := template_faults(self.hook, template):
                raise FaultyTemplate(f"services.prefetch.{key}", "; ".join(faults))

    def to_wire(self) -> dict[str, object]:
        """The JSON object."""
        wire: dict[str, object] = {
            "hook": self.hook,
            "id": self.id,
            "title": self.title,
            "description": self.description,
            "version": self.version,
        }
        if self.hook_version:
            wire["hookVersion"] = self.hook_version
        if self.usage_requirements:
            wire["usageRequirements"] = self.usage_requirements
        if self.prefetch:
            wire["prefetch"] = dict(self.prefetch)
        if self.extension:
            wire["extension"] = self.extension
        return wire


def discovery_document(definitions: Iterable[ServiceDefinition]) -> dict[str, object]:
    """The JSON object that announces these services; one id may stand on several hooks.

    Raises: TwinService.
    """
    services = list(definitions)
    if len({(service.id, service.hook) for service in services}) < len(services):
        raise TwinService("services", "an id is announced once for each hook")
    return {"services": [service.to_wire() for service in services]}
