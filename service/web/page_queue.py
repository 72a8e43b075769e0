"""Pages that wait to be kept: bounded by what they hold in memory, sealed one by one, tried again until the store takes them."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from itertools import islice
from threading import Lock
from typing import TYPE_CHECKING, Protocol

from service.web import metrics
from service.web.logs import log

if TYPE_CHECKING:
    from collections.abc import Callable

    from service.stores.interface import AnswerStore
    from service.stores.kept import SealedAssessment
    from service.web.keeping import Call

_ROOM = 64_000_000  # bytes of records
_LEAST = 100_000  # bytes that a page counts for at least: the consultation of a small record is not small
_AT_ONCE = 20  # each takes some hundredths of a second, and somebody may wait to hear of feedback


class SealablePage(Protocol):
    """A page that is not kept yet."""

    @property
    def size(self) -> int:
        """How many bytes of the record it holds."""
        ...

    def seal(self, call: Call) -> SealedAssessment:
        """Return what is kept of it."""
        ...


@dataclass(slots=True, eq=False)
class _Waiting:
    size: int
    call: Call
    page: SealablePage | None
    sealed: SealedAssessment | None = None

    def seal(self) -> SealedAssessment:
        """Return what is kept of the page; once it is sealed, what it was made of is let go."""
        if self.sealed is None:
            assert self.page is not None  # noqa: S101 - one of the two is there
            self.sealed, self.page = self.page.seal(self.call), None
        return self.sealed


class PageQueue:
    """Anybody may add; one thread alone writes."""

    def __init__(self, room: int = _ROOM) -> None:
        self._waiting: deque[_Waiting] = deque()
        self._room = room
        self._held = 0
        self._changing = Lock()

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, page: SealablePage, call: Call) -> None:
        """Take a page; where there is no room, count it as lost."""
        size = max(page.size, _LEAST)
        with self._changing:
            fits = self._held + size <= self._room
            if fits:
                self._held += size
                self._waiting.append(_Waiting(size, call, page))
        if not fits:
            metrics.ASSESSMENTS_LOST.labels(reason="no-room").inc()

    def lose(self, reason: str) -> None:
        """Count everything that waits as lost, and forget it."""
        with self._changing:
            lost = len(self._waiting)
            self._waiting.clear()
            self._held = 0
        if lost:
            metrics.ASSESSMENTS_LOST.labels(reason=reason).inc(lost)

    def write(self, store: Callable[[], AnswerStore]) -> None:
        """Seal some of the pages and keep them; what the store does not take stays. Raises: whatever the store does."""
        with self._changing:
            pages = list(islice(self._waiting, _AT_ONCE))
        sealed = [kept for kept in map(self._seal, pages) if kept is not None]
        if sealed:
            store().add_assessments(sealed)
            metrics.ASSESSMENTS_KEPT.inc(len(sealed))
        with self._changing:
            # New ones come in at the other end; none is left where the process is ending.
            for _ in pages[: len(self._waiting)]:
                self._held -= self._waiting.popleft().size

    @staticmethod
    def _seal(waiting: _Waiting) -> SealedAssessment | None:
        """Return the page sealed; None for one that cannot be, which must not hold up the others: it is lost."""
        try:
            return waiting.seal()
        except Exception as error:  # noqa: BLE001 - the thread must live on
            metrics.ASSESSMENTS_LOST.labels(reason="not-sealed").inc()
            log.error("assessment cannot be sealed", error=type(error).__name__)
            return None
