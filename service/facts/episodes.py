"""Facts asked of one episode: what was found before the first relapse, and what was found since the latest one.

Risk systems of the first treatment ask what was so at diagnosis; labels and trials ask what is so now. A record of one disease
without relapse answers both with the same facts.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from service.facts.catalogue import CATALOGUE, View
from service.facts.layout import OWN_SYSTEM
from service.facts.relapse_days import first_day_of_any_relapse, first_day_of_latest_relapse
from service.facts.silence import silence_of
from service.logic.dates import PartialDate
from service.logic.fact import Gap, unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Mapping
    from datetime import date

    from service.logic.fact import Fact
    from service.record.record import Diagnosis, PatientRecord, Reading

    Facts = Mapping[str, Fact[object]]

SITES = ("cns_status", "testicular_disease", "extramedullary_disease")
"""What a relapse may change, and its treatment again."""

_STATEMENTS_OF_SITES = frozenset({"cns-status", "testicular-disease"})


@lru_cache(maxsize=1)
def of_diagnosis() -> tuple[str, ...]:
    """Return the facts of the leukaemia at diagnosis that a test of a relapse may tell otherwise."""
    return tuple(name for name, spec in CATALOGUE.items() if spec.at_diagnosis)


def facts_at_diagnosis(view: View, supposed: Container[str] = ()) -> Facts:
    """Return those facts that data of a relapse changed as they are without these; nothing for a record without relapse.

    What was found at a relapse, or may have been, tells nothing of the diagnosis; statements of a marker count whenever they
    were made. Unknown: only found since. `supposed` are taken as given. Source: risk-and-relapse, first relapse.
    """
    until = first_day_of_any_relapse(view)
    if until is None:
        return {}
    names = [name for name in of_diagnosis() if name not in supposed]
    if not any(_rests_on(view.facts[name], lambda day: day is not None and day.high >= until) for name in names):
        return {}
    return _derived(view, _before(view.record, until), names)


def facts_since_relapse(view: View, supposed: Container[str] = ()) -> Facts:
    """Return the facts of sites outside the marrow as data since the latest relapse tell them; nothing without a relapse.

    Unknown: found only before it, or without a day (`too-old`). `supposed` are taken as given.
    """
    since = first_day_of_latest_relapse(view)
    if since is None:
        return {}
    old = [
        name
        for name in SITES
        if name not in supposed
        and view.facts[name].rule != "sex"
        and _rests_on(view.facts[name], lambda day: day is None or day.low < since)
    ]
    if not old:
        return {}
    now = _derived(view, _since(view.record, since), old)
    return {name: fact if fact.evidence else _too_old(name, view.facts[name]) for name, fact in now.items()}


def _too_old(name: str, fact: Fact[object]) -> Fact[object]:
    return unknown(Gap.TOO_OLD, name, evidence=fact.evidence, rule=fact.rule)


def _rests_on(fact: Fact[object], is_so: Callable[[PartialDate | None], bool]) -> bool:
    return any(is_so(item.date) for item in (*fact.evidence, *fact.set_aside))


def _derived(view: View, record: PatientRecord, names: list[str]) -> Facts:
    """Return some facts as another record tells them, with all other facts as they are."""
    other = View(record, view.limits, view.today)
    gaps, other.untold = silence_of(view.limits.treatments()).of(record, other.layout)
    other.facts = {name: fact for name, fact in view.facts.items() if name not in names}
    other.facts.update((name, gaps[name]) for name in names if name in gaps)
    return {name: other.fact(name) for name in names}


def _before(record: PatientRecord, until: date) -> PatientRecord:
    def is_before(day: PartialDate | None) -> bool:
        return day is None or day.high < until

    return _only(
        record,
        lambda reading: is_before(reading.when) or _is_of_marker(reading),
        lambda found: is_before(found.onset or found.recorded),
    )


def _since(record: PatientRecord, since: date) -> PatientRecord:
    def is_since(day: PartialDate | None) -> bool:
        return day is not None and day.low >= since

    return replace(
        _only(record, lambda reading: is_since(reading.when), lambda found: is_since(found.onset or found.recorded)),
        drugs=tuple(drug for drug in record.drugs if is_since(drug.start)),
        treatments=tuple(done for done in record.treatments if is_since(done.start)),
    )


def _is_of_marker(reading: Reading) -> bool:
    """Return whether a clinician stated something of the leukaemia itself: the day is of the statement, not of a specimen."""
    return any(system == OWN_SYSTEM and code not in _STATEMENTS_OF_SITES for system, code in reading.code_codings)


def _only(record: PatientRecord, reads: Callable[[Reading], bool], finds: Callable[[Diagnosis], bool]) -> PatientRecord:
    return replace(
        record,
        readings=tuple(reading for reading in record.readings if reads(reading)),
        diagnoses=tuple(diagnosis for diagnosis in record.diagnoses if finds(diagnosis)),
        refuted=tuple(diagnosis for diagnosis in record.refuted if finds(diagnosis)),
    )
