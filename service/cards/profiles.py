"""The kinds of clients: `client_profiles.yaml`, read once and checked."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from cds_hooks import LONGEST_SUMMARY
from service.knowledge.one_file import read_file

if TYPE_CHECKING:
    from collections.abc import Mapping

FILE = Path(__file__).with_name("client_profiles.yaml")
DEFAULT = "generic20"

Text = Annotated[str, Field(min_length=1)]
Texts = Annotated[tuple[Text, ...], Field(strict=False)]


class ClientProfile(BaseModel):
    """What one kind of client understands; each field is explained at the head of the file."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    aliases: Texts = ()
    says: Text
    specification: Literal["2.0.1", "3.0.0"]
    longest_summary: int = Field(ge=60, le=LONGEST_SUMMARY)
    most_cards: int | None = Field(default=None, ge=1)
    detail: Literal["gfm", "plain"]
    detail_type_in: Text | None = None
    override_reasons: bool
    suggests: Texts
    one_action: bool
    selection: Literal["any", "at-most-one"]
    recommended: Literal["when-true", "always"]
    links: Literal["all", "absolute", "none"]
    app_context: bool
    autolaunch: bool
    feedback: Literal["setting", "lenient", "strict"]
    also_coded: dict[Text, Text] = Field(default_factory=dict)

    @property
    def names_hook_versions(self) -> bool:
        """Whether discovery says of each hook in which version it is answered: a member of 3.0."""
        return self.specification.startswith("3.")


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    profiles: dict[Text, ClientProfile]

    @model_validator(mode="after")
    def _each_name_once(self) -> Self:
        names = [name for key, row in self.profiles.items() for name in (key, *row.aliases)]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"a name stands for one profile only: {', '.join(twice)}")
        if DEFAULT not in self.profiles:
            raise ValueError(f"the profile {DEFAULT} is used where none is chosen")
        return self


@cache
def client_profiles(path: Path = FILE) -> Mapping[str, ClientProfile]:
    """Return the profiles by name.

    Raises: KnowledgeError listing every fault of the file.
    """
    file = read_file(path, _File)
    return MappingProxyType(file.profiles)


@cache
def profiles_by_every_name() -> Mapping[str, ClientProfile]:
    """Return the profiles by name and by alias, in the order of the file."""
    return MappingProxyType({name: row for key, row in client_profiles().items() for name in (key, *row.aliases)})
