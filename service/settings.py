"""What can be set from outside, and how each word of it is read."""

from __future__ import annotations

import math
import os
import re
from dataclasses import dataclass, field, fields
from datetime import date
from typing import TYPE_CHECKING, Annotated

from service.cards.languages import LANGUAGES
from service.cards.profiles import profiles_by_every_name
from service.errors import RequestError
from service.logic.dates import FIRST_COUNTED
from service.stores.encryption_keys import HINT, key_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

REGULATORS = ("EMA", "FDA", "AEMPS")
PREFIX = "ALL_CDS_"
DEVELOPMENT, PRODUCTION = "development", "production"
OPEN, REQUIRED = "open", "required"

_POLE, _ANTIMERIDIAN = 90, 180  # degrees
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_COUNTRY = re.compile(r"[A-Za-z]{2}")
_SITE_GROUP = re.compile(r"[A-Za-z0-9 ._-]{1,40}")
_REGISTRY_URL = re.compile(r"https?://[^\s/?#@]+(?:/[^\s?#]*[^\s?#/])?")
_STORE = re.compile(r"sqlite:///[^?#]+|postgresql\+psycopg://\S+|(?!.*://).+")
_SWITCH = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}
_FHIR_SERVER = re.compile(r"https?://[^\s/?#@]+(?:/[^\s?#]*)?")
_SECONDS = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3})?")
_ORIGIN = re.compile(r"https?://[A-Za-z0-9.\-\[\]:]+")
_BASE_URL = re.compile(r"https://[^\s/?#@]+(?:/[^\s?#]*[^\s?#/])?|http://(?:localhost|127\.0\.0\.1)(?::\d+)?")


@dataclass(frozen=True, slots=True)
class Settings:
    """What can be set from outside: each field is the environment variable `ALL_CDS_<NAME>`."""

    regulators: Annotated[tuple[str, ...], "whose labels are used when the caller names none"] = ("EMA", "AEMPS")
    country: Annotated[str, "ISO 3166 code of the country when the caller names none"] = ""
    site_group: Annotated[str, "study group of the centre, for trials whose limits differ by group"] = ""
    body_limit: Annotated[int, "largest body of a request in bytes, as sent"] = 50_000_000
    inflated_limit: Annotated[int, "largest body in bytes after gzip is undone"] = 200_000_000
    value_limit: Annotated[
        int, "most values in a body, counted by their commas: what is small as sent may be large once read"
    ] = 5_000_000
    max_cards: Annotated[int, "most cards in one answer"] = 10
    trial_card_needs: Annotated[int, "most data that an open trial may lack to have a card"] = 2
    place: Annotated[tuple[float, float] | None, "latitude,longitude of the centre, to tell how far trials are"] = None
    client_profile: Annotated[str, "what the client understands; generic20 works everywhere"] = "generic20"
    public_base_url: Annotated[str, "https address under which clients reach the service"] = ""
    profile: Annotated[str, "development, or production: the start is refused where strangers would be answered"] = DEVELOPMENT
    auth: Annotated[str, "open: everybody may call; required: every call brings a signed token"] = OPEN
    discovery_auth: Annotated[str, "the same for discovery alone, which holds nothing of patients"] = OPEN
    issuers: Annotated[str, "YAML or JSON file that names who may call, needed where a token is"] = ""
    smart_servers: Annotated[str, "YAML file that names the record servers which may open our page (SMART App Launch)"] = ""
    rate_limit: Annotated[
        int, "calls that an issuer may make in a minute, where its entry names no other number; 0: any number"
    ] = 3_000
    allowed_origins: Annotated[tuple[str, ...], "web origins whose pages may call the service, separated by commas"] = ()
    fhir_servers: Annotated[tuple[str, ...], "FHIR servers that may be asked where everybody may call, separated by commas"] = ()
    fhir_private_addresses: Annotated[bool, "whether FHIR servers may have addresses inside a network"] = False
    fhir_authorities: Annotated[str, "file of the authorities that sign for FHIR servers; not set: the public ones"] = ""
    fhir_without_token: Annotated[
        bool, "whether FHIR servers are asked without a token where a call brings none: test servers"
    ] = False
    fetch_seconds: Annotated[float, "longest time to fetch what a call lacks"] = 2.0
    fetch_pages: Annotated[int, "most pages of one search that are fetched"] = 20
    fetch_entries: Annotated[int, "most entries of one search; no further page is fetched then"] = 10_000
    answer_seconds: Annotated[float, "time for an answer in all, from when the request was whole"] = 4.5
    workers: Annotated[int, "processes of `serve`; 0: one for each processor, at most 4"] = 0
    site_mapping: Annotated[str, "CSV file `system,code,concept` that says what the site's own codes mean"] = ""
    knowledge_folders: Annotated[tuple[str, ...], "folders of knowledge files that are added to ours, separated by : or ,"] = ()
    registry_url: Annotated[str, "trial registry that is asked: ClinicalTrials.gov API v2, or a mirror of it"] = (
        "https://clinicaltrials.gov/api/v2"
    )
    registry_refresh_hours: Annotated[int, "hours between two refreshes of the trials by the server; 0: never"] = 0
    sighting_stale_days: Annotated[int, "days after which the status of an open trial is no longer believed"] = 45
    store: Annotated[str, "database: a file, or an address `postgresql+psycopg://...`; not set: a file in the state folder"] = ""
    keep_answers: Annotated[bool, "whether the store keeps which cards were shown and what was told of them"] = False
    tracing: Annotated[
        bool, "whether calls are traced to an OpenTelemetry collector; the extra `otel` and its OTEL_ variables"
    ] = False
    operator_pages: Annotated[
        bool, "whether the pages of feedback and unmapped codes are served to everybody who reaches them: inside a network only"
    ] = False
    language: Annotated[str, "language of cards and pages, en or es; not set: what the client or the browser asks for"] = ""
    feedback_strict: Annotated[bool, "whether an acceptance that names no suggestion is refused instead of kept as it is"] = False
    feedback_days: Annotated[int, "days for which cards shown and feedback are kept"] = 400
    encryption_keys: Annotated[
        tuple[str, ...],
        "keys of 32 bytes in base64, the newest first, separated by commas; without one nothing of a patient is kept",
    ] = field(default=(), repr=False)
    assessment_hours: Annotated[int, "hours for which an assessment is kept, where there are a key and a public address"] = 72
    assessment_limit: Annotated[int, "largest record in bytes, as received, whose assessment is kept"] = 10_000_000


