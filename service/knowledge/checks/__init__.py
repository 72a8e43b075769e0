"""Checks over all knowledge files, one file each.

`run_checks` holds every time the files are loaded. `code_shape` needs to know codes, which is done a floor above,
`stale` needs a day: both are called by those who have them, as is `talk.talk_rows_without_home`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.knowledge.checks import (
    definition,
    name,
    order_code,
    overlap,
    reference,
    risk_table,
    source,
    talk,
    timeline,
    trial,
    unit,
    verification,
    wording,
)

if TYPE_CHECKING:
    from service.errors import Fault
    from service.knowledge.library import Library

_CHECKS = (
    name,
    reference,
    source,
    talk,
    definition,
    timeline,
    overlap,
    risk_table,
    trial,
    unit,
    order_code,
    verification,
    wording,
)


def run_checks(library: Library) -> tuple[Fault, ...]:
    """Return every fault that the checks find, in the order of the checks."""
    return tuple(fault for one in _CHECKS for fault in one.check(library))
