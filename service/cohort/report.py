"""What a screening found, before it is written or told."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from service.cohort.counts import Counts

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(slots=True)
class Report:
    """What was found: counts of lines, of what was rejected and why, and of verdicts."""

    files: int
    ignored: tuple[str, ...]
    unread: tuple[tuple[str, str], ...] = ()  # what should have been read, and why it cannot be
    lines: Counter[str] = field(default_factory=Counter)
    rejected: Counter[str] = field(default_factory=Counter)
    unowned: int = 0  # of what was rejected: may be any patient's
    servers: int = 0  # to which references to patients lead, or of which the exports are
    not_received: tuple[str, ...] = ()  # types of which no resource came, of those whose absence may mean something
    counts: Counts = field(default_factory=Counts)
    written: tuple[Path, ...] = ()
