"""The faults of single members: there or not, one or many, of which type."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from cds_hooks.conformance.faults import Fault, Findings, Level
from cds_hooks.conformance.tables import Element, Table, tables

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_URL = re.compile(r"[a-z][a-z0-9+.\-]*://[^\s/]+\S*", re.IGNORECASE)
_TYPED_ID = re.compile(r"[A-Z][A-Za-z]+/[A-Za-z0-9._\-]+")
_ID = re.compile(r"[A-Za-z0-9._\-]+")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+\-]\d\d:\d\d)")
_MANY = "*"


def examine(document: object, kind: str, root: str = "") -> Findings:
    """Return the faults of the members of a document, against the table of its kind."""
    table = tables().documents[kind]
    findings = Findings(examined={"CH-G-02", "CH-G-03"})
    if not isinstance(document, dict):
        first = table.elements[0]
        findings.add(Fault(first.item, root or "the document", "an object is required"))
        return findings
    _object(document, table, "", root, findings)
    return findings


def is_empty(value: object) -> bool:
    """Whether there is nothing in a value: null, or nothing but blanks, or no part."""
    return value is None or (isinstance(value, str) and not value.strip()) or (isinstance(value, list | dict) and not value)


def _object(value: dict[str, object], table: Table, path: str, at: str, findings: Findings) -> None:
    known = table.below.get(path, ())
    for element in known:
        where = f"{at}.{element.name}" if at else element.name
        if element.name not in value:
            if element.required:
                findings.add(Fault(element.item, where, "required"))
            continue
        findings.examined.add(element.item)
        _member(value[element.name], element, table, where, findings)
    _extension(value, at, findings)
    names = {element.name for element in known}
    for name, part in value.items():
        if name not in names:
            _fill(part, f"{at}.{name}" if at else name, findings)


def _member(value: object, element: Element, table: Table, where: str, findings: Findings) -> None:
    if is_empty(value) and not (element.may_be_empty and isinstance(value, list)):
        if element.required:
            findings.add(Fault(element.item, where, "required, and null or empty"))
        else:
            findings.add(Fault("CH-G-02" if value is None else "CH-G-03", where, "left out where there is no value"))
    elif element.keyed:
        _by_key(value, element, table, where, findings)
    elif element.max == _MANY:
        if not isinstance(value, list):
            findings.add(Fault(element.item, where, "an array is expected"))
            return
        for place, part in enumerate(value):
            _one(part, element, table, f"{where}[{place}]", findings)
    else:
        _one(value, element, table, where, findings)


def _by_key(value: object, element: Element, table: Table, where: str, findings: Findings) -> None:
    inner = next(child for child in table.below[element.path] if child.name == "value")
    if not isinstance(value, dict):
        findings.add(Fault(element.item, where, "an object is expected"))
        return
    for key, part in value.items():
        if not (part is None and inner.may_be_null):
            _one(part, inner, table, f"{where}.{key}", findings)


def _one(value: object, element: Element, table: Table, where: str, findings: Findings) -> None:
    if value is None:
        findings.add(Fault("CH-G-02", where, "null"))
        return
    path = element.like or element.path
    if element.type == "object":
        if isinstance(value, dict):
            _object(value, table, path, where, findings)
        else:
            findings.add(Fault(element.item, where, "an object is expected"))
        return
    if element.type == "Coding":
        _coding(value, element, where, findings)
        return
    if element.type == "Resource" and isinstance(value, str):
        return  # an old way to name what is deleted, or a fault that only the kind of action can tell
    fault = _type_fault(value, element)
    if fault is not None:
        what, level = fault
        findings.add(Fault(element.item, where, what, level))
    elif element.codes and value not in tables().codes[element.codes]:
        findings.add(Fault(element.item, where, f"one of {', '.join(tables().codes[element.codes])}"))
    elif element.longest and isinstance(value, str) and len(value) > element.longest:
        findings.add(Fault(element.item, where, f"{element.longest} characters at most"))


def _coding(value: object, element: Element, where: str, findings: Findings) -> None:
    if not isinstance(value, dict):
        findings.add(Fault(element.item, where, "an object is expected"))
        return
    for name in ("code", "system"):
        if not isinstance(value.get(name), str) or is_empty(value[name]):
            findings.add(Fault(element.item, f"{where}.{name}", "a text is required"))
    if not isinstance(value.get("display", ""), str):
        findings.add(Fault(element.item, f"{where}.display", "a text is expected"))
    for name, part in value.items():
        if name not in {"code", "system"}:
            _fill(part, f"{where}.{name}", findings)


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


_TYPES: Final[Mapping[str, tuple[Callable[[object], bool], str]]] = {
    "string": (_is_text, "a text is expected"),
    "markdown": (_is_text, "a text is expected"),
    "code": (_is_text, "a text is expected"),
    "uri": (_is_text, "a text is expected"),
    "url": (_is_text, "a text is expected"),
    "uuid": (_is_text, "a text is expected"),
    "id": (lambda value: isinstance(value, str) and bool(_ID.fullmatch(value)), "a bare id is expected"),
    "boolean": (lambda value: isinstance(value, bool), "a boolean is expected"),
    "integer": (lambda value: isinstance(value, int) and not isinstance(value, bool), "a whole number is expected"),
    "instant": (lambda value: isinstance(value, str) and bool(_INSTANT.fullmatch(value)), "an RFC 3339 instant is expected"),
    "Resource": (lambda value: isinstance(value, dict) and _is_text(value.get("resourceType")), "a whole FHIR resource"),
    "Bundle": (lambda value: isinstance(value, dict) and value.get("resourceType") == "Bundle", "a Bundle is expected"),
    "CDSHookContext": (lambda value: isinstance(value, dict), "an object is expected"),
}  # fmt: skip


def _type_fault(value: object, element: Element) -> tuple[str, Level] | None:
    fits, what = _TYPES[element.type]
    if not fits(value):
        return what, Level.SHALL
    text = str(value)
    if element.type == "uuid" and not _UUID.fullmatch(text.removeprefix("urn:uuid:")):
        return "a UUID is expected by the models, a text by the specification", Level.US
    if element.type == "url":
        if element.relative and not _TYPED_ID.fullmatch(text):
            return "Type/id is expected", Level.SHALL
        if not element.relative and not _URL.fullmatch(text):
            return "an absolute address is expected", Level.SHALL
    return None


def _extension(value: dict[str, object], at: str, findings: Findings) -> None:
    if "extension" not in value:
        return
    findings.examined.add("CH-E-01")
    if not isinstance(value["extension"], dict):
        findings.add(Fault("CH-E-01", f"{at}.extension" if at else "extension", "an object is expected"))


def _fill(value: object, where: str, findings: Findings) -> None:
    """Take every null and empty part of what no table describes, however deep it is nested."""
    waiting = [(value, where)]
    while waiting:
        part, at = waiting.pop()
        if is_empty(part):
            findings.add(Fault("CH-G-02", at, "null or empty"))
        elif isinstance(part, dict):
            waiting += [(inner, f"{at}.{name}") for name, inner in part.items()]
        elif isinstance(part, list):
            waiting += [(inner, f"{at}[{place}]") for place, inner in enumerate(part)]
