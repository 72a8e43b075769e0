"""Orders of antigen-directed treatments that nobody closed: one that is older than a relapse may have been given before it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from service.facts.choose import newest_date
from service.facts.relapse_days import same_time
from service.facts.relapses import relapses
from service.facts.told_relapses import told_relapses
from service.logic.dates import PartialDate
from service.record.record import NOT_TOLD

if TYPE_CHECKING:
    from service.facts.catalogue import View
    from service.record.record import Drug


def orders_before_relapse(view: View, antigen: str) -> list[Drug]:
    """Return the open orders of treatments directed at an antigen that may have been given before the latest relapse.

    An order is no therapy, and none that was given before the relapse can be told from one that was left open. One of the days
    before the relapse is an order for it. Each comes as of its first day: what was found since is newer, as with any order that
    is finished. One that does not name its drug may be one of these. Source: rule CD19-5; limits/relapse.yaml.
    """
    directed = view.limits.treatments().directed[antigen] | {NOT_TOLD}
    orders = [one for one in view.layout.drugs.of_any(directed) if _is_open(one)]
    days = _days_of_relapse(view) if orders else []
    return [replace(order, ongoing=False) for order in orders if any(_may_be_older(view, order, day) for day in days)]


def _is_open(order: Drug) -> bool:
    return not (order.given or order.finished or order.intrathecal or order.is_mention)


def _days_of_relapse(view: View) -> list[PartialDate | None]:
    """Return the day of the latest relapse, None where no day is told, and that of a suspected one."""
    latest, state = view.fact("relapse_told_by").value, view.fact("disease_state")
    days: list[PartialDate | None] = [newest_date(state)] if state.value == "suspected-relapse" else []
    if isinstance(latest, PartialDate):
        days.append(latest)
    elif relapses(view) or told_relapses(view):
        days.append(None)
    return days


def _may_be_older(view: View, order: Drug, relapse: PartialDate | None) -> bool:
    return order.start is None or relapse is None or order.start.low < relapse.high - same_time(view)
