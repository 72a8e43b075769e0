"""The file that a run leaves behind, and the newest ones before it: `.bench/<moment>.json`, known to no repository."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.bench.measures import Measure, Target

FORMAT = 1
KEPT = 30
"""So many files stay; the oldest go."""


class UnreadableRun(ValueError):
    """A file that is none of ours, or of another format."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run: when it began, what ran where, on which bodies, and what was found."""

    began: str
    commit: str
    machine: Mapping[str, Any]
    versions: Mapping[str, str]
    bodies: Mapping[str, Any]
    measures: tuple[Measure, ...] = field(default=())

    def measure(self, name: str) -> Measure | None:
        """Return the measure of this name, if it was made."""
        return next((one for one in self.measures if one.name == name), None)


def as_text(run: Run) -> str:
    """Return the run as JSON, with value, target and verdict beside the rounds, for whoever reads it without us."""
    return json.dumps(
        {
            "format": FORMAT,
            "began": run.began,
            "commit": run.commit,
            "machine": dict(run.machine),
            "versions": dict(run.versions),
            "bodies": dict(run.bodies),
            "measures": [_measure_as_json(one) for one in run.measures],
        },
        indent=1,
        allow_nan=False,
    )


def from_text(text: str) -> Run:
    """Return the run of such a text. Raises: UnreadableRun."""
    try:
        told = json.loads(text)
        if told["format"] != FORMAT:
            raise UnreadableRun(f"format {told['format']}, not {FORMAT}")
        return Run(
            told["began"],
            told["commit"],
            told["machine"],
            told["versions"],
            told["bodies"],
            tuple(_measure_from_json(one) for one in told["measures"]),
        )
    except (json.JSONDecodeError, KeyError, TypeError, AttributeError) as error:
        raise UnreadableRun(f"not a file of a run: {type(error).__name__}") from error


def write(run: Run, folder: Path, keep: int = KEPT) -> Path:
    """Write the run into the folder and return its file; only so many of the newest files stay."""
    folder.mkdir(exist_ok=True)
    path = folder / f"{run.began.replace(':', '-')}.json"
    unfinished = path.with_suffix(".unfinished")
    unfinished.write_text(as_text(run) + "\n", encoding="utf-8")
    unfinished.replace(path)
    for old in sorted(folder.glob("*.json"))[:-keep]:
        old.unlink()
    return path


def runs_before(folder: Path) -> list[Run]:
    """Return what is in the folder, the newest first; files that cannot be read are passed over."""
    found = []
    for path in sorted(folder.glob("*.json"), reverse=True):
        try:
            found.append(from_text(path.read_text(encoding="utf-8")))
        except UnreadableRun:
            continue
    return found


def _measure_as_json(one: Measure) -> dict[str, Any]:
    told: dict[str, Any] = {
        "name": one.name,
        "value": one.value if math.isfinite(one.value) else None,
        "unit": one.unit or "ratio",
        "target": None if one.target is None else {"at_least" if one.target.at_least else "at_most": one.target.limit},
        "met": one.is_met,
        "rounds": [each for each in one.rounds if math.isfinite(each)],
    }
    return told


def _measure_from_json(told: dict[str, Any]) -> Measure:
    target = told["target"]
    wanted = None
    if target is not None:
        at_least = "at_least" in target
        wanted = Target(target["at_least" if at_least else "at_most"], at_least=at_least)
    return Measure(told["name"], tuple(told["rounds"]), wanted, "" if told["unit"] == "ratio" else told["unit"])
