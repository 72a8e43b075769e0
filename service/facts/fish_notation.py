"""Interphase FISH in ISCN notation, `nuc ish(ABL1,BCR)x3(ABL1 con BCRx2)[150/200]`, as patterns of signals.

Grammar only: which genes make which marker stands in `chromosomes.yaml`. Every search is bounded and linear.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

LONGEST = 4_000
MOST_PATTERNS = 40

_BEGIN = re.compile(r"nuc\s{0,3}ish", re.IGNORECASE)
_TOKEN = re.compile(
    r"\((?P<group>[^()]{1,200})\)(?P<times>x\d{1,3}(?:~\d{1,3})?\+?)?|\[(?P<part>\d{1,6})(?:/(?P<all>\d{1,6}))?\]"
)
_BETWEEN = re.compile(r"[\s,./;0-9XYpqtercn~-]{0,40}\Z")
_TIMES = re.compile(r"x(\d{1,3})(?:~(\d{1,3}))?(\+?)\Z")
_MEMBER = re.compile(r"(?:[53]['’])?\s*([A-Z][A-Z0-9@-]*)(x\d{1,3}(?:~\d{1,3})?\+?)?\Z")
_NEVER = re.compile(r"x0(?:~(\d{1,3}))?\Z")  # two probes together, or two halves apart, in no signal
_CON = re.compile(r"\s+con\s+")
_SEP = re.compile(r"\s+sep\s+")


@dataclass(frozen=True, slots=True)
class Signals:
    """How many signals of a probe a cell shows; `most` None: or more."""

    probe: str
    least: int
    most: int | None


@dataclass(frozen=True, slots=True)
class Pattern:
    """One pattern of signals and the share of nuclei, in percent, that show it; None where it was not written."""

    signals: tuple[Signals, ...]
    fused: frozenset[frozenset[str]]  # probes seen together
    split: frozenset[str]  # probes whose two halves are apart
    share: Decimal | None

    @property
    def probes(self) -> frozenset[str]:
        """All probes that the pattern is about."""
        return frozenset(one.probe for one in self.signals).union(self.split, *self.fused)


def patterns_in(text: str) -> tuple[Pattern, ...]:
    """Return the patterns of every `nuc ish` of a text; a pattern that no cell shows is left out."""
    text = text[:LONGEST]
    begins = [match.end() for match in _BEGIN.finditer(text)]
    found: list[Pattern] = []
    for number, begin in enumerate(begins):
        until = begins[number + 1] if number + 1 < len(begins) else len(text)
        found.extend(_patterns(text[begin:until]))
    return tuple(found[:MOST_PATTERNS])


def _patterns(text: str) -> list[Pattern]:
    found: list[Pattern] = []
    groups: list[tuple[str, str]] = []
    end = 0
    for token in _TOKEN.finditer(text):
        if not _BETWEEN.match(text[end : token.start()]):
            break
        end = token.end()
        if token["group"] is not None:
            groups.append((token["group"], token["times"] or ""))
        elif groups:
            found.extend(_pattern(groups, _share(token)))
            groups = []
    return [*found, *_pattern(groups, None)] if groups else found


def _share(cells: re.Match[str]) -> Decimal | None:
    if cells["all"] is None or int(cells["all"]) == 0:
        return None
    return Decimal(100) * int(cells["part"]) / int(cells["all"])


def _pattern(groups: list[tuple[str, str]], share: Decimal | None) -> list[Pattern]:
    if share == 0:
        return []
    signals: list[Signals] = []
    fused: set[frozenset[str]] = set()
    split: set[str] = set()
    for group, times in groups:
        joined, parted = _CON.split(group), _SEP.split(group)
        if len(joined) > 1 or len(parted) > 1:
            members = [match for part in (joined if len(joined) > 1 else parted) if (match := _MEMBER.match(part.strip()))]
            never = _NEVER.match((members[-1][2] if members else None) or times)
            if never is None:
                _add(frozenset(match[1] for match in members), fused, split, apart=len(parted) > 1)
            elif int(never[1] or 0):
                return []  # perhaps in none: nothing is told
            continue
        for part in group.split(","):
            match = _MEMBER.match(part.strip())
            counted = _TIMES.match((match[2] or times) if match else "")
            if match is not None and counted is not None:
                least, most = int(counted[1]), int(counted[2] or counted[1])
                signals.append(Signals(match[1], least, None if counted[3] else most))
    if not signals and not fused and not split:
        return []
    return [Pattern(tuple(signals), frozenset(fused), frozenset(split), share)]


def _add(probes: frozenset[str], fused: set[frozenset[str]], split: set[str], *, apart: bool) -> None:
    """Add probes that are seen together, or the halves of one that are seen apart."""
    if apart:
        split.update(probes)
    elif len(probes) > 1:
        fused.add(probes)
