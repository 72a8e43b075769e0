"""The only place that plugs real things together: settings → library, rules, cards, store, clients. Tests pass theirs."""

from __future__ import annotations

import hashlib
import math
import os
import re
from dataclasses import dataclass, fields, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from service.cards.compose import CardWriter
from service.cards.wording import Wording, load_wording
from service.consultation import Consultation, Question, consult
from service.consultation.orders import consult_orders
from service.decisions.bind import Rules, bind_rules
from service.decisions.orders import ordered_products, product_of
from service.errors import Fault, KnowledgeError, RequestError, StoreError
from service.knowledge.loader import load_library
from service.knowledge.registry import NOTHING_SEEN
from service.record.orders import Orders, of_patient
from service.record.reader import read_bundle, read_prefetch
from service.record.strict import faults_of_evidence
from service.stores.address import is_there, store_address
from service.terminology.site_mapping import read_site_mapping
from service.terminology.terms import Terms

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from service.clients.registry import RegistryClient
    from service.decisions.orders import Ordered, OrderVerdict
    from service.knowledge.library import Library
    from service.knowledge.registry import Registry
    from service.record.bundle import Slice
    from service.stores.database import Database
    from service.stores.interface import AnswerLog, AnswerStore, RegistryCache, UsedTokens
    from service.terminology.terms import SiteRow

REGULATORS = ("EMA", "FDA", "AEMPS")
PROFILES = ("generic20",)
PREFIX = "ALL_CDS_"
DEVELOPMENT, PRODUCTION = "development", "production"
OPEN, REQUIRED = "open", "required"

_WHILE_A_CALLER_WAITS = 2  # seconds
_POLE, _ANTIMERIDIAN = 90, 180  # degrees
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_COUNTRY = re.compile(r"[A-Za-z]{2}")
_SITE_GROUP = re.compile(r"[A-Za-z0-9 ._-]{1,40}")
_REGISTRY_URL = re.compile(r"https?://[^\s/?#@]+(?:/[^\s?#]*[^\s?#/])?")
_STORE = re.compile(r"sqlite:///[^?#]+|postgresql\+psycopg://\S+|(?!.*://).+")
_SWITCH = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}
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
    max_cards: Annotated[int, "most cards in one answer"] = 10
    trial_card_needs: Annotated[int, "most data that an open trial may lack to have a card"] = 2
    place: Annotated[tuple[float, float] | None, "latitude,longitude of the centre, to tell how far trials are"] = None
    client_profile: Annotated[str, "what the client understands; generic20 works everywhere"] = "generic20"
    public_base_url: Annotated[str, "https address under which clients reach the service"] = ""
    profile: Annotated[str, "development, or production: the start is refused where strangers would be answered"] = DEVELOPMENT
    auth: Annotated[str, "open: everybody may call; required: every call brings a signed token"] = OPEN
    discovery_auth: Annotated[str, "the same for discovery alone, which holds nothing of patients"] = OPEN
    issuers: Annotated[str, "YAML or JSON file that names who may call, needed where a token is"] = ""
    allowed_origins: Annotated[tuple[str, ...], "web origins whose pages may call the service, separated by commas"] = ()
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
    feedback_strict: Annotated[bool, "whether an acceptance that names no suggestion is refused instead of kept as it is"] = False


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


def _regulators(text: str, where: str) -> tuple[str, ...]:
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


def _origins(text: str, where: str) -> tuple[str, ...]:
    return tuple(
        _matching(_ORIGIN, "scheme and host such as https://sandbox.cds-hooks.org, never *")(part, where) for part in _list(text)
    )


def _country(text: str, where: str) -> str:
    return _matching(_COUNTRY, "two letters of ISO 3166, such as ES")(text, where).upper()


def _place(text: str, where: str) -> tuple[float, float]:
    try:
        latitude, longitude = (float(part) for part in text.split(","))
    except ValueError:
        latitude = longitude = math.nan
    if not (abs(latitude) <= _POLE and abs(longitude) <= _ANTIMERIDIAN):  # not a number is outside too
        raise RequestError("not a place", where=where, hint="latitude,longitude in degrees, such as 41.39,2.15")
    return latitude, longitude


_site_group = _matching(_SITE_GROUP, "letters, digits, blanks, dots and hyphens, at most 40")

