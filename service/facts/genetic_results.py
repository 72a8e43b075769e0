"""One result about one genetic marker."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from service.facts.catalogue import View
    from service.logic.dates import PartialDate
    from service.logic.fact import Evidence
    from service.logic.interval import Interval
    from service.record.record import Reading

Source = Literal["diagnosis", "fish", "pcr-p190", "pcr-p210", "pcr", "karyotype", "sequencing", "array", "text", "flow"]


class Tested(msgspec.Struct, frozen=True, gc=False):
    """One result about one marker; `positive` None where it does not tell, `weak` below the quantitative range."""

    marker: str
    positive: bool | None
    source: Source
    when: PartialDate | None
    evidence: Evidence
    weak: bool = False
    subclonal: bool = False
    flags: tuple[str, ...] = ()


_SHOWN = {"ph": "BCR::ABL1"}
_HOW: Mapping[Source, str] = {
    "diagnosis": "by the diagnosis",
    "fish": "by FISH",
    "pcr-p190": "by PCR (p190)",
    "pcr-p210": "by PCR (p210)",
    "pcr": "by PCR",
    "karyotype": "by karyotype",
    "sequencing": "by sequencing",
    "array": "by array",
    "text": "in words",
    "flow": "by flow cytometry",
}


def in_words(marker: str) -> str:
    """Return a marker as it is shown."""
    return _SHOWN.get(marker, marker.replace("_", " "))


def made(  # noqa: PLR0913 - each is a member of the result
    reading: Reading, marker: str, source: Source, *, positive: bool | None, weak: bool = False, subclonal: bool = False
) -> Tested:
    """Return what a reading says of a marker."""
    word = {True: "positive", False: "negative", None: "not decided"}[positive]
    evidence = reading.evidence(f"{in_words(marker)} {_HOW[source]}: {word}")
    flags = ("preliminary",) if reading.preliminary else ()
    return Tested(marker, positive, source, reading.when, evidence, weak, subclonal, flags)


def by_share(view: View, share: Interval | None, cut_off: Decimal | None) -> bool | None:
    """Return whether a share of nuclei, in percent, is positive: by the laboratory's cut-off, else where none excludes it."""
    if share is None or share.exact is None:
        return None
    if share.exact == 0:
        return False
    if cut_off is not None:
        return share.exact > cut_off
    return True if share.exact >= view.limits.number("fish_fusion_sure_from_percent") else None
