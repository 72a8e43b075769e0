"""The rows of a trial's file: criteria with their provenance, arms, the days on which texts and recruitment were seen."""

from __future__ import annotations

from datetime import date
from typing import Literal, Self

from pydantic import Field, model_validator

from service.knowledge.rows import Row, Test, Verification, Word

Provenance = Literal["S", "L", "K", "?"]
"""S: read in a stored source; L: only in a summary that a language model wrote; K: recalled; ?: nobody read it."""

Registry = Literal["nct", "eudract", "eu-ct", "sponsor", "nci", "group", "ntr", "dutch"]

Status = Literal[
    "ACTIVE_NOT_RECRUITING",
    "APPROVED_FOR_MARKETING",
    "AVAILABLE",
    "COMPLETED",
    "ENROLLING_BY_INVITATION",
    "NOT_YET_RECRUITING",
    "NO_LONGER_AVAILABLE",
    "RECRUITING",
    "SUSPENDED",
    "TEMPORARILY_NOT_AVAILABLE",
    "TERMINATED",
    "UNKNOWN",
    "WITHDRAWN",
    "WITHHELD",
]
"""The registry's own words for recruitment."""


class RegistryNumber(Row):
    """One number under which a trial is registered."""

    registry: Registry
    number: str
    verification: Verification = Field(strict=False)


class TrialCriterion(Row):
    """One criterion in our words; for an exclusion `test` says what excludes.

    Exactly one of `test` and `ask`: what only a human can judge is asked and does not enter the fit. Criteria of one `any_of`
    are alternatives. `absence_means` maps a fact to the value that a record without it stands for here; all others stay
    unknown, and only a fact that is told apart from what was not received may have one (facts/received.py). `age` says which of
    the patient's ages is meant; `window` names the limit on the age of the newest result. `facts_at`: the text asks for the
    disease as it was found at diagnosis, whatever was found later; other facts than those of the disease stay as they are.
    """

    id: str
    text: str
    kind: Literal["inclusion", "exclusion"] = "inclusion"
    test: Test | None = None
    ask: Literal["clinician"] | None = None
    any_of: str = ""
    provenance: Provenance
    sources: tuple[str, ...] = Field(default=(), strict=False)
    absence_means: dict[str, Word] = Field(default_factory=dict)
    age: Literal["diagnosis", "screening", "consent", "enrolment"] | None = None
    window: str = ""  # the limit, in days, that says how old the newest result may be
    facts_at: Literal["diagnosis"] | None = None
    note: str = ""

    @model_validator(mode="after")
    def _computed_or_asked(self) -> Self:
        if (self.test is None) is (self.ask is None):
            raise ValueError("a criterion has exactly one of: test, ask")
        if self.ask is not None and (self.any_of or self.absence_means or self.window or self.facts_at):
            raise ValueError("a criterion that is asked has no any_of, absence_means, window or facts_at")
        if self.window and self.facts_at:
            raise ValueError("what was found at diagnosis grows no older: a criterion has at most one of: window, facts_at")
        return self


class TrialArm(Row):
    """An arm or cohort with criteria of its own; a patient may fit the trial and not this arm.

    `open` says whether patients were still taken when it was last seen; `otherwise` what a patient gets who fits the trial and
    not this arm. Where arms are `required` by the trial, one that fits must be left.
    """

    id: str
    name: str
    text: str
    open: Literal["open", "closed", "unknown"] = "unknown"
    seen: date | None = None
    criteria: tuple[TrialCriterion, ...] = Field(default=(), strict=False)
    otherwise: str = ""
    provenance: Provenance
    sources: tuple[str, ...] = Field(default=(), strict=False)
    talk: tuple[str, ...] = Field(default=(), strict=False)


class TrialVersion(Row):
    """The criteria as a text gave them that was seen on a day; None: the text carries no date and is taken as the first.

    `text_hash` is the SHA-256 of the registry's text from which the criteria were written, where it was seen whole.
    """

    seen: date | None = None
    recorded: date
    text_hash: str = ""
    criteria: tuple[TrialCriterion, ...] = Field(min_length=1, strict=False)
    arms: tuple[TrialArm, ...] = Field(default=(), strict=False)
    arms_required: bool = False
    note: str = ""


class Sighting(Row):
    """What a copy of the registry said about recruitment on a day; `seen` None: the copy carries no date.

    Without a date it speaks for no day before that on which it was written down.
    """

    status: Status
    seen: date | None
    recorded: date
    enrolment: int | None = None
    country: str = ""  # where the word holds for one country only
    verification: Verification = Field(strict=False)
    sources: tuple[str, ...] = Field(default=(), strict=False)
    note: str = ""

    def known_on(self, as_of: date, known_by: date) -> bool:
        """Return whether it speaks for a day as far as was written down by `known_by`."""
        return self.recorded <= known_by and (self.seen or self.recorded) <= as_of


class Trial(Row):
    """One trial: one file of `trials/`, called by its registry number, else by its short name.

    `products` are those of ours that it studies. `exclusions` says how far the exclusions are written down here.
    """

    id: str
    name: str
    title: str
    numbers: tuple[RegistryNumber, ...] = Field(default=(), strict=False)
    sponsor: str = ""
    phase: str = ""
    products: tuple[str, ...] = Field(default=(), strict=False)
    interventions: tuple[str, ...] = Field(min_length=1, strict=False)
    countries: tuple[str, ...] = Field(default=(), strict=False)  # ISO 3166, those that were seen
    site_groups: tuple[str, ...] = Field(default=(), strict=False)
    exclusions: Literal["curated", "partly-curated", "not-curated"]
    listed: bool = True  # False: kept as a control, never shown
    outside: str = ""  # why it is not shown
    sightings: tuple[Sighting, ...] = Field(default=(), strict=False)
    versions: tuple[TrialVersion, ...] = Field(min_length=1, strict=False)
    talk: tuple[str, ...] = Field(default=(), strict=False)
    sources: tuple[str, ...] = Field(default=(), strict=False)
    note: str = ""

    @property
    def registry_number(self) -> str:
        """The number under which ClinicalTrials.gov has it; empty where none is on file."""
        return next((row.number for row in self.numbers if row.registry == "nct"), "")

    def version_on(self, as_of: date, known_by: date) -> TrialVersion | None:
        """Return the criteria as seen last by `as_of` and written down by `known_by`; the oldest text holds before, too."""
        known = [row for row in self.versions if row.recorded <= known_by]
        held = [row for row in known if row.seen is None or row.seen <= as_of]
        if held:
            return max(held, key=lambda row: row.seen or date.min)
        return min(known, key=lambda row: row.seen or date.min) if known else None

    def sighting_on(self, as_of: date, known_by: date) -> Sighting | None:
        """Return the newest sighting for all countries up to a day, an undated one only where no dated one is."""
        rows = [row for row in self.sightings if not row.country and row.known_on(as_of, known_by)]
        return max(rows, key=lambda row: row.seen or date.min, default=None)
