"""Plain numbers: results that are one quantity and nothing else, read without unpacking the rest of the resource.

Most results of a record are such. Their readings are exactly what `read_observation` gives; anything else is left to it.
"""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING

import msgspec
import orjson

from service.logic.dates import PartialDate
from service.logic.interval import Interval
from service.logic.units import one_unit
from service.record.bundle import NOTHING, reference_in, type_pointed_at
from service.record.codes import catalogued
from service.record.observations import COUNTED, EARLY, FAILED, METHODS
from service.record.record import Amount, Reading
from service.record.said import affirmed, may_be_of_other_disease, spoken_in, tested
from service.record.shelf import Said, Shelf
from service.record.specimens import named_specimen
from service.record.superseded import NEWEST_ONLY
from service.record.tolerant import Unreadable
from service.record.upper_limits import is_normal, one_limit
from service.record.wanted import LONGEST_SEEN, names_of
from service.record.whose import OTHERS

if TYPE_CHECKING:
    from service.record.codes import Coded
    from service.record.record import Specimen
    from service.record.vocabulary import Terms, Vocabulary


class _Quantity(msgspec.Struct, gc=False):
    value: int | float | None = None
    comparator: str = ""
    unit: str = ""
    code: str = ""


class _Limits(msgspec.Struct, gc=False):
    high: _Quantity | None = None
    type: msgspec.Raw = NOTHING
    appliesTo: msgspec.Raw = NOTHING  # noqa: N815 - FHIR's own name
    age: msgspec.Raw = NOTHING


class _Plain(msgspec.Struct, gc=False):
    """What a plain number has, and below the line what it must not have."""

    status: str
    code: msgspec.Raw
    effectiveDateTime: str  # noqa: N815 - FHIR's own name
    valueQuantity: _Quantity  # noqa: N815 - FHIR's own name
    interpretation: msgspec.Raw = NOTHING
    subject: msgspec.Raw = NOTHING
    referenceRange: msgspec.Raw = NOTHING  # noqa: N815 - FHIR's own name

    component: None = None
    hasMember: None = None  # noqa: N815 - FHIR's own name
    note: None = None
    focus: None = None
    modifierExtension: None = None  # noqa: N815 - FHIR's own name
    implicitRules: None = None  # noqa: N815 - FHIR's own name
    specimen: None = None
    bodySite: None = None  # noqa: N815 - FHIR's own name
    method: None = None
    dataAbsentReason: None = None  # noqa: N815 - FHIR's own name
    effectivePeriod: None = None  # noqa: N815 - FHIR's own name
    effectiveInstant: None = None  # noqa: N815 - FHIR's own name
    valueBoolean: None = None  # noqa: N815 - FHIR's own name
    valueInteger: None = None  # noqa: N815 - FHIR's own name
    valueDateTime: None = None  # noqa: N815 - FHIR's own name
    valueCodeableConcept: None = None  # noqa: N815 - FHIR's own name
    valueString: None = None  # noqa: N815 - FHIR's own name


_decode = msgspec.json.Decoder(_Plain).decode
_quantity_in = msgspec.json.Decoder(_Quantity).decode
_limits_in = msgspec.json.Decoder(tuple[_Limits, ...]).decode


class Number(msgspec.Struct, frozen=True, gc=False):
    """A plain number that is understood: all that a reading of it needs, while none is made yet."""

    reference: str
    when: PartialDate
    concepts: frozenset[str]
    said: Said
    value: Interval
    unit: str
    upper_limit: Decimal | None
    preliminary: bool

    @property
    def counts_when_newest(self) -> bool:
        """Whether only the newest of such numbers counts."""
        return self.said.counts_when_newest

    @property
    def specimen(self) -> Specimen | None:
        """Where the specimen comes from, by the name of the test."""
        return self.said.specimen

    def reading(self) -> Reading:
        """Return the reading."""
        said = self.said
        about, spoken = said.about, said.spoken
        return Reading(
            reference=self.reference,
            path="valueQuantity",
            when=self.when,
            concepts=self.concepts,
            text=about.text,
            amount=Amount(self.value, self.unit),
            answers=said.answers,
            words=said.words,
            coded=said.coded,
            specimen=said.specimen,
            preliminary=self.preliminary,
            upper_limit=self.upper_limit,
            findings=spoken.findings,
            named=said.named,
            says=spoken.answer,
            methods=said.methods,
            not_quantifiable=spoken.not_quantifiable,
            sensitivity=said.sensitivity,
            subset=said.subset,
            by_name=about.by_name,
            code_codings=about.codings,
        )


