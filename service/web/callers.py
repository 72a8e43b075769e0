"""Who may call: every address but those for operators is closed until a token says who comes, where that is switched on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from flask import g, request

from service.assembly import open_used_tokens
from service.cards.profiles import profiles_by_every_name
from service.errors import StoreError
from service.settings import OPEN, PRODUCTION
from service.stores.address import POSTGRESQL
from service.web import probes
from service.web.assessments import RULE
from service.web.launch import DONE, LAUNCH
from service.web.logs import log
from service.web.pages.assets import RULE as ASSETS
from service.web.pages.operators.addresses import opened_without_token
from service.web.safe_start import refuse_unsafe
from service.web.token_uses import TokenUses

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from flask import Flask

    from cds_hooks.jwt import Keys
    from service.clients.issuers import Caller, Issuer
    from service.errors import UpstreamError
    from service.settings import Settings

SERVICES = "/cds-services"
_FEEDBACK = "/feedback"
_FOR_OPERATORS = frozenset({*probes.HEALTH, *probes.READY, "/metrics"})
INSTALL_SHEET = ("/install", "/install.md")
_OF_DISCOVERY = frozenset({SERVICES, *INSTALL_SHEET})  # the install sheet says what discovery says
# A browser follows the link of a card and brings no token. The link opens what it leads to, for a few days, and nothing else.
# At the addresses of a launch the record system says who its user is; what the pages load holds nothing of anybody.
_BY_LINK = frozenset({RULE, LAUNCH, DONE, ASSETS})


@dataclass(frozen=True, slots=True)
class CallerParts:
    """What callers are told apart with; tests pass theirs."""

    issuers: Mapping[str, Issuer]
    keys: Keys
    uses: TokenUses
    now: Callable[[], datetime]


def caller_parts(settings: Settings) -> CallerParts:
    """Return the parts that the settings ask for, the key sets fetched. Raises: RequestError, StoreError."""
    from service.clients.issuers import read_issuers  # noqa: PLC0415 - only where callers are told apart
    from service.clients.key_sets import KeySetParts, KeySets  # noqa: PLC0415

    profiles = tuple(profiles_by_every_name())
    issuers = read_issuers(Path(settings.issuers), profiles=profiles, made_up_only=settings.profile != PRODUCTION)
    keys = KeySets(issuers, KeySetParts(failed=_tell))
    keys.warm_up()
    _try_store(settings)
    return CallerParts(issuers, keys, TokenUses(lambda: open_used_tokens(settings)), _now)


def caller() -> Caller | None:
    """Return who makes this call; None where everybody may call."""
    found: Caller | None = g.get("caller")
    return found


def audiences(settings: Settings, path: str) -> tuple[str, ...]:
    """Return what a token for this path may be made for: the configured address of the endpoint, whatever the request says.

    For feedback also the service itself, because some clients sign for that.
    """
    plain = path.rstrip("/")
    made_for = [settings.public_base_url + plain]
    if plain != path:
        made_for.append(settings.public_base_url + path)
    if plain.startswith(f"{SERVICES}/") and plain.endswith(_FEEDBACK):
        made_for.append(settings.public_base_url + plain.removesuffix(_FEEDBACK))
    return tuple(made_for)


def install(app: Flask, settings: Settings, parts: CallerParts | None = None) -> CallerParts | None:
    """Close the application to strangers, where the settings say so; return what callers are told apart with.

    Raises: RequestError for settings that are not safe, StoreError.
    """
    refuse_unsafe(settings)
    if settings.auth == OPEN:
        return None
    from cds_hooks.jwt import Trust, bearer_token, verify  # noqa: PLC0415 - brings cryptography

    found = parts or caller_parts(settings)
    trusted = {name: issuer.trusted for name, issuer in found.issuers.items()}
    opened = _FOR_OPERATORS | _BY_LINK | (_OF_DISCOVERY if settings.discovery_auth == OPEN else frozenset())
    opened |= opened_without_token(settings)

    @app.before_request
    def tell_who_calls() -> None:
        rule = request.url_rule
        if rule is None or rule.rule in opened or request.method == "OPTIONS":
            return  # no such address; an open one; a question of a browser, which brings no token along
        now = found.now()
        trust = Trust(trusted, found.keys, lambda issuer, token, until: found.uses.first(issuer, token, until, now))
        client = verify(bearer_token(request.headers.get("Authorization")), trust, audiences(settings, request.path), now)
        g.caller = found.issuers[client.issuer].caller(client)
        g.issuer, g.tenant = client.issuer, client.tenant or None
        g.client = g.caller.name  # how what is kept of answers names the client

    return found


def _try_store(settings: Settings) -> None:
    """Make a start fail where the store is a file that cannot be: a database elsewhere may come back, a wrong path will not."""
    try:
        open_used_tokens(settings)
    except StoreError as error:
        if not settings.store.startswith(POSTGRESQL):
            raise StoreError(
                f"used tokens must be kept: {error.message}",
                where=error.where,
                hint="set ALL_CDS_STORE to a file that can be written, on a volume of the container",
            ) from None
        log.error("token store failed", error=error.code)


def _tell(error: UpstreamError) -> None:
    log.error("key set failed", error=error.code, key_set=error.where)


def _now() -> datetime:
    return datetime.now(tz=UTC)
