"""Observations as readings: value, answers, words, specimen, method and date, each component a reading of its own."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

from msgspec.json import encode
from msgspec.structs import replace

from service.logic.interval import Interval
from service.logic.truth import Truth
from service.record.codes import Coded, catalogued, coded
from service.record.record import Amount, Reading
from service.record.shelf import Spoken
from service.record.tolerant import Json, Unreadable, day, mapping, mappings, notes, period, refuse_modified, text
from service.record.upper_limits import is_normal, one_limit
from service.record.vocabulary import is_judgement
from service.record.wanted import LONGEST_REMEMBERED, names_of

if TYPE_CHECKING:
    from service.logic.dates import PartialDate
    from service.record.phrases import Finding
    from service.record.record import Specimen
    from service.record.shelf import Shelf
    from service.record.vocabulary import Terms, Vocabulary

T = TypeVar("T", bool, int)
Findings = tuple[tuple[str, "Finding"], ...]
"""What is said of markers, by concept."""

METHODS = ("method-", "mrd-at-", "clone-", "denominator-", "chromosome-microarray")
WRITTEN_OUT = frozenset({"iscn"})  # systems whose codes are whole descriptions

COUNTED = frozenset({"final", "amended", "corrected"})
EARLY = frozenset({"preliminary", "registered"})
IGNORED = frozenset({"entered-in-error", "cancelled"})
OTHERS = ("RelatedPerson/", "Group/", "Location/", "Device/")  # subjects that are not the patient

_SPECIMENS: tuple[tuple[str, Specimen], ...] = (
    ("specimen-marrow", "marrow"),
    ("specimen-blood", "blood"),
    ("specimen-csf", "csf"),
    ("specimen-urine", "other"),
)


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
    noted = notes(resource)
    doubted = bool(noted) and shelf.vocabulary.phrases.is_inadequate(noted)
    if doubted:
        shelf.problem("warning", "not-evaluable", f"{reference} note", "A note says that the result cannot be judged; not used")
    if _of_somebody_else(resource):
        shelf.problem("warning", "about-another-person", f"{reference} focus", "The result is about another person; set aside")
        return None
    specimen, collected = _specimen(resource, shelf)
    when = _when(resource) or collected or day(resource, "issued")
    if collected is not None and when is not None and collected.before(when) is Truth.YES:
        when = collected  # a kept specimen that was tested later tells of the day on which it was taken
    read = _reading(resource, reference, "", when, specimen, shelf, early=status in EARLY)
    read = replace(read, focus=_conditions_in(resource, shelf))
    return _without_value(read) if doubted else read


def _conditions_in(resource: Json, shelf: Shelf) -> tuple[str, ...]:
    """Return the Conditions on which a result is focused, each as evidence names it."""
    pointed = (text(item, "reference", f"focus[{position}].") for position, item in mappings(resource, "focus"))
    return tuple(found for reference in pointed if (found := shelf.condition(reference)))


def _without_value(reading: Reading) -> Reading:
    """Return a result that is there and cannot be judged, with all of its components."""
    return replace(
        reading,
        amount=None,
        answers=frozenset({"answer-indeterminate"}),
        words="",
        coded=(),
        findings=(),
        says="indeterminate",
        not_quantifiable=False,
        components=tuple(_without_value(part) for part in reading.components),
    )


def _of_somebody_else(resource: Json) -> bool:
    """Return whether a result is about a relative, a group or another patient, though it came with the patient's data."""
    owner = text(mapping(resource, "subject"), "reference", "subject.")
    pointed = [text(item, "reference", f"focus[{position}].") for position, item in mappings(resource, "focus")]
    if owner.startswith(OTHERS):
        return True
    return any("RelatedPerson/" in focus or ("Patient/" in focus and focus != owner) for focus in pointed)


