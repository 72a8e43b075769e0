"""The command that lists the codes of bundles that nobody understands, and proposes what they may mean."""

from __future__ import annotations

import csv
import sys
import textwrap
from typing import TYPE_CHECKING

from service.assembly import build_service
from service.commands.words import ANSWERED, complain, exit_code_of, positive, read_file
from service.errors import ServiceError
from service.record.unmapped import LONGEST_TEXT, UnmappedCodes
from service.terminology.site_mapping import COMMENT, HEADER, Suggestions

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from service.record.unmapped import UnmappedCode


def add_codes(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the words that the command line understands."""
    codes = commands.add_parser("codes", help="look into the codes of bundles").add_subparsers(
        dest="look", required=True, metavar="COMMAND"
    )
    unmapped = codes.add_parser("unmapped", help="codes that are not understood, the most frequent first")
    unmapped.add_argument("files", nargs="+", metavar="BUNDLE", help="a FHIR R4 bundle, also gzip; - is standard input")
    unmapped.add_argument(
        "--format", choices=("text", "csv"), default="text", help="text: for people; csv: a site mapping to be completed"
    )
    unmapped.add_argument("--most", type=positive, metavar="N", help="no more than N codes")
    unmapped.set_defaults(run=_unmapped)


def _unmapped(given: argparse.Namespace) -> int:
    rules = build_service().rules
    unmapped = UnmappedCodes(rules.vocabulary.terms)
    worst, answered = ANSWERED, False
    for name in given.files:
        try:
            unmapped.add(read_file(name))
            answered = True
        except ServiceError as error:
            complain(error, name)
            worst = max(worst, exit_code_of(error))
    if answered:
        suggestions = Suggestions(rules.vocabulary.terms.names_in, rules.library.value_sets)
        rows = unmapped.listed()
        if given.format == "csv":
            rows = tuple(row for row in rows if row.system and row.code)  # nothing else can stand in a mapping
            _write_proposals(rows[: given.most], suggestions)
        else:
            _write_unmapped(rows[: given.most], suggestions)
        if given.most is not None and len(rows) > given.most:
            print(f"all-cds: {len(rows) - given.most} more", file=sys.stderr)
    return worst


def _write_unmapped(rows: Sequence[UnmappedCode], suggestions: Suggestions) -> None:
    for row in rows:
        code = f"{row.system or '(no system)'}|{row.code}" if row.code else "(no code)"
        perhaps = ", ".join(suggestions.for_words(row.display, is_answer=row.is_answer))
        print(f"{row.seen:6} {code} {_shown(row.display)} [{', '.join(row.places)}]" + (f" perhaps {perhaps}" if perhaps else ""))
    if not rows:
        print("every code is understood")


def _write_proposals(rows: Sequence[UnmappedCode], suggestions: Suggestions) -> None:
    """Write lines that mean nothing until somebody takes the first sign away: a proposal must not become active unread."""
    lines = csv.writer(sys.stdout, lineterminator="")
    lines.writerow(HEADER)
    print()
    for row in rows:
        sys.stdout.write(f"{COMMENT} ")
        best = suggestions.for_words(row.display, is_answer=row.is_answer)[:1]
        lines.writerow((row.system, row.code, *(best or ("",))))
        print(f"  {COMMENT} {_shown(row.display)} {row.seen} x {', '.join(row.places)}")


def _shown(display: str) -> str:
    return f'"{textwrap.shorten(display, LONGEST_TEXT, placeholder="…")}"' if display else "(no display)"
