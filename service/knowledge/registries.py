"""`registries.yaml`: how trial registries and their words of recruitment appear in FHIR."""

from __future__ import annotations

from pydantic import Field

from service.knowledge.rows import Row, Verification


class RegistryName(Row):
    """One registry: its name, the address by which FHIR names its numbers, and the page of a study."""

    title: str
    system: str = ""
    page: str = ""  # with {number}
    verification: Verification = Field(strict=False)
    sources: tuple[str, ...] = Field(default=(), strict=False)


class Registries(Row):
    """All registries, the status in FHIR of each of their words, and the value set whose code names the condition."""

    registries: dict[str, RegistryName] = Field(default_factory=dict)
    statuses: dict[str, str] = Field(default_factory=dict)
    condition: str = ""
    verification: Verification = Field(default=Verification.BACKGROUND, strict=False)
    sources: tuple[str, ...] = Field(default=(), strict=False)
