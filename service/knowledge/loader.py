"""Knowledge files → Library, or one KnowledgeError that lists every fault of every file.

Each folder below is a shelf; each file on it is checked against one model. The name of a file is the id inside it
where a file holds one thing (a therapy, a trial, a risk system, a value set, the evidence for a product).
"""

from __future__ import annotations

import gc
import hashlib
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError

from service.errors import Fault, KnowledgeError
from service.knowledge.checks import run_checks
from service.knowledge.chromosomes import ChromosomeFile
from service.knowledge.complaints import did_you_mean, faults_of
from service.knowledge.library import Library, Release
from service.knowledge.lines import with_lines
from service.knowledge.regimens import RegimenFile
from service.knowledge.registries import Registries
from service.knowledge.schema import (
    AskFile,
    CodeSystemFile,
    DefinitionFile,
    EvidenceFile,
    LanguageFile,
    LimitFile,
    QuestionFile,
    RiskSystem,
    SourceFile,
    TalkFile,
    Therapy,
    ValueSet,
)
from service.knowledge.screening import Screening
from service.knowledge.strict_yaml import read_yaml
from service.knowledge.translations import TranslationFile, Translations
from service.knowledge.treatments import TreatmentFile
from service.knowledge.trial_rows import Trial

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

M = TypeVar("M", bound=BaseModel)

DATA = Path(__file__).parent / "data"

# Folder, or file at the top → the model of its files.
_SHELVES: dict[str, type[BaseModel]] = {
    "therapies": Therapy,
    "trials": Trial,
    "definitions": DefinitionFile,
    "sources": SourceFile,
    "evidence": EvidenceFile,
    "questions": QuestionFile,
    "talk": TalkFile,
    "limits": LimitFile,
    "regimens": RegimenFile,
    "treatments": TreatmentFile,
    "risk_systems": RiskSystem,
    "value_sets": ValueSet,
    "translations": TranslationFile,
}
_SINGLE_FILES: dict[str, type[BaseModel]] = {
    "systems.yaml": CodeSystemFile,
    "asks.yaml": AskFile,
    "chromosomes.yaml": ChromosomeFile,
    "language.yaml": LanguageFile,
    "release.yaml": Release,
    "screening.yaml": Screening,
    "registries.yaml": Registries,
}


