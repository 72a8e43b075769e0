"""The commands that look into the knowledge files: check them, show a row, tell what changed when."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import TYPE_CHECKING

from service.assembly import build_service
from service.commands.trials import show_trial, trial_of
from service.commands.words import ANSWERED, positive
from service.errors import KnowledgeError, RequestError
from service.knowledge.changes import changes
from service.knowledge.checks import code_shape, stale
from service.knowledge.checks.talk import talk_rows_without_home
from service.knowledge.complaints import did_you_mean
from service.knowledge.lines import with_lines
from service.knowledge.schema import Verification
from service.terminology.codes import code_fault

if TYPE_CHECKING:
    import argparse

    from service.knowledge.schema import DatedRow, Indication, RiskSystem


def add_knowledge(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands to the words that the command line understands."""
    knowledge = commands.add_parser("knowledge", help="look into the knowledge files").add_subparsers(
        dest="look", required=True, metavar="COMMAND"
    )
    check = knowledge.add_parser("check", help="load everything; list faults, stale and unverified rows")
    check.add_argument(
        "--older-than", type=positive, default=365, metavar="DAYS", help="sources read longer ago are stale; 365 if not given"
    )
    check.set_defaults(run=_check)
    show = knowledge.add_parser("show", help="one therapy, indication, risk system or trial with its dated rows")
    show.add_argument("id", metavar="ID")
    show.set_defaults(run=_show)
    log = knowledge.add_parser("log", help="what changed when: all dated rows, oldest first")
    log.set_defaults(run=_log)


def _check(given: argparse.Namespace) -> int:
    service = build_service()  # raises with every fault
    library = service.rules.library
    if faults := tuple(code_shape.check(library, code_fault)):
        raise KnowledgeError(with_lines(faults, library.paths))
    print(f"knowledge {library.version} ({library.digest}): no faults")
    for old in stale.check(library, date.today(), given.older_than):  # noqa: DTZ011 - the day where the command is given
        print(f"stale: {old}")
    marks = Counter(
        mark for place in library.places if isinstance(mark := getattr(place.row, "verification", None), Verification)
    )
    print("rows by verification: " + ", ".join(f"{mark.name.lower()} {marks[mark]}" for mark in Verification))
    for language, translations in library.translations.items():
        said = f"translated to {language}: {len(translations.texts)} texts"
        print(f"{said}, {translations.waiting} of them not clinically reviewed")
    for row in talk_rows_without_home(library):
        print(f"talk row without a home: {row.id} {row.text}")
    return ANSWERED


def _show(given: argparse.Namespace) -> int:
    library = build_service().rules.library
    wanted = given.id.casefold()
    for therapy in library.therapies.values():
        if wanted in {therapy.product, therapy.short.casefold()}:
            print(f"{therapy.name} ({therapy.product}), {therapy.kind}, target {therapy.target}")
            for indication in therapy.indications:
                _show_indication(indication)
            return ANSWERED
        for indication in therapy.indications:
            if wanted == indication.id.casefold():
                print(f"{therapy.name} ({therapy.product})")
                _show_indication(indication)
                return ANSWERED
    for system in library.risk_systems.values():
        if wanted == system.system.casefold():
            _show_system(system)
            return ANSWERED
    if (trial := trial_of(library.trials, wanted)) is not None:
        show_trial(trial)
        return ANSWERED
    known = [
        *library.therapies,
        *(row.id for found in library.therapies.values() for row in found.indications),
        *library.risk_systems,
        *library.trials,
    ]
    raise RequestError(
        "there is no therapy, indication, risk system or trial of this name", where="ID", hint=did_you_mean(given.id, known)
    )


def _dates(row: DatedRow) -> str:
    end = f" to {row.until}" if row.until else ""
    window = f", uncertain from {row.uncertain_from}" if row.uncertain_from else ""
    return f"from {row.effective}{end}{window}, recorded {row.recorded}"


def _show_indication(indication: Indication) -> None:
    print(f"\n{indication.id} {indication.regulator}: {indication.says}")
    for version in indication.versions:
        print(f"  {_dates(version)}: {version.status} [{version.verification.value}], sources {', '.join(version.sources)}")
        for criterion in version.criteria:
            print(f"    {criterion.id}: {criterion.text} [{criterion.verification.value}]")
        for text in version.unverified:
            print(f"    not verified: {text}")
        for text in version.interpretation:
            print(f"    our reading: {text}")


def _show_system(system: RiskSystem) -> None:
    print(f"{system.system}: {system.title}. {system.population}")
    for version in system.versions:
        print(f"  {_dates(version)} [{version.verification.value}], sources {', '.join(version.sources)}")
        for row in version.rows:
            print(f"    {row.id}: {', '.join(f'{name} {limit}' for name, limit in row.when.items())} => {row.then}")


def _log(_given: argparse.Namespace) -> int:
    for change in changes(build_service().rules.library):
        print(f"{change.day} {change.line}")
    return ANSWERED
