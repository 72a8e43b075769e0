"""What was approved on a day: for each product and regulator the rows that were in force, and what is said where none was."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

from service.knowledge.rows import Regulator
from service.logic.dated import Force, force_on

if TYPE_CHECKING:
    from datetime import date

    from service.knowledge.library import Library
    from service.knowledge.schema import Indication, IndicationVersion, Therapy

REGULATORS: tuple[Regulator, ...] = get_args(Regulator)

Standing = Literal["in-force", "date-uncertain", "not-in-force", "not-on-file"]
"""in-force: at least one row surely; date-uncertain: at most perhaps; not-in-force: rows are on file for other days only."""


@dataclass(frozen=True, slots=True)
class HeldRow:
    """One row that is in force on the day, or may be."""

    indication: Indication
    version: IndicationVersion
    force: Force


@dataclass(frozen=True, slots=True)
class Approval:
    """One product with one regulator; `begins` is the next day on which a row begins, `ended` the last on which one ended."""

    product: str
    regulator: Regulator
    standing: Standing
    rows: tuple[HeldRow, ...]
    begins: date | None = None
    ended: date | None = None


def approvals_on(library: Library, as_of: date, known_by: date) -> tuple[Approval, ...]:
    """Return each product with each regulator, as it stood on `as_of` as far as was written down by `known_by`."""
    return tuple(
        _approval(therapy, regulator, as_of, known_by) for therapy in library.therapies.values() for regulator in REGULATORS
    )


def _approval(therapy: Therapy, regulator: Regulator, as_of: date, known_by: date) -> Approval:
    versions = [
        (indication, version)
        for indication in therapy.indications
        if indication.regulator == regulator
        for version in indication.versions
        if version.recorded <= known_by
    ]
    rows = tuple(
        HeldRow(indication, version, force)
        for indication, version in versions
        if (force := force_on(version, as_of, known_by)) is not Force.NOT_IN_FORCE
    )
    standing: Standing = "not-in-force" if versions else "not-on-file"
    if rows:
        standing = "in-force" if any(row.force is Force.IN_FORCE for row in rows) else "date-uncertain"
    return Approval(
        therapy.product,
        regulator,
        standing,
        rows,
        begins=min((version.effective for _, version in versions if version.effective > as_of), default=None),
        ended=max((version.until for _, version in versions if version.until and version.until <= as_of), default=None),
    )
