"""The verdict of each row of a label, in longhand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.synth.longhand.tests import every, holds, opposite

if TYPE_CHECKING:
    from datetime import date

    from service.knowledge.library import Library
    from service.knowledge.schema import Criterion, IndicationVersion
    from service.synth.longhand.tests import Answer, Values


def label_rows(values: Values, library: Library, as_of: date) -> dict[tuple[str, str], dict[str, Answer]]:
    """Return by regulator and product the answer of each row in force on a day; all that is on file counts as known."""
    found: dict[tuple[str, str], dict[str, Answer]] = {}
    for therapy in library.therapies.values():
        for indication in therapy.indications:
            rows = found.setdefault((indication.regulator, therapy.product), {})
            for version in indication.versions:
                if version.until is not None and as_of >= version.until:
                    continue
                begun, may_have_begun = _begun(version, as_of)
                answer = every(_criterion(criterion, values, library) for criterion in version.criteria)
                if begun:
                    rows[indication.id] = answer
                elif may_have_begun:
                    rows[indication.id] = every((answer, None))
    return found


def verdict(rows: dict[str, Answer]) -> str:
    """Return the verdict on a product by its rows."""
    if not rows:
        return "not-approved"
    if True in rows.values():
        return "on-label"
    return "undetermined" if None in rows.values() else "not-on-label"


def _begun(version: IndicationVersion, as_of: date) -> tuple[bool, bool]:
    return as_of >= version.effective, version.uncertain_from is not None and as_of >= version.uncertain_from


def _criterion(criterion: Criterion, values: Values, library: Library) -> Answer:
    answer = holds(criterion.test, values, library)
    if criterion.kind == "exclusion":
        answer = opposite(answer)
    # what nobody could verify is never the only reason for a no
    return None if answer is False and not criterion.verification.usable_alone else answer
