"""Codes, the value sets that they and names make, and code systems: one model for each kind of file."""

from __future__ import annotations

from pydantic import Field

from service.knowledge.rows import Row


class Code(Row):
    """One code of a value set."""

    system: str  # short name of `systems.yaml`
    code: str
    display: str
    verified: bool
    source: str
    means: str = ""  # where one code says more than the set, in words
    subdivided: bool = False  # the codes below it, which go on with more signs, stand for the same


class ValueSet(Row):
    """The codes and names under which one concept is written: one file of `value_sets/`."""

    concept: str
    says: str
    codes: tuple[Code, ...] = Field(default=(), strict=False)
    names: tuple[str, ...] = Field(default=(), strict=False)  # whole words or phrases, any case
    not_beside: tuple[str, ...] = Field(default=(), strict=False)  # where one of these stands too, a test named so is another one
    without_code: tuple[str, ...] = Field(default=(), strict=False)  # systems in which no code was found


class CodeSystem(Row):
    """A code system: its short name and all addresses under which it is written."""

    name: str
    uris: tuple[str, ...] = Field(min_length=1, strict=False)
    title: str


class CodeSystemFile(Row):
    """`systems.yaml`."""

    systems: tuple[CodeSystem, ...] = Field(strict=False)
