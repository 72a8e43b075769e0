"""The tables of the install sheet, each filled from the very objects that discovery and the cards are made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from service.cards.profiles import client_profiles, profiles_by_every_name
from service.cards.trial import trial_topic
from service.settings import REQUIRED
from service.web.announce import definition_of
from service.web.callers import SERVICES
from service.web.options import default_of, options_of

if TYPE_CHECKING:
    from service.assembly import Service
    from service.cards.wording import Topic
    from service.web.offered import AskedKey, Offered

_YES_NO = {True: "yes", False: "no"}


@dataclass(frozen=True, slots=True)
class Table:
    """Head and rows; `codes` are the columns that are typed as they stand."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    codes: frozenset[int] = frozenset({0})


@dataclass(frozen=True, slots=True)
class Shown:
    """What the sheet is about."""

    service: Service
    offers: Offered
    called_for: tuple[str, ...]

    def address(self, path: str) -> str:
        """Return the path under our public address, where there is one."""
        return self.service.settings.public_base_url + path


def addresses(shown: Shown) -> Table:
    """Return every address of the protocol; without a public address they stand as paths."""
    rows = [("GET", shown.address(SERVICES), "discovery")]
    for service_id in dict.fromkeys(asked.id for asked in shown.offers.services):
        hooks = ", ".join(shown.offers.hooks(service_id))
        rows.append(("POST", shown.address(f"{SERVICES}/{service_id}"), f"cards on {hooks}"))
        rows.append(("POST", shown.address(f"{SERVICES}/{service_id}/feedback"), "feedback on these cards"))
    return Table(("method", "address", "is for"), tuple(rows), frozenset({1}))


def services(shown: Shown) -> Table:
    """Return what each service is called and answers, as discovery says it."""
    rows = []
    for asked in shown.offers.services:
        announced = definition_of(asked, shown.service)
        hook = f"{announced.hook} {announced.hook_version}" if announced.hook_version else announced.hook
        rows.append((announced.id, hook, announced.title, announced.description, announced.usage_requirements or ""))
    return Table(("id", "hook", "title", "answers", "needs"), tuple(rows))


def criteria(shown: Shown) -> Table:
    """Return the codes for which a call is worth while, system by system."""
    library, rows = shown.service.rules.library, []
    for values in (library.value_sets[concept] for concept in shown.called_for):
        by_system: dict[str, list[str]] = {}
        for row in values.codes:
            by_system.setdefault(row.system, []).append(row.code)
        rows += [(values.says, system, ", ".join(codes)) for system, codes in by_system.items()]
    return Table(("diagnosis", "system", "codes"), tuple(rows), frozenset({2}))


def prefetch(shown: Shown) -> Table:
    """Return every key once, with its template and the services that ask for it."""
    asking: dict[tuple[str, str, str, bool], list[str]] = {}
    for asked in shown.offers.services:
        for name, key in asked.prefetch.items():
            asking.setdefault((name, key.template, key.type, key.required), []).append(f"{asked.id} ({asked.hook})")
    rows = [(name, template, kind, _YES_NO[required], ", ".join(by)) for (name, template, kind, required), by in asking.items()]
    return Table(("key", "template", "resources", "required", "asked by"), tuple(rows), frozenset({0, 1}))


def scopes(shown: Shown) -> Table:
    """Return the scopes that reading these types needs, in the spelling of SMART 1 and of SMART 2."""
    keys: list[AskedKey] = [key for asked in shown.offers.services for key in asked.prefetch.values()]
    rows = [(kind, f"user/{kind}.read", f"user/{kind}.rs") for kind in dict.fromkeys(key.type for key in keys)]
    return Table(("resources", "SMART 1", "SMART 2"), tuple(rows), frozenset({1, 2}))


