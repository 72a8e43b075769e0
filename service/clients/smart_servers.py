"""Which record servers may open our pages: the file that an operator writes, one entry for each FHIR server.

An entry is named by the base address of the server, as a launch names it (`iss`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from service.errors import RequestError
from service.knowledge.strict_yaml import read_yaml

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_SETTING = "ALL_CDS_SMART_SERVERS"
_SECURE = re.compile(r"https://[^\s/?#@]+(?:/[^\s?#]*[^\s?#/])?")
_ON_THIS_MACHINE = re.compile(r"http://(?:localhost|127\.0\.0\.1)(?::\d+)?(?:/[^\s?#]*[^\s?#/])?")


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    client_id: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    secret_file: str = ""
    scopes: Literal["v1", "v2"] = "v2"
    name: str = ""


@dataclass(frozen=True, slots=True)
class SmartServer:
    """One record server that may launch us, and how it spells scopes; an empty `secret` makes us a public client."""

    address: str
    client_id: str
    scopes: Literal["v1", "v2"] = "v2"
    name: str = ""
    secret: str = field(default="", repr=False)


def read_smart_servers(path: Path, *, made_up_only: bool) -> Mapping[str, SmartServer]:
    """Return the entries of the file by address without a slash at its end.

    `made_up_only`: nobody's data can come, so that a server of this machine may be named without https.
    Raises: RequestError with everything that is wrong.
    """
    try:
        document = read_yaml(path.read_bytes(), path.name)
    except OSError as error:
        raise _wrong(path, [f"it cannot be read: {error.strerror}"]) from None
    if document.faults or not isinstance(document.value, dict) or not document.value:
        raise _wrong(path, [str(fault) for fault in document.faults] or ["one entry for each FHIR server is expected"])
    faults: list[str] = []
    servers: dict[str, SmartServer] = {}
    for name, entry in document.value.items():
        address = name.rstrip("/")
        if not (_SECURE.fullmatch(address) or (made_up_only and _ON_THIS_MACHINE.fullmatch(address))):
            faults.append(f"{name}: the base address of a FHIR server is expected, with https")
            continue
        try:
            row = _Row.model_validate(entry)
            secret = (path.parent / row.secret_file).read_text(encoding="utf-8").strip() if row.secret_file else ""
        except ValidationError as error:
            faults += [f"{name} {'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()]
            continue
        except (OSError, UnicodeDecodeError):
            faults.append(f"{name} secret_file: it cannot be read")
            continue
        servers[address] = SmartServer(address, row.client_id, row.scopes, row.name, secret)
    if faults:
        raise _wrong(path, faults)
    return servers


def _wrong(path: Path, faults: list[str]) -> RequestError:
    return RequestError("the file of record servers cannot be used", where=f"{_SETTING}={path}", hint="; ".join(faults))
