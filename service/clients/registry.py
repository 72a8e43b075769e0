"""ClinicalTrials.gov API v2: its version, studies by number, studies by condition and intervention.

What comes back is what the registry says now. Nothing is kept here; whoever asks stores it with the day.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from service.clients.registry_http import RegistryHttp
from service.clients.registry_parser import read_study
from service.errors import RegistryError
from service.knowledge.registry import STUDY_NUMBER
from service.knowledge.strict_yaml import read_yaml

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from service.clients.registry_http import Answer
    from service.knowledge.registry import RegistryRecord

_PAGE_SIZE = "1000"
_MOST_PAGES = 200
_LONGEST_STAMP = 40
_MOST_FAILURES_IN_A_ROW = 2
_DISCOVERY = Path(__file__).with_name("registry_discovery.yaml")

# Pieces of the record by the registry's names. A registry that does not know one of them is asked for whole records instead.
_FIELDS = ",".join(
    (
        *("NCTId", "NCTIdAlias", "OrgStudyId", "SecondaryId", "SecondaryIdType", "BriefTitle", "OfficialTitle", "Acronym"),
        *("OverallStatus", "LastKnownStatus", "WhyStopped", "StatusVerifiedDate", "LastUpdatePostDate", "LeadSponsorName"),
        *("Phase", "EnrollmentCount", "Condition", "Keyword", "InterventionType", "InterventionName", "InterventionOtherName"),
        *("Sex", "MinimumAge", "MaximumAge", "EligibilityCriteria"),
        *("LocationFacility", "LocationStatus", "LocationCity", "LocationCountry", "LocationGeoPoint"),
    )
)

Kind = Literal["no-such-number", "refused", "failed", "incomplete"]


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a study that was asked for is not among the records: its number, and a sentence that names it."""

    number: str
    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class Studies:
    """The records that the registry has of the numbers asked for, and what is wrong with the others."""

    found: tuple[RegistryRecord, ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Search:
    """What to look for: a condition, any of some interventions, and statuses; empty: no limit."""

    condition: str
    interventions: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()


def discovery() -> Search:
    """Return the search for studies that are not encoded yet. Source: registry_discovery.yaml."""
    words = read_yaml(_DISCOVERY.read_bytes(), _DISCOVERY.name).value
    if not isinstance(words, dict):
        raise TypeError(f"{_DISCOVERY.name} is not a mapping")
    lists = [tuple(map(str, found)) if isinstance(found := words[name], list) else () for name in ("interventions", "statuses")]
    return Search(str(words["condition"]), *lists)


class RegistryClient:
    """A client of one registry or of a mirror of it."""

    def __init__(self, http: RegistryHttp) -> None:
        self._http = http
        self._fields: str | None = _FIELDS

    @property
    def address(self) -> str:
        """The address of the registry that is asked."""
        return self._http.address

    def version(self) -> str:
        """Return the moment that the registry gives its data (`dataTimestamp`); empty where it does not tell.

        Raises: RegistryError.
        """
        answer = self._http.get("/version")
        stamp = answer.document.get("dataTimestamp")
        return stamp.strip()[:_LONGEST_STAMP] if isinstance(stamp, str) else ""

    def studies(self, numbers: Sequence[str]) -> Studies:
        """Return the records of these numbers, and a problem for each number without one.

        One number that does not exist makes the registry refuse the whole request: then, and for numbers that an answer passes
        over, each is asked for alone. A merged record is found under its old number too. Raises: RegistryError.
        """
        wanted = tuple(dict.fromkeys(numbers))
        problems = [_malformed(number) for number in wanted if not STUDY_NUMBER.fullmatch(number)]
        left = [number for number in wanted if STUDY_NUMBER.fullmatch(number)]
        found: dict[str, RegistryRecord] = {}
        if len(left) > 1:
            for record in self._batch(left):
                if record.nct_id in left or set(record.aliases) & set(left):
                    found[record.nct_id] = record
            answered = {name for record in found.values() for name in (record.nct_id, *record.aliases)}
            left = [number for number in left if number not in answered]
        failures = 0
        for number in left:
            try:
                one = self._study(number)
            except RegistryError as error:
                failures += 1
                if failures >= _MOST_FAILURES_IN_A_ROW or len(wanted) == 1:
                    raise
                problems.append(Problem(number, "failed", f"{number}: {error.message}"))
                continue
            failures = 0
            if isinstance(one, Problem):
                problems.append(one)
            else:
                found[one.nct_id] = one
        return Studies(tuple(found[number] for number in sorted(found)), tuple(problems))

    def search(self, search: Search) -> Iterator[tuple[RegistryRecord, ...]]:
        """Yield the records found, page by page, last updated first; a page may be empty.

        The registry searches by likeness: what comes back need not be what was looked for. Raises: RegistryError.
        """
        parameters = {"query.cond": search.condition, "sort": "LastUpdatePostDate:desc"}
        if search.interventions:
            parameters["query.intr"] = " OR ".join(search.interventions)
        if search.statuses:
            parameters["filter.overallStatus"] = "|".join(search.statuses)
        for answer in self._pages(parameters):
            if answer.status != HTTPStatus.OK:
                raise RegistryError(f"the trial registry refuses the search: {answer.text}", where=self.address)
            yield self._records(answer)

    def _batch(self, numbers: Sequence[str]) -> Iterator[RegistryRecord]:
        """Yield the records of one request for several numbers; none at all where the registry refuses it as a whole."""
        for answer in self._pages({"filter.ids": ",".join(numbers)}):
            if answer.status == HTTPStatus.OK:
                yield from self._records(answer)
            elif answer.status not in {HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND}:
                raise self._refusal(answer)

    def _study(self, number: str) -> RegistryRecord | Problem:
        """Return the one record, or what is wrong with the number."""
        answer = self._get(f"/studies/{number}", {})
        if answer.status == HTTPStatus.NOT_FOUND:
            said = f" (it says: {answer.text})" if answer.text else ""
            return Problem(number, "no-such-number", f"{number}: the trial registry has no study of this number{said}")
        if answer.status == HTTPStatus.BAD_REQUEST:
            return Problem(number, "refused", f"{number}: the trial registry refuses this number: {answer.text}")
        if answer.status != HTTPStatus.OK:
            raise self._refusal(answer)
        record = read_study(answer.document)
        if record is None:
            return Problem(number, "incomplete", f"{number}: the answer of the trial registry names no study")
        if number == record.nct_id or number in record.aliases:
            return record
        if answer.moved:
            return _with_alias(record, number)
        return Problem(number, "incomplete", f"{number}: the trial registry answered with {record.nct_id}")

    def _pages(self, parameters: dict[str, str]) -> Iterator[Answer]:
        """Yield page after page; all parameters but the token stay the same, as the registry demands."""
        token = ""
        for _ in range(_MOST_PAGES):
            page = {**parameters, "pageSize": _PAGE_SIZE, **({"pageToken": token} if token else {})}
            answer = self._get("/studies", page)
            yield answer
            following = answer.document.get("nextPageToken")
            if answer.status != HTTPStatus.OK or not isinstance(following, str) or not following:
                return
            if following == token:
                break
            token = following
        raise RegistryError("the pages of the trial registry do not come to an end", where=self.address)

    def _get(self, path: str, parameters: dict[str, str]) -> Answer:
        """Return the answer for the pieces that we need; for whole records where the registry does not know those pieces."""
        if self._fields is not None:
            answer = self._http.get(path, {**parameters, "fields": self._fields})
            if answer.status != HTTPStatus.BAD_REQUEST or "field" not in answer.text.lower():
                return answer
            self._fields = None
        return self._http.get(path, parameters)

    def _records(self, answer: Answer) -> tuple[RegistryRecord, ...]:
        studies = answer.document.get("studies")
        if not isinstance(studies, list):
            raise RegistryError("the answer of the trial registry has no list of studies", where=self.address)
        return tuple(record for study in studies if (record := read_study(study)) is not None)

    def _refusal(self, answer: Answer) -> RegistryError:
        return RegistryError(f"the trial registry refuses us with {answer.status}: {answer.text}", where=self.address)


def _malformed(number: str) -> Problem:
    shown = number[:20]
    return Problem(shown, "refused", f"{shown}: not a number of the registry, which is NCT and eight digits")


def _with_alias(record: RegistryRecord, number: str) -> RegistryRecord:
    return replace(record, aliases=(*record.aliases, number))
