"""Templates with the values of a call in them (CH-A-09)."""

from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds_hooks import PatientViewContext, filled

CONTEXT = PatientViewContext("PractitionerRole/pr-1", "p.1-a", None)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(
    lambda text: all(part.strip(".") for part in text.split("/"))
)


@pytest.mark.parametrize(
    ("template", "query"),
    [
        ("Patient/{{context.patientId}}", "Patient/p.1-a"),
        ("Observation?patient={{context.patientId}}&_sort=-date", "Observation?patient=p.1-a&_sort=-date"),
        ("{{context.userId}}", "PractitionerRole/pr-1"),
        ("PractitionerRole/{{userPractitionerRoleId}}", "PractitionerRole/pr-1"),
        ("Encounter?participant={{context.userId}}", "Encounter?participant=PractitionerRole%2Fpr-1"),
        ("Practitioner/{{userPractitionerId}}", None),
        ("Encounter/{{context.encounterId}}", None),
        ("Coverage?patient={{context.unknown}}", None),
        ("Patient?_count=1", "Patient?_count=1"),
    ],
)
def test_ch_a_09_a_token_becomes_its_value_and_a_value_that_is_not_there_spoils_the_query(template, query):
    assert filled(template, CONTEXT) == query


@given(TEXTS)
def test_ch_a_09_whatever_a_value_holds_it_stays_one_value(text):
    search = filled("Condition?patient={{context.patientId}}&_count=5", PatientViewContext("Practitioner/x", text))
    assert search is not None
    assert parse_qsl(urlsplit(search).query, keep_blank_values=True) == [("patient", text), ("_count", "5")]
    read = filled("Patient/{{context.patientId}}", PatientViewContext("Practitioner/x", text))
    assert read is not None
    assert [unquote(part) for part in read.split("/")] == ["Patient", text]
    assert not set("?#&= \r\n") & set(read)


@pytest.mark.parametrize("value", [".", "..", "...", "a/../b", ""])
def test_a_value_that_would_climb_in_an_address_is_not_filled_in(value):
    assert filled("Patient/{{context.patientId}}", PatientViewContext("Practitioner/x", value)) is None
