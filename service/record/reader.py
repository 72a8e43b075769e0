"""Bundles and prefetch become a patient record: each resource by itself, a broken one never fails the rest."""

from __future__ import annotations

from datetime import date
from itertools import chain
from typing import TYPE_CHECKING, TypeVar, cast, get_args

import orjson

from service.errors import NoPatient, OtherFhirVersion, WrongPatient
from service.logic.dates import PartialDate
from service.record.bundle import NOTHING, Slice, open_bundle, reference_in, type_pointed_at
from service.record.by_then import by_then, used_as_of_then
from service.record.conditions import (
    history_in,
    may_tell_relapse,
    mentioned_in,
    read_condition,
)
from service.record.demographics import born, is_deceased, is_replaced, note_modified, sex_of
from service.record.kinds import OTHER_VERSIONS, TYPES
from service.record.lymphocytes import lymphocyte_results, marked
from service.record.members import Panel
from service.record.newest_first import by_test
from service.record.numbers import Number, is_sound, read_number
from service.record.observations import read_observation
from service.record.owner import Owner, names_another_within
from service.record.plain_drugs import read_plain_drug
from service.record.procedures import read_procedure
from service.record.record import Diagnosis, Drug, Item, PatientRecord, Reading, Sensitivity, Treatment, Unread, Visit
from service.record.reports import mentioned_by, notice, read_report, says_nothing
from service.record.sensitivities import read_allergy
from service.record.shelf import Shelf
from service.record.superseded import newest_of_each, without_superseded
from service.record.told_drugs import types_not_told
from service.record.tolerant import Unreadable, day_of_broken, text
from service.record.treatments import (
    read_administration,
    read_dispense,
    read_request,
    read_statement,
)
from service.record.versions import has_twins, newest_versions
from service.record.visits import read_visit
from service.record.wanted import is_wanted
from service.record.whose import OTHERS
from service.record.withdrawn import without_withdrawn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from service.record.tolerant import Json
    from service.record.vocabulary import Vocabulary

T = TypeVar("T")

_READERS: dict[str, Callable[[Json, str, Shelf], Item | None]] = {
    "Observation": read_observation,
    "Condition": read_condition,
    "DiagnosticReport": read_report,
    "AllergyIntolerance": read_allergy,
    "Encounter": read_visit,
    "Procedure": read_procedure,
    "MedicationRequest": read_request,
    "MedicationAdministration": read_administration,
    "MedicationStatement": read_statement,
    "MedicationDispense": read_dispense,
}
_KINDS: tuple[type, ...] = get_args(Item)
READ_KINDS = frozenset(_READERS)
_HOLDERS = frozenset({"Observation", "DiagnosticReport"})  # what results may stand within
POINTED_AT = frozenset({"Medication", "Specimen"})


def read_bundle(body: bytes, vocabulary: Vocabulary, as_of: date, *, is_past: bool = False) -> PatientRecord:
    """Return the record of the one patient in a bundle of any type.

    Broken resources, results after `as_of` or before birth are set aside and listed under `problems`. `is_past`: that day is
    over, so that a treatment which is recorded as done may have been done after it.
    Raises: NotJson, NotABundle, NoPatient, WrongPatient, OtherFhirVersion.
    """
    return read_slices(open_bundle(body), vocabulary, as_of, is_past=is_past)


def read_slices(
    slices: Iterable[Slice],
    vocabulary: Vocabulary,
    as_of: date,
    unavailable: frozenset[str] = frozenset(),
    *,
    is_past: bool = False,
) -> PatientRecord:
    """Return the record of the one patient to whom opened resources belong, wherever they stood.

    `unavailable`: types of which some may not have come. `is_past`: as in a bundle.
    Raises: NoPatient, WrongPatient, OtherFhirVersion.
    """
    shelf = Shelf(vocabulary, PartialDate.of_day(as_of), is_past)
    return _read(newest_versions(slices, shelf), shelf, as_of, "", unavailable)


