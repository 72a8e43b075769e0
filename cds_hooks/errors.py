"""What can go wrong between client and service, and whose turn it is.

ProtocolError
├── IncomingError                   what the client sent cannot be used: its turn
│   ├── NotJson · NotAnObject         the body as a whole
│   ├── MissingMember · InvalidMember
│   ├── UnsupportedHook
│   ├── AuthorizationWithoutServer    a token, and no server to use it at
│   └── OtherPatient                  the token is for another patient than the context names
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
