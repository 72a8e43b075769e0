"""All knowledge files as one immutable value with a version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

from service.errors import Fault, KnowledgeError
from service.knowledge.chromosomes import ChromosomeFile
from service.knowledge.complaints import did_you_mean
from service.knowledge.places import Place, places_in
from service.knowledge.registries import Registries
from service.knowledge.schema import Row
from service.knowledge.screening import Screening
from service.knowledge.treatments import Treatments
from service.logic.dated import Force, force_on

if TYPE_CHECKING:
    from pathlib import Path

    from service.knowledge.regimens import Regimen
    from service.knowledge.schema import (
        Ask,
        CodeSystem,
        Definition,
        EvidenceFile,
        Limit,
        OpenQuestion,
        RiskSystem,
        Source,
        Study,
        TalkRow,
        Therapy,
        ValueSet,
    )
    from service.knowledge.translations import Translations
    from service.knowledge.treatments import Cells, TreatmentKind
    from service.knowledge.trial_rows import Trial

T = TypeVar("T")


class Release(Row):
    """`release.yaml`: the version of the knowledge files as a whole."""

    version: str
    date: date


@dataclass(frozen=True)
class Library:
    """Everything we know, by id.

    `digest` is the SHA-256 of all file names and bytes; `files` tells for (shelf, id) in which file the row stands;
    `paths` for each file where it was read;
    `incomplete` names the shelves on which a file could not be read: what is not there is then no proof of absence.
    """

    release: Release
    digest: str
    therapies: Mapping[str, Therapy]
    definitions: Mapping[str, Definition]
    sources: Mapping[str, Source]
    evidence: Mapping[str, EvidenceFile]
    questions: Mapping[str, OpenQuestion]
    talk: Mapping[str, TalkRow]
    limits: Mapping[str, tuple[Limit, ...]]
    risk_systems: Mapping[str, RiskSystem]
    value_sets: Mapping[str, ValueSet]
    systems: Mapping[str, CodeSystem]
    asks: Mapping[str, Ask]
    words: Mapping[str, tuple[str, ...]]
    files: Mapping[tuple[str, str], str]
    incomplete: frozenset[str] = frozenset()
    regimens: Mapping[str, Regimen] = field(default_factory=dict)
    kinds: Mapping[str, TreatmentKind] = field(default_factory=dict)
    cells: Mapping[str, Cells] = field(default_factory=dict)
    chromosomes: ChromosomeFile = field(default_factory=ChromosomeFile)
    trials: Mapping[str, Trial] = field(default_factory=dict)
    screening: Screening = field(default_factory=Screening)
    registries: Registries = field(default_factory=Registries)
    translations: Mapping[str, Translations] = field(default_factory=dict)  # by language
    paths: Mapping[str, Path] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for part in fields(self):
            value = getattr(self, part.name)
            if isinstance(value, dict):
                object.__setattr__(self, part.name, MappingProxyType(value))

    def __reduce__(self) -> tuple[Any, ...]:
        """Return what another process needs to build the same library; read-only maps do not travel."""
        values = (getattr(self, part.name) for part in fields(self))
        return Library, tuple(dict(value) if isinstance(value, Mapping) else value for value in values)

    @property
    def version(self) -> str:
        """The version of the knowledge files, such as `2026.11.1`."""
        return self.release.version

    def studies(self, product: str) -> tuple[Study, ...]:
        """Return the studies of a product; none where nothing is on file."""
        file = self.evidence.get(product)
        return file.studies if file is not None else ()

    def questions_for(self, product: str) -> tuple[OpenQuestion, ...]:
        """Return the open questions that concern a product."""
        return tuple(question for question in self.questions.values() if product in question.products)

    def limit(self, name: str, as_of: date, known_by: date) -> Limit:
        """Return the limit in force on `as_of` as far as was recorded by `known_by`; the newest where several are.

        Raises: KnowledgeError where there is no such limit, or none in force.
        """
        rows = self.limits.get(name)
        if rows is None:
            raise KnowledgeError((Fault("limits", f"there is no limit {name!r}", did_you_mean(name, self.limits)),))
        held = [row for row in rows if force_on(row, as_of, known_by) is Force.IN_FORCE]
        if not held:
            file = self.files.get(("limits", name), "limits")
            raise KnowledgeError((Fault(f"{file} {name}", f"no row is in force on {as_of}, known by {known_by}"),))
        return max(held, key=lambda row: (row.effective, row.recorded))

    def where(self, shelf: str, name: str, *trail: str) -> str:
        """Return the words for where a row stands: its file (the shelf where it has none) and the names down to the row."""
        return f"{self.files.get((shelf, name), shelf)} {' / '.join((name, *trail))}"

    @cached_property
    def treatments(self) -> Treatments:
        """Which treatments are cells or antibodies, and against what: by the products and the files of `treatments/`."""
        return Treatments.of(self.therapies.values(), self.kinds, self.cells.values())

    @cached_property
    def places(self) -> tuple[Place, ...]:
        """Every row of every file with the words for where it stands."""
        shelves: dict[str, Mapping[str, Any]] = {
            "therapies": self.therapies,
            "trials": self.trials,
            "definitions": self.definitions,
            "sources": self.sources,
            "evidence": self.evidence,
            "questions": self.questions,
            "limits": self.limits,
            "regimens": self.regimens,
            "treatments": {**self.kinds, **self.cells},
            "risk_systems": self.risk_systems,
            "value_sets": self.value_sets,
            "systems": self.systems,
            "asks": self.asks,
            "chromosomes": {"chromosomes": self.chromosomes},
            "screening": {"screening": self.screening},
            "registries": {"registries": self.registries},
        }
        return tuple(
            place
            for shelf, rows in shelves.items()
            for key, row in rows.items()
            for place in places_in(row, shelf, self.files.get((shelf, key), shelf), key)
        )
