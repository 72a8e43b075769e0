"""What we offer: each service under its id and hook, with what it asks of clients (services.yaml)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from cds_hooks import ServiceDefinition
from cds_hooks.contexts import CONTEXT_READERS
from service.cards.choice import CardKind
from service.knowledge.one_file import read_file

if TYPE_CHECKING:
    from collections.abc import Mapping

FILE = Path(__file__).with_name("services.yaml")


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class AskedKey(_Row):
    """One prefetch key: its template, the type of its resources, whether the service can answer without it."""

    template: str
    type: str
    required: bool


class _Service(_Row):
    id: str
    hooks: list[str]
    title: str
    description: str
    usage_requirements: str
    asks: list[str]
    cards: frozenset[Annotated[CardKind, Field(strict=False)]] = Field(default=frozenset(CardKind), strict=False)


class _File(_Row):
    prefetch: dict[str, dict[str, AskedKey]]
    services: list[_Service]

    @model_validator(mode="after")
    def _sets_are_there(self) -> _File:
        if lacking := sorted({name for service in self.services for name in service.asks} - self.prefetch.keys()):
            raise ValueError(f"no such set of keys: {', '.join(lacking)}")
        return self

    @model_validator(mode="after")
    def _hooks_are_read(self) -> _File:
        if unread := sorted({hook for service in self.services for hook in service.hooks} - CONTEXT_READERS.keys()):
            raise ValueError(f"a call of this hook would be refused: {', '.join(unread)}; read are {', '.join(CONTEXT_READERS)}")
        return self


@dataclass(frozen=True, slots=True)
class AskedService:
    """One service on one hook as announced, with what it asks for."""

    id: str
    hook: str
    title: str
    description: str
    usage_requirements: str
    prefetch: Mapping[str, AskedKey]
    cards: frozenset[CardKind] = frozenset(CardKind)

    @property
    def definition(self) -> ServiceDefinition:
        """The announcement in the protocol's terms; a faulty template raises."""
        return ServiceDefinition(
            hook=self.hook,
            id=self.id,
            title=self.title,
            description=self.description,
            usage_requirements=self.usage_requirements,
            prefetch={key: asked.template for key, asked in self.prefetch.items()},
        )


@dataclass(frozen=True, slots=True)
class Offered:
    """All services, in the order in which they are announced."""

    services: tuple[AskedService, ...]

    @property
    def ids(self) -> frozenset[str]:
        """The ids, each of which is an address."""
        return frozenset(service.id for service in self.services)

    def templates(self, service_id: str) -> Mapping[str, str]:
        """Return what an id asks for on any of its hooks: keys and templates; nothing for an id that is not ours."""
        return {key: asked.template for one in self.services if one.id == service_id for key, asked in one.prefetch.items()}

    def hooks(self, service_id: str) -> tuple[str, ...]:
        """Return the hooks that an id answers; none for an id that is not ours."""
        return tuple(service.hook for service in self.services if service.id == service_id)

    def find(self, service_id: str, hook: str) -> AskedService | None:
        """Return the service of this id on this hook, None where there is none."""
        return next((service for service in self.services if (service.id, service.hook) == (service_id, hook)), None)


@cache
def offered(path: Path = FILE) -> Offered:
    """Return the services that we announce.

    Raises: KnowledgeError listing every fault of the file.
    """
    file = read_file(path, _File)
    return Offered(
        tuple(
            AskedService(
                id=row.id,
                hook=hook,
                title=row.title,
                description=row.description,
                usage_requirements=row.usage_requirements,
                prefetch={key: asked for name in row.asks for key, asked in file.prefetch[name].items()},
                cards=row.cards,
            )
            for row in file.services
            for hook in row.hooks
        )
    )
