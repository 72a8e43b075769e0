"""Organ functions, performance and other illnesses."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

from service.facts.catalogue import Kind, derive
from service.facts.choose import newest, with_concept
from service.facts.conditions import MaybeSuch, Whole, condition_fact
from service.facts.infections import VIRUSES, viral_infection
from service.facts.measured import impossible, in_upper_limits, last_of, measured, set_aside_impossible
from service.facts.oxygen import on_room_air
from service.facts.per_knowledge import per_knowledge
from service.facts.unread import unless_unread
from service.logic.fact import Evidence, Fact, Gap, known, unknown
from service.logic.interval import Interval
from service.record.signs import plain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from service.facts.catalogue import View
    from service.record.record import Reading

_MEASURED = (
    ("lvef_percent", "lvef", "%", "left ventricular ejection fraction", measured),
    ("spo2_percent", "spo2", "%", "oxygen saturation", on_room_air),
    ("creatinine_clearance", "creatinine-clearance", "mL/min", "creatinine clearance", measured),
    ("qtc_ms", "qtc", "ms", "QTc", measured),
)
_TIMES_LIMIT = (
    ("bilirubin_xuln", "bilirubin-total", "total bilirubin"),
    ("alt_xuln", "alt", "ALT"),
    ("ast_xuln", "ast", "AST"),
)
_GVHD = frozenset({"gvhd-acute", "gvhd-chronic", "gvhd-acute-on-chronic", "gvhd-unspecified"})
_ACUTE, _UNTOLD = "absence_of_acute_condition_for_days", "acute_condition_without_status_counts_for_days"
_LIVER = frozenset({"liver-disease-severe", "hepatitis-active", "hbv-active", "hcv-active"})
_MAYBE_INFECTED = MaybeSuch(frozenset({"infection-untold"}), "recorded, not told whether an active infection")
_MAYBE_LIVER = MaybeSuch(frozenset({"liver-disease-untold", "hbv", "hcv"}), "liver disease, not told whether active or cirrhosis")
_ILLNESSES: tuple[tuple[str, frozenset[str], bool, Whole | None, MaybeSuch | None], ...] = (
    (
        "active_infection",
        frozenset({"infection-systemic"}),
        True,
        Whole("any-active-infection", _ACUTE, _UNTOLD),
        _MAYBE_INFECTED,
    ),
    ("gvhd_active", _GVHD, True, Whole("any-gvhd", _ACUTE, _UNTOLD), None),
    ("vod_history", frozenset({"vod-sos"}), False, Whole("any-vod", _ACUTE), None),
    ("severe_liver_disease", _LIVER, True, None, _MAYBE_LIVER),
    ("seizure_history", frozenset({"seizure"}), False, None, None),
    ("cns_pathology_active", frozenset({"seizure", "icans"}), True, None, None),
)


def _score(view: View, name: str) -> Fact[object]:
    """Return the newest performance score: an integer, an amount without a unit, or a number as a code of no system.

    Unknown: none recorded; without a number, or one that cannot be read and is not surely an older one
    (`unreadable`). Two scores of one moment: conflicting.
    """
    latest = newest([r for r in with_concept(view, name) if not r.absent])
    if not latest:
        return unknown(Gap.NOT_RECORDED, name, rule="newest")
    scores = [(_possible(view, name, reading), reading) for reading in latest]
    usable = [(score, reading, f"{name} {score}") for score, reading in scores if score is not None]
    if not usable:
        seen = tuple(reading.evidence(f"{name} without a number") for reading in latest)
        return unknown(Gap.UNREADABLE, name, evidence=seen, rule="newest")
    return unless_unread(view, name, last_of(view, name, usable, name, rule="newest"), name)


def _possible(view: View, name: str, reading: Reading) -> Interval | None:
    """Return a score; None where it cannot be: then it is one of another scale."""
    points, unit = _points(reading), "1" if name == "ecog" else "%"
    points = points if points is not None else _in_words(view, name, reading)
    if points is not None and impossible(view, points, unit, name):
        set_aside_impossible(view, reading, "a score")
        return None
    return points


@per_knowledge
def _scores_told(words: Mapping[str, Sequence[str]]) -> dict[str, re.Pattern[str]]:
    """Return the pattern of each score as all that words say: `ECOG 1`, `ECOG PS: 0-1`, `Karnofsky 80 %`."""
    return {name: _told_as(words[f"{name}_names"]) for name in ("ecog", "karnofsky", "lansky")}


def _told_as(names: Sequence[str]) -> re.Pattern[str]:
    name = "|".join(re.escape(plain(word)) for word in names)
    return re.compile(rf"(?:(?:{name})\s?[:=]?\s?)?(\d{{1,3}})(?:\s?[-–]\s?(\d{{1,3}}))?\s?%?", re.IGNORECASE)


def _in_words(view: View, name: str, reading: Reading) -> Interval | None:
    """Return the score that words tell and nothing beside it, or the two between which it is."""
    told = _scores_told(view.limits.words())[name].fullmatch(plain(reading.words).strip(" ."))
    if told is None:
        return None
    low, high = Decimal(told[1]), Decimal(told[2] or told[1])
    return Interval(low, high) if low <= high else None


def _points(reading: Reading) -> Interval | None:
    if reading.whole is not None:
        return Interval.point(Decimal(reading.whole))
    if reading.amount is not None:
        return reading.amount.interval
    bare = [code for system, code in reading.coded if not system and code.isdecimal()]  # German reports: the code is the score
    return Interval.point(Decimal(bare[0])) if len(bare) == 1 else None


for _name in ("ecog", "karnofsky", "lansky"):
    derive(_name, Kind.NUMBER, reads=(_name,))(partial(_score, name=_name))
for _name, _concept, _unit, _word, _found in _MEASURED:
    derive(_name, Kind.NUMBER, unit=_unit, reads=(_concept,))(
        partial(_found, name=_name, concept=_concept, unit=_unit, word=_word)
    )
for _name, _concept, _word in _TIMES_LIMIT:
    derive(_name, Kind.NUMBER, unit="1", reads=(_concept,))(partial(in_upper_limits, name=_name, concept=_concept, word=_word))
for _name, _concepts, _active, _whole, _untold in _ILLNESSES:
    derive(_name, Kind.TRUTH)(
        partial(condition_fact, name=_name, concepts=_concepts, active=_active, whole=_whole, untold=_untold)
    )
for _name, _virus in VIRUSES.items():
    derive(_name, Kind.TRUTH, reads=_virus.tests)(partial(viral_infection, name=_name))


@derive("hypersensitivity", Kind.WORDS, of_products=True)
def hypersensitivity(view: View) -> Fact[object]:
    """The products to which a hypersensitivity is recorded. Unknown: none recorded; that excludes nothing."""
    found = {
        product: Evidence(item.reference, "code", item.when, f"hypersensitivity to {product} recorded")
        for item in view.record.sensitivities
        for product, concept in view.limits.treatments().products.items()
        if concept in item.concepts
    }
    if not found:
        return unknown(Gap.NOT_RECORDED, "hypersensitivity", rule="allergies")
    return known(tuple(found), tuple(found.values()), rule="allergies")
