"""What `$match` is asked with: a Bundle of patient data, or Parameters that hold one beside filters."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from cds_hooks.incoming import NOTHING, UNREADABLE, decode_or_none
from service.errors import NotABundle, NotJson
from service.record.bundle import BYTE_ORDER_MARK

CLINICAL_DATA = "trialMatchClinicalData"
_USED = ("phase", "recruitmentStatus")


class _Part(msgspec.Struct, gc=False):
    name: str
    resource: msgspec.Raw = NOTHING
    valueString: msgspec.Raw = NOTHING  # noqa: N815 - FHIR's own name


class _Parameters(msgspec.Struct, gc=False):
    resourceType: str = ""  # noqa: N815 - FHIR's own name
    parameter: msgspec.Raw = NOTHING


_decoder = msgspec.json.Decoder(_Parameters)


@dataclass(frozen=True, slots=True)
class MatchInput:
    """The patient's Bundle as bytes, the filters, and the names of parameters that were sent and not used."""

    bundle: bytes
    phase: str = ""
    status: str = ""
    not_used: tuple[str, ...] = ()

    def wants(self, phase: str, status: str) -> bool:
        """Return whether a trial of this phase and status in FHIR passes the filters."""
        return (not self.phase or self.phase in phase.split("/")) and (not self.status or self.status == status)


def match_input(body: bytes) -> MatchInput:
    """Return what was sent. A Bundle is taken as it is; of Parameters the part with the clinical data is.

    Raises: NotJson, NotABundle where there is neither.
    """
    if b'"Parameters"' not in body:
        return MatchInput(body)
    try:
        sent = _decoder.decode(body.removeprefix(BYTE_ORDER_MARK))
    except msgspec.ValidationError:
        return MatchInput(body)
    except UNREADABLE:
        raise NotJson("the body is not JSON") from None
    if sent.resourceType != "Parameters":
        return MatchInput(body)
    parts = [part for raw in decode_or_none(sent.parameter, list[msgspec.Raw]) or () if (part := decode_or_none(raw, _Part))]
    data = next((bytes(part.resource).strip() for part in parts if part.name == CLINICAL_DATA), b"")
    if not data.startswith(b"{"):
        raise NotABundle("the parameters hold no Bundle of patient data", hint=f"name it {CLINICAL_DATA}")
    words = {part.name: decode_or_none(part.valueString, str) for part in parts if part.name != CLINICAL_DATA}
    return MatchInput(
        bundle=data,
        phase=words.get("phase") or "",
        status=words.get("recruitmentStatus") or "",
        not_used=tuple(sorted(name[:40] for name in words if name not in _USED)),
    )
