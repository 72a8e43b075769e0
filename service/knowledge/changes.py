"""What changed in the world by the knowledge files: the days on which rows of labels and risk systems begin and end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from datetime import date

    from service.knowledge.library import Library


@dataclass(frozen=True, slots=True)
class Change:
    """One row that begins or ends on a day; `key` is the product or the system, `about` says whose row it is."""

    day: date
    shelf: Literal["therapies", "risk_systems"]
    key: str
    row: str
    about: str
    status: str  # the regulator's word; empty where a row ends and for risk systems
    says: str
    ends: bool = False

    @property
    def line(self) -> str:
        """The change in a line of English."""
        said = f"{self.row} {self.about}".strip()
        if self.ends:
            return f"{said}: this row ends"
        return f"{said}: {self.status}: {self.says}" if self.status else f"{said}: {self.says}"


def changes(library: Library) -> tuple[Change, ...]:
    """Return all changes, the oldest first."""
    found: list[Change] = []
    for therapy in library.therapies.values():
        for indication in therapy.indications:
            about = f"{therapy.name}, {indication.regulator}"
            for version in indication.versions:
                begins = Change(
                    version.effective, "therapies", therapy.product, indication.id, about, version.status, indication.says
                )
                found.append(begins)
                if version.until:
                    ends = Change(
                        version.until, "therapies", therapy.product, indication.id, about, "", indication.says, ends=True
                    )
                    found.append(ends)
    for system in library.risk_systems.values():
        found += [
            Change(version.effective, "risk_systems", system.system, system.system, "", "", system.title)
            for version in system.versions
        ]
    return tuple(sorted(found, key=lambda change: (change.day, change.line)))
