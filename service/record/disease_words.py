"""How the words of a diagnosis stand to what they name: a leukaemia as had, denied or in doubt, another condition as over."""

from __future__ import annotations

import re
from enum import Enum
from typing import TYPE_CHECKING

from service.record.clauses import QUESTION_OR_CHANGE, SENTENCE_END, Clauses, any_of, marker_pattern
from service.record.mentions import mentions
from service.record.signs import plain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

OF_THE_ALL = ("bcp-all", "t-all", "mpal", "all-")
"""How the concepts of an acute lymphoblastic leukaemia begin."""
_LEUKAEMIAS = (*OF_THE_ALL, "b-lbl", "t-lbl", "cml-lbp", "chronic-myeloid-leukaemia", "other-leukaemia")
_WORD = re.compile(r"\w")


class Stance(Enum):
    """What a text says of a disease that it names."""

    HAD = "had"
    DENIED = "denied"
    DOUBTED = "doubted"  # or said of a relative, or of what is looked for


class DiseaseWords:
    """The words of `language.yaml` that deny or doubt a disease, or say that it is over."""

    def __init__(self, words: Mapping[str, Sequence[str]], names: Mapping[str, Sequence[str]]) -> None:
        """Compile the words once; matching never changes them. `names`: of all concepts."""
        self._any = marker_pattern(name for concept, written in names.items() if is_leukaemia(concept) for name in written)
        clauses = Clauses(words)
        self._clause_end, self._own_part = clauses.end, clauses.own_part
        self._graded = any_of(words["risk_groups"])
        self._ruled_out = any_of(words["ruled_out"])
        negative = any_of((*words["negative_before"], *words["denied_behind"])).pattern
        self._not_ruled_out = re.compile(rf"{negative}\W+(?:\w+\W+){{0,2}}{self._ruled_out.pattern}", re.IGNORECASE)
        self._denied_before = any_of(words["negative_before"])
        self._denied_behind = any_of(words["denied_behind"])
        self._mature = any_of(words["mature"])
        self._own = any_of(words["own_disease"])
        self._given_before, self._given_later = any_of(words["given_before"]), any_of(words["given_later"])
        self._given_directly = re.compile(rf"{any_of(words['given_directly_before']).pattern}\s\Z", re.IGNORECASE)
        self._still = any_of(words["still"])
        self._given_behind = re.compile(rf"[\s-]{{1,2}}{any_of(words['given_behind']).pattern}", re.IGNORECASE)
        joined = "|".join(re.escape(word[:-1]) for word in words["given_before"] if word.endswith("-"))
        self._joined = re.compile(rf"\b({joined})-", re.IGNORECASE)
        self._not_given = any_of(words["not_given"])
        self._then = any_of(words["then"])
        self._over_before = any_of(words["over_before"])
        self._over_behind = re.compile(rf"\W*{any_of(words['over_behind']).pattern}", re.IGNORECASE)
        self._no = any_of((*words["negative_before"], *words["turned"]))
        self._doubted = any_of((*words["doubtful"], *words["not_had"], *words["turned"]))

    def stance(self, text: str, names: re.Pattern[str]) -> Stance:
        """Return how a text stands to a disease of these names: had where one mention is plain, denied where all are denied."""
        text = plain(text)
        found = {self.stance_at(text, *span) for span in mentions(text, names)}
        if Stance.HAD in found or not found:
            return Stance.HAD
        return Stance.DENIED if found == {Stance.DENIED} else Stance.DOUBTED

    def says_given(self, text: str, names: re.Pattern[str]) -> bool:
        """Return whether a text says that a treatment was given before its disease: `relapse after CAR-T`, `CAR-T failure`."""
        text = self._joined.sub(r"\1 ", plain(text))
        return any(self._given_at(text, *span) for span in mentions(text, names))

    def _given_at(self, text: str, start: int, end: int) -> bool:
        after = text[end:]
        begin = max((stop.end() for stop in SENTENCE_END.finditer(text, 0, start)), default=0)
        sentence = text[begin:start]
        given = self._given_before.search(sentence)
        if given is None:
            if self._given_behind.match(after) is not None:
                return not self._denied_before.search(self._own_part(sentence))
            own = self._own_part(sentence)
            directly = self._given_directly.search(own)
            return directly is not None and not self._is_denied(self._no, self._still.sub(" ", own[: directly.start()]))
        ending = SENTENCE_END.search(after)
        said = sentence[given.start() :] + after[: ending.start() if ending else len(after)]
        denied = self._is_denied(self._denied_before, sentence[: given.start()])  # `no prior CAR-T`
        return not denied and not self._given_later.search(said) and not self._not_given.search(said)

    def _is_denied(self, denials: re.Pattern[str], before: str) -> bool:
        """Return whether the last word of a text is one of those that deny."""
        return any(not _WORD.search(before, one.end()) for one in denials.finditer(before))

    def says_over(self, text: str, names: re.Pattern[str]) -> bool:
        """Return whether a text says of each mention of a condition that it was, and is over, and not what became of it then."""
        text = plain(text)
        if QUESTION_OR_CHANGE.search(text) or self._then.search(text):
            return False
        found = mentions(text, names)
        return bool(found) and all(
            self._over_before.search(self._own_part(text[:start])) or self._over_behind.match(text, end) for start, end in found
        )

    def without_history(self, text: str) -> str:
        """Return a text without the words that put what it names into the history: `Z.n.`, `history of`."""
        return self._over_before.sub(" ", plain(text))

    def says_no(self, text: str) -> bool:
        """Return whether an answer has a word that denies, and not that something was not ruled out."""
        text = plain(text)
        return self._no.search(text) is not None and not self.says_not_ruled_out(text)

    def says_not_ruled_out(self, text: str) -> bool:
        """Return whether a text says that something was not ruled out."""
        return self._not_ruled_out.search(plain(text)) is not None

    def names_leukaemia(self, text: str) -> bool:
        """Return whether a text names a leukaemia in any way, three letters included."""
        return self._any.search(plain(text)) is not None or self.names_all(text)

    def names_all(self, text: str) -> bool:
        """Return whether a text names acute lymphoblastic leukaemia in any way, three letters included."""
        return self._own.search(plain(text)) is not None

    def says_mature(self, text: str) -> bool:
        """Return whether a text says that the cells are mature ones: these are of Burkitt leukaemia, and no precursors."""
        text = plain(text)
        return any(not self._denied_before.search(self._own_part(text[: one.start()])) for one in self._mature.finditer(text))

    def stance_at(self, text: str, start: int, end: int) -> Stance:
        """Return how a text, its signs as on a keyboard, stands to what it names at a place."""
        own, clause = self._graded.sub(" ", self._in_front(text[:start])), self._graded.sub(" ", self._behind(text[end:]))
        rest = self._ruled_out.sub(" ", own), self._ruled_out.sub(" ", clause)
        if rest != (own, clause) and any(map(self._not_ruled_out.search, (own, clause))):
            return Stance.DOUBTED
        if any(map(self._doubted.search, rest)) or QUESTION_OR_CHANGE.search(own + clause[:2]):
            return Stance.DOUBTED
        denied = rest != (own, clause) or self._denied_before.search(own) or self._denied_behind.fullmatch(clause.strip(" ()"))
        return Stance.DENIED if denied else Stance.HAD

    def _behind(self, after: str) -> str:
        """Return what follows a name in its clause; a bracket that names another leukaemia is about that one."""
        ends = self._clause_end.search(after)
        clause = after[: ends.start()] if ends else after
        other = self._any.search(clause)
        return clause[: other.start()].partition("(")[0] if other else clause

    def _in_front(self, before: str) -> str:
        """Return what stands in front of a name, with the heading of which it is a part: `DD: T-ALL`."""
        own = self._own_part(before)
        heading = before[: len(before) - len(own)].rstrip()
        return f"{self._own_part(heading[:-1])} {own}" if heading.endswith(":") else own


def is_leukaemia(concept: str) -> bool:
    """Return whether a concept is a leukaemia or lymphoma of its kind, with or without its state."""
    return concept.startswith(_LEUKAEMIAS)
