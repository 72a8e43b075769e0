"""Where the store is: a file, or a database by its address."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

SQLITE = "sqlite:///"
POSTGRESQL = "postgresql+psycopg://"

_FOLDER = "all-cds"
_FILE = "store.sqlite3"


def store_address(setting: str, environment: Mapping[str, str]) -> str:
    """Return the path of a file or the address of a database; empty where there is no place for a file.

    Without a setting it is a file in the user's folder for state (XDG_STATE_HOME, else .local/state at home).
    """
    if setting.startswith(POSTGRESQL):
        return setting
    if setting:
        return setting.removeprefix(SQLITE)
    state = environment.get("XDG_STATE_HOME", "")
    if state and Path(state).is_absolute():  # the standard says that a relative one is to be ignored
        return str(Path(state) / _FOLDER / _FILE)
    home = environment.get("HOME", "")
    return str(Path(home) / ".local" / "state" / _FOLDER / _FILE) if home and Path(home).is_absolute() else ""


def is_there(address: str) -> bool:
    """Return whether there can be a store at the address: its file exists, or it is a database elsewhere."""
    return address.startswith(POSTGRESQL) or bool(address and Path(address).is_file())
