"""Observations as readings: value, answers, words, specimen, method and date, each component a reading of its own.

A result that stands within the panel which leads to it is read like a component; one within a report, like one beside it.
"""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from msgspec.structs import replace

from service.record.amounts import amount_in, upper_limit_in
from service.record.codes import NOTHING, catalogued, coded, concept_of
from service.record.days import narrowed, told_day
from service.record.members import DEEPEST, Panel, addresses
from service.record.record import Reading
from service.record.said import OF_ONE_DISEASE, affirmed, answered, named_in_note, since_told, spoken_in, tested, told_in
from service.record.specimens import is_spoilt, named_specimen, specimen_in_words, specimen_of
from service.record.told_relapse import told_by_result
from service.record.tolerant import Json, Unreadable, day, mappings, notes, refuse_modified, text
from service.record.unused_values import why_unused, without_its_value
from service.record.wanted import names_of
from service.record.whose import conditions_in, of_somebody_else
from service.record.written import written_amount

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from decimal import Decimal

    from service.logic.dates import PartialDate
    from service.record.codes import Coded
    from service.record.record import Amount, Specimen
    from service.record.shelf import Shelf

T = TypeVar("T", bool, int)
_LATEST = attrgetter("low", "high")
_TRANSCRIPT = "bcr-abl1"
METHODS = ("method-", "mrd-at-", "clone-", "denominator-", "chromosome-microarray")
WRITTEN_OUT = frozenset({"iscn"})  # systems whose codes are whole descriptions

COUNTED = frozenset({"final", "amended", "corrected"})
EARLY = frozenset({"preliminary", "registered"})
IGNORED = frozenset({"entered-in-error", "cancelled"})
FAILED = "answer-failed"  # the test failed its own quality control


def read_observation(resource: Json, reference: str, shelf: Shelf) -> Reading | None:
    """Return the reading of one Observation with its components; None where its status takes it out.

    Raises: Unreadable where an element that is read has the wrong shape.
    """
    status = text(resource, "status")
    if status in IGNORED:
        return None
    refuse_modified(resource)
    if status not in COUNTED and status not in EARLY:
        shelf.problem(
            "warning", "status-unknown", f"{reference} status", "The status does not say whether the result is final; set aside"
        )
        return None
    doubted = _is_doubted(resource, reference, shelf)
    if of_somebody_else(resource, shelf):
        shelf.problem("warning", "about-another-person", f"{reference} focus", "The result is about another person; set aside")
        return None
    specimen, when = _taken(resource, reference, shelf)
    when = when or day(resource, "issued")
    read = _reading(resource, "", _Inherited(reference, when, specimen, status in EARLY), shelf)
    read = replace(read, focus=conditions_in(resource, shelf), leads=bool(resource.get("hasMember")))
    if read.leads and shelf.vocabulary.phrases.is_lymphocyte_subset(read.text):
        shelf.of_lymphocytes.update(addresses(resource, "hasMember"))
    if read.leads and resource.get("contained"):
        read = _with_members(read, resource, Panel(resource), shelf)
    return _without_value(read) if doubted else read


def _is_doubted(resource: Json, where: str, shelf: Shelf) -> bool:
    """Return whether a note or the state of the specimen takes a result back; it is noted as a problem."""
    if is_spoilt(resource, shelf):
        said = "The specimen was unsatisfactory or entered in error; the result is not used"
        shelf.problem("warning", "not-evaluable", f"{where} specimen", said)
        return True
    noted = notes(resource)
    doubted = bool(noted) and shelf.vocabulary.phrases.is_inadequate(noted)
    if doubted:
        shelf.problem("warning", "not-evaluable", f"{where} note", "A note says that the result cannot be judged; not used")
    return doubted


def _taken(resource: Json, where: str, shelf: Shelf) -> tuple[Specimen | None, PartialDate | None]:
    """Return the specimen of a result and its day; the day on which it was given out is another one."""
    specimen, taken = specimen_of(resource, shelf)
    return specimen, narrowed(told_day(resource, where, shelf), taken)


