"""Facts asked of one episode: what was found before the first relapse, and what was found since the latest one.

Risk systems of the first treatment ask what was so at diagnosis: at the first examination, and before any relapse. Labels and
trials ask what is so now: at the newest examination, and since the latest relapse. Most records answer both with one fact.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from service.facts.catalogue import CATALOGUE, View
from service.facts.fluids import OF_FLUID
from service.facts.layout import OWN_SYSTEM
from service.facts.lines import earlier_lines
from service.facts.outside import CNS, TESTIS, findings
from service.facts.relapse_days import first_day_of_any_relapse, first_day_of_latest_relapse, same_time
from service.facts.silence import silence_of
from service.logic.dates import PartialDate
from service.logic.fact import Gap, known, unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Mapping
    from datetime import date

    from service.logic.fact import Fact
    from service.record.record import Diagnosis, PatientRecord, Reading

    Facts = Mapping[str, Fact[object]]

OF_A_RELAPSE = {
    "cns_status": "cns_status",
    "testicular_disease": "testicular_disease",
    "extramedullary_disease": "extramedullary_disease",
    "marrow_blasts_percent": "marrow_blasts_percent",
    "marrow_class": "marrow_blasts_percent",
}
"""What a relapse may change, and its treatment again, each with what has to be examined for it."""

_STATEMENTS_OF_SITES = frozenset({"cns-status", "testicular-disease"})
_OF_CNS = frozenset({"cns-status", *OF_FLUID})
_FACT_OF = {CNS: "cns_status", TESTIS: "testicular_disease"}


@lru_cache(maxsize=1)
def of_diagnosis() -> tuple[str, ...]:
    """Return the facts of the leukaemia at diagnosis that a test of a relapse may tell otherwise."""
    return tuple(name for name, spec in CATALOGUE.items() if spec.at_diagnosis)


def facts_at_diagnosis(view: View, supposed: Container[str] = ()) -> Facts:
    """Return those facts that data of a relapse, or a later examination, changed as they are without these; else nothing.

    What was found at a relapse, or may have been, tells nothing of the diagnosis; statements of a marker count whenever they
    were made, unless there is one from before. Unknown: only found since. `supposed` are taken as given. Source: groups of the
    first treatment are fixed at diagnosis and unchanged by relapse.
    """
    until = first_day_of_any_relapse(view)
    names = [name for name in of_diagnosis() if name not in supposed]
    changed = until is not None and any(
        _rests_on(view.facts[name], lambda day: day is not None and day.high >= until) for name in names
    )
    first = _first_of_sites(view)
    if not changed:
        names = [name for place, name in _FACT_OF.items() if place in first and name in names]
    return _derived(view, _before(view.record, until if changed else None, first), names) if names else {}


def _first_of_sites(view: View) -> dict[str, date]:
    """Return the last day of the first examination of CNS and testis, for each of which something was found later too."""
    first: dict[str, date] = {}
    later: set[str] = set()
    for found in findings(view):
        if found.when.low > first.setdefault(found.place, found.when.high + same_time(view)):
            later.add(found.place)
    return {place: day for place, day in first.items() if place in later}


def facts_since_relapse(view: View, supposed: Container[str] = ()) -> Facts:
    """Return the facts of the sites of the disease as data since the latest relapse tell them; nothing without a relapse.

    Unknown: found only before it, or without a day (`too-old`). `supposed` are taken as given.
    """
    since = first_day_of_latest_relapse(view)
    if since is None:
        return {}
    old = [
        name
        for name in OF_A_RELAPSE
        if name not in supposed
        and view.facts[name].rule != "sex"
        and _rests_on(view.facts[name], lambda day: day is None or day.low < since)
    ]
    if not old:
        return {}
    now = _derived(view, _since(view.record, since), old)
    return {name: fact if fact.evidence else _too_old(name, view.facts[name]) for name, fact in now.items()}


def facts_now(view: View, supposed: Container[str] = ()) -> Facts:
    """Return the facts that labels, cautions and trials ask for as of now, where these are other than what is shown.

    Sites as data since a relapse tell them, and the lines of therapy before the present relapse. `supposed` are taken as given.
    """
    found = dict(facts_since_relapse(view, supposed))
    lines = earlier_lines(view) if "prior_lines" not in supposed else None
    if lines is not None:
        found["prior_lines"] = lines
    status = _newest_status(view, found.get("cns_status", view.facts["cns_status"])) if "cns_status" not in supposed else None
    if status is not None:
        found["cns_status"] = status
    return found


def _newest_status(view: View, fact: Fact[object]) -> Fact[object] | None:
    """Return the status of the CNS by its newest examination, where that is newer than what a fact rests on; else None.

    The status is that of the first fluid; whether the leukaemia is there now, a later one tells.
    """
    newest = next((found for found in reversed(findings(view)) if found.place == CNS), None)
    since = first_day_of_latest_relapse(view)
    if newest is None or (since is not None and newest.when.low < since):
        return None
    days = [item.date for item in fact.evidence]
    if fact.gap is not Gap.TOO_OLD and any(day is None or _is_as_new(day, newest.when, fact) for day in days):
        return None
    if newest.status is None:
        return unknown(Gap.AMBIGUOUS, "cns_status", evidence=(newest.evidence,), rule="newest-status")
    return known(newest.status, (newest.evidence,), rule="newest-status")


def _is_as_new(day: PartialDate, newest: PartialDate, fact: Fact[object]) -> bool:
    """Return whether what a fact rests on is newer than an examination, or is it; a fluid that told no status may be that one."""
    return day.high > newest.low or (fact.is_known and day.high == newest.low)


def _too_old(name: str, fact: Fact[object]) -> Fact[object]:
    return unknown(Gap.TOO_OLD, OF_A_RELAPSE[name], evidence=fact.evidence, rule=fact.rule)


def _rests_on(fact: Fact[object], is_so: Callable[[PartialDate | None], bool]) -> bool:
    return any(is_so(item.date) for item in (*fact.evidence, *fact.set_aside))


def _derived(view: View, record: PatientRecord, names: list[str]) -> Facts:
    """Return some facts as another record tells them, with all other facts as they are."""
    other = View(record, view.limits, view.today)
    gaps, other.untold = silence_of(view.limits.treatments()).of(record, other.layout)
    other.facts = {name: fact for name, fact in view.facts.items() if name not in names}
    other.facts.update((name, gaps[name]) for name in names if name in gaps)
    return {name: other.fact(name) for name in names}


def _before(record: PatientRecord, until: date | None, first: Mapping[str, date]) -> PatientRecord:
    def is_before(day: PartialDate | None) -> bool:
        return day is None or until is None or day.high < until

    def is_kept(reading: Reading) -> bool:
        place = _place_of(reading)
        if place in first and reading.when is not None and reading.when.low > first[place]:
            return False  # the status is that of the first examination
        return is_before(reading.when) or (_is_of_marker(reading) and _stated_in(reading) not in stated)

    dated = [reading for reading in record.readings if reading.when is not None and _is_of_marker(reading)]
    stated = {_stated_in(reading) for reading in dated if is_before(reading.when)}
    visits = tuple(visit for visit in record.visits if is_before(visit.when))
    return replace(_only(record, is_kept, lambda found: is_before(found.onset or found.recorded)), visits=visits)


def _since(record: PatientRecord, since: date) -> PatientRecord:
    def is_since(day: PartialDate | None) -> bool:
        return day is not None and day.low >= since

    return replace(
        _only(record, lambda reading: is_since(reading.when), lambda found: is_since(found.onset or found.recorded)),
        drugs=tuple(drug for drug in record.drugs if is_since(drug.start)),
        visits=tuple(visit for visit in record.visits if is_since(visit.when)),
        treatments=tuple(done for done in record.treatments if is_since(done.start)),
    )


def _place_of(reading: Reading) -> str:
    if not _OF_CNS.isdisjoint(reading.concepts):
        return CNS
    return TESTIS if any(system == OWN_SYSTEM and code == "testicular-disease" for system, code in reading.code_codings) else ""


def _is_of_marker(reading: Reading) -> bool:
    """Return whether a clinician stated something of the leukaemia itself: the day is of the statement, not of a specimen."""
    return any(system == OWN_SYSTEM and code not in _STATEMENTS_OF_SITES for system, code in reading.code_codings)


def _stated_in(reading: Reading) -> frozenset[str]:
    """Return of what a clinician stated something: of which fact, or of which marker."""
    codings = (*reading.code_codings, *(coding for part in reading.components for coding in part.coded))
    return frozenset(code for system, code in codings if system == OWN_SYSTEM)


def _only(record: PatientRecord, reads: Callable[[Reading], bool], finds: Callable[[Diagnosis], bool]) -> PatientRecord:
    return replace(
        record,
        readings=tuple(reading for reading in record.readings if reads(reading)),
        diagnoses=tuple(diagnosis for diagnosis in record.diagnoses if finds(diagnosis)),
        refuted=tuple(diagnosis for diagnosis in record.refuted if finds(diagnosis)),
    )