def read_prefetch(  # noqa: PLR0913 - all that a hook tells
    resources: Mapping[str, Sequence[Slice]],
    vocabulary: Vocabulary,
    as_of: date,
    *,
    patient_id: str,
    unavailable: frozenset[str] = frozenset(),
    is_past: bool = False,
) -> PatientRecord:
    """Return the record of the patient that a hook names, from the opened resources of each prefetch key.

    Raises: WrongPatient where any resource belongs to somebody else; NoPatient where no Patient was sent.
    """
    shelf = Shelf(vocabulary, PartialDate.of_day(as_of), is_past)
    found = list(chain.from_iterable(resources.values()))
    if has_twins(found):
        found = newest_versions(found, shelf)
    return _read(found, shelf, as_of, patient_id, unavailable)


def _read(opened: Iterable[Slice], shelf: Shelf, as_of: date, patient_id: str, unavailable: frozenset[str]) -> PatientRecord:
    patient = Owner()
    kept: list[Slice] = []
    others: list[Slice] = []
    told_within: list[Slice] = []  # whose subject stands within them
    owners: dict[bytes, Slice] = {}
    terms = shelf.terms
    latest, pile = NOTHING, kept
    for found in opened:
        head = found.head
        if head is None:
            kept.append(found)
            continue
        kind = head.resourceType
        if kind == "Patient":
            patient.take(found, patient_id, shelf)
            continue
        pointer = head.subject if head.patient is NOTHING else head.patient
        if pointer is not NOTHING and pointer != latest:  # one and the same a thousand times
            latest, within = pointer, reference_in(pointer).startswith("#")
            pile = others if type_pointed_at(pointer) in OTHERS else told_within if within else kept
            owners.setdefault(bytes(pointer), found)
        if kind in _READERS:
            if found.wanted or is_wanted(head, terms):
                (kept if pointer is NOTHING else pile).append(found)
        elif kind in POINTED_AT:
            shelf.keep(found)
        elif kind not in TYPES:
            _refuse_or_set_aside(found, kind, shelf)
    if not patient.names and not patient.reference:
        raise NoPatient("no Patient resource was found", hint="send the Patient together with the data")
    _refuse_strangers(owners, patient)
    _look_within(told_within, patient, kept, others)
    _set_aside_others(others, shelf)
    shelf.conditions.update({found.full_url: found.reference for found in kept if found.full_url and _is_condition(found)})
    return _record(without_withdrawn(kept, shelf), patient, shelf, as_of, unavailable)


def _refuse_or_set_aside(found: Slice, kind: str, shelf: Shelf) -> None:
    """Set aside what has no type of FHIR's. Raises: OtherFhirVersion where only another version has it."""
    if kind in OTHER_VERSIONS:
        said = "the data hold resources that FHIR R4 does not know"
        raise OtherFhirVersion(said, where=found.position, hint="send them as FHIR R4")
    shelf.set_aside(found, "resourceType", "FHIR has no type of this name; the resource is set aside")


def _look_within(told_within: list[Slice], patient: Owner, kept: list[Slice], others: list[Slice]) -> None:
    for found in told_within:
        (others if names_another_within(found, patient) else kept).append(found)


def _set_aside_others(others: list[Slice], shelf: Shelf) -> None:
    for found in others:
        shelf.problem("warning", "about-another-person", f"{found.reference} subject", "Of another person; set aside")


def _is_condition(found: Slice) -> bool:
    return found.head is not None and found.head.resourceType == "Condition"


def _refuse_strangers(owners: dict[bytes, Slice], patient: Owner) -> None:
    for pointer, slice_ in owners.items():
        owner = reference_in(pointer)
        if owner and patient.owns(owner) is False:
            raise WrongPatient("the data belong to more than one patient", where=slice_.position, hint="send one patient a call")


