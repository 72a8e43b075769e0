"""A prefetch template with the values of a call in it, as it is asked of a FHIR server."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

if TYPE_CHECKING:
    from cds_hooks.contexts import HookContext

_TOKEN: Final = re.compile(r"\{\{(.*?)\}\}")
_HUMP: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")
_USERS: Final = {
    "userPractitionerId": "Practitioner",
    "userPractitionerRoleId": "PractitionerRole",
    "userPatientId": "Patient",
    "userRelatedPersonId": "RelatedPerson",
}


def filled(template: str, context: HookContext) -> str | None:
    """The template with each token replaced by its percent-encoded value; None where the context does not hold one.

    A template that is one token alone is a whole reference: its slash stays. A value of dots alone would lead elsewhere in an
    address, and counts as not there.
    """
    values = {token: _value(token, context) for token in _TOKEN.findall(template)}
    encoded = {}
    for token, value in values.items():
        if not value or any(not part.strip(".") for part in value.split("/")):
            return None
        encoded[token] = quote(value, safe="/" if template == "{{" + token + "}}" else "")
    return _TOKEN.sub(lambda found: encoded[found[1]], template)


def _value(token: str, context: HookContext) -> str | None:
    if token in _USERS:
        kind, _, user = str(getattr(context, "user_id", None) or "").partition("/")
        return user if kind == _USERS[token] else None
    value = getattr(context, _HUMP.sub("_", token.removeprefix("context.")).lower(), None)
    return value if isinstance(value, str) else None
