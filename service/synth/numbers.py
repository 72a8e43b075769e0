"""The numbers that are written of a course: relapses, remissions, lines, phases and inhibitors, each with its truth."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from service.synth.codes import CODES
from service.synth.course import RESISTANT
from service.synth.truth import limits
from service.synth.values import moment

if TYPE_CHECKING:
    from service.synth.chance import Chance
    from service.synth.course import Course
    from service.synth.meaning import Written
    from service.synth.page import Page
    from service.synth.truth import Told


class Numbers:
    """The numbers of one course."""

    def __init__(self, page: Page, course: Course, written: Written):
        """Begin with none."""
        self.story, self.truth, self.chance, self.often, self.as_of = page.story, page.truth, page.chance, page.often, page.as_of
        self.course, self.written = course, written

    def _told(self) -> bool:
        return self.chance.happens(self.often["told"])

    def write(self) -> None:
        """Write how many relapses and remissions there were, or leave it to the course: a code alone counts no second relapse."""
        course, story, truth = self.course, self.story, self.truth
        relapses, remissions = len(course.relapses), len(course.remissions)
        day = course.last_event.isoformat()
        stated = self.chance.happens(50)
        weak = self.written.coded_only
        if course.kind == "induction":
            truth.set("relapse_count", 0)
            truth.set("remission_number", 0)
        elif course.kind == "refractory":
            truth.silent("remission_number", 0)
            if stated:
                story.stated("relapse-number", day, 0)
            if stated or self.written.never_in_remission:
                truth.set("relapse_count", 0)
            else:
                truth.silent("relapse_count", 0)
        elif stated or not weak:
            if stated:
                story.stated("relapse-number", day, relapses)
            truth.set("relapse_count", relapses)
            self._remissions(remissions, None)
        else:
            least = 1 + sum(one not in weak for one in course.relapses[1:])
            truth.set("relapse_count", relapses, limits(least, None))
            self._remissions(remissions, limits(least + course.in_remission, None))
        self._lines(day)
        self._phase()
        self._inhibitors()
        self._asked()

    def _asked(self) -> None:
        """Write what is told in words only: the response to prednisone, the end of treatment, that nothing else is left."""
        course, story, truth, chance = self.course, self.story, self.truth, self.chance
        response = chance.weighed(self.often["prednisone"])
        day = course.diagnosed + timedelta(days=11)
        if day <= self.as_of and chance.happens(30):
            story.stated("prednisone-response", day.isoformat(), response)
            truth.set("prednisone_response", response)
        else:
            truth.silent("prednisone_response", response)
        if not course.relapses:
            return
        if chance.happens(20):
            story.stated("no-alternative-treatment", lately(self.chance, self.course, self.as_of), value=True)
            truth.happened("no_alternative_stated")
        if course.end_of_therapy is not None and self._told():
            story.stated("end-of-primary-therapy", course.relapses[0].isoformat(), moment(course.end_of_therapy.isoformat()))
            self.written.end_of_therapy = True
        elif course.end_of_therapy is None and len(course.relapses) == 1 and self._told():
            before = course.relapses[0] - timedelta(days=chance.whole(5, 50))
            story.stated("treatment-phase", before.isoformat(), "maintenance")
            self.written.end_of_therapy = True

    def _lines(self, day: str) -> None:
        """Write how many lines of treatment there were, or leave it to what was given: one before each relapse, one for each."""
        course, truth = self.course, self.truth
        lines = max(1, len(course.remissions)) + (course.kind == "resistant-relapse")
        if self._told():
            self.story.stated("prior-lines", day, lines)
            truth.set("prior_lines", lines)
            return
        told: Told | None = None
        match course.kind:
            case "refractory":
                truth.silent("prior_lines", lines)
                return
            case "resistant-relapse":
                told = limits(1, 2)  # what was given was short, and may have been bridging
            case "cr2" if not course.given:
                told = limits(1, None)
            case "relapse-2" if not course.given:
                told = limits(2, None)
            case "cr2" | "relapse-2" if course.ph:
                told = limits(2, 3)  # a change of the kinase inhibitor may be one
            case "cr1" | "relapse-1" if course.given:
                told = limits(1, 2)  # an antibody may consolidate or be a line of its own
        truth.set("prior_lines", lines, told)

    def _remissions(self, number: int, told: Told | None) -> None:
        """Set the number of remissions; where treatment failed it does not follow from the relapses alone."""
        if self.course.kind in RESISTANT:
            self.truth.silent("remission_number", number)
        else:
            self.truth.set("remission_number", number, told)

    def _phase(self) -> None:
        course = self.course
        if course.kind == "induction":
            phase = "induction"
        elif course.kind == "cr1":
            phase = self.chance.one_of(("consolidation", "maintenance"))
        else:
            return
        if self._told():
            self.story.stated("treatment-phase", lately(self.chance, self.course, self.as_of), phase)
            self.truth.set("treatment_phase", phase)
        else:
            self.truth.silent("treatment_phase", phase)

    def _inhibitors(self) -> None:
        """A Philadelphia-positive patient takes one kinase inhibitor until the relapse on it, then the next."""
        course, truth = self.course, self.truth
        if not course.ph:
            return
        truth.happened("prior_tki")
        drugs = [CODES[name] for name in ("imatinib", "dasatinib-atc", "ponatinib")]
        begin = course.diagnosed + timedelta(days=5)
        if course.kind == "cr1" and self.chance.happens(self.often["stopped_for_intolerance"]):
            self.story.took(drugs[0], begin.isoformat(), (begin + timedelta(days=20)).isoformat(), reason="intolerance")
            self.story.took(drugs[1], (begin + timedelta(days=24)).isoformat(), status="active")
            truth.set("tki_failed", 0, limits(0, 2))
            truth.set("tki_intolerant", 1, limits(1, 2))
            return
        for drug, end in zip(drugs, course.relapses, strict=False):
            self.story.took(drug, begin.isoformat(), end.isoformat(), reason="relapse on treatment")
            begin = end + timedelta(days=3)
        failed = len(course.relapses)
        if course.kind in {"cr1", "cr2", "induction", "refractory"}:
            self.story.took(drugs[failed], begin.isoformat(), status="active")
            truth.set("tki_failed", failed, limits(failed, failed + 1))
            truth.set("tki_intolerant", 0, limits(0, 1))
        else:
            truth.set("tki_failed", failed)
            truth.set("tki_intolerant", 0)


def lately(chance: Chance, course: Course, as_of: date) -> str:
    """Return one of the last days before the day asked about, none before the last event of the course."""
    days = (as_of - course.last_event).days
    return (as_of - timedelta(days=chance.whole(0, min(days, 4)))).isoformat()