def _record(kept: list[Slice], patient: Owner, shelf: Shelf, as_of: date, unavailable: frozenset[str]) -> PatientRecord:
    today = PartialDate.of_day(as_of)
    note_modified(patient, shelf)
    birth, deceased = born(patient, today, shelf), is_deceased(patient, today, shelf)
    items: dict[type, list[Item]] = {kind: [] for kind in _KINDS}
    numbers: list[Number] = []
    for item in _in_their_time(kept, birth, today, shelf):
        if isinstance(item, Number):
            numbers.append(item)
            continue
        one = by_then(item, shelf)
        if one is None:
            continue
        items[type(one)].append(one)
        items[Drug].extend(_told_of(one, today))
    readings, diagnoses, drugs = _of(Reading, items), _of(Diagnosis, items), _of(Drug, items)
    readings.extend(result for result in shelf.within if _in_time(result, birth, today, shelf))
    readings.extend(_readings(numbers))
    if shelf.of_lymphocytes:
        led_to = lymphocyte_results(kept, shelf)
        readings[:] = [marked(reading, led_to) for reading in readings]
    for reading in readings:
        if reading.text_only:
            shelf.problem("information", "text-only", f"{reading.reference} {reading.path}", notice(reading))
        if reading.preliminary and reading.concepts:
            shelf.problem("warning", "not-final", f"{reading.reference} status", "The result is not final and may still change")
    for found in items.values():
        found.sort(key=_place)  # the order in which a bundle lists its resources says nothing
    not_told = types_not_told(drugs, shelf)
    return PatientRecord(
        reference=patient.reference,
        birth=birth,
        sex=sex_of(patient, shelf),
        replaced=is_replaced(patient, shelf),
        deceased=deceased,
        readings=without_superseded(readings),
        diagnoses=tuple(diagnosis for diagnosis in diagnoses if not diagnosis.refuted),
        refuted=tuple(diagnosis for diagnosis in diagnoses if diagnosis.refuted),
        drugs=tuple(drugs),
        treatments=tuple(_of(Treatment, items)),
        sensitivities=tuple(_of(Sensitivity, items)),
        visits=tuple(_of(Visit, items)),
        problems=tuple(sorted(dict.fromkeys(shelf.problems), key=lambda problem: (problem.where, problem.code))),
        unreadable=tuple(shelf.unread),
        unavailable=unavailable | not_told,
    )


def _of(kind: type[T], items: dict[type, list[Item]]) -> list[T]:
    """Return the items of a kind, under which they were put."""
    return cast("list[T]", items[kind])


def _in_their_time(kept: list[Slice], birth: PartialDate | None, today: PartialDate, shelf: Shelf) -> Iterator[Item | Number]:
    """Yield what resources say, but what is not of the time asked about.

    Where only the newest number of a test counts, older ones since birth are not read once it is there, but those
    whose quantity is broken: they are named.
    """
    others, tests = by_test(kept)
    for slice_ in others:
        item = _one(slice_, shelf)
        if item is not None and _in_time(item, birth, today, shelf):
            yield item
    first = date.min if birth is None else birth.low
    for dated in tests:
        newest = date.min
        for on, quantity, slice_ in dated:
            if first <= on < newest and is_sound(quantity):
                continue
            item = _one(slice_, shelf)
            if item is not None and _in_time(item, birth, today, shelf):
                yield item
                if isinstance(item, Number) and item.counts_when_newest:
                    newest = max(newest, on)


def _told_of(item: Item, today: PartialDate) -> Iterator[Drug]:
    """Yield the treatments of which the words of a diagnosis or of a report tell."""
    if isinstance(item, Reading):
        if item.treated:
            yield mentioned_by(item)
    elif isinstance(item, Diagnosis) and not item.refuted and (item.recorded is None or item.recorded.low <= today.high):
        yield from (told for told in (history_in(item), mentioned_in(item)) if told is not None)


def _readings(numbers: list[Number]) -> Iterator[Reading]:
    """Yield the readings of numbers; of tests of which only the newest counts, none is made of older ones."""
    yield from (number.reading() for number in numbers if not number.counts_when_newest)
    yield from (number.reading() for number in newest_of_each(number for number in numbers if number.counts_when_newest))


def _place(item: Item) -> str:
    return item.reference


