"""What record systems say of a call beside the specification: which trigger made it, and the version of FHIR of its data."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cds_hooks import OrderSelectContext, OrderSignContext
from cds_hooks.incoming import NOTHING, decode_or_none
from service.errors import OtherFhirVersion
from service.record.kinds import OTHER_VERSIONS

if TYPE_CHECKING:
    from collections.abc import Mapping

    import msgspec

    from cds_hooks.contexts import HookContext

TRIGGER = "com.epic.cdshooks.request.bpa-trigger-action"
FHIR_VERSION = "com.epic.cdshooks.request.fhir-version"

_TRIGGER = re.compile(r"[0-9]{1,4}")
_R4 = re.compile(r"(?i)(?:FHIR\s*)?R?4(?:B|(?:\.\d+)*)")
_VERSION = re.compile(r"[A-Za-z0-9. ]{1,20}")
_OTHER_TYPE = re.compile(rb'"resourceType"\s*:\s*"(%b)"' % "|".join(sorted(OTHER_VERSIONS)).encode())
_HINT = "choose R4 as the FHIR version of the client's registration"


def trigger(extension: Mapping[str, msgspec.Raw]) -> int | None:
    """Return the number of the trigger that made the call, sent as a number or a text; None where there is none."""
    raw = extension.get(TRIGGER, NOTHING)
    number: object = decode_or_none(raw, int | str)  # type: ignore[arg-type] # a union is a type to msgspec
    return int(str(number)) if _TRIGGER.fullmatch(str(number)) else None


def says_r4(extension: Mapping[str, msgspec.Raw]) -> bool:
    """Return whether the client says that its data are FHIR R4; what it says counts before what its resources show.

    Raises: OtherFhirVersion where it says that they are of another version.
    """
    said = decode_or_none(extension.get(FHIR_VERSION, NOTHING), str)
    if said is None or not _VERSION.fullmatch(said.strip()):
        return False
    if not _R4.fullmatch(said.strip()):
        raise OtherFhirVersion("the data are not FHIR R4", where=f"extension.{FHIR_VERSION}", hint=_HINT)
    return True


def refuse_older(resource_type: str | None) -> None:
    """Refuse a resource of a type that R4 does not have for what a fact asks for: the others will not be R4 either.

    Raises: OtherFhirVersion.
    """
    if resource_type in OTHER_VERSIONS:
        raise OtherFhirVersion("the data hold resources that FHIR R4 does not know", hint=_HINT)


def refuse_older_drafts(context: HookContext) -> None:
    """Refuse a call whose draft orders are of an older FHIR, as `refuse_older` does. Raises: OtherFhirVersion."""
    drafts = context.draft_orders if isinstance(context, OrderSelectContext | OrderSignContext) else None
    if drafts is not None and (found := _OTHER_TYPE.search(memoryview(drafts))):
        refuse_older(found[1].decode())
