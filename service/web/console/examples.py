"""The invented patients and requests that lie beside the code: offered where they are, which is in a checkout only."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from service.errors import RequestError

if TYPE_CHECKING:
    from collections.abc import Mapping

FOLDER = Path(__file__).resolve().parents[3] / "fixtures"
KINDS = ("patients", "requests")


@dataclass(frozen=True, slots=True)
class Examples:
    """Files by the name that the form sends, such as `patients/aml`; the names are a list, no path is ever built from one."""

    files: Mapping[str, Path]

    @classmethod
    def of(cls, folder: Path = FOLDER) -> Examples:
        """Return the examples of a folder; none where it is not there."""
        found = {f"{kind}/{path.stem}": path for kind in KINDS for path in sorted((folder / kind).glob("*.json"))}
        return cls(found)

    def names(self, kind: str) -> tuple[str, ...]:
        """Return the names of one kind in order."""
        return tuple(name for name in self.files if name.startswith(f"{kind}/"))

    def read(self, name: str) -> bytes:
        """Return the bytes of an example. Raises: RequestError."""
        path = self.files.get(name)
        if path is None:
            raise RequestError("there is no such example", where="example")
        return path.read_bytes()