_READERS: dict[str, Callable[[str, str], object]] = {
    "regulators": _regulators,
    "country": _country,
    "site_group": _site_group,
    "body_limit": _number(1),
    "inflated_limit": _number(1),
    "max_cards": _number(1),
    "trial_card_needs": _number(0),
    "place": _place,
    "client_profile": _matching(re.compile("|".join(PROFILES)), f"known profiles: {', '.join(PROFILES)}"),
    "public_base_url": _matching(_BASE_URL, "an absolute https address without a slash at its end"),
    "profile": _one_of(DEVELOPMENT, PRODUCTION),
    "auth": _one_of(OPEN, REQUIRED),
    "discovery_auth": _one_of(OPEN, REQUIRED),
    "issuers": lambda text, _where: text,
    "allowed_origins": _origins,
    "workers": _number(0),
    "site_mapping": lambda text, _where: text,
    "knowledge_folders": _folders,
    "registry_url": _matching(_REGISTRY_URL, "an http or https address without a slash at its end"),
    "registry_refresh_hours": _number(0),
    "sighting_stale_days": _number(0),
    "store": _matching(_STORE, "the path of a file, sqlite:///PATH or postgresql+psycopg://HOST/DATABASE"),
    "keep_answers": _switch,
    "feedback_strict": _switch,
}


