"""The codes of a bundle that are not understood, with what each could mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.record.unmapped import UnmappedCodes
from service.terminology.site_mapping import Suggestions
from service.web.pages.operators.service_model import UnmappedLine

if TYPE_CHECKING:
    from service.decisions.bind import Rules

MOST = 500  # lines of a page


def unmapped_lines(body: bytes, rules: Rules) -> tuple[UnmappedLine, ...]:
    """Return the codes of a bundle, the most frequent first. Raises: NotJson, NotABundle."""
    found = UnmappedCodes(rules.vocabulary.terms)
    found.add(body)
    suggestions = Suggestions(rules.vocabulary.terms.names_in, rules.library.value_sets)
    listed = found.listed()
    return tuple(
        UnmappedLine(
            row.system,
            row.code,
            row.display,
            row.seen,
            ", ".join(row.places),
            # Likeness of words is costly to find: for those that are shown alone.
            suggestions.for_words(row.display, is_answer=row.is_answer) if place < MOST else (),
        )
        for place, row in enumerate(listed)
    )
