"""The codes that made-up records speak in; they stand in data/codes.yaml, each under a name that can be read aloud."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple, cast

from service.errors import KnowledgeError
from service.knowledge.strict_yaml import read_yaml

DATA = Path(__file__).parent / "data"


class Code(NamedTuple):
    """A code of one system, with the words printed beside it."""

    system: str
    code: str
    display: str = ""

    def coding(self) -> dict[str, str]:
        """Return the code as a FHIR Coding."""
        found = {"system": self.system, "code": self.code, "display": self.display}
        return {name: text for name, text in found.items() if text}


def concept(*codes: Code, text: str = "") -> dict[str, Any]:
    """Return codes and words as one CodeableConcept."""
    made: dict[str, Any] = {"coding": [code.coding() for code in codes]} if codes else {}
    if text:
        made["text"] = text
    return made


def _read() -> dict[str, dict[str, Any]]:
    """Raises: KnowledgeError with every fault of the file."""
    path = DATA / "codes.yaml"
    document = read_yaml(path.read_bytes(), path.name)
    if document.faults:
        raise KnowledgeError(tuple(document.faults))
    return cast("dict[str, dict[str, Any]]", document.value)


_FILE = _read()
SYSTEMS: dict[str, str] = _FILE["systems"]
EXTENSIONS: dict[str, str] = _FILE["extensions"]
CODES: dict[str, Code] = {
    name: Code(SYSTEMS[row["system"]], row["code"], row.get("display", "")) for name, row in _FILE["codes"].items()
}
FACTS = SYSTEMS["facts"]
LOINC = SYSTEMS["loinc"]
UCUM = SYSTEMS["ucum"]
