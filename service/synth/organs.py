"""Performance, heart, liver, kidney, lung, height and weight of a made-up patient: measured lately, long ago, or not at all."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from service.synth.codes import CODES
from service.synth.page import years
from service.synth.values import quantity, whole

if TYPE_CHECKING:
    from service.synth.chance import Chance
    from service.synth.page import Page
    from service.synth.truth import Told
    from service.synth.values import Json

_GROWN_UP = 18


def organs(page: Page, born: date) -> None:
    """Write each function where the record has it; what is not written is so nevertheless."""
    _Organs(page, born).write(years(born, page.as_of))


_CLEARANCES = (
    ("mL/min", "creatinine_clearance", "creatinine_clearance_per_surface"),
    ("mL/min/{1.73_m2}", "creatinine_clearance_per_surface", "creatinine_clearance"),
)


class _Organs:
    def __init__(self, page: Page, born: date):
        self.page, self.chance, self.truth, self.born = page, page.chance, page.truth, born

    def write(self, age: int) -> None:
        chance = self.chance
        score = chance.whole(0, 4)
        self._observed(
            "ecog", score, ("ecog", "ecog-observed"), whole(score) if chance.happens(60) else quantity(score, "{score}")
        )
        for name in ("karnofsky", "lansky"):
            share = chance.whole(3, 10) * 10
            self._observed(name, share, (name,), whole(share))
        share = chance.whole(25, 70)
        self._observed("lvef_percent", share, ("lvef", "lvef-observed"), quantity(share, "%"))
        share = chance.whole(20, 45)
        self._observed("lvsf_percent", share, ("lvsf", "lvsf-other"), quantity(share, "%"))
        share = chance.whole(85, 100)
        self._observed("spo2_percent", share, ("spo2", "spo2-arterial"), quantity(share, "%"))
        amount = chance.whole(15, 140)
        unit, told, untold = chance.one_of(_CLEARANCES)
        self._observed(told, amount, ("creatinine-clearance",), quantity(amount, unit))
        self.truth.silent(untold, amount)  # of a body whose surface is nowhere told
        self._times_limit("alt", "alt", chance.whole(10, 400), quantity(40, "U/L"))
        self._times_limit("ast", "ast", chance.whole(10, 400), quantity(40, "U/L"))
        self._times_limit("bilirubin", "bilirubin", chance.whole(2, 60), quantity(20, "umol/L"))
        self._times_limit("direct_bilirubin", "direct-bilirubin", chance.whole(1, 20), quantity(5, "umol/L"))
        self._weight(age)

    def _weight(self, age: int) -> None:
        kilograms, metres = _kilograms(self.chance, age), Decimal(_centimetres(self.chance, age)) / 100
        value = self.chance.one_of((quantity(kilograms, "kg"), quantity(kilograms * 1000, "g")))
        weighed = self._observed("weight_kg", kilograms, ("body-weight",), value)
        index = float(kilograms / (metres * metres))
        self.truth.silent("bmi", index)
        measured = self._day()
        if measured is None:
            return
        self.page.story.observed("height", CODES["body-height"], measured.isoformat(), quantity(int(metres * 100), "cm"))
        if (
            weighed is not None
            and abs((measured - weighed).days) <= self.page.often["limits"]["height_within_days_of_the_weight"]
        ):
            self._set("bmi", index, max(measured, weighed))
        elif weighed is not None:
            self.truth.cloud("bmi")

    def _day(self) -> date | None:
        """Return the day of a measurement: lately, sometimes long ago; None where none was written."""
        if not self.chance.happens(self.page.often["organs_told"]):
            return None
        if self.chance.happens(self.page.often["organs_old"]):
            return max(self.born, self.page.as_of - timedelta(days=self.chance.whole(95, 200)))
        return self.page.as_of - timedelta(days=self.chance.whole(0, 5))

    def _observed(self, name: str, real: Told, codes: tuple[str, ...], value: Json) -> date | None:
        """Return the day on which a function was measured; None where it was not written."""
        day = self._day()
        if day is None:
            self.truth.silent(name, real)
            return None
        self.page.story.observed(codes[0], CODES[self.chance.one_of(codes)], day.isoformat(), value)
        self._set(name, real, day)
        return day

    def _set(self, name: str, real: Told, day: date) -> None:
        self.truth.set(name, real)
        self.truth.measured[name] = day

    def _times_limit(self, name: str, code: str, amount: int, upper: Json) -> None:
        """Write a result with the upper limit of its laboratory, or without it: then it tells no multiple of it."""
        day, limit = self._day(), upper["valueQuantity"]
        real = amount / limit["value"]
        micromoles = self.page.often["limits"]["micromoles_of_a_milligram_in_a_decilitre"].get(name)
        mass = None if micromoles is None else float(amount / Decimal(str(micromoles)))
        self.truth.silent(f"{name}_xuln", real)
        if mass is not None:
            self.truth.silent(f"{name}_mg_dl", mass)
        if day is None:
            return
        found = self.page.story.observed(code, CODES[code], day.isoformat(), quantity(amount, limit["unit"]))
        if mass is not None:
            self._set(f"{name}_mg_dl", mass, day)
        if self.chance.happens(75):
            found["referenceRange"] = [{"high": limit}]
            self._set(f"{name}_xuln", real, day)
        else:
            self.truth.cloud(f"{name}_xuln")


def _kilograms(chance: Chance, age: int) -> int:
    if age < 1:
        return chance.whole(4, 9)
    return chance.whole(10 + 2 * age, 16 + 3 * age) if age < _GROWN_UP else chance.whole(48, 104)


def _centimetres(chance: Chance, age: int) -> int:
    if age < 1:
        return chance.whole(52, 76)
    return chance.whole(72 + 5 * age, 84 + 6 * age) if age < _GROWN_UP else chance.whole(150, 196)
