"""A cohort of less than a thousand holds every way of writing everything, every kind of truth, and every code for cohorts."""

from __future__ import annotations

import re
from collections import defaultdict

import orjson
import pytest

from service.synth.codes import CODES
from service.synth.export import made_up
from service.synth.names import FACTS
from service.synth.truth import CLOUDED, CONTRADICTED, IN_PART, STALE, TOLD, UNTOLD

PATIENTS, SEED = 900, 7
# Facts that no resource of the cohort tells yet, and such as follow from others or stand in every record.
NEVER_TOLD = frozenset({
    "blood_blasts_per_ul", "dna_index", "dux4_r", "extramedullary_disease", "gilbert_syndrome", "icans_grade_4",
    "igh_r", "marrow_class_end_of_consolidation", "mef2d_r", "myc_r", "pax5_alt", "pax5_p80r", "severe_liver_disease", "znf384_r",
})  # fmt: skip
_DAY = re.compile(r'"(20\d\d-\d\d-\d\d)"')
ALWAYS_TOLD = frozenset({"age_days", "age_years", "sex"})


@pytest.fixture(scope="module")
def cohort():
    return list(made_up(PATIENTS, SEED))


def test_everything_is_written_in_each_of_its_ways(cohort):
    taken: dict[tuple[str, int], set[int]] = defaultdict(set)
    for made in cohort:
        for what, way, count in made.ways:
            taken[what, count].add(way)
    assert {what for what, _ in taken} >= {
        "antigen",
        "Philadelphia chromosome",
        "remission",
        "relapse",
        "residual disease",
        "car-t",
    }
    for (what, count), ways in taken.items():
        assert ways == set(range(1, count + 1)), what


def test_every_fact_is_told_by_some_records_and_not_by_others(cohort):
    for name in FACTS:
        ways = {made.truth.how[name] for made in cohort}
        assert (name in NEVER_TOLD) is not bool(ways & {TOLD, IN_PART}), name
        assert (name in ALWAYS_TOLD) is (UNTOLD not in ways), name


def test_records_are_clouded_stale_and_contradictory_too(cohort):
    ways = {how for made in cohort for how in made.truth.how.values()}
    assert ways == {TOLD, IN_PART, UNTOLD, CLOUDED, STALE, CONTRADICTED}


def test_what_is_told_is_what_is_so(cohort):
    """A truth that contradicts itself would measure nothing."""
    for made in cohort:
        for name, how in made.truth.how.items():
            if how == TOLD:
                assert made.truth.told[name] == made.truth.real[name], (made.story.name, name)
            elif how != IN_PART:
                assert made.truth.told[name] == "unknown", (made.story.name, name)


def test_nothing_lies_in_the_future_and_every_record_is_of_its_own_patient(cohort):
    for made in cohort:
        text = orjson.dumps(made.story.resources).decode()
        assert max(_DAY.findall(text)) <= made.as_of.isoformat(), made.story.name


def test_every_code_for_cohorts_is_written(cohort):
    written = {
        (coding["system"], coding["code"])
        for made in cohort
        for resource in made.story.resources
        for coding in _codings(resource)
    }
    names = list(CODES)
    for name in names[names.index("t-lineage-precursor") :]:
        assert (CODES[name].system, CODES[name].code) in written, name


def _codings(node):
    if isinstance(node, list):
        for item in node:
            yield from _codings(item)
    elif isinstance(node, dict):
        if "system" in node and "code" in node and isinstance(node["code"], str):
            yield node
        for value in node.values():
            yield from _codings(value)
