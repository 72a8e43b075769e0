"""What can go wrong between client and service, and whose turn it is.

ProtocolError
├── IncomingError                   what the client sent cannot be used: its turn
│   ├── NotJson · NotAnObject         the body as a whole
│   ├── MissingMember · InvalidMember
│   ├── UnsupportedHook
│   ├── AuthorizationWithoutServer    a token, and no server to use it at
│   └── OtherPatient                  the token is for another patient than the context names
├── NotAuthenticated                who calls is not known: its turn, and it is told nothing more (401)
│   ├── NoToken · UnreadableToken     no token, or none that can be read
│   ├── ForbiddenAlgorithm · UnknownIssuer
│   ├── UnlistedKeyAddress · UnknownKey · WrongSignature
│   ├── WrongAudience                 the token was made for another address
│   ├── ExpiredToken · TokenFromTheFuture · WrongLifetime
│   └── UnlistedTenant · ReplayedToken
├── KeysUnavailable                 the keys of an issuer cannot be had now: nobody's turn, later perhaps (503)
├── FaultyKeySet                    a set of keys that cannot be read: its owner's turn
└── OutgoingError                   what we were about to send breaks the protocol: our turn
    ├── MissingValue · TooLong · InvalidValue
    ├── Contradiction                 two members that exclude or require each other
    ├── FaultyTemplate                a prefetch template that clients may not understand
    └── TwinService                   one id announced twice for one hook

Data that a client did not send are not here: they are a state of prefetch, a normal answer.
Every error has a stable `code`, a `where` (path of the member on the wire) and a `hint`.
None of the three, nor the message, repeats what the request held. HTTP status codes are the caller's.
"""

from __future__ import annotations

from typing import ClassVar


class ProtocolError(Exception):
    """The root of everything this package raises on purpose."""

    code: ClassVar[str] = "protocol-broken"

    def __init__(self, where: str, hint: str) -> None:
        super().__init__(f"{self.code} at {where}: {hint}" if where else f"{self.code}: {hint}")
        self.where = where
        self.hint = hint


class IncomingError(ProtocolError):
    """The client's message cannot be used."""

    code = "request-unusable"


class NotJson(IncomingError):
    """The body is not JSON."""

    code = "not-json"


class NotAnObject(IncomingError):
    """The body is JSON, but not an object."""

    code = "not-an-object"


class MissingMember(IncomingError):
    """A required member is absent, null or empty."""

    code = "missing-member"


class InvalidMember(IncomingError):
    """A member has another type or shape than the protocol gives it."""

    code = "invalid-member"


class UnsupportedHook(IncomingError):
    """The hook is not one that we read."""

    code = "unsupported-hook"


class AuthorizationWithoutServer(IncomingError):
    """An access token came without the server that it opens."""

    code = "authorization-without-server"


class OtherPatient(IncomingError):
    """The access token is for another patient than the one in context."""

    code = "other-patient"


class NotAuthenticated(ProtocolError):
    """Who calls is not known. `issuer` is set once it is one of ours, and may be logged; nothing else of the token may."""

    code = "not-authenticated"
    issuer: str = ""


class NoToken(NotAuthenticated):
    """There is no bearer token."""

    code = "no-token"


class UnreadableToken(NotAuthenticated):
    """The token is no signed JWT, or lacks a member that every one has."""

    code = "token-unreadable"


class ForbiddenAlgorithm(NotAuthenticated):
    """The token is not signed, signed with a shared secret, or with an algorithm that is not allowed."""

    code = "token-algorithm"


class UnknownIssuer(NotAuthenticated):
    """The issuer is not on the list."""

    code = "token-issuer"


class UnlistedKeyAddress(NotAuthenticated):
    """The token names keys at an address that is not on the issuer's list."""

    code = "token-key-address"


class UnknownKey(NotAuthenticated):
    """The issuer has no key of this name for this algorithm."""

    code = "token-key"


class WrongSignature(NotAuthenticated):
    """The signature does not fit."""

    code = "token-signature"


class WrongAudience(NotAuthenticated):
    """The token was made for another address than the one called."""

    code = "token-audience"


class ExpiredToken(NotAuthenticated):
    """The token's time is over."""

    code = "token-expired"


class TokenFromTheFuture(NotAuthenticated):
    """The token's time has not begun."""

    code = "token-from-the-future"


class WrongLifetime(NotAuthenticated):
    """The token lives longer than is allowed, or ends before it begins."""

    code = "token-lifetime"


class UnlistedTenant(NotAuthenticated):
    """The tenant is not on the issuer's list, or is missing where there is a list."""

    code = "token-tenant"


class ReplayedToken(NotAuthenticated):
    """The token was used before."""

    code = "token-replayed"


class KeysUnavailable(ProtocolError):
    """The keys of the issuer cannot be had now, so that nobody can say whether the token is good."""

    code = "keys-unavailable"


class FaultyKeySet(ProtocolError):
    """A document that is no JSON Web Key Set, or holds no key that could be used."""

    code = "faulty-key-set"


class OutgoingError(ProtocolError):
    """Our own document breaks the protocol and must not be sent."""

    code = "document-unusable"


class MissingValue(OutgoingError):
    """A required value is empty."""

    code = "missing-value"


class TooLong(OutgoingError):
    """A text is longer than the protocol allows."""

    code = "too-long"


class InvalidValue(OutgoingError):
    """A value has a shape that clients refuse."""

    code = "invalid-value"


class Contradiction(OutgoingError):
    """Two members do not go together, or one lacks the other."""

    code = "contradiction"


class FaultyTemplate(OutgoingError):
    """A prefetch template leaves the part of FHIR search that clients must understand."""

    code = "faulty-template"


class TwinService(OutgoingError):
    """Two definitions share id and hook."""

    code = "twin-service"
