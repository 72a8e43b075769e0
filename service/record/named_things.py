"""What single words tell: lymphocytes, a relative, another disease, a plan, an unfit specimen, no quantity."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from service.record.antigens_doubted import AntigensDoubted
from service.record.clauses import QUESTION_OR_CHANGE, any_of
from service.record.signs import plain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


SUBCUTANEOUS = "route-subcutaneous"


class NamedThings:
    """The words of `language.yaml` for these."""

    def __init__(self, words: Mapping[str, Sequence[str]]) -> None:
        """Compile the words once; matching never changes them."""
        self._not_quantifiable = any_of(words["not_quantifiable"])
        self._subset = any_of(words["lymphocyte_subset"])
        self._other_diseases, self._own_disease = any_of(words["other_diseases"]), any_of(words["own_disease"])
        self._relatives = any_of(words["relatives"])
        self._leukaemic, self.antigens = any_of(words["blasts"]), AntigensDoubted(words)
        self.routes = {SUBCUTANEOUS: (any_of(words["subcutaneous"]), any_of(words["subcutaneous_alone"]))}
        self._inadequate = any_of(words["inadequate"])
        self._no_mix_up = _denied(words, any_of(words["mix_up"]).pattern)
        self._mix_up = frozenset(plain(word).casefold() for word in words["mix_up"])
        # `CNS1-2`, `CNS1 or 2`: one of two
        self._or_another = re.compile(rf"(?:[-–/]|\s{any_of(words['or_another']).pattern}\s)\d(?!\w)", re.IGNORECASE)
        self._not_given = any_of(words["not_given"])

    def is_lymphocyte_subset(self, text: str) -> bool:
        """Return whether the name of a test tells of lymphocytes rather than blasts."""
        return bool(self._subset.search(plain(text)))

    def is_of_relative(self, text: str) -> bool:
        """Return whether the name of a test names a donor or a relative of the patient."""
        return bool(self._relatives.search(plain(text)))

    def is_of_other_disease(self, text: str) -> bool:
        """Return whether the name of a test names another disease and not acute lymphoblastic leukaemia."""
        text = plain(text)
        return bool(self._other_diseases.search(text)) and not self._own_disease.search(text)

    def names_blasts(self, text: str) -> bool:
        """Return whether a text names leukaemic cells."""
        return bool(self._leukaemic.search(plain(text)))

    def names_two(self, text: str, names: re.Pattern[str]) -> bool:
        """Return whether another number follows a name that ends with one, so that one of two is meant."""
        text = plain(text)
        return any(self._or_another.match(text, named.end()) for named in names.finditer(text))

    def is_not_given(self, text: str) -> bool:
        """Return whether the words beside the name of a treatment say that it is prepared, planned or declined."""
        return bool(self._not_given.search(plain(text)))

    def is_inadequate(self, note: str) -> bool:
        """Return whether a note says that the result was not obtained on what it needs, or is not of this patient."""
        note = plain(note)
        if self._inadequate.search(note) is None:
            return False
        folded = note.casefold()
        if QUESTION_OR_CHANGE.search(note) or not any(word in folded for word in self._mix_up):
            return True
        return self._inadequate.search(self._no_mix_up.sub(" ", note)) is not None

    def is_not_quantifiable(self, text: str) -> bool:
        """Return whether a text says positive, but below the range in which the number counts."""
        return bool(self._not_quantifiable.search(plain(text)))

    def without_quantity(self, text: str) -> str:
        """Return a plain text in which what is positive and cannot be quantified is positive alone."""
        return self._not_quantifiable.sub(_positive_alone, plain(text))


def _denied(words: Mapping[str, Sequence[str]], mix_up: str) -> re.Pattern[str]:
    """Return the pattern of a mix-up that is denied: in front of it at the beginning of a clause, or ruled out behind it."""
    parts = ("no_mix_up", "an", "ruled_out", "were", "ruled_out_before")
    no, an, ruled_out, were, before = (any_of(words[part]).pattern for part in parts)
    begin = r"(?:(?<=[;:,|\n])|(?<=[;:,.|\n]\s)|\A)"
    in_front = (
        rf"{begin}\s?(?:{no}|{before})\s(?:{an}\s)?{mix_up}(?!\s(?:\w+\s){{0,3}}{ruled_out})"  # `no mix-up can be excluded`
    )
    behind = rf"{begin}\s?(?:{an}\s)?{mix_up}\s(?:{were}\s)*{ruled_out}"
    return re.compile(rf"{in_front}|{behind}", re.IGNORECASE)


def _positive_alone(match: re.Match[str]) -> str:
    """Return the first half of `positive, not quantifiable`."""
    return " positive " if match[0][:1] in "pP" else " "
