"""The only place that plugs real things together: settings → library, rules, cards, store, clients. Tests pass theirs."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from service.cards.compose import CardWriter
from service.cards.languages import REFERENCE, load_wordings
from service.consultation import Consultation, Question, consult
from service.consultation.orders import consult_orders
from service.consultation.supposed import NOTHING_SUPPOSED, Supposed
from service.decisions.bind import Rules, bind_rules
from service.decisions.orders import ordered_products, product_of
from service.errors import Fault, KnowledgeError, StoreError
from service.knowledge.loader import load_library
from service.knowledge.registry import NOTHING_SEEN
from service.record.orders import Orders, of_patient
from service.record.reader import read_bundle, read_prefetch
from service.record.strict import faults_of_evidence
from service.settings import read_country, read_day, read_day_asked, read_place, read_regulators, read_settings, read_site_group
from service.stores.address import is_there, store_address
from service.terminology.site_mapping import read_site_mapping
from service.terminology.terms import Terms

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from service.cards.wording import Wording
    from service.clients.registry import RegistryClient
    from service.decisions.orders import Ordered, OrderVerdict
    from service.knowledge.library import Library
    from service.knowledge.registry import Registry
    from service.record.bundle import Slice
    from service.settings import Settings
    from service.stores.database import Database
    from service.stores.interface import AnswerLog, AnswerStore, RegistryCache, UsedTokens
    from service.terminology.terms import SiteRow

_WHILE_A_CALLER_WAITS = 2  # seconds

QUESTION_PARAMETERS = ("as_of", "known_by", "regulators", "country", "site_group", "place")


def read_question(given: Mapping[str, str], settings: Settings, today: date) -> Question:
    """Return the question that the parameters ask; what is not given comes from the settings, days are today.

    Raises: RequestError naming the parameter that cannot be used.
    """
    as_of = read_day_asked(given["as_of"], "as_of", today) if "as_of" in given else today
    return Question(
        as_of=as_of,
        known_by=read_day(given["known_by"], "known_by") if "known_by" in given else today,
        regulators=read_regulators(given["regulators"], "regulators") if "regulators" in given else settings.regulators,
        country=read_country(given["country"], "country") if "country" in given else settings.country,
        site_group=read_site_group(given["site_group"], "site_group") if "site_group" in given else settings.site_group,
        place=read_place(given["place"], "place") if "place" in given else settings.place,
        sighting_stale_days=settings.sighting_stale_days,
        is_past=as_of < today,
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
    translated: Mapping[str, CardWriter] = field(default_factory=dict)  # by language; a language that is not there: `cards`
    registry: Callable[[], Registry] = (
        _nothing_seen  # what was seen of trials: asked anew for each answer, it may have been refreshed
    )

    def consult_bundle(
        self, body: bytes, question: Question, *, strict: bool = False, supposed: Supposed = NOTHING_SUPPOSED
    ) -> Consultation:
        """Return the consultation of the one patient in a Bundle.

        `strict`: the resources that the facts rest on are validated against FHIR R4 too; what is wrong with them stands under
        the problems and changes no answer. `supposed`: what is taken as given instead of read. Raises: RecordError.
        """
        question = supposed.question(question)
        record = supposed.record(read_bundle(body, self.rules.vocabulary, question.as_of, is_past=question.is_past))
        consultation = consult(record, self.rules, question, self.registry(), supposed.facts)
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
        registry: Registry | None = None,
    ) -> Consultation:
        """Return the consultation of the patient in context; `unavailable` names what could not be had.

        `registry`: what was seen of trials; what is known now if not given. Raises: RecordError.
        """
        record = read_prefetch(
            resources,
            self.rules.vocabulary,
            question.as_of,
            patient_id=patient_id,
            unavailable=unavailable,
            is_past=question.is_past,
        )
        return consult(record, self.rules, question, self.registry() if registry is None else registry)

    def ordered(self, orders: Orders, patient_id: str) -> tuple[tuple[Ordered, ...], tuple[str, ...]]:
        """Return the products of ours that the orders are about, and why some orders are not used, for an operator.

        Raises: WrongPatient where an order of ours is for another patient; whose the other orders are makes no difference.
        """
        library = self.rules.library
        ours = tuple(order for order in orders.orders if product_of(order, library) is not None)
        used = of_patient(Orders(ours, orders.codes), patient_id)
        return ordered_products(used.orders, library), used.codes

    def cards_in(self, language: str) -> CardWriter:
        """Return who writes the cards in a language."""
        return self.translated.get(language, self.cards)

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
    wordings = load_wordings()
    writers = {
        language: CardWriter.of(library, wording, settings.max_cards, settings.trial_card_needs)
        for language, wording in wordings.items()
    }
    cards = writers.pop(REFERENCE)
    return Service(settings, rules, cards.wording, cards, writers)


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


def store_reachable(settings: Settings, seconds: float = 1.0, environment: Mapping[str, str] = os.environ) -> bool:
    """Return whether the store answers within the time, or could be made where it is a file that is not there yet."""
    from service.stores.reachable import reachable  # noqa: PLC0415 - as above

    return reachable(store_address(settings.store, environment), seconds)


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
