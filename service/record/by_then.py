"""What a resource tells of the day asked for, where it tells more, or is dated so that it was perhaps recorded of a later one.

Of a past day: what is dated by a month, a year or a period that lasts beyond it had perhaps not come by then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from service.record.conditions import ENDED, tells_relapse, tells_state, without_state
from service.record.disease_words import is_leukaemia
from service.record.procedures import perhaps_done
from service.record.record import Diagnosis, Drug, Reading, Sensitivity, Treatment, Unread, Visit
from service.record.relapse_words import TOLD
from service.record.wanted import RELAPSE_AT_VISITS

if TYPE_CHECKING:
    from service.logic.dates import PartialDate
    from service.record.record import Item
    from service.record.shelf import Shelf

_BEYOND = "Dated by a month, a year or a period that lasts beyond the day asked for"
_USED, _GIVEN = f"{_BEYOND}; used as one of that day or earlier", f"{_BEYOND}; counted as perhaps given by then"
_THERE, _OVER = f"{_BEYOND}; counted as perhaps there by then", f"{_BEYOND}; counted as perhaps over by then"
_RELAPSED = f"{_BEYOND}; whether the relapse had come by then is left open"
# of the leukaemia, or of what was done against it: none of these is another illness
_OF_THE_COURSE = (
    "cns-leukaemia", "testicular-disease", "leukaemia-of-skin", "hsct-history", "gvhd-", "car-t-history", "cell-therapy-history",
)  # fmt: skip


def used_as_of_then(where: str, shelf: Shelf) -> None:
    """Note the problem of something that is perhaps of a later day than the one asked for, and used."""
    shelf.problem("information", "perhaps-after-as-of", where, _USED)


def by_then(item: Item, shelf: Shelf) -> Item | None:
    """Return what a resource tells of the day asked for; None where it is left open by what is noted as not readable."""
    if isinstance(item, Reading):  # most are
        return item
    match item:
        case Drug() | Treatment():
            return _given(item, shelf)
        case Diagnosis():
            return _begun(_as_recorded(item, shelf), shelf)
        case Visit():
            return _visited(item, shelf)
        case Sensitivity():
            if shelf.is_past and _lasts_beyond(item.when, shelf):
                used_as_of_then(item.reference, shelf)
    return item


def _lasts_beyond(on: PartialDate | None, shelf: Shelf) -> bool:
    return on is not None and on.high > shelf.today.high >= on.low


def _given(item: Drug | Treatment, shelf: Shelf) -> Drug | Treatment:
    """Return a treatment as far as it is told of a past day: one that perhaps came after it is perhaps given.

    What became of one that ended later is not told.
    """
    if not shelf.is_past:
        return item
    if isinstance(item, Drug) and (item.resisted or item.not_tolerated) and _ends_beyond(item.end or item.start, shelf):
        item = replace(item, resisted=False, not_tolerated=False)
    if not _lasts_beyond(item.start, shelf) or (isinstance(item, Drug) and not item.given):
        return item
    if item.concepts:
        shelf.problem("information", "perhaps-after-as-of", item.reference, _GIVEN)
    if isinstance(item, Treatment):
        return perhaps_done(item, "past-day")
    return replace(item, given=False, finished=True, ongoing=False, doubt="past-day")


def _ends_beyond(on: PartialDate | None, shelf: Shelf) -> bool:
    return on is not None and on.high > shelf.today.high


def _as_recorded(diagnosis: Diagnosis, shelf: Shelf) -> Diagnosis:
    """Return a diagnosis without what a later recording says of a relapse or a remission: its onset is that of the disease.

    One that ended, or went into remission, on a later day had not done so, whatever its status is by now.
    """
    abated, recorded, today = diagnosis.abated, diagnosis.recorded, shelf.today
    if abated is not None and abated.low > today.high and diagnosis.clinical in ENDED:
        said = "Ends after the day asked for; what its status says of that is not used"
        shelf.problem("information", "after-as-of", f"{diagnosis.reference} abatement", said)
        diagnosis = replace(diagnosis, clinical="", abated=None)
    if recorded is None or recorded.low <= today.high or not tells_state(diagnosis):
        return diagnosis
    said = "Recorded after the day asked for; what it says of a relapse or remission is not used"
    shelf.problem("information", "after-as-of", f"{diagnosis.reference} recordedDate", said)
    return without_state(diagnosis)


def _begun(diagnosis: Diagnosis, shelf: Shelf) -> Diagnosis:
    """Return a diagnosis as far as it is told of a past day.

    A relapse that perhaps came later is left open, another illness that perhaps began or ended later is in doubt; the leukaemia,
    its remission and what tells of a transplant are used as of that day or earlier.
    """
    onset, recorded, abated = diagnosis.onset, diagnosis.recorded, diagnosis.abated
    if not shelf.is_past:
        return diagnosis
    if tells_relapse(diagnosis):
        if not _lasts_beyond(recorded or onset, shelf):
            return diagnosis
        shelf.problem("information", "perhaps-after-as-of", diagnosis.reference, _RELAPSED)
        kept = None if _lasts_beyond(onset, shelf) else onset
        began_before = diagnosis.began_before or kept is not onset
        return replace(without_state(diagnosis), names_relapse=TOLD, onset=kept, began_before=began_before)
    later = _perhaps_later(onset or recorded, recorded, shelf)
    told_later = tells_state(diagnosis) and _lasts_beyond(abated or recorded, shelf)
    if not (later or told_later or _lasts_beyond(abated, shelf)):
        return diagnosis
    if diagnosis.refuted or _is_of_the_course(diagnosis):
        used_as_of_then(diagnosis.reference, shelf)
        return diagnosis
    shelf.problem("information", "perhaps-after-as-of", diagnosis.reference, _THERE if later else _OVER)
    return replace(diagnosis, certain=False, clinical="", abated=None)


def _perhaps_later(when: PartialDate | None, recorded: PartialDate | None, shelf: Shelf) -> bool:
    """Return whether something began perhaps after the day asked for: what was written down by then had begun."""
    return _lasts_beyond(when, shelf) and (recorded is None or recorded.high > shelf.today.high)


def _is_of_the_course(diagnosis: Diagnosis) -> bool:
    named = diagnosis.concepts | diagnosis.named
    return diagnosis.grafted or any(is_leukaemia(one) or one.startswith(_OF_THE_COURSE) for one in named)


def _visited(visit: Visit, shelf: Shelf) -> Visit | None:
    """Return a visit; None where it was perhaps later than a past day, and for a relapse: that is one that cannot be read."""
    if not shelf.is_past or visit.when is None or not _lasts_beyond(visit.when, shelf):
        return visit
    relapse = visit.concepts & RELAPSE_AT_VISITS
    shelf.problem("information", "perhaps-after-as-of", visit.reference, _RELAPSED if relapse else _USED)
    if not relapse:
        return visit
    shelf.unread.append(Unread(relapse, visit.reference, "period", when=visit.when, relapsed=True))
    return None
