"""The hand that writes answers and feedback into the store: in the background, so that a store never stops a card."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from importlib import import_module
from threading import Condition, Event, Thread
from typing import TYPE_CHECKING

from service.assembly import open_answers
from service.errors import StoreError
from service.web import metrics
from service.web.logs import log
from service.web.page_queue import PageQueue

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from service.settings import Settings
    from service.stores.interface import AnswerStore
    from service.stores.kept import GivenFeedback, ShownCard
    from service.web.keeping import Call
    from service.web.page_queue import SealablePage

_ROOM = 1000  # answers that may wait: some megabytes
_PATIENCE = 2.0  # seconds that a client waits to hear that its feedback is kept
_PAUSE = 5.0  # seconds before a store that failed is tried again
_PURGE_EVERY = 3600.0  # seconds
_LEAVE = 5.0  # seconds that a stopping process gives to what still waits


@dataclass(slots=True, eq=False)
class _Told:
    """Feedback whose sender waits to hear whether it is kept."""

    items: Sequence[GivenFeedback]
    done: Event = field(default_factory=Event)
    orphans: int = 0
    failure: Exception | None = None


@dataclass(frozen=True, slots=True)
class Duties:
    """What a memory is for: `cards`: to keep cards and feedback, not pages alone; `purge`: to delete every so many seconds."""

    cards: bool = True
    purge: Callable[[AnswerStore], None] | None = None
    purge_every: float = _PURGE_EVERY

    @classmethod
    def of(cls, settings: Settings) -> Duties:
        """Return the duties that the settings ask for."""

        def purge(store: AnswerStore) -> None:
            now = datetime.now(tz=UTC)
            gone = store.purge(now, now - timedelta(days=settings.feedback_days))
            for kind in ("assessments", "cards", "feedback"):
                metrics.PURGED.labels(kind=kind).inc(getattr(gone, kind))

        return cls(settings.keep_answers, purge)


class AnswerMemory:
    """Keeps what was shown, what was told of it, and pages, in a thread of its own; without a store it keeps nothing.

    Answers wait in a bounded queue until the store takes them; those for which there is no room are counted as lost.
    Feedback is acknowledged only once it is kept, because its sender can send it again. The thread begins with the first
    thing to be kept where it was not started before: a thread does not survive a fork.
    """

    def __init__(
        self,
        store: Callable[[], AnswerStore] | None,
        duties: Duties | None = None,
        *,
        room: int = _ROOM,
        patience: float = _PATIENCE,
        pause: float = _PAUSE,
    ) -> None:
        self._duties = duties or Duties()
        self._next_purge = 0.0
        self._pages = PageQueue()
        self._open = store
        self._store: AnswerStore | None = None
        self._room, self._patience, self._pause = room, patience, pause
        self._answers: deque[Sequence[ShownCard]] = deque()
        self._told: deque[_Told] = deque()
        self._changed = Condition()
        self._failing = False
        self._stalled = False
        self._stopped = False
        self._thread: Thread | None = None

    @classmethod
    def of(cls, settings: Settings) -> AnswerMemory:
        """Return the memory that the settings ask for; the store is opened by its thread."""
        if not (settings.keep_answers or (settings.encryption_keys and settings.public_base_url)):
            return cls(None)
        import_module("service.stores.database")  # before the fork and before the first that waits: a database takes its time
        return cls(lambda: open_answers(settings), Duties.of(settings))

    def start(self) -> None:
        """Open the store and begin to write, where there is one."""
        with self._changed:
            self._begin()

    @property
    def keeps_cards(self) -> bool:
        """Whether cards are kept at all."""
        return self._open is not None and self._duties.cards

    def keep(self, cards: Sequence[ShownCard]) -> None:
        """Take the cards of one answer to be kept. Never waits and raises nothing: what cannot be kept is counted."""
        if not self.keeps_cards or not cards:
            return
        with self._changed:
            if self._stopped or len(self._answers) >= self._room:
                metrics.ANSWERS_LOST.inc()
                return
            self._answers.append(cards)
            self._begin()
            self._changed.notify_all()

    def keep_page(self, page: SealablePage | None, call: Call) -> None:
        """Take the page of an answer to be kept, in the same way; its link is out already, and leads nowhere until then."""
        if self._open is None or page is None:
            return
        with self._changed:
            if self._stopped:
                metrics.ASSESSMENTS_LOST.labels(reason="stopped").inc()
                return
            self._pages.add(page, call)
            self._begin()
            self._changed.notify_all()

    def take(self, items: Sequence[GivenFeedback]) -> int:
        """Keep feedback and return how many of its cards are none of ours; without a store nothing is kept, and 0.

        Raises: StoreError where it could not be kept in good time; it may be sent again.
        """
        if self._open is None or not self._duties.cards or not items:
            return 0
        told = _Told(items)
        with self._changed:
            if self._stopped or self._stalled:
                raise StoreError("the store takes nothing at the moment")
            self._told.append(told)
            self._begin()
            self._changed.notify_all()
        if not told.done.wait(self._patience):
            # Nobody else waits until the store has answered: those who wait are missing where cards are written.
            with self._changed:
                self._stalled = not told.done.is_set()
            raise StoreError("the store did not answer in time")
        if told.failure is not None:
            raise told.failure
        return told.orphans

    def stop(self) -> None:
        """Write what still waits, but not for long; what is left then is counted as lost."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join(timeout=_LEAVE)
        with self._changed:
            lost = len(self._answers)
            self._answers.clear()
            self._pages.lose("stopped")
        if lost:
            metrics.ANSWERS_LOST.inc(lost)

    def _begin(self) -> None:
        if self._open is not None and self._thread is None and not self._stopped:
            self._thread = Thread(target=self._run, name="answer-memory", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        try:
            self._opened()  # made, or brought up to date, before anybody waits for it
        except Exception as error:  # noqa: BLE001 - it is tried again when there is something to keep
            self._note(error)
        self._purge()
        while not self._stopped:
            with self._changed:
                # After a failure the answers alone wake nobody: they wait for the pause to be over.
                self._changed.wait_for(
                    lambda: self._stopped or self._told or ((self._answers or self._pages) and not self._failing),
                    timeout=self._pause if self._failing else self._until_purge(),
                )
            self._turn()
            self._purge()
        self._turn()  # what came before the end
        while self._pages and not self._failing:
            self._turn()

    def _turn(self) -> None:
        """Write what waits now: the answers, then the feedback on them."""
        with self._changed:
            answers, told = tuple(self._answers), tuple(self._told)
            self._told.clear()
        failure = self._write(answers) if answers else None
        for one in told:
            self._tell(one, failure)
        failure = failure or self._write_pages()
        self._failing = failure is not None
        with self._changed:
            self._stalled = False

    def _write(self, answers: Sequence[Sequence[ShownCard]]) -> Exception | None:
        """Write the answers and return why they could not be; then they stay in the queue."""
        try:
            self._opened().add_shown([card for cards in answers for card in cards])
        except Exception as error:  # noqa: BLE001 - the thread must live on, whatever the store does
            self._note(error)
            return error
        with self._changed:
            # Only here is anything taken out, and new ones come in at the other end.
            for _ in answers[: len(self._answers)]:
                self._answers.popleft()
        return None

    def _write_pages(self) -> Exception | None:
        """Write some of the pages and return why they could not be; then they stay in the queue."""
        try:
            self._pages.write(self._opened)
        except Exception as error:  # noqa: BLE001 - as above
            self._note(error)
            return error
        return None

    def _purge(self) -> None:
        """Delete what was kept long enough, where it is time; what fails is done the next time."""
        if self._duties.purge is None or time.monotonic() < self._next_purge:
            return
        self._next_purge = time.monotonic() + self._duties.purge_every
        try:
            self._duties.purge(self._opened())
        except Exception as error:  # noqa: BLE001 - as above
            self._note(error)

    def _until_purge(self) -> float | None:
        return None if self._duties.purge is None else max(self._next_purge - time.monotonic(), 0.0)

    def _tell(self, told: _Told, failure: Exception | None) -> None:
        if failure is None:
            try:
                told.orphans = self._opened().add_feedback(told.items)
            except Exception as error:  # noqa: BLE001 - its sender is told
                self._note(error)
                failure = error
        told.failure = failure
        told.done.set()

    def _opened(self) -> AnswerStore:
        """Return the store, opened where it is not yet. Raises: StoreError."""
        if self._store is None:
            if self._open is None:
                raise StoreError("there is no store")
            self._store = self._open()
        return self._store

    def _note(self, error: Exception) -> None:
        """Count the failure; say its kind once, until the store works again. The next attempt opens the store anew."""
        self._store = None
        metrics.STORE_FAILURES.inc()
        if not self._failing:
            log.error("answers cannot be kept", error=error.code if isinstance(error, StoreError) else type(error).__name__)
