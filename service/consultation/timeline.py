"""The course in order of date: each item with its resource, for pages, plots and the document."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Literal, TypedDict

from service.facts.antigens import results
from service.facts.disease import antileukaemic
from service.facts.events import signals
from service.facts.layout import OWN_SYSTEM
from service.facts.regimens import courses, phase_of
from service.facts.relapses import relapses
from service.facts.residual import residuals
from service.facts.response import marrows
from service.facts.tested import label_status
from service.facts.treated import donor_of
from service.logic.dates import PartialDate
from service.logic.interval import Interval
from service.record.reports import notice

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from service.facts.catalogue import View
    from service.facts.signal import Signal
    from service.knowledge.treatments import Treatments
    from service.record.record import Drug, Reading

ItemKind = Literal[
    "diagnosis", "phase", "response", "relapse", "suspected-relapse", "remission", "refractory", "hsct", "car-t", "antigen",
    "drug", "statement", "report",
]  # fmt: skip

_ORDER: tuple[ItemKind, ...] = (
    "diagnosis", "response", "antigen", "relapse", "suspected-relapse", "refractory", "remission", "statement", "hsct", "car-t",
    "phase", "drug", "report",
)  # fmt: skip
_SAID: dict[str, tuple[ItemKind, str]] = {
    "remission": ("remission", "remission"),
    "suspected": ("suspected-relapse", "suspected relapse"),
    "failed": ("refractory", "no remission after the first induction"),
    "refractory": ("refractory", "refractory"),
}
_SHOWN_OTHERWISE = frozenset({"mrd", "cd19-blasts", "cd22-blasts"})  # statements that are results
_BESIDE = frozenset({"rituximab", "venetoclax", "ruxolitinib", "nivolumab", "pembrolizumab"})


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that happened, was measured, given or stated; `end` is None for a moment, or where no end is recorded.

    `reference` names the resource on which it rests; `limit` is the number with which a value is compared, in its unit.
    `measure` says what a value measures, `answer` what the label's meaning makes of an antigen's result, `specimen` where it
    is not marrow; `ordered`: an order of which nobody recorded that it was carried out; `perhaps`: no order, perhaps not done.
    """

    date: PartialDate | None
    kind: ItemKind
    text: str
    reference: str
    end: PartialDate | None = None
    value: Interval | None = None
    unit: str = ""
    limit: Interval | None = None
    method: str = ""
    measure: str = ""
    answer: str = ""
    specimen: str = ""
    ordered: bool = False
    perhaps: bool = False


def timeline_of(view: View) -> tuple[Item, ...]:
    """Return everything dated or not, oldest first, undated items last; items of one day in the order of their kinds."""
    items = [
        *_diagnosis(view), *_responses(view), *_antigens(view), *_relapses(view), *_states(view), *_statements(view),
        *_cells(view), *_phases(view), *_drugs(view), *_reports(view),
    ]  # fmt: skip
    return tuple(sorted(items, key=_place))


def _place(item: Item) -> tuple[date, date, int, str, str]:
    low, high = (date.max, date.max) if item.date is None else (item.date.low, item.date.high)
    return low, high, _ORDER.index(item.kind), item.text, item.reference


def _diagnosis(view: View) -> Iterator[Item]:
    for item in view.fact("diagnosis_date").evidence:
        yield Item(item.date, "diagnosis", "acute lymphoblastic leukaemia diagnosed", item.reference)


def _responses(view: View) -> Iterator[Item]:
    number = view.limits.number
    positive, remission = number("mrd_positive_from_percent"), number("remission_blasts_below_percent")
    for residual in residuals(view):
        found = "not readable" if residual.percent is None else f"{residual.percent} %"
        blood = residual.blood and not residual.elsewhere
        yield Item(
            residual.when, "response", f"MRD {found}{', blood' if blood else ''}", residual.evidence.reference,
            value=residual.percent, unit="%", limit=Interval.point(positive), method=residual.method,
            measure="mrd", specimen="blood" if blood else "",
        )  # fmt: skip
    for marrow in marrows(view):
        yield Item(
            marrow.when, "response", marrow.evidence.text, marrow.evidence.reference,
            value=marrow.percent, unit="%", limit=Interval.point(remission), method="morphology",
            measure="marrow-blasts",
        )  # fmt: skip


def _antigens(view: View) -> Iterator[Item]:
    """Yield every result of an antigen that was understood, the governing one and those set aside, each with its own share."""
    for name in ("cd19", "cd22"):
        for tested in results(view, name):
            if tested.answer is not None or tested.percent is not None:
                yield Item(
                    tested.when, "antigen", tested.evidence.text, tested.evidence.reference,
                    value=tested.percent, unit="%" if tested.percent is not None else "",
                    measure=name, answer=label_status(view, name, tested) or "",
                )  # fmt: skip


def _relapses(view: View) -> Iterator[Item]:
    found = relapses(view)
    number = view.fact("relapse_count").value
    counted = isinstance(number, Interval) and number.exact == len(found)
    for place, relapse in enumerate(found, 1):
        site = "" if not relapse.sites else ", combined" if len(relapse.sites) > 1 else f", {next(iter(relapse.sites))}"
        text = f"relapse {place}{site}" if counted else f"relapse{site}"
        first = next((e for e in relapse.evidence if e.date == relapse.when), relapse.evidence[0])
        yield Item(relapse.when, "relapse", text, first.reference)


