"""Of whom a broken line speaks, and which bytes are text."""

import pytest

from service.cohort.named import is_utf_8, patients_named


@pytest.mark.parametrize(
    ("raw", "names"),
    [
        (b'{"subject": {"reference": "Patient/a"}, "co', ("a",)),
        (b'{"subject":{"reference" : "Patient\\/a"', ("a",)),
        (b'{"subject": {"reference": "https://a.example/fhir/Patient/a/_history/2"}', ("a",)),
        (
            b'{"subject": {"reference": "Patient/a"}, "focus": [{"reference": "Patient/b"}, {"reference": "Patient/a"}]',
            ("a", "b"),
        ),
        (b'{"resourceType": "Patient", "id": "a", "birth', ("a",)),
        ('{"subject": {"reference": "Patient/ü"}, '.encode(), ("ü",)),
        (b'{"subject": {"reference": "Patient/a', ()),  # the name may go on
        (b'{"resourceType": "Patient", "id": "a', ()),
        (b'{"resourceType": "Observation", "id": "a", "co', ()),
        (b'{"subject": {"reference": "InPatient/a"}, ', ()),
        (b'{"subject": {"reference": "Group/a"}, ', ()),
        (b'{"subject": {"reference": "Patient/\xfc"}, ', ()),
        (b'{"subject": {"display": "Patient/a"}, ', ()),
        (b'{"note": "\\"reference\\": \\"Patient/a\\""', ()),
        (b"", ()),
    ],
)
def test_whose_a_broken_line_is(raw, names):
    assert patients_named(raw) == names


def test_a_line_of_many_slashes_is_looked_through_once():
    assert patients_named(b'"reference":"' + b"\\/" * 200_000) == ()
    assert patients_named(b'"reference":"a/' * 50_000) == ()


@pytest.mark.parametrize(
    ("raw", "is_text"), [(b"", True), (b"a", True), ("ü".encode(), True), (b"\xfc", False), (b"\xc3", False)]
)
def test_which_bytes_are_text(raw, is_text):
    assert is_utf_8(raw) is is_text