def read_number(raw: msgspec.Raw, reference: str, shelf: Shelf) -> Number | None:
    """Return a plain number; None for everything else, broken numbers included."""
    try:
        plain = _decode(raw)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return None
    quantity = plain.valueQuantity
    when = PartialDate.parse(plain.effectiveDateTime)
    said = _said(bytes(plain.code), bytes(plain.interpretation), shelf)
    if when is None or quantity.value is None or said is None or (plain.status not in COUNTED and plain.status not in EARLY):
        return None
    if plain.subject != shelf.subject and not _is_of_a_patient(plain.subject, shelf):
        return None
    unit = one_unit(quantity.code, quantity.unit)
    try:
        upper_limit = _upper_limit(plain.referenceRange, unit, shelf) if plain.referenceRange is not NOTHING else None
        value = Interval.compared(Decimal(str(quantity.value)), quantity.comparator)
    except (ValueError, msgspec.MsgspecError, RecursionError):
        return None
    concepts = said.tested if said.tested is not None else tested(said.about, shelf, reference)
    return Number(reference, when, concepts, said, value, unit, upper_limit, plain.status in EARLY)


def is_sound(quantity: msgspec.Raw) -> bool:
    """Return whether a quantity has a number, and each of its elements the right type."""
    try:
        return _quantity_in(quantity).value is not None
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return False


def _said(code: bytes, interpretation: bytes, shelf: Shelf) -> Said | None:
    read = _remembered_said if len(code) + len(interpretation) <= LONGEST_SEEN else _read_said
    return read(code, interpretation, shelf.vocabulary)


def _read_said(code: bytes, interpretation: bytes, vocabulary: Vocabulary) -> Said | None:
    """Return what the code and the interpretation say; None where they are not such as a plain number has."""
    terms, phrases = vocabulary.terms, vocabulary.phrases
    shelf = Shelf(vocabulary)
    found = _concepts(code, terms, one=True)
    judged = _concepts(interpretation, terms, one=False) if interpretation else ()
    if not found or judged is None or any(FAILED in item.concepts for item in judged):
        return None
    about = found[0]
    words = " ; ".join(dict.fromkeys(item.text for item in judged if item.text))
    spoken = spoken_in(words, shelf)
    named = frozenset(names_of(about.text, terms)) | spoken.named
    tests = None if may_be_of_other_disease(about) else about.concepts
    return Said(
        about=about,
        tested=tests,
        counts_when_newest=tests is not None and bool(tests) and tests <= NEWEST_ONLY,
        answers=frozenset().union(*(affirmed(item, shelf) for item in judged)),
        words=words,
        coded=tuple(coding for item in judged for coding in item.codings),
        spoken=spoken,
        named=named,
        specimen=named_specimen(about, named),
        methods=frozenset(concept for concept in named if concept.startswith(METHODS)),
        sensitivity=phrases.assay.sensitivity_percent(f"{phrases.assay.without_high(about.text)} {words}")
        if "mrd" in about.concepts
        else None,
        subset=about.by_name and phrases.is_lymphocyte_subset(about.text),
    )


# A test and its "normal" come again with each of its thousand results.
_remembered_said = lru_cache(maxsize=8_192)(_read_said)


def _concepts(raw: bytes, terms: Terms, *, one: bool) -> tuple[Coded, ...] | None:
    found = orjson.loads(raw)
    items = [found] if one else found
    if not isinstance(items, list) or not all(isinstance(item, dict) and item for item in items):
        return None
    try:
        return tuple(catalogued(item, terms, "") for item in items)
    except Unreadable:
        return None


def _is_of_a_patient(subject: msgspec.Raw, shelf: Shelf) -> bool:
    """Return whether a result is not about a relative, a group or a thing; one within itself is left to the long way."""
    if subject is not NOTHING and (reference_in(subject).startswith("#") or type_pointed_at(subject) in OTHERS):
        return False
    shelf.subject = subject  # that of the next one too
    return True


def _upper_limit(written: msgspec.Raw, unit: str, shelf: Shelf) -> Decimal | None:
    """Return the upper limit printed with a result; the same one is printed with all results of a test."""
    key = bytes(written), unit
    if key not in shelf.limits:
        shelf.limits[key] = _one_upper_limit(_limits_in(written), unit, shelf.terms)
    return shelf.limits[key]


def _one_upper_limit(limits: tuple[_Limits, ...], unit: str, terms: Terms) -> Decimal | None:
    return one_limit(
        (Decimal(str(high.value)), item.appliesTo is not NOTHING or item.age is not NOTHING)
        for item in limits
        if (high := item.high) is not None and high.value is not None and high.value > 0
        if one_unit(high.code, high.unit) in {"", unit}
        if item.type is NOTHING or is_normal(bytes(item.type), terms)
    )
