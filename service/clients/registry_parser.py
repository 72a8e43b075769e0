"""One study of ClinicalTrials.gov (API v2 JSON) → RegistryRecord.

Every member but the number may be missing, null or of another type than documented: what cannot be read counts as not said.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from service.clients.registry_countries import country_code
from service.knowledge.registry import STUDY_NUMBER, RegistryRecord, Site, StudyDrug

if TYPE_CHECKING:
    from collections.abc import Iterator

# While a study is open, each site has a status of its own; what is left of it later says nothing.
_OPEN = frozenset(("RECRUITING", "NOT_YET_RECRUITING", "ENROLLING_BY_INVITATION", "AVAILABLE"))

_MOST_NORTH, _MOST_EAST = 90, 180


def read_study(study: object) -> RegistryRecord | None:
    """Return the record of one study; None where there is no number, because then nobody knows whose record it is."""
    protocol = _part(study, "protocolSection")
    identity = _part(protocol, "identificationModule")
    number = _text(identity, "nctId")
    if not STUDY_NUMBER.fullmatch(number):
        return None
    status = _part(protocol, "statusModule")
    design = _part(protocol, "designModule")
    conditions = _part(protocol, "conditionsModule")
    eligibility = _part(protocol, "eligibilityModule")
    word = _text(status, "overallStatus")
    return RegistryRecord(
        nct_id=number,
        title=_text(identity, "briefTitle") or _text(identity, "officialTitle"),
        status=word,
        acronym=_text(identity, "acronym"),
        organisation_id=_text(_part(identity, "orgStudyIdInfo"), "id"),
        aliases=_texts(identity, "nctIdAliases"),
        secondary_ids=tuple(
            (_text(row, "type"), text) for row in _parts(identity, "secondaryIdInfos") if (text := _text(row, "id"))
        ),
        sponsor=_text(_part(_part(protocol, "sponsorCollaboratorsModule"), "leadSponsor"), "name"),
        last_known_status=_text(status, "lastKnownStatus"),
        why_stopped=_text(status, "whyStopped"),
        verified=_text(status, "statusVerifiedDate"),
        updated=_text(_part(status, "lastUpdatePostDateStruct"), "date"),
        phases=_texts(design, "phases"),
        enrolment=_count(_part(design, "enrollmentInfo"), "count"),
        conditions=_texts(conditions, "conditions"),
        keywords=_texts(conditions, "keywords"),
        interventions=tuple(
            StudyDrug(_text(row, "type"), _text(row, "name"), _texts(row, "otherNames"))
            for row in _parts(_part(protocol, "armsInterventionsModule"), "interventions")
        ),
        sex=_text(eligibility, "sex"),
        minimum_age=_text(eligibility, "minimumAge"),
        maximum_age=_text(eligibility, "maximumAge"),
        criteria=_text(eligibility, "eligibilityCriteria"),
        sites=tuple(_site(row, word) for row in _parts(_part(protocol, "contactsLocationsModule"), "locations")),
    )


def _site(row: dict[str, Any], status_of_study: str) -> Site:
    country = _text(row, "country")
    latitude, longitude = _place(_part(row, "geoPoint"))
    return Site(
        facility=_text(row, "facility"),
        city=_text(row, "city"),
        country=country_code(country) if country else "",
        country_name=country,
        status=_text(row, "status") if status_of_study in _OPEN else "",
        latitude=latitude,
        longitude=longitude,
    )


def _place(point: dict[str, Any]) -> tuple[float | None, float | None]:
    """Return latitude and longitude; neither where one of them is missing or not on the earth."""
    north, east = point.get("lat"), point.get("lon")
    for number, most in ((north, _MOST_NORTH), (east, _MOST_EAST)):
        if not isinstance(number, int | float) or isinstance(number, bool) or not math.isfinite(number) or abs(number) > most:
            return None, None
    return float(north or 0), float(east or 0)


def _part(of: object, name: str) -> dict[str, Any]:
    found = of.get(name) if isinstance(of, dict) else None
    return found if isinstance(found, dict) else {}


def _list(of: dict[str, Any], name: str) -> list[Any]:
    found = of.get(name)
    return found if isinstance(found, list) else []


def _parts(of: dict[str, Any], name: str) -> Iterator[dict[str, Any]]:
    return (row for row in _list(of, name) if isinstance(row, dict))


def _text(of: dict[str, Any], name: str) -> str:
    found = of.get(name)
    return found.strip() if isinstance(found, str) else ""


def _texts(of: dict[str, Any], name: str) -> tuple[str, ...]:
    return tuple(text.strip() for text in _list(of, name) if isinstance(text, str) and text.strip())


def _count(of: dict[str, Any], name: str) -> int | None:
    found = of.get(name)
    return found if isinstance(found, int) and not isinstance(found, bool) and found >= 0 else None
