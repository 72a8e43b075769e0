"""The shapes of the knowledge files, one model for each kind of file and for each of its parts."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from service.knowledge.code_rows import Code, CodeSystem, CodeSystemFile, ValueSet
from service.knowledge.risk_rows import RiskAllocation, RiskOverlay, RiskRow, RiskSystem, RiskTable, RiskVersion
from service.knowledge.rows import (
    AllTest,
    AnyTest,
    DatedRow,
    FactTest,
    NoneTest,
    Number,
    Regulator,
    Row,
    Test,
    UndecidedTest,
    UseTest,
    Verification,
    Word,
)

__all__ = [
    "AllTest",
    "AnyTest",
    "Ask",
    "AskFile",
    "Caution",
    "Code",
    "CodeSystem",
    "CodeSystemFile",
    "Criterion",
    "DatedRow",
    "Definition",
    "DefinitionFile",
    "Dosing",
    "EvidenceFile",
    "FactTest",
    "Figure",
    "Indication",
    "IndicationVersion",
    "LanguageFile",
    "Limit",
    "LimitFile",
    "NoneTest",
    "Number",
    "OpenQuestion",
    "OrderCode",
    "Point",
    "QuestionFile",
    "Regulator",
    "RiskAllocation",
    "RiskOverlay",
    "RiskRow",
    "RiskSystem",
    "RiskTable",
    "RiskVersion",
    "Row",
    "Source",
    "SourceFile",
    "Study",
    "Suggestion",
    "TalkFile",
    "TalkRow",
    "Test",
    "Therapy",
    "UndecidedTest",
    "UseTest",
    "ValueSet",
    "Verification",
    "Word",
]


class Criterion(Row):
    """One criterion of an indication, in our words."""

    id: str
    text: str
    test: Test
    kind: Literal["inclusion", "exclusion"] = "inclusion"
    verification: Verification = Field(default=Verification.VERIFIED, strict=False)
    antigen_source: Literal["indication", "mechanism"] | None = None
    note: str = ""


class Definition(Row):
    """A phrase that several rows use, such as `relapsed-or-refractory`."""

    id: str
    says: str
    test: Test
    verification: Verification = Field(strict=False)
    sources: tuple[str, ...] = Field(min_length=1, strict=False)
    talk: tuple[str, ...] = Field(default=(), strict=False)


class DefinitionFile(Row):
    """One file of `definitions/`."""

    definitions: tuple[Definition, ...] = Field(strict=False)


class Source(Row):
    """Where a row was read: title, address or citation, the date printed on it, the day we read it."""

    title: str
    url: str | None = None
    citation: str | None = None
    dated: str = ""
    read_on: date
    strength: Literal["text", "abstract", "page", "secondary", "recalled"] = "text"


class SourceFile(Row):
    """One file of `sources/`: id → source."""

    sources: dict[str, Source]


# ---------------------------------------------------------------- therapies


class IndicationVersion(DatedRow):
    """One indication as it stood from a day on."""

    status: str  # the regulator's own word: conditional, accelerated, regular, exemption
    verification: Verification = Field(strict=False)
    unverified: tuple[str, ...] = Field(default=(), strict=False)  # parts of the row that are unverified, in words
    interpretation: tuple[str, ...] = Field(default=(), strict=False)
    flags: tuple[str, ...] = Field(default=(), strict=False)  # carried to the answer, e.g. hospital-exemption
    criteria: tuple[Criterion, ...] = Field(min_length=1, strict=False)
    sources: tuple[str, ...] = Field(min_length=1, strict=False)
    read_on: date
    note: str = ""


class Indication(Row):
    """One row of a regulator's list, by its stable id (E-BLI-2a)."""

    id: str
    regulator: Regulator
    says: str
    setting: str = "monotherapy"
    document: str  # a source id: the regulator's document named on the card
    talk: tuple[str, ...] = Field(default=(), strict=False)
    versions: tuple[IndicationVersion, ...] = Field(min_length=1, strict=False)


class Caution(Row):
    """A contraindication, boxed warning or caution; `test` says when it holds, none means: always shown."""

    id: str
    level: Literal["contraindication", "boxed-warning", "warning", "caution", "information"]
    text: str
    regulators: tuple[Regulator, ...] = Field(min_length=1, strict=False)
    test: Test | None = None
    on_card: bool = False  # shown on the card even where nothing decides it
    effective: date | None = None
    until: date | None = None
    verification: Verification = Field(strict=False)
    sources: tuple[str, ...] = Field(default=(), strict=False)
    note: str = ""

    @property
    def stated(self) -> bool:
        """Whether a card states it even where nothing decides it: the gravest are, and those that the file marks."""
        return self.on_card or self.level in {"contraindication", "boxed-warning"}


class Dosing(Row):
    """One line of the dosing table, for review by a human; never an instruction."""

    setting: str
    text: str
    regulators: tuple[Regulator, ...] = Field(min_length=1, strict=False)
    verification: Verification = Field(strict=False)
    sources: tuple[str, ...] = Field(default=(), strict=False)


class OtherRoute(Row):
    """A way of giving a product for which no label on file is: what is said of an order that tells it.

    `seen`: the day up to which no approval was found.
    """

    id: str
    route: str  # the value set with its codes
    says: str  # the rest of the summary of a card
    text: str
    seen: date
    verification: Verification = Field(strict=False)
    unverified: tuple[str, ...] = Field(default=(), strict=False)
    sources: tuple[str, ...] = Field(min_length=1, strict=False)
    read_on: date


