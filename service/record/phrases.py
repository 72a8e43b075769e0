"""What free text says of a marker: explicit patterns only, negation included; in doubt it says nothing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from service.record.antigen_lists import AntigenLists
from service.record.assay_words import AssayWords
from service.record.cell_counts import CellCounts
from service.record.cells_given import CellsGiven
from service.record.clauses import FURTHEST, QUESTION_OR_CHANGE, SENTENCE_START, Clauses, any_of, sentence_part
from service.record.denials import FurtherTests
from service.record.findings import Finding, beside_share
from service.record.grades import Grades
from service.record.mentions import MOST_MENTIONS, is_cytoplasmic, mentions
from service.record.named_things import NamedThings
from service.record.shares import Shares
from service.record.shares_in_front import SharesInFront
from service.record.signs import is_perhaps_not, is_torn, nothing_said, plain, sign_beside
from service.record.sought import SoughtFusion, SoughtResidual

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from service.logic.interval import Interval
    from service.record.findings import Answer
    from service.record.shares_in_front import InFront

_NEXT_MARKER = re.compile(r"\b[cs]?CD\d")
# `no KMT2A rearrangement`, `no t(4;11)`: what is denied is something else, with a number in its name
_ANOTHER = re.compile(r"\s+[A-Za-z][^\s\d]{0,20}\d")
_COLON = re.compile(r"(?:\s*+:\s*+)?")
_WORD = re.compile(r"[^\W\d_]+")
_DIGIT = re.compile(r"\d")
_GAP = re.compile(r"[\s/-]")
_FOLLOWS = re.compile(r"[,;.\s]+(.*)", re.DOTALL)
_PART_END = re.compile(r"[;|\n]|[.,](?!\d)")


class Phrases(NamedThings):
    """The words of `language.yaml` as patterns."""

    def __init__(self, words: Mapping[str, Sequence[str]]) -> None:
        """Compile the words once; matching never changes them."""
        super().__init__(words)
        self._negative = any_of(words["negative_after"])
        self._positive = any_of(words["positive_after"])
        self._dim = any_of(words["dim_after"])
        self._doubtful = any_of(words["doubtful"])
        self._positive_before = any_of(words["positive_before"])
        self._negative_before = any_of(words["negative_before"])
        self.assay = AssayWords(words)
        self._shares = Shares(words)
        self._in_front = SharesInFront(words, self._shares)
        self._counts_of_cells, self._cells_given = CellCounts(words), CellsGiven(words)
        self.residual, self.fusion = SoughtResidual(words), SoughtFusion(words)
        self._lists, self.clauses = AntigenLists(words), Clauses(words)
        self._nothing = nothing_said(self.clauses.joined)
        self._marker_before = re.compile(rf"\b[cs]?CD\d(?:(?!\b{self.clauses.joined})[^,;])*\Z")
        self._denial = any_of((*words["negative_before"], *words["negative_after"], *words["doubtful"], *words["turned"]))
        self._known = any_of(
            word for name in _SPOKEN for word in words[name] if name != "doubtful" and (" " in word or "-" in word or "/" in word)
        )
        self._words = frozenset(
            word.casefold()
            for name in (*_SPOKEN, "grades", "around")
            for written in words[name]
            for word in _WORD.findall(plain(written))
            if name == "around" or not _GAP.search(written)
        )
        self._around = any_of(word for word in words["around"] if not word.isalpha())
        self._cells = any_of(words["cells"])
        self._kept = any_of(words["kept"])
        self._of_several = any_of(words["of_several"])
        self._counted = any_of(words["counted"])
        self._blasts = any_of(words["blasts"])
        self._places = any_of(words["places"])
        self._no_blasts, self._some_blasts = any_of(words["no_blasts"]), any_of(words["some_blasts"])
        self._elsewhere = any_of(words["elsewhere"])
        self._at_another_time = any_of(words["at_another_time"])
        self._then = any_of(words["then"])
        self._further = FurtherTests(words)
        self.grades = Grades(words)
        self._awaited = any_of((*words["doubtful"], *words["planned"], *words["awaited"]))
        self._stopping = any_of(words["stopping"])
        self._grafts = any_of(words["grafts"])
        self._not_had = any_of(words["not_had"])
        self._denied_behind = re.compile(any_of(words["denied_behind"]).pattern + r"\W*\Z", re.IGNORECASE)
        tested, negative = any_of(words["tested_behind"]).pattern, any_of(words["negative_after"]).pattern
        self._tested_negative = re.compile(rf"\A\W*(?:{tested}\W*)*{negative}\W*\Z", re.IGNORECASE)
        self._taken_back = any_of((*words["turned"], *words["doubtful"]))
        self._resistance = any_of(words["tki_resistance"])
        self._intolerance = any_of(words["tki_intolerance"])

    def answer(self, text: str) -> Answer | None:
        """Return what a text says of the one thing it is about; None where it says nothing or two things.

        `indeterminate` also where words stand in it that are not on file: they may turn its sense, or that of a number.
        """
        said = self.without_quantity(text)
        text = self._cells_given.left_out(self.assay.without_sensitivity(said))
        answer, _ = self._answer(text)
        if answer is None and _DIGIT.search(said) and (not _DIGIT.search(text) or self._denial.search(text)):
            return "indeterminate"  # a sensitivity alone, or a number that is denied
        told = answer is not None or bool(_DIGIT.search(text))
        words = self._shares.words_without(text, self._counted) if told else ""
        if told and (self._elsewhere.search(words) or not self._changes_nothing(words, numbered=False)):
            return "indeterminate"
        answer = beside_share(answer, self._shares.percent_in(text))
        return "indeterminate" if self._counts_of_cells.take_back(answer, text) else answer

    def _answer(self, text: str) -> tuple[Answer | None, bool]:
        text = self.without_quantity(text)
        if self._doubtful.search(text):
            return "indeterminate", False
        rest = self._negative.sub(" ", text)
        negative = rest != text
        dim = bool(self._dim.search(rest))
        positive = bool(self._positive.search(self._dim.sub(" ", rest)))
        if (negative and (dim or positive)) or ((negative or dim or positive) and self._denial.search(rest)):
            return None, True
        if (negative or dim or positive) and (QUESTION_OR_CHANGE.search(text) or is_perhaps_not(text)):
            return "indeterminate", False
        if negative:
            return "negative", False
        if dim:
            return "dim", False
        return ("positive", False) if positive else (None, False)

    def finding(self, text: str, marker: re.Pattern[str], *, numbered: bool = False, graded: bool = False) -> Finding | None:
        """Return what a text says of a marker; None where the marker does not stand in it.

        A word beside the marker that is not on file may turn its sense: then the answer is `indeterminate`. `numbered` tells that
        numbers and dates may stand beside the marker, and that it is no antigen; `graded` that its strength may be told.
        """
        text = self.grades.parted(plain(text)) if graded else plain(text)
        if not marker.search(text):
            return None
        text = (self.grades.as_answers(text) if graded else None) or text
        text = text if numbered else self._cells_given.left_out(text)
        found = [self._at(text, *span, numbered) for span in mentions(text, marker)]
        if not found:
            return None
        if len(found) > MOST_MENTIONS:
            return Finding(None, None, contradictory=True)
        answers = {item.answer for item in found if item.answer is not None}
        percents = {item.percent for item in found if item.percent is not None}
        settled = "dim" if answers == {"dim", "positive"} else next(iter(answers), None) if len(answers) == 1 else None
        return Finding(
            settled,
            percents.pop() if len(percents) == 1 else None,
            contradictory=(len(answers) > 1 and settled is None) or any(item.contradictory for item in found),
            cytoplasmic=all(item.cytoplasmic for item in found),
        )

    def _at(self, text: str, start: int, end: int, numbered: bool) -> Finding:  # noqa: FBT001 - as `finding` was asked
        before, after = text[:start], text[end:]
        cytoplasmic = is_cytoplasmic(text, start)
        sign = sign_beside(after, self._nothing)
        ending = self.clauses.end.search(after, sign.end() if sign else 0)
        clause = after[: ending.start()] if ending else after
        beside, rest = clause[sign.end() :] if sign else clause, after[len(clause) :]
        if _NEXT_MARKER.match(rest):
            beside = self._without_next(beside)
        further = self._behind_denials(rest)
        sentence = sentence_part(before) if "%" in before[-FURTHEST:] else ""
        may_be = sentence and further == rest and _NEXT_MARKER.match(text, start)
        in_front = self._in_front.told(sentence, after) if may_be else None
        if is_torn(after) or self._of_something_else(before, beside) or self._turned_later(further):
            answer: Answer | None = "indeterminate"
        elif in_front is not None and (told := self._by_share(in_front, sentence, sign, beside)):
            return Finding(*told, cytoplasmic=cytoplasmic)
        elif sign is not None:
            own = self.clauses.own_part(before)
            clear = all(self._changes_nothing(part, numbered) and not self._denial.search(part) for part in (own, beside))
            positive, more = "+" in sign[1], self._answer(beside)[0]
            clear = clear and (positive or more in {None, "negative"})  # `CD22- positive` says two things
            answer = ("positive" if positive else "negative") if clear else "indeterminate"
        else:
            answer = self._in_words(before, beside, numbered)
            listed = None if _WORD.search(beside) or _DIGIT.search(beside) else self._of_list(before, after, numbered)
            answer = answer if listed is None else listed if answer in {None, listed} else "indeterminate"
        if self._further.affirms(further) if answer == "negative" else len(further) < len(rest):
            answer = "indeterminate"
        if sentence and answer in {"positive", "dim"} and self._in_front.may_be_of_none(self.clauses.own_part(before)):
            answer = "indeterminate"
        of_blasts = answer != "indeterminate" and not self._counts_of_cells.are_of_all(clause)
        percent = self._shares.percent_in(clause) if of_blasts else None
        open_by_count = self._counts_of_cells.take_back(answer, clause, behind_marker=True)
        answer = "indeterminate" if open_by_count else beside_share(answer, percent)
        return Finding(answer, percent if answer != "indeterminate" else None, cytoplasmic=cytoplasmic)

    def _by_share(
        self, told: InFront, sentence: str, sign: re.Match[str] | None, beside: str
    ) -> tuple[Answer | None, Interval | None] | None:
        """Return what a share of the blasts in front of an antigen says of it; None where it may not be of this one."""
        more, contradictory = self._answer(beside)
        signed = None if sign is None else "positive" if "+" in sign[1] else "negative"
        said = {signed, more} - {None}
        if (told.open and not (said or told.denied)) or (told.listed and said):
            return None
        own, percent = self.clauses.own_part(sentence[: told.begin]), self._shares.percent_in(beside)
        clear = all(self._changes_nothing(part, numbered=False) for part in (own, beside)) and not self._denial.search(own)
        if contradictory or not clear or percent not in {None, told.share} or self._counts_of_cells.are_of_all(beside):
            return "indeterminate", None
        if told.denied or "negative" in said:
            return ("negative" if told.is_of_all and said <= {"negative"} else "indeterminate"), None
        if "indeterminate" in said:
            return "indeterminate", None
        return beside_share("dim" if "dim" in said else None, told.share), told.share

    def _in_words(self, before: str, beside: str, numbered: bool) -> Answer | None:  # noqa: FBT001 - as `finding` was asked
        """Return what the words in front of a marker and those that follow it say together."""
        answer, contradictory = self._answer(beside)
        if answer is None and not contradictory and self._kept.search(beside) and not self._denial.search(beside):
            answer = "positive"
        headed = self._lists.heading(before)
        if headed is not None and answer is not None and answer != headed and (answer, headed) != ("dim", "positive"):
            return "indeterminate"
        in_front, direct = (headed, True) if headed is not None else self._before(before)
        if contradictory or in_front == "indeterminate" or not self._changes_nothing(beside, numbered):
            return "indeterminate"
        if in_front is None:
            own = self.clauses.own_part(before)
            denied = self._denial.search(own) or (answer is None and self._denial.search(beside))
            return answer if self._changes_nothing(own, numbered) and not denied else "indeterminate"
        if answer is None:
            return "indeterminate" if self._denial.search(beside) else in_front
        if in_front == "negative" and answer != "indeterminate" and headed is None:
            # "no CD19 expression detected" denies the marker, "no CD19-positive blasts" denies the blasts
            return "negative" if direct and answer != "negative" and not self._cells.search(beside) else "indeterminate"
        return answer

    def _of_list(self, before: str, after: str, numbered: bool) -> Answer | None:  # noqa: FBT001 - as `finding` was asked
        """Return what is said of a list of antigens in which a marker is not the last: `CD19 and CD34 are negative`."""
        listed = self._lists.behind.match(after)
        begin = self._said_of_all(after, listed.end()) if listed else None
        if begin is None:
            return None
        ending = self.clauses.end.search(after, begin)
        said = after[begin : ending.start() if ending else len(after)]
        answer, contradictory = self._answer(said)
        if answer is None and not contradictory:
            return None
        in_doubt = contradictory or self._elsewhere.search(said) or self._denial.search(sentence_part(before))
        if in_doubt or self._turned_later(after[begin + len(said) :]) or not self._changes_nothing(said, numbered):
            return "indeterminate"
        return answer

    def _said_of_all(self, after: str, end: int) -> int | None:
        """Return where that begins which is said of each antigen of a list that ends here; None where nothing is."""
        colon = _COLON.match(after, end)
        of_all = self._of_several.match(after, colon.end()) if colon else None
        if of_all is not None:
            return of_all.end()
        joined = self._lists.is_joined(after[:end])
        return end if self._positive.match(after, end) or (joined and self._negative.match(after, end)) else None

    def _before(self, before: str) -> tuple[Answer | None, bool]:
        """Return what stands in front of a marker, or of a list of markers, and whether it stands directly in front."""
        sentence = sentence_part(before)
        for words, answer in ((self._negative_before, "negative"), (self._positive_before, "positive")):
            for match in reversed(list(words.finditer(sentence))):
                between = sentence[match.end() :]
                if self._lists.before.match(between) and not self._is_of_another(sentence, match):
                    own = self.clauses.own_part(sentence[: match.start()])
                    unclear = not self._changes_nothing(own, numbered=False) or self._denial.search(own)
                    if unclear or (answer == "positive" and self._in_front.may_be_of_none(own)):
                        return "indeterminate", False
                    return ("negative" if answer == "negative" else "positive"), _NEXT_MARKER.search(between) is None
        return None, False

    def _is_of_another(self, sentence: str, denial: re.Match[str]) -> bool:
        """Return whether a word that may follow a marker or stand in front of one follows one: `CD19 lost, CD22 positive`."""
        return bool(self._negative.fullmatch(denial[0])) and self._marker_before.search(sentence, 0, denial.start()) is not None

    def _changes_nothing(self, text: str, numbered: bool) -> bool:  # noqa: FBT001 - as `finding` was asked
        """Return whether only words stand in a text that are on file, and no bare numbers unless they may."""
        if QUESTION_OR_CHANGE.search(text):
            return False
        rest = self._shares.without_percentages(self._around.sub(" ", self._known.sub(" ", self._counts_of_cells.without(text))))
        if not numbered and _DIGIT.search(rest):
            return False
        return all(word.casefold() in self._words for word in _WORD.findall(rest))

    def _of_something_else(self, before: str, beside: str) -> bool:
        """Return whether the last thing spoken of is not the leukaemia of now: lymphocytes, a relative, an earlier sample."""
        starts = [match.end() for match in SENTENCE_START.finditer(before) if match.group(0)[0] != ":"]
        if self._at_another_time.search(before[starts[-1] :] if starts else before):
            return True
        if self._elsewhere.search(beside):
            return True
        other = [match.end() for match in self._elsewhere.finditer(before[-FURTHEST:])]
        blasts = [match.end() for match in self._blasts.finditer(before[-FURTHEST:])]
        return bool(other) and other[-1] > (blasts[-1] if blasts else 0)

    def _behind_denials(self, rest: str) -> str:
        """Return what follows the answer of a test, without the answers of further ones that were negative."""
        end = 0
        for further in self._further.denials(rest):
            said = further["said"]
            clear = self._changes_nothing(said, numbered=False) and not self._elsewhere.search(said)
            if not clear or self._answer(said)[0] != "negative":
                break
            end = further.end()
        return rest[end:]

    def _turned_later(self, rest: str) -> bool:
        """Return whether what follows takes back what was said, as in `positive, now lost`."""
        follows = _FOLLOWS.match(rest)
        if follows is None or not rest[:1].strip():
            return False
        said = follows[1]
        marker = _NEXT_MARKER.search(said)
        clause = _PART_END.split(said[: marker.start()] if marker else said, maxsplit=1)[0]
        then = self._then.match(clause.lstrip())
        if marker is not None and marker.start() == len(clause):
            clause = self._without_next(clause)
            return bool(then) and bool(self._denial.search(clause))
        if then is None and rest[0] != ",":
            return False
        if then is not None and self._positive.match(clause.lstrip()[then.end() :].lstrip()):
            return True  # `negative, now positive`
        denied = self._denial.search(clause)
        if denied is None or then is not None:
            return denied is not None
        return not self._places.sub(" ", clause[: denied.start()]).strip() and not _ANOTHER.match(clause, denied.end())

    def _without_next(self, text: str) -> str:
        """Return a text without the words at its end that belong to the marker that follows."""
        for words in (self._negative_before, self._positive_before):
            for match in reversed(list(words.finditer(text))):
                if not _WORD.search(text[match.end() :]):
                    return text[: match.start()]
        return text

    def may_deny(self, part: str) -> bool:
        """Return whether what is said of a method may be that it denied a marker: a plain no, or nothing beside its name."""
        return self._changes_nothing(part, numbered=True) and not self.is_awaited(part)

    def is_awaited(self, part: str) -> bool:
        """Return whether what is said of a method is that it was not done, or is still to come, or is doubted."""
        if self._awaited.search(part):
            return True
        return self._denial.search(part) is not None and self._answer(part)[0] != "negative"

    def is_plain(self, text: str, names: re.Pattern[str]) -> bool:
        """Return whether a text holds these names and nothing that could turn their sense."""
        rest = names.sub(" ", plain(text))
        return self._changes_nothing(rest, numbered=True) and not self._denial.search(rest)

    def without_grafts(self, text: str) -> str:
        """Return a text without the words for donors and grafts."""
        return self._grafts.sub(" ", plain(text))

    def is_denied(self, text: str, names: re.Pattern[str]) -> bool:
        """Return whether the first of these names in a text is denied, doubted, or said of a relative or of something to come."""
        text = plain(text)
        named = names.search(text)
        if named is None:
            return False
        own, after = self.clauses.own_part(text[: named.start()]), text[named.end() :]
        ending = self.clauses.end.search(after)
        clause = after[: ending.start()] if ending else after
        return any(
            words.search(part)
            for words, part in (
                (self._denial, own),
                (self._not_had, own),
                (self._not_had, clause),
                (self._taken_back, clause),
                (self._denied_behind, clause),
                (self._tested_negative, clause),
                (QUESTION_OR_CHANGE, own + clause[:2]),
            )
        )

    def blasts_told(self, text: str) -> Answer | None:
        """Return whether all that a text says is that there are blasts, or none; None where it says anything else."""
        if self._no_blasts.fullmatch(text := plain(text).strip(" .;")):
            return "negative"
        return "positive" if self._some_blasts.fullmatch(text) else None

    def tells_resistance(self, text: str) -> bool:
        """Return whether a reason for stopping names resistance or relapse, and nothing that could turn its sense."""
        text = plain(text)
        if not self._resistance.search(text) or self._intolerance.search(text):
            return False
        rest = self._stopping.sub(" ", self._resistance.sub(" ", text))
        return self._changes_nothing(rest, numbered=True) and not self._denial.search(rest)

    def tells_intolerance(self, text: str) -> bool:
        """Return whether a reason for stopping names intolerance and neither resistance nor relapse."""
        return bool(self._intolerance.search(plain(text))) and not self._resistance.search(plain(text))


_SPOKEN = ("positive_after", "negative_after", "dim_after", "doubtful", "positive_before", "negative_before")
