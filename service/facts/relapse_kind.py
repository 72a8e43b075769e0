"""What kind of relapse it was: after a transplant, how many, where, how soon, of what risk."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, cast

from msgspec.structs import replace

from service.facts.catalogue import Kind, derive, is_yes
from service.facts.choose import newest_date, settle, stated, statements
from service.facts.response import marrows
from service.facts.stated import truth, word_of
from service.facts.treated import transplants_from
from service.logic.dates import Age, PartialDate, Span, reached
from service.logic.fact import Evidence, Fact, Gap, known, unknown
from service.logic.interval import Interval
from service.logic.truth import Truth

if TYPE_CHECKING:
    from service.facts.catalogue import View

from service.facts.clinician import STATUSES, stated_status
from service.facts.disease import first_treatment
from service.facts.events import signals
from service.facts.layout import OWN_SYSTEM
from service.facts.outside import CNS, findings
from service.facts.relapses import Relapse, relapses

SITES = ("marrow", "extramedullary", "combined")
TIMES = ("very-early", "early", "late")


@derive("post_hsct_relapse", Kind.TRUTH)
def post_hsct_relapse(view: View) -> Fact[object]:
    """Whether the latest relapse came after an allogeneic transplant.

    The clinician's phrase for the episode decides; else the dates of transplant and relapse. False where no relapse was.
    Unknown: no transplant recorded (that excludes none), its donor or date not told, or the relapse undated.
    """
    phrase = stated_status(view)
    relapsed = view.fact("relapse_count")
    if phrase is not None and phrase.is_known and not _relapse_after(view, phrase):
        word = phrase.value
        if word in {"relapse-after-hsct", "second-or-later-relapse", "first-relapse", "no-relapse"}:
            return known(word == "relapse-after-hsct", phrase.evidence, rule="relapse-status")
    if isinstance(relapsed.value, Interval) and relapsed.value.exact == 0:
        return known(value=False, evidence=relapsed.evidence, rule="relapse-count")
    transplant = view.fact("prior_allo_hsct")
    if not is_yes(transplant):
        needs = transplant.needs or ("prior_allo_hsct",)
        return unknown(transplant.gap or Gap.NOT_RECORDED, *needs, evidence=transplant.evidence, rule="hsct-before-relapse")
    relapse = view.fact("relapse_date")
    dates = [item.date for item in transplant.evidence if item.date is not None]
    if not isinstance(relapse.value, PartialDate):
        return unknown(Gap.NOT_RECORDED, "relapse_date", evidence=transplant.evidence, rule="hsct-before-relapse")
    if not dates:
        return unknown(Gap.AMBIGUOUS, "prior_allo_hsct", evidence=transplant.evidence, rule="hsct-before-relapse")
    before = [date.before(relapse.value) for date in dates]
    evidence = (*transplant.evidence, *relapse.evidence)
    if Truth.YES in before:
        return known(value=True, evidence=evidence, rule="hsct-before-relapse")
    if Truth.UNKNOWN in before:
        return unknown(Gap.AMBIGUOUS, "relapse_date", evidence=evidence, rule="hsct-before-relapse")
    # one whose donor or end is not told may still have been the one before the relapse
    _, untold = transplants_from(view, "allogeneic")
    perhaps = [item for item in untold if item.date is None or item.date.before(relapse.value) is not Truth.NO]
    if perhaps:
        return unknown(Gap.AMBIGUOUS, "prior_allo_hsct", evidence=(*evidence, *perhaps), rule="hsct-before-relapse")
    return known(value=False, evidence=evidence, rule="hsct-before-relapse")


_PASSING = frozenset({"no-relapse", "first-relapse"})  # what a later relapse makes untrue


def _relapse_after(view: View, phrase: Fact[str], *, perhaps: bool = False) -> bool:
    """Return whether a relapse was surely, or perhaps, recorded well after the phrase was stated."""
    day, relapse = newest_date(cast("Fact[object]", phrase)), view.fact("relapse_date").value
    # signs soon after a phrase are of the relapse that it tells, if it tells of one
    merge = int(view.limits.number("relapse_merge_days")) if phrase.value != "no-relapse" else 0
    if day is None or not isinstance(relapse, PartialDate):
        return False
    return (relapse.high - day.low if perhaps else relapse.low - day.high).days > merge


@derive("relapse_status", Kind.WORD, values=STATUSES, reads=("relapse-status",))
def relapse_status(view: View) -> Fact[object]:
    """The one phrase for the latest episode: the first that holds of refractory, after HSCT, second or later, first, none.

    Unknown: nothing stated and the state, the number of relapses or the transplant leave two phrases possible.
    """
    phrase = stated_status(view)
    derived = _derived_status(view)
    if phrase is not None and phrase.is_known and _relapse_after(view, phrase):
        return derived
    if phrase is not None and phrase.value in _PASSING and not derived.is_known and _relapse_after(view, phrase, perhaps=True):
        return unknown(Gap.AMBIGUOUS, "relapse_date", evidence=(*phrase.evidence, *derived.evidence), rule="relapse-status")
    return settle(view, "relapse_status", derived, cast("Fact[object] | None", phrase))


def failed_induction(view: View) -> tuple[Evidence, ...]:
    """Return the newest marrow, where it shows M3 at or after the end of induction and no remission was ever recorded."""
    start = first_treatment(view)
    last = marrows(view)[-1] if marrows(view) else None
    if (
        start is None
        or last is None
        or last.when is None
        or last.percent is None
        or any(s.says == "remission" for s in signals(view))
    ):
        return ()
    late = (last.when.low - start.high).days >= view.limits.number("mrd_end_of_induction_from_day")
    full = last.percent.at_least(view.limits.number("marrow_m3_from_percent")) is Truth.YES
    return (last.evidence,) if late and full else ()


def _derived_status(view: View) -> Fact[object]:
    state, number, after = view.fact("disease_state"), view.fact("relapse_count"), view.fact("post_hsct_relapse")
    rule = "relapse-status"
    if state.value == "refractory":
        return known("refractory", state.evidence, rule=rule)
    failed = failed_induction(view)
    if failed and not state.is_known:
        return known("refractory", failed, rule=rule, flags=("computed",))
    if not state.is_known or not isinstance(number.value, Interval):
        missing = tuple(name for name in ("disease_state", "relapse_count") if not view.fact(name).is_known)
        return unknown(Gap.NOT_RECORDED, *missing, rule=rule)
    evidence = (*state.evidence, *number.evidence)
    if number.value.exact == 0:
        return known("no-relapse", evidence, rule=rule)
    if number.value.at_least(Decimal(1)) is not Truth.YES:
        return unknown(Gap.AMBIGUOUS, "relapse_count", evidence=evidence, rule=rule)
    if after.value is True:
        return known("relapse-after-hsct", (*evidence, *after.evidence), rule=rule)
    if not after.is_known:
        return unknown(after.gap or Gap.NOT_RECORDED, *after.needs, evidence=evidence, rule=rule)
    second = number.value.at_least(Decimal(2))
    if second is Truth.UNKNOWN:
        return unknown(Gap.AMBIGUOUS, "relapse_count", evidence=evidence, rule=rule)
    return known("second-or-later-relapse" if second is Truth.YES else "first-relapse", evidence, rule=rule)


@derive("relapse_site", Kind.WORD, values=SITES, reads=("relapse-site",))
def relapse_site(view: View) -> Fact[object]:
    """The stated site of the latest relapse, else the union of the sites in which it was found.

    A marrow alone is flagged `cns-not-examined` where no examination of the central nervous system of those days is recorded.
    Unknown: only a relapse without a site is recorded, words name two places and not in which it was (`ambiguous`), or a site was
    stated of an earlier one (`too-old`). Source: limits/relapse.yaml.
    """
    statement = stated(view, "relapse_site", "relapse-site", word_of(frozenset(SITES)))
    found = relapses(view)
    sites = _sites_around(view, found[-1]) if found else frozenset()
    derived: Fact[object]
    if found and found[-1].site_open and len(sites) < 2:  # noqa: PLR2004 - not found in both
        derived = unknown(Gap.AMBIGUOUS, "relapse_site", evidence=found[-1].evidence, rule="site-union")
    elif found and sites:
        word = "combined" if len(sites) > 1 else next(iter(sites))
        later = ("later-site",) if found[-1].later_sites - sites else ()
        alone = ("cns-not-examined",) if word == "marrow" and not _cns_was_examined(view, found[-1]) else ()
        derived = known(word, found[-1].evidence, rule="site-union", flags=("computed", *later, *alone))
    else:
        derived = unknown(Gap.NOT_RECORDED, "relapse_site", rule="site-union")
    if statement is not None and _relapse_after(view, statement):
        return derived if derived.is_known else unknown(Gap.TOO_OLD, "relapse_site", evidence=statement.evidence, rule="stated")
    return settle(view, "relapse_site", derived, cast("Fact[object] | None", statement))


def _cns_was_examined(view: View, relapse: Relapse) -> bool:
    """Return whether a status of the CNS, or a fluid that tells something of it, is from the days of a relapse."""
    days = int(view.limits.number("relapse_site_union_days"))
    when = relapse.when
    return when is not None and any(one.place == CNS and abs((one.when.low - when.low).days) <= days for one in findings(view))


def _sites_around(view: View, relapse: Relapse) -> frozenset[str]:
    """Return where the disease was found within the days in which sites belong to one relapse."""
    days = int(view.limits.number("relapse_site_union_days"))
    near = frozenset(
        site
        for signal in signals(view)
        if signal.when is not None and relapse.when is not None and abs((signal.when.low - relapse.when.low).days) <= days
        for site in signal.sites
    )
    return relapse.sites | near


@derive("time_to_relapse", Kind.WORD, values=TIMES)
def time_to_relapse(view: View) -> Fact[object]:
    """The time class of the first relapse (BFM, IntReALL), calendar-exact.

    Very early before the limit in months after diagnosis; late from the limit in months after the end of primary therapy;
    else early. Unknown: a date is missing or too imprecise; a later relapse than the first. Source: limits/relapse.yaml.
    """
    diagnosed, relapse, number = view.fact("diagnosis_date"), view.fact("relapse_date"), view.fact("relapse_count")
    rule = "time-class"
    missing = [n for n, f in (("diagnosis_date", diagnosed), ("relapse_date", relapse)) if not isinstance(f.value, PartialDate)]
    if missing:
        return unknown(Gap.NOT_RECORDED, *missing, rule=rule)
    if not isinstance(number.value, Interval) or number.value.exact != 1:
        return unknown(Gap.NOT_ASSESSABLE, "relapse_count", evidence=relapse.evidence, rule=rule)
    start, end = cast("PartialDate", diagnosed.value), cast("PartialDate", relapse.value)
    evidence = (*diagnosed.evidence, *relapse.evidence)
    first = reached(start, Span(int(view.limits.number("relapse_very_early_below_months")), 0), end)
    if first is Truth.NO:
        return known("very-early", evidence, rule=rule)
    late = view.fact("late_relapse")
    if first is Truth.UNKNOWN or not late.is_known:
        need = ("diagnosis_date",) if first is Truth.UNKNOWN else late.needs
        return unknown(late.gap or Gap.AMBIGUOUS, *need, evidence=evidence, rule=rule)
    return known("late" if late.value is True else "early", (*evidence, *late.evidence), rule=rule)


@derive("late_relapse", Kind.TRUTH)
def late_relapse(view: View) -> Fact[object]:
    """Whether the latest relapse came late after the end of primary therapy, calendar-exact.

    Unknown: the end of primary therapy is not stated, or a date is missing or too imprecise. Source: limits/relapse.yaml.
    """
    relapse = view.fact("relapse_date")
    ended = stated(
        view, "end_of_primary_therapy", "end-of-primary-therapy", lambda reading: reading.day, show=lambda day: day.text
    )
    if not isinstance(relapse.value, PartialDate):
        return unknown(Gap.NOT_RECORDED, "relapse_date", rule="late")
    if ended is None or ended.value is None:
        going_on = on_therapy(view, relapse.value)
        if going_on:
            return known(value=False, evidence=(*relapse.evidence, *going_on), rule="late")
        return unknown(Gap.NOT_RECORDED, "end_of_primary_therapy", evidence=relapse.evidence, rule="late")
    months = int(view.limits.number("relapse_late_from_months_after_therapy"))
    late = reached(ended.value, Span(months, 0), relapse.value)
    evidence = (*relapse.evidence, *ended.evidence)
    if late is Truth.UNKNOWN:
        return unknown(Gap.AMBIGUOUS, "end_of_primary_therapy", evidence=evidence, rule="late")
    return known(late is Truth.YES, evidence, rule="late")


_ON_THERAPY = frozenset({"induction", "consolidation", "maintenance"})


def on_therapy(view: View, relapse: PartialDate) -> tuple[Evidence, ...]:
    """Return the newest statement of a phase up to the day of the relapse, where it says that primary therapy went on."""
    before = [r for r in statements(view, "treatment-phase") if r.when is not None and r.when.on_or_before(relapse) is Truth.YES]
    days = view.limits.number("relapse_merge_days")
    for reading in reversed(before):
        recent = reading.when is not None and (relapse.low - reading.when.high).days <= days
        on = any(system == OWN_SYSTEM and code in _ON_THERAPY for system, code in reading.coded)
        return (reading.evidence("on therapy at the relapse"),) if recent and on else ()
    return ()


@derive("relapse_interval", Kind.AGE)
def relapse_interval(view: View) -> Fact[object]:
    """The time from diagnosis to the latest relapse, calendar-exact. Unknown: a date is missing."""
    diagnosed, relapse = view.fact("diagnosis_date"), view.fact("relapse_date")
    start, end = diagnosed.value, relapse.value
    if not isinstance(start, PartialDate) or not isinstance(end, PartialDate):
        missing = tuple(n for n, f in (("diagnosis_date", diagnosed), ("relapse_date", relapse)) if not f.is_known)
        return unknown(Gap.NOT_RECORDED, *missing, rule="interval")
    # what leaves a comparison open is the date that is not known to the day
    vague = tuple(name for name, day in (("diagnosis_date", start), ("relapse_date", end)) if day.precision != "day")
    return replace(known(Age(start, end), (*diagnosed.evidence, *relapse.evidence), rule="interval", unit="a"), needs=vague)


@derive("age_at_relapse_years", Kind.AGE)
def age_at_relapse_years(view: View) -> Fact[object]:
    """The age on the day of the latest relapse. Unknown: no birth date or no date of a relapse."""
    birth, relapse = view.record.birth, view.fact("relapse_date")
    if birth is None or not isinstance(relapse.value, PartialDate):
        return unknown(Gap.NOT_RECORDED, "age_years" if birth is None else "relapse_date", rule="age")
    return known(Age(birth, relapse.value), relapse.evidence, rule="age", unit="a")


@derive("high_risk_first_relapse", Kind.TRUTH, reads=("high-risk-first-relapse",))
def high_risk_first_relapse(view: View) -> Fact[object]:
    """The clinician's judgement that the first relapse is of high risk; False where no relapse was.

    Unknown: not stated, or stated before the latest relapse (`too-old`). Where two classifications agree,
    `decisions.first_relapse` computes it from their tables.
    """
    statement = stated(view, "high_risk_first_relapse", "high-risk-first-relapse", truth)
    number = view.fact("relapse_count")
    if statement is not None:
        several = isinstance(number.value, Interval) and number.value.at_least(Decimal(2)) is Truth.YES
        undated = newest_date(cast("Fact[object]", statement)) is None
        if _relapse_after(view, cast("Fact[str]", statement)) or (undated and several):
            return unknown(Gap.TOO_OLD, "high_risk_first_relapse", evidence=statement.evidence, rule="stated")
        return cast("Fact[object]", statement)
    if isinstance(number.value, Interval) and number.value.exact == 0:
        return known(value=False, evidence=number.evidence, rule="relapse-count")
    flags = ("definition-dependent",) if isinstance(number.value, Interval) and number.value.exact == 1 else ()
    return unknown(Gap.NOT_RECORDED, "high_risk_first_relapse", rule="stated", flags=flags)
