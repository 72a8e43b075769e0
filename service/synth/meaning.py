"""What a course means for the facts that nobody writes down as such: spans, kinds of relapse, resistance, classes of marrows."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from service.synth.names import GIVEN, ILLNESSES, MARKERS
from service.synth.spans import Stretch, later, month_of
from service.synth.truth import UNKNOWN, UNTOLD, limits

if TYPE_CHECKING:
    from service.synth.course import Course
    from service.synth.page import Page
    from service.synth.truth import Told, Truth


@dataclass(slots=True)
class Written:
    """What was written of a course and how, as far as other facts follow from it."""

    month_only: bool = False  # the day of the diagnosis
    first_drug: date | None = None
    state_stated: bool = False  # the state of the present episode, in so many words
    sites: dict[date, str] = field(default_factory=dict)  # of the relapses whose site is told
    coded_only: set[date] = field(default_factory=set)  # relapses told by an active code and nothing else
    marrows: list[tuple[date, int]] = field(default_factory=list)
    never_in_remission: bool = False  # a marrow shows it, and nothing else is told
    failure_seen: bool = False  # of the first induction, in a marrow
    end_of_therapy: bool = False
    karyotyped: bool = False  # a clone of the leukaemia
    steroid_near_diagnosis: bool = False


def mean(page: Page, course: Course, written: Written) -> None:
    """Set what follows from the course and from what was written of it."""
    meaning = _Meaning(page, course, written)
    meaning.ages()
    meaning.relapse_spans()
    meaning.kind_of_relapse()
    meaning.resistance()
    meaning.treatment()
    meaning.markers()


def fill_in(truth: Truth, *, sex: str, before_puberty: bool) -> None:
    """Set what is so where nobody says anything: no other marker, no other illness, nothing else given."""
    truth.otherwise(dict.fromkeys((*MARKERS, *ILLNESSES, *GIVEN), False))
    truth.otherwise(
        {
            "testicular_disease": False,
            "extramedullary_disease": False,
            "steroid_pretreatment": False,
            "no_alternative_stated": False,
        }
    )
    if sex == "male":
        truth.set("pregnant", real=False)
    else:
        truth.set("testicular_disease", real=False)
    if before_puberty and truth.how["pregnant"] == UNTOLD:
        truth.set("pregnant", real=False)


class _Meaning:
    def __init__(self, page: Page, course: Course, written: Written):
        self.truth, self.course, self.written, self.as_of = page.truth, course, written, page.as_of
        self.limits = page.often["limits"]
        self.diagnosed = month_of(course.diagnosed) if written.month_only else (course.diagnosed, course.diagnosed)
        self.last = course.relapses[-1] if course.relapses else None

    @property
    def relapses_told(self) -> Told:
        return self.truth.told["relapse_count"]

    def _stretch(self, name: str, begin: date, end: date, *, from_diagnosis: bool = False) -> None:
        real = Stretch.between(begin, end)
        told = Stretch(*self.diagnosed, end, end) if from_diagnosis else real
        self.truth.set(name, real, None if told == real else told)

    def ages(self) -> None:
        course = self.course
        real = Stretch.between(course.born, course.diagnosed)
        told = Stretch(course.born, course.born, *self.diagnosed)
        self.truth.set("age_at_diagnosis_years", real, None if told == real else told)
        low, high = ((day - course.born).days for day in self.diagnosed)
        exact = (course.diagnosed - course.born).days
        self.truth.set("age_at_diagnosis_days", exact, None if low == high else limits(max(low, 0), high))

    def relapse_spans(self) -> None:
        course, truth = self.course, self.truth
        if self.last is None:
            return
        if truth.told["relapse_date"] == UNKNOWN:
            truth.silent("age_at_relapse_years", Stretch.between(course.born, self.last))
            truth.silent("relapse_interval", Stretch.between(course.diagnosed, self.last))
        else:
            self._stretch("age_at_relapse_years", course.born, self.last)
            self._stretch("relapse_interval", course.diagnosed, self.last, from_diagnosis=True)
        remission = Stretch.between(course.remissions[0], course.relapses[0])
        counted = self.relapses_told == len(course.relapses)
        if counted:
            truth.set("first_remission_length", remission)
        else:
            truth.silent("first_remission_length", remission)
        self._after_therapy(counted=counted)

    def _after_therapy(self, *, counted: bool) -> None:
        """Set how long after the primary therapy the relapses came; on therapy it is no time at all."""
        course, truth, first = self.course, self.truth, self.course.relapses[0]
        if self.last is None:
            return
        ended = course.end_of_therapy or first
        if course.end_of_therapy is None and len(course.relapses) > 1:
            truth.silent("late_relapse", None)
            truth.silent("end_of_therapy_to_relapse", Stretch.between(first, first))
            truth.silent("time_to_relapse", None)
            return
        late = later(ended, self.limits["late_relapse_after_therapy"]) <= self.last
        off = Stretch.between(min(ended, first), first)
        if self.written.end_of_therapy:
            truth.set("late_relapse", late)
        else:
            truth.silent("late_relapse", late)
        if self.written.end_of_therapy and counted:
            truth.set("end_of_therapy_to_relapse", off)
        else:
            truth.silent("end_of_therapy_to_relapse", off)
        interval = truth.told["relapse_interval"]
        real = Stretch.between(course.diagnosed, self.last).reached(self.limits["very_early_relapse_before"])
        if len(course.relapses) > 1:
            truth.silent("time_to_relapse", None)
            return
        word = "very-early" if real is False else "late" if late else "early"
        very_early = interval.reached(self.limits["very_early_relapse_before"]) if isinstance(interval, Stretch) else None
        told = counted and (very_early is False or (very_early is True and self.written.end_of_therapy))
        if told:
            truth.set("time_to_relapse", word)
        else:
            truth.silent("time_to_relapse", word)

    def kind_of_relapse(self) -> None:
        course, truth = self.course, self.truth
        after = self.last is not None and course.transplant is not None and course.transplant < self.last
        transplanted = truth.told["prior_allo_hsct"] is True
        if self.relapses_told == 0 or (transplanted and truth.told["relapse_date"] != UNKNOWN):
            truth.set("post_hsct_relapse", after)
        else:
            truth.silent("post_hsct_relapse", after)
        if after and course.transplant is not None and self.last is not None:
            if truth.told["post_hsct_relapse"] is True:
                self._stretch("hsct_to_relapse", course.transplant, self.last)
            else:
                truth.silent("hsct_to_relapse", Stretch.between(course.transplant, self.last))
        if self.last is not None:
            site = course.sites[-1]
            if self.last in self.written.sites:
                truth.set("relapse_site", site)
            else:
                truth.silent("relapse_site", site)
        self._status(after=after)

    def _status(self, *, after: bool) -> None:
        """Set the clinician's one phrase for the latest episode."""
        course, truth = self.course, self.truth
        relapses = len(course.relapses)
        if course.state == "refractory":
            phrase = "refractory"
        elif relapses == 0:
            phrase = "no-relapse"
        elif after:
            phrase = "relapse-after-hsct"
        else:
            phrase = "second-or-later-relapse" if relapses > 1 else "first-relapse"
        state, count, told_after = truth.told["disease_state"], self.relapses_told, truth.told["post_hsct_relapse"]
        exact = not isinstance(count, dict) and count != UNKNOWN
        certain = exact or (isinstance(count, dict) and isinstance(count["low"], int) and count["low"] > 1)
        if state == "refractory" or (
            state != UNKNOWN and (count == 0 or told_after is True or (told_after is False and certain))
        ):
            truth.set("relapse_status", phrase)
        else:
            truth.silent("relapse_status", phrase)

    def resistance(self) -> None:
        course, truth = self.course, self.truth
        now, first = course.state == "refractory", course.state == "refractory" and not course.relapses
        state, count = truth.told["disease_state"], self.relapses_told
        known = state != UNKNOWN and (state != "relapsed" or self.written.state_stated)
        if known:
            truth.set("refractory", now)
        else:
            truth.silent("refractory", now)
        calm = state in {"remission", "newly-diagnosed"}
        if self.written.failure_seen or (state != UNKNOWN and (calm or count != UNKNOWN)):
            truth.set("refractory_to_induction", first)
        else:
            truth.silent("refractory_to_induction", first)

    def treatment(self) -> None:
        course, truth, begin = self.course, self.truth, self.written.first_drug
        if begin is None:
            truth.silent("prior_cytotoxic_chemotherapy", real=True)
        else:
            truth.happened("prior_cytotoxic_chemotherapy")
        if course.kind == "induction" and begin is not None:
            truth.set("induction_day", (self.as_of - begin).days + 1)
        if self.written.steroid_near_diagnosis:
            truth.set("steroid_pretreatment", real=False)

    def markers(self) -> None:
        """Set what one marker tells of another: BCR::ABL1 excludes what resembles it, and an intact gene its fusions."""
        truth = self.truth
        if truth.told["ph"] == "positive":
            for name in ("ph_like", "abl_class", "pdgfrb_r"):
                truth.set(name, real=False)
        if truth.told["kmt2a_r"] is False:
            truth.set("kmt2a_aff1", real=False)
        if self.written.karyotyped:
            for name in ("high_hyperdiploidy", "hypodiploidy_lt40", "hypodiploidy_lt44", "complex_karyotype", "double_trisomy",
                         "masked_hypodiploidy"):  # fmt: skip
                truth.set(name, real=False)


def marrow_word(share: float, classes: dict[str, int]) -> str:
    """Return the class of a marrow with such a share of blasts."""
    return "M3" if share >= classes["m3_from"] else "M2" if share >= classes["m2_from"] else "M1"
