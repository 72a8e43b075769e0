"""The lines on which faults stand: a check knows the names of the rows, the file knows where they are written."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from service.knowledge.complaints import name_of
from service.knowledge.strict_yaml import read_yaml

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path as FilePath

    from service.errors import Fault
    from service.knowledge.strict_yaml import Path, Value


def with_lines(faults: Iterable[Fault], paths: Mapping[str, FilePath]) -> tuple[Fault, ...]:
    """Return the faults, each with the line of its row, or of the nearest row around it; as they are where no file is named.

    `paths` are the files by the name under which faults speak of them. A file is read again only when it has a fault.
    """
    return tuple(_with_line(fault, paths) for fault in faults)


def _with_line(fault: Fault, paths: Mapping[str, FilePath]) -> Fault:
    file = next((name for name in paths if fault.where.startswith(f"{name} ")), None)
    if file is None:
        return fault
    document = read_yaml(paths[file].read_bytes(), file)
    path = _path(document.value, fault.where.removeprefix(f"{file} ").split(" / "))
    return replace(fault, file=file, line=document.line(path))


def _path(value: Value, names: list[str]) -> Path:
    """Return the way to a row; a name that is no key and no row ends it."""
    path: list[int | str] = []
    for number, name in enumerate(names):
        if number == 0 and name_of(value) == name:
            continue  # the file is the row
        steps = _steps(value, name) if number else _first_steps(value, name)
        if not steps:
            break
        for step in steps:
            value = value[step]  # type: ignore[index]  # a step was found in it
        path += steps
    return tuple(path)


def _first_steps(value: Value, name: str) -> list[int | str]:
    """Return the way to a row of a file that holds many of them under one key."""
    rows = value.items() if isinstance(value, dict) else ()
    return next(([key, *steps] for key, inside in rows if (steps := _steps(inside, name))), [])


def _steps(value: Value, name: str) -> list[int | str]:
    if isinstance(value, dict):
        return [name] if name in value else []
    if isinstance(value, list):
        return next(([index] for index, row in enumerate(value) if name in {name_of(row), str(index + 1)}), [])
    return []