def _reading(  # noqa: PLR0913 - one observation or component with what it inherits
    holder: Json,
    reference: str,
    path: str,
    when: PartialDate | None,
    specimen: Specimen | None,
    shelf: Shelf,
    *,
    early: bool,
    parent: frozenset[str] = frozenset(),
    of_lymphocytes: bool = False,
) -> Reading:
    code = coded(holder, "code", shelf.terms, path)
    # a panel of lymphocytes tells nothing of blasts in any of its components
    of_lymphocytes = of_lymphocytes or shelf.vocabulary.phrases.is_lymphocyte_subset(code.text)
    amount, where = _amount(holder, path)
    value = coded(holder, "valueCodeableConcept", shelf.terms, path)
    interpretation = [
        catalogued(item, shelf.terms, f"{path}interpretation[{position}].")
        for position, item in mappings(holder, "interpretation", path)
    ]
    absent = coded(holder, "dataAbsentReason", shelf.terms, path)
    words = [text(holder, "valueString", path), value.text, *(item.text for item in interpretation), absent.text]
    said = shelf.clipped(" ; ".join(dict.fromkeys(word for word in words if word)), reference)
    noted = "" if path else notes(holder)
    stands = where or next((key for key in _OTHER_VALUES if holder.get(key) is not None), "")
    components = tuple(
        _reading(
            component,
            reference,
            f"{path}component[{position}].",
            when,
            specimen,
            shelf,
            early=early,
            parent=code.concepts | parent,
            of_lymphocytes=of_lymphocytes,
        )
        for position, component in mappings(holder, "component", path)
    )
    named_in_code = frozenset(names_of(code.text, shelf.terms))
    spoken = spoken_in(said, shelf)
    written_out = " ; ".join(code for system, code in value.codings if system in WRITTEN_OUT)
    named_in_value = spoken.named.union(shelf.terms.names_in(written_out)) if written_out else spoken.named
    return Reading(
        reference=reference,
        path=path + (stands or ("interpretation" if interpretation else "code")),
        when=when,
        concepts=tested(code, shelf, reference),
        text=code.text,
        parent=parent,
        amount=amount,
        answers=affirmed(value, shelf).union(*(affirmed(item, shelf) for item in interpretation)),
        words=said,
        coded=value.codings + tuple(coding for item in interpretation for coding in item.codings),
        flag=_typed(holder, "valueBoolean", bool, path),
        whole=_typed(holder, "valueInteger", int, path),
        day=day(holder, "valueDateTime", path),
        specimen=specimen or named_specimen(code) or _specimen_in_words(holder, noted, shelf),
        note=noted,
        preliminary=early,
        absent=bool(absent.codings or absent.text) and not stands,
        absent_for=absent.concepts if not stands else frozenset(),
        upper_limit=_upper_limit(holder, path, amount.unit if amount is not None else "", shelf.terms),
        components=components,
        findings=spoken.findings,
        named=named_in_code | named_in_value,
        says=spoken.answer,
        methods=_methods(holder, named_in_code | spoken.named, path, shelf),
        not_quantifiable=spoken.not_quantifiable,
        sensitivity=shelf.vocabulary.phrases.sensitivity_percent(f"{said} {noted}") if said or noted else None,
        subset=code.by_name and of_lymphocytes,
        by_name=code.by_name,
        code_codings=code.codings,
    )


_OF_ONE_DISEASE = frozenset({"mrd", "cd19-blasts", "cd22-blasts", "disease-status", "marrow-blasts"})


def may_be_of_other_disease(code: Coded) -> bool:
    """Return whether a test is such that its name must be looked at for another disease than the leukaemia."""
    return not _OF_ONE_DISEASE.isdisjoint(code.concepts)


def tested(code: Coded, shelf: Shelf, reference: str) -> frozenset[str]:
    """Return what a test is about; nothing of the leukaemia where its name, whatever its code, is that of another disease.

    One known by name alone is no MRD where the name tells of its limit or of lymphocytes.
    """
    if may_be_of_other_disease(code) and shelf.vocabulary.phrases.is_of_other_disease(code.text):
        shelf.problem(
            "warning", "other-disease", f"{reference} code", "The name of the test is that of another disease; not used"
        )
        return code.concepts - _OF_ONE_DISEASE
    if not code.by_name or "mrd" not in code.concepts:
        return code.concepts
    phrases = shelf.vocabulary.phrases
    return code.concepts - {"mrd"} if phrases.is_of_assay(code.text) or phrases.is_lymphocyte_subset(code.text) else code.concepts


