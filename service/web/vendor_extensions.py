"""What record systems say of a call beside the specification: which trigger made it, and the version of FHIR of its data."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cds_hooks.incoming import NOTHING, decode_or_none
from service.errors import OtherFhirVersion

if TYPE_CHECKING:
    from collections.abc import Mapping

    import msgspec

TRIGGER = "com.epic.cdshooks.request.bpa-trigger-action"
FHIR_VERSION = "com.epic.cdshooks.request.fhir-version"

_TRIGGER = re.compile(r"[0-9]{1,4}")
_R4 = re.compile(r"(?i)(?:FHIR\s*)?R?4(?:B|(?:\.\d+)*)")
_VERSION = re.compile(r"[A-Za-z0-9. ]{1,20}")
# Resources that R4 has no more: where one is, the data are of an older version.
_OLDER = re.compile(rb'"resourceType"\s*:\s*"(?:ProcedureRequest|MedicationOrder|DiagnosticOrder)"')
_HINT = "choose R4 as the FHIR version of the client's registration"


def trigger(extension: Mapping[str, msgspec.Raw]) -> int | None:
    """Return the number of the trigger that made the call, sent as a number or a text; None where there is none."""
    raw = extension.get(TRIGGER, NOTHING)
    number: object = decode_or_none(raw, int | str)  # type: ignore[arg-type] # a union is a type to msgspec
    return int(str(number)) if _TRIGGER.fullmatch(str(number)) else None


def refuse_other_fhir(extension: Mapping[str, msgspec.Raw], body: bytes) -> None:
    """Refuse data of another version than R4: read as R4, `notGiven` or `notDone` of an older one would be passed over.

    The version is what the client says, else what the resources show, else R4. Raises: OtherFhirVersion.
    """
    said = decode_or_none(extension.get(FHIR_VERSION, NOTHING), str)
    if said is not None and _VERSION.fullmatch(said.strip()):
        if not _R4.fullmatch(said.strip()):
            raise OtherFhirVersion("the data are not FHIR R4", where=f"extension.{FHIR_VERSION}", hint=_HINT)
    elif _OLDER.search(body):
        raise OtherFhirVersion("the data hold resources that FHIR R4 does not know", hint=_HINT)
