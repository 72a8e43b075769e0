"""The order in which a bundle lists its resources says nothing about the patient."""

import random

import pytest

from tests.case_runners.assessments import assessment, body_of, bundles, facts_and_course, findings, resources

SETS = {"evidence", "problems", "setAside"}
FILES = sorted({name.partition(": ")[0] for name, _, _ in bundles()})


@pytest.mark.parametrize("file", FILES)
def test_turning_a_bundle_around_changes_no_fact_and_no_course(file):
    for name, as_of, body in bundles():
        if name.partition(": ")[0] == file:
            turned = body_of(resources(body)[::-1])
            differing = list(_differences(facts_and_course(body, as_of), facts_and_course(turned, as_of)))
            assert not differing, f"{name}\n" + "\n".join(differing)


def test_turning_a_bundle_around_changes_nothing_in_the_assessment():
    for name, as_of, body in bundles()[::40]:
        turned = body_of(resources(body)[::-1])
        differing = list(_differences(assessment(body, as_of), assessment(turned, as_of)))
        assert not differing, f"{name}\n" + "\n".join(differing)


def test_mixed_records_do_not_depend_on_their_order():
    chance = random.Random(1)  # noqa: S311 - repeatable, nothing secret
    lines = findings()
    patient = {"resourceType": "Patient", "id": "p", "birthDate": "1990-06-15", "gender": "female"}
    day = bundles()[0][1]
    for _ in range(150):
        chosen = [patient, *({**line, "id": f"m{number}"} for number, line in enumerate(chance.sample(lines, 8)))]
        turned = chosen[:]
        chance.shuffle(turned)
        differing = list(_differences(facts_and_course(body_of(chosen), day), facts_and_course(body_of(turned), day)))
        assert not differing, "\n".join(differing)


def _differences(one, other, where=""):
    """Yield the places at which two documents differ; the lists that are sets may hold the same in any order."""
    if one == other:
        return
    if isinstance(one, dict) and isinstance(other, dict):
        for key in sorted(one.keys() | other.keys()):
            left, right = (document.get(key, "nothing is there") for document in (one, other))
            if key in SETS and isinstance(left, list) and isinstance(right, list):
                left, right = sorted(left, key=repr), sorted(right, key=repr)
            yield from _differences(left, right, f"{where}.{key}")
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for number, (left, right) in enumerate(zip(one, other, strict=True)):
            yield from _differences(left, right, f"{where}[{number}]")
    else:
        yield f"{where}: {one!r} or {other!r}"