def affirmed(value: Coded, shelf: Shelf) -> frozenset[str]:
    """Return what a value says: judgements that come from words alone only where nothing beside them could turn their sense."""
    if not value.by_name or not any(map(is_judgement, value.concepts)):
        return value.concepts
    if shelf.vocabulary.phrases.is_plain(value.text, shelf.vocabulary.judgements):
        return value.concepts
    return frozenset(concept for concept in value.concepts if not is_judgement(concept))


_SILENT = Spoken((), None, not_quantifiable=False, named=frozenset())


def spoken_in(said: str, shelf: Shelf) -> Spoken:
    """Return what the words of a result say."""
    if not said:
        return _SILENT
    found = shelf.spoken.get(said)
    if found is None:
        phrases, named = shelf.vocabulary.phrases, shelf.terms.names_in(said)
        found = shelf.spoken[said] = Spoken(
            _remembered_findings(said, named, shelf),
            phrases.answer(said),
            not_quantifiable=phrases.is_not_quantifiable(said),
            named=frozenset(named),
        )
    return found


def findings_in(said: str, shelf: Shelf) -> Findings:
    """Return what a text says of each marker that it names."""
    if not said:
        return ()
    remembered = shelf.findings.get(said)
    return remembered if remembered is not None else _remembered_findings(said, shelf.terms.names_in(said), shelf)


def findings_of(name: str, shelf: Shelf) -> Findings:
    """Return what the words of a catalogue, such as the name of a disease, say of each marker that they name."""
    if len(name) > LONGEST_REMEMBERED:
        return findings_in(name, shelf)
    return _findings_of_catalogue(name, shelf.vocabulary) if name else ()


def _remembered_findings(said: str, named: tuple[str, ...], shelf: Shelf) -> Findings:
    found = shelf.findings[said] = _findings(said, named, shelf.vocabulary)
    return found


@lru_cache(maxsize=4_096)
def _findings_of_catalogue(name: str, vocabulary: Vocabulary) -> Findings:
    return _findings(name, vocabulary.terms.names_in(name), vocabulary)


def _findings(said: str, named: tuple[str, ...], vocabulary: Vocabulary) -> Findings:
    phrases, more = vocabulary.phrases, vocabulary.named_markers
    patterns = [*vocabulary.markers.items()]
    patterns += [(name, more[name]) for name in named if name in more]
    found = ((concept, phrases.finding(said, pattern, numbered=concept == "status-relapse")) for concept, pattern in patterns)
    return tuple((concept, finding) for concept, finding in found if finding is not None)


_OTHER_VALUES = ("valueCodeableConcept", "valueString", "valueBoolean", "valueInteger", "valueDateTime")


def _typed(holder: Json, key: str, kind: type[T], path: str) -> T | None:
    value = holder.get(key)
    if value is None:
        return None
    if type(value) is not kind:
        raise Unreadable(path + key)
    return value


def number(holder: Json, key: str, path: str) -> Decimal | None:
    """Return a JSON number exactly as written; None where it is missing."""
    value = holder.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise Unreadable(path + key)
    return Decimal(str(value))


def _amount(holder: Json, path: str) -> tuple[Amount | None, str]:
    if holder.get("valueQuantity") is not None:
        return _quantity(mapping(holder, "valueQuantity", path), f"{path}valueQuantity."), "valueQuantity"
    if holder.get("valueRange") is not None:
        return _range(mapping(holder, "valueRange", path), f"{path}valueRange."), "valueRange"
    if holder.get("valueRatio") is not None:
        return _ratio(mapping(holder, "valueRatio", path), f"{path}valueRatio."), "valueRatio"
    return None, ""


def _unit(quantity: Json, path: str) -> str:
    return text(quantity, "code", path) or text(quantity, "unit", path)


def _quantity(quantity: Json, path: str) -> Amount | None:
    value = number(quantity, "value", path)
    if value is None:
        return None
    return Amount(compared(value, text(quantity, "comparator", path), f"{path}comparator"), _unit(quantity, path))


