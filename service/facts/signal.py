"""One piece of evidence about the course of the leukaemia."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

if TYPE_CHECKING:
    from service.logic.dates import PartialDate
    from service.logic.fact import Evidence

# failed: no remission after the first induction, which some call refractory and others do not
# marrow-clear: no leukaemia is left in the marrow; whether it is gone from where else it was is not told
# denied: a first remission after a relapse, which it denies
# unclear: disease that is refractory or has relapsed; which of the two is not told
Says = Literal["relapse", "suspected", "remission", "failed", "refractory", "unclear", "marrow-clear", "denied"]

MARROW, JUDGED, CLINICAL, CODED, NOTED = 1, 2, 3, 4, 6  # tiers of evidence, the lower the stronger


class Signal(msgspec.Struct, frozen=True, gc=False):
    """What one resource says of the course, on which day, and how strong that is."""

    says: Says
    when: PartialDate | None
    tier: int
    evidence: Evidence
    sites: frozenset[str] = frozenset()  # marrow, extramedullary: where the disease was found
    carried: bool = False  # dated by its recording alone: it may be an old entry written down again
    places: frozenset[str] = frozenset()  # cns, testis: where outside the marrow, as far as that is told
    site_open: bool = False  # words name two places, and not in which of them it was
    counted: bool = False  # cells seen in blood or fluid: no finding of a day before outweighs them
    first: bool = False  # words tell the first remission: no relapse was before it
    since: PartialDate | None = None  # words tell since which day it is so
    visit: bool = False  # a visit was coded so, and later ones may carry the code on
    at_visit: bool = False  # the entry is of a visit: its onset is the day of that
    later: bool = False  # an entry tells by now that it was: then, or on any day since
    whole: bool = False  # no other entry of so early a day is left: this day may be that of the diagnosis
    begun: bool = False  # and nothing tells when it was written down: it may be of any day since

    @property
    def outside_only(self) -> bool:
        """Whether disease was found, or is suspected, outside the marrow alone; no marrow can contradict that."""
        return self.sites == frozenset({"extramedullary"}) or (bool(self.places) and not self.sites)