def results_within(report: Json, around: Reading, shelf: Shelf) -> Iterator[Reading]:
    """Yield the contained results to which a report leads, each standing for itself; one that is broken is set aside alone.

    `around`: the report, with what its results inherit.
    """
    panel = Panel(report)
    of_lymphocytes = shelf.vocabulary.phrases.is_lymphocyte_subset(around.text)
    for path, member in panel.members(report, "result"):
        try:
            read = _member(around, member, path, panel, shelf, of_lymphocytes=of_lymphocytes, apart=True)
            if read is not None:
                read = _with_members(read, member, panel, shelf, of_lymphocytes=of_lymphocytes)
                (read,) = _of_the_leukaemia([read], around, shelf)
                yield replace(read, focus=conditions_in(member, shelf))
        except Unreadable as fault:
            shelf.lose(member, around.reference, path, fault.path)


def _with_members(  # noqa: PLR0913 - a panel with what its members inherit
    read: Reading, holder: Json, panel: Panel, shelf: Shelf, depth: int = 0, *, of_lymphocytes: bool = False
) -> Reading:
    """Return a panel with the contained results to which it leads; one without a day has that of its latest member."""
    if depth == DEEPEST:
        return read
    of_lymphocytes = of_lymphocytes or shelf.vocabulary.phrases.is_lymphocyte_subset(read.text)
    found: list[Reading] = []
    for path, member in panel.members(holder, "hasMember"):
        part = _member(read, member, path, panel, shelf, of_lymphocytes=of_lymphocytes)
        if part is not None:
            found.append(_with_members(part, member, panel, shelf, depth + 1, of_lymphocytes=of_lymphocytes))
    found = _of_the_leukaemia(found, read, shelf)
    days = [part.when for part in found if part.when is not None]
    when = read.when or max(days, key=_LATEST, default=None)
    return replace(read, when=when, components=(*read.components, *found)) if found else read


def _member(  # noqa: PLR0913 - a member with what it inherits
    around: Reading, member: Json, path: str, panel: Panel, shelf: Shelf, *, of_lymphocytes: bool, apart: bool = False
) -> Reading | None:
    """Return a result within a panel or a report; None where it does not count or is of another person.

    One within a panel must also be of its panel's day or earlier, and about no condition of its own; one of a report may stand
    `apart`.
    """
    where = f"{around.reference} {path}"
    status = text(member, "status", path)
    if status in IGNORED:
        return None
    refuse_modified(member, path)
    specimen, when = _taken(member, where.rstrip("."), shelf)
    of_another = of_somebody_else(member, shelf) or panel.is_of_another(member, path)
    later = when is not None and around.when is not None and when.low > around.when.high
    reasons = (
        (status not in COUNTED | EARLY, "status-unknown", "The status does not say whether the result is final; set aside"),
        (of_another, "about-another-person", "Of another person; set aside"),
        (
            not apart and bool(conditions_in(member, shelf)),
            "other-disease",
            "About a condition of its own, apart from its panel; set aside",
        ),
        (not apart and later, "after-its-panel", "Dated after the panel in which it stands; set aside"),
    )
    for applies, code, said in reasons:
        if applies:
            shelf.problem("warning", code, where, said)
            return None
    inherited = _Inherited(
        around.reference,
        when or around.when or day(member, "issued", path),
        _specimen(specimen, named_specimen(coded(member, "code", shelf.terms, path))) or around.specimen,
        around.preliminary or status in EARLY,
        around.concepts | around.parent,
        of_lymphocytes,
    )
    read = _reading(member, path, inherited, shelf)
    return _without_value(read) if _is_doubted(member, where.rstrip("."), shelf) else read


def _of_the_leukaemia(within: list[Reading], around: Reading, shelf: Shelf) -> list[Reading]:
    """Return the results; where what they stand within is named by another disease, they say nothing of the leukaemia."""
    if not within or not shelf.vocabulary.phrases.is_of_other_disease(around.text):
        return within
    shelf.problem(
        "warning", "other-disease", f"{around.reference} code", "Named by another disease; the results within it are not used"
    )
    return [_of_other_disease(reading) for reading in within]


def _of_other_disease(reading: Reading) -> Reading:
    parts = tuple(_of_other_disease(part) for part in reading.components)
    return replace(reading, concepts=reading.concepts - OF_ONE_DISEASE, components=parts)


def _without_value(reading: Reading) -> Reading:
    """Return a result that is there and cannot be judged, with all of its components."""
    return replace(_unjudged(reading), components=tuple(_without_value(part) for part in reading.components))


def _unjudged(reading: Reading) -> Reading:
    """Return a result that is there and cannot be judged; its components stand for themselves."""
    return replace(
        reading,
        amount=None,
        answers=frozenset({"answer-indeterminate"}),
        words="",
        coded=(),
        flag=None,
        whole=None,
        day=None,
        findings=(),
        says="indeterminate",
        not_quantifiable=False,
    )