def compared(value: Decimal, comparator: str, path: str) -> Interval:
    """Return the interval that a number with its comparator stands for."""
    try:
        return Interval.compared(value, comparator)
    except ValueError:
        raise Unreadable(path) from None


def _range(value: Json, path: str) -> Amount | None:
    low, high = mapping(value, "low", path), mapping(value, "high", path)
    least, most = number(low, "value", f"{path}low."), number(high, "value", f"{path}high.")
    units = {unit for unit in (_unit(low, f"{path}low."), _unit(high, f"{path}high.")) if unit}
    if (least is None and most is None) or len(units) > 1 or (least is not None and most is not None and least > most):
        raise Unreadable(path.rstrip("."))
    return Amount(Interval(least, most), units.pop() if units else "")


def _ratio(value: Json, path: str) -> Amount | None:
    above, below = mapping(value, "numerator", path), mapping(value, "denominator", path)
    top, bottom = number(above, "value", f"{path}numerator."), number(below, "value", f"{path}denominator.")
    if top is None or bottom is None or bottom <= 0:
        raise Unreadable(path.rstrip("."))
    comparator = text(above, "comparator", f"{path}numerator.")
    return Amount(compared(top / bottom, comparator, f"{path}numerator.comparator"), "1", ratio=True)


def _when(resource: Json) -> PartialDate | None:
    start, end = period(resource, "effectivePeriod")
    return day(resource, "effectiveDateTime") or day(resource, "effectiveInstant") or start or end


def _specimen(resource: Json, shelf: Shelf) -> tuple[Specimen | None, PartialDate | None]:
    if "specimen" not in resource and "bodySite" not in resource:
        return None, None
    pointer = mapping(resource, "specimen")
    found = shelf.resolve(text(pointer, "reference", "specimen."), resource)
    collection = mapping(found, "collection")
    start, _ = period(collection, "collectedPeriod")
    collected = day(collection, "collectedDateTime") or start
    kind = coded(found, "type", shelf.terms)
    sites = (kind, coded(collection, "bodySite", shelf.terms), coded(resource, "bodySite", shelf.terms))
    for site in sites:
        named = named_specimen(site)
        if named is not None:
            return named, collected
    shown = text(pointer, "display", "specimen.")
    return _specimen_in(frozenset(shelf.terms.names_in(shown))) if shown else None, collected


def named_specimen(code: Coded) -> Specimen | None:
    """Return the specimen that the name of a test tells of."""
    return _specimen_in(code.concepts)


def _specimen_in_words(holder: Json, noted: str, shelf: Shelf) -> Specimen | None:
    """Return the specimen that the method names, or a note that names blood or cerebrospinal fluid and no marrow."""
    method = coded(holder, "method", shelf.terms)
    named = _specimen_in(method.concepts.union(shelf.terms.names_in(method.text)) if method.text else method.concepts)
    if named is not None or not noted:
        return named
    beside = _specimen_in(frozenset(shelf.terms.names_in(noted)))
    return None if beside == "marrow" else beside


def _specimen_in(concepts: frozenset[str]) -> Specimen | None:
    return next((kind for concept, kind in _SPECIMENS if concept in concepts), None)


def _methods(holder: Json, named: frozenset[str], path: str, shelf: Shelf) -> frozenset[str]:
    method = coded(holder, "method", shelf.terms, path)
    if method.text:
        named = named.union(shelf.terms.names_in(method.text))
    return method.concepts.union(concept for concept in named if concept.startswith(METHODS))


def _upper_limit(holder: Json, path: str, unit: str, terms: Terms) -> Decimal | None:
    """Return the upper limit printed with a result; one in another unit than the result is none."""
    found: list[tuple[Decimal, bool]] = []
    for position, item in mappings(holder, "referenceRange", path):
        here = f"{path}referenceRange[{position}]."
        limit = mapping(item, "high", here)
        high = number(limit, "value", f"{here}high.")
        if "type" in item and not is_normal(encode(item["type"]), terms):
            continue
        if high is not None and high > 0 and _unit(limit, f"{here}high.") in {"", unit}:
            found.append((high, "appliesTo" in item or "age" in item))
    return one_limit(found)
