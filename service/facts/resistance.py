"""Whether the leukaemia resists treatment now, and whether the first induction has failed: three-valued."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from service.facts.catalogue import Kind, derive
from service.facts.choose import newest_date
from service.facts.clinician import stated_state, stated_status
from service.facts.events import signals
from service.facts.signal import MARROW
from service.logic.dates import PartialDate
from service.logic.fact import Fact, Gap, known, unknown
from service.logic.interval import Interval
from service.logic.truth import Truth

if TYPE_CHECKING:
    from service.facts.catalogue import View


@derive("refractory", Kind.TRUTH)
def refractory(view: View) -> Fact[object]:
    """Whether the disease is refractory now: no remission after two inductions, or after the re-induction of a relapse.

    False in remission, before the first response can be judged, and where a clinician names another state of the episode.
    Unknown: the state is; one induction has failed (`ambiguous`); a relapse without a marrow after its treatment.
    """
    state = view.fact("disease_state")
    rule = "refractory"
    if not state.is_known or state.value == "suspected-relapse":
        return unknown(state.gap or Gap.AMBIGUOUS, *(state.needs or ("disease_state",)), evidence=state.evidence, rule=rule)
    if state.value != "relapsed":
        return known(state.value == "refractory", state.evidence, rule=rule, flags=state.flags)
    phrase, statement = stated_status(view), stated_state(view)
    for told, words in ((phrase, {"relapse-after-hsct", "second-or-later-relapse", "first-relapse"}), (statement, {"relapsed"})):
        if told is not None and told.value in words and _is_of_the_episode(view, told):
            return known(value=False, evidence=told.evidence, rule="stated")
    return unknown(Gap.NOT_RECORDED, "marrow_blasts_percent", evidence=state.evidence, rule=rule)


def _is_of_the_episode(view: View, told: Fact[str]) -> bool:
    """Return whether a statement tells the present episode: used for its state or its phrase, and not from before the relapse."""
    day, relapse = newest_date(cast("Fact[object]", told)), view.fact("relapse_told_by").value
    if day is not None and isinstance(relapse, PartialDate) and day.before(relapse) is not Truth.NO:
        return False
    used = {item.reference for name in ("disease_state", "relapse_status") for item in view.fact(name).evidence}
    return not {item.reference for item in told.evidence}.isdisjoint(used)


@derive("refractory_to_induction", Kind.TRUTH)
def refractory_to_induction(view: View) -> Fact[object]:
    """Whether the first induction has failed and no remission was reached since.

    Unknown: the state is, for another reason than such a failure; or refractory with a number of relapses that is not told.
    """
    state, number = view.fact("disease_state"), view.fact("relapse_count").value
    rule = "refractory"
    failed = tuple(s.evidence for s in signals(view) if s.tier == MARROW and s.says in {"failed", "refractory"})
    if "induction-failure" in state.flags:
        return known(value=True, evidence=failed, rule=rule, flags=("computed",))
    if state.value in {"remission", "newly-diagnosed"}:
        return known(value=False, evidence=state.evidence, rule=rule)
    if not state.is_known or not isinstance(number, Interval) or (number.exact is None and number.low == 0):
        needs = ("disease_state",) if not state.is_known else ("relapse_count",)
        return unknown(Gap.NOT_RECORDED, *needs, evidence=state.evidence, rule=rule)
    return known(state.value == "refractory" and number.exact == 0, state.evidence, rule=rule, flags=state.flags)
