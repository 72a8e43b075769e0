"""Features of a made-up leukaemia beside BCR::ABL1 and KMT2A: which it has, how that is written, what it tells of others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.synth.codes import CODES, FACTS, SYSTEMS, Code, concept
from service.synth.values import coded, part, parts, words

if TYPE_CHECKING:
    from service.synth.course import Course
    from service.synth.page import Page

# What a feature says of others by its very meaning: a fusion with HLF rearranges it, fewer than 40 chromosomes are fewer than 44.
_IMPLIES = {
    "tcf3_hlf": ("hlf_r",),
    "ikzf1_del": ("ikzf1_altered",),
    "abl_class": ("ph_like",),
    "hypodiploidy_lt40": ("hypodiploidy_lt44",),
}
_EXCLUDES = {
    "ph_like": ("abl_class", "pdgfrb_r"),
    "abl_class": ("pdgfrb_r",),
    "ikzf1_del": ("ikzf1_plus",),
    "hypodiploidy_lt44": ("hypodiploidy_lt40",),
}
_CLONES = {
    "hypodiploidy_lt40": "36,{sex},-3,-4,-7,-13,-15,-16,-17,-20,-22,-{x}[12]/46,{sex}[8]",
    "double_trisomy": "54,{sex},+X,+4,+6,+10,+14,+17,+18,+21[15]/46,{sex}[5]",
}


def markers(page: Page, course: Course) -> None:
    """Write the feature of a B-lineage leukaemia without BCR::ABL1, and some of those that were looked for and not found."""
    if course.lineage != "b" or course.ph or page.truth.real.get("kmt2a_r"):
        return
    chance, truth = page.chance, page.truth
    found = chance.weighed(page.often["marker"])
    if found != "none":
        _present(page, course, found)
    for name in page.often["marker"]:
        if name not in {"none", found} and chance.happens(page.often["marker_excluded"]) and truth.told[name] == "unknown":
            _stated(page, course, name, positive=False)
            for other in (name, *_EXCLUDES.get(name, ())):
                truth.set(other, real=False)


def _present(page: Page, course: Course, name: str) -> None:
    truth = page.truth
    if not page.chance.happens(page.often["told"]):
        for other in (name, *_IMPLIES.get(name, ())):
            truth.silent(other, real=True)
        return
    way = page.chance.way(name, 3)
    if way == 1 and name in _CLONES:
        _karyotype(page, course, name)
        return
    if way <= 2 and name == "etv6_runx1":  # noqa: PLR2004 - of the ways to write a fusion
        _fusion(page, course, by_words=way == 1)
    else:
        _stated(page, course, name, positive=True)
    for other in (name, *_IMPLIES.get(name, ())):
        truth.happened(other)


def _stated(page: Page, course: Course, name: str, *, positive: bool) -> None:
    page.story.stated(
        "genetic-marker", course.diagnosed.isoformat(), positive, part(Code(FACTS, "marker"), coded(Code(FACTS, name)))
    )


def _fusion(page: Page, course: Course, *, by_words: bool) -> None:
    day = course.diagnosed.isoformat()
    if by_words:
        answer = page.chance.one_of(("positive", "positiv", "positivo"))
        page.story.observed("fish", "ETV6::RUNX1 (FISH)", day, words(answer), marrow=True)
        return
    genes = [part(CODES["gene-studied"], coded(CODES[gene])) for gene in ("etv6", "runx1")]
    value = {**coded(CODES["present"]), **parts(*genes, part(CODES["genomic-source"], coded(CODES["somatic"])))}
    page.story.observed("fusion", CODES["variant"], day, value, marrow=True, method=concept(CODES["fish-method"]))


def _karyotype(page: Page, course: Course, name: str) -> None:
    """Write the chromosomes of the clone: they tell how many there are, and which are there three times."""
    sex, last = ("XX", "X") if course.sex == "female" else ("XY", "Y")
    notation = _CLONES[name].format(sex=sex, x=last)
    value = parts(part(CODES["variant-iscn"], coded(Code(SYSTEMS["iscn"], notation))))
    page.story.observed("karyotype", CODES["karyotype"], course.diagnosed.isoformat(), value, marrow=True)
    truth, few = page.truth, name == "hypodiploidy_lt40"
    for other in ("hypodiploidy_lt40", "hypodiploidy_lt44"):
        truth.set(other, few)
    truth.set("high_hyperdiploidy", not few)
    truth.set("double_trisomy", not few)
    if few:
        truth.set("masked_hypodiploidy", real=False)
