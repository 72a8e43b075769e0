"""Whether a study takes patients, as far as its last sighting tells: never mixed into whether the patient fits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from service.logic.distance import great_circle_km

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from service.knowledge.registry import Seen, Site

OpenWord = Literal["yes", "no", "not-yet", "stale", "unknown"]

RECRUITING = "RECRUITING"

# What a word of the registry means while its sighting is fresh.
_FRESH: dict[str, OpenWord] = {
    RECRUITING: "yes",
    "AVAILABLE": "yes",  # of an expanded access: it can be had
    "NOT_YET_RECRUITING": "not-yet",
    "ENROLLING_BY_INVITATION": "no",  # not open to referral
}
# A study that has closed stays closed, however long ago that was seen; one that paused is not open until somebody sees it open.
_CLOSED = frozenset(
    (
        "ACTIVE_NOT_RECRUITING",
        "COMPLETED",
        "SUSPENDED",
        "TERMINATED",
        "WITHDRAWN",
        "NO_LONGER_AVAILABLE",
        "TEMPORARILY_NOT_AVAILABLE",
        "APPROVED_FOR_MARKETING",
    )
)


def open_word(status: str, day: date | None, as_of: date, stale_days: int) -> OpenWord:
    """Return whether a study of this status, seen on this day, takes patients.

    `stale`: it was open, by invitation or about to open, but that was seen more than `stale_days` days before, or on a day that
    nobody knows. Unknown: no status, one that says nothing (UNKNOWN, WITHHELD, a word we do not know), or seen after `as_of`.
    """
    if day is not None and day > as_of:
        return "unknown"
    if status in _CLOSED:
        return "no"
    if status not in _FRESH:
        return "unknown"
    if day is None or (as_of - day).days > stale_days:
        return "stale"
    return _FRESH[status]


@dataclass(frozen=True, slots=True)
class Recruitment:
    """What was seen of a trial's recruitment, when, and whether that still counts as open. Never part of the fit.

    `status` is the registry's own word, empty where none was seen; `source` says where it was seen.
    """

    status: str
    seen: date | None
    open: OpenWord
    source: str
    sites: tuple[Site, ...] = ()
    countries: tuple[tuple[str, str], ...] = ()  # country and the word seen there, where they differ by country
    updated: str = ""
    why_stopped: str = ""
    note: str = ""

    @classmethod
    def of(cls, seen: Seen, as_of: date, stale_days: int) -> Recruitment:
        """Return what one look at the registry showed; it counts as open only while the registry's own data are fresh."""
        record = seen.record
        return cls(
            status=record.status,
            seen=seen.day,
            open=open_word(record.status, seen.true_on, as_of, stale_days),
            source=seen.source,
            sites=record.sites,
            updated=record.updated,
            why_stopped=record.why_stopped,
        )


@dataclass(frozen=True, slots=True)
class SiteNear:
    """A site of a study and how far it is, in kilometres; None where either place is not known."""

    site: Site
    kilometres: float | None


def sites_by_nearness(sites: Iterable[Site], place: tuple[float, float] | None) -> tuple[SiteNear, ...]:
    """Return the sites: those that say of themselves that they recruit first, the nearest of them before the others.

    `place` is a latitude and longitude in degrees. What is not known to be near comes after what is.
    """
    near = (SiteNear(site, _kilometres(site, place)) for site in sites)
    return tuple(sorted(near, key=_order))


def _order(near: SiteNear) -> tuple[bool, bool, float, str, str, str]:
    site = near.site
    return (
        site.status != RECRUITING,
        near.kilometres is None,
        near.kilometres or 0.0,
        site.country_name,
        site.city,
        site.facility,
    )


def _kilometres(site: Site, place: tuple[float, float] | None) -> float | None:
    if place is None or site.latitude is None or site.longitude is None:
        return None
    return great_circle_km(place, (site.latitude, site.longitude))