def _one(slice_: Slice, shelf: Shelf) -> Item | Number | None:
    """Return what one resource says; None where it is broken (noted as a problem) or does not count."""
    head = slice_.head
    try:
        if head is not None:
            plain: Item | Number | None = None
            if head.resourceType == "Observation":
                if head.is_number:
                    plain = read_number(slice_.raw, slice_.reference, shelf)
            elif head.resourceType == "DiagnosticReport":
                if says_nothing(slice_.raw, shelf.vocabulary.phrases):
                    return None
            elif head.medicationCodeableConcept is not NOTHING:
                plain = read_plain_drug(head.resourceType, slice_.raw, slice_.reference, shelf)
            if plain is not None:
                return plain
        resource = slice_.decoded()
        kind = text(resource, "resourceType")
        reader = _READERS.get(kind)
        return reader(resource, slice_.reference, shelf) if reader is not None else None
    except Unreadable as fault:
        _set_aside(slice_, fault.path, "This element is not what FHIR allows; the resource is set aside", shelf)
    except (orjson.JSONDecodeError, RecursionError, UnicodeDecodeError):
        _set_aside(slice_, "", "This resource could not be read; set aside", shelf)
    return None


def _set_aside(slice_: Slice, path: str, said: str, shelf: Shelf) -> None:
    """Note a broken resource, its day if that can be read, and the results within it; a Condition or visit may be a relapse."""
    try:
        resource = slice_.decoded()
    except (orjson.JSONDecodeError, RecursionError, UnicodeDecodeError):
        resource = {}
    kind = "" if slice_.head is None else slice_.head.resourceType
    # a visit is looked at only where its codes tell of the course
    relapsed = kind == "Encounter" or (kind == "Condition" and (not resource or may_tell_relapse(resource, shelf)))
    shelf.set_aside(slice_, path, said, when=day_of_broken(resource), relapsed=relapsed)
    if kind in _HOLDERS:
        _lose_results(resource, slice_, shelf)


def _lose_results(broken: Json, slice_: Slice, shelf: Shelf) -> None:
    """Note the results that stood within a broken panel or report: they are lost with it."""
    try:
        for path, result in Panel(broken).results:
            shelf.lose(result, slice_.reference, path)
    except Unreadable:
        shelf.unread.append(Unread(frozenset(), slice_.reference, "contained", "Observation"))


def _date_of(item: Item | Number) -> PartialDate | None:
    match item:
        case Number() | Reading() | Sensitivity() | Visit():  # most are numbers
            return item.when
        case Drug() | Treatment():
            return item.start
        case Diagnosis():
            return item.onset or item.recorded


_PAST_DAYS = frozenset({"relapse-date"})  # results whose value is a day that has been


def _concepts_of(item: Item | Number) -> frozenset[str]:
    """Return what a resource is about, components included."""
    parts = item.components if isinstance(item, Reading) else ()
    return item.concepts.union(*(_concepts_of(part) for part in parts))


def _in_time(item: Item | Number, birth: PartialDate | None, today: PartialDate, shelf: Shelf) -> bool:
    when = _date_of(item)
    if (
        isinstance(item, Reading)
        and item.day is not None
        and item.day.low > today.high
        and not _PAST_DAYS.isdisjoint(item.concepts)
    ):
        shelf.problem(
            "warning", "after-as-of", f"{item.reference} {item.path}", "Tells of a day after the day asked for; not used"
        )
        shelf.unread.append(Unread(item.concepts, item.reference, item.path))
        return False
    if when is None:
        return True
    if when.low > today.high:
        shelf.problem("information", "after-as-of", item.reference, "Dated after the day asked for; not used")
        return False
    if when.high > today.high and isinstance(item, Number | Reading):
        used_as_of_then(item.reference, shelf)
    if birth is not None and when.high < birth.low:
        shelf.problem("error", "before-birth", item.reference, "Dated before birth; set aside")
        shelf.unread.append(Unread(_concepts_of(item), item.reference, ""))
        return False
    return True