class OrderCode(Row):
    """A code with its system and display, as we send it out."""

    system: str
    code: str
    display: str


class Suggestion(Row):
    """What accepting the card creates: a draft order of the drug, or a referral to a CAR-T centre."""

    resource: Literal["MedicationRequest", "ServiceRequest"]
    label: str
    text: str
    codes: tuple[OrderCode, ...] = Field(default=(), strict=False)


class Therapy(Row):
    """One product: one file of `therapies/`."""

    product: str
    short: str  # BLI, INO, ...
    name: str
    brand: str | None
    kind: str
    target: Literal["cd19", "cd22"]
    recorded_as: tuple[str, ...] = Field(default=(), strict=False)  # facts that are true once it was given
    concept: str  # the value set with its codes and names
    topic: str  # static alphanumeric topic code of its card
    suggestion: Suggestion
    other_routes: tuple[OtherRoute, ...] = Field(default=(), strict=False)
    indications: tuple[Indication, ...] = Field(min_length=1, strict=False)
    cautions: tuple[Caution, ...] = Field(default=(), strict=False)
    dosing: tuple[Dosing, ...] = Field(default=(), strict=False)
    talk: tuple[str, ...] = Field(default=(), strict=False)


# ---------------------------------------------------------------- published evidence


class Point(Row):
    """One number of a figure as it is drawn; `label` tells it from the others, `low` and `high` are its published interval."""

    value: Number
    arm: Literal["product", "comparator"] = "product"
    label: str = ""
    low: Number | None = None
    high: Number | None = None


class Figure(Row):
    """One figure of a study: what the talk showed and what the publication says.

    `outcome` says on which axis the points are drawn: shares of patients in percent, medians in months.
    """

    measure: str
    talk: str | None = None  # the slide's figure, kept for comparison, never shown as the result
    published: str | None = None  # None: not verified, so nothing is shown
    verification: Verification = Field(strict=False)
    outcome: Literal["response", "mrd", "survival", "median"] | None = None
    points: tuple[Point, ...] = Field(default=(), strict=False)

    @model_validator(mode="after")
    def _drawn_as_published(self) -> Self:
        if bool(self.points) is (self.outcome is None):
            raise ValueError("points and the outcome that says on which axis they lie stand together")
        for point in self.points:
            drawn = [number for number in (point.value, point.low, point.high) if number is not None]
            missing = [
                number
                for number in drawn
                if not re.search(rf"(?<![\d.]){re.escape(str(number))}(?![\d.]*\d)", self.published or "")
            ]
            if missing or not self.verification.usable_alone:
                raise ValueError(f"a point is drawn only where `published` has its number and is verified: {point.value}")
        return self


class Study(Row):
    """One study with its figures; `line` is the sentence a card may show."""

    id: str
    name: str
    registry: str | None = None
    registry_verification: Verification | None = Field(default=None, strict=False)
    population: str
    n: str
    figures: tuple[Figure, ...] = Field(min_length=1, strict=False)
    verdict: str  # how the slide compares with the publication
    line: str | None
    regulators: tuple[Regulator, ...] = Field(default=(), strict=False)
    indications: tuple[str, ...] = Field(default=(), strict=False)  # indication ids whose card may show the line
    test: Test | None = None  # who was studied: not shown where this surely fails; none: always
    citation: str
    doi: str | None = None
    verification: Verification = Field(strict=False)
    talk: tuple[str, ...] = Field(default=(), strict=False)


class EvidenceFile(Row):
    """The studies of one product: one file of `evidence/`."""

    product: str
    studies: tuple[Study, ...] = Field(strict=False)


class OpenQuestion(Row):
    """A question that the talk leaves open, with what the publications report."""

    id: str
    question: str
    slide: str
    published: str
    line: str  # the sentence shown beside an option
    products: tuple[str, ...] = Field(strict=False)
    test: Test | None = None  # shown only where this holds or is unknown; none: always
    citation: str
    verification: Verification = Field(strict=False)
    talk: tuple[str, ...] = Field(default=(), strict=False)


class QuestionFile(Row):
    """One file of `questions/`."""

    questions: tuple[OpenQuestion, ...] = Field(strict=False)


class TalkRow(Row):
    """One row of the source talk in our words."""

    id: str
    text: str


class TalkFile(Row):
    """The rows of the talk that all need a home."""

    rows: tuple[TalkRow, ...] = Field(strict=False)


# ---------------------------------------------------------------- words, limits, tests to order


class Limit(DatedRow):
    """A number that a fact uses: `limits/<fact>.yaml`."""

    name: str
    value: Number
    unit: str
    says: str
    verification: Verification = Field(strict=False)
    sources: tuple[str, ...] = Field(min_length=1, strict=False)


class LimitFile(Row):
    """One file of `limits/`."""

    limits: tuple[Limit, ...] = Field(strict=False)


class Ask(Row):
    """How a missing fact is asked for: words, and the test to order where a verified code exists."""

    fact: str
    ask: str
    order: OrderCode | None = None
    verification: Verification = Field(strict=False)
    sources: tuple[str, ...] = Field(default=(), strict=False)


class AskFile(Row):
    """`asks.yaml`."""

    asks: tuple[Ask, ...] = Field(strict=False)


class LanguageFile(Row):
    """`language.yaml`: the words by which free text says yes or no, by the part they play."""

    words: dict[str, Annotated[tuple[str, ...], Field(strict=False)]]
