"""A course written down as a hospital would: the disease, its results and what was given, each fact with its truth."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from service.synth import ways
from service.synth.codes import CODES, EXTENSIONS, concept
from service.synth.course import RESISTANT
from service.synth.meaning import Written
from service.synth.numbers import Numbers, lately
from service.synth.results import ANTIGENS, Results
from service.synth.spans import month_of
from service.synth.truth import CLOUDED, CONTRADICTED
from service.synth.values import absent, coded, words

if TYPE_CHECKING:
    from service.synth.course import Course
    from service.synth.page import Page

_B_CODES = (("b-all",), ("b-all", "cm-all"), ("common-all", "o3-b-all"), ("pre-b-all", "cm-all"), ("ncit-b-all",))
_BY_CODE_ALONE, _STATED = 2, 6  # of the ways to write a relapse
_PH_CODES = (("ph-positive-all",), ("b-all", "b-all-with-bcr-abl1"), ("b-all", "o3-b-all-with-bcr-abl1"))


class Telling:
    """One course and the record that is being written of it."""

    def __init__(self, page: Page, course: Course):
        """Begin with an empty record."""
        self.story, self.truth, self.chance, self.often, self.as_of = page.story, page.truth, page.chance, page.often, page.as_of
        self.page, self.course, self.written = page, course, Written()
        self.results = Results(page, course, self.written)
        self._code = "b-all"  # of the disease, where it is written again

    def write(self) -> None:
        """Write everything, and what is true of it."""
        self._disease()
        self._philadelphia()
        self._kmt2a()
        self._at_diagnosis()
        if self.course.kind != "silent":
            self._responses()
            self.results.marrows()
            Numbers(self.page, self.course, self.written).write()
            self.results.residuals()
        if self.course.lineage != "t":
            for name in ANTIGENS:
                self.results.antigen(name)

    def told(self) -> bool:
        """Return whether the record tells the next fact."""
        return self.chance.happens(self.often["told"])

    def contradicted(self) -> bool:
        """Return whether the record contradicts itself on the next fact."""
        return self.chance.happens(self.often["contradicted"])

    # --- the disease --------------------------------------------------------------------------------------------------

    def _disease(self) -> None:
        course, chance, story = self.course, self.chance, self.story
        partial = self.written.month_only = course.kind != "induction" and chance.happens(self.often["partial_dates"])
        on = course.diagnosed.isoformat()[:7] if partial else course.diagnosed.isoformat()
        members: dict[str, Any] = {}
        text = ""
        match course.lineage:
            case "t":
                names = chance.one_of((("t-all",), ("t-lineage-precursor", "cm-all"), ("t-all", "o3-t-all")))
                self.truth.set("disease", "t-all")
            case "mixed":
                names = chance.one_of((("mpal",), ("mpal", "o3-mpal")))
                self.truth.set("disease", "mpal")
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
        self._code = {"t": "t-all", "untold": "all-any-lineage", "mixed": "mpal"}.get(course.lineage, "b-all")
        story.diagnosed(on, *(CODES[name] for name in names), text=text, **members)
        self.truth.set("diagnosis_date", course.diagnosed.isoformat(), on)
        if course.lineage == "b" and self.contradicted():
            story.diagnosed(course.diagnosed.isoformat(), CODES["t-all"])
            self.truth.silent("disease", "bcp-all", CONTRADICTED)

    def _b_codes(self) -> tuple[str, ...]:
        if self.course.ph and self.chance.happens(20):
            self.truth.set("ph", "positive")
            return self.chance.one_of(_PH_CODES)
        return self.chance.one_of((*_B_CODES, ("cm-all",), ("gm-all",)))

    def _philadelphia(self) -> None:
        course, day, truth = self.course, self.course.diagnosed.isoformat(), self.truth
        if course.lineage == "t":
            return
        if truth.told["ph"] == "positive":
            if self.contradicted():
                self.story.fish_bcr_abl1(day)
                truth.silent("ph", "positive", CONTRADICTED)
            return
        if not self.told():
            if self.chance.happens(40):
                if course.ph:
                    self.story.observed("fish", "BCR::ABL1 FISH", day, absent("not-performed"), marrow=True)
                else:
                    ways.philadelphia_says_nothing(self.story, self.chance, day)
                truth.cloud("ph")
            if course.remissions and self.chance.happens(20):  # what is not found in remission says nothing of the leukaemia
                truth.cloud("ph")
                self.story.fish_bcr_abl1(course.remissions[0].isoformat())
            truth.silent("ph", "positive" if course.ph else "negative", truth.how["ph"])
        elif course.ph:
            self.written.karyotyped = ways.philadelphia(self.story, self.chance, day)
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
        if course.kind != "silent" and not self.written.month_only and chance.happens(self.often["count_after_steroids"]):
            self._count_after_steroids(float(count))
        elif self.told():
            unit, factor = chance.one_of((("10*9/L", 1), ("10*3/uL", 1), ("/uL", 1000)))
            code = CODES[chance.one_of(("wbc", "wbc-short"))]
            amount = count * factor
            self.story.wbc(day, int(amount) if amount == int(amount) else float(amount), unit, code)
            self.truth.set("wbc_at_diagnosis", float(count))
        else:
            self.truth.silent("wbc_at_diagnosis", float(count))
        status = chance.weighed(self.often["cns"])
        if self.told():
            if chance.happens(50):
                self.story.stated("cns-status", day, status)
            else:
                self.story.observed("cns", "CNS status", day, words(status))
            self.truth.set("cns_status", status)
        else:
            self.truth.silent("cns_status", status)
        if course.kind == "silent":
            return
        start = chance.day(course.diagnosed, 2, 4)
        begin = start.isoformat()
        if self.written.first_drug is None:
            self.written.first_drug = start
        self.story.given(CODES["vincristine"], begin)
        if chance.happens(50):
            self.story.given(CODES["prednisone"], begin, contained=chance.happens(30))
            _, last = month_of(course.diagnosed)
            self.written.steroid_near_diagnosis = self.written.month_only and start < last

    def _count_after_steroids(self, count: float) -> None:
        """Write steroids of some days before the diagnosis and a count after them, which tells nothing of the time before."""
        course = self.course
        first, last = course.diagnosed - timedelta(days=4), course.diagnosed - timedelta(days=1)
        self.story.given(CODES["prednisone"], first.isoformat(), last.isoformat())
        self.story.wbc(course.diagnosed.isoformat(), count)
        self.truth.silent("wbc_at_diagnosis", count + 1, CLOUDED)
        self.truth.happened("steroid_pretreatment")
        self.written.first_drug = first

    # --- the course -----------------------------------------------------------------------------------------------------

    def _responses(self) -> None:
        course, truth = self.course, self.truth
        for number, day in enumerate(course.remissions):
            self._remission(day.isoformat(), stated=number == len(course.remissions) - 1 and course.in_remission)
        for day in course.relapses:
            self._relapse(day)
        if course.relapses:
            truth.set("relapse_date", course.relapses[-1].isoformat())
        if course.kind in RESISTANT:
            self._resistance()
        if course.kind == "induction" and self.told():
            self.story.stated("disease-state", lately(self.chance, self.course, self.as_of), "newly-diagnosed")
        truth.set("disease_state", course.state)

    def _remission(self, day: str, *, stated: bool) -> None:
        course, story = self.course, self.story
        match self.chance.way("remission", 6):
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
        first = not self.course.relapses
        begin = self.course.diagnosed if first else self.course.relapses[0]
        day = self.chance.day(begin, 33, 40)
        if not first:
            self.story.given(CODES["vincristine"], self.chance.day(begin, 2, 4).isoformat())
        seen = self.chance.happens(50)
        share = self.chance.whole(self.often["blast_share_from"], self.often["blast_share_to"])
        if seen:
            self.story.blasts(day.isoformat(), share)
            self.written.marrows.append((day, share))
        else:
            self.results.marrow(share, told=False)
        if first:
            self._failed_induction(share, seen=seen)
        if self.chance.happens(50):
            self.story.diagnosed(day.isoformat(), CODES["all-refractory"], label="refractory")
        else:
            self.story.stated("disease-state", day.isoformat(), "refractory")
            self.written.never_in_remission = seen and first  # no other sign: there was no remission to relapse from

    def _failed_induction(self, share: int, *, seen: bool) -> None:
        self.results.end_of_induction(share, told=seen)
        self.written.failure_seen = seen
        if seen:
            self.truth.set("remission_at_end_of_induction", real=False)
        else:
            self.truth.silent("remission_at_end_of_induction", real=False)

    def _relapse(self, when: date) -> None:
        story, day = self.story, when.isoformat()
        way = self.chance.way("relapse", 6)
        match way:
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
        if way == _BY_CODE_ALONE:
            self.written.coded_only.add(when)
        self.written.state_stated = way == _STATED
