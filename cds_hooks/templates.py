"""Whether a prefetch template keeps to the part of FHIR search that every client of CDS Hooks 2.0 should understand."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_WITHOUT_ENCOUNTER: Final = frozenset({"userId", "patientId"})
_PERSON_AND_ENCOUNTER: Final = _WITHOUT_ENCOUNTER | {"encounterId"}

CONTEXT_TOKENS: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "patient-view": _PERSON_AND_ENCOUNTER,
        "order-select": _PERSON_AND_ENCOUNTER,
        "order-sign": _PERSON_AND_ENCOUNTER,
        "order-dispatch": frozenset({"patientId", "dispatchedOrders", "performer"}),
        "encounter-start": _PERSON_AND_ENCOUNTER,
        "encounter-discharge": _PERSON_AND_ENCOUNTER,
        "appointment-book": _PERSON_AND_ENCOUNTER,
        "medication-refill": _PERSON_AND_ENCOUNTER,
        "medication-verify": _PERSON_AND_ENCOUNTER,
        "problem-list-item-create": _PERSON_AND_ENCOUNTER,
        "allergyintolerance-create": _PERSON_AND_ENCOUNTER,
    }
)
"""For each published hook, the fields of its context that may stand in a template. Other hooks: any field at first level."""

USER_TOKENS: Final = frozenset({"userPractitionerId", "userPractitionerRoleId", "userPatientId", "userRelatedPersonId"})

# These hold Type/id, so that the token alone is a complete read.
_WHOLE_REFERENCES: Final = frozenset({"context.userId", "context.performer"})
# Names with an underscore that belong to the recommended subset, or are plain token and date parameters.
_COMMON_PARAMETERS: Final = frozenset({"_count", "_sort", "_id", "_lastUpdated"})

_TOKEN = re.compile(r"\{\{(.*?)\}\}")
_CONTEXT_FIELD = re.compile(r"context\.([A-Za-z]\w*)")
_PLACE = "\x00"  # stands for a token once that is checked: it can match nothing by accident
_READ = re.compile(r"[A-Z][A-Za-z]+/(?:\x00|[A-Za-z0-9\-.]{1,64})")
_TYPE = re.compile(r"[A-Z][A-Za-z]+")
_PARAMETER = re.compile(r"_?[A-Za-z][A-Za-z0-9\-]*")
_SORT = re.compile(r"-?_?[A-Za-z][A-Za-z\-]*(?:,-?_?[A-Za-z][A-Za-z\-]*)*")
_OTHER_PREFIX = re.compile(r"(?:ne|sa|eb|ap)\d")


def template_faults(hook: str, template: str) -> tuple[str, ...]:
    """Each reason why a client may fail to answer the template; none for a good one."""
    faults = [fault for token in _TOKEN.findall(template) if (fault := _token_fault(hook, token))]
    bare = _TOKEN.sub(_PLACE, template)
    if "{" in bare or "}" in bare:
        faults.append("braces other than {{ and }} around one token")
    if any(character.isspace() for character in template):
        faults.append("blanks")
    path, is_search, query = bare.partition("?")
    if is_search:
        if not _TYPE.fullmatch(path):
            faults.append("a search names one resource type before the question mark, and nothing else")
        for parameter in query.split("&"):
            faults.extend(_parameter_faults(parameter))
    elif not (_READ.fullmatch(path) or (path == _PLACE and template[2:-2] in _WHOLE_REFERENCES)):
        faults.append("neither a read (Type/id) nor a search (Type?name=value)")
    return tuple(faults)


def _token_fault(hook: str, token: str) -> str | None:
    if token in USER_TOKENS:
        return None
    found = _CONTEXT_FIELD.fullmatch(token)
    if not found:
        return "a token is context.<field> at first level, or the id of the user by role"
    if hook in CONTEXT_TOKENS and found[1] not in CONTEXT_TOKENS[hook]:
        return f"context.{found[1]} is no prefetch token of {hook}"
    return None


def _parameter_faults(parameter: str) -> list[str]:
    name, _, value = parameter.partition("=")
    name, has_modifier, modifier = name.partition(":")
    faults = []
    if name.startswith("_has"):
        faults.append("reverse chaining (_has)")
    elif name.startswith("_") and name not in _COMMON_PARAMETERS:
        faults.append(f"{name} is outside the recommended subset")
    elif "." in name:
        faults.append("chaining")
    elif not _PARAMETER.fullmatch(name):
        faults.append("a search parameter without a proper name")
    if name == "_sort" and (has_modifier or not _SORT.fullmatch(value)):
        faults.append("_sort takes names with a minus for descending order, no modifier")
    elif has_modifier and modifier != "in":
        faults.append("a modifier other than :in")
    if name == "_count" and not re.fullmatch(r"[1-9]\d*", value):
        faults.append("_count takes a positive number")
    if not value:
        faults.append("a search parameter without a value")
    if _OTHER_PREFIX.match(value):
        faults.append("a prefix other than eq, lt, gt, ge, le")
    return faults
