"""A client's call, read as far as the protocol goes: patients' data in `prefetch` and `extension` stay undecoded bytes."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from cds_hooks.contexts import CONTEXT_READERS, HookContext
from cds_hooks.errors import AuthorizationWithoutServer, InvalidMember, MissingMember, OtherPatient, UnsupportedHook
from cds_hooks.incoming import (
    NOTHING,
    NULL,
    UNREADABLE,
    decode_body,
    decode_member,
    decode_or_none,
    extension_of,
    is_missing,
    optional_text,
    required_text,
)
from cds_hooks.prefetch import SentBundle, SentValue

# Any version: some clients send time-based ones.
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
_SERVER = re.compile(r"https?://[^\s/?#@]+(?:/[^\s?#]*)?")


@dataclass(frozen=True, slots=True)
class FhirAuthorization:
    """Leave to read from the client's FHIR server during this call. The repr never shows the token.

    A member that is absent or of another type is None; `missing` names it, and the token is then not usable.
    """

    access_token: str | None = field(default=None, repr=False)
    token_type: str | None = None
    expires_in: int | None = None
    scope: str | None = field(default=None, repr=False)
    subject: str | None = field(default=None, repr=False)
    patient: str | None = field(default=None, repr=False)

    @property
    def missing(self) -> tuple[str, ...]:
        """Names, as on the wire, of the required members that are absent or wrong."""
        required = {
            "access_token": bool(self.access_token),
            "token_type": (self.token_type or "").lower() == "bearer",
            "expires_in": self.expires_in is not None and self.expires_in > 0,
            "scope": bool(self.scope),
            "subject": bool(self.subject),
        }
        return tuple(name for name, good in required.items() if not good)

    @property
    def usable(self) -> bool:
        """Whether all required members are there."""
        return not self.missing


@dataclass(frozen=True, slots=True)
class HookRequest:
    """One call of one service. `hook_instance` is in lower case; the repr shows hook and instance only."""

    hook: str
    hook_instance: str
    context: HookContext = field(repr=False)
    fhir_server: str | None = field(default=None, repr=False)
    fhir_authorization: FhirAuthorization | None = field(default=None, repr=False)
    prefetch: Mapping[str, SentValue] = field(default_factory=dict, repr=False)
    extension: Mapping[str, msgspec.Raw] = field(default_factory=dict, repr=False)


def decode_request(body: bytes) -> HookRequest:
    """The call that the body holds; `prefetch` absent, null and empty are the same.

    Raises: IncomingError, naming the first member that cannot be used.
    """
    sent = decode_body(body, _REQUEST, typed_member="prefetch")
    return _request(sent, sent.prefetch or {})


def request_reader(templates: Mapping[str, str]) -> Callable[[bytes], HookRequest]:
    """What reads the calls of a service that asks for these keys, as `decode_request` does, in half the time.

    The answers to its searches are opened while the bytes are walked for the first time, and keys that it does not ask for are
    passed over, unless nothing else was sent.
    """
    decoder = _decoder_for(templates)
    keys = {f"key_{number}": key for number, key in enumerate(templates)}

    def read(body: bytes) -> HookRequest:
        try:
            sent = decoder.decode(body.removeprefix(codecs.BOM_UTF8))
        except UNREADABLE:
            return decode_request(body)  # another shape, or a fault: told there
        values = {} if sent.prefetch is None else {key: getattr(sent.prefetch, name) for name, key in keys.items()}
        opened = {key: NULL if value is None else value for key, value in values.items() if value is not msgspec.UNSET}
        return _request(sent, opened) if opened else decode_request(body)

    return read


def _decoder_for(templates: Mapping[str, str]) -> msgspec.json.Decoder[Any]:
    """The decoder of a body in which a key that is searched for holds a Bundle or null, and any other its bytes."""
    kinds: list[Any] = [
        SentBundle | None | msgspec.UnsetType if "?" in template else msgspec.Raw | msgspec.UnsetType
        for template in templates.values()
    ]
    fields = [(f"key_{number}", kind, msgspec.UNSET) for number, kind in enumerate(kinds)]
    names = {f"key_{number}": key for number, key in enumerate(templates)}
    asked: Any = msgspec.defstruct("_Asked", fields, rename=names, gc=False)
    request = msgspec.defstruct("_AskedRequest", [("prefetch", asked | None, None)], bases=(_Request,), rename="camel", gc=False)
    return msgspec.json.Decoder(request)


def _request(sent: _Request, prefetch: Mapping[str, SentValue]) -> HookRequest:
    hook = required_text(sent.hook, "hook")
    hook_instance = required_text(sent.hook_instance, "hookInstance")
    if not _UUID.fullmatch(hook_instance):
        raise InvalidMember("hookInstance", "a UUID is expected here, of any version")
    read_context = CONTEXT_READERS.get(hook)
    if read_context is None:
        raise UnsupportedHook("hook", f"hooks that are read: {', '.join(CONTEXT_READERS)}")
    if is_missing(sent.context):
        raise MissingMember("context", "every hook has a context")
    context = read_context(sent.context)
    server = optional_text(sent.fhir_server, "fhirServer")
    if server is not None and not _SERVER.fullmatch(server):
        raise InvalidMember("fhirServer", "the base address of a FHIR server is expected here")
    return HookRequest(
        hook=hook,
        hook_instance=hook_instance.lower(),
        context=context,
        fhir_server=server,
        fhir_authorization=_authorization(sent.fhir_authorization, server, context),
        prefetch=prefetch,
        extension=extension_of(sent.extension, "extension"),
    )


class _Request(msgspec.Struct, rename="camel", gc=False):
    hook: msgspec.Raw = NOTHING
    hook_instance: msgspec.Raw = NOTHING
    context: msgspec.Raw = NOTHING
    fhir_server: msgspec.Raw = NOTHING
    fhir_authorization: msgspec.Raw = NOTHING
    # The bulk of a body: given its type here, so that its bytes are walked once.
    prefetch: dict[str, msgspec.Raw] | None = None
    extension: msgspec.Raw = NOTHING


class _Authorization(msgspec.Struct, gc=False):
    access_token: msgspec.Raw = NOTHING
    token_type: msgspec.Raw = NOTHING
    expires_in: msgspec.Raw = NOTHING
    scope: msgspec.Raw = NOTHING
    subject: msgspec.Raw = NOTHING
    patient: msgspec.Raw = NOTHING


_REQUEST = msgspec.json.Decoder(_Request)


def _authorization(raw: msgspec.Raw, server: str | None, context: HookContext) -> FhirAuthorization | None:
    if is_missing(raw):
        return None
    sent = decode_member(raw, _Authorization, "fhirAuthorization", "an object is expected here")
    if server is None:
        raise AuthorizationWithoutServer("fhirServer", "required when fhirAuthorization is sent")
    patient = optional_text(sent.patient, "fhirAuthorization.patient")
    if patient is not None and patient != context.patient_id:
        raise OtherPatient("fhirAuthorization.patient", "the token must be for the patient in context")
    return FhirAuthorization(
        access_token=decode_or_none(sent.access_token, str),
        token_type=decode_or_none(sent.token_type, str),
        expires_in=decode_or_none(sent.expires_in, int),
        scope=decode_or_none(sent.scope, str),
        subject=decode_or_none(sent.subject, str),
        patient=patient,
    )
