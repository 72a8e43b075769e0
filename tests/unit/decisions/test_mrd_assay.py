"""From a recorded sensitivity to the verdict (therapies.md 0.3, E-BLI-3: at least 0.1 %, by an assay that sees 1 in 10,000)."""

from datetime import date
from typing import Any

import orjson
import pytest

from service.consultation import Question, consult
from service.record.reader import read_bundle
from tests.case_runners.knowledge import shipped_rules
from tests.case_runners.shorthand import bundle

DAY = date(2026, 11, 22)
ASSAY = "mrd_by_sensitive_assay_percent"
MARKER_PH = {"of": "facts marker", "answer": "facts ph"}


@pytest.mark.parametrize(
    ("percent", "note", "verdicts", "asked"),
    [
        ("0.2 %", None, {"EMA": "on-label", "FDA": "on-label"}, False),
        ("0.2 %", "sensitivity 10^-4", {"EMA": "on-label", "FDA": "on-label"}, False),
        ("0.2 %", "sensitivity 10^-3", {"EMA": "undetermined", "FDA": "on-label"}, True),
        ("0.09 %", "sensitivity 10^-3", {"EMA": "not-on-label", "FDA": "not-on-label"}, False),
    ],
)
def test_a_sensitivity_that_is_recorded_and_too_poor_is_no_yes_in_the_eu(percent, note, verdicts, asked):
    record: list[dict[str, Any]] = [
        {"observation": "facts cd19-blasts", "on": "2025-02-03", "quantity": "95 %"},
        {"observation": "facts genetic-marker", "on": "2025-02-03", "boolean": False, "components": [MARKER_PH]},
        {"observation": "facts disease-state", "on": "2026-10-01", "answer": "facts remission"},
        {"observation": "facts remission-number", "on": "2026-10-01", "integer": 1},
        {"observation": "facts treatment-phase", "on": "2026-10-01", "answer": "facts maintenance"},
        {"observation": "facts relapse-number", "on": "2026-10-01", "integer": 0},
        {
            "observation": "facts mrd",
            "on": "2026-10-01",
            "specimen": "marrow",
            "quantity": percent,
            **({"note": note} if note else {}),
        },
    ]
    rules = shipped_rules()
    body = orjson.dumps(bundle(record, bare=False))
    found = consult(read_bundle(body, rules.vocabulary, DAY), rules, Question(DAY, DAY, ("EMA", "FDA")))
    told = {one.regulator: one for one in found.therapies if one.therapy.product == "blinatumomab"}
    assert {regulator: one.verdict for regulator, one in told.items()} == verdicts
    assert (ASSAY in told["EMA"].needs) is asked
    assert (ASSAY in [need.fact for need in found.needs]) is asked
