"""What a test for residual leukaemia alone leaves of a relapse: where it finds little, the state is open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.facts.choose import newest_date
from service.facts.given import treated_between
from service.facts.residual import residuals
from service.logic.fact import Fact, Gap, unknown
from service.logic.truth import Truth

if TYPE_CHECKING:
    from service.facts.catalogue import View
    from service.logic.dates import PartialDate
    from service.logic.fact import Evidence

FLAG = "marrow-not-counted"
_DISEASE = frozenset({"relapsed", "refractory"})


def unless_little_since(view: View, state: Fact[object]) -> Fact[object]:
    """Return a state; unknown where the newest marrow since a relapse had little residual leukaemia, blasts not counted.

    A remission is a count of blasts, and below the limit of one no relapse is seen: neither is told. It counts after a treatment
    that was begun since, or long after the state was recorded; of a relapse outside the marrow no marrow tells.
    Source: limits/status.yaml, limits/relapse.yaml.
    """
    day = newest_date(state) if state.is_known and state.value in _DISEASE else None
    if day is None or view.fact("relapse_site").value == "extramedullary":
        return state
    little = _little_since(view, day)
    if not little:
        return state
    evidence = (*state.evidence, *little)
    return unknown(Gap.AMBIGUOUS, "disease_state", "marrow_blasts_percent", evidence=evidence, rule="course", flags=(FLAG,))


def _little_since(view: View, day: PartialDate) -> tuple[Evidence, ...]:
    """Return the results of the newest marrow after a day, where all are surely below the limit of a remission."""
    later = [r for r in residuals(view) if not r.blood and r.when is not None and day.before(r.when) is Truth.YES]
    if not later:
        return ()
    last = max((r.when for r in later if r.when is not None), key=lambda when: when.high)
    newest = [r for r in later if r.when is not None and r.when.high == last.high]
    limit = view.limits.number("remission_blasts_below_percent")
    if any(r.percent is None or r.percent.below(limit) is not Truth.YES for r in newest):
        return ()
    near = (last.low - day.high).days <= view.limits.number("relapse_merge_days")
    return () if near and not treated_between(view, day, last) else tuple(r.evidence for r in newest)
