"""The order in which a bundle lists its resources says nothing about the patient."""

import random

import pytest

from tests.case_runners.assessments import assessment, body_of, bundles, facts_and_course, findings, resources

FILES = sorted({name.partition(": ")[0] for name, _, _ in bundles()})


@pytest.mark.parametrize("file", FILES)
def test_turning_a_bundle_around_changes_no_fact_and_no_course(file):
    for name, as_of, body in bundles():
        if name.partition(": ")[0] == file:
            turned = body_of(resources(body)[::-1])
            one, other = _unordered(facts_and_course(body, as_of)), _unordered(facts_and_course(turned, as_of))
            assert one == other, f"{name}\n" + "\n".join(_differences(one, other))


def test_turning_a_bundle_around_changes_nothing_in_the_assessment():
    for name, as_of, body in bundles()[::40]:
        turned = body_of(resources(body)[::-1])
        one, other = _unordered(assessment(body, as_of)), _unordered(assessment(turned, as_of))
        assert one == other, f"{name}\n" + "\n".join(_differences(one, other))


def test_mixed_records_do_not_depend_on_their_order():
    chance = random.Random(1)  # noqa: S311 - repeatable, nothing secret
    lines = findings()
    patient = {"resourceType": "Patient", "id": "p", "birthDate": "1990-06-15", "gender": "female"}
    day = bundles()[0][1]
    for _ in range(150):
        chosen = [patient, *({**line, "id": f"m{number}"} for number, line in enumerate(chance.sample(lines, 8)))]
        turned = chosen[:]
        chance.shuffle(turned)
        one, other = _unordered(facts_and_course(body_of(chosen), day)), _unordered(facts_and_course(body_of(turned), day))
        assert one == other, "\n".join(_differences(one, other))


def _unordered(value):
    """Return the document with its lists of findings in one order: evidence and problems are sets."""
    if isinstance(value, dict):
        return {
            key: _sorted(item) if key in {"evidence", "problems", "setAside"} else _unordered(item) for key, item in value.items()
        }
    return [_unordered(item) for item in value] if isinstance(value, list) else value


def _sorted(items):
    return sorted(items, key=repr)


def _differences(one, other, where=""):
    """Yield the places at which two documents differ."""
    if isinstance(one, dict) and isinstance(other, dict):
        for key in sorted(one.keys() | other.keys()):
            yield from _differences(one.get(key), other.get(key), f"{where}.{key}")
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for number, (left, right) in enumerate(zip(one, other, strict=True)):
            yield from _differences(left, right, f"{where}[{number}]")
    elif one != other:
        yield f"{where}: {one!r} or {other!r}"
