"""What a decision about a trial looks like: fit, criteria, arms and recruitment, the two never mixed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from service.decisions.predicate import unique
from service.logic.truth import Truth

if TYPE_CHECKING:
    from datetime import date

    from service.decisions.predicate import Looks
    from service.decisions.recruitment import OpenWord
    from service.decisions.trial_rules import BoundArm, BoundCriterion, BoundVersion, Criteria
    from service.knowledge.registry import RegistryRecord, Site
    from service.knowledge.trial_rows import Provenance, Trial, TrialArm

Fit = Literal["fits", "does-not-fit", "needs-data"]

FIT: dict[Truth, Fit] = {Truth.YES: "fits", Truth.NO: "does-not-fit", Truth.UNKNOWN: "needs-data"}

ABSENCE_ASSUMED, OLD, UNVERIFIED = "absence-assumed", "too-old", "rests-on-unverified"
NOT_CURATED, TEXT_CHANGED = "not-curated", "text-changed"


@dataclass(frozen=True, slots=True)
class TrialCriterionResult:
    """One criterion: its truth in the patient's favour, the facts it reads, the resources they rest on, where it was read."""

    id: str
    text: str
    kind: Literal["inclusion", "exclusion"]
    truth: Truth
    facts: tuple[str, ...]
    evidence: tuple[str, ...]
    needs: tuple[str, ...]
    provenance: Provenance
    any_of: str
    flags: tuple[str, ...]
    note: str


@dataclass(frozen=True, slots=True)
class Judged:
    """The criteria of a trial or an arm with their truths; the parts that only a page shows are made when asked for."""

    criteria: Criteria
    truths: tuple[Truth, ...]
    flags: tuple[tuple[str, ...], ...]  # for each criterion, why its truth is not simply that of its test
    looks: Looks = field(repr=False, compare=False)
    old: tuple[tuple[str, ...], ...]  # for each criterion, the facts whose results are too old to decide it

    @property
    def truth(self) -> Truth:
        """Whether all hold, of alternatives at least one."""
        return self.criteria.truth(self.truths)

    @property
    def failing(self) -> tuple[str, ...]:
        """The ids of the criteria that fail."""
        return tuple(self.criteria.rows[place].criterion.id for place in self.criteria.failing(self.truths))

    @property
    def needs(self) -> tuple[str, ...]:
        """What the open criteria need."""
        rows = self.criteria.rows
        return unique(tuple(need for place in self.criteria.open(self.truths) for need in self._needs(rows[place], place)))

    @property
    def undecidable(self) -> tuple[str, ...]:
        """The ids of open criteria that no datum of the patient would decide: the text itself leaves them open."""
        rows = self.criteria.rows
        open_rows = [(rows[place], place) for place in self.criteria.open(self.truths)]
        return tuple(row.criterion.id for row, place in open_rows if not self._needs(row, place))

    def _needs(self, row: BoundCriterion, place: int) -> tuple[str, ...]:
        if self.old[place]:
            return self.old[place]
        closed = row.closed(self.looks.facts)
        return tuple(need for need in self.looks.at(row.node).needs if need not in closed)

    def results(self) -> tuple[TrialCriterionResult, ...]:
        """Return each criterion with its evidence and what it needs."""
        return tuple(self._result(row, place) for place, row in enumerate(self.criteria.rows))

    def _result(self, row: BoundCriterion, place: int) -> TrialCriterionResult:
        seen, truth, criterion = self.looks.at(row.node), self.truths[place], row.criterion
        return TrialCriterionResult(
            id=criterion.id,
            text=criterion.text,
            kind=criterion.kind,
            truth=truth,
            facts=row.node.fact_names,
            evidence=seen.evidence,
            needs=self._needs(row, place) if truth is Truth.UNKNOWN else (),
            provenance=criterion.provenance,
            any_of=criterion.any_of,
            flags=unique((*seen.flags, *self.flags[place])),
            note=criterion.note,
        )


@dataclass(frozen=True, slots=True)
class ArmVerdict:
    """One arm or cohort: whether the patient fits it beside the trial as a whole, and whether it takes patients."""

    bound: BoundArm
    judged: Judged

    @property
    def arm(self) -> TrialArm:
        """The arm as its file has it."""
        return self.bound.arm

    @property
    def fit(self) -> Fit:
        """Whether the arm's own criteria hold; an arm without any leaves it to the trial."""
        return FIT[self.judged.truth]


@dataclass(frozen=True, slots=True)
class Recruitment:
    """What was seen of a trial's recruitment, when, and whether that still counts as open. Never part of the fit.

    `status` is the registry's own word, empty where none was seen; `source` says where it was seen.
    """

    status: str
    seen: date | None
    open: OpenWord
    source: str
    sites: tuple[Site, ...] = ()
    countries: tuple[tuple[str, str], ...] = ()  # country and the word seen there, where they differ by country
    updated: str = ""
    why_stopped: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class TrialVerdict:
    """One trial: clinical fit by the encoded computable criteria, and recruitment beside it."""

    trial: Trial
    bound: BoundVersion
    fit: Fit
    judged: Judged
    arms: tuple[ArmVerdict, ...]
    failing: tuple[str, ...]
    needs: tuple[str, ...]
    recruitment: Recruitment
    flags: tuple[str, ...]

    @property
    def id(self) -> str:
        """The id of the trial's file."""
        return self.trial.id

    def confirm(self) -> tuple[tuple[str, str], ...]:
        """Return what a human has to judge or confirm: what is asked, and what rests on the absence of a record."""
        asked = [(row.id, row.text) for row in self.bound.asked]
        judged = zip(self.judged.criteria.rows, self.judged.flags, strict=True)
        return (*asked, *((row.criterion.id, row.criterion.text) for row, flags in judged if ABSENCE_ASSUMED in flags))


@dataclass(frozen=True, slots=True)
class ScreenedCriterion:
    """One field of the registry compared with one fact."""

    id: str
    text: str
    truth: Truth
    facts: tuple[str, ...]
    evidence: tuple[str, ...]
    needs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ScreenedStudy:
    """A study of the registry without a file of ours: only age, sex, condition and intervention were compared. It never fits."""

    record: RegistryRecord
    fit: Fit
    criteria: tuple[ScreenedCriterion, ...]
    failing: tuple[str, ...]
    needs: tuple[str, ...]
    recruitment: Recruitment

    @property
    def id(self) -> str:
        """The registry number."""
        return self.record.nct_id
