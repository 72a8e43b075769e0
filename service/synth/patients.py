"""One made-up patient after another: the same seed and number give the same record and truth, whatever else is made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from service.synth.beside import illnesses, organs, treatments
from service.synth.chance import Chance
from service.synth.codes import CODES
from service.synth.course import course_of
from service.synth.noise import surround
from service.synth.page import Page, years
from service.synth.story import Story
from service.synth.telling import Telling
from service.synth.truth import Truth

if TYPE_CHECKING:
    from service.synth.values import Json

_DAYS = 365
_EACH_TURN, _IN_TURN = 5, 8  # of the noise: days, resources


@dataclass(frozen=True, slots=True)
class Made:
    """A made-up patient: the record, what it tells, what happened, and what kind of course it is."""

    story: Story
    truth: Truth
    kind: str
    as_of: date

    def truth_line(self) -> Json:
        """Return the truth as it stands in a line of truth.ndjson."""
        facts = dict(sorted(self.truth.told.items()))
        real = dict(sorted(self.truth.real.items()))
        return {"patient": self.story.name, "asOf": self.as_of.isoformat(), "kind": self.kind, "facts": facts, "real": real}


def patient(seed: int, number: int, often: dict[str, Any], as_of: date) -> Made:
    """Return a patient by seed and number, as seen on a day."""
    chance = Chance(seed, number)
    name = f"patient-{seed}-{number}"
    if chance.happens(often["all"]):
        course = course_of(chance, often, as_of)
        page = _page(name, course.born, course.sex, chance, often, as_of)
        Telling(page, course).write()
        treatments(page, course)
        kind, since = course.kind, course.diagnosed
    else:
        kind = chance.weighed(often["not_all"])
        born = as_of - timedelta(days=chance.whole(3 * _DAYS, 80 * _DAYS))
        since = as_of - timedelta(days=chance.whole(20, 2 * _DAYS))
        page = _page(name, born, chance.one_of(("female", "male")), chance, often, as_of)
        _other_disease(page, kind, since.isoformat())
    illnesses(page, since)
    organs(page, date.fromisoformat(page.story.patient["birthDate"]))
    size = often["noise_to"][chance.weighed(often["noise"])]
    count = chance.whole(0, size)
    surround(page.story, count, as_of - timedelta(days=_EACH_TURN * (count // _IN_TURN + 2)))
    return Made(page.story, page.truth, kind, as_of)


def _page(name: str, born: date, sex: str, chance: Chance, often: dict[str, Any], as_of: date) -> Page:
    told_as, addressing = chance.weighed(often["bundles"]), chance.weighed(often["addressing"])
    story = Story(name, born=born.isoformat(), sex=sex, told_as=told_as, addressing=addressing)
    story.prefix = f"{name}-"
    truth = Truth()
    truth.set("sex", sex)
    truth.set("age_years", years(born, as_of))
    return Page(story, truth, chance, often, as_of)


def _other_disease(page: Page, kind: str, on: str) -> None:
    """Write what is no ALL; everything that is asked of an ALL stays unknown."""
    match kind:
        case "aml":
            page.story.diagnosed(on, CODES[page.chance.one_of(("aml", "cm-aml"))])
            page.truth.set("disease", "not-all")
        case "cml":
            page.story.diagnosed(on, CODES["cml"])
            page.truth.set("disease", "not-all")
        case "burkitt":
            page.story.diagnosed(on, CODES[page.chance.one_of(("burkitt", "gm-burkitt"))])
            page.truth.set("disease", "burkitt")
