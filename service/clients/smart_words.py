"""What passes between a login and those who wait for it: small values, which load nothing."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Login:
    """What must be remembered of a login until the browser is back; the verifier is for the browser that began it alone."""

    server: str
    state: str = field(repr=False)
    verifier: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Leave:
    """A user's leave to read one patient's record."""

    server: str
    access_token: str = field(repr=False)
    patient: str = field(repr=False)
    scope: str = ""
