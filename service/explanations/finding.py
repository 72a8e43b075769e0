"""Kept assessments by their address: what a page, a command or a test asks for."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from service.explanations.addresses import address_in, digest_of
from service.explanations.kept import unpack
from service.explanations.keys import vault_of
from service.stores.address import is_there, store_address

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from service.explanations.kept import KeptAssessment
    from service.knowledge.registry import RegistryRecord
    from service.settings import Settings
    from service.stores.database import Database
    from service.stores.interface import AssessmentShelf
    from service.stores.vault import Vault

_WHILE_A_READER_WAITS = 2  # seconds


def find_assessment(
    settings: Settings, given: str, now: datetime, environment: Mapping[str, str] = os.environ
) -> KeptAssessment | None:
    """Return what is kept under an address or a link; None where nothing is: malformed, unknown, expired, or no key is set.

    Raises: SealBroken where it cannot be opened; StoreError.
    """
    address, vault = address_in(given), vault_of(settings)
    if not address or vault is None:
        return None
    shelf = _shelf(settings, environment)
    return open_at(shelf, vault, address, now) if shelf is not None else None


def open_at(shelf: AssessmentShelf, vault: Vault, address: str, now: datetime) -> KeptAssessment | None:
    """Return what lies under an address; None where nothing does, or not any more. Raises: SealBroken, StoreError."""
    found = shelf.find(digest_of(address), now)
    return unpack(vault.open(found.sealed, found.beside(address))) if found is not None else None


def all_records(settings: Settings, environment: Mapping[str, str] = os.environ) -> Mapping[str, RegistryRecord]:
    """Return every record of the trial registry that was ever seen, by digest; none without a store. Raises: StoreError."""
    database = _database(settings, environment)
    return database.records() if database is not None else {}


def _shelf(settings: Settings, environment: Mapping[str, str]) -> AssessmentShelf | None:
    database = _database(settings, environment)
    if database is None:
        return None
    from service.stores.assessments import AssessmentTable  # noqa: PLC0415 - as below

    return AssessmentTable(database)


def _database(settings: Settings, environment: Mapping[str, str]) -> Database | None:
    address = store_address(settings.store, environment)
    if not is_there(address):
        return None
    from service.stores.database import read_database  # noqa: PLC0415 - where nothing is kept, no database is needed

    return read_database(address, wait=_WHILE_A_READER_WAITS)
