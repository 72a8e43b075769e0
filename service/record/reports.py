"""Reports: a conclusion in words is shown; only antigens and genetic markers that it names are read, by explicit patterns.

Where a report has no results of its own, its conclusion is all there is. What is read in it is what the terminology lists among
the ways in which these facts are really recorded: an antigen on the blasts, a fusion or another genetic marker, a karyotype in
ISCN. Each is read by the same patterns as any other text, negation and doubt included, and only in reports of a known kind.
Everything else that such words may say (residual disease, a relapse, a transplant, shares of blasts) is never inferred into a
fact. In a report that is not read for antigens, what its words may say against one keeps an older result of it from being firm.
That an immunotherapy was given before is none either, but leaves open whether older results of its antigen still count; so
does a relapse, in words or as a code, leave open how often there was one. The
report is shown: as a problem `text-only` that names its day and its kind but repeats none of its words, and as an item of the
timeline. A document such as a PDF is shown in the same way and never read.

Results that stand within a report are read as results, each with its own day and status or else those of the report.
"""

from __future__ import annotations

from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from service.logic.dates import PartialDate
from service.record.antigens_doubted import PANELS
from service.record.bundle import UNREADABLE, concept_in
from service.record.codes import coded, concept_of
from service.record.days import NEVER, Taken, narrowed, told_day
from service.record.disease_words import OF_THE_ALL, is_leukaemia
from service.record.members import Panel, addresses
from service.record.observations import COUNTED, EARLY, IGNORED, results_within
from service.record.record import MENTION, Drug, Reading
from service.record.said import ANTIGENS, findings_in, given_in, stances
from service.record.specimens import named_specimen, specimen_of
from service.record.told_relapse import REPORTS, concludes_relapse, names_remission
from service.record.tolerant import Json, day, mappings, refuse_modified, text
from service.record.wanted import LONGEST_SEEN, UNASKED, names_of
from service.record.whose import of_somebody_else

if TYPE_CHECKING:
    from service.record.codes import Coded
    from service.record.phrases import Phrases
    from service.record.record import Specimen
    from service.record.said import Findings
    from service.record.shelf import Shelf


class _Silent(msgspec.Struct, gc=False):
    """What a report without a word has, and below the line what it must not have."""

    status: str
    code: msgspec.Raw
    result: tuple[dict[str, msgspec.Raw], ...] = ()

    contained: None = None
    conclusion: None = None
    conclusionCode: None = None  # noqa: N815 - FHIR's own name
    presentedForm: None = None  # noqa: N815 - FHIR's own name
    modifierExtension: None = None  # noqa: N815 - FHIR's own name
    implicitRules: None = None  # noqa: N815 - FHIR's own name


_COUNTED = COUNTED | {"appended"}  # final, with something added
_EARLY = EARLY | {"partial"}
_decode = msgspec.json.Decoder(_Silent).decode
# a report that is called flow cytometry of the marrow, or is of the marrow, and nothing more, is one of an immunophenotype
_FLOW, _MARROW = "method-flow", frozenset({"specimen-marrow", "bone-marrow-sampling"})
LONGEST_TITLE = 60  # characters of the name of a report that are shown


def says_nothing(raw: msgspec.Raw, phrases: Phrases) -> bool:
    """Return whether a report is surely one that `read_report` reads without finding a word in it: most only list results."""
    try:
        code = bytes(_decode(raw).code)
    except UNREADABLE:
        return False
    return _remembered(code, phrases) if len(code) <= LONGEST_SEEN else _is_plain(code, phrases)


def _is_plain(code: bytes, phrases: Phrases) -> bool:
    """Return whether a report's code can be read, and does not name lymphocytes, of which its results then are."""
    concept = concept_in(code)
    if concept is None:
        return False
    return not any(phrases.is_lymphocyte_subset(name) for name in (concept.text, *(c.display for c in concept.coding)) if name)


_remembered = lru_cache(maxsize=1_024)(_is_plain)


def read_report(resource: Json, reference: str, shelf: Shelf) -> Reading | None:
    """Return a report as a reading of words; None where its status takes it out or nothing in it is about a fact.

    The results that stand within it are laid on the shelf.
    """
    status = text(resource, "status")
    if status in IGNORED:
        return None
    refuse_modified(resource)
    codes = [concept_of(item, shelf.terms, f"conclusionCode[{n}].") for n, item in mappings(resource, "conclusionCode")]
    said = " ; ".join(part for part in (text(resource, "conclusion"), *(code.text for code in codes)) if part)
    said = shelf.clipped(said, f"{reference} conclusion")
    in_words = shelf.terms.names_in(said) if said else ()
    code = coded(resource, "code", shelf.terms)
    kinds = code.concepts & REPORTS
    if _is_flow_of_marrow(code, resource, shelf):
        kinds = frozenset({"immunophenotyping-panel"})
    codes_told = frozenset(concept for item in codes for concept in item.concepts)
    course = concludes_relapse(said, in_words, codes_told, kinds, shelf.vocabulary)
    course |= names_remission(said, in_words, kinds, shelf.vocabulary)
    text_only = not any(True for _ in mappings(resource, "result"))
    document = text_only and not said and any(True for _ in mappings(resource, "presentedForm"))
    tells = course or ((said or document) and (kinds or _is_about_a_fact(code.concepts, in_words)))
    holds = resource.get("contained") and any(Panel(resource).members(resource, "result"))
    if shelf.vocabulary.phrases.is_lymphocyte_subset(code.text):
        shelf.of_lymphocytes.update(addresses(resource, "result"))
    if not (tells or holds):
        return None
    if _is_set_aside(resource, status, reference, shelf):
        return None
    read = Reading(
        reference=reference,
        path="presentedForm" if document else "conclusion",
        when=told_day(resource, reference, shelf) or day(resource, "issued"),
        concepts=kinds | course,
        text=code.text,
        words=said if kinds else "",
        findings=_findings(code, said, in_words, kinds, resource, shelf),
        named=frozenset(names_of(code.text, shelf.terms)),
        preliminary=status in _EARLY,
        treated=given_in(said, in_words, shelf.vocabulary),
        text_only=text_only,
    )
    if holds:
        specimen, taken = _specimens_of(resource, shelf)
        around = replace(read, concepts=kinds, specimen=specimen or named_specimen(code), when=narrowed(read.when, taken))
        shelf.within.extend(results_within(resource, around, shelf))
    return read if tells else None


