"""What was written by mistake and struck out again: it says nothing, whatever it says."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from service.synth.codes import CODES
from service.synth.values import coded, percent

if TYPE_CHECKING:
    from service.synth.course import Course
    from service.synth.page import Page

ENTERED_IN_ERROR = "entered-in-error"


def mistakes(page: Page, course: Course) -> None:
    """Write results, relapses and treatments that were none; nothing that is true changes."""
    story, chance = page.story, page.chance
    lately = (page.as_of - timedelta(days=chance.whole(0, 3))).isoformat()

    def happens() -> bool:
        return chance.happens(page.often["entered_in_error"])

    if happens():
        antigen = chance.one_of(("cd19", "cd22"))
        answer = coded(CODES[chance.one_of(("positive", "negative"))])
        story.marker(antigen, lately, answer, status=chance.one_of((ENTERED_IN_ERROR, "cancelled")))
    if happens():
        story.observed(
            "marrow-blasts", CODES["marrow-blasts"], lately, percent(chance.whole(0, 90)), marrow=True, status=ENTERED_IN_ERROR
        )
    if happens():
        story.diagnosed(lately, CODES["cm-all-in-relapse"], label="mistake", status="active", verification=ENTERED_IN_ERROR)
    if happens():
        story.given(CODES[chance.one_of(("blinatumomab", "inotuzumab", "tisagenlecleucel"))], lately, status=ENTERED_IN_ERROR)
    if happens():
        code = CODES[chance.one_of(("unrelated-transplant", "cpt-allogeneic-transplant"))]
        story.performed("mistake", lately, code, status=chance.one_of((ENTERED_IN_ERROR, "not-done")))
    if happens():
        wrong = story.stated("genetic-marker", course.diagnosed.isoformat(), not course.ph)
        wrong["status"] = ENTERED_IN_ERROR
