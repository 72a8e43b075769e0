"""What clinicians stated, or said in words, of relapses: that there was one, how many at least, and by which day."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec

from service.facts.choose import newest, statements, with_concept
from service.facts.layout import OWN_SYSTEM
from service.facts.per_view import per_view
from service.facts.stated import count, truth
from service.logic.fact import known
from service.logic.interval import Interval
from service.record.relapse_words import LATER_REMISSIONS, RELAPSE_PAST, SECOND_REMISSION, THIRD_REMISSION
from service.record.told_relapse import RELAPSE_NAMES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from service.facts.catalogue import View
    from service.facts.days import Days
    from service.logic.dates import PartialDate
    from service.logic.fact import Evidence, Fact
    from service.record.record import Reading

_LEAST_OF_PHRASE = {"first-relapse": 1, "relapse-after-hsct": 1, "second-or-later-relapse": 2}
_SITES = ("marrow", "extramedullary", "combined")


LEAST_OF_REMISSION = {SECOND_REMISSION: 1, THIRD_REMISSION: 2}  # how many relapses were before it at least
# what words tell, as the statement that would say it, with the least number of relapses
_WORDS = {
    "second-or-later-relapse": ("relapse-status", 2),
    **{name: ("remission-number", least) for name, least in LEAST_OF_REMISSION.items()},
}
_SAID = {
    "second-or-later-relapse": "disease status: second or later relapse",
    SECOND_REMISSION: "disease status: second remission",
    THIRD_REMISSION: "disease status: third or later remission",
}


class Told(msgspec.Struct, frozen=True, gc=False):
    """One statement by which there had been so many relapses at least; None where it is undated."""

    code: str  # of the statement
    least: int
    by: PartialDate | None
    evidence: Evidence


@per_view
def told_relapses(view: View) -> list[Told]:
    """Return every statement that tells of a relapse, whatever was stated later: a relapse that was cannot be undone."""
    layout = view.layout.stated
    found: list[Told] = []
    for code, least in _TELLING.items():
        if code in layout:
            found += [
                Told(code, number, reading.when, reading.evidence(f"stated: {code.replace('-', ' ')}"))
                for reading in statements(view, code)
                if (number := least(reading))
            ]
    return [*found, *told_in_words(view)]


def told_in_words(view: View) -> Iterator[Told]:
    """Yield what a disease status tells in words: a second relapse, or a remission of a number, and one after it."""
    for reading in with_concept(view, "disease-status"):
        if reading.preliminary:
            continue
        again = int(says_relapse(reading))
        for concept, (code, least) in _WORDS.items():
            if concept in reading.answers:
                relapsed = again and concept in LATER_REMISSIONS
                evidence = reading.evidence(_SAID[concept])
                yield Told("relapse-status" if relapsed else code, least + relapsed, reading.when, evidence)


def says_relapse(status: Reading) -> bool:
    """Return whether a status of the disease says a relapse of now, and not of the residual disease alone."""
    past = RELAPSE_PAST in status.concepts or "mrd" in status.named
    return not (past or RELAPSE_NAMES.isdisjoint(status.answers))


@per_view
def second_remission(view: View) -> Fact[Interval] | None:
    """Return the number of the newest remission where a disease status says that it is the second; None where none says so."""
    numbered = [
        r
        for r in with_concept(view, "disease-status")
        if not (r.preliminary or LATER_REMISSIONS.isdisjoint(r.answers) or says_relapse(r))
    ]
    last = newest(numbered)
    if not last or any(SECOND_REMISSION not in reading.answers for reading in last):
        return None
    evidence = tuple(reading.evidence(_SAID[SECOND_REMISSION]) for reading in last)
    return known(Interval.point(Decimal(2)), evidence, rule="remission-number")


def told_before(view: View, relapse: PartialDate | None, remissions: Days) -> list[Told]:
    """Return the statements of earlier relapses: those after which a remission was seen before the first relapse on record.

    Signs close together are one relapse, and a clear marrow at the time of a statement is no remission after it.
    """
    merge = int(view.limits.number("relapse_merge_days"))
    blind = int(view.limits.number("relapse_site_union_days"))
    return [
        one
        for one in told_relapses(view)
        if relapse is not None and one.by is not None and (relapse.low - one.by.high).days > merge
        if remissions.any_within(one.by.high.toordinal() + blind + 1, relapse.low.toordinal() - 1)
    ]


def _by_number(reading: Reading) -> int:
    number = count(reading)
    return 0 if number is None or number.low is None else int(number.low)


def _by_remission(reading: Reading) -> int:
    return max(_by_number(reading) - 1, 0)


def _by_phrase(reading: Reading) -> int:
    return max((_LEAST_OF_PHRASE.get(code, 0) for system, code in reading.coded if system == OWN_SYSTEM), default=0)


def _by_state(reading: Reading) -> int:
    return int((OWN_SYSTEM, "relapsed") in reading.coded)


def _by_site(reading: Reading) -> int:
    return int(any((OWN_SYSTEM, site) in reading.coded for site in _SITES))


def _by_day(reading: Reading) -> int:
    return int(reading.day is not None)


def _by_risk(reading: Reading) -> int:
    return int(truth(reading) is True)


_TELLING = {
    "relapse-number": _by_number,
    "relapse-status": _by_phrase,
    "disease-state": _by_state,
    "relapse-date": _by_day,
    "relapse-site": _by_site,
    "high-risk-first-relapse": _by_risk,
    "remission-number": _by_remission,
}
