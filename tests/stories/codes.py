"""The codes of made-up records under their names as constants: `B_ALL` is `b-all` of service/synth/data/codes.yaml."""

from __future__ import annotations

from service.synth.codes import CODES, EXTENSIONS, FACTS, LOINC, SYSTEMS, UCUM, Code, concept

__all__ = [
    "FACTS",
    "INTERPRETATION",
    "ISCN",
    "LOINC",
    "MCODE_MORPHOLOGY",
    "MII_MORPHOLOGY",
    "RXNORM",
    "SNOMED",
    "UCUM",
    "Code",
    "concept",
]

INTERPRETATION = SYSTEMS["interpretation"]
ISCN = SYSTEMS["iscn"]
RXNORM = SYSTEMS["rxnorm"]
SNOMED = SYSTEMS["snomed"]
MII_MORPHOLOGY = EXTENSIONS["mii-morphology"]
MCODE_MORPHOLOGY = EXTENSIONS["mcode-morphology"]


def __getattr__(name: str) -> Code:
    """Return the code of that name."""
    try:
        return CODES[name.lower().replace("_", "-")]
    except KeyError:
        raise AttributeError(name) from None
