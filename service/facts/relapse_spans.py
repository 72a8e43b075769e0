"""How long a remission held, how long ago a transplant was, and how long after it the relapse came, calendar-exact."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from service.facts.catalogue import Kind, derive, is_yes
from service.facts.course_start import told_from_start
from service.facts.events import signals
from service.facts.relapses import relapses
from service.facts.treated import transplants_from
from service.logic.dates import Age, PartialDate
from service.logic.fact import Evidence, Fact, Gap, known, unknown
from service.logic.interval import Interval
from service.logic.truth import Truth

if TYPE_CHECKING:
    from service.facts.catalogue import View


@derive("hsct_to_relapse", Kind.AGE)
def hsct_to_relapse(view: View) -> Fact[object]:
    """The time from the last allogeneic transplant before the latest relapse to that relapse. Unknown: no such pair of dates."""
    after, relapse = view.fact("post_hsct_relapse"), view.fact("relapse_date")
    rule = "hsct-to-relapse"
    if not is_yes(after) or not isinstance(relapse.value, PartialDate):
        gap = Gap.NOT_ASSESSABLE if after.value is False else after.gap or relapse.gap or Gap.NOT_RECORDED
        return unknown(gap, *(after.needs or ("relapse_date",)), evidence=after.evidence, rule=rule)
    day = relapse.value
    dated = [(item.date, item) for item in view.fact("prior_allo_hsct").evidence if item.date is not None]
    before = [(when, item) for when, item in dated if when.before(day) is Truth.YES]
    if not before or any(when.before(day) is Truth.UNKNOWN for when, _ in dated):
        return unknown(Gap.AMBIGUOUS, "prior_allo_hsct", evidence=after.evidence, rule=rule)
    last, done = max(before, key=lambda pair: pair[0].low)
    return known(Age(last, day), (done, *relapse.evidence), rule=rule, unit="a")


@derive("since_allo_hsct", Kind.AGE)
def since_allo_hsct(view: View) -> Fact[object]:
    """The time since the last allogeneic transplant, calendar-exact; of partial dates what may be between them.

    Unknown: none recorded; one without a date, or one that may be newer and whose donor or end is not told (`ambiguous`).
    """
    grafts, rule = view.fact("prior_allo_hsct"), "since-hsct"
    done, untold = transplants_from(view, "allogeneic")
    days = [treatment.start for treatment in done if treatment.start is not None]
    if not is_yes(grafts) or not done:
        gap = grafts.gap or Gap.NOT_RECORDED
        return unknown(gap, *(grafts.needs or ("since_allo_hsct",)), evidence=grafts.evidence, rule=rule)
    if len(days) < len(done):
        return unknown(Gap.AMBIGUOUS, "since_allo_hsct", evidence=grafts.evidence, rule=rule)
    low, high = max(day.low for day in days), max(day.high for day in days)
    newer = tuple(item for item in untold if item.date is None or item.date.high > low)
    if newer:
        return unknown(Gap.AMBIGUOUS, "since_allo_hsct", evidence=(*grafts.evidence, *newer), rule=rule)
    last = max(days, key=lambda day: (day.high, day.low))
    return known(Age(PartialDate(low, high, last.text), view.today), grafts.evidence, rule=rule, unit="a")


@derive("days_from_hsct_to_relapse", Kind.NUMBER, unit="d")
def days_from_hsct_to_relapse(view: View) -> Fact[object]:
    """The days from the last allogeneic transplant to the relapse after it; an interval where a date is imprecise."""
    span = view.fact("hsct_to_relapse")
    if not isinstance(span.value, Age):
        return unknown(span.gap or Gap.NOT_RECORDED, *span.needs, evidence=span.evidence, rule=span.rule)
    least, most = span.value.days
    return known(Interval(Decimal(least), Decimal(most)), span.evidence, rule=span.rule, unit="d")


@derive("first_remission_length", Kind.AGE)
def first_remission_length(view: View) -> Fact[object]:
    """The time from the first remission to the first relapse.

    Where the first remission is not on record it began after the diagnosis and not after the first sign of it: between two
    days. Unknown: no first relapse with a date, or no date of diagnosis.
    """
    diagnosed, relapse = view.fact("diagnosis_date"), first_relapse_day(view)
    rule = "first-remission"
    if relapse is None or not isinstance(diagnosed.value, PartialDate):
        needs = ("diagnosis_date",) if relapse is not None else ("relapse_date",)
        return unknown(Gap.NOT_RECORDED, *needs, rule=rule)
    day, seen = relapse
    remissions = [s for s in signals(view) if s.says == "remission" and s.when is not None and s.when.before(day) is Truth.YES]
    first = remissions[0] if remissions else None
    if first is not None and first.when is not None and told_from_start(view):
        return known(Age(first.when, day), (first.evidence, *seen), rule=rule, unit="a")
    latest = first.when if first is not None and first.when is not None else day
    if diagnosed.value.low > latest.high:
        return unknown(Gap.AMBIGUOUS, "diagnosis_date", evidence=seen, rule=rule)
    began = PartialDate(diagnosed.value.low, latest.high, diagnosed.value.text)
    return known(Age(began, day), (*diagnosed.evidence, *seen), rule=rule, unit="a", flags=("computed",))


def first_relapse_day(view: View) -> tuple[PartialDate, tuple[Evidence, ...]] | None:
    """Return the day of the first relapse; None where the record does not tell which was the first, or when."""
    number, latest = view.fact("relapse_count").value, view.fact("relapse_date")
    exact = number.exact if isinstance(number, Interval) else None
    if exact == 1 and isinstance(latest.value, PartialDate):
        return latest.value, latest.evidence
    found = relapses(view)
    if exact is None or exact == 0 or len(found) != exact or found[0].when is None:
        return None
    return found[0].when, found[0].evidence
