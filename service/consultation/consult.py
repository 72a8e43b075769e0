"""Record, rules and a day become a consultation."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Required, TypedDict

from service.consultation.timeline import timeline_of
from service.decisions.choices import closings
from service.decisions.first_relapse import high_risk
from service.decisions.indications import judge_labels
from service.decisions.needs import rank_missing
from service.decisions.risk import allocate_reported, compare_reported, judge_systems
from service.decisions.screening import screen_studies
from service.decisions.trials import judge_trials
from service.facts.derived import derive_facts
from service.facts.disease_names import NOT_ANSWERED
from service.facts.episodes import facts_at_diagnosis, facts_now
from service.knowledge.registry import NOTHING_SEEN

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from service.consultation.timeline import Item
    from service.decisions.bind import Rules
    from service.decisions.choices import Closing
    from service.decisions.trial_verdicts import ScreenedStudy, TrialVerdict
    from service.decisions.verdicts import Need, RiskVerdict, TherapyVerdict
    from service.facts.catalogue import View
    from service.facts.derived import Derived
    from service.knowledge.registry import Registry
    from service.logic.fact import Fact
    from service.record.record import PatientRecord, Problem


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a record: the day, the state of our knowledge, whose labels, where.

    `place` is a latitude and longitude in degrees, to tell how far a trial is; a sighting of recruitment older than
    `sighting_stale_days` no longer counts as open. `is_past`: the day was over when it was asked about, so that the record may
    tell of later ones.
    """

    as_of: date
    known_by: date
    regulators: tuple[str, ...]
    country: str = ""
    site_group: str = ""
    place: tuple[float, float] | None = None
    sighting_stale_days: int = 45
    is_past: bool = False


@dataclass(frozen=True, slots=True)
class Consultation:
    """Everything that one record says on one day under one state of knowledge."""

    patient: str
    question: Question
    knowledge_version: str
    knowledge_digest: str
    facts: Mapping[str, Fact[object]]
    problems: tuple[Problem, ...]
    risk_groups: tuple[RiskVerdict, ...] = ()
    therapies: tuple[TherapyVerdict, ...] = ()
    needs: tuple[Need, ...] = ()
    trials: tuple[TrialVerdict, ...] = ()
    screened: tuple[ScreenedStudy, ...] = ()  # studies of the registry that have no file of ours
    closings: tuple[Closing, ...] = ()
    now: Mapping[str, Fact[object]] = field(default_factory=dict)  # facts that are asked for otherwise than they are shown
    deceased: bool = False  # on the day asked about, as far as the record tells
    replaced: bool = False  # by another Patient, with whom the same person is asked about
    view: View | None = field(default=None, repr=False, compare=False)

    @property
    def concerns_all(self) -> bool:
        """Whether the record shows an acute lymphoblastic leukaemia, so that there is something to answer."""
        return _is_answered(self.facts)

    @property
    def is_advised(self) -> bool:
        """Whether there is somebody to advise: an ALL, and no recorded death."""
        return self.concerns_all and not self.deceased

    def without_verdicts(self) -> Consultation:
        """Return the same with facts and problems alone."""
        return replace(self, now={}, risk_groups=(), therapies=(), needs=(), trials=(), screened=(), closings=())

    def timeline(self) -> tuple[Item, ...]:
        """Return the course in order of date, drawn when it is asked for; nothing for a record without ALL."""
        return timeline_of(self.view) if self.view is not None and self.concerns_all else ()


class _Answers(TypedDict, total=False):
    """What becomes of the facts; and what only a record with ALL has."""

    facts: Required[Mapping[str, Fact[object]]]
    now: Mapping[str, Fact[object]]
    risk_groups: tuple[RiskVerdict, ...]
    therapies: tuple[TherapyVerdict, ...]
    trials: tuple[TrialVerdict, ...]
    screened: tuple[ScreenedStudy, ...]
    closings: tuple[Closing, ...]
    needs: tuple[Need, ...]


def consult(
    record: PatientRecord,
    rules: Rules,
    question: Question,
    registry: Registry = NOTHING_SEEN,
    supposed: Mapping[str, Fact[object]] = MappingProxyType({}),
) -> Consultation:
    """Return facts, verdicts, needs and problems of one record.

    Unknown facts stay unknown all the way up. A record without ALL gets facts and no verdicts.
    `supposed`: facts that are taken as given, to see what would turn.
    """
    derived = derive_facts(record, rules.limits_on(question.as_of, question.known_by), question.as_of, supposed)
    answers: _Answers = {"facts": derived.facts}
    differing: tuple[Problem, ...] = ()
    if _is_answered(derived.facts):
        answers, differing = _answers(derived, rules, question, registry, supposed)
    return Consultation(
        patient=record.reference,
        question=question,
        knowledge_version=rules.library.version,
        knowledge_digest=rules.library.digest,
        problems=(*record.problems, *derived.problems, *differing),
        deceased=record.deceased,
        replaced=record.replaced,
        view=derived.view,
        **answers,
    )


def _is_answered(facts: Mapping[str, Fact[object]]) -> bool:
    disease = facts["disease"]
    return disease.is_known and disease.value not in NOT_ANSWERED


def _answers(
    derived: Derived, rules: Rules, question: Question, registry: Registry, supposed: Mapping[str, Fact[object]]
) -> tuple[_Answers, tuple[Problem, ...]]:
    """Return the verdicts on a record with ALL, and where a recorded risk group differs from them.

    The facts, and what the caller told, are looked at once for all verdicts: risk systems of the first treatment on those at
    diagnosis, all others on those of now.
    """
    days, stale = (question.as_of, question.known_by), question.sighting_stale_days
    facts = derived.facts
    now, then = facts_now(derived.view, supposed), facts_at_diagnosis(derived.view, supposed)
    looks = rules.looks({**facts, **rules.whereabouts.told(question.country, question.site_group)}).of_episodes(now, then)
    judged, differing = compare_reported(judge_systems(looks, rules, question.known_by), derived.reported_risks)
    risk_groups = allocate_reported(judged, looks, rules)
    computed = high_risk(facts, risk_groups)
    if computed:
        facts, looks = {**facts, **computed}, looks.changed(computed)
    therapies = judge_labels(looks, rules, *days, question.regulators)
    trials = judge_trials(looks, rules, registry, *days, stale)
    answers: _Answers = {
        "facts": facts,
        "now": now,
        "risk_groups": risk_groups,
        "therapies": therapies,
        "trials": trials,
        "screened": screen_studies(facts, rules, registry, *days, stale),
        "closings": closings(therapies, trials),
        "needs": rank_missing(looks, rules, therapies, risk_groups, trials),
    }
    return answers, differing
