"""What a record holds beside the leukaemia: treatments of it, organ functions, other illnesses, and traps that look like them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from service.synth.codes import CODES, concept

if TYPE_CHECKING:
    from datetime import date

    from service.synth.chance import Chance
    from service.synth.course import Course
    from service.synth.page import Page
    from service.synth.story import Story

_DRUGS = {
    "blinatumomab": (("blinatumomab", "blinatumomab-vial", "blinatumomab-atc"), "Blincyto"),
    "inotuzumab": (("inotuzumab", "inotuzumab-atc"), "Besponsa"),
    "car-t": (("brexucabtagene", "tisagenlecleucel", "tisagenlecleucel-atc", "obecabtagene-atc"), "Kymriah"),
}
_FACT = {"blinatumomab": "prior_blinatumomab", "inotuzumab": "prior_inotuzumab", "car-t": "prior_cd19_car_t"}
_TRANSPLANTS = (
    "unrelated-transplant",
    "allogeneic-transplant",
    "allogeneic-blood-stem-cells",
    "cpt-allogeneic-transplant",
    "pcs-unrelated-transplant",
)


_TRAP_OLDER_THAN = 60  # days: what was refuted lately would be an answer


def treatments(page: Page, course: Course) -> None:
    """Write antibodies, cells and the transplant, or what was only planned of them."""
    chance, truth = page.chance, page.truth
    for what, fact in _FACT.items():
        given = course.was_given(what)
        if given is not None:
            _give(page.story, chance, what, given.start.isoformat(), given.end.isoformat() if given.end > given.start else "")
            truth.happened(fact)
            if what == "car-t":
                truth.happened("prior_car_t")
    if course.transplant is not None:
        page.story.performed("transplant", course.transplant.isoformat(), CODES[chance.one_of(_TRANSPLANTS)])
        truth.happened("prior_allo_hsct")
    elif course.kind != "silent" and chance.happens(page.often["refuted"]):
        _planned(page, course)
    if course.was_given("blinatumomab") is None and chance.happens(page.often["refuted"]):
        truth.cloud("prior_blinatumomab")
        page.story.ordered(CODES["blinatumomab"], (page.as_of - timedelta(days=2)).isoformat())
    risk = "transplant" if course.transplant else "inotuzumab" if course.was_given("inotuzumab") else "none"
    _illness(page, "vod_history", page.often["vod"][risk], ("vod", "cm-vod"), course.diagnosed)
    if truth.told["vod_history"] is not True:
        _no_vod(page, course.diagnosed)


def _no_vod(page: Page, since: date) -> None:
    """Write a veno-occlusive disease that was suspected once, or written down by mistake."""
    if (page.as_of - since).days > _TRAP_OLDER_THAN and page.chance.happens(page.often["refuted"]):
        verification = page.chance.one_of(("refuted", "entered-in-error", "unconfirmed"))
        page.story.diagnosed(since.isoformat(), CODES["cm-vod"], label="illness", verification=verification)
        if verification == "unconfirmed":
            page.truth.cloud("vod_history")


def _give(story: Story, chance: Chance, what: str, start: str, end: str) -> None:
    names, brand = _DRUGS[what]
    drug = CODES[chance.one_of(names)]
    match chance.whole(1, 4):
        case 1 if what == "car-t":
            story.performed(
                "car-t", start, CODES[chance.one_of(("pcs-brexucabtagene-infusion", "pcs-tisagenlecleucel-infusion"))]
            )
        case 1 | 2:
            story.given(drug, start, end, contained=chance.happens(30))
        case 3:
            story.took(drug, start, end)
        case _:
            made = story.given(drug, start, end)
            made["medicationCodeableConcept"] = concept(text=brand)


def _planned(page: Page, course: Course) -> None:
    """Write something about a transplant that was none; one in preparation leaves open whether it was done."""
    chance, story = page.chance, page.story
    day = (course.diagnosed + timedelta(days=chance.whole(1, 6))).isoformat()
    match chance.whole(1, 4):
        case 1:
            story.performed("transplant", day, CODES["allogeneic-transplant"], status="not-done")
        case 2:
            story.performed("transplant", day, CODES["allogeneic-blood-stem-cells"], status="preparation")
            page.truth.cloud("prior_allo_hsct")
        case 3:
            story.performed("lymphocytes", day, CODES["donor-lymphocytes"])
        case _:
            story.performed("typing", day, text="HLA typing, donor search")


def _illness(page: Page, fact: str, percent: int, codes: tuple[str, ...], since: date) -> None:
    if page.chance.happens(percent):
        day = (since + timedelta(days=page.chance.whole(1, 6))).isoformat()
        page.story.diagnosed(day, CODES[page.chance.one_of(codes)], label="illness")
        page.truth.happened(fact)


def illnesses(page: Page, since: date) -> None:
    """Write other illnesses that decide."""
    for fact, codes in (("hbv", ("hepatitis-b",)), ("down_syndrome", ("trisomy-21", "cm-down-syndrome"))):
        _illness(page, fact, page.often["illness"], codes, since)
    if page.chance.happens(page.often["organs_told"]):
        infected = page.chance.happens(page.often["illness"])
        page.story.stated("active-infection", (page.as_of - timedelta(days=page.chance.whole(0, 5))).isoformat(), infected)
        page.truth.set("active_infection", infected)
