"""Codes and names → concepts of our value sets, one dictionary look-up for a coding."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import chain
from types import MappingProxyType
from typing import TYPE_CHECKING

from service.errors import Fault, KnowledgeError
from service.knowledge.complaints import did_you_mean
from service.terminology.german_marks import letters_behind, without_marks
from service.terminology.names import NameIndex

if TYPE_CHECKING:
    from service.knowledge.schema import CodeSystem, ValueSet

SiteRow = tuple[str, str, str]  # system (address or short name), code, concept

_GERMAN = "icd-10-gm"
_REMEMBERED = 16_384  # codes that missed the first look-up


class Terms:
    """Which concept a code or a name stands for; never changed once built, and may travel to another process.

    Only verified codes are known here: an unverified one is as if it were not written down.
    """

    def __init__(
        self,
        value_sets: Mapping[str, ValueSet],
        systems: Mapping[str, CodeSystem],
        site_rows: Iterable[SiteRow] = (),
    ) -> None:
        """Build the look-ups from the shelves of the library, by concept and by short name of the system.

        Raises: KnowledgeError for a system or concept that is not on file, or a name that no text search can find.
        """
        self._value_sets = MappingProxyType(dict(value_sets))
        self._systems = MappingProxyType(dict(systems))
        self._site_rows = tuple(site_rows)
        self._short_names = {_same(uri): system.name for system in self._systems.values() for uri in system.uris}
        self._refuse_faults()
        rows = [
            (self._own_key(code.system), code.code, value_set.concept)
            for value_set in self._value_sets.values()
            for code in value_set.codes
            if code.verified
        ]
        rows += [(self._own_key(system), code.strip(), concept) for system, code, concept in self._site_rows]
        collected: dict[tuple[str, str], list[str]] = {}
        for system, code, concept in rows:
            collected.setdefault((system, code), []).append(concept)
        self._by_key = {key: tuple(dict.fromkeys(concepts)) for key, concepts in collected.items()}
        self._stems: dict[str, list[str]] = {}  # by system
        for row in chain.from_iterable(value_set.codes for value_set in self._value_sets.values()):
            if row.verified and row.subdivided:
                self._stems.setdefault(self._own_key(row.system), []).append(row.code)
        self._by_uri = {
            (uri, code): concepts
            for (system, code), concepts in self._by_key.items()
            for uri in (self._systems[system].uris if system in self._systems else (system,))
        }
        self._names = NameIndex((name, row.concept) for row in self._value_sets.values() for name in row.names)
        self._others = NameIndex((name, row.concept) for row in self._value_sets.values() for name in row.not_beside)
        self._search = lru_cache(maxsize=_REMEMBERED)(self._find)

    def __reduce__(self) -> tuple[type[Terms], tuple[object, ...]]:
        """Return what another process needs to build the same terms."""
        return Terms, (dict(self._value_sets), dict(self._systems), self._site_rows)

    def concepts_of(self, system_uri: str | None, code: str) -> tuple[str, ...]:
        """Return the concepts of a coding; none where the code is unknown or the system is not named.

        The same letters mean different things in different systems, so a code alone says nothing.
        """
        if not system_uri:
            return ()
        found = self._by_uri.get((system_uri, code))
        return found if found is not None else self._search(system_uri, code)

    def system_of(self, uri: str) -> str | None:
        """Return the short name of the system written under this address, None where it is not on file."""
        return self._short_names.get(_same(uri))

    def names_in(self, text: str) -> tuple[str, ...]:
        """Return the concepts whose names stand in the text as whole words, in the order of the text.

        Capitals and accents do not matter, except that names of up to three letters are found only as written.
        A name says what the text speaks of, not whether it is affirmed: `no relapse` is for the caller to tell.
        """
        return self._names.concepts_in(text)

    def of_other_tests(self, text: str) -> tuple[str, ...]:
        """Return the concepts that a test is not about, whatever its name holds: `AST/ALT ratio` is neither AST nor ALT."""
        return self._others.concepts_in(text)

    def letters_behind(self, system_uri: str, code: str) -> str:
        """Return the letters of certainty and side behind a code as German systems write them; '' where there are none."""
        return letters_behind(code) if self.system_of(system_uri) == _GERMAN else ""

    def with_site_mapping(self, rows: Iterable[SiteRow]) -> Terms:
        """Return new terms that also know a site's own codes.

        Raises: KnowledgeError with every row whose concept is not on file, or that lacks a system or code.
        """
        return Terms(self._value_sets, self._systems, (*self._site_rows, *rows))

    def _find(self, system_uri: str, code: str) -> tuple[str, ...]:
        system, code = self._own_key(system_uri), code.strip()
        found = self._by_key.get((system, code))
        if found is None and system == _GERMAN:
            found = self._by_key.get((system, without_marks(code)))
        if found is None:
            stem = max(filter(code.startswith, self._stems.get(system, ())), key=len, default="")
            found = self._by_key.get((system, stem), ())
        return found

    def _own_key(self, system: str) -> str:
        """Return the short name of a system given by short name or address, else the address itself."""
        return system if system in self._systems else self._short_names.get(_same(system), _same(system))

    def _refuse_faults(self) -> None:
        faults = [
            Fault(
                f"value_sets {row.concept}",
                f"the code system {code.system!r} is not on file",
                did_you_mean(code.system, self._systems),
            )
            for row in self._value_sets.values()
            for code in row.codes
            if code.system not in self._systems
        ]
        faults += [
            Fault(f"value_sets {row.concept}", f"the name {name!r} does not begin with a letter or a digit")
            for row in self._value_sets.values()
            for name in (*row.names, *row.not_beside)
            if not name[:1].isalnum()
        ]
        for number, (system, code, concept) in enumerate(self._site_rows, start=1):
            where = f"site mapping, row {number}"
            if concept not in self._value_sets:
                faults.append(Fault(where, f"there is no concept {concept!r}", did_you_mean(concept, self._value_sets)))
            if not system.strip() or not code.strip():
                faults.append(Fault(where, "a row has a system, a code and a concept"))
        if faults:
            raise KnowledgeError(tuple(faults))


def _same(uri: str) -> str:
    """Return one spelling for all spellings of an address: small letters, no slash at the end, no version."""
    return uri.partition("|")[0].strip().rstrip("/").lower()
