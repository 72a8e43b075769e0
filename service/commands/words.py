"""What the commands share: exit codes, complaints, files given by name, and numbers given as words."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from service.errors import KnowledgeError, OutOfTime, RecordError, RequestError, ServiceError, StoreError, UpstreamError

ANSWERED, WRONG_USAGE, KNOWLEDGE_FAULTY, RECORD_UNUSABLE, UPSTREAM_FAILED, STORE_FAILED = 0, 2, 3, 4, 5, 6

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


def read_file(name: str) -> bytes:
    """Return the bytes of a file; - is standard input. Raises: RequestError."""
    if name == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(name).read_bytes()
    except OSError as error:
        raise RequestError(f"the file cannot be read: {error.strerror}") from None


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
