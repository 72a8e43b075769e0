"""The results that are written of a course: marrows, residual disease, antigens on the blasts, each with its truth."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from service.synth import ways
from service.synth.codes import CODES, FACTS, Code
from service.synth.course import OTHER_CELLS
from service.synth.longhand.tests import bounds
from service.synth.meaning import Written, marrow_word
from service.synth.spans import month_of
from service.synth.truth import CLOUDED, CONTRADICTED, STALE, UNTOLD, limits
from service.synth.values import coded, part

if TYPE_CHECKING:
    from service.synth.course import Course
    from service.synth.page import Page
    from service.synth.truth import Told
    from service.synth.values import Json

ANTIGENS = {"cd19": frozenset({"blinatumomab", "car-t"}), "cd22": frozenset({"inotuzumab", OTHER_CELLS})}


class Results:
    """The results of one course."""

    def __init__(self, page: Page, course: Course, written: Written):
        """Begin with none."""
        self.story, self.truth, self.chance, self.often, self.as_of = page.story, page.truth, page.chance, page.often, page.as_of
        self.course, self.written = course, written
        self._measured: list[tuple[date, Told, Told]] = []  # residual disease of the marrow: when, how much, how much is told

    def marrow(self, share: int, *, told: bool) -> None:
        """Set the newest share of blasts and its class."""
        for name, value in (("marrow_blasts_percent", share), ("marrow_class", marrow_word(share, self.often["limits"]))):
            if told:
                self.truth.set(name, value)
            else:
                self.truth.silent(name, value)

    def marrows(self) -> None:
        """Write some of the marrows of remissions and relapses; the newest that is written is what the record tells."""
        course, written = self.course, self.written
        low, high = self.often["blast_share_from"], self.often["blast_share_to"]
        for number, day in enumerate(course.remissions):
            share, told = self.chance.whole(0, 4), self.chance.happens(40)
            if number == 0:
                self.end_of_induction(share, told=told)
                self.truth.set("remission_at_end_of_induction", real=True)
            if told:
                self.story.blasts(day.isoformat(), share)
                written.marrows.append((day, share))
        for day, site in zip(course.relapses, course.sites, strict=True):
            told = self._site(day, site)
            share = self.chance.whole(0, 4) if site == "extramedullary" else self.chance.whole(low, high)
            if told and self.chance.happens(70):
                self.story.blasts(day.isoformat(), share)
                written.marrows.append((day, share))
                if site != "extramedullary":
                    written.sites[day] = site
                    written.coded_only.discard(day)
        if written.marrows:
            self.marrow(max(written.marrows)[1], told=True)

    def _site(self, day: date, site: str) -> bool:
        """Write where a relapse was found; return whether its marrow may be written, which alone tells of no other site."""
        if site == "marrow":
            return True
        if not self.chance.happens(self.often["told"]):
            return False
        self.story.stated("relapse-site", day.isoformat(), site)
        self.written.sites[day] = site
        return True

    def end_of_induction(self, share: int, *, told: bool) -> None:
        """Set the class of the marrow at the end of the first induction."""
        truth = self.truth
        if told and self._induction_dated():
            truth.set("marrow_class_end_of_induction", marrow_word(share, self.often["limits"]))
        else:
            truth.silent("marrow_class_end_of_induction", marrow_word(share, self.often["limits"]))

    def residuals(self) -> None:
        """Write residual disease at the time points of treatment; the newest of the marrow is what the record tells now."""
        course, truth, begin = self.course, self.truth, self.written.first_drug
        if begin is None:
            return
        self._at_point("mrd_day8_blood_percent", "day-8-blood", begin + timedelta(days=7), often=15)
        self._at_point("mrd_day15_percent", "day-15", begin + timedelta(days=14), often=10)
        for number, day in enumerate(course.remissions):
            self._in_remission(number, day)
        if course.remissions:
            self._end_of_consolidation(self.chance.day(course.remissions[0], 45, 60))
        if course.kind in {"cr2", "relapse-2", "resistant-relapse"}:
            self._at_point("mrd_end_of_block1_percent", "end-of-block-1", self.chance.day(course.relapses[0], 30, 40), often=50)
        if not self._measured:
            return
        newest, real, told = max(self._measured, key=lambda one: one[0])
        for name in ("mrd_percent", "mrd_by_sensitive_assay_percent"):  # no sensitivity is told that is not good enough
            if course.relapses and newest < course.relapses[-1]:
                truth.silent(name, None, STALE)  # the disease came back since
            elif course.in_remission and newest < begin + timedelta(days=self.often["limits"]["end_of_induction_from_day"]):
                truth.silent(name, None, STALE)  # the remission came since
            elif any(one.start >= newest for one in course.given):
                truth.silent(name, None, STALE)  # what is given against it was given since
            else:
                truth.set(name, real, None if told == real else told)

    def _residual(self, name: str, day: date, point: str) -> Json:
        """Return how a residual disease of a day is written, and set what it tells."""
        value, told, real = ways.residual(self.chance, self.chance.weighed(self.often["mrd"]))
        if point and self.chance.happens(self.often["contradicted"]):
            told = self._also(point, day, told)
        if name:
            self.truth.set(name, real, None if told == real else told)
        if "blood" not in name:
            self._measured.append((day, real, told))
        return value

    def _also(self, point: str, day: date, told: Told) -> Told:
        """Write a second result of the same sample that differs; return the limits between which both lie."""
        value, other, _ = ways.residual(self.chance, self.chance.weighed(self.often["mrd"]))
        found = self.story.mrd(day.isoformat(), value, time_point=point)
        if "blood" in point:
            found["specimen"] = {"display": "Peripheral blood"}
        both = [bounds(one) for one in (told, other)]
        if both[0] == both[1]:
            return told
        return limits(float(min(one[0] or 0 for one in both)), float(max(one[1] or 0 for one in both)))

    def _at_point(self, name: str, point: str, day: date, *, often: int, method: str = "", laboratory: str = "") -> bool:
        """Write a result with the label of its time point, or keep it silent; return whether it is written."""
        if day > self.as_of or not self.chance.happens(often):
            _, _, real = ways.residual(self.chance, self.chance.weighed(self.often["mrd"]))
            self.truth.silent(name, real)
            return False
        found = self.story.mrd(
            day.isoformat(), self._residual(name, day, point), method=method, time_point=point, laboratory=laboratory
        )
        if "blood" in name:
            found["specimen"] = {"display": "Peripheral blood"}
        return True

    def _in_remission(self, number: int, day: date) -> None:
        truth = self.truth
        if not self.chance.happens(self.often["told"]):
            if number == 0:
                _, _, real = ways.residual(self.chance, self.chance.weighed(self.often["mrd"]))
                truth.silent("mrd_end_of_induction_percent", real)
            return
        point = "end-of-induction" if number == 0 and self.chance.happens(60) else ""
        told = number == 0 and bool(point or self._induction_dated())
        value = self._residual("mrd_end_of_induction_percent" if told else "", day, point)
        if told:
            truth.set("mrd_pcr_unavailable", real=False)
        elif number == 0:
            truth.silent("mrd_end_of_induction_percent", self._measured[-1][1], CLOUDED)
        code = Code(FACTS, "mrd") if self.chance.happens(60) else self.chance.one_of(("MRD", "Minimal residual disease"))
        component = [part(Code(FACTS, "mrd-time-point"), coded(Code(FACTS, point)))] if point else []
        self.story.observed("mrd", code, day.isoformat(), value, marrow=True, component=component)

    def _end_of_consolidation(self, day: date) -> None:
        """Write the residual disease after the consolidation, by which method and in which laboratory it was measured."""
        method, laboratory = self.chance.one_of(("flow", "pcr", "")), self.chance.one_of(("central", "local", ""))
        words = {"flow": "flow cytometry", "pcr": "RQ-PCR", "": ""}[method]
        name = "mrd_end_of_consolidation"
        written = self._at_point(f"{name}_percent", "end-of-consolidation", day, often=50, method=words, laboratory=laboratory)
        if written:
            self.truth.set("mrd_pcr_unavailable", real=False)
        for member, word in (("method", method), ("laboratory", laboratory)):
            if written and word:
                self.truth.set(f"{name}_{member}", word)
            elif word:
                self.truth.silent(f"{name}_{member}", word)

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
        outdated = outdated and not self._no_blasts_after(max(one.start for one in directed))
        how = STALE if outdated else ""
        if self.chance.happens(self.often["contradicted"]):
            how = CONTRADICTED
            other = CODES["negative" if shown else "positive"]
            self.story.marker(name, last.isoformat(), coded(other))
            self.story.marker(name, last.isoformat(), coded(CODES["positive" if shown else "negative"]))
            if not outdated:  # what no longer counts is not looked at for contradictions
                truth.silent(f"{name}_specimen_age_days", (self.as_of - last).days, CONTRADICTED)
        if how:
            truth.silent(name, answer, how)
        else:
            truth.set(name, answer)
        if name == "cd22":
            self._many(share, told=not how and (counted or not shown), how=how)

    def _no_blasts_after(self, treated: date) -> bool:
        """Return whether a remission without residual disease is told of after a treatment, or one that nobody measured."""
        remission = self.course.remissions[-1] if self.course.in_remission else None
        if remission is None:
            return False
        if not self._measured:
            return remission > treated
        newest, _, told = max(self._measured, key=lambda one: one[0])
        low, high, _, _ = bounds(told)
        negative = low == 0 and high is not None and high <= Decimal(str(self.often["limits"]["residual_disease_negative_to"]))
        return negative and max(newest, remission) > treated

    def _many(self, share: int, *, told: bool, how: str) -> None:
        """Set whether as many blasts show CD22 as some trials ask for."""
        if told:
            self.truth.set("cd22_ge20", share >= self.often["limits"]["cd22_of_trials_from"])
        else:
            self.truth.silent("cd22_ge20", share >= self.often["limits"]["cd22_of_trials_from"], how or UNTOLD)
