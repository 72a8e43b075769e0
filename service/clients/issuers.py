"""Who may call: the file that an operator writes, one entry for each issuer of tokens.

An entry is named by the issuer exactly as its tokens write it (`iss`). `keys` is the set agreed on: a file beside this one,
or an https address; `key_addresses` are further addresses that a token may name (`jku`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import orjson
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from cds_hooks.errors import FaultyKeySet
from cds_hooks.jwt import ALGORITHMS, Client, TrustedIssuer
from cds_hooks.key_set import ADMISSIBLE, read_key_set
from service.cards.languages import LANGUAGES
from service.errors import RequestError
from service.knowledge.strict_yaml import read_yaml

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

_SETTING = "ALL_CDS_ISSUERS"
_KEYS_OPEN_TO_EVERYBODY = "https://sandbox.cds-hooks.org"

_ADDRESS = re.compile(r"https://[^\s/?#@]+(?:/[^\s#]*)?")
_SERVER = r"https?://[^\s/?#@]+(?:/[^\s?#]*[^\s?#/])?"

Word = Annotated[str, StringConstraints(min_length=1)]
KeyAddress = Annotated[str, StringConstraints(pattern=rf"^{_ADDRESS.pattern}$")]
Language = Annotated[str, StringConstraints(pattern=rf"^(?:{'|'.join(LANGUAGES)})?$")]
FhirServer = Annotated[str, StringConstraints(pattern=f"^{_SERVER}$")]


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class _Tenant(_Row):
    name: Word = ""
    fhir_servers: list[FhirServer] | None = None
    client_profile: Word = ""
    language: Language = ""


class _Issuer(_Row):
    name: Word
    keys: Word = ""
    key_addresses: list[KeyAddress] = Field(default_factory=list)
    audiences: list[Word] = Field(default_factory=list)
    algorithms: list[Word] = Field(default_factory=lambda: sorted(ALGORITHMS))
    fhir_servers: list[FhirServer] = Field(default_factory=list)
    client_profile: Word = ""
    language: Language = ""
    rate_limit: int | None = Field(default=None, ge=0)
    other_days: bool = False
    tenants: dict[Word, _Tenant] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _can_be_checked(self) -> _Issuer:
        if not self.keys and not self.key_addresses:
            raise ValueError("keys or key_addresses are needed: nothing could be checked without them")
        if not self.algorithms or not set(self.algorithms) <= ADMISSIBLE:
            raise ValueError(f"algorithms are some of {', '.join(sorted(ADMISSIBLE))}")
        if "://" in self.keys and not _ADDRESS.fullmatch(self.keys):
            raise ValueError("keys are the path of a file or an https address")
        return self


@dataclass(frozen=True, slots=True)
class Caller:
    """A client that has proven who it is, and what our operator has written about it.

    `name` may be shown to operators. Only `fhir_servers` may be asked for its data. An empty `client_profile`: the setting's;
    an empty `language`: the setting's or the call's.
    `other_days`: whether its calls may be about another day than today.
    """

    client: Client
    name: str
    fhir_servers: frozenset[str] = frozenset()
    client_profile: str = ""
    other_days: bool = False
    language: str = ""


@dataclass(frozen=True, slots=True)
class Issuer:
    """One entry of the file. `key_file` or `key_address` is the set agreed on; both empty where tokens name their keys."""

    trusted: TrustedIssuer
    row: _Issuer
    key_file: str = ""
    key_address: str = ""

    @property
    def rate_limit(self) -> int | None:
        """Calls that the issuer may make in a minute, 0 for as many as it likes; None where the setting decides."""
        return self.row.rate_limit

    def caller(self, client: Client) -> Caller:
        """Return what holds for a client of this issuer: its tenant's word before the issuer's."""
        row = self.row
        tenant = row.tenants.get(client.tenant, _Tenant())
        servers = row.fhir_servers if tenant.fhir_servers is None else tenant.fhir_servers
        profile = tenant.client_profile or row.client_profile
        language = tenant.language or row.language
        return Caller(client, tenant.name or row.name, frozenset(servers), profile, row.other_days, language)


def read_issuers(path: Path, *, profiles: Collection[str], made_up_only: bool) -> Mapping[str, Issuer]:
    """Return the entries of the file by issuer; `profiles` are the client profiles there are.

    `made_up_only`: nobody's data can come, so that a sandbox whose key is public may call too.
    Raises: RequestError with everything that is wrong.
    """
    document = _document(path)
    if not isinstance(document, dict) or not document:
        raise _wrong(path, ["one entry for each issuer is expected"])
    faults: list[str] = []
    issuers = {}
    for name, entry in document.items():
        try:
            row = _Issuer.model_validate(entry)
        except ValidationError as error:
            faults += [f"{name} {'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()]
            continue
        issuers[name] = issuer = _issuer(row, path.parent)
        used = {row.client_profile, *(tenant.client_profile for tenant in row.tenants.values())} - {""}
        faults += [f"{name} client_profile: {profile} is none of {', '.join(profiles)}" for profile in used - set(profiles)]
        if issuer.key_file:
            faults += _faults_of_file(name, issuer.key_file)
        if not made_up_only and _open_to_everybody(name, row):
            faults.append(f"{name}: the private key of this sandbox is public, so anybody could call in its name")
    if faults:
        raise _wrong(path, faults)
    return issuers


def _open_to_everybody(name: str, row: _Issuer) -> bool:
    return any(text.startswith(_KEYS_OPEN_TO_EVERYBODY) for text in (name, row.keys, *row.key_addresses))


def _issuer(row: _Issuer, folder: Path) -> Issuer:
    address = row.keys if "://" in row.keys else ""
    trusted = TrustedIssuer(
        key_addresses=frozenset((*row.key_addresses, *([address] if address else []))),
        audiences=frozenset(row.audiences),
        tenants=frozenset(row.tenants),
        algorithms=frozenset(row.algorithms),
    )
    return Issuer(trusted, row, key_file="" if address or not row.keys else str(folder / row.keys), key_address=address)


def _faults_of_file(name: str, key_file: str) -> list[str]:
    try:
        read_key_set(Path(key_file).read_bytes())
    except OSError as error:
        return [f"{name} keys: {key_file} cannot be read: {error.strerror}"]
    except FaultyKeySet as error:
        return [f"{name} keys: {key_file}: {error.hint}"]
    return []


def _document(path: Path) -> Any:  # noqa: ANN401 - whatever somebody wrote
    try:
        text = path.read_bytes()
    except OSError as error:
        raise _wrong(path, [f"it cannot be read: {error.strerror}"]) from None
    if path.suffix == ".json":
        try:
            return orjson.loads(text)
        except orjson.JSONDecodeError:
            raise _wrong(path, ["it is not JSON"]) from None
    document = read_yaml(text, path.name)
    if document.faults:
        raise _wrong(path, [str(fault) for fault in document.faults])
    return document.value


def _wrong(path: Path, faults: list[str]) -> RequestError:
    return RequestError("the file of issuers cannot be used", where=f"{_SETTING}={path}", hint="; ".join(faults))
