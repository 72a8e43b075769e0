"""The first consolidation by its drugs: its last dose, and the block that followed; between them lies its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.facts.catalogue import Kind, derive
from service.facts.given import treatments
from service.facts.per_view import per_view
from service.facts.regimens import courses, phase_of
from service.logic.dates import PartialDate
from service.logic.fact import Fact, Gap, known, unknown
from service.logic.truth import Truth

if TYPE_CHECKING:
    from service.facts.catalogue import View
    from service.facts.given import Given
    from service.facts.regimens import Course

RULE = "consolidation-by-record"


@per_view
def _first_consolidation(view: View) -> Course | None:
    return next((course for course in courses(view) if phase_of(view, course) == "consolidation"), None)


@derive("last_consolidation_dose", Kind.DATE)
def last_consolidation_dose(view: View) -> Fact[object]:
    """The day by which some drug of the first consolidation was given for the last time: it ended no earlier.

    An internal fact beside the assessment's own. A drug that goes on into the next block, as mercaptopurine does, tells no end,
    so the drug that ended first decides. Unknown: no consolidation is told by the recorded drugs.
    """
    course = _first_consolidation(view)
    if course is None:
        return unknown(Gap.NOT_RECORDED, "treatment_phase", rule=RULE)
    last = [max(_given(view, course, group), key=lambda one: one.last) for group in course.regimen.drugs]
    ended = min(last, key=lambda one: one.last)
    return known(PartialDate.of_day(ended.last), (ended.evidence(),), rule=RULE, flags=("computed",))


def _given(view: View, course: Course, group: tuple[str, ...]) -> list[Given]:
    """Return the doses of one drug in a course."""
    return [
        one
        for one in treatments(view)
        if one.sure and not one.concepts.isdisjoint(group)
        if one.when.before(course.when) is not Truth.YES and one.when.low <= course.last
    ]


@derive("block_after_consolidation", Kind.DATE)
def block_after_consolidation(view: View) -> Fact[object]:
    """The first day of the block after the first consolidation: a known backbone with none of its drugs.

    An internal fact beside the assessment's own. Unknown: no such block is told by the recorded drugs.
    """
    course, last = _first_consolidation(view), view.fact("last_consolidation_dose").value
    if course is not None and isinstance(last, PartialDate):
        names = {name for group in course.regimen.drugs for name in group}
        for other in courses(view):
            drugs = {name for group in other.regimen.drugs for name in group}
            if other.sure and names.isdisjoint(drugs) and last.before(other.when) is Truth.YES:
                return known(other.when, other.evidence, rule=RULE, flags=("computed",))
    return unknown(Gap.NOT_RECORDED, "treatment_phase", rule=RULE)