def _states(view: View) -> Iterator[Item]:
    """Yield the beginning of each remission, suspicion and failure: what repeats the state before it is no new item."""
    last: Signal | None = None
    for signal in signals(view):
        said = _SAID.get(signal.says)
        if said is not None and (last is None or last.says != signal.says):
            yield Item(signal.when, said[0], said[1], signal.evidence.reference)
        last = signal


def _statements(view: View) -> Iterator[Item]:
    for reading in view.record.readings:
        codes = sorted(code for system, code in reading.code_codings if system == OWN_SYSTEM and code not in _SHOWN_OTHERWISE)
        if codes and not reading.preliminary:
            said = _said(reading)
            text = f"stated: {codes[0].replace('-', ' ')}{f' {said}' if said else ''}"
            yield Item(reading.when, "statement", text, reading.reference)


def _reports(view: View) -> Iterator[Item]:
    """Yield the dated reports that have no results: what their words say is for a human."""
    for reading in view.record.readings:
        if reading.text_only and reading.when is not None:
            yield Item(reading.when, "report", notice(reading), reading.reference)


def _said(reading: Reading) -> str:
    """Return the value of a statement in its own fixed words; words that somebody wrote freely are not repeated."""
    if reading.flag is not None:
        return "yes" if reading.flag else "no"
    if reading.whole is not None:
        return str(reading.whole)
    if reading.day is not None:
        return reading.day.text
    if reading.amount is not None:
        return f"{reading.amount.interval} {reading.amount.unit}".strip()
    return ", ".join(code.replace("-", " ") for system, code in reading.coded if system == OWN_SYSTEM)


def _cells(view: View) -> Iterator[Item]:
    known = view.limits.treatments()
    donors = {
        "allogeneic": "allogeneic stem cell transplantation",
        "autologous": "autologous stem cell transplantation",
        "not told": "stem cell transplantation, donor not told",
    }
    for treatment in view.record.treatments:
        donor = donor_of(treatment)
        if donor is not None:
            ending = "" if treatment.done else ", perhaps not done"
            yield Item(treatment.start, "hsct", f"{donors[donor]}{ending}", treatment.reference, perhaps=not treatment.done)
        if not treatment.concepts.isdisjoint(known.cells):
            yield Item(treatment.start, "car-t", _product(treatment.concepts, known), treatment.reference)
    for drug in _on_record(view):
        if not drug.concepts.isdisjoint(known.cells):
            text = f"{_product(drug.concepts, known)}{_doubt(drug)}"
            yield Item(drug.start, "car-t", text, drug.reference, **_unsure(drug))


def _on_record(view: View) -> Iterator[Drug]:
    """Yield the drugs that have a record of their own: those of which only a diagnosis tells have no day."""
    return (drug for drug in view.record.drugs if not drug.is_mention)


def _product(concepts: frozenset[str], known: Treatments) -> str:
    named = sorted(concepts & (known.cells - known.product_untold))
    return ", ".join(named) or "CAR-T cells, product not told"


def _phases(view: View) -> Iterator[Item]:
    for course in courses(view):
        phase = phase_of(view, course)
        text = f"{phase}: {course.regimen.says}" if phase else f"phase not told: {course.regimen.says}"
        yield Item(
            course.when, "phase", text, course.evidence[0].reference, end=PartialDate.of_day(course.last), perhaps=not course.sure
        )


def _drugs(view: View) -> Iterator[Item]:
    """Yield the periods of each drug: records close to each other are one."""
    gap = int(view.limits.number("drug_period_gap_days"))
    shown = antileukaemic(view.limits.treatments()) | _BESIDE
    by_name: dict[str, list[Item]] = {}
    for drug in _on_record(view):
        for name in sorted(drug.concepts & shown):
            by_name.setdefault(_name(name, drug), []).append(_one(name, drug, view))
    for items in by_name.values():
        yield from _merged(sorted(items, key=_place), gap)


def _name(name: str, drug: Drug) -> str:
    return f"{name}{' (intrathecal)' if drug.intrathecal else ''}{_doubt(drug)}"


def _doubt(drug: Drug) -> str:
    return "" if drug.given else ", ordered" if drug.is_order else ", perhaps given"


class _Unsure(TypedDict):
    ordered: bool
    perhaps: bool


def _unsure(drug: Drug) -> _Unsure:
    return {"ordered": not drug.given and drug.is_order, "perhaps": not (drug.given or drug.is_order)}


def _one(name: str, drug: Drug, view: View) -> Item:
    end = view.today if drug.ongoing and drug.given and drug.start is not None else drug.end
    return Item(drug.start, "drug", _name(name, drug), drug.reference, end=end, **_unsure(drug))


def _merged(items: Iterable[Item], gap: int) -> list[Item]:
    found: list[Item] = []
    for item in items:
        last = found[-1] if found else None
        if last is None or last.date is None or item.date is None or (item.date.low - _end(last).high).days > gap:
            found.append(item)
        elif _end(item).high > _end(last).high:
            found[-1] = replace(last, end=_end(item))
    return found


def _end(item: Item) -> PartialDate:
    """Return the last day of an item with a date."""
    return item.end or item.date or PartialDate.of_day(date.min)
