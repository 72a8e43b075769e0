"""The command about feedback: what became of the cards that were shown."""

from __future__ import annotations

import argparse
import csv
import sys
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING

from service.assembly import build_service, read_answers
from service.commands.words import ANSWERED
from service.errors import RequestError, SealBroken
from service.explanations.comments import open_comment
from service.explanations.keys import vault_of
from service.feedback_counts import TooOften, count, subjects_of
from service.settings import read_settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from service.feedback_counts import Counts, Tally
    from service.settings import Settings
    from service.stores.kept import GivenFeedback

_COLUMNS = ("by", "name", "shown", "accepted", "accepted_unnamed", "overridden", "untold", "reasons", "overridden_too_often")
_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


def add_feedback(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the words that the command line understands."""
    feedback = commands.add_parser("feedback", help="what users did with the cards").add_subparsers(
        dest="look", required=True, metavar="COMMAND"
    )
    report = feedback.add_parser(
        "report", help="shown, accepted and overridden cards by rule, by product or trial, and by client"
    )
    report.add_argument("--since", type=_day, metavar="DATE", help="only cards shown since the beginning of this day, UTC")
    report.add_argument("--format", choices=("text", "csv"), default="text", help="text: for people; csv: one line a row")
    report.add_argument(
        "--comments", action="store_true", help="print what users typed too, where a key opens it; it may name a patient"
    )
    report.set_defaults(run=_report)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError("a date is expected, such as 2026-11-22") from None


def _report(given: argparse.Namespace) -> int:
    settings = read_settings()
    if given.comments and given.format != "text":
        raise RequestError("what users typed is printed as text only", where="--comments", hint="leave out --format csv")
    since = datetime.combine(given.since or date.min, time(), tzinfo=UTC)
    log = read_answers(settings)
    stories = log.stories(since) if log is not None else ()
    orphans = log.orphans(since) if log is not None else 0
    library = build_service(settings).rules.library
    today = date.today()  # noqa: DTZ011 - the day where the command is given
    too_often = TooOften.of(library, today)
    counts = count(stories, subjects_of(library), too_often)
    if given.format == "csv":
        _write_csv(counts, orphans)
    else:
        _write_text(counts, orphans, too_often)
        if given.comments:
            _write_comments(log.comments(since) if log is not None else (), settings)
        if not settings.keep_answers:
            print("all-cds: ALL_CDS_KEEP_ANSWERS is not set: the service keeps nothing new", file=sys.stderr)
    return ANSWERED


def _sections(counts: Counts) -> Iterator[tuple[str, Mapping[str, Tally]]]:
    yield "rule", counts.rules
    yield "product or trial", counts.subjects
    yield "client", counts.clients


def _write_text(counts: Counts, orphans: int, too_often: TooOften) -> None:
    print(f"{_told(counts.total)}; {orphans} told of that are none of ours")
    for by, tallies in _sections(counts):
        if tallies:
            print(f"\nby {by}")
        for name, tally in tallies.items():
            print(f"  {_plain(name)}: {_told(tally)}")
    share, least = f"{too_often.from_percent.normalize():f}", too_often.least_cards
    print(f"\noverridden on {share} % of at least {least} cards: {', '.join(map(_plain, counts.too_often)) or 'no rule'}")


def _write_comments(commented: Sequence[GivenFeedback], settings: Settings) -> None:
    """Write the words of users, which the store holds sealed."""
    vault = vault_of(settings)
    print(f"\nin their own words, {len(commented)} times")
    for item in commented:
        try:
            words = _plain(open_comment(item, vault)) if vault is not None else "sealed: no key is set"
        except SealBroken:
            words = "sealed: none of the keys that are set opens it"
        print(f"  {item.given_at:%Y-%m-%d} {item.outcome} {item.card}: {words}")


def _told(tally: Tally) -> str:
    unnamed = f" ({tally.unnamed} without saying what)" if tally.unnamed else ""
    reasons = f" ({_reasons(tally)})" if tally.reasons else ""
    return (
        f"{tally.shown} shown, {tally.accepted} accepted{unnamed}, {tally.overridden} overridden{reasons}, "
        f"{tally.untold} without feedback"
    )


def _reasons(tally: Tally) -> str:
    ordered = sorted(tally.reasons.items(), key=lambda row: (-row[1], row[0]))
    return ", ".join(f"{_plain(reason)} {seen}" for reason, seen in ordered)


def _plain(name: str) -> str:
    """Return a name that came from outside so that a terminal shows it and does nothing else."""
    return "".join(sign if sign.isprintable() else " " for sign in name)


def _write_csv(counts: Counts, orphans: int) -> None:
    lines = csv.writer(sys.stdout, lineterminator="\n")
    lines.writerow(_COLUMNS)
    lines.writerow(("all", "", *_numbers(counts.total), ""))
    for by, tallies in _sections(counts):
        for name, tally in tallies.items():
            often = ("yes" if name in counts.too_often else "no") if by == "rule" else ""
            lines.writerow((by, _cell(name), *_numbers(tally), often))
    lines.writerow(("none of ours", "", orphans, *("" for _ in _COLUMNS[3:])))


def _numbers(tally: Tally) -> tuple[object, ...]:
    return tally.shown, tally.accepted, tally.unnamed, tally.overridden, tally.untold, _cell(_reasons(tally))


def _cell(text: str) -> str:
    """Return a text that a spreadsheet does not take for a formula."""
    return f"'{text}" if text.startswith(_FORMULA_SIGNS) else _plain(text)
