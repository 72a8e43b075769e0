"""What every value that we send must satisfy, whichever document it stands in."""

from __future__ import annotations

import re
from collections.abc import Mapping

from cds_hooks.errors import InvalidValue, MissingValue

# Plain http reaches no further than this machine: a demonstration, never patient data on a network.
_ABSOLUTE_URL = re.compile(r"(?:https://[^\s/?#@]+|http://(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?)(?:[/?#]\S*)?")
_PUBLIC_URL = re.compile(r"https?://[^\s/?#@]+(?:[/?#]\S*)?")
_LOWER_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def require_text(value: str, where: str) -> None:
    """Nothing, if there is something to read.

    Raises: MissingValue for an empty or blank text.
    """
    if not value or value.isspace():
        raise MissingValue(where, "a required text is empty")


def require_link(value: str, where: str) -> None:
    """Nothing, if the address is absolute and https (http on this machine only).

    Raises: InvalidValue.
    """
    if not _ABSOLUTE_URL.fullmatch(value):
        raise InvalidValue(where, "an absolute https address is needed, without a user name and without blanks")


def require_public_address(value: str, where: str) -> None:
    """Nothing, if the address is absolute, http or https: a publication we name, not a place we send patients' data to.

    Raises: InvalidValue.
    """
    if not _PUBLIC_URL.fullmatch(value):
        raise InvalidValue(where, "an absolute http or https address is needed")


def require_uuid(value: str, where: str) -> None:
    """Nothing, if the value is a lower-case UUID without a prefix, the form that clients send back in feedback.

    Raises: InvalidValue.
    """
    if not _LOWER_UUID.fullmatch(value):
        raise InvalidValue(where, "a lower-case UUID is needed, without urn:uuid:")


def require_filled(value: object, where: str) -> None:
    """Nothing, if no part of an extension is null or empty, and every name is a text.

    Raises: InvalidValue naming the path of the first empty part.
    """
    fault = _fault_in(value)
    if fault is not None:
        path, hint = fault
        raise InvalidValue(where + path, hint)


_EMPTY = ("", "null and empty values are left out, not sent")
_NAMELESS = ("", "names of members are non-empty texts")


def _fault_in(value: object) -> tuple[str, str] | None:
    """The path below a value to its first fault, and what is wrong there. What is most frequent is looked at first."""
    kind = type(value)
    if kind is dict or isinstance(value, Mapping):
        for name, part in value.items():  # type: ignore[attr-defined] # a dict is a mapping
            if not name or not (type(name) is str or isinstance(name, str)):
                return _NAMELESS
            if type(part) is str and part:  # most parts are such: not worth a call
                continue
            if (fault := _fault_in(part)) is not None:
                return f".{name}{fault[0]}", fault[1]
        return None if value else _EMPTY
    if kind is tuple or kind is list or isinstance(value, list | tuple):
        for part in value:  # type: ignore[attr-defined] # as above
            if (fault := _fault_in(part)) is not None:
                return f"[]{fault[0]}", fault[1]
        return None if value else _EMPTY
    return _EMPTY if value is None or (isinstance(value, str) and not value) else None


class Filled(dict[str, object]):
    """An extension whose maker answers for it: each of its parts was written only where there is something to write.

    It is not looked through again. What a caller or a file could have left empty is no such extension.
    """


def require_extension(value: Mapping[str, object], where: str) -> None:
    """Nothing, if an extension is an object without null or empty parts; an empty object is left out when sent.

    Raises: InvalidValue.
    """
    kind = type(value)
    if kind is Filled or (kind is dict and not value):
        return
    if not isinstance(value, Mapping):
        raise InvalidValue(where, "an extension is an object")
    if value:
        require_filled(value, where)
