"""The truth table once more, from FHIR bundles instead of facts: reader, facts and decisions together."""

from datetime import date

import orjson
import pytest

from service.consultation import Question, consult
from service.record.reader import read_bundle
from tests.case_runners.statements import bundle_of, can_be_stated
from tests.case_runners.therapies import _agrees, _shown, therapy_cases


def _stated_cases():
    for name, (case, when, expected) in therapy_cases():
        given = {**case["file"].get("typical", {}), **case["given"]}
        if "birth" in given:
            given.pop("age", None)
        if can_be_stated(given) and ("age" in given or "birth" in given):
            yield pytest.param(given, case, when, expected, id=name)


@pytest.mark.parametrize(("given", "case", "when", "expected"), list(_stated_cases()))
def test_statements_lead_to_the_verdicts_of_the_table(rules, given, case, when, expected):
    regulator, day = when.split()
    on = date.fromisoformat(day)
    record = read_bundle(orjson.dumps(bundle_of(given, on)), rules.vocabulary, on)
    known_by = case.get("known_by", case["file"]["known_by"])
    consultation = consult(record, rules, Question(on, known_by, (regulator,)))
    found = {verdict.therapy.short: verdict for verdict in consultation.therapies}
    wrong = [
        f"{name}: expected {text!r}, found {_shown(found[name])}"
        for name, text in expected.items()
        if not _agrees(found[name], text)
    ]
    assert not wrong, "\n" + "\n".join(wrong)
