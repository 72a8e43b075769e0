"""One share of the patients: each is judged on each day asked about, and becomes rows and counts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from service.cohort.concerned import answer_without_all, is_silent, silent_answer
from service.cohort.counts import Counts
from service.cohort.files import whole, write_json
from service.cohort.gathering import patients_of
from service.cohort.unread import UNREADABLE, broken_among, listed
from service.consultation import consult
from service.decisions.trial_verdicts import FIT
from service.decisions.trials_judged import ABSENCE_ASSUMED
from service.errors import RecordError
from service.facts.received import TELLING
from service.logic.truth import Truth
from service.record.reader import read_slices
from service.record.shelf import Shelf
from service.record.versions import newest_versions

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path
    from typing import IO

    from service.cohort.gathering import Gathered, OnePatient
    from service.cohort.places import Place
    from service.consultation import Consultation, Question
    from service.decisions.bind import Rules
    from service.knowledge.registry import Registry
    from service.record.bundle import Slice
    from service.record.vocabulary import Vocabulary

COLUMNS = ("patient", "as_of", "kind", "id", "verdict", "met", "undecided", "needs", "flags", "recruitment")
SCHEMA = pa.schema([(name, pa.string()) for name in COLUMNS])
_FLUSHED_AT = 20_000  # rows
_BETWEEN = ";"

LINE_REJECTED = "line-rejected"
"""The flag of a patient of whom something was rejected: what is not there is then no silence."""

Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Judge:
    """What every patient is asked: the rules, what was seen of trials, the question, and the other day if there is one."""

    rules: Rules
    registry: Registry
    question: Question
    other: Question | None = None

    @property
    def questions(self) -> tuple[Question, ...]:
        """The questions, that of the day asked about first."""
        return (self.question,) if self.other is None else (self.question, self.other)


@dataclass(frozen=True, slots=True)
class ShareTask:
    """One share of the patients and where its results go; `unavailable` are types of which none came."""

    bucket: int
    patients: int
    grouped: Path
    parts: Path
    folder: Path
    unavailable: frozenset[str] = frozenset()

    @property
    def rows(self) -> Path:
        """Where the rows go."""
        return self.folder / f"{self.bucket:06}.parquet"

    @property
    def rejects(self) -> Path:
        """Where what could not be read goes."""
        return self.folder / f"{self.bucket:06}.rejects.ndjson"

    @property
    def counts(self) -> Path:
        """Where the counts go; written last, so that where they are the share is whole."""
        return self.folder / f"{self.bucket:06}.json"


def judge_share(task: ShareTask, judge: Judge) -> None:
    """Judge the patients of one share. Raises: OSError, and the engine's errors, where reading or writing fails."""
    counts = Counts()
    with (
        whole(task.rejects) as list_of_rejects,
        list_of_rejects.open("wb") as rejects,
        whole(task.rows) as unfinished,
        pq.ParquetWriter(unfinished, SCHEMA) as writer,
    ):
        held: list[Row] = []
        for patient in patients_of(task.grouped, task.bucket, task.parts):
            held.extend(judge_patient(patient, judge, counts, rejects, task.unavailable))
            if len(held) > _FLUSHED_AT:
                _flush(writer, held)
                held = []
        _flush(writer, held)
    write_json(task.counts, counts.to_json())


def _flush(writer: pq.ParquetWriter, rows: list[Row]) -> None:
    if rows:
        columns = [pa.array(column, pa.string()) for column in zip(*rows, strict=True)]
        writer.write_table(pa.Table.from_arrays(columns, schema=SCHEMA))


def judge_patient(
    gathered: Gathered, judge: Judge, counts: Counts, rejects: IO[bytes], unavailable: frozenset[str]
) -> Iterator[Row]:
    """Yield the rows of one patient, the first of each day saying what became of the patient; count them.

    What could not be read is listed in `rejects`, once for all days. `unavailable`: types of which none came.
    """
    patient = gathered.telling
    _note(patient, counts)
    refused = patient.refused or _contradiction(patient, judge.rules.vocabulary)
    answers: list[Consultation] = []
    broken: dict[Place, bytes] = {}
    for question in judge.questions:
        day = question.as_of.isoformat()
        answer = _Answer(refused) if refused else _answer(gathered, judge, question, unavailable)
        broken |= answer.broken
        flags = _BETWEEN.join(flag for flag, holds in ((UNREADABLE, answer.broken), (LINE_REJECTED, patient.lacking)) if holds)
        consultation = answer.consultation
        if consultation is None:
            became, name = f"refused:{answer.refused}", f"Patient/{patient.key}"
        else:
            became, name = _became(consultation), consultation.patient
            answers.append(consultation)
            counts.add(consultation)
        counts.patients[day, became] += 1
        yield (name, day, "patient", "", became, "", "", "", flags, "")
        for row in answer.rows:
            yield (name, day, *row)
        if question is judge.question and any(_assumes_silence(row) for row in answer.rows):
            counts.noted["patients with a trial that fits because nothing else was recorded",] += 1
    if broken:
        lines = listed(broken)
        rejects.writelines(lines)
        if lines:
            counts.rejected[UNREADABLE,] += len(lines)
        counts.noted["patients with an unreadable resource",] += 1
    if len(answers) == len(judge.questions) == 2:  # noqa: PLR2004 - the day and the other one
        counts.add_change(then=answers[1], now=answers[0])


