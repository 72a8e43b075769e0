"""Record, rules and a day become a consultation."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from service.consultation.timeline import timeline_of
from service.decisions.choices import closings
from service.decisions.first_relapse import with_high_risk
from service.decisions.indications import judge_therapies
from service.decisions.needs import rank_needs
from service.decisions.predicate import Looks
from service.decisions.risk import allocate_reported, compare_reported, judge_risk_groups
from service.decisions.screening import screen_studies
from service.decisions.trials import judge_trials
from service.facts.derived import derive_facts
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
    from service.knowledge.registry import Registry
    from service.logic.fact import Fact
    from service.record.record import PatientRecord, Problem

NOT_ANSWERED = frozenset({"not-all", "burkitt", "cml-lbp", "b-lbl"})


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a record: the day, the state of our knowledge, whose labels, where.

    `place` is a latitude and longitude in degrees, to tell how far a trial is; a sighting of recruitment older than
    `sighting_stale_days` no longer counts as open.
    """

    as_of: date
    known_by: date
    regulators: tuple[str, ...]
    country: str = ""
    site_group: str = ""
    place: tuple[float, float] | None = None
    sighting_stale_days: int = 45


@dataclass(frozen=True, slots=True)
class Consultation:
    """Everything that one record says on one day under one state of knowledge."""

    patient: str
    question: Question
    knowledge_version: str
    knowledge_digest: str
    facts: Mapping[str, Fact[object]]
    risk_groups: tuple[RiskVerdict, ...]
    therapies: tuple[TherapyVerdict, ...]
    needs: tuple[Need, ...]
    problems: tuple[Problem, ...]
    trials: tuple[TrialVerdict, ...] = ()
    screened: tuple[ScreenedStudy, ...] = ()  # studies of the registry that have no file of ours
    closings: tuple[Closing, ...] = ()
    view: View | None = field(default=None, repr=False, compare=False)

    @property
    def concerns_all(self) -> bool:
        """Whether the record shows an acute lymphoblastic leukaemia, so that there is something to answer."""
        disease = self.facts["disease"]
        return disease.is_known and disease.value not in NOT_ANSWERED

    def timeline(self) -> tuple[Item, ...]:
        """Return the course in order of date, drawn when it is asked for; nothing for a record without ALL."""
        return timeline_of(self.view) if self.view is not None and self.concerns_all else ()


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
    facts = derived.facts
    disease = facts["disease"]
    answered = disease.is_known and disease.value not in NOT_ANSWERED
    judged = judge_risk_groups(facts, rules, question.known_by) if answered else ()
    risk_groups, differing = compare_reported(judged, derived.reported_risks)
    risk_groups = allocate_reported(risk_groups, facts, rules)
    facts = with_high_risk(facts, risk_groups)
    therapies = judge_therapies(facts, rules, question.as_of, question.known_by, question.regulators) if answered else ()
    told = {**facts, **rules.whereabouts.told(question.country, question.site_group)}
    days = (question.as_of, question.known_by, question.sighting_stale_days)
    trials = judge_trials(Looks(told), rules, registry, *days) if answered else ()
    screened = screen_studies(facts, rules, registry, *days) if answered else ()
    return Consultation(
        patient=record.reference,
        question=question,
        knowledge_version=rules.library.version,
        knowledge_digest=rules.library.digest,
        facts=facts,
        risk_groups=risk_groups,
        therapies=therapies,
        trials=trials,
        screened=screened,
        closings=closings(therapies, trials, told),
        needs=rank_needs(told, rules, therapies, risk_groups, trials) if answered else (),
        problems=(*record.problems, *derived.problems, *differing),
        view=derived.view,
    )
