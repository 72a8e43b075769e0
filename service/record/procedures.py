"""Procedures: those that were done, or perhaps done, such as transplants and cells given."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec

from service.logic.dates import PartialDate
from service.record.codes import Coded, coded
from service.record.record import Doubt, Drug, Treatment
from service.record.relapse_words import NOTHING, TRANSPLANTS
from service.record.told_relapse import REPORTS, concludes_relapse
from service.record.tolerant import Json, day, period, refuse_modified, text
from service.record.treatments import (
    INTRATHECAL,
    PERHAPS,
    PERHAPS_GIVEN,
    begun,
    counts,
    ends_later,
    is_taken_back,
    perhaps,
    still_to_come,
)
from service.record.wanted import names_of

if TYPE_CHECKING:
    from service.record.shelf import Shelf

_NOT_DONE = frozenset({"preparation", "not-done", "entered-in-error"})


def read_procedure(resource: Json, reference: str, shelf: Shelf) -> Treatment | Drug | None:
    """Return one procedure that was done or begun; None where it was not, or is only prepared.

    One of which that is not known is given back like a finished order: perhaps done, never certainly.
    """
    status = text(resource, "status")
    if not counts(status, PERHAPS_GIVEN, _NOT_DONE):
        return None
    refuse_modified(resource)
    code = coded(resource, "code", shelf.terms)
    concepts = code.concepts
    if code.by_name and shelf.vocabulary.phrases.is_not_given(code.text):
        concepts -= shelf.vocabulary.immunotherapies
    before = False
    if code.by_name and not concepts.isdisjoint(TRANSPLANTS):
        plain = shelf.vocabulary.is_plain_transplant(code.text)
        if not plain:
            before = shelf.vocabulary.diseases.says_given(code.text, shelf.vocabulary.transplants)
            concepts -= frozenset() if before else TRANSPLANTS  # the search for a donor and the plan of one name it too
        elif "bone-marrow-sampling" in concepts:
            before = True  # what was done is that
    concepts |= _course_told_beside(code, shelf)
    start, end = period(resource, "performedPeriod")
    told = replace(code, concepts=concepts)
    start = begun(day(resource, "performedDateTime") or start or _day_in(text(resource, "performedString")), end, told, shelf)
    doubted = before or is_taken_back(resource, status, code, shelf) or ends_later(start, end, shelf)
    doubted = doubted or still_to_come(status, end, told, shelf)
    unfinished = status == "completed" and end is not None and end.low > shelf.today.high
    if doubted or unfinished:
        perhaps(reference, told, shelf)
    done = status == "completed" and not (doubted or unfinished)
    treatment = Treatment(reference, concepts, code.text, start, end, done=done)
    return perhaps_done(treatment, "denied" if doubted else "") if doubted or status in PERHAPS else treatment


def _course_told_beside(code: Coded, shelf: Shelf) -> frozenset[str]:
    """Return how the name of a treatment of the leukaemia tells a relapse, or a later remission, as concepts."""
    if code.concepts.isdisjoint(shelf.vocabulary.told_before | TRANSPLANTS):
        return NOTHING
    return concludes_relapse(code.text, names_of(code.text, shelf.terms), NOTHING, REPORTS, shelf.vocabulary)


def perhaps_done(one: Treatment, doubt: Doubt) -> Treatment | Drug:
    """Return what was perhaps done like a finished order; a transplant like one that is not completed."""
    if not one.concepts.isdisjoint(TRANSPLANTS):
        return msgspec.structs.replace(one, done=False)
    into_csf = not one.concepts.isdisjoint(INTRATHECAL)
    return Drug(
        one.reference, one.concepts, one.text, "procedure", one.start, one.end, given=False, finished=True,
        intrathecal=into_csf, doubt=doubt,
    )  # fmt: skip


def _day_in(words: str) -> PartialDate | None:
    """Return the day that stands where words may stand, and nothing beside it."""
    return None if " " in words.strip() else PartialDate.parse(words.strip())
