"""The results that are written of a course: marrows, residual disease, antigens on the blasts, each with its truth."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from service.synth import ways
from service.synth.codes import CODES, FACTS, Code
from service.synth.meaning import Written, marrow_word
from service.synth.spans import month_of
from service.synth.truth import CLOUDED, CONTRADICTED, STALE, UNTOLD
from service.synth.values import coded, part

if TYPE_CHECKING:
    from service.synth.course import Course
    from service.synth.page import Page

ANTIGENS = {"cd19": frozenset({"blinatumomab", "car-t"}), "cd22": frozenset({"inotuzumab"})}


class Results:
    """The results of one course."""

    def __init__(self, page: Page, course: Course, written: Written):
        """Begin with none."""
        self.story, self.truth, self.chance, self.often, self.as_of = page.story, page.truth, page.chance, page.often, page.as_of
        self.course, self.written = course, written

    def marrow(self, share: int, *, told: bool) -> None:
        """Set the newest share of blasts and its class."""
        for name, value in (("marrow_blasts_percent", share), ("marrow_class", marrow_word(share, self.often["limits"]))):
            if told:
                self.truth.set(name, value)
            else:
                self.truth.silent(name, value)

    def marrows(self) -> None:
        """Write some of the marrows of remissions and relapses; the newest that is written is what the record tells."""
        course, truth = self.course, self.truth
        if course.kind == "refractory":
            return
        low, high = self.often["blast_share_from"], self.often["blast_share_to"]
        written: list[tuple[date, int]] = []
        for number, day in enumerate(course.remissions):
            share, told = self.chance.whole(0, 4), self.chance.happens(40)
            if number == 0:
                self.end_of_induction(share, told=told)
                truth.set("remission_at_end_of_induction", real=True)
            if told:
                self.story.blasts(day.isoformat(), share)
                written.append((day, share))
        for day in course.relapses:
            if self.chance.happens(70):
                share = self.chance.whole(low, high)
                self.story.blasts(day.isoformat(), share)
                self.written.sites[day] = "marrow"
                self.written.coded_only.discard(day)
                written.append((day, share))
        if written:
            self.marrow(max(written)[1], told=True)

    def end_of_induction(self, share: int, *, told: bool) -> None:
        """Set the class of the marrow at the end of the first induction."""
        truth = self.truth
        if told and self._induction_dated():
            truth.set("marrow_class_end_of_induction", marrow_word(share, self.often["limits"]))
        else:
            truth.silent("marrow_class_end_of_induction", marrow_word(share, self.often["limits"]))

    def residuals(self) -> None:
        """Write the residual disease of some of the remissions."""
        course, truth = self.course, self.truth
        measured: date | None = None
        for number, day in enumerate(course.remissions):
            value, told, real = ways.residual(self.chance, self.chance.weighed(self.often["mrd"]))
            if not self.chance.happens(self.often["told"]):
                if number == 0:
                    truth.silent("mrd_end_of_induction_percent", real)
                continue
            measured = day
            point = "end-of-induction" if number == 0 and self.chance.happens(60) else ""
            code = Code(FACTS, "mrd") if self.chance.happens(60) else self.chance.one_of(("MRD", "Minimal residual disease"))
            component = [part(Code(FACTS, "mrd-time-point"), coded(Code(FACTS, point)))] if point else []
            self.story.observed("mrd", code, day.isoformat(), value, marrow=True, component=component)
            if number == 0 and (point or self._induction_dated()):
                truth.set("mrd_end_of_induction_percent", real, None if told == real else told)
                truth.set("mrd_pcr_unavailable", real=False)
            elif number == 0:
                truth.silent("mrd_end_of_induction_percent", real, CLOUDED)
            truth.set("mrd_percent", real, None if told == real else told)
        if measured is not None and course.relapses and measured < course.relapses[-1]:
            truth.silent("mrd_percent", None, STALE)  # the disease came back since

    def _induction_dated(self) -> bool:
        """Return whether the first drug dates the induction: only where it surely came soon after the diagnosis."""
        first = month_of(self.course.diagnosed)[0] if self.written.month_only else self.course.diagnosed
        begin = self.written.first_drug
        return begin is not None and (begin - first).days <= self.often["limits"]["induction_within_days_of_the_diagnosis"]

    def antigen(self, name: str) -> None:
        """Test an antigen at the diagnosis and at relapses; what was directed against it outdates what was seen before."""
        course, chance, truth = self.course, self.chance, self.truth
        if not chance.happens(self.often["antigen_tested"]):
            truth.silent(name, "positive")
            if chance.happens(40):
                truth.cloud(name)
                ways.antigen_says_nothing(self.story, chance, name, course.diagnosed.isoformat())
            return
        directed = [one for one in course.given if one.what in ANTIGENS[name]]
        tests: list[tuple[date, bool, int, bool]] = []
        for number, day in enumerate((course.diagnosed, *course.relapses)):
            before = any(one.end < day for one in directed)
            if number and not chance.happens(self.often["retested"]):
                continue
            shown = not before or chance.happens(self.often["antigen_kept"])
            share, counted = ways.antigen(self.story, chance, name, day.isoformat(), positive=shown)
            tests.append((day, shown, share, counted))
        last, shown, share, counted = tests[-1]
        answer = "positive" if shown else "negative"
        outdated = any(one.end >= last for one in directed)
        truth.set(f"{name}_specimen_age_days", (self.as_of - last).days)
        how = STALE if outdated and not course.in_remission else ""
        if self.chance.happens(self.often["contradicted"]):
            how = CONTRADICTED
            other = CODES["negative" if shown else "positive"]
            self.story.marker(name, last.isoformat(), coded(other))
            self.story.marker(name, last.isoformat(), coded(CODES["positive" if shown else "negative"]))
            truth.silent(f"{name}_specimen_age_days", (self.as_of - last).days, CONTRADICTED)
        if how:
            truth.silent(name, answer, how)
        else:
            truth.set(name, answer)
        if name == "cd22":
            self._many(share, told=not how and (counted or not shown), how=how)

    def _many(self, share: int, *, told: bool, how: str) -> None:
        """Set whether as many blasts show CD22 as some trials ask for."""
        if told:
            self.truth.set("cd22_ge20", share >= self.often["limits"]["cd22_of_trials_from"])
        else:
            self.truth.silent("cd22_ge20", share >= self.often["limits"]["cd22_of_trials_from"], how or UNTOLD)