def token(shown: Shown) -> Table:
    """Return what a token must be, and whether one is needed as the service is set up now."""
    from cds_hooks.jwt import ALGORITHMS, LEEWAY, LONGEST_LIFE  # noqa: PLC0415 - brings cryptography

    settings = shown.service.settings
    called = shown.address(f"{SERVICES}/{shown.offers.services[0].id}")
    apart, leeway = int(LONGEST_LIFE.total_seconds() // 60), int(LEEWAY.total_seconds())
    needed = {True: "required", False: "not asked for: as set up now, anybody may call, and only made-up patients belong here"}
    rows = (
        ("calls and feedback", needed[settings.auth == REQUIRED]),
        ("discovery and this sheet", needed[REQUIRED in {settings.auth} & {settings.discovery_auth}]),
        ("alg", f"{' or '.join(sorted(ALGORITHMS))}; others by agreement, never none and never one with a shared secret"),
        ("kid, typ", "both in the header; typ is JWT"),
        ("jku", "may be left out; an address that was not agreed on is not asked"),
        ("iss", "as agreed on, compared as exact text"),
        ("aud", f"the address that is called, such as {called}; for feedback also that of its service"),
        ("iat, exp", f"at most {apart} minutes apart; clocks may differ by {leeway} seconds"),
        ("jti", "used once"),
        ("tenant", "where several were agreed on, one of them"),
    )  # fmt: skip
    return Table(("member", "is"), rows)


def limits(shown: Shown) -> Table:
    """Return the limits of a call as set up."""
    settings, bytes_in_a_megabyte = shown.service.settings, 1_000_000
    rows = (
        ("largest body as sent", f"{settings.body_limit / bytes_in_a_megabyte:g} MB, 413 above"),
        ("largest body after gzip is undone", f"{settings.inflated_limit / bytes_in_a_megabyte:g} MB, 413 above"),
        ("most cards in an answer", str(settings.max_cards)),
    )
    return Table(("limit", "is"), rows, frozenset())


def hosts(shown: Shown) -> Table:
    """Return every host that a link or a source of a card can name."""
    library, wording = shown.service.rules.library, shown.service.wording
    documents = {row.document for therapy in library.therapies.values() for row in therapy.indications}
    leads = {urlsplit(wording.trial.registry_page).netloc: "trials in their registry"}
    for document in sorted(documents & library.sources.keys()):
        if url := library.sources[document].url:
            leads.setdefault(urlsplit(url).netloc, "labels and decisions of regulators")
    if base := shown.service.settings.public_base_url:
        leads.setdefault(urlsplit(base).netloc, "this service")
    return Table(("host", "leads to"), tuple(leads.items()))


def topics(shown: Shown) -> Table:
    """Return the code of every topic that a card can have."""
    library, wording = shown.service.rules.library, shown.service.wording
    fixed: list[Topic] = [topic for _, topic in wording.topics]
    rows = [(topic.code, topic.display) for topic in fixed]
    rows += [(therapy.topic, therapy.name) for therapy in library.therapies.values()]
    rows += [(topic.code, topic.display) for topic in map(trial_topic, library.trials.values())]
    return Table(("code", "is about"), tuple(rows))


def reasons(shown: Shown) -> Table:
    """Return every reason that a card offers."""
    rows = [(reason.code, reason.system, reason.display or "") for reason in shown.service.cards.reasons]
    return Table(("code", "system", "shown as"), tuple(rows), frozenset({0, 1}))


def options(shown: Shown) -> Table:
    """Return every option of any service once."""
    found = {option.code: option for asked in shown.offers.services for option in options_of(asked)}
    rows = [
        (option.code, option.type, str(default_of(option, shown.service.settings)).lower(), option.name, option.description)
        if option.type == "boolean"
        else (option.code, option.type, str(default_of(option, shown.service.settings)), option.name, option.description)
        for option in found.values()
    ]
    return Table(("code", "type", "without it", "name", "is"), tuple(rows))


def profiles(shown: Shown) -> Table:
    """Return what the profiles differ in."""
    chosen = profiles_by_every_name()[shown.service.settings.client_profile]
    rows = []
    for name, row in client_profiles().items():
        rows.append(
            (
                ", ".join((name, *row.aliases)),
                row.says + (" (holds where none is chosen)" if row is chosen else ""),
                str(row.longest_summary),
                str(row.most_cards or shown.service.settings.max_cards),
                ", ".join(row.suggests) or "none",
                row.selection if row.suggests else "",
                _YES_NO[row.override_reasons],
                row.detail,
                row.links,
            )
        )
    head = ("name", "for", "summary", "cards", "suggestions", "selection", "reasons", "detail", "links")
    return Table(head, tuple(rows))


def knowledge(shown: Shown) -> Table:
    """Return the version and the digest of the knowledge files."""
    library = shown.service.rules.library
    return Table(("version", "digest"), ((library.version, library.digest),), frozenset({0, 1}))


TABLES: Final[Mapping[str, Callable[[Shown], Table]]] = {
    table.__name__: table
    for table in (
        *(addresses, services, criteria, prefetch, scopes, token, limits),
        *(hosts, topics, reasons, options, profiles, knowledge),
    )
}
"""The tables by the name that a section of the sheet gives them."""
