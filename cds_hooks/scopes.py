"""What the scope of a token lets a service read: SMART on FHIR in both its versions, and the free text of some clients.

A scope that is not understood excludes nothing: the server will say no by itself.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final


class Reach(StrEnum):
    """How much of a kind of resource a scope lets a service see."""

    NONE = "none"
    """Clearly nothing: asking would only be refused."""
    PART = "part"
    """Some of it: what is not seen may be there all the same."""
    ALL = "all"
    """All of it, as far as the scope tells."""


class Interaction(StrEnum):
    """How a server is asked, as the second version of SMART writes it."""

    READ = "r"
    SEARCH = "s"


_CLINICAL: Final = re.compile(
    r"(?:patient|user|system)/(?P<type>\*|[A-Z][A-Za-z]+)\.(?P<may>read|write|\*|(?=[cruds])c?r?u?d?s?)(?P<only>\?\S+)?"
)
_WHOLE_ANSWER: Final = frozenset({"read", "*"})
# Scopes that are about the launch or the user and open no resource.
_OTHERS: Final = re.compile(r"launch(?:/\w+)?|openid|fhirUser|profile|email|offline_access|online_access")


def reach(scope: str, resource_type: str, interaction: Interaction) -> Reach:
    """How much of the type can be had in this way.

    NONE only where every word of the scope is understood, some of them open resources, and none opens this one.
    """
    parts = scope.split()
    found = [_CLINICAL.fullmatch(part) for part in parts]
    opened = [match for match in found if match is not None]
    if not opened or any(match is None and not _OTHERS.fullmatch(part) for part, match in zip(parts, found, strict=True)):
        return Reach.ALL
    right = [match for match in opened if match["type"] in {"*", resource_type} and _allows(match["may"], interaction)]
    if not right:
        return Reach.NONE
    return Reach.PART if all(match["only"] for match in right) else Reach.ALL


def _allows(may: str, interaction: Interaction) -> bool:
    return may in _WHOLE_ANSWER or (may != "write" and interaction in may)
