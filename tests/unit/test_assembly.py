"""Settings from the environment, and questions from parameters."""

from dataclasses import fields
from datetime import date

import pytest

from service.assembly import load_registry, open_store, open_used_tokens, read_question
from service.errors import RequestError, StoreError
from service.knowledge.registry import NOTHING_SEEN
from service.settings import Settings, read_settings

TODAY = date(2026, 11, 22)
KEY, OTHER_KEY = "AQID" * 10 + "AQI=", "_-" * 21 + "8="  # made-up keys of 32 bytes, in both alphabets


def test_without_variables_the_settings_are_those_of_the_class():
    assert read_settings({}) == Settings()
    assert read_settings({"ALL_CDS_COUNTRY": "  ", "PATH": "/bin"}) == Settings()


@pytest.mark.parametrize(
    ("variable", "text", "name", "value"),
    [
        ("ALL_CDS_REGULATORS", "fda, EMA", "regulators", ("FDA", "EMA")),
        ("ALL_CDS_COUNTRY", "es", "country", "ES"),
        ("ALL_CDS_SITE_GROUP", "SEHOP", "site_group", "SEHOP"),
        ("ALL_CDS_BODY_LIMIT", "1000", "body_limit", 1000),
        ("ALL_CDS_MAX_CARDS", "3", "max_cards", 3),
        ("ALL_CDS_CLIENT_PROFILE", "generic20", "client_profile", "generic20"),
        ("ALL_CDS_CLIENT_PROFILE", "3.0", "client_profile", "3.0"),
        ("ALL_CDS_CLIENT_PROFILE", "oracle", "client_profile", "oracle"),
        ("ALL_CDS_PUBLIC_BASE_URL", "https://cds.example.org/all", "public_base_url", "https://cds.example.org/all"),
        ("ALL_CDS_ALLOWED_ORIGINS", "https://a.example, http://localhost:8080", "allowed_origins", ("https://a.example", "http://localhost:8080")),
        ("ALL_CDS_PROFILE", "production", "profile", "production"),
        ("ALL_CDS_AUTH", "required", "auth", "required"),
        ("ALL_CDS_DISCOVERY_AUTH", "required", "discovery_auth", "required"),
        ("ALL_CDS_ISSUERS", "issuers.yaml", "issuers", "issuers.yaml"),
        ("ALL_CDS_WORKERS", "0", "workers", 0),
        ("ALL_CDS_FHIR_SERVERS", "https://a.example/r4, http://b.example/", "fhir_servers", ("https://a.example/r4", "http://b.example/")),
        ("ALL_CDS_FHIR_PRIVATE_ADDRESSES", "true", "fhir_private_addresses", True),
        ("ALL_CDS_FHIR_AUTHORITIES", "hospital.pem", "fhir_authorities", "hospital.pem"),
        ("ALL_CDS_FHIR_WITHOUT_TOKEN", "yes", "fhir_without_token", True),
        ("ALL_CDS_FETCH_SECONDS", "0.5", "fetch_seconds", 0.5),
        ("ALL_CDS_FETCH_PAGES", "1", "fetch_pages", 1),
        ("ALL_CDS_FETCH_ENTRIES", "50", "fetch_entries", 50),
        ("ALL_CDS_ANSWER_SECONDS", "10", "answer_seconds", 10.0),
        ("ALL_CDS_REGISTRY_URL", "http://127.0.0.1:8080/api/v2", "registry_url", "http://127.0.0.1:8080/api/v2"),
        ("ALL_CDS_REGISTRY_REFRESH_HOURS", "24", "registry_refresh_hours", 24),
        ("ALL_CDS_SIGHTING_STALE_DAYS", "7", "sighting_stale_days", 7),
        ("ALL_CDS_STORE", "data/seen.db", "store", "data/seen.db"),
        ("ALL_CDS_STORE", "sqlite:////data/seen.db", "store", "sqlite:////data/seen.db"),
        ("ALL_CDS_STORE", "postgresql+psycopg://db.example/cds", "store", "postgresql+psycopg://db.example/cds"),
        ("ALL_CDS_KEEP_ANSWERS", "true", "keep_answers", True),
        ("ALL_CDS_KEEP_ANSWERS", "On", "keep_answers", True),
        ("ALL_CDS_KEEP_ANSWERS", "False", "keep_answers", False),
        ("ALL_CDS_FEEDBACK_STRICT", "1", "feedback_strict", True),
        ("ALL_CDS_FEEDBACK_STRICT", "0", "feedback_strict", False),
        ("ALL_CDS_FEEDBACK_DAYS", "1", "feedback_days", 1),
        ("ALL_CDS_ASSESSMENT_HOURS", "1", "assessment_hours", 1),
        ("ALL_CDS_ASSESSMENT_LIMIT", "1", "assessment_limit", 1),
        ("ALL_CDS_ENCRYPTION_KEYS", KEY, "encryption_keys", (KEY,)),
        ("ALL_CDS_ENCRYPTION_KEYS", f" {KEY} ,{OTHER_KEY},{KEY}", "encryption_keys", (KEY, OTHER_KEY)),
    ],
)  # fmt: skip
def test_each_variable_sets_its_field(variable, text, name, value):
    assert getattr(read_settings({variable: text}), name) == value


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        ("ALL_CDS_REGULATORS", "EMA,PMDA"),
        ("ALL_CDS_COUNTRY", "Spain"),
        ("ALL_CDS_FEEDBACK_DAYS", "0"),
        ("ALL_CDS_ASSESSMENT_HOURS", "0"),
        ("ALL_CDS_ASSESSMENT_LIMIT", "0"),
        ("ALL_CDS_BODY_LIMIT", "0"),
        ("ALL_CDS_BODY_LIMIT", "50MB"),
        ("ALL_CDS_MAX_CARDS", "-1"),
        ("ALL_CDS_CLIENT_PROFILE", "unknown"),
        ("ALL_CDS_CLIENT_PROFILE", "3x0"),
        ("ALL_CDS_PUBLIC_BASE_URL", "http://cds.example.org"),
        ("ALL_CDS_PUBLIC_BASE_URL", "https://cds.example.org/"),
        ("ALL_CDS_ALLOWED_ORIGINS", "*"),
        ("ALL_CDS_ALLOWED_ORIGINS", "https://a.example/path"),
        ("ALL_CDS_PROFILE", "test"),
        ("ALL_CDS_FHIR_SERVERS", "fhir.example/r4"),
        ("ALL_CDS_FHIR_SERVERS", "https://me:secret@fhir.example/r4"),
        ("ALL_CDS_FHIR_SERVERS", "https://fhir.example/r4?tenant=1"),
        ("ALL_CDS_FETCH_SECONDS", "0"),
        ("ALL_CDS_FETCH_SECONDS", "0.000"),
        ("ALL_CDS_FETCH_SECONDS", "-1"),
        ("ALL_CDS_FETCH_SECONDS", "2s"),
        ("ALL_CDS_FETCH_SECONDS", "inf"),
        ("ALL_CDS_FETCH_PAGES", "0"),
        ("ALL_CDS_AUTH", "off"),
        ("ALL_CDS_AUTH", "Required"),
        ("ALL_CDS_DISCOVERY_AUTH", "none"),
        ("ALL_CDS_REGULATOR", "EMA"),
        ("ALL_CDS_KEEP_ANSWERS", "perhaps"),
        ("ALL_CDS_FEEDBACK_STRICT", "2"),
        ("ALL_CDS_REGISTRY_URL", "registry.example/api"),
        ("ALL_CDS_REGISTRY_URL", "https://registry.example/api/v2/"),
        ("ALL_CDS_REGISTRY_URL", "https://me:secret@registry.example/api/v2"),
        ("ALL_CDS_REGISTRY_URL", "file:///registry"),
        ("ALL_CDS_REGISTRY_REFRESH_HOURS", "-1"),
        ("ALL_CDS_SIGHTING_STALE_DAYS", "never"),
        ("ALL_CDS_STORE", "mysql://db.example/cds"),
        ("ALL_CDS_STORE", "sqlite://"),
        ("ALL_CDS_STORE", "sqlite:///"),
        ("ALL_CDS_STORE", "postgresql://db.example/cds"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(variable, text):
    with pytest.raises(RequestError) as raised:
        read_settings({variable: text})
    assert raised.value.where == variable


@pytest.mark.parametrize("broken", ["SECRETKEY", KEY[:-4], KEY + "AQID", KEY[:-1], "ß" * 44, "=" * 44])
@pytest.mark.parametrize("before", ["", KEY + ","])
def test_a_key_that_is_none_stops_the_start_and_is_told_by_its_place_alone(before, broken):
    with pytest.raises(RequestError) as raised:
        read_settings({"ALL_CDS_ENCRYPTION_KEYS": before + broken})
    error = raised.value
    assert error.where == "ALL_CDS_ENCRYPTION_KEYS"
    assert error.message == f"key {2 if before else 1} cannot be used"
    assert error.__suppress_context__
    assert "openssl" in error.hint
    assert [part for part in (KEY[:8], broken[:8]) if part in f"{error!r} {error.hint}"] == []


def test_no_key_is_shown_with_the_settings():
    settings = read_settings({"ALL_CDS_ENCRYPTION_KEYS": KEY})
    assert settings.encryption_keys == (KEY,)
    assert KEY not in f"{settings!r} {settings}"


def test_every_setting_can_be_read():
    for row in fields(Settings):
        assert read_settings({f"ALL_CDS_{row.name.upper()}": ""}) == Settings()


def test_a_question_takes_what_is_given_and_the_rest_from_settings_and_today():
    settings = Settings(country="ES", site_group="SEHOP")
    asked = read_question({"as_of": "2022-01-01", "regulators": "FDA"}, settings, TODAY)
    assert (asked.as_of, asked.known_by) == (date(2022, 1, 1), TODAY)
    assert (asked.regulators, asked.country, asked.site_group) == (("FDA",), "ES", "SEHOP")


@pytest.mark.parametrize(("text", "is_past"), [("2026-11-21", True), ("2026-11-22", False), ("2026-11-23", False)])
def test_a_day_before_today_is_over(text, is_past):
    assert read_question({"as_of": text}, Settings(), TODAY).is_past is is_past
    assert read_question({}, Settings(), TODAY).is_past is False


@pytest.mark.parametrize("text", ["2026-11-22", "2026-11-23"])
def test_the_day_asked_about_may_be_today_and_tomorrow_which_has_come_elsewhere(text):
    assert read_question({"as_of": text}, Settings(), TODAY).as_of == date.fromisoformat(text)


@pytest.mark.parametrize("text", ["2026-11-24", "2030-01-01", "9999-12-31"])
def test_a_day_that_has_come_nowhere_is_refused(text):
    with pytest.raises(RequestError) as raised:
        read_question({"as_of": text}, Settings(), TODAY)
    assert (raised.value.where, raised.value.message) == ("as_of", "a day that has not come")
    assert "2026-11-22" in raised.value.hint


@pytest.mark.parametrize("text", ["0001-01-01", "0199-12-31"])
def test_a_day_before_which_no_time_can_be_counted_is_refused(text):
    with pytest.raises(RequestError) as raised:
        read_question({"as_of": text}, Settings(), TODAY)
    assert (raised.value.where, raised.value.message) == ("as_of", "a day at the beginning of the calendar")
    assert read_question({"as_of": "0200-01-01"}, Settings(), TODAY).as_of == date(200, 1, 1)


def test_what_is_known_by_a_later_day_is_all_that_is_on_file():
    assert read_question({"known_by": "9999-12-31"}, Settings(), TODAY).known_by == date.max


def test_the_public_registry_is_asked_unless_a_setting_names_another():
    # trials.md 2.1, base
    assert Settings().registry_url == "https://clinicaltrials.gov/api/v2"
    assert (Settings().registry_refresh_hours, Settings().sighting_stale_days) == (0, 45)


def test_without_a_place_for_a_file_there_is_no_store_and_nothing_was_seen():
    assert load_registry(Settings(), {}) is NOTHING_SEEN
    with pytest.raises(StoreError) as raised:
        open_store(Settings(), {})
    assert "ALL_CDS_STORE" in raised.value.hint
    with pytest.raises(StoreError) as raised:
        open_used_tokens(Settings(), {})
    assert "ALL_CDS_STORE" in raised.value.hint
