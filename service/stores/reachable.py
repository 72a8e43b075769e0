"""Whether the store answers: asked often, so it must be cheap and never take long."""

from __future__ import annotations

import os
from pathlib import Path
from threading import BoundedSemaphore, Thread
from typing import TYPE_CHECKING

from service.errors import StoreError
from service.stores.address import POSTGRESQL

if TYPE_CHECKING:
    from collections.abc import Callable

_AT_ONCE = BoundedSemaphore(4)  # a store that hangs must not collect threads that wait for it


def reachable(address: str, seconds: float, ask: Callable[[str], None] | None = None) -> bool:
    """Return whether the store at the address answered within the time; False too while others still wait for an answer.

    A file that is not there yet counts as reachable where it can be made. `ask` raises StoreError where there is no answer.
    """
    if not address:
        return False
    if not address.startswith(POSTGRESQL) and not Path(address).exists():
        return _can_be_made(Path(address))
    places = _AT_ONCE  # what was taken is given back, however late
    if not places.acquire(blocking=False):
        return False
    answers: list[bool] = []

    def run() -> None:
        try:
            (ask or _ask)(address)
        except StoreError:
            return
        else:
            answers.append(True)
        finally:
            places.release()

    thread = Thread(target=run, name="store-reachable", daemon=True)
    thread.start()
    thread.join(seconds)
    return bool(answers)


def _ask(address: str) -> None:
    from service.stores.database import ask_database  # noqa: PLC0415 - a file that is not there yet needs no database

    ask_database(address)


def _can_be_made(path: Path) -> bool:
    folder = next((parent for parent in path.absolute().parents if parent.exists()), None)
    return folder is not None and folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)
