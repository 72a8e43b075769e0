"""Logging in at a record server that has opened our page: SMART App Launch 2, EHR launch, with PKCE.

The server says where users are asked (`.well-known/smart-configuration`); a user's browser goes there and comes back with a
code, which we change for an access token. The token is for one patient, is used for one page and kept nowhere.
"""

from __future__ import annotations

import re
import time
from http import HTTPStatus
from secrets import token_urlsafe
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from pydantic import BaseModel, ConfigDict, ValidationError

from service.clients.smart_words import Leave, Login
from service.errors import LoginFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from service.clients.smart_servers import SmartServer

TIME_OUT = 3.0  # seconds for each request
MOST_BYTES = 200_000
_CONFIGURATION = "/.well-known/smart-configuration"
_BELIEVED = 3600.0  # seconds that a configuration is kept
_PKCE = "S256"
_ID = re.compile(r"(?!\.+\Z)[A-Za-z0-9._\-]+")


class _Configuration(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    authorization_endpoint: str
    token_endpoint: str
    code_challenge_methods_supported: list[str] = []


class _Token(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    access_token: str
    token_type: str
    patient: str
    scope: str = ""


class SmartLogins:
    """Begins and ends logins at the servers of the list, and at no other."""

    def __init__(
        self,
        servers: Mapping[str, SmartServer],
        come_back: str,
        types: Iterable[str],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`come_back` is our address to which browsers return; `types` of resources are read; `clock` measures durations only."""
        self._servers = servers
        self._come_back = come_back
        self._types = tuple(sorted(set(types)))
        self._clock = clock
        self._known: dict[str, tuple[float, _Configuration]] = {}

    def knows(self, server: str) -> bool:
        """Return whether the server is on the list; a slash at its end makes no difference."""
        return server.rstrip("/") in self._servers

    def begin(self, server: str, launch: str) -> tuple[str, Login]:
        """Return the address to which the browser must go, and what must be remembered until it is back.

        `server` is on the list, `launch` is the word that it gave along. Raises: LoginFailed.
        """
        row = self._servers[server.rstrip("/")]
        configuration = self._configuration(row)
        login = Login(row.address, state=token_urlsafe(32), verifier=token_urlsafe(64))
        with self._session(row) as session:
            address, _ = session.create_authorization_url(
                configuration.authorization_endpoint,
                state=login.state,
                code_verifier=login.verifier,
                aud=row.address,
                launch=launch,
            )
        return str(address), login

    def finish(self, login: Login, code: str) -> Leave:
        """Return the leave that the code is worth. Raises: LoginFailed."""
        row = self._servers.get(login.server)
        if row is None:  # taken off the list meanwhile
            raise LoginFailed("the record server is no longer on the list")
        endpoint = self._configuration(row).token_endpoint
        try:
            with self._session(row) as session:
                session.max_redirects = 0
                sent = session.fetch_token(
                    endpoint,
                    grant_type="authorization_code",
                    code=code,
                    code_verifier=login.verifier,
                    timeout=TIME_OUT,
                    allow_redirects=False,
                )
        except OAuthError:
            raise LoginFailed("the record server did not accept the login", where=row.address) from None
        except (requests.RequestException, ValueError):
            raise LoginFailed("the record server gave no token that can be read", where=row.address) from None
        try:
            token = _Token.model_validate(dict(sent))
        except ValidationError:
            raise LoginFailed("the record server named no patient with its token", where=row.address) from None
        if token.token_type.lower() != "bearer" or not _ID.fullmatch(token.patient) or not token.access_token:
            raise LoginFailed("the record server gave a token that cannot be used", where=row.address)
        return Leave(row.address, token.access_token, token.patient, token.scope)

    def _session(self, row: SmartServer) -> OAuth2Session:
        session = OAuth2Session(
            client_id=row.client_id,
            client_secret=row.secret or None,
            token_endpoint_auth_method="client_secret_basic" if row.secret else "none",
            scope=self._scope(row),
            redirect_uri=self._come_back,
            code_challenge_method=_PKCE,
        )
        session.trust_env = False  # no proxy and no password file of the machine has a say here
        return session

    def _scope(self, row: SmartServer) -> str:
        reading = "rs" if row.scopes == "v2" else "read"
        return " ".join(["launch", *(f"patient/{kind}.{reading}" for kind in self._types)])

    def _configuration(self, row: SmartServer) -> _Configuration:
        """Return where the server has its users asked; kept for a while. Raises: LoginFailed."""
        kept = self._known.get(row.address)
        if kept is not None and self._clock() - kept[0] < _BELIEVED:
            return kept[1]
        try:
            configuration = _Configuration.model_validate_json(_get(row.address + _CONFIGURATION))
        except ValidationError:
            raise LoginFailed("the record server does not say where its users log in", where=row.address) from None
        for endpoint in (configuration.authorization_endpoint, configuration.token_endpoint):
            if not _as_safe_as(endpoint, row.address):
                raise LoginFailed("the record server names an address that is not safe", where=row.address)
        if configuration.code_challenge_methods_supported and _PKCE not in configuration.code_challenge_methods_supported:
            raise LoginFailed("the record server cannot prove who comes back (PKCE with S256)", where=row.address)
        self._known[row.address] = (self._clock(), configuration)
        return configuration


def _as_safe_as(endpoint: str, server: str) -> bool:
    """Return whether an endpoint is reached by https, or stands where a server without it stands."""
    try:
        parts, known = urlsplit(endpoint), urlsplit(server)
    except ValueError:
        return False
    if not parts.hostname or "@" in parts.netloc or parts.fragment:
        return False
    return parts.scheme == "https" or (parts.scheme == known.scheme == "http" and parts.netloc == known.netloc)


def _get(address: str) -> bytes:
    try:
        with requests.Session() as session:
            session.trust_env = False
            with session.get(
                address,
                headers={"Accept": "application/json", "User-Agent": "all-cds"},
                timeout=TIME_OUT,
                allow_redirects=False,
                stream=True,
            ) as answer:
                if answer.status_code != HTTPStatus.OK:
                    raise LoginFailed(f"the record server answered with {answer.status_code}", where=address)
                body = answer.raw.read(MOST_BYTES + 1, decode_content=True)
    except (requests.RequestException, OSError):
        raise LoginFailed("the record server cannot be reached", where=address) from None
    if len(body) > MOST_BYTES:
        raise LoginFailed("the record server says more than can be read", where=address)
    return bytes(body)