def read_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """Return the settings of the environment; empty variables count as not set.

    Raises: RequestError naming the variable that cannot be used, a misspelt one included.
    """
    known = {PREFIX + row.name.upper(): row.name for row in fields(Settings)}
    given: dict[str, object] = {}
    for variable, text in environment.items():
        if not variable.startswith(PREFIX):
            continue
        if variable not in known:
            raise RequestError("there is no such setting", where=variable, hint=f"settings are {', '.join(known)}")
        if text.strip():
            given[known[variable]] = _READERS[known[variable]](text.strip(), variable)
    return Settings(**given)  # type: ignore[arg-type] # each reader returns the type of its field


def _list(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))


def _folders(text: str, _where: str) -> tuple[str, ...]:
    return _list(text.replace(os.pathsep, ","))


def read_regulators(text: str, where: str) -> tuple[str, ...]:
    """Return the regulators of a list, each once. Raises: RequestError."""
    names = tuple(dict.fromkeys(name.upper() for name in _list(text)))
    if not names or not set(names) <= set(REGULATORS):
        raise RequestError("not a list of regulators", where=where, hint=f"separated by commas: {', '.join(REGULATORS)}")
    return names


def _matching(pattern: re.Pattern[str], hint: str) -> Callable[[str, str], str]:
    def read(text: str, where: str) -> str:
        if not pattern.fullmatch(text):
            raise RequestError("the value cannot be used", where=where, hint=hint)
        return text

    return read


def _one_of(*words: str) -> Callable[[str, str], str]:
    return _matching(re.compile("|".join(words)), f"one of {', '.join(words)}")


def _number(least: int) -> Callable[[str, str], int]:
    def read(text: str, where: str) -> int:
        if not (text.isascii() and text.isdigit()) or int(text) < least:
            raise RequestError("the value cannot be used", where=where, hint=f"a whole number from {least} is expected")
        return int(text)

    return read


def _switch(text: str, where: str) -> bool:
    if text.lower() not in _SWITCH:
        raise RequestError("the value cannot be used", where=where, hint="true or false is expected")
    return _SWITCH[text.lower()]


def _each(read: Callable[[str, str], str]) -> Callable[[str, str], tuple[str, ...]]:
    return lambda text, where: tuple(read(part, where) for part in _list(text))


def _seconds(text: str, where: str) -> float:
    if not _SECONDS.fullmatch(text) or not float(text):
        raise RequestError("the value cannot be used", where=where, hint="seconds are expected, such as 2 or 2.5")
    return float(text)


