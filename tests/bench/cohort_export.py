"""An export like a hospital's, made once and kept in a temporary folder: most patients have no leukaemia and a long record."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from service.synth.chance import read_proportions
from service.synth.export import TRUTH, write_cohort
from service.synth.patients import patient

if TYPE_CHECKING:
    from collections.abc import Iterator

    from service.synth.patients import Made

SEED = 7
PERCENT_ALL = 1  # of the patients; the generator's other proportions are its own
NOT_ALL = {"no-leukaemia": 96, "aml": 2, "cml": 1, "burkitt": 1}
LONG, SHORT = 480, 24  # resources beside the disease: from none to this many, each number as likely
_DISTINCT = 1_000  # patients that the generator makes; more of them are these under other names
_MADE_OF = ("proportions.yaml", "codes.yaml")
_BLOCK = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Export:
    """A folder of NDJSON, one file of each type, and what is in it."""

    folder: Path
    patients: int
    with_all: int
    lines: int
    size: int  # bytes

    @property
    def told(self) -> str:
        """What the export is like, in a line."""
        each = f"{self.size / self.patients / 1000:.0f} kB and {self.lines / self.patients:.0f} resources each"
        return f"{self.patients} patients ({self.with_all} with ALL), {self.size / 1e6:.0f} MB, {self.lines} lines, {each}"


def export_of(patients: int, noise: int = LONG) -> Export:
    """Return an export of so many patients, from the temporary folder where it was made before."""
    folder = Path(tempfile.gettempdir()) / f"all-cds-bench-{_digest(noise)}" / str(patients)
    told = folder.with_suffix(".json")
    if not told.exists():
        shutil.rmtree(folder, ignore_errors=True)
        distinct = min(patients, _DISTINCT)
        numbers = (
            _make(folder, distinct, noise) if patients == distinct else _copies(export_of(distinct, noise), folder, patients)
        )
        told.write_bytes(orjson.dumps(numbers))
    return Export(folder, patients, **orjson.loads(told.read_bytes()))


def _digest(noise: int) -> str:
    """Return a mark that changes with the generator and the mix."""
    package = Path(patient.__code__.co_filename).parent
    sources = [*sorted(package.glob("*.py")), *(package / "data" / name for name in _MADE_OF), Path(__file__)]
    told = b"".join(path.read_bytes() for path in sources) + str(noise).encode()
    return hashlib.sha256(told).hexdigest()[:12]


def _make(folder: Path, patients: int, noise: int) -> dict[str, int]:
    often: dict[str, Any] = {
        **read_proportions(),
        "all": PERCENT_ALL,
        "not_all": NOT_ALL,
        "noise": {"any": 100},
        "noise_to": {"any": noise},
    }
    counts = {"with_all": 0, "lines": 0}

    def made() -> Iterator[Made]:
        for number in range(1, patients + 1):
            one = patient(SEED, number, often, often["as_of"])
            counts["with_all"] += one.kind not in NOT_ALL
            counts["lines"] += len(one.story.resources)
            for resource in one.story.resources:
                _as_exported(resource)
            yield one

    folder.parent.mkdir(parents=True, exist_ok=True)
    write_cohort(made(), folder)
    (folder / TRUTH).unlink()
    return {**counts, "size": _size(folder)}


def _as_exported(resource: dict[str, Any]) -> None:
    """Add what servers write into each resource and no fact asks for: without it lines would be half as long as real ones."""
    name = resource["id"]
    resource["identifier"] = [{"use": "official", "system": "https://hospital.example/fhir/identifiers", "value": name}]
    resource["text"] = {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml"><p>{name}</p></div>'}
    if resource["resourceType"] == "Observation":
        resource["encounter"] = {"reference": f"Encounter/{name}-visit", "display": "Outpatient visit"}
        resource["issued"] = "2026-11-20T09:30:00.000+01:00"
        resource["performer"] = [{"reference": "Organization/central-laboratory", "display": "Central laboratory"}]


def _copies(of: Export, folder: Path, patients: int) -> dict[str, int]:
    """Write the same patients again and again, each time under other names, until there are so many."""
    times = patients // of.patients
    folder.mkdir()
    ours = f"patient-{SEED}-".encode()
    for path in sorted(of.folder.iterdir()):
        with (folder / path.name).open("wb") as out:
            for copy in range(times):
                theirs = f"patient-{SEED}x{copy}-".encode()
                with path.open("rb") as file:
                    while lines := file.readlines(_BLOCK):
                        out.write(b"".join(lines).replace(ours, theirs))
    return {"with_all": of.with_all * times, "lines": of.lines * times, "size": _size(folder)}


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.iterdir())
