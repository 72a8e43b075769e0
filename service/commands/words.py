"""What the commands share: exit codes, complaints, doubts, files given by name, and numbers given as words."""

from __future__ import annotations

import argparse
import difflib
import gzip
import sys
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

from service.assembly import QUESTION_PARAMETERS, load_registry, read_question
from service.errors import KnowledgeError, NotJson, OutOfTime, RecordError, RequestError, ServiceError, StoreError, UpstreamError
from service.knowledge.registry import NOTHING_SEEN

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from service.consultation import Question
    from service.knowledge.registry import Registry
    from service.settings import Settings

ANSWERED, WRONG_USAGE, KNOWLEDGE_FAULTY, RECORD_UNUSABLE, UPSTREAM_FAILED, STORE_FAILED = 0, 2, 3, 4, 5, 6

_GZIP = b"\x1f\x8b"  # no JSON begins so

EXIT_CODES: dict[type[ServiceError], int] = {
    KnowledgeError: KNOWLEDGE_FAULTY,
    RecordError: RECORD_UNUSABLE,
    RequestError: WRONG_USAGE,
    OutOfTime: RECORD_UNUSABLE,
    UpstreamError: UPSTREAM_FAILED,
    StoreError: STORE_FAILED,
}
"""The nearest class in the tree of an error decides."""


def exit_code_of(error: ServiceError) -> int:
    """Return the exit code of an error."""
    return next((EXIT_CODES[kind] for kind in type(error).__mro__ if kind in EXIT_CODES), RECORD_UNUSABLE)


def complain(error: ServiceError, name: str = "") -> None:
    """Say on standard error what went wrong, where, and what may help."""
    where = ": ".join(part for part in (name, error.where) if part)
    hint = f" ({error.hint})" if error.hint else ""
    print(f"all-cds: {where}: {error.message}{hint}" if where else f"all-cds: {error.message}{hint}", file=sys.stderr)


def add_question(command: argparse.ArgumentParser) -> None:
    """Add the options that ask a question of records to a command."""
    command.add_argument("--as-of", metavar="DATE", help="the day that is asked about; today if not given")
    command.add_argument("--known-by", metavar="DATE", help="use only what the knowledge files held by that day")
    command.add_argument("--regulators", metavar="LIST", help="whose labels: EMA, FDA, AEMPS, separated by commas")
    command.add_argument("--country", metavar="CODE", help="ISO 3166 code")
    command.add_argument(
        "--site-group", metavar="NAME", help="study group of the centre, for trials whose limits differ by group; see README.md"
    )


def question_asked(given: argparse.Namespace, settings: Settings, today: date) -> Question:
    """Return the question that the options ask. Raises: RequestError naming the option that cannot be used."""
    asked = {name: value for name in QUESTION_PARAMETERS if (value := getattr(given, name, None)) is not None}
    try:
        return read_question(asked, settings, today)
    except RequestError as error:
        raise RequestError(error.message, where="--" + error.where.replace("_", "-"), hint=error.hint) from None


def seen_of_trials(settings: Settings) -> Registry:
    """Return what was seen of trials; a store that fails is complained of, and leaves the sightings of our files."""
    try:
        return load_registry(settings)
    except StoreError as error:
        complain(error)
        return NOTHING_SEEN


def doubt_site_group(word: str, named: Iterable[str]) -> None:
    """Say on standard error where a study group is nearly one that trials name; any other word is taken as it is."""
    by_word = {group.casefold(): group for group in named}
    near = difflib.get_close_matches(word.casefold(), by_word, n=1)
    if near and word.casefold() not in by_word:
        hint = f"did you mean {by_word[near[0]]!r}?"
        complain(RequestError(f"no trial on file names {word}", where="--site-group", hint=hint))


def read_file(name: str) -> bytes:
    """Return the bytes of a file, inflated where they are gzip; - is standard input. Raises: RequestError, NotJson."""
    try:
        body = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as error:
        raise RequestError(f"the file cannot be read: {error.strerror}") from None
    if not body.startswith(_GZIP):
        return body
    try:
        return gzip.decompress(body)
    except (OSError, EOFError, zlib.error):
        raise NotJson("the file is not whole gzip") from None


def whole_number(text: str) -> int:
    """Return a whole number from 0."""
    if not _is_number(text):
        raise argparse.ArgumentTypeError("a number from 0 is expected")
    return int(text)


def positive(text: str) -> int:
    """Return a whole number from 1."""
    if not _is_number(text) or int(text) < 1:
        raise argparse.ArgumentTypeError("a number from 1 is expected")
    return int(text)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()
