"""A kept assessment made again: as of then, then with one thing after another as it is today: each change has its cause."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import orjson

from service.consultation import assessment_document
from service.explanations.differences import changes_between
from service.explanations.registry_mark import as_marked

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from service.assembly import Service
    from service.consultation import Question
    from service.explanations.differences import Change, Document
    from service.explanations.kept import KeptAssessment
    from service.knowledge.registry import Registry, RegistryRecord


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that is today another than it was, and what it changes; `cause` is a word, `says` a sentence."""

    cause: str
    says: str
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Replay:
    """What came of it. `again`: how the assessment of then differs when it is made again; empty: it is the same.

    `registry_whole`: whether all that was seen of trials then is still there. `steps`: from then to today.
    """

    kept: KeptAssessment
    answered: Document
    today: date
    digest: str
    registry_whole: bool
    again: tuple[Change, ...]
    steps: tuple[Step, ...]

    @property
    def same_then(self) -> bool:
        """Whether the assessment made again as of then is the one that was answered."""
        return not self.again

    @property
    def same_knowledge(self) -> bool:
        """Whether the knowledge files are those that were used."""
        return bool(self.digest == self.answered["knowledge"]["digest"])


def replay(kept: KeptAssessment, service: Service, today: date, records: Mapping[str, RegistryRecord]) -> Replay:
    """Return the kept assessment as it would be made again then, and how it comes to differ today.

    `records`: what the store has of the trial registry, by digest. Raises: RecordError.
    """
    answered: Document = orjson.loads(kept.assessment)
    now = service.registry()
    then, whole = as_marked(kept.registry, now, records)
    asked = kept.question.asked()
    made_again = _assess(kept, service, asked, then)
    steps = []
    last = made_again
    known_today = replace(asked, known_by=today)
    asked_today = replace(known_today, as_of=today, is_past=False)
    for cause, says, question, registry in (
        ("knowledge", f"rows that were written down from {asked.known_by} to {today}", known_today, then),
        ("time", f"{(today - asked.as_of).days} days that passed", asked_today, then),
        ("registry", "what was seen of trials since", asked_today, now),
    ):
        document = _assess(kept, service, question, registry)
        steps.append(Step(cause, says, changes_between(last, document)))
        last = document
    digest = service.rules.library.digest
    return Replay(kept, answered, today, digest, whole, changes_between(answered, made_again), tuple(steps))


def _assess(kept: KeptAssessment, service: Service, question: Question, registry: Registry) -> Document:
    unavailable = frozenset(kept.unavailable)
    consultation = service.consult_prefetch(kept.slices(), kept.patient_id, unavailable, question, registry)
    document: Document = orjson.loads(orjson.dumps(assessment_document(consultation)))
    return document
