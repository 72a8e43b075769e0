"""Blasts in the blood by volume: as counted, else their share of the leukocytes of the same day."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from service.facts.catalogue import Kind, derive
from service.facts.choose import is_newer, newest, report, with_concept
from service.facts.measured import counts_blood, in_unit, last_of, may_be_of_blood, newest_in, shown, usable_in
from service.facts.unread import unless_unread
from service.logic.fact import Fact, Gap, conflicting, known, unknown
from service.logic.interval import Interval

if TYPE_CHECKING:
    from service.facts.catalogue import View
    from service.logic.dates import PartialDate
    from service.record.record import Reading

NAME = "blood_blasts_per_ul"
_COUNT, _SHARE = "blood-blasts-count", "blood-blasts-percent"
_WORD, _UNIT, _RULE = "blasts in blood", "/uL", "share-of-leukocytes"
_HUNDRED, _ZERO = Decimal(100), Decimal(0)


@derive(NAME, Kind.NUMBER, unit=_UNIT, reads=(_COUNT, _SHARE))
def blood_blasts_per_ul(view: View) -> Fact[object]:
    """The newest count of blasts in the blood; where their share of the leukocytes is newer, the product, flagged `computed`.

    Unknown: neither recorded; a share without a count of leukocytes of its day; no usable unit (`unreadable`). Two counts, two
    shares or two counts of leukocytes of one moment that differ: conflicting.
    """
    counted = newest_in(view, NAME, _counts(view), _UNIT, _WORD)
    computed = _computed(view)
    if computed is not None and (counted.gap is Gap.NOT_RECORDED or is_newer(computed, counted)):
        counted = computed
    return unless_unread(view, NAME, unless_unread(view, NAME, counted, _COUNT), _SHARE)


def _counts(view: View) -> list[Reading]:
    """Return the counts by volume: by their code or name, or by the name of blasts in the blood and the unit."""
    named = [r for r in with_concept(view, _SHARE) if r.by_name and in_unit(r, _UNIT) is not None]
    return [r for r in (*with_concept(view, _COUNT), *named) if _is_of_blood(r)]


def _is_of_blood(reading: Reading) -> bool:
    return not reading.absent and may_be_of_blood(reading)


def _computed(view: View) -> Fact[object] | None:
    """Return what the newest share tells; None where there is none, or no count of leukocytes of its day."""
    latest = newest([r for r in with_concept(view, _SHARE) if _is_of_blood(r) and in_unit(r, "%") is not None])
    day = latest[0].when if latest else None
    if day is None or any(r.when is None or r.when.precision != "day" for r in latest):
        return None
    white = [
        r for r in with_concept(view, "wbc") if not r.absent and counts_blood(r) and r.when is not None and _same_day(r.when, day)
    ]
    if not white:
        return None
    shares = [(share, r, f"{_WORD} {shown(share, '%')}") for r in latest if (share := usable_in(view, r, "%")) is not None]
    cells = [(amount, r) for r in white if (amount := usable_in(view, r, _UNIT)) is not None]
    if not shares or not cells:
        seen = tuple(r.evidence("blasts in blood: no usable share or count of leukocytes") for r in (*latest, *white))
        return unknown(Gap.UNREADABLE, NAME, evidence=seen, rule=_RULE)
    last = last_of(view, NAME, shares, f"{_WORD}, share of the leukocytes", rule=_RULE)
    return _of_leukocytes(view, last, last.value, cells) if isinstance(last.value, Interval) else last


def _of_leukocytes(view: View, share: Fact[object], value: Interval, cells: list[tuple[Interval, Reading]]) -> Fact[object]:
    """Return the product with the leukocytes of the share's moment, else with all of its day."""
    moment = _moment(share.evidence[0].date)
    chosen = [(amount, r) for amount, r in cells if _moment(r.when) == moment] or cells
    evidence = tuple(r.evidence(f"leukocytes {shown(amount, _UNIT)}") for amount, r in chosen)
    if len({amount for amount, _ in chosen}) > len({_moment(r.when) for _, r in chosen}):
        report(view, evidence, "Two different results of one moment: leukocytes in blood")
        return conflicting(evidence, NAME, rule=_RULE)
    early = ("preliminary",) if "preliminary" in share.flags or any(r.preliminary for _, r in chosen) else ()
    amounts = [amount for amount, _ in chosen]
    highs = [amount.high for amount in amounts if amount.high is not None]
    low = min(amount.low or _ZERO for amount in amounts) * (value.low or _ZERO) / _HUNDRED
    high = max(highs) * value.high / _HUNDRED if value.high is not None and len(highs) == len(amounts) else None
    return known(Interval(low, high), (*share.evidence, *evidence), rule=_RULE, unit=_UNIT, flags=(*early, "computed"))


def _moment(when: PartialDate | None) -> str:
    return "" if when is None else when.moment


def _same_day(one: PartialDate, other: PartialDate) -> bool:
    return one.low == other.low and one.high == other.high
