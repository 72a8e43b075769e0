"""The upper limit that is printed with a result, where it is surely that of the patient."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.record.bundle import concept_in

if TYPE_CHECKING:
    from collections.abc import Iterable
    from decimal import Decimal

    from service.record.vocabulary import Terms

_NORMAL = "reference-range-normal"


def one_limit(limits: Iterable[tuple[Decimal, bool]]) -> Decimal | None:
    """Return the one upper limit that is printed for everybody; each comes with whether it is of some people only.

    None where several differ, or where one is of a sex or an age: which of them is the patient's is not told here.
    """
    found = tuple(limits)
    highs = {high for high, _ in found}
    return highs.pop() if len(highs) == 1 and not any(of_some for _, of_some in found) else None


def is_normal(kind: bytes, terms: Terms) -> bool:
    """Return whether the type of a range, as it stands in JSON, says that it is of healthy people, not a range to be reached."""
    concept = concept_in(kind)
    codings = concept.coding if concept is not None else ()
    return any(_NORMAL in terms.concepts_of(coding.system, coding.code or "") for coding in codings)