def _day(text: str, where: str) -> date:
    if _DAY.fullmatch(text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            pass
    raise RequestError("not a date", where=where, hint="write it as 2026-11-22")


QUESTION_PARAMETERS = ("as_of", "known_by", "regulators", "country", "site_group", "place")


def read_question(given: Mapping[str, str], settings: Settings, today: date) -> Question:
    """Return the question that the parameters ask; what is not given comes from the settings, days are today.

    Raises: RequestError naming the parameter that cannot be used.
    """
    return Question(
        as_of=_day(given["as_of"], "as_of") if "as_of" in given else today,
        known_by=_day(given["known_by"], "known_by") if "known_by" in given else today,
        regulators=_regulators(given["regulators"], "regulators") if "regulators" in given else settings.regulators,
        country=_country(given["country"], "country") if "country" in given else settings.country,
        site_group=_site_group(given["site_group"], "site_group") if "site_group" in given else settings.site_group,
        place=_place(given["place"], "place") if "place" in given else settings.place,
        sighting_stale_days=settings.sighting_stale_days,
    )


def _nothing_seen() -> Registry:
    return NOTHING_SEEN


@dataclass(frozen=True, slots=True)
class Service:
    """Everything an entrance needs; it holds no patient's data and no clock."""

    settings: Settings
    rules: Rules
    wording: Wording
    cards: CardWriter
    registry: Callable[[], Registry] = (
        _nothing_seen  # what was seen of trials: asked anew for each answer, it may have been refreshed
    )

    def consult_bundle(self, body: bytes, question: Question, *, strict: bool = False) -> Consultation:
        """Return the consultation of the one patient in a Bundle.

        `strict`: the resources that the facts rest on are validated against FHIR R4 too; what is wrong with them stands under
        the problems and changes no answer. Raises: RecordError.
        """
        record = read_bundle(body, self.rules.vocabulary, question.as_of)
        consultation = consult(record, self.rules, question, self.registry())
        if not strict:
            return consultation
        rested_on = frozenset(item.reference for fact in consultation.facts.values() for item in fact.evidence)
        return replace(consultation, problems=(*consultation.problems, *faults_of_evidence(body, rested_on)))

    def consult_prefetch(
        self,
        resources: Mapping[str, Sequence[Slice]],
        patient_id: str,
        unavailable: frozenset[str],
        question: Question,
    ) -> Consultation:
        """Return the consultation of the patient in context; `unavailable` names what could not be had.

        Raises: RecordError.
        """
        record = read_prefetch(resources, self.rules.vocabulary, question.as_of, patient_id=patient_id, unavailable=unavailable)
        return consult(record, self.rules, question, self.registry())

    def ordered(self, orders: Orders, patient_id: str) -> tuple[tuple[Ordered, ...], tuple[str, ...]]:
        """Return the products of ours that the orders are about, and why some orders are not used, for an operator.

        Raises: WrongPatient where an order of ours is for another patient; whose the other orders are makes no difference.
        """
        library = self.rules.library
        ours = tuple(order for order in orders.orders if product_of(order, library) is not None)
        used = of_patient(Orders(ours, orders.codes), patient_id)
        return ordered_products(used.orders, library), used.codes

    def judge(self, consultation: Consultation, products: tuple[Ordered, ...]) -> tuple[OrderVerdict, ...]:
        """Return what is to be said of ordered products for the patient of a consultation."""
        return consult_orders(consultation, self.rules, products)


def build_service(settings: Settings | None = None) -> Service:
    """Return the service with the shipped knowledge and what the settings add to it.

    Raises: KnowledgeError listing every fault.
    """
    settings = settings if settings is not None else read_settings()
    library = load_library(extra=tuple(Path(folder) for folder in settings.knowledge_folders))
    terms = Terms(library.value_sets, library.systems)
    if settings.site_mapping:
        rows = _site_rows(Path(settings.site_mapping), library)
        terms = terms.with_site_mapping(rows)
        # Two mappings may answer differently, so the digest tells them apart.
        both = f"{library.digest}\0{sorted(rows)}".encode()
        library = replace(library, digest=f"sha256:{hashlib.sha256(both).hexdigest()}")
    rules = bind_rules(library, terms)
    wording = load_wording()
    return Service(settings, rules, wording, CardWriter.of(library, wording, settings.max_cards, settings.trial_card_needs))


def _site_rows(path: Path, library: Library) -> tuple[SiteRow, ...]:
    """Return the rows of the mapping file. Raises: KnowledgeError."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise KnowledgeError((Fault(str(path), f"the site mapping cannot be read: {error.strerror}"),)) from None
    except UnicodeDecodeError:
        raise KnowledgeError((Fault(str(path), "the site mapping is not text in UTF-8", "save it as CSV UTF-8"),)) from None
    return read_site_mapping(text, str(path), library.value_sets, library.systems)


# ---------------------------------------------------------------- store and registry: loaded only by those who need them


def open_store(settings: Settings, environment: Mapping[str, str] = os.environ) -> RegistryCache:
    """Return the store, ready to be written; made where there is none. Raises: StoreError."""
    return _open_database(settings, environment)


def _open_database(settings: Settings, environment: Mapping[str, str]) -> Database:
    from service.stores.database import open_database  # noqa: PLC0415 - a service without a store needs no database

    address = store_address(settings.store, environment)
    if not address:
        raise StoreError("there is no folder of the user for a store", hint="set ALL_CDS_STORE to the path of a file")
    return open_database(address)


def open_used_tokens(settings: Settings, environment: Mapping[str, str] = os.environ) -> UsedTokens:
    """Return the store as it is used while a caller waits: another writer is not waited for long. Raises: StoreError."""
    from service.stores.database import open_database  # noqa: PLC0415 - as above

    address = store_address(settings.store, environment)
    if not address:
        raise StoreError("there is no folder of the user for a store", hint="set ALL_CDS_STORE to the path of a file")
    return open_database(address, wait=_WHILE_A_CALLER_WAITS)


def open_answers(settings: Settings, environment: Mapping[str, str] = os.environ) -> AnswerStore:
    """Return where answers and feedback are kept, ready to be written; made where there is none. Raises: StoreError."""
    from service.stores.answers import AnswerTables  # noqa: PLC0415 - as above

    return AnswerTables(_open_database(settings, environment))


def read_answers(settings: Settings, environment: Mapping[str, str] = os.environ) -> AnswerLog | None:
    """Return what was kept of answers and feedback; None where there is nothing, and then nothing is made. Raises: StoreError."""
    address = store_address(settings.store, environment)
    if not is_there(address):
        return None
    from service.stores.answers import AnswerTables  # noqa: PLC0415 - as above
    from service.stores.database import read_database  # noqa: PLC0415

    database = read_database(address)
    tables = AnswerTables(database) if database is not None else None
    return tables if tables is not None and tables.has_answers() else None


def load_registry(settings: Settings, environment: Mapping[str, str] = os.environ) -> Registry:
    """Return all sightings of registry records; NOTHING_SEEN where there is no store, and then none is made.

    Raises: StoreError where there is a store that cannot be read.
    """
    address = store_address(settings.store, environment)
    if not is_there(address):
        return NOTHING_SEEN
    from service.stores.database import read_database  # noqa: PLC0415 - as above

    database = read_database(address)
    return database.all() if database is not None else NOTHING_SEEN


def registry_client(settings: Settings) -> RegistryClient:
    """Return the client of the trial registry; nothing is asked yet. Raises: RegistryError."""
    from service.clients.registry import RegistryClient  # noqa: PLC0415 - asked by commands and by the refresh only
    from service.clients.registry_http import RegistryHttp  # noqa: PLC0415

    return RegistryClient(RegistryHttp(settings.registry_url))
