"""One made-up patient after another: the same seed and number give the same record and truth, whatever else is made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from service.synth.beside import illnesses, treatments
from service.synth.chance import Chance
from service.synth.codes import CODES, concept
from service.synth.course import course_of
from service.synth.markers import markers
from service.synth.meaning import fill_in, mean
from service.synth.mistakes import mistakes
from service.synth.noise import surround
from service.synth.organs import organs
from service.synth.page import Page
from service.synth.spans import Stretch, later
from service.synth.story import Story
from service.synth.telling import Telling
from service.synth.truth import TOLD, Truth, plain
from service.synth.verdicts import true_verdicts

if TYPE_CHECKING:
    from service.knowledge.library import Library
    from service.synth.values import Json
    from service.synth.verdicts import Verdicts

_DAYS = 365
_EACH_TURN, _IN_TURN = 5, 8  # of the noise: days, resources


@dataclass(frozen=True, slots=True)
class Made:
    """A made-up patient: the record, what it tells, what happened, and what kind of course it is."""

    story: Story
    truth: Truth
    kind: str
    as_of: date
    ways: frozenset[tuple[str, int, int]] = frozenset()  # what was written, in which of how many ways

    def truth_line(self, library: Library | None = None) -> Json:
        """Return the truth as it stands in a line of truth.ndjson; the verdicts too where the knowledge files are given.

        `verdicts` are what is true of the patient, `decidable` what can be decided by what the record tells.
        """
        truth = self.truth
        line: Json = {
            "patient": self.story.name,
            "asOf": self.as_of.isoformat(),
            "kind": self.kind,
            "facts": {name: plain(value) for name, value in sorted(truth.told.items())},
            "real": {name: plain(value) for name, value in sorted(truth.real.items())},
            "how": {name: how for name, how in sorted(truth.how.items()) if how != TOLD},
        }
        if library is not None:
            real, decidable = self.verdicts(library)
            line |= {"verdicts": real.plain(), "decidable": decidable.plain()}
        return line

    def verdicts(self, library: Library) -> tuple[Verdicts, Verdicts]:
        """Return what is true of the patient, and what can be decided by what the record tells."""
        return true_verdicts(self.truth, library, self.as_of)


def patient(seed: int, number: int, often: dict[str, Any], as_of: date) -> Made:
    """Return a patient by seed and number, as seen on a day."""
    chance = Chance(seed, number)
    name = f"patient-{seed}-{number}"
    if chance.happens(often["all"]):
        course = course_of(chance, often, as_of)
        page = _page(name, course.born, course.sex, chance, often, as_of)
        telling = Telling(page, course)
        telling.write()
        markers(page, course)
        treatments(page, course)
        mistakes(page, course)
        mean(page, course, telling.written)
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
    creatinine = surround(page.story, count, as_of - timedelta(days=_EACH_TURN * (count // _IN_TURN + 2)))
    if creatinine is not None:
        page.truth.set("creatinine_mg_dl", creatinine[0])
        page.truth.measured["creatinine_mg_dl"] = creatinine[1]
    born = date.fromisoformat(page.story.patient["birthDate"])
    fill_in(
        page.truth, sex=page.story.patient["gender"], before_puberty=later(born, often["limits"]["no_pregnancy_below"]) > as_of
    )
    return Made(page.story, page.truth, kind, as_of, frozenset(chance.ways))


def _page(name: str, born: date, sex: str, chance: Chance, often: dict[str, Any], as_of: date) -> Page:
    told_as, addressing = chance.weighed(often["bundles"]), chance.weighed(often["addressing"])
    story = Story(name, born=born.isoformat(), sex=sex, told_as=told_as, addressing=addressing)
    story.prefix = f"{name}-"
    truth = Truth()
    truth.set("sex", sex)
    truth.set("age_years", Stretch.between(born, as_of))
    truth.set("age_days", (as_of - born).days)
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
        case "b-lbl":
            page.story.diagnosed(on, CODES["cm-lymphoma"], text="B-cell lymphoblastic lymphoma")
            page.truth.set("disease", "b-lbl")
        case "refuted-all":
            page.story.diagnosed(on, CODES["b-all"], verification="refuted")
        case "all-by-mistake":
            page.story.diagnosed(on, CODES["cm-all"], verification="entered-in-error")
        case "all-in-family":
            page.story.add(
                "FamilyMemberHistory",
                "family",
                status="completed",
                patient=page.story.about(),
                relationship=concept(text="brother"),
                condition=[{"code": concept(CODES["b-all"])}],
            )
        case "burkitt":
            page.story.diagnosed(on, CODES[page.chance.one_of(("burkitt", "gm-burkitt"))])
            page.truth.set("disease", "burkitt")
