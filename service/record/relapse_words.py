"""How words tell a relapse: as one of now, as one of the history, or in doubt."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Final

from service.record.clauses import FURTHEST, SENTENCE_END, Clauses, any_of, marker_pattern
from service.record.disease_words import Stance
from service.record.mentions import mentions
from service.record.signs import plain
from service.record.told_dates import DATE, DAY, ToldDates

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from service.logic.dates import PartialDate
    from service.record.disease_words import DiseaseWords

RELAPSE_TOLD: Final = "relapse-told"
"""The concept of words, or of a result, that tell a relapse and prove none."""
RELAPSE_PAST: Final = "relapse-past"
"""The concept of words that tell it as one of the history."""
RELAPSE_SUSPECTED: Final = "relapse-suspected"
"""The concept of words that suspect one."""
REMISSION_TOLD: Final = "remission-told"
"""The concept of words of a report that name a remission: they prove none, and leave open whether a relapse is still there."""
PAST, SUSPECTED = frozenset({RELAPSE_TOLD, RELAPSE_PAST}), frozenset({RELAPSE_TOLD, RELAPSE_SUSPECTED})
TOLD, NOTHING = frozenset({RELAPSE_TOLD}), frozenset[str]()
SUSPECTED_RELAPSE: Final = "status-suspected-relapse"
FIRST_REMISSION: Final = "status-first-remission"
SECOND_REMISSION, THIRD_REMISSION = "status-second-remission", "status-third-or-later-remission"
LATER_REMISSIONS = frozenset({SECOND_REMISSION, THIRD_REMISSION})
EARLY_REMISSIONS = frozenset({"status-remission", FIRST_REMISSION})
NOTHING_SEEN: Final = "status-nothing-seen"
"""The concept of words that no sign of the leukaemia was seen: they prove no remission, and deny no relapse of before."""
REMISSIONS = EARLY_REMISSIONS | LATER_REMISSIONS
NONE_SEEN = frozenset({NOTHING_SEEN, "no-relapse"})
_BESIDE_THAT = NONE_SEEN | REMISSIONS | {"status-stable"}
_OF_REMISSION = REMISSIONS | NONE_SEEN


def _of_others(words: Mapping[str, Sequence[str]], relapse: str) -> re.Pattern[str]:
    """Return the pattern of a relapse of another illness that is named with it, and with nothing else."""
    illness, relapsing, of = (any_of(words[part]).pattern for part in ("relapsing_illnesses", "relapsing", "relapse_of"))
    joined, within = any_of(words["joined_by"]).pattern, any_of(words["within"]).pattern
    in_front = rf"(?:{relapsing}[ -]|{relapse} {of} ){illness}(?!\W+{joined})"
    behind = rf"{illness}(?:,? {relapsing}|[ -](?:{within} )?{relapse})(?=(?: \d[\d./-]*)?(?:\W*\Z|\s*[,.;|]))"
    return re.compile(f"{in_front}|{behind}", re.IGNORECASE)


TRANSPLANTS = frozenset({"allo-hsct", "auto-hsct", "hsct-unspecified", "donor-allogeneic"})


def _time_after(words: Mapping[str, Sequence[str]], transplant: str) -> re.Pattern[str]:
    """Return the pattern of the time that has passed since a transplant, in front of that: `day +100` in `day +100 post HSCT`."""
    unit, after, at = (any_of(words[part]).pattern for part in ("time_units", "after_cells", "at_a_time"))
    counted = rf"(?:{unit}\s?\+?\s?\d{{1,4}}|(?<!\w)\+?\d{{1,4}}\s?{unit})"
    return re.compile(rf"(?:{at}\s)?{counted}\s(?={after}\s(?:\w{{1,20}}\s)?{transplant})", re.IGNORECASE)


def _states(judged: frozenset[str]) -> frozenset[str]:
    """Return what words judge without the answers, such as that of the residual disease."""
    return frozenset(concept for concept in judged if not concept.startswith("answer-"))


class RelapseWords:
    """The words of `language.yaml` around a relapse, and its names."""

    def __init__(
        self,
        words: Mapping[str, Sequence[str]],
        names: Mapping[str, Sequence[str]],
        diseases: DiseaseWords,
        relapse: re.Pattern[str],
    ) -> None:
        """Compile the words once; matching never changes them. `names`: of all concepts; `relapse`: the names of a relapse."""
        self._diseases, self._names, self._clauses = diseases, relapse, Clauses(words)
        self._suspected = marker_pattern(names.get(SUSPECTED_RELAPSE, ()))
        self._to_come, self._recurring = any_of(words["relapse_to_come"]), any_of(words["recurring"])
        self._of_others = _of_others(words, relapse.pattern)
        # quick to look for: few texts have one of these
        self._illnesses = frozenset(plain(name).casefold().split()[0] for name in words["relapsing_illnesses"])
        self._suspicion, self._taken_back = any_of(words["suspicion"]), any_of((*words["ruled_out"], *words["not_confirmed"]))
        self._left_open = any_of(words["left_open"])
        self._denied_before = any_of(words["negative_before"])
        self._over_before = any_of(words["over_before"])
        between = any_of(words["between"]).pattern
        self._known_before = re.compile(rf"{any_of(words['relapse_before']).pattern}\W+(?:{between}\W+)*\Z", re.IGNORECASE)
        remission = marker_pattern(name for concept in sorted(REMISSIONS) for name in names.get(concept, ())).pattern
        self._remissions = re.compile(remission, re.IGNORECASE)
        now, within, had = (any_of(words[part]).pattern for part in ("now_in", "within", "had_relapsed"))
        self._now = re.compile(rf"{now}\W+(?:{within}\W+)?(?:{between}\W+)*{remission}", re.IGNORECASE)
        self._within = re.compile(rf"{within}\W+(?:{between}\W+)*{remission}", re.IGNORECASE)
        self._had = re.compile(had, re.IGNORECASE)
        lasting, since, of = (any_of(words[part]).pattern for part in ("lasting", "since", "of_a_year"))
        self._dates = ToldDates(words)
        beside = rf"(?=\W*\Z|\s*[,;.|(]|\W+(?:{within}\W+)?{remission}|\W+{since})"
        self._lasting = re.compile(lasting + beside, re.IGNORECASE)
        until = rf"(?:\s?[-–]\s?|\s+{any_of(words['until']).pattern}\s+)"
        self._since = re.compile(rf"{since}\W+(?:{self._dates.month}\W+(?:{of}\W+)?)?{DATE}(?!{until}\d)", re.IGNORECASE)
        self._after_transplant = _time_after(
            words, marker_pattern(n for c in sorted(TRANSPLANTS) for n in names.get(c, ())).pattern
        )
        self._after_treatment = any_of(words["after_treatment"])
        self._period = re.compile(rf"{DATE}{until}{DATE}", re.IGNORECASE)

    def told_in(self, text: str) -> frozenset[str]:
        """Return how a text tells a relapse, as concepts: plainly, else in doubt, else as one of the history.

        Nothing for one that it denies or asks for, for the risk of one, and for that of a relative.
        """
        left = self._without_others(text)
        found = {self._at(left, *span) for span in mentions(left, self._names)}
        for start, end in mentions(left, self._suspected):  # `Rezidivverdacht` does not name a relapse for itself
            found |= {SUSPECTED} if self._diseases.stance_at(left, start, end) is Stance.HAD else set()
        return next((kind for kind in (TOLD, SUSPECTED, PAST) if kind in found), NOTHING)

    def is_plain(self, text: str) -> bool:
        """Return whether a text names a relapse plainly at one place at least; the risk of one, or one asked for, is none."""
        left = self._without_others(text)
        return bool(mentions(left, self._names)) and self._diseases.stance(left, self._names) is Stance.HAD

    def denies(self, text: str) -> bool:
        """Return whether a text that names a relapse says of each that there was none, or that one may only come."""
        left = self._without_others(text)
        return not mentions(left, self._names) or self._diseases.stance(left, self._names) is Stance.DENIED

    def is_told_beside(self, text: str, place: re.Pattern[str]) -> bool:
        """Return whether a relapse and a place stand in one clause of a text; also where the text names no relapse."""
        text = plain(text)
        clauses = [clause for clause in self._clauses.end.split(text) if self._names.search(clause)]
        return not clauses or any(place.search(clause) for clause in clauses)

    def _without_others(self, text: str) -> str:
        """Return a text without a relapse that may only come, or is told of another illness."""
        left = self._to_come.sub(" ", plain(text))
        folded = left.casefold()
        return self._of_others.sub(" ", left) if any(illness in folded for illness in self._illnesses) else left

    def without_duration(self, text: str, judged: frozenset[str], *, dated: bool = False) -> str:
        """Return a text without the words that a remission, all that it judges, lasts, and since which day it does.

        So it is with the time after a transplant, and the part of the treatment behind which it is. `dated`: also since which day
        nothing was seen, all that it judges.
        """
        if not _states(judged) <= _OF_REMISSION:
            return text
        if judged.isdisjoint(REMISSIONS):
            return self._since.sub(" ", plain(text)) if dated and self.since(text) is not None else text
        left = self._after_treatment.sub(" ", self._after_transplant.sub(" ", self._lasting.sub(" ", plain(text))))
        return self._since.sub(" ", left) if FIRST_REMISSION in judged or self.since(left) is not None else left

    def since(self, text: str) -> PartialDate | None:
        """Return since which day something is, where a text tells it, and of one thing only."""
        told = list(islice(self._since.finditer(plain(text)), 2))
        return self._dates.date_in(told[0][0]) if len(told) == 1 else None

    def without_remissions(self, text: str) -> str:
        """Return a text without the names of remissions."""
        return self._remissions.sub(" ", plain(text))

    def is_of_before(self, text: str, judged: frozenset[str]) -> bool:
        """Return whether what a text judges may not be of now, or is judged with what it denies: `no relapse or progression`.

        So it is with a remission from one day to another, and with a day on which nothing was seen.
        """
        if not judged.isdisjoint(NONE_SEEN):
            return not _states(judged) <= _BESIDE_THAT or DAY.search(text) is not None
        return not judged.isdisjoint(REMISSIONS) and self._period.search(plain(text)) is not None

    def without_recurring(self, text: str) -> str:
        """Return a text without the words that tell as well of anything else that it comes again: `recurrent fever`."""
        return self._recurring.sub(" ", plain(text))

    def _at(self, text: str, start: int, end: int) -> frozenset[str]:
        ending = SENTENCE_END.search(text, end)
        own, behind = self._clauses.own_part(text[:start]), text[end : ending.start() if ending else len(text)]
        after = text[end : end + FURTHEST]
        stance = self._diseases.stance_at(text, start, end)
        if self._is_suspected(own, behind, in_doubt=stance is Stance.DOUBTED):
            return SUSPECTED
        if stance is not Stance.HAD:
            return NOTHING
        return PAST if self._now.search(after) or self._is_past(own, text[start:end], behind) else TOLD

    def _is_suspected(self, own: str, behind: str, *, in_doubt: bool) -> bool:
        beside = f"{own} {behind}"
        if in_doubt and (self._left_open.search(beside) or self._diseases.says_not_ruled_out(beside)):
            return True
        for part in (own, behind.partition(",")[0] if in_doubt else ""):
            word = self._suspicion.search(part)
            if word is not None:
                return not (self._denied_before.search(part[: word.start()]) or self._taken_back.search(behind))
        return False

    def _is_past(self, own: str, name: str, behind: str) -> bool:
        """Return whether a relapse is one before: by the words in front of it, or the remission that follows in its sentence."""
        if self._over_before.search(own) or self._known_before.search(own):
            return True
        within = self._within.search(behind) if self._had.fullmatch(name) else None  # `relapsed B-ALL in second remission`
        return within is not None and self._diseases.names_leukaemia(behind[: within.start()])
