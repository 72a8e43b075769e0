"""Who calls: the signed token of a request, checked in the order that tells a stranger least. No network, no clock.

Shape, algorithm, issuer, address and name of the key, signature, audience, times, tenant, single use: what is cheap and
needs nobody else comes first, and a token is remembered as used only after all else passed.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final, Protocol

import jwt
import msgspec

from cds_hooks.errors import (
    ExpiredToken,
    ForbiddenAlgorithm,
    NotAuthenticated,
    NoToken,
    ReplayedToken,
    TokenFromTheFuture,
    UnknownIssuer,
    UnknownKey,
    UnlistedKeyAddress,
    UnlistedTenant,
    UnreadableToken,
    WrongAudience,
    WrongLifetime,
    WrongSignature,
)
from cds_hooks.incoming import UNREADABLE

ALGORITHMS: Final = frozenset({"ES384", "RS384"})
"""What the specification recommends, and what an issuer may use unless it is allowed more."""

LEEWAY: Final = timedelta(seconds=60)
"""How far two clocks may be apart."""

LONGEST_LIFE: Final = timedelta(hours=1)

_SCHEME: Final = "bearer"
_WHERE: Final = "Authorization"
_LONGEST_TOKEN: Final = 16_384  # signs
_COMPACT: Final = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*")


@dataclass(frozen=True, slots=True)
class TrustedIssuer:
    """What one issuer may do. Everything is compared as exact text.

    `key_addresses`: where its keys may lie, as a token's `jku` names them. `audiences`: what it may write beside our address.
    `tenants`: where there are any, each token names one of them; where there are none, no token names any.
    """

    key_addresses: frozenset[str] = frozenset()
    audiences: frozenset[str] = frozenset()
    tenants: frozenset[str] = frozenset()
    algorithms: frozenset[str] = ALGORITHMS


@dataclass(frozen=True, slots=True)
class Client:
    """Who called, proven by its signature; none of these is a secret, and the token itself is not kept."""

    issuer: str
    token_id: str
    expires: datetime
    tenant: str = ""


class Keys(Protocol):
    """Where the keys of issuers are."""

    def find(self, issuer: str, key_address: str, kid: str, algorithm: str) -> jwt.PyJWK | None:
        """Return the key; None where there is no such one. An empty address means the keys agreed on with the issuer.

        Raises: KeysUnavailable.
        """
        ...


FirstUse = Callable[[str, str, datetime], bool]
"""Issuer, token id, until when it must be remembered → whether it is used for the first time."""


_CALENDAR = msgspec.Meta(ge=0, le=253_402_300_799)  # seconds since 1970; it ends with the year 9999
_Seconds = Annotated[int, _CALENDAR] | Annotated[float, _CALENDAR]


class _Header(msgspec.Struct, gc=False):
    alg: str
    kid: str
    typ: str
    jku: str = ""
    crit: msgspec.Raw | None = None
    b64: msgspec.Raw | None = None


class _Claims(msgspec.Struct, gc=False):
    iss: str
    aud: str | list[str]
    exp: _Seconds
    iat: _Seconds
    jti: str
    nbf: _Seconds | None = None
    tenant: str | None = None


_HEADER: Final = msgspec.json.Decoder(_Header)
_CLAIMS: Final = msgspec.json.Decoder(_Claims)


def bearer_token(header: str | None) -> str:
    """Return the token of an Authorization header.

    Raises: NoToken.
    """
    scheme, _, token = (header or "").strip().partition(" ")
    if scheme.lower() != _SCHEME or not token.strip():
        raise NoToken(_WHERE, "Bearer and a signed token are expected here")
    return token.strip()


@dataclass(frozen=True, slots=True)
class Trust:
    """Whom we believe, where their keys are, and which tokens were used before."""

    issuers: Mapping[str, TrustedIssuer]
    keys: Keys
    first_use: FirstUse


def verify(token: str, trust: Trust, audience: Collection[str], now: datetime) -> Client:
    """Return who signed the token, once everything about it is right.

    `audience`: the address that was called, as clients know it; more than one text where several are right for it.
    Raises: NotAuthenticated, KeysUnavailable, and whatever `first_use` raises.
    """
    header, claims = _read(token)
    if header.alg not in {name for trusted in trust.issuers.values() for name in trusted.algorithms}:
        raise ForbiddenAlgorithm("alg", "the token is signed with an algorithm that nobody here may use")
    trusted = trust.issuers.get(claims.iss)
    if trusted is None:
        raise UnknownIssuer("iss", "the issuer is not on the list")
    try:
        _check_signature(token, header, claims, trusted, trust.keys)
        _check_claims(claims, trusted, audience, now)
        expires = datetime.fromtimestamp(claims.exp, tz=UTC)
        if not trust.first_use(claims.iss, claims.jti, expires + LEEWAY):
            raise ReplayedToken("jti", "each token is used once")
    except NotAuthenticated as refused:
        refused.issuer = claims.iss
        raise
    return Client(claims.iss, claims.jti, expires, claims.tenant or "")


def _read(token: str) -> tuple[_Header, _Claims]:
    if len(token) > _LONGEST_TOKEN or not _COMPACT.fullmatch(token):
        raise UnreadableToken(_WHERE, "a signed token in its compact form is expected here")
    first, second, _ = token.split(".")
    try:
        header, claims = _HEADER.decode(_bytes(first)), _CLAIMS.decode(_bytes(second))
    except (*UNREADABLE, binascii.Error):
        raise UnreadableToken(_WHERE, "alg, kid, typ and iss, aud, exp, iat, jti are required") from None
    if header.typ.upper() != "JWT" or not header.kid or not claims.iss or not claims.jti:
        raise UnreadableToken(_WHERE, "typ is JWT; kid, iss and jti are not empty")
    if header.crit is not None or header.b64 is not None:  # extensions that must be understood: none is
        raise UnreadableToken(_WHERE, "extensions of the signature are not understood")
    return header, claims


def _bytes(segment: str) -> bytes:
    return base64.b64decode(segment + "=" * (-len(segment) % 4), altchars=b"-_", validate=True)


def _check_signature(token: str, header: _Header, claims: _Claims, trusted: TrustedIssuer, keys: Keys) -> None:
    if header.alg not in trusted.algorithms:
        raise ForbiddenAlgorithm("alg", "this issuer may not use the algorithm")
    if header.jku and header.jku not in trusted.key_addresses:
        raise UnlistedKeyAddress("jku", "the address of the keys is not on the issuer's list")
    key = keys.find(claims.iss, header.jku, header.kid, header.alg)
    if key is None:
        raise UnknownKey("kid", "the issuer has no key of this name for this algorithm")
    try:
        jwt.PyJWS().decode_complete(token, key, algorithms=[header.alg])
    except jwt.PyJWTError:
        raise WrongSignature(_WHERE, "the signature does not fit") from None


def _check_claims(claims: _Claims, trusted: TrustedIssuer, audience: Collection[str], now: datetime) -> None:
    named = {claims.aud} if isinstance(claims.aud, str) else set(claims.aud)
    if named.isdisjoint(audience) and named.isdisjoint(trusted.audiences):
        raise WrongAudience("aud", "the token was made for another address")
    moment, leeway = now.timestamp(), LEEWAY.total_seconds()
    if moment >= claims.exp + leeway:
        raise ExpiredToken("exp", "the token's time is over")
    if claims.iat > moment + leeway or (claims.nbf is not None and claims.nbf > moment + leeway):
        raise TokenFromTheFuture("iat", "the token's time has not begun")
    if not 0 < claims.exp - claims.iat <= LONGEST_LIFE.total_seconds():
        raise WrongLifetime("exp", "a token lives an hour at most")
    if (claims.tenant or "") not in (trusted.tenants or {""}):
        raise UnlistedTenant("tenant", "the tenant is not on the issuer's list")
