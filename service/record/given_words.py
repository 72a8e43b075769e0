"""Whether the words beside a treatment take back what its status says: that it was done."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from service.record.clauses import FURTHEST, Clauses, any_of
from service.record.signs import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


class GivenWords:
    """The words of `language.yaml` by which a treatment was planned, declined or not given."""

    def __init__(self, words: Mapping[str, Sequence[str]]) -> None:
        """Compile the words once; matching never changes them."""
        withheld, planned, declined = words["withheld"], words["planned"], words["declined"]
        self._end = Clauses(words).end
        self._another = any_of(words["another_dose"])
        self._withheld = self._of_this(withheld)
        self._taken_back = self._of_this((*withheld, *planned, *declined))
        self._planned, self._declined = any_of(planned), self._of_this(declined)
        self._this_one = re.compile(rf"(?:{any_of(words['this_one']).pattern}\s*+)++", re.IGNORECASE)
        self._soon = any_of(words["soon"])
        self._something_else = any_of(words["something_else"])
        self._in_front = re.compile(rf"{any_of(words['in_front_of_another']).pattern}\W++(?:\w++\W++){{0,2}}\Z", re.IGNORECASE)
        self._when_or_by_whom = any_of(words["when_or_by_whom"])
        self._as_it_should_be = any_of((*words["as_planned"], *words["none_withheld"]))

    def takes_back(self, said: str) -> bool:
        """Return whether the name of a treatment, its reason, or the words for its day say that it was planned or not given."""
        return any(self._says(self._taken_back, clause) for clause in self._clauses(self._soon.sub(" ", said)))

    def note_takes_back(self, note: str, names: Iterable[re.Pattern[str]] = ()) -> bool:
        """Return whether a note says that it was not given, or begins with saying that it was planned or declined.

        What a note goes on to say is often about the next treatment, and so may be what it says of a plan. `names`: those of the
        treatment, which may stand in front of the plan, or behind it.
        """
        clauses = self._clauses(note)
        return self._begins(clauses[0].strip(), names) or any(self._says(self._withheld, clause) for clause in clauses)

    def is_something_else(self, said: str, names: Iterable[re.Pattern[str]]) -> bool:
        """Return whether the words of a treatment that only they tell are perhaps about another one: `premedication for ...`.

        So it is where one of its names stands behind `for` or `after` wherever it stands.
        """
        said = plain(said)
        if self._something_else.search(said):
            return True
        named = [[match.start() for match in name.finditer(said)] for name in names]
        return any(found and all(self._in_front.search(said[:start][-FURTHEST:]) for start in found) for found in named)

    def _clauses(self, said: str) -> list[str]:
        return self._end.split(self._as_it_should_be.sub(" ", plain(said)))

    def _of_this(self, words: Iterable[str]) -> re.Pattern[str]:
        """Return the pattern of these words, but in front of another dose."""
        return re.compile(rf"{any_of(words).pattern}(?!\s+{self._another.pattern})", re.IGNORECASE)

    def _says(self, words: re.Pattern[str], clause: str) -> bool:
        """Return whether a clause has one of these words, and speaks of no other dose before."""
        found = words.search(clause)
        return found is not None and self._another.search(clause, 0, found.start()) is None

    def _begins(self, clause: str, names: Iterable[re.Pattern[str]]) -> bool:
        if self._declined.match(clause):
            return True
        clause = self._soon.sub(" ", clause)
        if self._another.search(clause):
            return False
        for name in names:
            unnamed = name.sub(" ", clause)
            if unnamed != clause and self._ends_planned(self._planned.search(unnamed), unnamed):
                return True
        subject = self._this_one.match(clause)
        return self._ends_planned(self._planned.match(clause, 0 if subject is None else subject.end()), clause)

    def _ends_planned(self, planned: re.Match[str] | None, clause: str) -> bool:
        """Return whether nothing follows a word for a plan, or when, or by whom."""
        behind = "" if planned is None else clause[planned.end() :].lstrip()
        return planned is not None and (not behind[:1].isalpha() or self._when_or_by_whom.match(behind) is not None)
