"""Of whom a line speaks that cannot be read: their record lacks something, and what it does not say is no silence."""

from __future__ import annotations

import re

# JSON may write a slash as \/
_REFERENCE = re.compile(rb'"reference"\s*:\s*"(?:[^"\\]|\\/)*?(?<![^"/])Patient\\?/([^"\\/]+)(?:\\?/_history\\?/[^"\\/]+)?"')
_PERSON = re.compile(rb'\s*\{\s*"resourceType"\s*:\s*"Patient"\s*,\s*"id"\s*:\s*"([^"\\]+)"')


def patients_named(raw: bytes) -> tuple[str, ...]:
    """Return the ids of the patients whom the bytes of a broken line or document name, as far as they can be made out."""
    person = _PERSON.match(raw)
    found = [person[1], *_REFERENCE.findall(raw)] if person else _REFERENCE.findall(raw)
    return tuple(dict.fromkeys(name.decode() for name in found if is_utf_8(name)))


def is_utf_8(raw: bytes) -> bool:
    """Return whether bytes are text: nearly all exports are plain ASCII, which is seen at once."""
    if raw.isascii():
        return True
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True
