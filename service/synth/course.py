"""The course of a made-up leukaemia: what happened on which day, before anybody writes any of it down."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from service.synth.chance import Chance

RELAPSED = frozenset({"relapse-1", "relapse-2"})
OTHER_CELLS = "car-t-cd22"
RESISTANT = frozenset({"refractory", "resistant-relapse"})
_AFTER_RELAPSE = frozenset({"relapse-2", "cr2"})


@dataclass(frozen=True, slots=True)
class Given:
    """Something that was given against the leukaemia: from its first to its last day."""

    what: str
    start: date
    end: date


@dataclass(slots=True)
class Course:
    """One patient with ALL: who, which leukaemia, when it went and came back, and what was given."""

    kind: str  # induction, refractory, cr1, relapse-1, relapse-2, cr2, silent, resistant-relapse
    group: str
    sex: str
    born: date
    diagnosed: date
    lineage: str  # b, t, untold, mixed
    ph: bool
    remissions: list[date] = field(default_factory=list)
    relapses: list[date] = field(default_factory=list)
    given: list[Given] = field(default_factory=list)
    transplant: date | None = None
    end_of_therapy: date | None = None  # of the first treatment, where it was over before the first relapse
    sites: list[str] = field(default_factory=list)  # of each relapse: marrow, extramedullary, combined

    @property
    def state(self) -> str:
        """The state of the disease today."""
        if self.kind == "induction":
            return "newly-diagnosed"
        if self.kind in RESISTANT:
            return "refractory"
        return "relapsed" if self.kind in RELAPSED else "remission"

    @property
    def in_remission(self) -> bool:
        """Whether the last thing that happened was a remission."""
        return self.kind in {"cr1", "cr2"}

    @property
    def last_event(self) -> date:
        """The day of the diagnosis, or of the remission or relapse after it that was the last."""
        return max((self.diagnosed, *self.remissions, *self.relapses))

    def was_given(self, what: str) -> Given | None:
        """Return the last time that something was given."""
        return next((one for one in reversed(self.given) if one.what == what), None)


def course_of(chance: Chance, often: dict[str, Any], as_of: date) -> Course:
    """Return the course of one patient as seen on a day; nothing in it lies after that day."""
    group = chance.weighed({name: row["share"] for name, row in often["ages"].items()})
    kind = chance.weighed(often["course"])
    lineage = chance.weighed(often["lineage"])
    ph = lineage not in {"t", "mixed"} and chance.happens(often["ph_positive"][group])
    diagnosed, remissions, relapses = _days(chance, kind, as_of)
    ages = often["ages"][group]
    born = diagnosed - timedelta(days=chance.whole(ages["from"], ages["to"]))
    course = Course(kind, group, chance.one_of(("female", "male")), born, diagnosed, lineage, ph, remissions, relapses)
    course.sites = [chance.weighed(often["site"]) for _ in relapses]
    if kind == "resistant-relapse":  # its marrow is full, and would be a relapse of its own after one outside of it
        course.sites = ["marrow"]
    planned = chance.day(diagnosed, 700, 760)
    course.end_of_therapy = planned if relapses and planned < relapses[0] else None
    if remissions:
        _treat(course, chance, often, as_of)
    return course


def _days(chance: Chance, kind: str, as_of: date) -> tuple[date, list[date], list[date]]:
    """Return the day of diagnosis, of the remissions and of the relapses; told from today back to the beginning."""

    def ago(day: date, least: int, most: int) -> date:
        return chance.day(day, -most, -least)

    match kind:
        case "induction":
            return ago(as_of, 7, 25), [], []
        case "refractory":
            return ago(as_of, 50, 100), [], []
        case "silent":
            return ago(as_of, 100, 900), [], []
        case "cr1":
            diagnosed = ago(as_of, 150, 700)
            return diagnosed, [chance.day(diagnosed, 31, 40)], []
        case "relapse-1" | "resistant-relapse":
            relapse = ago(as_of, 5, 40) if kind == "relapse-1" else ago(as_of, 45, 58)
            diagnosed = ago(relapse, 450, 1500)
            return diagnosed, [chance.day(diagnosed, 31, 40)], [relapse]
    second = ago(as_of, 30, 200)
    last: list[date] = []
    if kind == "relapse-2":
        last = [ago(as_of, 5, 40)]
        second = ago(last[0], 200, 600)
    first = ago(second, 45, 58)
    diagnosed = ago(first, 450, 1400)
    return diagnosed, [chance.day(diagnosed, 31, 40), second], [first, *last]


def _treat(course: Course, chance: Chance, often: dict[str, Any], as_of: date) -> None:
    """Add what was given beside the backbone: antibodies and cells after a first relapse or to deepen a first remission."""
    after_relapse = course.kind in _AFTER_RELAPSE
    begin = course.relapses[0] if after_relapse else course.remissions[0]
    if course.lineage != "t":
        for what, least, most, days in (("blinatumomab", 6, 9, 28), ("inotuzumab", 6, 10, 14), ("car-t", 14, 30, 0)):
            if chance.happens(often[what.replace("-", "_")][course.kind]):
                start = chance.day(begin, least, most)
                course.given.append(Given(what, start, start + timedelta(days=days)))
        if after_relapse and course.was_given("car-t") is None and chance.happens(often["other_cells"]):
            day = chance.day(begin, 14, 30)
            course.given.append(Given(OTHER_CELLS, day, day))
    if chance.happens(often["transplant"][course.kind]):
        day = chance.day(course.remissions[-1], 60, 110)
        if day < as_of - timedelta(days=10):
            course.transplant = day