def _is_set_aside(resource: Json, status: str, reference: str, shelf: Shelf) -> bool:
    """Return whether a report that would tell something cannot be used; it is noted as a problem."""
    of_another = of_somebody_else(resource, shelf)  # whatever the status: one that cannot be read is unreadable
    if status not in _COUNTED and status not in _EARLY:
        said = "The status does not say whether the report is final; set aside"
        shelf.problem("warning", "status-unknown", f"{reference} status", said)
        return True
    if of_another:
        shelf.problem("warning", "about-another-person", f"{reference} subject", "The report is about another person; set aside")
        return True
    return False


def _specimens_of(resource: Json, shelf: Shelf) -> tuple[Specimen | None, Taken]:
    """Return where the specimens of a report come from, `other` where it has several sorts, and when, where that is one day."""
    found = [specimen_of({**resource, "specimen": item}, shelf) for _, item in mappings(resource, "specimen")]
    kinds, days = {kind for kind, _ in found}, {taken for _, taken in found}
    return (kinds.pop() if len(kinds) == 1 else "other" if kinds else None), days.pop() if len(days) == 1 else NEVER


def _findings(  # noqa: PLR0913 - the report, and what is known of it
    code: Coded, said: str, in_words: tuple[str, ...], kinds: frozenset[str], resource: Json, shelf: Shelf
) -> Findings:
    """Return what a report says of markers; of antigens, where it is no report of these, only what may be said against them."""
    told = findings_in(said, shelf, in_words) if kinds else ()
    if ANTIGENS.isdisjoint(in_words) or not PANELS.isdisjoint(kinds):
        return told
    genes = tuple(found for found in told if found[0] not in ANTIGENS)
    return (*genes, *_against_antigens(code, said, in_words, resource, shelf))


def _against_antigens(code: Coded, said: str, in_words: tuple[str, ...], resource: Json, shelf: Shelf) -> Findings:
    """Return what a report that is not read for antigens may say against them: no result, but an older one is then not firm.

    Nothing of one that is of lymphocytes, of another disease, or of the cerebrospinal fluid.
    """
    phrases = shelf.vocabulary.phrases
    if phrases.is_lymphocyte_subset(code.text) or phrases.is_of_other_disease(code.text):
        return ()
    if phrases.is_of_other_disease(said) and not phrases.names_blasts(said):
        return ()
    denied, _ = stances(said, frozenset(in_words), shelf.vocabulary)
    leukaemias = [concept for concept in in_words if is_leukaemia(concept) and concept not in denied]
    if leukaemias and not any(concept.startswith(OF_THE_ALL) for concept in leukaemias):
        return ()
    if "csf" in {named_specimen(code), _specimens_of(resource, shelf)[0]}:
        return ()
    said, markers = phrases.antigens.without_targets(said), shelf.vocabulary.markers
    return tuple(
        (concept, finding)
        for concept, finding in findings_in(said, shelf, in_words)
        if concept in ANTIGENS and phrases.antigens.may_be_doubted(finding, said, markers[concept])
    )


def mentioned_by(report: Reading) -> Drug:
    """Return what a report says was given before it, like a finished order: perhaps given, never certainly."""
    when = None if report.when is None else PartialDate.of_day(report.when.high - timedelta(days=1))
    return Drug(report.reference, report.treated, report.text, MENTION, when, None, given=False, finished=True)


def _is_flow_of_marrow(code: Coded, resource: Json, shelf: Shelf) -> bool:
    """Return whether a report is known as one of flow cytometry of the marrow, not of MRD or lymphocytes.

    By its name alone, or by a name that says flow cytometry and no more, and its specimens.
    """
    beside = code.concepts - {_FLOW}
    if not code.by_name or beside == code.concepts or not beside <= _MARROW:
        return False
    if not beside and _specimens_of(resource, shelf)[0] != "marrow":
        return False
    phrases = shelf.vocabulary.phrases
    return not (phrases.is_lymphocyte_subset(code.text) or phrases.is_of_other_disease(code.text))


def _is_about_a_fact(concepts: frozenset[str], in_words: tuple[str, ...]) -> bool:
    """Return whether the name of a report, or a word in it, is one that facts ask for."""
    return not UNASKED.issuperset({*concepts, *in_words})


def notice(reading: Reading) -> str:
    """Return the sentence that shows a report without results: its day and its kind, none of its words."""
    title = reading.text.split(" | ", 1)[0][:LONGEST_TITLE]
    of_day = "undated" if reading.when is None else f"of {reading.when.text}"
    kind = f" ({title})" if title else ""
    if reading.path == "presentedForm":
        rest = "a document that is not read"
    elif not REPORTS.isdisjoint(reading.concepts):
        rest = "only the antigens and genetic markers that it names are read; the rest is not interpreted"
    else:
        rest = "its words are not interpreted"
    return f"Report {of_day}{kind} without results: {rest}"
