"""How a client's body is read: unknown members are passed over, and no error repeats what was sent."""

from __future__ import annotations

import codecs
from typing import Any, Final, TypeVar

import msgspec

from cds_hooks.errors import InvalidMember, MissingMember, NotAnObject, NotJson

T = TypeVar("T")

NOTHING: Final = msgspec.Raw()
"""The raw value of a member that was not sent."""

NULL: Final = msgspec.Raw(b"null")
"""The raw value of a member that was sent as null. (A Raw equals another Raw only, never bytes.)"""

UNREADABLE: Final = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
"""Everything that decoding bytes from outside can raise: not JSON, another type, not UTF-8, nested without end."""


def decode_body(body: bytes, decoder: msgspec.json.Decoder[T], *, typed_member: str) -> T:
    """The decoded body.

    `typed_member` is the one member that the decoder gives a type to, all others being raw: a fault of type is its fault.
    A byte order mark in front is passed over.

    Raises: NotJson, NotAnObject, InvalidMember.
    """
    body = body.removeprefix(codecs.BOM_UTF8)
    try:
        return decoder.decode(body)
    except msgspec.ValidationError:
        if body.lstrip(b" \t\r\n").startswith(b"{"):
            raise InvalidMember(typed_member, "the member has another type than the protocol gives it") from None
        raise NotAnObject("", "the body is a JSON object") from None
    except UNREADABLE:
        raise NotJson("", "the body is a JSON object in UTF-8") from None


def is_missing(raw: msgspec.Raw) -> bool:
    """Whether a member was not sent, or sent as null."""
    return raw in (NOTHING, NULL)


def decode_member(raw: msgspec.Raw, kind: type[T], where: str, hint: str) -> T:
    """The member as the asked type.

    Raises: InvalidMember.
    """
    try:
        return msgspec.json.decode(raw, type=kind)
    except UNREADABLE:
        raise InvalidMember(where, hint) from None


def decode_or_none(raw: msgspec.Raw, kind: type[T]) -> T | None:
    """The member as the asked type, or None where it is absent or of another type."""
    if is_missing(raw):
        return None
    try:
        return msgspec.json.decode(raw, type=kind)
    except UNREADABLE:
        return None


def required_text(raw: msgspec.Raw, where: str) -> str:
    """The member as a text that is not empty.

    Raises: MissingMember for absent, null and empty; InvalidMember for anything that is no text.
    """
    text = optional_text(raw, where)
    if text is None:
        raise MissingMember(where, "a text is required here")
    return text


def optional_text(raw: msgspec.Raw, where: str) -> str | None:
    """The member as a text, or None for absent, null and empty.

    Raises: InvalidMember for anything that is no text.
    """
    if is_missing(raw):
        return None
    return decode_member(raw, str, where, "a text is expected here") or None


def extension_of(raw: msgspec.Raw, where: str) -> dict[str, msgspec.Raw]:
    """The members of an extension object, undecoded; empty when there is none.

    Raises: InvalidMember for anything that is no object.
    """
    if is_missing(raw):
        return {}
    kind: Any = dict[str, msgspec.Raw]
    members: dict[str, msgspec.Raw] = decode_member(raw, kind, where, "an extension is an object")
    return members
