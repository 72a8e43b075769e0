"""The rows of all knowledge files and the tests on facts that they hold: frozen, unknown keys refused.

Facts are named here as plain words; `decisions.bind` ties them to the catalogue when the service starts.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Regulator = Literal["EMA", "FDA", "AEMPS"]


class Verification(Enum):
    """How far a row was checked against its source; the letter is the mark used in the files."""

    VERIFIED = "V"
    SECONDARY = "V2"
    UNVERIFIED = "M"
    BACKGROUND = "B"
    INTERPRETATION = "I"
    SLIDE = "S"

    def __init__(self, mark: str) -> None:
        self.usable_alone = mark in {"V", "V2", "I"}
        """Whether such matter may be the only reason for a block."""


class Row(BaseModel):
    """The root of all rows."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


# ---------------------------------------------------------------- tests on facts

Number = Annotated[Decimal, Field(strict=False)]
Bound = Annotated[Decimal, Field(strict=False)] | str  # a number, or a calendar span such as "18 a"
Word = bool | int | str


class FactTest(Row):
    """One comparison with one fact; exactly one operator."""

    fact: str
    is_: Word | None = Field(default=None, alias="is")
    in_: tuple[Word, ...] | None = Field(default=None, alias="in", strict=False)
    has: str | None = None
    at_least: Bound | None = None
    above: Bound | None = None
    below: Bound | None = None
    at_most: Bound | None = None

    @model_validator(mode="after")
    def _one_operator(self) -> Self:
        given = [v for v in (self.is_, self.in_, self.has, self.at_least, self.above, self.below, self.at_most) if v is not None]
        if len(given) != 1:
            raise ValueError("a test on a fact has exactly one of: is, in, has, at_least, above, below, at_most")
        return self


class AllTest(Row):
    """Every part holds."""

    all: tuple[Test, ...] = Field(min_length=1, strict=False)


class AnyTest(Row):
    """At least one part holds."""

    any: tuple[Test, ...] = Field(min_length=1, strict=False)


class NoneTest(Row):
    """No part holds."""

    none: tuple[Test, ...] = Field(min_length=1, strict=False)


class UseTest(Row):
    """A definition of `definitions/`, by its id."""

    use: str


class UndecidedTest(Row):
    """Always unknown: the text, the date or the legal basis leaves it open; the reason is shown."""

    undecided: str
    flag: str = ""


Test = FactTest | AllTest | AnyTest | NoneTest | UseTest | UndecidedTest


# ---------------------------------------------------------------- dates


class DatedRow(Row):
    """The dates of a row; see `logic.dated`."""

    effective: date
    until: date | None = None
    uncertain_from: date | None = None
    recorded: date

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.until is not None and self.until <= self.effective:
            raise ValueError("`until` must be later than `effective`")
        if self.uncertain_from is not None and self.uncertain_from >= self.effective:
            raise ValueError("`uncertain_from` must be earlier than `effective`")
        return self


for _model in (AllTest, AnyTest, NoneTest):
    _model.model_rebuild()
