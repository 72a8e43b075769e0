"""Karyotypes in ISCN notation as clones: chromosome numbers, whole chromosomes gained and lost, structural changes, cells.

Grammar only: which change is which marker stands in `chromosomes.yaml`. What cannot be read makes a clone incomplete or, where it
is the chromosome number itself, the whole karyotype unreadable. Every search is bounded and linear.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

LONGEST = 4_000  # characters of a text in which karyotypes are looked for
MOST_CLONES = 40
MOST_KARYOTYPES = 8
_HAPLOID = 23
_NEAR_DIPLOID = (35, 57)  # the notation counts from two sets of chromosomes

_START = re.compile(r"(?<![\w.,/-])\d{2,3}(?:[~-]\d{2,3})?(?:<\d+n>)?,\s?[XYU?]+c?(?=[\s,/.;:|)\[\"']|\Z)")
# a blank may stand in the place of the comma before a change, where its cells are counted: words would not do that
_FORGOTTEN_COMMA = re.compile(r"(?<=[XYc)])[ \t]{1,3}(?=[+-]?[a-z]{1,6}\([^\s\[\]]{1,200}\[(?:cp)?\d{1,4}\])")
_RUN = re.compile(r"(?:\S|(?<=[,/])[ \t])++")
_OTHER_TECHNIQUE = re.compile(r"\.\s*[A-Za-z]|nuc\s?ish|\bish\b|\barr\b")
_NUMBER = re.compile(r"(\d{2,3})(?:[~-](\d{2,3}))?(?:<(\d)n>)?\Z")
_SEX = re.compile(r"([XYU?]+)(c?)\Z")
_SAME = re.compile(r"(?:idem|sl|sdl(\d?))(x2)?\Z")
_CELLS = re.compile(r"\[(cp)?(\d+)\]\Z")
_WHOLE = re.compile(r"([+-])(\d{1,2}|X|Y)(c?)(?:x(\d))?\Z")
_UNNAMED = re.compile(r"\+?(?:\d+(?:~\d+)?)?(?:mar|r|dmin|hsr)\d*\Z")
_PIECE = re.compile(r"([a-z]{1,6})\(([^()]*)\)(?:\(([^()]*)\))?")
_CHROMOSOMES = re.compile(r"(?:\d{1,2}|X|Y)(?:;(?:\d{1,2}|X|Y))*\Z")
_BAND = re.compile(r"[pq]\d+(?:\.\d+)?")
_CELLS_BEHIND = re.compile(r"\[\d+\]\Z")
_TIMES_BEHIND = re.compile(r"x\d\Z")
_DERIVATIVES = frozenset({"der", "ider", "idic", "dic"})


@dataclass(frozen=True, slots=True)
class Change:
    """One acquired structural change.

    `bands` by chromosome, empty where not written; `held_by`: the derivative chromosome that shows it, empty where balanced.
    """

    kind: str
    chromosomes: tuple[str, ...]
    bands: tuple[tuple[str, ...], ...] = ()
    held_by: str = ""


@dataclass(frozen=True, slots=True)
class Clone:
    """Cells with one karyotype.

    `least` to `most`: the chromosome number. `level`: sets of chromosomes from which gains and losses count; None where the
    number does not fit them. `complete`: everything written was understood.
    """

    least: int
    most: int
    level: int | None
    gained: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()
    cells: int | None = None
    complete: bool = True
    unnamed: bool = False  # marker chromosomes and the like
    doubled: bool = False
    inborn: int = 0  # chromosomes more than usual from birth
    inborn_gains: tuple[str, ...] = ()  # which of them are written as gained

    @property
    def abnormal(self) -> bool:
        """Whether these are cells of the leukaemia: something is acquired."""
        acquired = bool(self.gained or self.lost or self.changes or self.unnamed or not self.complete)
        return acquired or not self.least <= 2 * _HAPLOID + self.inborn <= self.most

    def copies(self, chromosome: str) -> int | None:
        """Return how many copies of a whole chromosome there are; None where the set they count from is not sure."""
        if self.level is None:
            return None
        gained, lost = self.gained.count(chromosome), self.lost.count(chromosome)
        return (self.level + gained - lost) * (2 if self.doubled else 1)


@dataclass(frozen=True, slots=True)
class Karyotype:
    """The clones of one specimen in the order in which they are written."""

    clones: tuple[Clone, ...]

    @property
    def leukaemic(self) -> tuple[Clone, ...]:
        """The clones that are not normal."""
        return tuple(clone for clone in self.clones if clone.abnormal)


def karyotypes_in(text: str) -> tuple[Karyotype, ...]:
    """Return the karyotypes that a text holds, as far as they can be read."""
    if "," not in text:
        return ()
    found: list[Karyotype] = []
    text = _FORGOTTEN_COMMA.sub(",", text[:LONGEST])
    end = 0
    for start in _START.finditer(text):
        if start.start() < end or len(found) == MOST_KARYOTYPES:
            continue
        run = _RUN.match(text, start.start())
        written = run[0] if run is not None else ""
        end = start.start() + len(written)
        read = parse(written)
        if read is not None:
            found.append(read)
    return tuple(found)


def holds_karyotype(text: str) -> bool:
    """Return whether something in a text looks like a karyotype, readable or not."""
    return _START.search(text[:LONGEST]) is not None


def loose_changes(text: str) -> tuple[Change, ...]:
    """Return the changes of a notation that is no whole karyotype, such as `t(9;22)(q34;q11)`; doubted ones are left out."""
    tokens = _split("".join(text[:LONGEST].split()), ",")
    return tuple(change for token in tokens if "?" not in token for change in _changes(token.lstrip("+")) or ())


def parse(written: str) -> Karyotype | None:
    """Return one karyotype; None where it cannot be read. After `//` stand the cells of a donor: they are left out."""
    found = _OTHER_TECHNIQUE.search(written)
    own = (written[: found.start()] if found else written).split("//", 1)[0]
    parts = _split("".join(own.split()).rstrip(".;:|\"'"), "/")
    if len(parts) > MOST_CLONES:
        return None
    clones: list[Clone] = []
    for part in parts:
        clone = _clone(part, clones)
        if clone is None:
            return None
        clones.append(clone)
    return Karyotype(tuple(clones))


def _split(text: str, sign: str) -> list[str]:
    """Return the parts between signs that stand outside of brackets."""
    parts: list[str] = []
    depth = start = 0
    for place, letter in enumerate(text):
        if letter in "([":
            depth += 1
        elif letter in ")]":
            depth -= 1
        elif letter == sign and depth <= 0:
            parts.append(text[start:place])
            start = place + 1
    return [*parts, text[start:]]


def _clone(text: str, before: list[Clone]) -> Clone | None:
    cells = _CELLS.search(text)
    tokens = _split(text[: cells.start()] if cells else text, ",")
    number = _NUMBER.match(tokens[0])
    if number is None:
        return None
    least, most = int(number[1]), int(number[2] or number[1])
    if least > most:
        return None
    level = int(number[3]) if number[3] else None
    rest = tokens[1:]
    start = Clone(least, most, level, complete=bool(rest))
    if rest and (same := _SAME.match(rest[0])):
        stem = _stem(same, before)
        if stem is None:
            return None
        doubled = bool(same[2]) or stem.doubled
        start = replace(stem, least=least, most=most, level=stem.level if doubled else level, doubled=doubled)
        rest = rest[1:]
    elif rest and (sex := _SEX.match(rest[0])):
        inborn = len(sex[1]) - 2 if sex[2] or len(rest) == 1 else 0
        start = replace(start, inborn=inborn, complete="?" not in sex[1])
        rest = rest[1:]
    for token in rest:
        start = _with(start, token)
    start = replace(start, cells=int(cells[2]) if cells else None)
    return replace(start, level=_level(start, composite=bool(cells and cells[1])))


def _stem(same: re.Match[str], before: list[Clone]) -> Clone | None:
    """Return the clone that `idem`, `sl` (the first one) or `sdl` (a later one) stands for."""
    abnormal = [clone for clone in before if clone.abnormal]
    place = int(same[1] or 1) if same[0].startswith("sdl") else 0
    return abnormal[place] if place < len(abnormal) else None


def _with(clone: Clone, token: str) -> Clone:
    """Return the clone with one more change; one that is not understood, or doubted, makes it incomplete."""
    token = _CELLS_BEHIND.sub("", token)
    whole = _WHOLE.match(token)
    if whole is not None:
        return _with_whole(clone, whole)
    if _UNNAMED.match(token):
        return replace(clone, unnamed=True)
    if "?" in token:
        return replace(clone, complete=False)
    lost, bare = token.startswith("-"), token.lstrip("+-")
    changes = _changes(_TIMES_BEHIND.sub("", bare.removesuffix("c")))
    if changes is None:
        return replace(clone, complete=False)
    if bare.endswith("c"):
        return clone
    if lost:
        return replace(clone, changes=tuple(change for change in clone.changes if not _is_gone(change, changes)))
    more = (bare[: bare.index(")") + 1],) if token.startswith("+") else ()
    return replace(clone, changes=(*clone.changes, *changes), gained=(*clone.gained, *more))


def _is_gone(change: Change, gone: tuple[Change, ...]) -> bool:
    """Return whether a clone that goes on from another has lost a change, or the derivative chromosome that holds it."""
    return any(
        (change.kind, change.chromosomes) == (one.kind, one.chromosomes)
        or (one.kind in _DERIVATIVES and change.held_by == one.held_by != "")
        for one in gone
    )


def _with_whole(clone: Clone, whole: re.Match[str]) -> Clone:
    times = int(whole[4] or 1)
    if whole[3]:
        gains = (*clone.inborn_gains, whole[2]) if whole[1] == "+" else clone.inborn_gains
        return replace(clone, inborn=clone.inborn + (times if whole[1] == "+" else -times), inborn_gains=gains)
    if whole[1] == "+":
        return replace(clone, gained=(*clone.gained, *(whole[2],) * times))
    return replace(clone, lost=(*clone.lost, *(whole[2],) * times))


def _changes(text: str) -> tuple[Change, ...] | None:
    """Return the changes of one token: a plain one, or those of which a derivative chromosome is made.

    A derivative without its parts stands for itself. None where the token is not understood.
    """
    pieces = list(_PIECE.finditer(text))
    if not pieces or "".join(piece[0] for piece in pieces) != text:
        return None
    found: list[Change] = []
    for piece in pieces:
        if not _CHROMOSOMES.match(piece[2]):
            return None
        chromosomes = tuple(piece[2].split(";"))
        bands = tuple(tuple(_BAND.findall(part)) for part in (piece[3] or "").split(";")) if piece[3] else ()
        if bands and len(bands) != len(chromosomes):
            return None
        found.append(Change(piece[1], chromosomes, bands))
    if found[0].kind in _DERIVATIVES:
        holder = found[0].chromosomes[0] if len(found[0].chromosomes) == 1 else ""
        held = tuple(replace(change, held_by=holder) for change in found)
        return held[1:] if holder and len(held) > 1 else held
    return tuple(found)


def _level(clone: Clone, *, composite: bool) -> int | None:
    """Return the set of chromosomes from which gains and losses count: the one that leads to the number that is written."""
    if clone.level is not None or clone.doubled:
        return clone.level
    two_in_one = sum(1 for change in clone.changes if change.kind in {"dic", "der", "rob"} and len(change.chromosomes) > 1)
    net = len(clone.gained) - len(clone.lost) - two_in_one + clone.inborn
    fitting = [n for n in (2, 1, 3, 4) if clone.least <= _HAPLOID * n + net <= clone.most]
    if fitting:
        return fitting[0]
    # a composite, or unnamed chromosomes in unknown number: near-diploid cells count from two
    near_diploid = clone.least >= _NEAR_DIPLOID[0] and clone.most <= _NEAR_DIPLOID[1]
    return 2 if (composite or clone.unnamed) and near_diploid else None
