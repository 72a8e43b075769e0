"""What `$match` is asked with: a Bundle of patient data, or Parameters that hold one beside filters."""

from __future__ import annotations

from dataclasses import dataclass

import orjson

from service.errors import NotABundle, NotJson

CLINICAL_DATA = "trialMatchClinicalData"
_USED = ("phase", "recruitmentStatus")


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
        sent = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise NotJson("the body is not JSON") from None
    if not isinstance(sent, dict) or sent.get("resourceType") != "Parameters":
        return MatchInput(body)
    parts = [part for part in sent.get("parameter") or () if isinstance(part, dict)]
    data = next((part.get("resource") for part in parts if part.get("name") == CLINICAL_DATA), None)
    if not isinstance(data, dict):
        raise NotABundle("the parameters hold no Bundle of patient data", hint=f"name it {CLINICAL_DATA}")
    words = {str(part.get("name")): part.get("valueString") for part in parts if part.get("name") != CLINICAL_DATA}
    return MatchInput(
        bundle=orjson.dumps(data),
        phase=str(words.get("phase") or ""),
        status=str(words.get("recruitmentStatus") or ""),
        not_used=tuple(sorted(name[:40] for name in words if name not in _USED)),
    )
