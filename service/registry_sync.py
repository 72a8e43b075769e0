"""The registry's answers into the store, with the day: whole batches, and never over what was seen before by half an answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from service.clients.registry import Problem
from service.errors import RegistryError
from service.knowledge.registry import NOTHING_SEEN, Seen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import date

    from service.clients.registry import Search, Studies
    from service.knowledge.registry import Registry, RegistryRecord
    from service.stores.interface import RegistryCache

BATCH = 20
"""Studies asked for at once: few enough for one answer to stay small, and for a refusal of all because of one to cost little."""


class RegistrySource(Protocol):
    """The registry as a synchronisation sees it; see RegistryClient."""

    @property
    def address(self) -> str:
        """The address of the registry that is asked."""
        ...

    def version(self) -> str:
        """Return the moment that the registry gives its data. Raises: RegistryError."""
        ...

    def studies(self, numbers: Sequence[str]) -> Studies:
        """Return the records of these numbers, and a problem for each number without one. Raises: RegistryError."""
        ...

    def search(self, search: Search) -> Iterator[tuple[RegistryRecord, ...]]:
        """Yield the records found, page by page. Raises: RegistryError."""
        ...


@dataclass(slots=True)
class SyncReport:
    """What a synchronisation did. `failure`: the registry failed; what is counted under `saved` stands all the same."""

    asked: int = 0
    saved: int = 0
    data_timestamp: str = ""
    problems: list[Problem] = field(default_factory=list)
    discovered: list[RegistryRecord] = field(default_factory=list)
    failure: RegistryError | None = None


def _nothing(_studies: int) -> None:
    """Show no progress."""


@dataclass(slots=True)
class Sync:
    """One registry, one store, one day."""

    client: RegistrySource
    cache: RegistryCache
    day: date
    progress: Callable[[int], object] = _nothing
    _report: SyncReport = field(default_factory=SyncReport)
    _before: Registry = NOTHING_SEEN

    def run(self, numbers: Sequence[str], search: Search | None = None, *, only_if_changed: bool = False) -> SyncReport:
        """Return what was done: the studies of these numbers, then those that a search finds, stored with the day.

        Each batch is kept whole or not at all; the first failure of the registry ends it. `only_if_changed`: where the registry
        still has the data that the store has of all the numbers, nothing is asked. Raises: StoreError.
        """
        report = self._report = SyncReport(asked=len(numbers))
        self._before = self.cache.all()
        try:
            report.data_timestamp = self.client.version()
            if not (only_if_changed and self._is_known(numbers)):
                for start in range(0, len(numbers), BATCH):
                    self._batch(numbers[start : start + BATCH])
            if search is not None:
                self._discover(search, frozenset(numbers))
        except RegistryError as error:
            report.failure = error
        if report.failure is None and any(problem.kind == "failed" for problem in report.problems):
            report.failure = RegistryError("the trial registry failed for single studies", where=self.client.address)
        if report.failure is None and not (report.data_timestamp or report.saved) and report.problems:
            # Neither a version nor one study: this may be any server that answers 404.
            report.failure = RegistryError("this seems to be no trial registry", where=self.client.address)
        return report

    def _is_known(self, numbers: Sequence[str]) -> bool:
        stamp = self._report.data_timestamp
        return bool(stamp) and all(
            (seen := self._before.latest(number, self.day)) is not None and seen.data_timestamp == stamp for number in numbers
        )

    def _batch(self, numbers: Sequence[str]) -> None:
        answer = self.client.studies(numbers)
        self._report.problems.extend(answer.problems)
        self._save(answer.found)
        self.progress(len(numbers))

    def _discover(self, search: Search, known: frozenset[str]) -> None:
        for page in self.client.search(search):
            self._save(page)
            self._report.discovered.extend(record for record in page if record.nct_id not in known)

    def _save(self, records: Sequence[RegistryRecord]) -> None:
        whole: list[Seen] = []
        for record in records:
            if lacking := self._lacking(record):
                text = f"{record.nct_id}: the record came without its {lacking}, so the last one seen still stands"
                self._report.problems.append(Problem(record.nct_id, "incomplete", text))
            else:
                whole.append(Seen(self.day, record, self.client.address, self._report.data_timestamp))
        self._report.saved += self.cache.save(whole)

    def _lacking(self, record: RegistryRecord) -> str:
        """Return what a record lacks that it must have, or had when it was last seen; empty where it is whole."""
        if not record.status:
            return "status"
        last = self._before.latest(record.nct_id, self.day)
        if last is not None and last.record.criteria and not record.criteria:
            return "text of the criteria"
        return ""
