"""What was given before at all: kinase inhibitors, CAR-T cells, cytotoxic drugs; steroids before the diagnosis."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, cast

from service.facts.catalogue import Kind, derive
from service.facts.choose import stated
from service.facts.conditions import evidence_of
from service.facts.disease import ANTILEUKAEMIC
from service.facts.given import STEROIDS, TKI_UNTOLD, TKIS, how_given
from service.facts.stated import truth
from service.facts.treatment import prior_product, prior_treatment
from service.logic.dates import PartialDate
from service.logic.fact import Evidence, Fact, Gap, known, unknown

if TYPE_CHECKING:
    from datetime import date

    from service.facts.catalogue import View
    from service.record.record import Drug

CYTOTOXIC = ANTILEUKAEMIC - STEROIDS - frozenset(TKIS)
_CYTARABINE = "cytarabine"
_CHEMOTHERAPY = "chemotherapy"
_INTRATHECAL = "intrathecal-chemotherapy"
_HISTORY = "chemotherapy-history"
_EXPOSING = CYTOTOXIC | {_CHEMOTHERAPY, _INTRATHECAL}

derive("prior_tki", Kind.TRUTH)(partial(prior_treatment, name="prior_tki", concepts=frozenset({*TKIS, TKI_UNTOLD})))
for _name in ("prior_car_t", "prior_commercial_cd19_car_t"):
    derive(_name, Kind.TRUTH)(partial(prior_product, name=_name))


@derive("prior_cytotoxic_chemotherapy", Kind.TRUTH)
def prior_cytotoxic_chemotherapy(view: View) -> Fact[object]:
    """Whether any drug of the backbones of ALL was given, other than steroids and cytarabine into the cerebrospinal fluid.

    Kinase inhibitors, antibodies and cells are none of them. Unknown: none recorded (that excludes none); only ordered, or
    cytarabine alone without a word of its way, or an intrathecal treatment without its drug, or only the code of a diagnosis
    or a relapse tells of a treatment (each `ambiguous`).
    """
    given: list[Evidence] = []
    unsure = [evidence_of(d, "chemotherapy, drugs not told") for d in view.layout.diagnoses.of(_HISTORY)]
    worded: dict[frozenset[str], str] = {}  # the same drugs come again with every dose
    for drug in view.layout.drugs.of_any(_EXPOSING):
        names = drug.concepts & CYTOTOXIC
        if names == {_CYTARABINE} and drug.intrathecal:
            continue
        if _INTRATHECAL in drug.concepts and not names:
            unsure.append(Evidence(drug.reference, "", drug.start, "intrathecal chemotherapy, drug not told"))
        elif not names:  # words name it beside other drugs too; a procedure is one
            if drug.kind == "procedure":
                unsure.append(Evidence(drug.reference, "", drug.start, f"{_CHEMOTHERAPY} {how_given(drug)}"))
        else:
            sure = drug.given and names != {_CYTARABINE}
            words = worded.get(names) or worded.setdefault(names, ", ".join(sorted(names)))
            text = f"{words} {how_given(drug)}"
            (given if sure else unsure).append(Evidence(drug.reference, "", drug.start, text))
    for treatment in view.layout.treatments.of_any(_EXPOSING):
        if _INTRATHECAL in treatment.concepts:
            unsure.append(Evidence(treatment.reference, "code", treatment.start, "intrathecal chemotherapy, drug not told"))
        else:
            given.append(Evidence(treatment.reference, "code", treatment.start, "chemotherapy"))
    if given:
        return known(value=True, evidence=tuple(given), rule="product")
    unsure += view.fact("relapse_told_by").evidence  # it was treated before, and not on this record
    gap = Gap.AMBIGUOUS if unsure else Gap.NOT_RECORDED
    return unknown(gap, "prior_cytotoxic_chemotherapy", evidence=tuple(unsure), rule="product")


@derive("steroid_pretreatment", Kind.TRUTH, reads=("steroid-pretreatment",))
def steroid_pretreatment(view: View) -> Fact[object]:
    """Whether systemic steroids were given for longer than the limit in the window before the diagnosis: stated, else by dates.

    Days without a gap are one course. Unknown: neither stated nor any steroid recorded in the window (that excludes none), no
    date of diagnosis, only ordered, or dates that leave the length open (`ambiguous`). Source: limits/wbc.yaml.
    """
    statement = stated(view, "steroid_pretreatment", "steroid-pretreatment", truth)
    if statement is not None:
        return cast("Fact[object]", statement)
    diagnosed = view.fact("diagnosis_date").value
    if not isinstance(diagnosed, PartialDate):
        return unknown(Gap.NOT_RECORDED, "diagnosis_date", rule="steroids")
    drugs = [d for d in view.layout.drugs.of_any(STEROIDS) if not d.intrathecal]
    window = timedelta(weeks=int(view.limits.number("steroid_pretreatment_window_weeks")))
    inside = [d for d in drugs if any(day < diagnosed.high for day in _days(d, diagnosed.low - window, diagnosed.high))]
    if not inside:
        return unknown(Gap.NOT_RECORDED, "steroid_pretreatment", rule="steroids")
    evidence = tuple(Evidence(d.reference, "", d.start, f"steroid {how_given(d)}") for d in inside)
    limit = timedelta(hours=int(view.limits.number("steroid_pretreatment_above_hours")))
    sure = {day for d in inside if d.given for day in _days(d, diagnosed.high - window, diagnosed.low, sure=True)}
    if _DAY * (_longest(sure) - 1) > limit:
        return known(value=True, evidence=evidence, rule="steroids", flags=("computed",))
    perhaps = {day for d in inside for day in _days(d, diagnosed.low - window, diagnosed.high)}
    if _DAY * _longest(perhaps) > limit or not all(d.given for d in inside) or any(d.start is None for d in drugs):
        return unknown(Gap.AMBIGUOUS, "steroid_pretreatment", evidence=evidence, rule="steroids")
    return known(value=False, evidence=evidence, rule="steroids", flags=("computed",))


_DAY = timedelta(days=1)


def _days(drug: Drug, first: date, last: date, *, sure: bool = False) -> list[date]:
    """Return the days from the first to the last on which a drug was surely, or else possibly, taken."""
    if drug.start is None:
        return []
    if drug.ongoing:
        end = last
    elif drug.end is not None:
        end = drug.end.low if sure else drug.end.high
    else:  # a dose ends on its day, what was supplied or stated without an end may have gone on
        end = drug.start.high if sure or drug.kind == "administration" else last
    begin = max(drug.start.high if sure else drug.start.low, first)
    return [begin + _DAY * number for number in range((min(end, last) - begin).days + 1)]


def _longest(days: set[date]) -> int:
    """Return the length of the longest course, in days without a gap."""
    longest = run = 0
    for day in sorted(days):
        run = run + 1 if day - _DAY in days else 1
        longest = max(longest, run)
    return longest
