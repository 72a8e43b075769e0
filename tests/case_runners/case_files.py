"""Case files: YAML, read once, each case with the name under which it is reported."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from yaml.cyaml import CSafeLoader


class _Loader(CSafeLoader):
    """YAML in which only `true` and `false` are truths: `on` is a key and `no` a word."""


_Loader.yaml_implicit_resolvers = {
    sign: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:bool"]
    for sign, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("true|false"), list("tf"))

CASES = Path(__file__).resolve().parents[1] / "cases"


def case_files(folder: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield file name and content of each case file in a folder of `tests/cases`; the content is shared, so nobody changes it."""
    yield from _read(folder)


@cache
def _read(folder: str) -> tuple[tuple[str, dict[str, Any]], ...]:
    paths = sorted((CASES / folder).glob("*.yaml"))
    return tuple((path.stem, yaml.load(path.read_bytes(), Loader=_Loader)) for path in paths)  # noqa: S506 - a SafeLoader


def named_cases(folder: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the full name and the content of each case, with what its file says for all of its cases."""
    for stem, file in case_files(folder):
        shared = {key: value for key, value in file.items() if key != "cases"}
        for case in file.get("cases", ()):
            yield f"{folder}/{stem}: {case['name']}", {"file": shared, **case}
