"""A whole run: discovery, then each service, then what all the answers have in common."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from statistics import median
from typing import Final

from cds_hooks.conformance.answers import Answer, Endpoint, examine_answer
from cds_hooks.conformance.checks import callers, feedback, pages, prefetch, requests, templates, transport
from cds_hooks.conformance.documents import examine_discovery
from cds_hooks.conformance.faults import Fault, Findings, Level
from cds_hooks.conformance.items import Item, items
from cds_hooks.conformance.made_up import Json, call_of
from cds_hooks.conformance.report import Row, Verdict
from cds_hooks.conformance.subject import SERVICES, Announced, Line, NotApplicable, Subject, unlike
from cds_hooks.conformance.target import NoAnswer

Check = Callable[[Subject], Iterator[str]]

# The plain call comes first: without an answer to it little else can be tried.
CHECKS: Final[Mapping[str, Check]] = {
    **requests.CHECKS,
    **transport.CHECKS,
    **templates.CHECKS,
    **prefetch.CHECKS,
    **feedback.CHECKS,
    **callers.CHECKS,
    **pages.CHECKS,
}
OF_DISCOVERY: Final = tuple(name for name in items() if name.startswith("CH-D-"))
_REASONS_SHOWN: Final = 5
_ORDER: Final = {name: place for place, name in enumerate(items())}
_LEVELS: Final = (Level.SHALL, Level.SHOULD, Level.US)


@dataclass(frozen=True, slots=True)
class Wishes:
    """What to try: which services (none: all), with which calls and which record, for which page."""

    record: tuple[Json, ...]
    services: tuple[str, ...] = ()
    calls: tuple[Json, ...] = ()
    origin: str = ""


def run(line: Line, wishes: Wishes) -> list[Row]:
    """Return the table. Raises: NoAnswer where discovery gets none."""
    rows, announced = _discover(line)
    chosen = [service for service in announced if not wishes.services or service.id in wishes.services]
    for missing in sorted(set(wishes.services) - {service.id for service in announced}):
        rows.append(_row("", items()["CH-D-01"], [f"{missing} is not announced"]))
    for service in chosen:
        rows += _try_service(service, line, wishes)
    return rows


def _discover(line: Line) -> tuple[list[Row], list[Announced]]:
    answer = line.call("GET", SERVICES)
    wrong = unlike(answer, HTTPStatus.OK)
    rows = [_row("", items()["CH-D-01"], [wrong] if wrong else [])]
    if wrong:
        return rows, []
    findings = examine_discovery(answer.document)
    rows += [_row_of(name, "", findings) for name in OF_DISCOVERY if name not in {"CH-D-01", "CH-D-11"}]
    rows += [_row_of(name, "", findings) for name in ("CH-G-02", "CH-G-03", "CH-E-01")]
    slash = unlike(line.call("GET", f"{SERVICES}/"), HTTPStatus.OK)
    rows.append(_row("", items()["CH-D-11"], [slash] if slash else []))
    return sorted(rows, key=lambda row: _ORDER[row.item]), list(_announced(answer))


def _announced(answer: Answer) -> Iterator[Announced]:
    document = answer.document
    services = document.get("services") if isinstance(document, dict) else None
    for service in services if isinstance(services, list) else []:
        if not isinstance(service, dict) or not isinstance(service.get("id"), str) or not isinstance(service.get("hook"), str):
            continue
        found = service.get("prefetch")
        asked = {key: value for key, value in found.items() if isinstance(value, str)} if isinstance(found, dict) else {}
        yield Announced(service["id"], service["hook"], str(service.get("version", "")), asked)


def _try_service(service: Announced, line: Line, wishes: Wishes) -> list[Row]:
    name = f"{service.id} on {service.hook}"
    begun = len(line.heard)
    given = [call for call in wishes.calls if call.get("hook") == service.hook]
    subject = Subject(service, line, given or [call_of(service.hook, service.prefetch, wishes.record)], wishes.origin)
    rows = [_tried(subject, name, items()[item], check) for item, check in CHECKS.items()]
    heard = line.heard[begun:]
    findings = Findings()
    for endpoint, answer in heard:
        found = examine_answer(endpoint, answer)
        findings.faults += found.faults
        findings.examined |= found.examined
    active = {row.item for row in rows}
    rows += [_row_of(item.id, name, findings) for item in items().values() if item.from_answers and item.id not in active]
    rows = [_joined(row, findings) for row in rows]
    rows.append(
        _speed(name, [answer for endpoint, answer in heard if endpoint is Endpoint.SERVICE and answer.status == HTTPStatus.OK])
    )
    return sorted(rows, key=lambda row: _ORDER[row.item])


def _tried(subject: Subject, service: str, item: Item, check: Check) -> Row:
    try:
        return _row(service, item, list(check(subject)))
    except NotApplicable as why:
        return Row(service, item.id, item.level, item.what, Verdict.NOT_APPLICABLE, str(why))
    except NoAnswer as why:
        return _row(service, item, [f"no answer: {why}"])


def _joined(row: Row, findings: Findings) -> Row:
    """Return the row of an item that was asked for, made to fail where some other answer broke the same item."""
    item = items()[row.item]
    if item.from_answers or row.verdict is Verdict.FAILED or row.item not in {fault.item for fault in findings.faults}:
        return row
    return _row_of(row.item, row.service, findings)


def _row_of(name: str, service: str, findings: Findings) -> Row:
    item = items()[name]
    faults = [fault for fault in findings.faults if fault.item == name]
    if not faults and name not in findings.examined:
        return Row(service, name, item.level, item.what, Verdict.NOT_APPLICABLE, "nothing of it was in the answers")
    level = min((fault.level for fault in faults), key=_LEVELS.index, default=item.level)
    return _row(service, item, [_told(fault) for fault in faults], level)


def _told(fault: Fault) -> str:
    return f"{fault.where}: {fault.what}"


def _row(service: str, item: Item, wrong: list[str], level: Level | None = None) -> Row:
    different = list(dict.fromkeys(wrong))
    more = len(different) - _REASONS_SHOWN
    reason = "; ".join(different[:_REASONS_SHOWN]) + (f"; and {more} more" if more > 0 else "")
    verdict = Verdict.FAILED if wrong else Verdict.PASSED
    return Row(service, item.id, level or item.level, item.what, verdict, reason, item.hint)


def _speed(service: str, answers: list[Answer]) -> Row:
    item = items()["CH-O-01"]
    if not answers:
        return Row(service, item.id, item.level, item.what, Verdict.NOT_APPLICABLE, "no call was answered")
    milliseconds = [answer.seconds * 1000 for answer in answers]
    said = f"{len(answers)} answers: half of them within {median(milliseconds):.0f} ms, the slowest {max(milliseconds):.0f} ms"
    return Row(service, item.id, item.level, item.what, Verdict.PASSED, said, item.hint)
