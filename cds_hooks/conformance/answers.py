"""What an HTTP answer of a CDS Hooks service must be, whatever it was asked: of its status, its type and its body."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from enum import StrEnum
from http import HTTPStatus

from cds_hooks.conformance.documents import examine_discovery, examine_response, outcome_faults
from cds_hooks.conformance.faults import Fault, Findings, Level

_SERVICES = "/cds-services"


class Endpoint(StrEnum):
    """Which part of a service was called."""

    DISCOVERY = "discovery"
    SERVICE = "service"
    FEEDBACK = "feedback"
    ELSEWHERE = "elsewhere"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. The repr shows no body: it may tell about a patient. `headers` have small names."""

    status: int
    content_type: str = ""
    body: bytes = field(default=b"", repr=False)
    headers: dict[str, str] = field(default_factory=dict, repr=False)
    seconds: float = 0.0

    @property
    def document(self) -> object:
        """The body read as JSON; an empty text where it is none."""
        try:
            return json.loads(self.body, parse_constant=_refuse)
        except (ValueError, RecursionError):
            return ""

    @property
    def is_json(self) -> bool:
        """Whether the body can be read as JSON by everybody."""
        return self.document != ""


def _refuse(constant: str) -> object:
    raise ValueError(constant)  # NaN and the infinities are no JSON


def endpoint_of(path: str) -> Endpoint:
    """Return which part of a service stands at a path; what stands in front of `/cds-services` does not matter."""
    _, found, rest = path.partition("?")[0].partition(_SERVICES)
    rest = rest.strip("/")
    if not found:
        return Endpoint.ELSEWHERE
    if not rest:
        return Endpoint.DISCOVERY
    match rest.split("/"):
        case [_]:
            return Endpoint.SERVICE
        case [_, "feedback"]:
            return Endpoint.FEEDBACK
        case _:
            return Endpoint.ELSEWHERE


def examine_answer(endpoint: Endpoint, answer: Answer) -> Findings:
    """Return what is wrong with an answer, and the items that it was held against."""
    if answer.status == HTTPStatus.UNAUTHORIZED:
        findings = Findings(examined={"CH-T-03"})
        if answer.body:
            findings.add(Fault("CH-T-03", "the body", "empty: a stranger is told nothing", Level.US))
        return findings
    findings = Findings(examined={"CH-G-06"})
    if answer.status >= HTTPStatus.BAD_REQUEST:
        findings.examined.add("CH-T-05")
        findings.faults += outcome_faults(answer.document)
    elif answer.status == HTTPStatus.OK and endpoint is Endpoint.DISCOVERY:
        findings = _joined(findings, examine_discovery(answer.document))
    elif answer.status == HTTPStatus.OK and endpoint is Endpoint.SERVICE:
        findings = _joined(findings, examine_response(answer.document))
    if answer.body and answer.content_type.partition(";")[0].strip().lower() not in {"application/json", "application/fhir+json"}:
        findings.add(Fault("CH-G-06", "Content-Type", "application/json is expected", Level.US))
    return findings


def _joined(one: Findings, other: Findings) -> Findings:
    return Findings(one.faults + other.faults, one.examined | other.examined)
