"""A share of the blasts in front of an antigen: `98 % of blasts positive for CD19, 85 % for CD22`."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec

from service.logic.interval import Interval
from service.logic.truth import Truth
from service.record.clauses import Clauses, any_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from service.record.shares import Shares

_ANTIGEN = r"(?:cy|[cs])?CD\d{1,3}[a-z]?"
_NONE, _ALL = Decimal(0), Decimal(100)


class InFront(msgspec.Struct, frozen=True, gc=False):
    """A share of the blasts, and where in the sentence it begins.

    `denied`: of the blasts that lack the antigen. `open`: only what stands behind the antigen says that these have it. `listed`:
    of several antigens at once, of which this one is not the first.
    """

    begin: int
    share: Interval
    denied: bool
    open: bool
    listed: bool

    @property
    def is_of_all(self) -> bool:
        """Return whether it is of all blasts."""
        return self.share.exact == _ALL


class SharesInFront:
    """The words of `language.yaml` for these."""

    def __init__(self, words: Mapping[str, Sequence[str]], shares: Shares) -> None:
        """Compile the words once; matching never changes them."""
        self._shares, joined = shares, Clauses(words).joined
        also = rf"\s?(?:,|/|&|\b{joined})(?:\s{joined})?\s?"
        self._listed = re.compile(rf"{also}{_ANTIGEN}", re.IGNORECASE)
        parts = ("blasts", "cells", "share_of", "to_a_share", "share_for", "blasts_do", "strengths")
        blasts, cells, of, to, given_for, do, strength = (any_of(words[part]).pattern for part in parts)
        has, lacks, said = (any_of(words[part]).pattern for part in ("positive_before", "negative_before", "positive_after"))
        share, of_blasts = shares.written, rf"\s?{of}\s{blasts}(?:\s{cells})?"
        marked = rf"{_ANTIGEN}(?:\s?\(?\+{{1,3}}\)?|[\s-]{said})?"
        head = rf"(?:{blasts}(?:\s{do})?\s{to}\s(?P<there>{share})|(?P<here>{share}){of_blasts})"
        head = rf"{head}(?:\s{do})?(?:\s{strength})?(?:\s(?:(?P<has>{has})|(?P<lacks>{lacks})))?\s"
        next_one = rf"{also}(?:{to}\s)?"
        behind = rf"(?:{of_blasts})?(?:\s(?:{given_for}|{has}))?\s"
        later = rf"(?:{_ANTIGEN}{also})*{marked}(?:{next_one}{share}{behind}{marked})*{next_one}(?P<later>{share}){behind}"
        self._of_marrow = re.compile(rf"%\s?{blasts}", re.IGNORECASE)
        # quick to look for: few sentences with a share have one of these
        self._of, self._to = re.compile(rf"%\s?{of}\s", re.IGNORECASE), tuple(f" {word} " for word in words["to_a_share"])
        self._told = re.compile(rf"{head}(?:(?P<listed>(?:{_ANTIGEN}{also})+)|{later})?\Z", re.IGNORECASE)

    def told(self, sentence: str, after: str) -> InFront | None:
        """Return the share of blasts in front of an antigen, at which its sentence ends here; None where there is none.

        Of several antigens at once each may be on more than that share, and on all of which it is told apart from the others.
        """
        may_be = self._of.search(sentence) or any(word in sentence for word in self._to)
        match = self._told.search(sentence) if may_be else None
        share = self._shares.percent_in(match["later"] or match["here"] or match["there"]) if match is not None else None
        if match is None or share is None:
            return None
        if match["listed"] or (match["later"] is None and self._listed.match(after)):
            share = Interval(share.low if share.low is not None else _NONE, None, low_inclusive=share.low_inclusive)
        return InFront(match.start(), share, match["lacks"] is not None, match["has"] is None, match["listed"] is not None)

    def may_be_of_none(self, text: str) -> bool:
        """Return whether a text tells a share that may be none of the cells; one that only counts blasts is none at all."""
        share = self._shares.percent_in(text) if "%" in text else None
        if share is None or share.above(_NONE) is Truth.YES:
            return False
        return share.exact == _NONE or not self._of_marrow.search(text)
