"""What a code of each system looks like, check digit included: a slip of the finger is found before it decides anything."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

# Verhoeff's scheme: multiplication in the dihedral group of ten elements, and the permutation for each position.
_TIMES = tuple(
    tuple(int(digit) for digit in row)
    for row in (
        "0123456789",
        "1234067895",
        "2340178956",
        "3401289567",
        "4012395678",
        "5987604321",
        "6598710432",
        "7659821043",
        "8765932104",
        "9876543210",
    )
)
_PERMUTED = tuple(
    tuple(int(digit) for digit in row)
    for row in (
        "0123456789",
        "1576283094",
        "5803796142",
        "8916043527",
        "9453126870",
        "4286573901",
        "2793806415",
        "7046913258",
    )
)
_CONCEPT_PARTITIONS = {"00", "10"}  # the two digits before the check digit: concept, not description or relationship


@dataclass(frozen=True, slots=True)
class CodeShape:
    """The codes of one system: how they are written, in words too, and what else must hold (None: nothing is wrong)."""

    pattern: re.Pattern[str]
    written: str
    more: Callable[[str], str | None] | None = None


def _snomed_fault(code: str) -> str | None:
    total = 0
    for position, digit in enumerate(reversed(code)):
        total = _TIMES[total][_PERMUTED[position % len(_PERMUTED)][int(digit)]]
    if total != 0:
        return "the check digit (Verhoeff) does not fit"
    if code[-3:-1] not in _CONCEPT_PARTITIONS:
        return "the partition digits say that this is not a concept"
    return None


def _loinc_fault(code: str) -> str | None:
    if code.startswith("LA"):  # how the letters enter the check digit of an answer is not published
        return None
    number, _, check = code.partition("-")
    doubled = "".join(str(int(digit) * 2) if place % 2 == 0 else digit for place, digit in enumerate(reversed(number)))
    if -sum(int(digit) for digit in doubled) % 10 != int(check):
        return "the check digit (modulus 10) does not fit"
    return None


def _shape(pattern: str, written: str, more: Callable[[str], str | None] | None = None) -> CodeShape:
    return CodeShape(re.compile(pattern), written, more)


_WORD = _shape(r"[a-z]+(-[a-z]+)*", "small letters and hyphens")

# Short name of a system in systems.yaml → the shape of its codes. ISCN is not here: a karyotype has no fixed length.
_SHAPES: dict[str, CodeShape] = {
    "snomed": _shape(r"[1-9]\d{5,17}", "6 to 18 digits", _snomed_fault),
    "loinc": _shape(r"(LA)?\d{1,7}-\d", "digits, a hyphen and a check digit; answers begin with LA", _loinc_fault),
    "rxnorm": _shape(r"[1-9]\d{0,7}", "1 to 8 digits"),
    "atc": _shape(r"[A-Z]\d\d([A-Z]([A-Z](\d\d)?)?)?", "a letter, two digits, two letters, two digits (or a group of these)"),
    "icd-10": _shape(r"[A-Z]\d\d(\.\d{1,2})?", "a letter, two digits and up to two more after a point"),
    "icd-10-gm": _shape(r"[A-Z]\d\d(\.\d{1,2})?", "a letter, two digits and up to two more after a point"),
    "icd-10-cm": _shape(r"[A-Z]\d[0-9A-Z](\.[0-9A-Z]{1,4})?", "three characters and up to four more after a point"),
    "icd-o-3": _shape(r"\d{4}/\d|C\d\d(\.\d)?", "a morphology such as 9811/3 or a topography such as C42.1"),
    "icd-10-pcs": _shape(r"[0-9A-HJ-NP-Z]{7}", "seven characters without I and O"),
    "ops": _shape(r"\d-\d{2}[0-9a-z]?(\.[0-9a-z]{1,2})?", "a digit, a hyphen, two or three characters, more after a point"),
    "hgnc": _shape(r"HGNC:[1-9]\d{0,5}", "HGNC: and a number"),
    "ncit": _shape(r"C[1-9]\d{2,6}", "C and a number"),
    "oncotree": _shape(r"[A-Z][A-Z0-9_]+", "capital letters and digits"),
    "cpt": _shape(r"\d{4}[0-9FTU]", "five digits, or four and the letter F, T or U"),
    "hcpcs": _shape(r"[A-V]\d{4}", "a letter and four digits"),
    "sequence-ontology": _shape(r"SO:\d{7}", "SO: and seven digits"),
    "v3-interpretation": _shape(r"[A-Z]+[<>+-]*|[<>]", "capital letters"),
    "v2-0487": _shape(r"[A-Z][A-Z0-9]+", "capital letters and digits"),
    "condition-clinical": _WORD,
    "condition-verification": _WORD,
    "icd-10-gm-certainty": _shape(r"[A-Z]", "one capital letter"),
    "data-absent-reason": _WORD,
    "mii-verlauf": _shape(r"[A-Z]", "one capital letter"),
    "mii-therapie-typ": _shape(r"[A-Z]{2}", "two capital letters"),
    "mcode-requested": _shape(r"USCRS-\d+", "USCRS- and a number"),
    "omop": _shape(r"[1-9]\d*", "digits"),
    "all-cds-facts": _shape(r"[A-Za-z][A-Za-z0-9]*([_-][a-z0-9]+)*", "words joined by hyphens"),
}


def code_fault(system: str, code: str) -> str | None:
    """Return what is wrong with the shape of a code, in words; None where nothing is, or where the system has no fixed shape.

    `system` is the short name of `systems.yaml`.
    """
    shape = _SHAPES.get(system)
    if shape is None:
        return None
    if shape.pattern.fullmatch(code) is None:
        return f"the shape is not that of the system: {shape.written}"
    return shape.more(code) if shape.more is not None else None