class _Inherited(NamedTuple):
    """What an observation or a component has from what it stands in."""

    reference: str
    when: PartialDate | None
    specimen: Specimen | None
    early: bool
    parent: frozenset[str] = frozenset()  # concepts of all that it stands in
    of_lymphocytes: bool = False

    def within(self, code: Coded, *, of_lymphocytes: bool) -> _Inherited:
        """Return what a component has from an observation of this code."""
        return self._replace(parent=code.concepts | self.parent, of_lymphocytes=of_lymphocytes)


def _reading(holder: Json, path: str, around: _Inherited, shelf: Shelf) -> Reading:
    """Return one observation or component, with its components."""
    if (why := why_unused(holder, path, shelf.terms)) is not None:
        shelf.problem(why.severity, why.code, f"{around.reference} {path}{why.element}", why.said)
        return _unjudged(_reading(without_its_value(holder), path, around, shelf))
    code = coded(holder, "code", shelf.terms, path)
    # a panel of lymphocytes tells nothing of blasts in any of its components
    of_lymphocytes = around.of_lymphocytes or shelf.vocabulary.phrases.is_lymphocyte_subset(code.text)
    amount, where = _amount(holder, around.reference, path, shelf)
    written = text(holder, "valueString", path)
    value = _coded_value(holder, written, code, path, shelf)
    interpretation = _interpretation(holder, path, shelf)
    absent = coded(holder, "dataAbsentReason", shelf.terms, path)
    beside = (value.text, *(item.text for item in interpretation), absent.text)
    noted = "" if path else notes(holder)
    said = shelf.clipped(_joined((written, *beside, _in_its_note(code, holder, noted))), around.reference)
    stands = where or next((key for key in _OTHER_VALUES if holder.get(key) is not None), "")
    components = tuple(
        _reading(component, f"{path}component[{position}].", around.within(code, of_lymphocytes=of_lymphocytes), shelf)
        for position, component in mappings(holder, "component", path)
    )
    named_in_code = frozenset(names_of(code.text, shelf.terms))
    spoken = spoken_in(_joined(beside) if where == "valueString" else said, shelf)
    of_mrd = "mrd" in around.parent | code.concepts
    sensitivity = _sensitivity(holder, path, (code.text, said, noted), amount, components, shelf) if of_mrd else None
    read = Reading(
        reference=around.reference,
        path=path + (stands or ("interpretation" if interpretation else "code")),
        when=around.when,
        concepts=tested(code, shelf, around.reference),
        text=code.text,
        parent=around.parent,
        amount=amount,
        answers=answered(value, code, shelf).union(*(affirmed(item, shelf) for item in interpretation)),
        words=said if sensitivity is None else shelf.vocabulary.phrases.assay.without_sensitivity(said),
        coded=value.codings + tuple(coding for item in interpretation for coding in item.codings),
        flag=_typed(holder, "valueBoolean", bool, path),
        whole=_typed(holder, "valueInteger", int, path),
        day=day(holder, "valueDateTime", path),
        specimen=_specimen(around.specimen, named_specimen(code, named_in_code), specimen_in_words(holder, noted, shelf)),
        note=noted,
        preliminary=around.early,
        absent=bool(absent.codings or absent.text) and not stands,
        absent_for=absent.concepts if not stands else frozenset(),
        upper_limit=upper_limit_in(holder, path, amount.unit if amount is not None else "", shelf.terms),
        components=components,
        findings=spoken.findings,
        named=named_in_code | spoken.named | _named_by_codes(value, shelf) | named_in_note(code, noted, shelf),
        says=told_in(said, spoken, code, shelf.vocabulary),
        methods=_methods(holder, named_in_code | spoken.named, path, noted if of_mrd else "", shelf),
        not_quantifiable=spoken.not_quantifiable,
        sensitivity=sensitivity,
        subset=code.by_name and of_lymphocytes,
        by_name=code.by_name,
        code_codings=code.codings,
        since=since_told(code, value, shelf),
    )
    if told := told_by_result(read, shelf.vocabulary):
        read = replace(read, concepts=read.concepts | told)
    return _failed(read, shelf) if any(FAILED in item.concepts for item in interpretation) else read


