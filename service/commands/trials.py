"""The commands about the trial registry: fetch what it says, and tell what is open, stale or changed."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from datetime import date
from typing import TYPE_CHECKING

from service.assembly import build_service, load_registry, open_store, registry_client
from service.commands.words import ANSWERED, whole_number
from service.errors import RequestError
from service.knowledge.registry import STUDY_NUMBER
from service.knowledge.registry_curated import curated_numbers, curated_studies
from service.registry_status import status_rows
from service.settings import read_settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from service.decisions.recruitment import OpenWord
    from service.knowledge.trial_rows import Trial, TrialCriterion
    from service.registry_status import StatusRow, Text
    from service.registry_sync import SyncReport


_WORDS: dict[OpenWord, str] = {
    "yes": "open",
    "not-yet": "not yet open",
    "no": "closed",
    "stale": "stale",
    "unknown": "unknown",
}

_TEXTS: dict[Text, str] = {
    "same": "criteria text as encoded",
    "as first fetched": "criteria text as first fetched",
    "changed": "criteria text CHANGED since it was encoded: needs a curator",
    "not compared": "criteria text not compared",
}


def add_trials(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands to the words that the command line understands."""
    trials = commands.add_parser("trials", help="ask the trial registry, list what it said").add_subparsers(
        dest="look", required=True, metavar="COMMAND"
    )
    sync = trials.add_parser("sync", help="store what the registry says today about the encoded trials, or about these")
    sync.add_argument("numbers", nargs="*", metavar="NCT", help="registry numbers; all encoded trials if not given")
    sync.add_argument("--discover", action="store_true", help="also look for trials that nobody has encoded yet")
    sync.set_defaults(run=_sync)
    status = trials.add_parser("status", help="what is open, closed or stale, and whose criteria text has changed")
    status.add_argument(
        "--stale-days", type=whole_number, metavar="N", help="older sightings are stale; ALL_CDS_SIGHTING_STALE_DAYS if not given"
    )
    status.set_defaults(run=_status)


# ---------------------------------------------------------------- sync


def _sync(given: argparse.Namespace) -> int:
    settings = read_settings()
    named = _numbers(given.numbers)
    encoded = () if named and not given.discover else curated_numbers(build_service(settings).rules.library.trials.values())
    numbers = named or encoded
    if not numbers and not given.discover:
        raise RequestError("no encoded trial has a registry number", where="NCT", hint="name numbers, or use --discover")
    from tqdm import tqdm  # noqa: PLC0415 - the server and the other commands need neither a bar nor HTTP

    from service.clients.registry import discovery  # noqa: PLC0415
    from service.registry_sync import Sync  # noqa: PLC0415

    store = open_store(settings)
    today = date.today()  # noqa: DTZ011 - the day where the command is given
    # None: no bar where nobody is looking.
    with tqdm(total=len(numbers), desc="trial registry", unit=" studies", file=sys.stderr, disable=None, leave=False) as bar:
        report = Sync(registry_client(settings), store, today, progress=bar.update).run(
            numbers, discovery() if given.discover else None
        )
    _tell(report, today, frozenset(encoded))
    if report.failure is not None:
        raise report.failure
    if named and any(problem.kind in {"no-such-number", "refused"} for problem in report.problems):
        raise RequestError("not every number named is a study of the registry", where="NCT")
    return ANSWERED


def _numbers(words: Iterable[str]) -> tuple[str, ...]:
    """Return the numbers, each once. Raises: RequestError naming the first that is none."""
    numbers = tuple(dict.fromkeys(word.strip().upper() for word in words))
    for number in numbers:
        if not STUDY_NUMBER.fullmatch(number):
            raise RequestError(f"{number[:20]} is not a registry number", where="NCT", hint="NCT and eight digits are expected")
    return numbers


def _tell(report: SyncReport, today: date, encoded: frozenset[str]) -> None:
    for problem in report.problems:
        print(f"all-cds: {problem.text}", file=sys.stderr)
    for record in report.discovered:
        if record.nct_id not in encoded:
            print(f"not encoded: {record.nct_id} {record.status} {record.title}")
    of_when = f"; the registry's data are of {report.data_timestamp}" if report.data_timestamp else ""
    print(
        f"{report.saved} stored as seen on {today}, {report.asked} asked for, {len(report.discovered)} discovered, "
        f"{len(report.problems)} with a problem{of_when}"
    )


# ---------------------------------------------------------------- status


def _status(given: argparse.Namespace) -> int:
    settings = read_settings()
    stale_days = settings.sighting_stale_days if given.stale_days is None else given.stale_days
    today = date.today()  # noqa: DTZ011 - the day where the command is given
    trials = build_service(settings).rules.library.trials.values()
    curated = {study.number: study for study in curated_studies(trials, today)}
    rows = status_rows(load_registry(settings), curated, today, stale_days)
    for row in rows:
        print(f"{row.number} {_WORDS[row.open]:12} {_seen(row):44} {_TEXTS[row.text]}; {row.name}".rstrip("; "))
    counts = Counter(row.open for row in rows)
    told = ", ".join(f"{counts[word]} {said}" for word, said in _WORDS.items())
    changed = sum(row.text == "changed" for row in rows)
    print(f"{len(rows)} studies on {today}, stale after {stale_days} days: {told}; {changed} with changed criteria text")
    return ANSWERED


def _seen(row: StatusRow) -> str:
    if row.sighting is None:
        return "never seen"
    status = row.sighting.status + (f" (before {row.last_known})" if row.last_known else "")
    if row.sighting.day is None:
        return f"{status} on an unknown day"
    older = row.sighting.true_on != row.sighting.day
    return f"{status} {row.sighting.day}" + (f" (data of {row.sighting.true_on})" if older else "")


# ---------------------------------------------------------------- one trial


def trial_of(trials: Mapping[str, Trial], wanted: str) -> Trial | None:
    """Return the trial of this id, number or name in small letters; a part of a name where one trial only has it, else None."""
    for trial in trials.values():
        if wanted in {trial.id.casefold(), trial.name.casefold(), *(row.number.casefold() for row in trial.numbers)}:
            return trial
    found = [trial for trial in trials.values() if wanted in trial.name.casefold()]
    return found[0] if len(found) == 1 else None


def show_trial(trial: Trial) -> None:
    """Write a trial with its numbers, what was seen of its recruitment, and each text with its criteria and their provenance."""
    print(f"{trial.name} ({trial.id}): {trial.title}")
    for row in trial.numbers:
        print(f"  {row.registry} {row.number} [{row.verification.value}]")
    for sighting in trial.sightings:
        seen = f"seen {sighting.seen}" if sighting.seen else "seen on an unknown day"
        where = f" in {sighting.country}" if sighting.country else ""
        print(
            f"  {sighting.status}{where}, {seen} [{sighting.verification.value}], sources {', '.join(sighting.sources) or 'none'}"
        )
    print(f"  exclusions: {trial.exclusions}")
    for version in trial.versions:
        print(f"\n  text seen {version.seen or 'on an unknown day'}, recorded {version.recorded}")
        _show_criteria(version.criteria, "    ")
        for arm in version.arms:
            print(f"    {arm.id} {arm.name} [{arm.provenance}]: {arm.text}")
            _show_criteria(arm.criteria, "      ")


def _show_criteria(rows: Iterable[TrialCriterion], margin: str) -> None:
    for row in rows:
        how = "asked of a clinician" if row.ask else row.kind
        print(f"{margin}{row.id} ({how}) {row.text} [{row.provenance}]")
