"""What a record holds beside the leukaemia: treatments of it, organ functions, other illnesses, and traps that look like them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from service.synth.codes import CODES, concept
from service.synth.course import OTHER_CELLS
from service.synth.truth import CLOUDED, STALE, UNKNOWN
from service.synth.values import coded

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
                truth.happened("prior_commercial_cd19_car_t")
    cells = course.was_given(OTHER_CELLS)
    if cells is not None:
        page.story.performed("car-t", cells.start.isoformat(), text="CD22 CAR-T infusion")
        truth.happened("prior_car_t")
    if course.transplant is not None:
        page.story.performed("transplant", course.transplant.isoformat(), CODES[chance.one_of(_TRANSPLANTS)])
        truth.happened("prior_allo_hsct")
        _graft_against_host(page, course.transplant)
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
    match chance.way(what, 4):
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


def _graft_against_host(page: Page, transplant: date) -> None:
    """Write a graft-versus-host disease that is there, or one that is over and leaves room for another."""
    if not page.chance.happens(page.often["graft_against_host"]):
        return
    code = CODES[page.chance.one_of(("gvhd-acute", "cm-gvhd-chronic"))]
    over = page.chance.happens(50)
    page.story.diagnosed(
        (transplant + timedelta(days=9)).isoformat(), code, label="illness", status="resolved" if over else "active"
    )
    if over:
        page.truth.silent("gvhd_active", real=False, how=CLOUDED)
    else:
        page.truth.happened("gvhd_active")


def _planned(page: Page, course: Course) -> None:
    """Write something about a transplant that was none, or is still to come."""
    chance, story = page.chance, page.story
    day = (course.diagnosed + timedelta(days=chance.whole(1, 6))).isoformat()
    match chance.way("transplant that was none", 7):
        case 1:
            story.performed("transplant", day, CODES["allogeneic-transplant"], status="not-done")
        case 2:
            story.performed("transplant", day, CODES["allogeneic-blood-stem-cells"], status="preparation")
        case 3:
            story.performed("lymphocytes", day, CODES["donor-lymphocytes"])
        case 4:
            story.performed("transplant", day, CODES["autologous-transplant"])
        case 5:
            story.performed("transplant", day, CODES["transplant-donor-untold"])
            page.truth.cloud("prior_allo_hsct")
        case 6:
            story.performed("harvest", day, CODES["car-t-harvesting"])
        case _:
            story.performed("typing", day, text="HLA typing, donor search")


_ILLNESSES = {
    "down_syndrome": ("trisomy-21", "cm-down-syndrome"),
    "diabetes": ("diabetes", "cm-diabetes"),
    "pancreatitis_history": ("pancreatitis",),
    "epilepsy_or_neurological_disease": ("epilepsy",),
    "charcot_marie_tooth": ("charcot-marie-tooth",),
    "marrow_failure_syndrome": ("fanconi-anaemia",),
}


def _illness(page: Page, fact: str, percent: int, codes: tuple[str, ...], since: date) -> None:
    if page.chance.happens(percent):
        day = (since + timedelta(days=page.chance.whole(1, 6))).isoformat()
        page.story.diagnosed(day, CODES[page.chance.one_of(codes)], label="illness")
        page.truth.happened(fact)


def illnesses(page: Page, since: date) -> None:
    """Write other illnesses that decide, and what was looked for and not found."""
    for fact, codes in _ILLNESSES.items():
        _illness(page, fact, page.often["illness"], codes, since)
        if page.truth.told[fact] == UNKNOWN and page.chance.happens(page.often["illness"]):
            day = page.as_of - timedelta(days=page.chance.whole(0, 20))
            page.story.stated(fact.replace("_", "-"), day.isoformat(), value=False)
            page.truth.set(fact, real=False)
    for virus, codes in (("hbv", ("hepatitis-b",)), ("hiv", ("hiv",)), ("hcv", ())):
        _virus(page, virus, codes, since)
    if page.chance.happens(page.often["organs_told"]):
        infected = page.chance.happens(page.often["illness"])
        page.story.stated("active-infection", (page.as_of - timedelta(days=page.chance.whole(0, 5))).isoformat(), infected)
        page.truth.set("active_infection", infected)
    if page.story.patient["gender"] == "female" and page.chance.happens(page.often["pregnancy_told"]):
        pregnant = page.chance.happens(page.often["illness"])
        answer = coded(CODES["pregnant" if pregnant else "not-pregnant"])
        page.story.observed("pregnancy", CODES["pregnancy-status"], (page.as_of - timedelta(days=2)).isoformat(), answer)
        page.truth.set("pregnant", pregnant)


def _virus(page: Page, virus: str, codes: tuple[str, ...], since: date) -> None:
    """Write a chronic infection, or a search for it: negative lately or too long ago, or positive by antibodies only."""
    if codes:
        _illness(page, virus, page.often["illness"], codes, since)
    if page.truth.told[virus] is True or not page.chance.happens(page.often["virus_tested"]):
        return
    story, truth, chance = page.story, page.truth, page.chance
    old = chance.happens(page.often["organs_old"])
    day = page.as_of - timedelta(days=chance.whole(95, 300) if old else chance.whole(0, 60))
    positive = chance.happens(page.often["illness"])
    story.observed(f"{virus}-test", CODES[f"{virus}-test"], day.isoformat(), coded(CODES["positive" if positive else "negative"]))
    if day.isoformat() < story.patient["birthDate"]:
        return  # nobody was tested before birth; what says so is not read
    if positive and virus == "hbv":  # its surface antigen is the infection itself
        truth.happened(virus)
    elif positive:
        truth.silent(virus, virus == "hiv", CLOUDED)
    elif old:
        truth.silent(virus, real=False, how=STALE)
    else:
        truth.set(virus, real=False)
