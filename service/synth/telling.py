"""A course written down as a hospital would: the disease, its results and what was given, each fact with its truth."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from service.synth import ways
from service.synth.codes import CODES, EXTENSIONS, FACTS, Code, concept
from service.synth.page import years
from service.synth.truth import limits
from service.synth.values import absent, coded, part, words

if TYPE_CHECKING:
    from service.synth.course import Course
    from service.synth.page import Page

_ANTIGENS = {"cd19": frozenset({"blinatumomab", "car-t"}), "cd22": frozenset({"inotuzumab"})}
_B_CODES = (("b-all",), ("b-all", "cm-all"), ("common-all", "o3-b-all"), ("pre-b-all", "cm-all"), ("ncit-b-all",))
_PH_CODES = (("ph-positive-all",), ("b-all", "b-all-with-bcr-abl1"), ("b-all", "o3-b-all-with-bcr-abl1"))


class Telling:
    """One course and the record that is being written of it."""

    def __init__(self, page: Page, course: Course):
        """Begin with an empty record."""
        self.story, self.truth, self.chance, self.often, self.as_of = page.story, page.truth, page.chance, page.often, page.as_of
        self.course = course
        self._code = "b-all"  # of the disease, where it is written again

    def write(self) -> None:
        """Write everything, and what is true of it."""
        self._disease()
        self._philadelphia()
        self._kmt2a()
        self._at_diagnosis()
        if self.course.kind != "silent":
            self._responses()
            self._numbers()
            self._marrows()
            self._residuals()
        if self.course.lineage != "t":
            for name in _ANTIGENS:
                self._antigen(name)

    def told(self) -> bool:
        """Return whether the record tells the next fact."""
        return self.chance.happens(self.often["told"])

    def contradicted(self) -> bool:
        """Return whether the record contradicts itself on the next fact."""
        return self.chance.happens(self.often["contradicted"])

    # --- the disease --------------------------------------------------------------------------------------------------

    def _disease(self) -> None:
        course, chance, story = self.course, self.chance, self.story
        partial = course.kind != "induction" and chance.happens(self.often["partial_dates"])
        on = course.diagnosed.isoformat()[:7] if partial else course.diagnosed.isoformat()
        members: dict[str, Any] = {}
        text = ""
        match course.lineage:
            case "t":
                names = chance.one_of((("t-all",), ("t-lineage-precursor", "cm-all"), ("t-all", "o3-t-all")))
                self.truth.set("disease", "t-all")
            case "untold":
                names = chance.one_of((("all-any-lineage",), ("cm-all",)))
                self.truth.set("disease", "all-lineage-unknown")
            case _:
                names = self._b_codes()
                if names == ("cm-all",):
                    text = chance.one_of(("B-ALL", "B-cell acute lymphoblastic leukaemia"))
                if names == ("gm-all",):
                    members["extension"] = [
                        {"url": EXTENSIONS["mii-morphology"], "valueCodeableConcept": concept(CODES["o3-b-all"])}
                    ]
                self.truth.set("disease", "bcp-all")
        self._code = {"t": "t-all", "untold": "all-any-lineage"}.get(course.lineage, "b-all")
        story.diagnosed(on, *(CODES[name] for name in names), text=text, **members)
        self.truth.set("diagnosis_date", on)
        self._age_at_diagnosis(partial=partial)
        if course.lineage == "b" and self.contradicted():
            story.diagnosed(course.diagnosed.isoformat(), CODES["t-all"])
            self.truth.forget("disease")

    def _b_codes(self) -> tuple[str, ...]:
        if self.course.ph and self.chance.happens(20):
            self.truth.set("ph", "positive")
            return self.chance.one_of(_PH_CODES)
        return self.chance.one_of((*_B_CODES, ("cm-all",), ("gm-all",)))

    def _age_at_diagnosis(self, *, partial: bool) -> None:
        born, day = self.course.born, self.course.diagnosed
        exact = years(born, day)
        if not partial:
            self.truth.set("age_at_diagnosis_years", exact)
            return
        first = day.replace(day=1)
        last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        low, high = years(born, first), years(born, last)
        self.truth.set("age_at_diagnosis_years", exact, exact if low == high else limits(low, high))

    def _philadelphia(self) -> None:
        course, day, truth = self.course, self.course.diagnosed.isoformat(), self.truth
        if course.lineage == "t":
            return
        if truth.told["ph"] == "positive":
            if self.contradicted():
                self.story.fish_bcr_abl1(day)
                truth.forget("ph")
            return
        if not self.told():
            if self.chance.happens(40):
                if course.ph:
                    self.story.observed("fish", "BCR::ABL1 FISH", day, absent("not-performed"), marrow=True)
                else:
                    ways.philadelphia_says_nothing(self.story, self.chance, day)
            truth.silent("ph", "positive" if course.ph else "negative")
        elif course.ph:
            ways.philadelphia(self.story, self.chance, day)
            truth.set("ph", "positive")
        else:
            ways.no_philadelphia(self.story, self.chance, day)
            truth.set("ph", "negative")

    def _kmt2a(self) -> None:
        course, day = self.course, self.course.diagnosed.isoformat()
        if course.lineage != "b" or course.ph:
            return
        rearranged = self.chance.happens(self.often["kmt2a"][course.group])
        if self.told():
            ways.kmt2a(self.story, self.chance, day, rearranged=rearranged)
            self.truth.set("kmt2a_r", rearranged)
        else:
            self.truth.silent("kmt2a_r", rearranged)

    def _at_diagnosis(self) -> None:
        course, chance, day = self.course, self.chance, self.course.diagnosed.isoformat()
        corners = self.often["white_count"]
        band = chance.whole(0, len(corners) - 2)
        count = Decimal(chance.whole(corners[band] * 10, corners[band + 1] * 10)) / 10
        if self.told():
            unit, factor = chance.one_of((("10*9/L", 1), ("10*3/uL", 1), ("/uL", 1000)))
            code = CODES[chance.one_of(("wbc", "wbc-short"))]
            amount = count * factor
            self.story.wbc(day, int(amount) if amount == int(amount) else float(amount), unit, code)
            self.truth.set("wbc_at_diagnosis", float(count))
        status = chance.weighed(self.often["cns"])
        if self.told():
            if chance.happens(50):
                self.story.stated("cns-status", day, status)
            else:
                self.story.observed("cns", "CNS status", day, words(status))
            self.truth.set("cns_status", status)
        if course.kind == "silent":
            return
        begin = chance.day(course.diagnosed, 2, 4).isoformat()
        self.story.given(CODES["vincristine"], begin)
        if chance.happens(50):
            self.story.given(CODES["prednisone"], begin, contained=chance.happens(30))

    # --- the course -----------------------------------------------------------------------------------------------------

    def _responses(self) -> None:
        course, truth = self.course, self.truth
        for number, day in enumerate(course.remissions):
            self._remission(day.isoformat(), stated=number == len(course.remissions) - 1 and course.in_remission)
        for day in course.relapses:
            self._relapse(day.isoformat())
        if course.relapses:
            truth.set("relapse_date", course.relapses[-1].isoformat())
        if course.kind == "refractory":
            self._resistance()
        if course.kind == "induction" and self.told():
            self.story.stated("disease-state", self._lately(), "newly-diagnosed")
        truth.set("disease_state", course.state)

    def _lately(self) -> str:
        days = (self.as_of - self._last_event()).days
        return (self.as_of - timedelta(days=self.chance.whole(0, min(days, 4)))).isoformat()

    def _last_event(self) -> date:
        return max((self.course.diagnosed, *self.course.remissions, *self.course.relapses))

    def _remission(self, day: str, *, stated: bool) -> None:
        course, story = self.course, self.story
        match self.chance.whole(1, 6):
            case 1 if course.lineage == "b":
                story.remission(day, CODES["pre-b-all-in-remission"])
            case 1 | 2:
                story.remission(day, CODES["cm-all-in-remission"])
            case 3:
                story.observed("status", CODES["cancer-status"], day, coded(CODES["in-full-remission"]))
            case 4:
                story.observed("course", CODES["tumour-regression"], day, coded(CODES["mii-complete-remission"]))
            case 5 if not stated:
                story.observed("status", CODES["cancer-status"], day, coded(CODES["full-remission"]))
            case _:
                story.remission(day)

    def _resistance(self) -> None:
        """Write that the first treatment failed; the marrow that showed it may be there too."""
        day = self.chance.day(self.course.diagnosed, 33, 40)
        if self.chance.happens(50):
            share = self.chance.whole(self.often["blast_share_from"], self.often["blast_share_to"])
            self.story.blasts(day.isoformat(), share)
            self.truth.set("marrow_blasts_percent", share)
        if self.chance.happens(50):
            self.story.diagnosed(day.isoformat(), CODES["all-refractory"], label="refractory")
        else:
            self.story.stated("disease-state", day.isoformat(), "refractory")

    def _relapse(self, day: str) -> None:
        story = self.story
        match self.chance.whole(1, 6):
            case 1:
                story.relapsed(day, CODES["cm-all-in-relapse"])
            case 2:
                story.relapsed(day, CODES["cm-all-in-relapse"], status="active")
            case 3:
                story.relapsed(day, CODES[self._code], status=self.chance.one_of(("relapse", "recurrence")))
            case 4:
                story.relapsed(day, CODES["all-in-relapse"])
            case 5:
                story.observed("course", CODES["tumour-regression"], day, coded(CODES["mii-relapse"]))
            case _:
                story.stated("disease-state", day, "relapsed")
                story.relapsed(day, CODES["cm-all-in-relapse"])

    def _numbers(self) -> None:
        course, story, truth = self.course, self.story, self.truth
        relapses, lines = len(course.relapses), max(1, len(course.remissions))
        day = self._last_event().isoformat()
        stated = self.chance.happens(50)
        if course.kind == "induction":
            truth.set("relapse_count", 0)
            truth.set("remission_number", 0)
        elif course.kind == "refractory":
            truth.silent("remission_number", 0)
            if stated:
                story.stated("relapse-number", day, 0)
                truth.set("relapse_count", 0)
            else:
                truth.silent("relapse_count", 0)
        elif stated:
            story.stated("relapse-number", day, relapses)
            truth.set("relapse_count", relapses)
            truth.set("remission_number", len(course.remissions))
        else:
            truth.set("relapse_count", relapses, limits(relapses, None))
            truth.set("remission_number", len(course.remissions), limits(len(course.remissions), None))
        if self.told():
            story.stated("prior-lines", day, lines)
            truth.set("prior_lines", lines)
        else:
            truth.silent("prior_lines", lines)
        self._phase()
        self._inhibitors()

    def _phase(self) -> None:
        course = self.course
        if course.kind == "induction":
            phase = "induction"
        elif course.kind == "cr1":
            phase = self.chance.one_of(("consolidation", "maintenance"))
        else:
            return
        if self.told():
            self.story.stated("treatment-phase", self._lately(), phase)
            self.truth.set("treatment_phase", phase)
        else:
            self.truth.silent("treatment_phase", phase)

    def _inhibitors(self) -> None:
        """A Philadelphia-positive patient takes one kinase inhibitor until the relapse on it, then the next."""
        course = self.course
        if not course.ph:
            return
        drugs = [CODES[name] for name in ("imatinib", "dasatinib-atc", "ponatinib")]
        begin = course.diagnosed + timedelta(days=5)
        for drug, end in zip(drugs, course.relapses, strict=False):
            self.story.took(drug, begin.isoformat(), end.isoformat(), reason="relapse on treatment")
            begin = end + timedelta(days=3)
        failed = len(course.relapses)
        if course.kind in {"cr1", "cr2", "induction", "refractory"}:
            self.story.took(drugs[failed], begin.isoformat(), status="active")
            self.truth.set("tki_failed", failed, limits(failed, failed + 1))
        else:
            self.truth.set("tki_failed", failed)

    # --- results --------------------------------------------------------------------------------------------------------

    def _marrows(self) -> None:
        low, high = self.often["blast_share_from"], self.often["blast_share_to"]
        newest: tuple[date, int] | None = None
        for day in self.course.remissions:
            if self.chance.happens(40):
                newest = (day, self.chance.whole(0, 4))
                self.story.blasts(day.isoformat(), newest[1])
        for day in self.course.relapses:
            if self.chance.happens(70):
                share = self.chance.whole(low, high)
                self.story.blasts(day.isoformat(), share)
                newest = max(newest or (day, share), (day, share))
        if newest is not None:
            self.truth.set("marrow_blasts_percent", newest[1])

    def _residuals(self) -> None:
        course, truth = self.course, self.truth
        measured: date | None = None
        for number, day in enumerate(course.remissions):
            if not self.told():
                continue
            measured = day
            value, told, real = ways.residual(self.chance, self.chance.weighed(self.often["mrd"]))
            point = "end-of-induction" if number == 0 and self.chance.happens(60) else ""
            code = Code(FACTS, "mrd") if self.chance.happens(60) else self.chance.one_of(("MRD", "Minimal residual disease"))
            component = [part(Code(FACTS, "mrd-time-point"), coded(Code(FACTS, point)))] if point else []
            self.story.observed("mrd", code, day.isoformat(), value, marrow=True, component=component)
            if number == 0:
                truth.set("mrd_end_of_induction_percent", real, told)
            truth.set("mrd_percent", real, told)
        if measured is not None and course.relapses and measured < course.relapses[-1]:
            truth.forget("mrd_percent")  # the disease came back since

    def _antigen(self, name: str) -> None:
        """Test an antigen at the diagnosis and at relapses; what was directed against it outdates what was seen before."""
        course, chance = self.course, self.chance
        if not chance.happens(self.often["antigen_tested"]):
            if chance.happens(40):
                ways.antigen_says_nothing(self.story, chance, name, course.diagnosed.isoformat())
            return
        directed = [one for one in course.given if one.what in _ANTIGENS[name]]
        tests: list[tuple[date, bool]] = []
        for number, day in enumerate((course.diagnosed, *course.relapses)):
            before = any(one.end < day for one in directed)
            if number and not chance.happens(self.often["retested"]):
                continue
            shown = not before or chance.happens(self.often["antigen_kept"])
            tests.append((day, shown))
            ways.antigen(self.story, chance, name, day.isoformat(), positive=shown)
        last, shown = tests[-1]
        answer = "positive" if shown else "negative"
        outdated = any(one.end >= last for one in directed)
        if outdated and not course.in_remission:
            self.truth.forget(name)
        else:
            self.truth.set(name, answer)
        if self.contradicted():
            other = CODES["negative" if shown else "positive"]
            self.story.marker(name, last.isoformat(), coded(other))
            self.story.marker(name, last.isoformat(), coded(CODES["positive" if shown else "negative"]))
            self.truth.forget(name)
