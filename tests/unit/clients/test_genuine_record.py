"""A record that the registry itself has given, as it stands: what the README beside it says that a parser must survive."""

from datetime import date
from pathlib import Path

import orjson
import pytest
import responses

from service.clients.registry import RegistryClient
from service.clients.registry_http import RegistryHttp
from service.clients.registry_parser import read_study
from service.knowledge.registry_ages import minimum_span, span_past_maximum
from service.logic.dates import PartialDate, Span

SAMPLE = Path(__file__).parents[3].parent / "shared" / "clinical" / "ctgov-samples" / "NCT02513394.json"

pytestmark = pytest.mark.skipif(not SAMPLE.is_file(), reason="the sample is not beside this checkout")


@pytest.fixture
def record():
    found = read_study(orjson.loads(SAMPLE.read_bytes()))
    assert found is not None
    return found


def test_identity_and_status(record):
    assert (record.nct_id, record.acronym, record.organisation_id) == ("NCT02513394", "PALLAS", "AFT-05")
    assert (record.status, record.last_known_status, record.why_stopped) == ("ACTIVE_NOT_RECRUITING", "", "")
    assert (record.verified, record.updated) == ("2023-04", "2023-06-15")
    assert record.sponsor == "Alliance Foundation Trials, LLC."
    assert ("OTHER", "ABCSG 42") in record.secondary_ids
    assert (record.phases, record.enrolment) == (("PHASE3",), 5796)


def test_a_date_without_a_day_is_kept_as_written(record):
    assert PartialDate.parse(record.verified) == PartialDate(date(2023, 4, 1), date(2023, 4, 30), "2023-04")


def test_437_sites_none_with_a_status_each_in_a_known_country(record):
    assert len(record.sites) == 437
    assert {site.status for site in record.sites} == {""}
    assert [site.country_name for site in record.sites if not site.country] == []
    assert {"KR", "TW", "US", "ES"} <= {site.country for site in record.sites}
    assert (record.sites[0].city, record.sites[0].latitude, record.sites[0].longitude) == ("Mobile", 30.69436, -88.04305)


def test_no_maximum_age_is_no_upper_limit(record):
    assert (record.minimum_age, record.maximum_age, record.sex) == ("18 Years", "", "ALL")
    assert (minimum_span(record.minimum_age), span_past_maximum(record.maximum_age)) == (Span(216, 0), None)


def test_criteria_and_interventions(record):
    assert record.criteria.startswith("Inclusion Criteria:")
    assert ("DRUG", "Palbociclib") in [(drug.kind, drug.name) for drug in record.interventions]


@responses.activate
def test_it_comes_through_the_client(record):
    responses.get("https://registry.example/studies/NCT02513394", body=SAMPLE.read_bytes(), content_type="application/json")
    answer = RegistryClient(RegistryHttp("https://registry.example")).studies(["NCT02513394"])
    assert (answer.found, answer.problems) == ((record,), ())
