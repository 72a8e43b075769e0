"""The timeline of the assessment: what each record of cases/facts/timeline.yaml shows, and when it is drawn."""

import sys
from dataclasses import replace
from datetime import date

import orjson
import pytest

from service.consultation import assessment_document
from tests.case_runners.assessments import assessment, bundles, consultation
from tests.case_runners.case_files import case_files
from tests.case_runners.shorthand import bundle


def _cases():
    (file,) = (file for stem, file in case_files("facts") if stem == "timeline")
    return [pytest.param(case, file["as_of"], id=case["name"]) for case in file["cases"]]


def _line(item):
    day = item["date"] or "?"
    return f"{day}{'..' + item['end'] if 'end' in item else ''} {item['kind']}: {item['text']}"


@pytest.mark.parametrize(("case", "as_of"), _cases())
def test_the_timeline_of_a_record(case, as_of):
    body = orjson.dumps(bundle(case["record"], bare=case.get("bare", False)))
    shown = assessment(body, as_of)["timeline"]
    assert [_line(item) for item in shown] == case["timeline"]
    for wanted in case.get("items", ()):
        expected = {key: value.isoformat() if isinstance(value, date) else value for key, value in wanted.items()}
        assert any({key: item.get(key, "missing") for key in expected} == expected for item in shown), (expected, shown)


def test_the_timeline_is_drawn_when_the_document_is_made_and_not_before(monkeypatch):
    asked = []

    def remember(view):
        asked.append(view)
        return ()

    monkeypatch.setattr(sys.modules["service.consultation.consult"], "timeline_of", remember)
    found = consultation(bundles()[0][2], bundles()[0][1])
    assert asked == []
    assert assessment_document(found)["timeline"] == []
    assert asked == [found.view]


def test_a_consultation_made_by_hand_has_no_timeline():
    found = consultation(bundles()[0][2], bundles()[0][1])
    assert replace(found, view=None).timeline() == ()
