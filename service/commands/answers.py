"""The command about answers that are kept: deleting those that were kept long enough."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from service.assembly import open_answers, read_answers
from service.commands.words import ANSWERED
from service.settings import read_settings

if TYPE_CHECKING:
    import argparse


def add_answers(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the words that the command line understands."""
    answers = commands.add_parser("answers", help="what is kept of answers").add_subparsers(
        dest="look", required=True, metavar="COMMAND"
    )
    purge = answers.add_parser("purge", help="delete assessments, cards and feedback that were kept long enough")
    purge.set_defaults(run=_purge)


def _purge(_given: argparse.Namespace) -> int:
    settings = read_settings()
    if read_answers(settings) is None:
        print("nothing is kept")
        return ANSWERED
    now = datetime.now(tz=UTC)
    gone = open_answers(settings).purge(now, now - timedelta(days=settings.feedback_days))
    print(f"deleted: {gone.assessments} assessments, {gone.cards} cards, {gone.feedback} rows of feedback")
    return ANSWERED
