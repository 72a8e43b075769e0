"""What a decision about a trial looks like: fit, criteria, arms and recruitment, the two never mixed."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from service.decisions.predicate import unique
from service.decisions.trials_judged import ABSENCE_ASSUMED, Judged
from service.logic.once import once
from service.logic.truth import Truth, any_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from service.decisions.bind import LimitsOn
    from service.decisions.numbered import Bits
    from service.decisions.predicate import Looks
    from service.decisions.recruitment import Recruitment
    from service.decisions.trial_rules import BoundArm, BoundVersion
    from service.decisions.trials_on_file import TrialOnFile
    from service.knowledge.registry import RegistryRecord
    from service.knowledge.trial_rows import Trial, TrialArm

Fit = Literal["fits", "does-not-fit", "needs-data"]

FIT: dict[Truth, Fit] = {Truth.YES: "fits", Truth.NO: "does-not-fit", Truth.UNKNOWN: "needs-data"}

UNVERIFIED, NOT_CURATED, TEXT_CHANGED = "rests-on-unverified", "not-curated", "text-changed"


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


@dataclass(eq=False)
class TrialVerdict:
    """One trial: clinical fit by the encoded computable criteria, and recruitment beside it.

    `truth`: whether the trial's criteria hold and, where it requires an arm, one that fits is left. It is told at once, the rest
    when it is asked for: most trials fail, and nothing else is shown of them.
    """

    on_file: TrialOnFile
    looks: Looks = field(repr=False)
    limits: LimitsOn = field(repr=False)
    truth: Truth = field(init=False)

    def __post_init__(self) -> None:
        self.truth = self.on_file.numbers.plain(self.looks.bits)
        if self.truth is not Truth.NO:
            self.truth = self.judged.truth
            if self.bound.version.arms_required and self.truth is not Truth.NO:
                self.truth &= self._arm_left

    @property
    def id(self) -> str:
        """The id of the trial's file."""
        return self.on_file.trial.id

    @property
    def trial(self) -> Trial:
        """The trial as its file has it."""
        return self.on_file.trial

    @property
    def bound(self) -> BoundVersion:
        """The text that holds on the day, bound to its tests."""
        return self.on_file.bound

    @once
    def recruitment(self) -> Recruitment:
        """What was seen of its recruitment; where all required arms that may fit have closed, it takes this patient no more."""
        found = self.on_file.recruitment
        if found.open == "no" or self.truth is Truth.NO or not self.bound.version.arms_required:
            return found
        left = any(arm.arm.open != "closed" and arm.judged.truth is not Truth.NO for arm in self.arms)
        return found if left else replace(found, open="no")

    @once
    def judged(self) -> Judged:
        """The criteria of the trial as a whole."""
        return Judged(self.on_file.numbers, self.looks, self.limits)

    @once
    def arms(self) -> tuple[ArmVerdict, ...]:
        """Its arms and cohorts."""
        rows = zip(self.bound.arms, self.on_file.arms, strict=True)
        return tuple(ArmVerdict(arm, Judged(numbers, self.looks, self.limits)) for arm, numbers in rows)

    def truth_if(self, name: str, tried: Bits, decided: Bits) -> Truth:
        """Return the same where one fact has another value; see `Judged`."""
        truth = self.judged.truth_if(name, tried, decided)
        if truth is not Truth.NO and self.bound.version.arms_required:
            truth &= any_of(arm.judged.truth_if(name, tried, decided) for arm in self.arms)
        return truth

    def is_decided_by(self, name: str, values: Iterable[tuple[Bits, Bits]], ever: Bits) -> bool:
        """Return whether an open trial is decided where one fact has some of these values; see `Judged`.

        `ever` is what any of them decides. A criterion that fails then, fails with one of them; only where all hold then, they
        may hold together.
        """
        numbers = self.on_file.numbers
        if numbers.joint.truth(ever) is Truth.NO:
            return True
        if not (numbers.all_alternatives or self.bound.version.arms_required):
            fresh = self.judged.without_old(name, ever)
            if fresh is not None and (truth := numbers.all_joint.truth(fresh)) is not Truth.YES:
                return truth is Truth.NO
        return any(self.truth_if(name, *bits) is not Truth.UNKNOWN for bits in values)

    @property
    def _arm_left(self) -> Truth:
        return any_of(arm.judged.truth for arm in self.arms)

    @property
    def fit(self) -> Fit:
        """The truth in the words of the assessment."""
        return FIT[self.truth]

    @once
    def failing(self) -> tuple[str, ...]:
        """The ids of all criteria that fail, those of the arms too where none of the required ones is left."""
        if self.bound.version.arms_required and self._arm_left is Truth.NO:
            return (*self.judged.failing, *(name for arm in self.arms for name in arm.judged.failing))
        return self.judged.failing

    @once
    def needs(self) -> tuple[str, ...]:
        """What the open criteria need, where the whole is open."""
        if self.truth is not Truth.UNKNOWN:
            return ()
        needs = self.judged.needs
        if self.bound.version.arms_required and self._arm_left is Truth.UNKNOWN:
            needs = unique((*needs, *(need for arm in self.arms for need in arm.judged.needs)))
        return needs

    @once
    def flags(self) -> tuple[str, ...]:
        """How far the exclusions are curated, whether the verdict rests on what nobody read, or on the absence of a record."""
        trial, judged, truth = self.trial, self.judged, self.truth
        flags = [] if trial.exclusions == "curated" else [f"exclusions-{trial.exclusions}"]
        read = judged.criteria.read
        if truth is Truth.NO and read.isdisjoint(self.failing):
            flags.append(UNVERIFIED)
        if truth is Truth.YES and len(read) < len(judged.criteria.rows):
            flags.append(UNVERIFIED)
        if truth is not Truth.NO and judged.assumed:
            flags.append(ABSENCE_ASSUMED)
        if self.on_file.changed:
            flags.append(TEXT_CHANGED)
        return tuple(flags)

    def confirm(self) -> tuple[tuple[str, str], ...]:
        """Return what a human has to judge or confirm: what is asked, and what rests on the absence of a record."""
        rows = (*self.bound.asked, *self.judged.assumed)
        return tuple((row.id, row.text) for row in rows)


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
