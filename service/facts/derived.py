"""All facts of one record at once."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from service.facts.catalogue import CATALOGUE, View
from service.facts.focus import set_aside_other_focus
from service.facts.possible import set_aside_impossible_birth
from service.facts.received import as_far_as_received
from service.facts.reported_risk import reported_risks
from service.facts.silence import silence_of
from service.logic.dates import PartialDate

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from service.facts.catalogue import Limits, ReportedRisk
    from service.logic.fact import Fact
    from service.record.record import PatientRecord, Problem


@dataclass(frozen=True, slots=True)
class Derived:
    """All facts of one record, and what was contradictory on the way."""

    facts: Mapping[str, Fact[object]]
    problems: tuple[Problem, ...]
    reported_risks: tuple[ReportedRisk, ...]
    view: View  # what the facts were derived from: the timeline is drawn from it


def derive_facts(
    record: PatientRecord, limits: Limits, as_of: date, supposed: Mapping[str, Fact[object]] = MappingProxyType({})
) -> Derived:
    """Return every fact of the catalogue, known or unknown, in the catalogue's order.

    `supposed`: facts that are taken as given instead of derived; what other facts ask of them follows.
    """
    view = View(record, limits, PartialDate.of_day(as_of), dict(supposed))
    set_aside_impossible_birth(view)
    set_aside_other_focus(view)
    if not view.facts:  # what is supposed may change any gap
        view.facts, view.untold = silence_of(limits.treatments()).of(view.record, view.layout)
    facts = view.facts
    for name in CATALOGUE:
        if name not in facts:
            view.fact(name)
    facts = {name: facts[name] for name in CATALOGUE}
    if record.unavailable or record.unreadable:
        facts = as_far_as_received(facts, record, silence_of(limits.treatments()).concepts_of)
    return Derived(facts, tuple(view.problems), reported_risks(view), view)
