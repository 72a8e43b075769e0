"""Everything that the log writer emits while tests run, and whether anything of a patient or a token is in it."""

import json
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from service.web import logs

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
MARKS = ("MARK", "SECRET-TOKEN", "invented-token", "Nadie", "Alguien", "Invented")
SIGNED = "eyJ"  # how every signed token begins
SHORTEST = 8  # a shorter id, such as `aml`, is part of words that have nothing to do with it


def of_patients(document):
    """Names, ids, identifiers and birth dates of the patients anywhere in a document."""
    if isinstance(document, list):
        for part in document:
            yield from of_patients(part)
    elif isinstance(document, dict):
        if document.get("resourceType") == "Patient":
            yield document.get("id")
            yield document.get("birthDate")
            for name in document.get("name", ()):
                yield from (name.get("family"), name.get("text"), *name.get("given", ()))
            yield from (identifier.get("value") for identifier in document.get("identifier", ()))
        yield document.get("access_token")
        for part in document.values():
            yield from of_patients(part)


@cache
def forbidden():
    """What no line of a log may hold."""
    found = set()
    for path in sorted(FIXTURES.glob("*/*.json")):
        found |= {text for text in of_patients(json.loads(path.read_bytes())) if text and len(text) >= SHORTEST}
    return (*MARKS, SIGNED, *sorted(found))


def leaks(line):
    """What of a patient or a token stands in a line; the moment at which it was written is none of it."""
    document = json.loads(line)
    document.pop("timestamp", None)
    text = json.dumps(document, ensure_ascii=False)
    return [word for word in forbidden() if word in text]


@contextmanager
def watched():
    """Give the list to which every line is added while it is watched; lines are written as ever."""
    lines = []
    kept = {name: vars(logs._StandardError)[name] for name in ("info", "error")}

    def collecting(write):
        def collect(self, line):
            lines.append(line)
            write(self, line)

        return collect

    for name, write in kept.items():
        setattr(logs._StandardError, name, collecting(write))
    try:
        yield lines
    finally:
        for name, write in kept.items():
            setattr(logs._StandardError, name, write)
