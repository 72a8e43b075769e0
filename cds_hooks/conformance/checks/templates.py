"""Prefetch templates: section 3. Nothing is sent: what was announced is read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from cds_hooks.conformance.subject import NotApplicable, Subject
from cds_hooks.templates import CONTEXT_TOKENS, USER_TOKENS, template_faults

_TOKEN = re.compile(r"\{\{(.*?)\}\}")
_FIELD = re.compile(r"context\.([A-Za-z]\w*)")
_OLD_SORT = re.compile(r"([?&])_sort:[^=&]*=")
_KEY = re.compile(r"[A-Za-z0-9\-]+")
_WHOLE: Final = frozenset({"{{context.userId}}", "{{context.performer}}"})


def tokens(subject: Subject) -> Iterator[str]:
    """CH-P-01."""
    for key, token in _tokens(subject):
        if token not in USER_TOKENS and not token.startswith("context."):
            yield f"{key}: a token of another kind"


def offered_tokens(subject: Subject) -> Iterator[str]:
    """CH-P-02."""
    if subject.service.version.startswith("3."):
        raise NotApplicable("3.0 allows paths in tokens")
    offered = CONTEXT_TOKENS.get(subject.service.hook)
    for key, token in _tokens(subject):
        found = _FIELD.fullmatch(token)
        if token.startswith("context.") and (found is None or (offered is not None and found[1] not in offered)):
            yield f"{key}: no prefetch token of {subject.service.hook}"


def searches(subject: Subject) -> Iterator[str]:
    """CH-P-04."""
    for key, template in _announced(subject).items():
        plain = template if template in _WHOLE else _TOKEN.sub("1", _OLD_SORT.sub(r"\1_sort=", template))
        for fault in template_faults(subject.service.hook, plain):
            yield f"{key}: {fault}"


def sorting(subject: Subject) -> Iterator[str]:
    """CH-P-05."""
    for key, template in _announced(subject).items():
        if _OLD_SORT.search(template):
            yield f"{key}: _sort with a modifier"


def keys(subject: Subject) -> Iterator[str]:
    """CH-P-08."""
    for key in _announced(subject):
        if not _KEY.fullmatch(key):
            yield "a key of other signs than letters, digits and hyphens"


def _announced(subject: Subject) -> Mapping[str, str]:
    if not subject.service.prefetch:
        raise NotApplicable("no prefetch is announced")
    return subject.service.prefetch


def _tokens(subject: Subject) -> Iterator[tuple[str, str]]:
    for key, template in _announced(subject).items():
        for token in _TOKEN.findall(template):
            yield key, token


CHECKS: Final[Mapping[str, Callable[[Subject], Iterator[str]]]] = {
    "CH-P-01": tokens,
    "CH-P-02": offered_tokens,
    "CH-P-04": searches,
    "CH-P-05": sorting,
    "CH-P-08": keys,
}
