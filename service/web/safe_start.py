"""Whether the service may start as it is set up: checked before anything is loaded, and again by the application."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.errors import RequestError
from service.settings import OPEN, PRODUCTION, REQUIRED

if TYPE_CHECKING:
    from service.settings import Settings

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


def refuse_unsafe(settings: Settings) -> None:
    """Refuse settings under which anybody could call where patients are real. Raises: RequestError that says what to set."""
    wanted = []
    if settings.profile == PRODUCTION and settings.auth != REQUIRED:
        wanted.append(f"ALL_CDS_AUTH={REQUIRED}")
    if settings.profile == PRODUCTION and not settings.public_base_url.startswith("https://"):
        wanted.append("ALL_CDS_PUBLIC_BASE_URL to the https address under which clients reach the service")
    elif (settings.auth == REQUIRED or settings.smart_servers) and not settings.public_base_url:
        wanted.append("ALL_CDS_PUBLIC_BASE_URL to the address under which clients reach the service")
    if (settings.profile == PRODUCTION or settings.auth == REQUIRED) and not settings.issuers:
        wanted.append("ALL_CDS_ISSUERS to the file that names who may call")
    if wanted:
        hint = "set " + "; ".join(wanted)
        if settings.profile == PRODUCTION:
            hint += "; for made-up patients on this machine only, set ALL_CDS_PROFILE=development"
        raise RequestError("the service does not start where it would answer strangers", where="ALL_CDS_PROFILE", hint=hint)


def what_is_kept(settings: Settings) -> str:
    """Return the sentence that tells an operator what is kept of patients."""
    if not settings.encryption_keys:
        return "Nothing of a patient is kept."
    if not settings.public_base_url:
        return "No assessment is kept: cards need ALL_CDS_PUBLIC_BASE_URL to lead to one."
    return f"Assessments are kept encrypted for {settings.assessment_hours} hours."


def who_may_call(settings: Settings, host: str) -> str:
    """Return the sentence that tells an operator who may call."""
    if settings.auth == OPEN:
        reach = "" if host in _LOOPBACK else " for every machine that reaches this address"
        return f"OPEN{reach}: no authentication, so for made-up patients only."
    return f"Callers must sign for {settings.public_base_url}."