def _in_its_note(code: Coded, holder: Json, noted: str) -> str:
    """Return the note of a variant that has no value, in which it is then told; '' for all else."""
    valued = "genetic-variant" not in code.concepts or any(key.startswith("value") for key in holder)
    return "" if valued else noted


def _coded_value(holder: Json, written: str, code: Coded, path: str, shelf: Shelf) -> Coded:
    """Return the coded value; a status of the disease is signed, in whatever type it is written."""
    value = coded(holder, "valueCodeableConcept", shelf.terms, path)
    if written and value is NOTHING and "disease-status" in code.concepts:
        return concept_of({"text": written}, shelf.terms, path)
    return value


def _interpretation(holder: Json, path: str, shelf: Shelf) -> list[Coded]:
    return [
        catalogued(item, shelf.terms, f"{path}interpretation[{position}].")
        for position, item in mappings(holder, "interpretation", path)
    ]


def _named_by_codes(value: Coded, shelf: Shelf) -> frozenset[str]:
    """Return the concepts that codes name which are words themselves, such as a karyotype in ISCN."""
    written_out = " ; ".join(code for system, code in value.codings if system in WRITTEN_OUT)
    return frozenset(shelf.terms.names_in(written_out)) if written_out else frozenset()


def _sensitivity(  # noqa: PLR0913 - wherever it may be told
    holder: Json, path: str, told: tuple[str, ...], amount: Amount | None, parts: tuple[Reading, ...], shelf: Shelf
) -> Decimal | None:
    """Return the sensitivity of an assay in percent: by the words of a result or of its method, or by one of its parts.

    A part whose name is the sensitivity may be a quantity. `told`: the name of the test first.
    """
    name, *others = told
    method = coded(holder, "method", shelf.terms, path).text
    assay = shelf.vocabulary.phrases.assay
    number = f"{amount.interval} {amount.unit}" if path and amount is not None else ""
    own = assay.sensitivity_percent(" ".join((assay.without_high(name), *others, method, number)))
    return own if own is not None else next((part.sensitivity for part in parts if part.sensitivity is not None), None)


def _failed(reading: Reading, shelf: Shelf) -> Reading:
    said = "The test failed its quality control; the result is not used"
    shelf.problem("warning", "not-evaluable", f"{reading.reference} {reading.path}", said)
    return _unjudged(reading)


def _amount(holder: Json, reference: str, path: str, shelf: Shelf) -> tuple[Amount | None, str]:
    """Return the amount that a result has, else the one that its string is, and the element in which it stands.

    Raises: Unreadable where both are amounts that differ.
    """
    found, where = amount_in(holder, path)
    if holder.get("valueString") is None:
        return found, where
    amount, ambiguous = written_amount(text(holder, "valueString", path))
    if where:
        if found is not None and amount is not None and amount.unit == found.unit and amount.interval != found.interval:
            raise Unreadable(f"{path}valueString")
        return found, where
    if ambiguous:
        said = "The separator in this number may part thousands or decimals; not used"
        shelf.problem("warning", "ambiguous-number", f"{reference} {path}valueString", said)
    return (amount, "valueString") if amount is not None else _NO_AMOUNT


def _joined(words: Iterable[str]) -> str:
    return " ; ".join(dict.fromkeys(word for word in words if word))


_NO_AMOUNT = (None, "")
_OTHER_VALUES = ("valueCodeableConcept", "valueString", "valueBoolean", "valueInteger", "valueDateTime")


def _specimen(told: Specimen | None, *named: Specimen | None) -> Specimen | None:
    """Return a specimen that is told and understood, else the first that is named."""
    return next((one for one in (told, *named) if one not in {None, "unclear"}), told)


def _typed(holder: Json, key: str, kind: type[T], path: str) -> T | None:
    value = holder.get(key)
    if value is None:
        return None
    if type(value) is not kind:
        raise Unreadable(path + key)
    return value


def _methods(holder: Json, named: frozenset[str], path: str, noted: str, shelf: Shelf) -> frozenset[str]:
    """Return how a result was found, by its method and its words; by its note only that it is a share of transcripts."""
    method = coded(holder, "method", shelf.terms, path)
    of_transcripts = [concept for concept in shelf.terms.names_in(noted) if concept.startswith(_TRANSCRIPT)] if noted else []
    found = method.concepts.union(of_transcripts, (concept for concept in named if concept.startswith(METHODS)))
    if not method.text:
        return found
    return found.union(concept for concept in shelf.terms.names_in(method.text) if concept.startswith((*METHODS, _TRANSCRIPT)))
