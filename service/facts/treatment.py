"""What was given before: phase, lines, kinase inhibitors, products, transplants; testis and other sites."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, cast

from service.facts.catalogue import Kind, derive
from service.facts.choose import newest_date, report, settle, stated, with_concept
from service.facts.clinician import stated_status
from service.facts.conditions import condition_fact, evidence_of
from service.facts.given import TKI_UNTOLD, how_given
from service.facts.lines import lines_by_record
from service.facts.products import recorded
from service.facts.regimens import phase_by_record
from service.facts.relapse_days import older_flagged
from service.facts.stated import count, truth, word_of
from service.facts.treated import kinase_inhibitors, response_to, told_before_relapse, transplants_from
from service.logic.dates import PartialDate
from service.logic.fact import Evidence, Fact, Gap, known, unknown
from service.logic.interval import Interval
from service.logic.truth import Truth
from service.record.told_relapse import TRANSPLANT_TOLD

if TYPE_CHECKING:
    from service.facts.catalogue import View
    from service.record.record import Drug

PHASES = ("pre-treatment", "induction", "consolidation", "maintenance", "off-therapy")


@derive("testicular_disease", Kind.TRUTH, at_diagnosis=True)
def testicular_disease(view: View) -> Fact[object]:
    """Whether the testis is involved: stated or recorded; False in females. Unknown: a male without a record."""
    if view.record.sex == "female":
        return known(value=False, evidence=view.fact("sex").evidence, rule="sex")
    derived = condition_fact(view, "testicular_disease", frozenset({"testicular-disease"}), active=True)
    statement = stated(view, "testicular_disease", "testicular-disease", truth)
    return older_flagged(view, settle(view, "testicular_disease", derived, cast("Fact[object] | None", statement)))


@derive("extramedullary_disease", Kind.TRUTH)
def extramedullary_disease(view: View) -> Fact[object]:
    """Whether leukaemia outside the marrow is recorded now: CNS, testis or skin. Unknown: none recorded."""
    concepts = frozenset({"cns-leukaemia", "testicular-disease", "leukaemia-of-skin"})
    return condition_fact(view, "extramedullary_disease", concepts, active=True)


@derive("treatment_phase", Kind.WORD, values=PHASES, reads=("treatment-phase",))
def treatment_phase(view: View) -> Fact[object]:
    """The phase of treatment: the stated one, else the one that drugs, dates and a documented remission tell (`computed`).

    Unknown: neither stated nor told by a known backbone; stated before the latest relapse or transplant (`too-old`). An old
    statement is kept and flagged `stale`.
    """
    statement = cast("Fact[object] | None", stated(view, "treatment_phase", "treatment-phase", word_of(frozenset(PHASES))))
    derived = phase_by_record(view)
    if statement is None:
        return derived
    day = newest_date(statement)
    if statement.is_known and day is not None:
        if any(day.before(turn) is not Truth.NO for turn in _turns(view)):
            old: Fact[object] = unknown(Gap.TOO_OLD, "treatment_phase", evidence=statement.evidence, rule="stated")
            return derived if derived.is_known else old
        if (view.today.high - day.low).days > view.limits.number("status_stale_after_days"):
            statement = statement.flagged("stale")
    return settle(view, "treatment_phase", derived, statement)


def _turns(view: View) -> list[PartialDate]:
    """Return the days after which an earlier phase tells nothing: of the latest relapse, and of allogeneic transplants."""
    relapse, grafts = view.fact("relapse_told_by").value, dict(view.fact("prior_allo_hsct").beside).get("dates")
    return [day for day in (relapse, *(grafts if isinstance(grafts, tuple) else ())) if isinstance(day, PartialDate)]


@derive("prior_lines", Kind.COUNT, reads=("prior-lines",))
def prior_lines(view: View) -> Fact[object]:
    """How many lines of therapy there were, as an interval.

    A stated number holds for its date; after a later relapse it is the least. Without one, each relapse tells of one line
    before it. Unknown: neither stated nor any relapse recorded.
    """
    statement = stated(view, "prior_lines", "prior-lines", count)
    relapsed = view.fact("relapse_count")
    if statement is not None and isinstance(statement.value, Interval):
        day, relapse = newest_date(cast("Fact[object]", statement)), view.fact("relapse_told_by").value
        if day is not None and isinstance(relapse, PartialDate) and day.before(relapse) is not Truth.NO:
            return known(Interval(statement.value.low, None), statement.evidence, rule="stated", flags=("before-latest-relapse",))
        return known(statement.value, statement.evidence, rule="stated", flags=statement.flags)
    least = relapsed.value.low if isinstance(relapsed.value, Interval) else None
    told = lines_by_record(view)
    if told is not None and (least is None or _low_of(told) >= least):
        return told
    if least is not None and least >= 1:
        return known(Interval(least, None), relapsed.evidence, rule="line-per-relapse", flags=("computed",))
    return cast("Fact[object]", statement) if statement is not None else unknown(Gap.NOT_RECORDED, "prior_lines", rule="stated")


def _low_of(lines: Fact[object]) -> Decimal:
    number = lines.value
    return number.low or Decimal(0) if isinstance(number, Interval) else Decimal(0)


@derive("tki_failed", Kind.COUNT, reads=("tki-failed",))
def tki_failed(view: View) -> Fact[object]:
    """How many different BCR::ABL1 kinase inhibitors failed by resistance, as an interval.

    Intolerance alone does not count as failure and does not exclude it. Without a statement every inhibitor given may have
    failed; one whose recorded reason for stopping is resistance did, and one on which a relapse came. Where the record begins
    with a relapse, others may have failed before it.
    Beside it: intolerant, the number stopped for intolerance. Unknown: neither stated nor any inhibitor recorded.
    """
    statement = stated(view, "tki_failed", "tki-failed", count)
    derived = _failed_by_record(view)
    if statement is None:
        return derived
    if not isinstance(statement.value, Interval) or not isinstance(derived.value, Interval):
        return cast("Fact[object]", statement)
    told, seen = statement.value, derived.value
    if told.high is not None and seen.low is not None and seen.low > told.high:
        return settle(view, "tki_failed", derived, cast("Fact[object]", statement))
    return _with_later_failures(view, statement)


def _with_later_failures(view: View, statement: Fact[Interval]) -> Fact[object]:
    """Return a stated number with the failures recorded after it: each may be one more, or one of those that it counts."""
    day, told = newest_date(cast("Fact[object]", statement)), cast("Interval", statement.value)
    later = [
        fate.evidence
        for fate in kinase_inhibitors(view).values()
        if "failed" in fate.what and day is not None and fate.evidence.date is not None and fate.evidence.date.low > day.high
    ]
    if not later or told.high is None:
        return cast("Fact[object]", statement)
    evidence = (*statement.evidence, *later)
    report(view, evidence, "A failure was recorded after the stated number of failures")
    return known(Interval(told.low, told.high + len(later)), evidence, rule="stated", flags=("conflict",))


def _failed_by_record(view: View) -> Fact[object]:
    fates = kinase_inhibitors(view)
    if not fates:
        return unknown(Gap.NOT_RECORDED, "tki_failed", rule="tki")
    failed = sum("failed" in fate.what for fate in fates.values())
    intolerant = sum(fate.what == {"not-tolerated"} for fate in fates.values())
    beside = (("intolerant", Interval.point(Decimal(intolerant))),) if intolerant else ()
    evidence = tuple(fate.evidence for fate in fates.values())
    value = Interval(Decimal(failed), Decimal(len(fates)) if told_before_relapse(view) else None)
    return known(value, evidence, rule="tki", flags=("computed",), beside=beside)


@derive("tki_intolerant", Kind.COUNT)
def tki_intolerant(view: View) -> Fact[object]:
    """How many kinase inhibitors were stopped for intolerance and not for resistance, as an interval.

    One whose reason for stopping is not recorded may be among them. Unknown: no inhibitor recorded.
    """
    fates = kinase_inhibitors(view)
    if not fates:
        return unknown(Gap.NOT_RECORDED, "tki_intolerant", rule="tki")
    sure = sum(fate.what == {"not-tolerated"} for fate in fates.values())
    perhaps = sum("failed" not in fate.what for fate in fates.values())
    evidence = tuple(fate.evidence for fate in fates.values())
    most = Decimal(perhaps) if told_before_relapse(view) else None
    return known(Interval(Decimal(sure), most), evidence, rule="tki", flags=("computed",))


@derive("no_alternative_stated", Kind.TRUTH, reads=("no-alternative-treatment",))
def no_alternative_stated(view: View) -> Fact[object]:
    """Whether a clinician stated that no alternative is left. Unknown: not stated, or stated before the latest relapse."""
    statement = stated(view, "no_alternative_stated", "no-alternative-treatment", truth)
    if statement is None:
        return unknown(Gap.NOT_RECORDED, "no_alternative_stated", rule="stated")
    day, relapse = newest_date(cast("Fact[object]", statement)), view.fact("relapse_told_by").value
    if day is not None and isinstance(relapse, PartialDate) and day.before(relapse) is not Truth.NO:
        return unknown(Gap.TOO_OLD, "no_alternative_stated", evidence=statement.evidence, rule="stated")
    return cast("Fact[object]", statement)


@derive("prior_allo_hsct", Kind.TRUTH)
def prior_allo_hsct(view: View) -> Fact[object]:
    """Whether an allogeneic transplant was done: a procedure, or graft-versus-host disease, which tells of one.

    Beside it: dates. Unknown: none recorded (that excludes none), one whose donor or end is not told, or one that only the words
    of a diagnosis or of a disease status tell (`ambiguous`).
    """
    done, untold = transplants_from(view, "allogeneic")
    evidence = tuple(Evidence(t.reference, "performed", t.start, "allogeneic transplant") for t in done)
    phrase = stated_status(view)
    if not evidence:
        graft = frozenset({"gvhd-acute", "gvhd-chronic", "gvhd-acute-on-chronic", "gvhd-unspecified"})
        evidence = tuple(
            Evidence(d.reference, "code", None, "graft-versus-host disease")
            for d in view.layout.diagnoses.of_any(graft)
            if d.certain
        )
    if not evidence and phrase is not None and phrase.value == "relapse-after-hsct":
        evidence = tuple(Evidence(item.reference, item.path, None, item.text) for item in phrase.evidence)
    if evidence:
        dates = tuple(item.date for item in evidence if item.date is not None)
        return known(value=True, evidence=evidence, rule="hsct", beside=(("dates", dates),) if dates else ())
    history = [d for d in view.layout.diagnoses.of("hsct-history") if d.certain]
    named = [d for d in view.record.diagnoses if d.grafted and d.certain and d not in history]
    status = with_concept(view, TRANSPLANT_TOLD)
    if untold or history or named or status:
        seen = (
            *untold,
            *(evidence_of(d, "state after a transplant, donor not told") for d in history),
            *(evidence_of(d, "transplant before, named in words") for d in named),
            *(reading.evidence("transplant before, named in words") for reading in status),
        )
        return unknown(Gap.AMBIGUOUS, "prior_allo_hsct", evidence=seen, rule="hsct")
    return unknown(Gap.NOT_RECORDED, "prior_allo_hsct", rule="hsct")


@derive("prior_auto_hsct", Kind.TRUTH)
def prior_auto_hsct(view: View) -> Fact[object]:
    """Whether an autologous transplant was done. Beside it: dates. Unknown: none recorded, or donor or end not told."""
    done, untold = transplants_from(view, "autologous")
    if done:
        dates = tuple(t.start for t in done if t.start is not None)
        evidence = tuple(Evidence(t.reference, "performed", t.start, "autologous transplant") for t in done)
        return known(value=True, evidence=evidence, rule="hsct", beside=(("dates", dates),) if dates else ())
    return unknown(Gap.AMBIGUOUS if untold else Gap.NOT_RECORDED, "prior_auto_hsct", evidence=untold, rule="hsct")


def prior_product(view: View, name: str) -> Fact[object]:
    """Return whether a product that the knowledge files enter under the fact was given, as `prior_treatment` tells it."""
    return prior_treatment(view, name, recorded(view.limits.treatments())[name])


def prior_treatment(view: View, name: str, concepts: frozenset[str]) -> Fact[object]:
    """Return whether one of the treatments was given. Beside it: dates, the products where several may be meant, its response.

    The response is `remission` or `no-remission` by the first marrow or judgement that can tell, where the disease was there
    before and nothing else was given between; else it is left out. Unknown: not recorded; perhaps given, or only ordered
    (`ambiguous`).
    """
    layout = view.layout
    drugs, procedures = layout.drugs.of_any(concepts), layout.treatments.of_any(concepts)
    if not (drugs or procedures):
        return unknown(Gap.NOT_RECORDED, name, rule="product")
    given = [_surely_given(d) for d in drugs if d.given]
    given += [Evidence(t.reference, "performed", t.start, "done") for t in procedures]
    if given:
        dates = tuple(item.date for item in given if item.date is not None)
        named = concepts - view.limits.treatments().product_untold
        concepts_given = [*(d.concepts for d in drugs), *(t.concepts for t in view.record.treatments)]
        told = any(not named.isdisjoint(found) for found in concepts_given)
        flags = () if told else ("target-not-recorded",)  # every CAR-T approved for ALL is directed against CD19
        shown = named - {TKI_UNTOLD}
        products = tuple(sorted({name for found in concepts_given for name in shown & found})) if len(named) > 1 else ()
        response = response_to(view, concepts)
        beside: tuple[tuple[str, object], ...] = (
            *((("dates", dates),) if dates else ()),
            *((("products", products),) if products else ()),
            *((("response", response),) if response else ()),
        )
        return known(value=True, evidence=tuple(given), rule="product", beside=beside, flags=flags)
    return unknown(Gap.AMBIGUOUS, name, evidence=tuple(map(_perhaps_given, drugs)), rule="product")


def _surely_given(drug: Drug) -> Evidence:
    if drug.is_mention:
        return Evidence(drug.reference, "code", None, "told by the code of a history; when it was given is not recorded")
    return Evidence(drug.reference, "", drug.start, "given")


def _perhaps_given(drug: Drug) -> Evidence:
    if drug.is_mention:
        return Evidence(drug.reference, "code", None, "told by the words of a diagnosis; when it was given is not recorded")
    if drug.is_order:
        return Evidence(drug.reference, "", drug.start, "ordered; whether it was given is not recorded")
    return Evidence(drug.reference, "", drug.start, how_given(drug))


for _name in ("prior_blinatumomab", "prior_inotuzumab", "prior_cd19_car_t"):
    derive(_name, Kind.TRUTH)(partial(prior_product, name=_name))
