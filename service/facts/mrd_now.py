"""The minimal residual disease of now: the newest result of the marrow, where it is one of the present episode of disease."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from service.facts.catalogue import Kind, derive
from service.facts.directed import flag_of_perhaps, given_or_finished, is_after
from service.facts.disease import first_treatment
from service.facts.events import signals
from service.facts.marrow_course import looks_like_regeneration
from service.facts.not_told import treatments_not_told
from service.facts.residual import UNREADABLE, residuals, unclear_residuals
from service.facts.response import governing, marrows
from service.logic.dates import PartialDate
from service.logic.fact import Fact, Gap, unknown
from service.logic.interval import Interval
from service.logic.truth import Truth

if TYPE_CHECKING:
    from collections.abc import Iterator

    from service.facts.catalogue import View

_DISEASE = frozenset({"relapse", "refractory", "failed", "unclear"})


@derive("mrd_percent", Kind.NUMBER, unit="%", reads=("mrd",))
def mrd_percent(view: View) -> Fact[object]:
    """The newest MRD of the marrow, in percent of cells.

    An interval where censored: negative without a recorded sensitivity is 0 to below the limit of limits/mrd.yaml; positive
    and not quantifiable is above 0. Blood never stands in for marrow. Unknown: never measured; a number without a unit
    (`unreadable`); measured only before the latest relapse, or before the present remission (`too-old`), or before a
    transplant, CAR-T cells, blinatumomab or inotuzumab, or what is not told and may be one of these
    (`stale-after-therapy`); such a treatment, or a result that may be
    newer, that cannot be read (`unreadable`). An old one is kept and flagged `stale`.
    """
    results = [r for r in residuals(view) if not r.blood]
    fact = governing(view, "mrd_percent", results)
    relapse = view.fact("relapse_told_by").value if fact.is_known else None
    newest_day = fact.evidence[0].date if fact.evidence else None
    if fact.is_known and (unread := unclear_residuals(view, newest_day)):
        evidence = tuple(dict.fromkeys((*fact.evidence, *unread)))
        return unknown(Gap.UNREADABLE, "mrd_percent", evidence=evidence, rule="MRD", flags=(UNREADABLE,))
    if isinstance(relapse, PartialDate) and (newest_day is None or newest_day.before(relapse) is not Truth.NO):
        return unknown(Gap.TOO_OLD, "mrd_percent", evidence=fact.evidence, rule="MRD")
    if fact.is_known and (outdated := _outdated(view, newest_day)) is not None:
        gap, flags = outdated
        return unknown(gap, "mrd_percent", evidence=fact.evidence, rule="MRD", flags=flags)
    if fact.is_known and view.fact("disease_state").value == "remission" and not _in_the_remission(view, newest_day, fact.value):
        return unknown(Gap.TOO_OLD, "mrd_percent", evidence=fact.evidence, rule="MRD")
    days = view.limits.number("status_stale_after_days")
    old = fact.is_known and newest_day is not None and (view.today.high - newest_day.low).days > days
    return fact.flagged("stale") if old else fact


@derive("mrd_by_sensitive_assay_percent", Kind.NUMBER, unit="%")
def mrd_by_sensitive_assay_percent(view: View) -> Fact[object]:
    """The newest MRD of the marrow, where no sensitivity is recorded that is worse than the EU label on blinatumomab asks for.

    An internal fact beside the assessment's own. A sensitivity that nobody recorded is not known to be worse. Unknown: as the
    newest MRD; every assay of it is recorded to be worse (`ambiguous`). Source: limits/mrd.yaml.
    """
    newest = view.fact("mrd_percent")
    best = dict(newest.beside).get("sensitivity")
    limit = view.limits.number("mrd_label_sensitivity_percent")
    if newest.is_known and isinstance(best, Interval) and best.at_most(limit) is not Truth.YES:
        name = "mrd_by_sensitive_assay_percent"
        return unknown(Gap.AMBIGUOUS, name, evidence=newest.evidence, rule="MRD", flags=newest.flags)
    return newest


def _outdated(view: View, day: PartialDate | None) -> tuple[Gap, tuple[str, ...]] | None:
    """Return why a result of a day tells nothing of now, with what there is to say of it; None where it does.

    A graft came after it; or it is not surely of after the first dose of the latest course of an immunotherapy that is given
    against what is left, as `is_after` tells: what was found before the course proves nothing after it, while a marrow that was
    taken within the course, or at its end, is the newest there is. Which treatments these are is our reading, in treatments/.
    """
    outdating = view.limits.treatments().outdating_mrd
    if view.layout.broken.of_any(outdating):
        return Gap.UNREADABLE, ()
    grafts = dict(view.fact("prior_allo_hsct").beside).get("dates", ())
    if day is not None and isinstance(grafts, tuple) and any(day.before(graft) is not Truth.NO for graft in grafts):
        return Gap.STALE_AFTER_THERAPY, ()
    given, perhaps = given_or_finished(view, outdating)
    reasons = ((given, ()), (perhaps, (flag_of_perhaps(perhaps),)), (treatments_not_told(view), ("treatment-not-told",)))
    for treatments, flags in reasons:
        if treatments and (day is None or not is_after(view, day, treatments)):
            return Gap.STALE_AFTER_THERAPY, flags
    return None


def _in_the_remission(view: View, day: PartialDate | None, percent: object) -> bool:
    """Return whether a marrow was surely taken in the remission that the leukaemia is in now.

    Not where leukaemia was seen on its day or later. A first remission is told at the end of induction, never before; one after
    a relapse as late after it, or once it was told. Without a day of either, once it was told, or where so little was left that
    it cannot be the marrow of the diagnosis.
    """
    if day is None or any(seen.before(day) is not Truth.YES for seen in _disease_seen(view)):
        return False
    relapse, dated = _latest_relapse(view)
    begun = relapse if relapse is not None else _treated_from(view, day)
    least = view.limits.number("mrd_end_of_induction_from_day")
    if begun is not None and (day.low - begun.high).days >= least:
        return True
    if begun is not None and relapse is None and (day.high - begun.low).days < least:
        return False
    told = (s.when for s in signals(view) if s.says == "remission" and s.when is not None)
    by_then = [one for one in told if one.on_or_before(day) is Truth.YES]
    if relapse is not None:
        return any((relapse.before(one) if dated else relapse.on_or_before(one)) is Truth.YES for one in by_then)
    few = view.limits.number("remission_blasts_below_percent")
    return bool(by_then) or (begun is None and isinstance(percent, Interval) and percent.below(few) is Truth.YES)


def _disease_seen(view: View) -> Iterator[PartialDate]:
    """Yield the days on which leukaemia was told of, or counted in a marrow."""
    yield from (s.when for s in signals(view) if s.says in _DISEASE and s.when is not None)
    least = view.limits.number("remission_blasts_below_percent")
    for one in marrows(view):
        full = one.percent is not None and one.percent.at_least(least) is Truth.YES
        if full and one.when is not None and not looks_like_regeneration(view, one):
            yield one.when


def _latest_relapse(view: View) -> tuple[PartialDate | None, bool]:
    """Return the day of the latest relapse, or by which it was told, and whether it is its own; None without either."""
    day, told_by = view.fact("relapse_date").value, view.fact("relapse_told_by").value
    if isinstance(day, PartialDate):
        return day, True
    return (told_by if isinstance(told_by, PartialDate) else None), False


def _treated_from(view: View, day: PartialDate) -> PartialDate | None:
    """Return when the first treatment was begun: the day of diagnosis, or a first drug soon after it.

    None where only the recording of the diagnosis is dated, after the day of a result: it was begun long before.
    """
    diagnosis, drug = view.fact("diagnosis_date"), first_treatment(view)
    diagnosed = diagnosis.value
    if not isinstance(diagnosed, PartialDate):
        return drug
    days = int(view.limits.number("induction_start_within_days"))
    soon = drug is not None and diagnosed.low <= drug.low and drug.high <= diagnosed.high + timedelta(days=days)
    if soon:
        return drug
    return None if "recorded-date" in diagnosis.flags and day.before(diagnosed) is Truth.YES else diagnosed