def _keys(text: str, where: str) -> tuple[str, ...]:
    for place, key in enumerate(_list(text), 1):
        try:
            key_bytes(key)
        except ValueError:  # nothing of the value is told: it may be a key all but one sign
            raise RequestError(f"key {place} cannot be used", where=where, hint=HINT) from None
    return _list(text)


def read_country(text: str, where: str) -> str:
    """Return the country in capitals. Raises: RequestError."""
    return _matching(_COUNTRY, "two letters of ISO 3166, such as ES")(text, where).upper()


def read_place(text: str, where: str) -> tuple[float, float]:
    """Return latitude and longitude in degrees. Raises: RequestError."""
    try:
        latitude, longitude = (float(part) for part in text.split(","))
    except ValueError:
        latitude = longitude = math.nan
    if not (abs(latitude) <= _POLE and abs(longitude) <= _ANTIMERIDIAN):  # not a number is outside too
        raise RequestError("not a place", where=where, hint="latitude,longitude in degrees, such as 41.39,2.15")
    return latitude, longitude


def _client_profile(text: str, where: str) -> str:
    if text not in profiles_by_every_name():
        hint = f"known profiles: {', '.join(profiles_by_every_name())}"
        raise RequestError("the value cannot be used", where=where, hint=hint)
    return text


read_language = _one_of(*LANGUAGES)
read_site_group = _matching(_SITE_GROUP, "letters, digits, blanks, dots and hyphens, at most 40")

_READERS: dict[str, Callable[[str, str], object]] = {
    "regulators": read_regulators,
    "country": read_country,
    "site_group": read_site_group,
    "body_limit": _number(1),
    "inflated_limit": _number(1),
    "value_limit": _number(1),
    "max_cards": _number(1),
    "trial_card_needs": _number(0),
    "place": read_place,
    "client_profile": _client_profile,
    "public_base_url": _matching(_BASE_URL, "an absolute https address without a slash at its end"),
    "profile": _one_of(DEVELOPMENT, PRODUCTION),
    "auth": _one_of(OPEN, REQUIRED),
    "discovery_auth": _one_of(OPEN, REQUIRED),
    "issuers": lambda text, _where: text,
    "smart_servers": lambda text, _where: text,
    "rate_limit": _number(0),
    "allowed_origins": _each(_matching(_ORIGIN, "scheme and host such as https://sandbox.cds-hooks.org, never *")),
    "fhir_servers": _each(_matching(_FHIR_SERVER, "base addresses such as https://fhir.example.org/r4")),
    "fhir_private_addresses": _switch,
    "fhir_authorities": lambda text, _where: text,
    "fhir_without_token": _switch,
    "fetch_seconds": _seconds,
    "fetch_pages": _number(1),
    "fetch_entries": _number(1),
    "answer_seconds": _seconds,
    "workers": _number(0),
    "site_mapping": lambda text, _where: text,
    "knowledge_folders": _folders,
    "registry_url": _matching(_REGISTRY_URL, "an http or https address without a slash at its end"),
    "registry_refresh_hours": _number(0),
    "sighting_stale_days": _number(0),
    "store": _matching(_STORE, "the path of a file, sqlite:///PATH or postgresql+psycopg://HOST/DATABASE"),
    "keep_answers": _switch,
    "tracing": _switch,
    "operator_pages": _switch,
    "language": read_language,
    "feedback_strict": _switch,
    "feedback_days": _number(1),
    "encryption_keys": _keys,
    "assessment_hours": _number(1),
    "assessment_limit": _number(1),
}


def read_day(text: str, where: str) -> date:
    """Return the day. Raises: RequestError."""
    if _DAY.fullmatch(text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            pass
    raise RequestError("not a date", where=where, hint="write it as 2026-11-22")


def read_day_come(text: str, where: str, today: date) -> date:
    """Return a day that is asked about. Raises: RequestError, also for one that has not come: nobody knows what holds then.

    One day after `today` is taken: it has already come further east, where the caller may be.
    """
    day = read_day(text, where)
    if (day - today).days > 1:
        raise RequestError("a day that has not come", where=where, hint=f"today is {today}")
    return day


def read_day_asked(text: str, where: str, today: date) -> date:
    """Return a day on which a record is judged. Raises: RequestError, also for one before which no time can be counted."""
    day = read_day_come(text, where, today)
    if day < FIRST_COUNTED:
        raise RequestError("a day at the beginning of the calendar", where=where, hint="write the year that is meant")
    return day
