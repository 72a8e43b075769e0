"""CNS status: what a clinician said, what was recorded, or what the first cerebrospinal fluid shows."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, cast

import msgspec

from service.facts.catalogue import Kind, derive
from service.facts.choose import in_time, newest, report, settle, stated, with_concept
from service.facts.conditions import evidence_of, is_over
from service.facts.genetic_tests import in_remission
from service.facts.layout import OWN_SYSTEM
from service.facts.measured import in_unit, shown
from service.facts.relapse_days import older_flagged
from service.facts.variants import answer_of
from service.logic.dates import PartialDate
from service.logic.fact import Fact, Gap, conflicting, known, unknown
from service.logic.interval import Interval
from service.logic.truth import Truth, truth_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from service.facts.catalogue import View
    from service.record.record import Reading

STATUSES = ("CNS1", "CNS2", "CNS3")
_STEROIDS = frozenset({"prednisone", "prednisolone", "dexamethasone"})
_BLASTS = frozenset({"csf-blasts-percent", "csf-blasts-count"})
_SUB = re.compile(r"CNS[ -]?([123][abc])(?![A-Za-z0-9])", re.IGNORECASE)
_PER_VOLUME = "/uL"
_ZERO = Decimal(0)


class _Counts(msgspec.Struct, frozen=True, gc=False):
    """White and red cells of one day, per microlitre; None where not counted."""

    white: Interval | None
    red: Interval | None


class _Fluid(msgspec.Struct, frozen=True, gc=False):
    """The first cerebrospinal fluid; `blasts` None where not told."""

    when: PartialDate | None
    cells: _Counts
    blasts: bool | None
    readings: tuple[Reading, ...]


@derive(
    "cns_status",
    Kind.WORD,
    values=STATUSES,
    reads=("cns-status", "csf-leukocytes", "csf-erythrocytes", *sorted(_BLASTS)),
    at_diagnosis=True,
)
def cns_status(view: View) -> Fact[object]:
    """The status of the central nervous system: stated, recorded, or computed from the first fluid before intrathecal therapy.

    Beside it: sub, such as CNS2a, where known. Clinical leukaemia of the central nervous system is CNS3c. Unknown: no fluid
    examined; the first one only after intrathecal therapy (`not-assessable`); counts that fit two statuses (`ambiguous`).
    Source: limits/cns.yaml.
    """
    statement = stated(view, "cns_status", "cns-status", _status_of)
    derived = settle(view, "cns_status", _clinical(view) or _of_fluid(view), _recorded(view))
    return older_flagged(view, settle(view, "cns_status", derived, cast("Fact[object] | None", statement)))


def _status_of(reading: Reading) -> str | None:
    """Return the status that a result names; None for none or several."""
    found = {code for system, code in reading.coded if system == OWN_SYSTEM and code in STATUSES}
    if not found and answer_of(reading) is not False:
        found = {name.upper() for name in reading.answers | reading.named if name.upper() in STATUSES}
    return found.pop() if len(found) == 1 else None


def _recorded(view: View) -> Fact[object] | None:
    """Return the status that was recorded as a result; None where there is none."""
    results = [r for r in with_concept(view, "cns-status") if (OWN_SYSTEM, "cns-status") not in r.code_codings and not r.absent]
    latest = newest(results)
    values = {value for reading in latest if (value := _status_of(reading)) is not None}
    if len(values) != 1:
        return None
    evidence = tuple(reading.evidence(f"recorded: {reading.words or 'CNS status'}") for reading in latest)
    subs = {f"CNS{match[1].lower()}" for reading in latest if (match := _SUB.search(reading.words))}
    beside = (("sub", subs.pop()),) if len(subs) == 1 else ()
    return known(values.pop(), evidence, rule="recorded", beside=beside)


def _clinical(view: View) -> Fact[object] | None:
    found = [d for d in view.layout.diagnoses.of("cns-leukaemia") if d.certain]
    present = [d for d in found if not is_over(view, d)]
    if not present:
        return None
    evidence = tuple(evidence_of(d, "leukaemia of the central nervous system") for d in present)
    return known("CNS3", evidence, rule="CNS3c", beside=(("sub", "CNS3c"),), flags=("computed",))


# ---------------------------------------------------------------- the first cerebrospinal fluid


def _of_fluid(view: View) -> Fact[object]:
    fluid = _first_fluid(view)
    if fluid is None:
        return unknown(Gap.NOT_RECORDED, "cns_status", rule="CNS")
    evidence = tuple(reading.evidence(_said(reading)) for reading in fluid.readings)
    flags = _flags(view, fluid.when)
    if fluid.when is None or not _before_intrathecal(view, fluid.when) or in_remission(view, fluid.when):
        return unknown(Gap.NOT_ASSESSABLE, "cns_status", evidence=evidence, rule="CNS", flags=flags)
    blood = _blood(view, fluid.when)
    if _contradict(fluid.readings):
        report(view, evidence, "Blasts in the cerebrospinal fluid are recorded as present and as absent on one day")
        return conflicting(evidence, "cns_status", rule="CNS")
    subs, by_quotient = _possible(view, fluid, blood)
    statuses = {sub[:4] for sub in subs}
    if len(statuses) > 1:
        beside = (("possible", tuple(sorted(statuses))),)
        return unknown(Gap.AMBIGUOUS, "cns_status", evidence=evidence, rule="CNS", flags=flags, beside=beside)
    told = (("sub", next(iter(subs))),) if len(subs) == 1 else ()
    more = ("quotient-unverified",) if by_quotient else ()
    return known(statuses.pop(), evidence, rule="CNS", beside=told, flags=("computed", *flags, *more))


def _said(reading: Reading) -> str:
    amount = in_unit(reading, _PER_VOLUME)
    name = "blasts" if not _BLASTS.isdisjoint(reading.concepts) else "white cells" if _is(reading, "white") else "red cells"
    return f"cerebrospinal fluid: {name} {shown(amount, _PER_VOLUME) if amount is not None else reading.words}".strip()


_CELLS = {"white": ("csf-leukocytes", "wbc"), "red": ("csf-erythrocytes", "erythrocytes")}
_OF_FLUID = _BLASTS | {own for own, _ in _CELLS.values()}
_COUNTED = _OF_FLUID | {of_blood for _, of_blood in _CELLS.values()}


def _is(reading: Reading, kind: str) -> bool:
    """Return whether a result counts these cells in the fluid: by its code, or by that of blood and the specimen."""
    own, of_blood = _CELLS[kind]
    return own in reading.concepts or (of_blood in reading.concepts and reading.specimen == "csf")


def _first_fluid(view: View) -> _Fluid | None:
    """Return the cells of the first dated fluid, else of undated ones."""
    found = [
        reading
        for reading in view.layout.readings.of_any(_COUNTED)
        if (reading.specimen == "csf" or not _OF_FLUID.isdisjoint(reading.concepts)) and not reading.absent
    ]
    if not found:
        return None
    dated = in_time(reading for reading in found if reading.when is not None)
    first = dated[0].when if dated else None
    of_day = tuple(reading for reading in found if _same_day(reading.when, first))
    counts = _Counts(_hull(r for r in of_day if _is(r, "white")), _hull(r for r in of_day if _is(r, "red")))
    told = {answer for reading in of_day if (answer := _blasts(reading)) is not None}
    return _Fluid(first, counts, told.pop() if len(told) == 1 else None, of_day)


def _same_day(one: PartialDate | None, other: PartialDate | None) -> bool:
    if one is None or other is None:
        return one is other
    return (one.low, one.high) == (other.low, other.high)


def _hull(readings: Iterable[Reading]) -> Interval | None:
    amounts = [amount for reading in readings if (amount := in_unit(reading, _PER_VOLUME)) is not None]
    if not amounts:
        return None
    if len(amounts) == 1:
        return amounts[0]
    highs = [amount.high for amount in amounts]
    low = min(amount.low or _ZERO for amount in amounts)
    return Interval(low, None if None in highs else max(high for high in highs if high is not None))


def _blasts(reading: Reading) -> bool | None:
    """Return whether blasts were seen; None where the result is not about them or does not tell."""
    if _BLASTS.isdisjoint(reading.concepts):
        return None
    told = answer_of(reading)
    if told is None and reading.amount is not None:
        return {Truth.YES: True, Truth.NO: False}.get(reading.amount.interval.above(_ZERO))
    return told


def _contradict(readings: tuple[Reading, ...]) -> bool:
    return {True, False} <= {_blasts(reading) for reading in readings}


def _before_intrathecal(view: View, when: PartialDate) -> bool:
    """Return whether a fluid was taken before intrathecal therapy; at the first puncture it is taken before the drug is given."""
    given = [drug.start for drug in view.record.drugs if drug.intrathecal]
    given += [done.start for done in view.layout.treatments.of("intrathecal-chemotherapy")]
    return all(when.on_or_before(start) is Truth.YES for start in given if start is not None)


def _flags(view: View, when: PartialDate | None) -> tuple[str, ...]:
    steroids = [drug.start for drug in view.layout.drugs.of_any(_STEROIDS) if not drug.intrathecal]
    treated = any(start is not None and when is not None and start.before(when) is Truth.YES for start in steroids)
    return ("steroid-before-csf",) if treated else ()


def _blood(view: View, when: PartialDate) -> _Counts:
    """Return the counts of the blood of the same day."""

    def of_day(concept: str) -> Interval | None:
        readings = (r for r in with_concept(view, concept) if r.specimen != "csf" and not r.absent)
        return _hull(r for r in readings if _same_day(r.when, when))

    return _Counts(of_day("wbc"), of_day("erythrocytes"))


def _possible(view: View, fluid: _Fluid, blood: _Counts) -> tuple[set[str], bool]:
    """Return the statuses that the counts allow, and whether the comparison with the blood decided between them."""
    limits = view.limits
    blasts = truth_of(fluid.blasts)
    found: set[str] = {"CNS1"} if blasts is not Truth.YES else set()
    if blasts is Truth.NO:
        return found, False
    few = Truth.UNKNOWN if fluid.cells.white is None else fluid.cells.white.below(limits.number("csf_leukocytes_few_below"))
    traumatic = Truth.UNKNOWN
    if fluid.cells.red is not None:
        traumatic = fluid.cells.red.at_least(limits.number("csf_erythrocytes_traumatic_from"))
    if few is not Truth.NO:
        found |= {sub for sub, excluded in (("CNS2a", Truth.YES), ("CNS2b", Truth.NO)) if traumatic is not excluded}
    if few is not Truth.YES:
        more = _quotient_above(fluid.cells, blood, limits.number("csf_quotient_above_times_blood"))
        found |= {"CNS3a"} if traumatic is not Truth.YES else set()
        if traumatic is not Truth.NO:
            found |= {sub for sub, excluded in (("CNS2c", Truth.YES), ("CNS3b", Truth.NO)) if more is not excluded}
    return found, not found.isdisjoint({"CNS2c", "CNS3b"})


def _quotient_above(fluid: _Counts, blood: _Counts, times: Decimal) -> Truth:
    """Return whether the quotient of white and red cells is above so many times that of the blood; exactly so many is unknown."""
    if None in {fluid.white, fluid.red, blood.white, blood.red}:
        return Truth.UNKNOWN
    least, most = _product(cast("Interval", fluid.white), cast("Interval", blood.red), Decimal(1))
    other_least, other_most = _product(cast("Interval", blood.white), cast("Interval", fluid.red), times)
    if least is not None and other_most is not None and least > other_most:
        return Truth.YES
    return Truth.NO if most is not None and other_least is not None and most < other_least else Truth.UNKNOWN


def _product(one: Interval, other: Interval, times: Decimal) -> tuple[Decimal | None, Decimal | None]:
    low = None if one.low is None or other.low is None else one.low * other.low * times
    return low, None if one.high is None or other.high is None else one.high * other.high * times