def load_library(folder: Path | None = None, extra: tuple[Path, ...] = ()) -> Library:
    """Return the library of the shipped files (or of `folder`), with the files of `extra` folders added to it.

    Raises: KnowledgeError with every fault of every file, those of the checks included.
    """
    with _no_garbage_collection():
        stack = _Stack()
        for root in (folder or DATA, *extra):
            stack.read_folder(root, "" if root is (folder or DATA) else f"{root.name}/")
        library = stack.library()
        faults = (*stack.faults, *run_checks(library))
    if faults:
        raise KnowledgeError(with_lines(faults, stack.paths))
    return library


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """Hold the collector back: hundreds of thousands of new objects and no garbage cycle among them."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@dataclass(slots=True)
class _Stack:
    """The files as they are read, before they are put on their shelves."""

    faults: list[Fault] = field(default_factory=list)
    read: dict[str, list[tuple[str, Any]]] = field(default_factory=dict)  # shelf → file name, model
    incomplete: set[str] = field(default_factory=set)
    files: dict[tuple[str, str], str] = field(default_factory=dict)
    added: set[str] = field(default_factory=set)  # files of added folders
    paths: dict[str, Path] = field(default_factory=dict)
    digest: Any = field(default_factory=hashlib.sha256)

    def read_folder(self, root: Path, prefix: str) -> None:
        """Read every file of a folder; `prefix` tells files of added folders from ours."""
        if not root.is_dir():
            self.faults.append(Fault(str(root), "this folder of knowledge files does not exist"))
            return
        for path in sorted(root.rglob("*"), key=lambda found: found.relative_to(root).as_posix()):
            name = path.relative_to(root).as_posix()
            if path.is_dir() or any(part.startswith((".", "__")) for part in path.relative_to(root).parts):
                continue
            data = path.read_bytes()
            self.digest.update(f"{prefix}{name}\0{len(data)}\0".encode() + data)
            self.paths[prefix + name] = path
            self._read_file(name, prefix + name, data)

    def _read_file(self, name: str, shown: str, data: bytes) -> None:
        shelf, _, rest = name.rpartition("/")
        model = _SHELVES.get(shelf) if shelf else _SINGLE_FILES.get(rest)
        if model is None or not rest.endswith(".yaml"):
            self.faults.append(_not_expected(name, shown))
            return
        shelf = shelf or rest.removesuffix(".yaml")
        document = read_yaml(data, shown)
        self.faults.extend(document.faults)
        if document.value is not None:
            try:
                row = model.model_validate(document.value)
            except ValidationError as error:
                self.faults.extend(faults_of(error, document, model))
            else:
                self.read.setdefault(shelf, []).append((shown, row))
                if shown != name:
                    self.added.add(shown)
                if not document.faults:
                    return
        self.incomplete.add(shelf)

    def library(self) -> Library:
        """Return what could be read, by id; ids that stand twice become faults."""
        release = self._of("release", Release)
        if not release and "release" not in self.incomplete:
            self.faults.append(
                Fault("release.yaml", "this file is missing", "it says the version and date of the knowledge files")
            )
        return Library(
            release=release[0][1] if release else Release(version="0", date=date.min),
            digest=f"sha256:{self.digest.hexdigest()}",
            therapies=self._by_id("therapies", ((f, row.product, row) for f, row in self._of("therapies", Therapy))),
            trials=self._by_id("trials", ((f, row.id, row) for f, row in self._of("trials", Trial))),
            definitions=self._by_id(
                "definitions",
                ((f, row.id, row) for f, file in self._of("definitions", DefinitionFile) for row in file.definitions),
            ),
            sources=self._by_id(
                "sources", ((f, name, row) for f, file in self._of("sources", SourceFile) for name, row in file.sources.items())
            ),
            evidence=self._by_id("evidence", ((f, row.product, row) for f, row in self._of("evidence", EvidenceFile))),
            questions=self._by_id(
                "questions", ((f, row.id, row) for f, file in self._of("questions", QuestionFile) for row in file.questions)
            ),
            talk=self._by_id("talk", ((f, row.id, row) for f, file in self._of("talk", TalkFile) for row in file.rows)),
            limits=self._limits(),
            regimens=self._by_id(
                "regimens", ((f, row.id, row) for f, file in self._of("regimens", RegimenFile) for row in file.regimens)
            ),
            kinds=self._by_id(
                "treatments", ((f, row.kind, row) for f, file in self._of("treatments", TreatmentFile) for row in file.kinds)
            ),
            cells=self._by_id(
                "treatments", ((f, row.concept, row) for f, file in self._of("treatments", TreatmentFile) for row in file.cells)
            ),
            risk_systems=self._risk_systems(),
            value_sets=self._by_id("value_sets", ((f, row.concept, row) for f, row in self._of("value_sets", ValueSet))),
            systems=self._by_id(
                "systems", ((f, row.name, row) for f, file in self._of("systems", CodeSystemFile) for row in file.systems)
            ),
            asks=self._by_id("asks", ((f, row.fact, row) for f, file in self._of("asks", AskFile) for row in file.asks)),
            chromosomes=next((file for _, file in self._of("chromosomes", ChromosomeFile)), ChromosomeFile()),
            registries=next((file for _, file in self._of("registries", Registries)), Registries()),
            screening=next((file for _, file in self._of("screening", Screening)), Screening()),
            translations=self._translations(),
            words={part: words for _, file in self._of("language", LanguageFile) for part, words in file.words.items()},
            files=self.files,
            paths=self.paths,
            incomplete=frozenset(self.incomplete),
        )

    def _of(self, shelf: str, _model: type[M]) -> list[tuple[str, M]]:
        return self.read.get(shelf, [])

    def _by_id(self, shelf: str, rows: Iterable[tuple[str, str, M]]) -> dict[str, M]:
        result: dict[str, M] = {}
        for file, name, row in rows:
            if name in result:
                other = self.files[shelf, name]
                where = "twice in this file" if other == file else f"in {other} too"
                self.faults.append(Fault(f"{file} {name}", f"the id {name!r} stands {where}", "an id is given once"))
            else:
                result[name] = row
                self.files[shelf, name] = file
        return result

    def _risk_systems(self) -> dict[str, RiskSystem]:
        """Return the systems; an added folder may bring the table of a system that is shipped without all of its rows."""
        rows = self._of("risk_systems", RiskSystem)
        shipped = {row.system: row for file, row in rows if file not in self.added}
        brought = {row.system: row for file, row in rows if file in self.added}
        replaced = {name for name in shipped.keys() & brought.keys() if not shipped[name].fully_encoded}
        kept = [(file, row) for file, row in rows if file in self.added or row.system not in replaced]
        found = self._by_id("risk_systems", ((file, row.system, row) for file, row in kept))
        return {name: _as_shipped(row, shipped[name]) if name in replaced else row for name, row in found.items()}

    def _translations(self) -> dict[str, Translations]:
        texts: dict[str, dict[str, str]] = {}
        waiting: dict[str, int] = {}
        sources = {name for _, file in self._of("sources", SourceFile) for name in file.sources}
        for name, file in self._of("translations", TranslationFile):
            known = texts.setdefault(file.language, {})
            self.faults += [
                Fault(f"{name} {text}", "this text is translated twice, not alike", "write it once")
                for text, said in file.texts.items()
                if known.get(text, said) != said
            ]
            if "sources" not in self.incomplete:
                self.faults += [
                    Fault(f"{name} {row}", f"the source {row!r} is not on file") for row in file.sources if row not in sources
                ]
            known |= file.texts
            waiting[file.language] = waiting.get(file.language, 0) + (len(file.texts) if file.review == "translated" else 0)
        return {language: Translations(known, waiting[language]) for language, known in texts.items()}

    def _limits(self) -> dict[str, Any]:
        result: dict[str, tuple[Any, ...]] = {}
        for file, rows in self._of("limits", LimitFile):
            for row in rows.limits:
                other = self.files.setdefault(("limits", row.name), file)
                if other != file:
                    self.faults.append(Fault(f"{file} {row.name}", f"the limit {row.name!r} stands in {other} too"))
                result[row.name] = (*result.get(row.name, ()), row)
        return result


def _as_shipped(row: RiskSystem, shipped: RiskSystem) -> RiskSystem:
    """Return a site's system with the questions, names, overlays and rows of the talk of ours where its file has none."""
    kept = ("questions", "aliases", "overlays", "talk")
    return row.model_copy(update={name: getattr(shipped, name) for name in kept if name not in row.model_fields_set})


def _not_expected(name: str, shown: str) -> Fault:
    shelf, _, rest = name.rpartition("/")
    if shelf and shelf not in _SHELVES:
        return Fault(shown, f"there is no shelf {shelf!r}", did_you_mean(shelf, _SHELVES) or f"shelves are {', '.join(_SHELVES)}")
    if not rest.endswith(".yaml"):
        return Fault(shown, "only .yaml files stand here", f"name it {Path(rest).stem}.yaml" if rest.endswith(".yml") else "")
    return Fault(shown, "no such file is expected at the top", did_you_mean(rest, _SINGLE_FILES))