@dataclass(frozen=True, slots=True)
class _Answer:
    """What is said of one patient on one day: why there is nothing, or a consultation, its rows, and what could not be read."""

    refused: str = ""
    consultation: Consultation | None = None
    rows: Sequence[Row] = ()
    broken: Mapping[Place, bytes] = field(default_factory=dict)


def _answer(gathered: Gathered, judge: Judge, question: Question, unavailable: frozenset[str]) -> _Answer:
    """Return the answer; a fault of ours in one record costs no other record."""
    try:
        telling, rules = gathered.telling, judge.rules
        if is_silent(telling.key, telling.slices, rules.vocabulary.terms):
            return _Answer("", silent_answer(telling.key, rules, question))
        slices = telling.slices
        consultation = answer_without_all(slices, rules, question)
        if consultation is not None:  # and the Patient is not looked at
            slices = tuple(slice_ for slice_ in slices if slice_.head is None or slice_.head.resourceType != "Patient")
        else:
            slices = gathered.in_full().slices
            lacking = TELLING if telling.lacking else unavailable
            record = read_slices(slices, rules.vocabulary, question.as_of, lacking, is_past=question.is_past)
            consultation = consult(record, rules, question, judge.registry)
            if consultation.deceased or consultation.replaced:  # nobody is offered anything any more, or not here
                consultation = consultation.without_verdicts()
        return _Answer("", consultation, list(_rows(consultation)), broken_among(slices, consultation.problems))
    except RecordError as error:
        return _Answer(error.code)
    except OSError:  # the disk's fault, not the record's
        raise
    except Exception:  # noqa: BLE001 - counted and listed as `refused:internal`; what it says may hold data of the patient
        return _Answer("internal")


def _assumes_silence(row: Row) -> bool:
    kind, _, verdict, *_, flags, _ = row
    return kind == "trial" and verdict == FIT[Truth.YES] and ABSENCE_ASSUMED in flags.split(_BETWEEN)


def _note(patient: OnePatient, counts: Counts) -> None:
    if patient.persons > 1:
        counts.noted["patients with more than one Patient resource",] += 1
    if patient.repeated:
        counts.noted["patients with a resource that was sent twice",] += 1
    if patient.deleted:
        counts.noted["patients with a resource that was said to be deleted",] += 1
    if patient.lacking:
        counts.noted["patients with a line that was rejected",] += 1


def _contradiction(patient: OnePatient, vocabulary: Vocabulary) -> str:
    """Return why a patient with several Patient resources, or a deleted one, cannot be judged.

    It is '' where the newest is told, or all say the same.
    """
    if patient.persons <= 1 and not (patient.persons and patient.deleted):
        return ""
    persons = [slice_ for slice_ in patient.slices if slice_.head is not None and slice_.head.resourceType == "Patient"]
    shelf = Shelf(vocabulary)
    left = [_who(slice_) for slice_ in newest_versions(persons, shelf)]
    if not left and not shelf.unread:
        return "patient-deleted"
    return "" if left and all(who == left[0] for who in left) else "patient-contradicts-itself"


def _who(slice_: Slice) -> tuple[object, ...]:
    try:
        resource = slice_.decoded()
    except ValueError:
        return ("unreadable",)
    return tuple(resource.get(name) for name in ("birthDate", "gender", "deceasedBoolean", "deceasedDateTime"))


def _became(consultation: Consultation) -> str:
    if consultation.concerns_all:
        return "replaced" if consultation.replaced else "deceased" if consultation.deceased else "judged"
    return "not-concerned" if consultation.facts["disease"].is_known else "disease-unknown"


def _rows(consultation: Consultation) -> Iterator[Row]:
    """Yield kind, id, verdict, what is met, what is undecided, needs, flags and recruitment of each verdict."""
    for therapy in consultation.therapies:
        met = [row.indication.id for row in therapy.indications if row.truth.word == "yes"]
        undecided = [row.indication.id for row in therapy.indications if row.truth.word == "unknown"]
        yield "therapy", therapy.key, therapy.verdict, *_joined(met, undecided, therapy.needs, therapy.flags), ""
    for trial in consultation.trials:
        yield "trial", trial.id, trial.fit, "", "", *_joined(trial.needs, trial.flags), trial.recruitment.open
    for study in consultation.screened:
        yield "study", study.id, study.fit, "", "", *_joined(study.needs, ()), study.recruitment.open
    for risk in consultation.risk_groups:
        possible = risk.possible if risk.state == "open" else ()
        yield "risk", risk.system.system, risk.state, risk.group or "", *_joined(possible, risk.needs, risk.flags), ""


def _joined(*lists: tuple[str, ...] | list[str]) -> tuple[str, ...]:
    return tuple(_BETWEEN.join(dict.fromkeys(items)) for items in lists)
