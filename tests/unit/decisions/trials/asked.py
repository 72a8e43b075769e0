"""What the tests of trials share: a day, two tests on facts, numbers and evidence, sightings of recruitment."""

from datetime import date
from decimal import Decimal

from service.knowledge.registry import RegistryRecord, Site
from service.logic.dates import PartialDate
from service.logic.fact import Evidence
from service.logic.interval import Interval

DAY = date(2031, 5, 6)
POSITIVE = {"fact": "cd19", "is": "positive"}
CAR_T = {"fact": "prior_cd19_car_t", "is": True}


def number(value):
    return Interval.point(Decimal(value))


def seen(day, text="seen", reference="Observation/1"):
    return (Evidence(reference, "value", PartialDate.parse(day) if day else None, text),)


def truths(verdict):
    return {row.id: row.truth.word for row in verdict.judged.results()}


def sighting(status, day, **more):
    return {"status": status, "seen": day, "recorded": date(2031, 1, 2), "verification": "V2", "sources": ["label"], **more}


def record(status, criteria="Inclusion: adults"):
    return RegistryRecord("NCT99990001", "synthetic", status, criteria=criteria, sites=(Site("Clinic", "Town", "ES", "Spain"),))
