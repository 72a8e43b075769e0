"""The command: tries the service at an address and prints the table.

Exit codes: 0 nothing failed, 1 something did, 2 wrong usage or an unusable file, 5 the service does not answer.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from cds_hooks.conformance.made_up import Json, made_up_record, record_of
from cds_hooks.conformance.report import FORMATS, failed
from cds_hooks.conformance.run import Wishes, run
from cds_hooks.conformance.signing import Signer, read_key
from cds_hooks.conformance.subject import Line
from cds_hooks.conformance.target import NoAnswer, Target

_FAILED, _USAGE, _SILENT = 1, 2, 5


def parser() -> argparse.ArgumentParser:
    """Return what the command understands."""
    words = argparse.ArgumentParser(
        prog="python -m cds_hooks.conformance", description="Tries whether a CDS Hooks service keeps to the protocol."
    )
    words.add_argument("--base", required=True, help="address in front of /cds-services; nothing is sent anywhere else")
    words.add_argument("--service", action="append", default=[], metavar="ID", help="a service to try; all if none is named")
    words.add_argument("--request", nargs="+", default=[], type=Path, metavar="FILE", help="calls to use instead of made-up ones")
    words.add_argument("--patient", type=Path, metavar="BUNDLE", help="a test patient to fill prefetch with")
    words.add_argument("--key", type=Path, help="private key of a client that the service knows: a JSON Web Key or PEM")
    words.add_argument("--issuer", default="", help="its iss")
    words.add_argument("--kid", default="", help="the name of its key")
    words.add_argument("--jku", default="", help="where its keys lie, if tokens say so")
    words.add_argument("--audience", default="", metavar="BASE", help="the address that tokens are made for; --base if not given")
    words.add_argument("--origin", default="", help="a page that may read the answers, to try CORS")
    words.add_argument("--timeout", type=float, default=10.0, help="seconds to wait for an answer")
    words.add_argument("--strict", action="store_true", help="fail on recommendations and rules of the list too")
    words.add_argument("--format", choices=sorted(FORMATS), default="text")
    return words


def main(arguments: Sequence[str] | None = None) -> int:
    """Return the exit code; the table goes to standard output."""
    words = parser()
    asked = words.parse_args(arguments)
    try:
        line = Line(Target(asked.base, asked.timeout), _signer(asked))
        wishes = Wishes(
            record=record_of(_read(asked.patient)) if asked.patient else made_up_record(),
            services=tuple(asked.service),
            calls=tuple(_call(path) for path in asked.request),
            origin=asked.origin,
        )
    except (OSError, ValueError) as error:
        sys.stderr.write(f"{words.prog}: {error}\n")
        return _USAGE
    try:
        rows = run(line, wishes)
    except NoAnswer as error:
        sys.stderr.write(f"{words.prog}: {asked.base} does not answer: {error}\n")
        return _SILENT
    sys.stdout.write(FORMATS[asked.format](rows))
    return _FAILED if failed(rows, strict=asked.strict) else 0


def _signer(asked: argparse.Namespace) -> Signer | None:
    if asked.key is None:
        return None
    if not asked.issuer or not asked.kid:
        raise ValueError("a key is used with --issuer and --kid")
    return Signer(
        key=read_key(asked.key.read_bytes()),
        issuer=asked.issuer,
        kid=asked.kid,
        audience=(asked.audience or asked.base).rstrip("/"),
        now=lambda: datetime.now(tz=UTC),
        jku=asked.jku,
    )


def _read(path: Path) -> object:
    try:
        document: object = json.loads(path.read_bytes())
    except ValueError:
        raise ValueError(f"{path}: no JSON") from None
    return document


def _call(path: Path) -> Json:
    document = _read(path)
    if not isinstance(document, dict) or "hook" not in document:
        raise ValueError(f"{path}: a call of a hook is needed")
    return document


if __name__ == "__main__":
    sys.exit(main())
