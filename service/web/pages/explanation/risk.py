"""Risk groups of every system side by side, with what is missing to decide the open ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.web.pages.explanation.model import RiskGroup, Word
from service.web.pages.texts import anchor, part, rows, text, texts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from service.web.pages.explanation.desk import Desk

_ORDER = ("decided", "reported", "open", "not-encoded", "not-applicable")


def risk_groups(desk: Desk) -> tuple[tuple[RiskGroup, ...], tuple[RiskGroup, ...]]:
    """Return the systems that say something of this patient, decided ones first, and those that do not apply."""
    made = [_group(desk, row) for row in rows(desk.document.get("riskGroups"))]
    made.sort(key=lambda group: (_ORDER.index(group.state) if group.state in _ORDER else len(_ORDER), group.system))
    return (
        tuple(group for group in made if group.state != "not-applicable"),
        tuple(group for group in made if group.state == "not-applicable"),
    )


def _group(desk: Desk, row: Mapping[str, object]) -> RiskGroup:
    name = text(row.get("system"))
    system = desk.library.risk_systems.get(name)
    allocation = part(row.get("allocation"))
    flags = texts(row.get("flags"))
    words = desk.words.terms.flags
    version = max(system.versions, key=lambda found: found.effective, default=None) if system is not None else None
    return RiskGroup(
        anchor=anchor("risk", name),
        system=name,
        title=system.title if system is not None else name,
        population=system.population if system is not None else "",
        state=text(row.get("state")),
        group=text(row.get("group")),
        possible=", ".join(texts(row.get("possible"))),
        candidate=text(row.get("candidate")),
        recorded=text(row.get("recorded")),
        row=text(row.get("row")),
        needs=desk.labels(
            (*texts(row.get("needs")), *(name for name in texts(allocation.get("needs")) if name not in texts(row.get("needs"))))
        ),
        rests=desk.rests(row.get("evidence")),
        question=text(row.get("question")),
        # A flag of one word is a key; one of several is a sentence of the knowledge files, such as why a system does not apply.
        flags=tuple(
            Word(words[flag], own=True) if flag in words else Word(flag) for flag in flags if flag in words or " " in flag
        ),
        allocation=text(allocation.get("to")) or " / ".join(texts(allocation.get("possible"))),
        mark=desk.mark(version.verification.value) if version is not None else None,
    )
