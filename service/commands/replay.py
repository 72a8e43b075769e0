"""The command that makes a kept assessment again: as of then, and as it would be today, with the reasons."""

from __future__ import annotations

import sys
from dataclasses import asdict, replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import orjson

from service.assembly import build_service, load_registry
from service.commands.words import ANSWERED
from service.errors import RequestError
from service.explanations.finding import all_records, find_assessment
from service.explanations.replay import replay
from service.settings import read_settings

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from service.explanations.differences import Change
    from service.explanations.replay import Replay

_PARTS_SHOWN = 6


def add_replay(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the words that the command line understands."""
    replayed = commands.add_parser("replay", help="make a kept assessment again, and say what would differ today and why")
    replayed.add_argument("address", metavar="ADDRESS", help="the address of a kept assessment, or the link of a card")
    replayed.add_argument("--format", choices=("text", "json"), default="text", help="text: for people")
    replayed.set_defaults(run=_replay)


def _replay(given: argparse.Namespace) -> int:
    settings = read_settings()
    if not settings.encryption_keys:
        raise RequestError("no key is set, so nothing kept can be opened", where="ALL_CDS_ENCRYPTION_KEYS")
    kept = find_assessment(settings, given.address, datetime.now(tz=UTC))
    if kept is None:
        raise RequestError("nothing is kept under this address", where="ADDRESS", hint="it is not one, or it has expired")
    registry = load_registry(settings)
    service = replace(build_service(settings), registry=lambda: registry)
    today = date.today()  # noqa: DTZ011 - the day where the command is given
    found = replay(kept, service, today, all_records(settings))
    if given.format == "json":
        sys.stdout.write(orjson.dumps(_document(found), option=orjson.OPT_INDENT_2).decode() + "\n")
    else:
        _write_text(found)
    return ANSWERED


def _document(found: Replay) -> dict[str, object]:
    return {
        "service": found.kept.service,
        "hook": found.kept.hook,
        "asOf": found.answered["asOf"],
        "knownBy": found.answered["knownBy"],
        "today": found.today,
        "knowledge": {"then": found.answered["knowledge"], "today": found.digest, "same": found.same_knowledge},
        "registryWhole": found.registry_whole,
        "asOfThen": {"same": found.same_then, "changes": [asdict(change) for change in found.again]},
        "untilToday": [
            {"cause": step.cause, "says": step.says, "changes": [asdict(change) for change in step.changes]}
            for step in found.steps
        ],
    }


def _write_text(found: Replay) -> None:
    answered = found.answered
    print(f"{found.kept.service}, {found.kept.hook}: answered as of {answered['asOf']}, known by {answered['knownBy']}")
    if found.same_then:
        print("made again as of then: the same assessment, to the last word")
    else:
        print("made again as of then: NOT the same assessment")
        _write_changes(found.again)
    if not found.same_knowledge:
        print(f"the knowledge files have changed: {answered['knowledge']['digest']} then, {found.digest} today")
    elif not found.same_then and found.registry_whole:
        print("the knowledge files are the same: the service itself works differently")
    if not found.registry_whole:
        print("what was seen of trials then is not all in the store any more: trials may differ for this reason")
    print(f"\nas of today, {found.today}:")
    if not any(step.changes for step in found.steps):
        print("the same")
    for step in found.steps:
        if step.changes:
            print(f"because of {step.says}:")
            _write_changes(step.changes)


def _write_changes(changes: Sequence[Change]) -> None:
    for change in changes:
        parts = ", ".join(change.parts[:_PARTS_SHOWN]) + (", …" if len(change.parts) > _PARTS_SHOWN else "")
        came = change.after if change.before == change.after else f"{change.before} → {change.after}"
        print(f"  {change.kind} {change.name}: {came}" + (f" ({parts})" if parts else ""))
