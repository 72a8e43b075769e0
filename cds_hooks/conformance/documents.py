"""The faults of whole documents: an answer with cards, an announcement, a call, a batch of feedback, an error."""

from __future__ import annotations

import json
import re

from cds_hooks.conformance.card_rules import hold_response, hold_services
from cds_hooks.conformance.elements import examine
from cds_hooks.conformance.faults import Fault, Findings, Level
from cds_hooks.conformance.invariants import hold_to_rules
from cds_hooks.conformance.tables import tables

_STACK_TRACE = re.compile(r"Traceback \(most recent|\bat [\w.$]+\([\w.]+:\d+\)|File \\?\"[^\"]+\.py")
_SEVERITIES = ("fatal", "error", "warning", "information", "success")


def examine_response(document: object) -> Findings:
    """Return what is wrong with an answer to a call, and which items it was held against."""
    findings = examine(document, "response")
    hold_to_rules(document, "response", findings)
    hold_response(document, findings)
    return findings


def examine_discovery(document: object) -> Findings:
    """Return what is wrong with an announcement, and which items it was held against."""
    findings = examine(document, "services")
    hold_services(document, findings)
    return findings


def response_faults(document: object) -> list[Fault]:
    """Return what is wrong with an answer to a call."""
    return examine_response(document).faults


def discovery_faults(document: object) -> list[Fault]:
    """Return what is wrong with an announcement."""
    return examine_discovery(document).faults


def request_faults(document: object) -> list[Fault]:
    """Return what is wrong with a call; the context is checked where its hook is known."""
    findings = examine(document, "request")
    hold_to_rules(document, "request", findings)
    hook = document.get("hook") if isinstance(document, dict) else None
    if isinstance(document, dict) and isinstance(hook, str) and hook in tables().documents and "context" in document:
        context = examine(document["context"], hook, "context")
        hold_to_rules(document["context"], hook, context)
        findings.faults += context.faults
    return findings.faults


def feedback_faults(document: object) -> list[Fault]:
    """Return what is wrong with a batch of feedback."""
    findings = examine(document, "feedback")
    hold_to_rules(document, "feedback", findings)
    return findings.faults


def outcome_faults(document: object) -> list[Fault]:
    """Return what is wrong with the body of an error."""
    if not isinstance(document, dict) or document.get("resourceType") != "OperationOutcome":
        return [Fault("CH-T-05", "the body", "an OperationOutcome is expected", Level.SHOULD)]
    issues = document.get("issue")
    if not isinstance(issues, list) or not issues:
        return [Fault("CH-T-05", "issue", "an OperationOutcome has an issue", Level.SHOULD)]
    faults = []
    for place, issue in enumerate(issues):
        if not isinstance(issue, dict) or issue.get("severity") not in _SEVERITIES or not issue.get("code"):
            faults.append(Fault("CH-T-05", f"issue[{place}]", "severity and code are required", Level.SHOULD))
        elif _STACK_TRACE.search(json.dumps(issue)):
            faults.append(Fault("CH-T-05", f"issue[{place}]", "a stack trace", Level.SHOULD))
    return faults
