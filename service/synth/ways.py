"""The ways in which one and the same result is really written: each function returns one of them, by chance."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from service.synth.codes import CODES, FACTS, SYSTEMS, Code, concept
from service.synth.truth import limits
from service.synth.values import Json, absent, coded, interpreted, part, parts, percent, quantity, ratio, words

if TYPE_CHECKING:
    from service.synth.chance import Chance
    from service.synth.story import Story
    from service.synth.truth import Told

_POSITIVE = ("positive", "detected", "loinc-positive", "present", "stated-positive")
_NEGATIVE = ("negative", "loinc-negative", "absent")
_DETECTION = Decimal("0.01")
_BY_KARYOTYPE = 6  # of the ways to write BCR::ABL1
_COMPARED, _WITHOUT_SHARE = 2, frozenset({2, 3, 4, 7})  # of the ways to write an antigen


def antigen(story: Story, chance: Chance, name: str, day: str, *, positive: bool) -> tuple[int, bool]:
    """Write an antigen on the blasts as shown or as lost; return on how many percent, and whether the record tells how many."""
    upper = name.upper()
    share = chance.whole(45, 99) if positive else 0
    code = chance.one_of((None, upper, *((CODES["cd22-blasts-marrow"],) if name == "cd22" else ())))
    way = chance.way("antigen", 8)
    match way:
        case 1:
            story.marker(name, day, percent(share), code)
        case 2 if positive:
            story.marker(name, day, quantity(share, "%", comparator=chance.one_of((">", ">="))), code)
        case 2 | 3:
            answer = CODES[chance.one_of(_POSITIVE if positive else _NEGATIVE)]
            story.marker(name, day, coded(answer), code)
        case 4:
            story.marker(name, day, interpreted(CODES["pos" if positive else "neg"]), code)
        case 5:
            said = f"{upper} positive ({share} %)" if positive else f"{upper} negative"
            story.observed("phenotype", CODES["immunophenotype"], day, words(f"CD10 positive, {said}, TdT positive"), marrow=True)
        case 6:
            told = f"{upper} positiv ({share} %)" if positive else f"{upper} negativ"
            story.observed("phenotype", "Immunphänotypisierung", day, words(f"CD10 positiv, {told}, TdT positiv"), marrow=True)
        case 7:
            answer = CODES[chance.one_of(_POSITIVE[:4] if positive else _NEGATIVE)]
            panel = parts(part(upper, coded(answer)), part("CD20", coded(CODES["negative"])))
            story.observed("phenotype", CODES["immunophenotype"], day, panel, marrow=True)
        case _:
            result = story.marker(name, day, percent(share), code)
            story.report(day, CODES["immunophenotype"], result)
    return share, way not in _WITHOUT_SHARE or (way == _COMPARED and positive)


def antigen_says_nothing(story: Story, chance: Chance, name: str, day: str) -> None:
    """Write what looks like a result of an antigen on blasts and is none."""
    upper = name.upper()
    match chance.way("antigen that says nothing", 3):
        case 1:
            story.marker(name, day, absent("not-performed"), upper)
        case 2 if name == "cd19":
            story.observed("b-cells", CODES["cd19-lymphocytes-blood"], day, percent(chance.whole(0, 12)))
        case 2:
            story.marker(name, day, absent("unknown"))
        case _:
            story.observed("phenotype", CODES["immunophenotype"], day, words("CD10 positive, TdT positive"), marrow=True)


def philadelphia(story: Story, chance: Chance, day: str) -> bool:
    """Write BCR::ABL1 as shown; return whether by the karyotype of a clone."""
    way = chance.way("Philadelphia chromosome", 9)
    match way:
        case 1:
            story.fish_bcr_abl1(day, coded(CODES[chance.one_of(_POSITIVE[:4])]))
        case 2:
            story.fish_bcr_abl1(day, interpreted(CODES["pos"]))
        case 3:
            cells = chance.whole(110, 190)
            said = f"nuc ish(ABL1,BCR)x3(ABL1 con BCRx2)[{cells}/200]: BCR::ABL1 fusion positive"
            story.fish_bcr_abl1(day, words(said))
        case 4:
            story.observed("p190", CODES["bcr-abl1-p190"], day, percent(chance.whole(4, 90)), marrow=True)
        case 5:
            story.observed("p210", CODES["bcr-abl1-p210"], day, percent(chance.whole(4, 90)), marrow=True)
        case 6:
            sex = "XX" if story.patient["gender"] == "female" else "XY"
            notation = coded(Code(SYSTEMS["iscn"], f"46,{sex},t(9;22)(q34;q11.2)[18]/46,{sex}[2]"))
            story.observed("karyotype", CODES["karyotype"], day, parts(part(CODES["variant-iscn"], notation)), marrow=True)
        case 7:
            _variant(story, day, "present")
        case 8:
            story.observed(
                "fish", "BCR::ABL1 (FISH)", day, words(chance.one_of(("positive", "positiv", "positivo"))), marrow=True
            )
        case _:
            _statement(story, day, "ph", positive=True)
    return way == _BY_KARYOTYPE


def no_philadelphia(story: Story, chance: Chance, day: str) -> None:
    """Write BCR::ABL1 as looked for and not there."""
    match chance.way("no Philadelphia chromosome", 6):
        case 1:
            story.fish_bcr_abl1(day, coded(CODES[chance.one_of(_NEGATIVE)]))
        case 2:
            story.fish_bcr_abl1(day, interpreted(CODES["neg"]))
        case 3:
            story.observed("fish", "BCR-ABL1 (FISH)", day, words("BCR-ABL negativ"), marrow=True)
        case 4:
            _variant(story, day, "absent")
        case 5:
            _statement(story, day, "ph", positive=False)
        case _:
            for code in ("bcr-abl1-p190", "bcr-abl1-p210"):
                story.observed("pcr", CODES[code], day, coded(CODES["negative"]), marrow=True)
            story.fish_bcr_abl1(day)


def philadelphia_says_nothing(story: Story, chance: Chance, day: str) -> None:
    """Write a test that cannot exclude BCR::ABL1."""
    match chance.way("Philadelphia test that says nothing", 3):
        case 1:
            sex = "XX" if story.patient["gender"] == "female" else "XY"
            notation = coded(Code(SYSTEMS["iscn"], f"46,{sex}[20]"))
            story.observed("karyotype", CODES["karyotype"], day, parts(part(CODES["variant-iscn"], notation)), marrow=True)
        case 2:
            story.observed("fish", "BCR::ABL1 FISH", day, absent("not-performed"), marrow=True)
        case _:
            story.observed("p190", CODES["bcr-abl1-p190"], day, coded(CODES["negative"]), marrow=True)


def kmt2a(story: Story, chance: Chance, day: str, *, rearranged: bool) -> None:
    """Write a rearrangement of KMT2A as found, or as looked for and not there."""
    if rearranged and chance.happens(50):
        gene, change = (
            part(CODES["gene-studied"], coded(CODES["kmt2a"])),
            part(CODES["change-type"], coded(CODES["translocation"])),
        )
        value = {**coded(CODES["present"]), **parts(gene, change, part(CODES["genomic-source"], coded(CODES["somatic"])))}
        story.observed("kmt2a", CODES["variant"], day, value, marrow=True, method=concept(CODES["fish-method"]))
    else:
        _statement(story, day, "kmt2a_r", positive=rearranged)


def _statement(story: Story, day: str, marker: str, *, positive: bool) -> None:
    story.stated("genetic-marker", day, positive, part(Code(FACTS, "marker"), coded(Code(FACTS, marker))))


def _variant(story: Story, day: str, answer: str) -> None:
    genes = [part(CODES["gene-studied"], coded(CODES[gene])) for gene in ("bcr", "abl1")]
    value = {**coded(CODES[answer]), **parts(*genes, part(CODES["genomic-source"], coded(CODES["somatic"])))}
    story.observed("bcr-abl1", CODES["variant"], day, value, marrow=True, method=concept(CODES["fish-method"]))


def residual(chance: Chance, level: str) -> tuple[Json, Told, Told]:
    """Return an MRD result of a level (`negative`, `low`, `high`), what it tells in percent and what it really was."""
    if level == "negative":
        below = limits(0, float(_DETECTION), high_inclusive=False)
        writings = (
            words("MRD negative (<0.01 %)"),
            percent(float(_DETECTION), "<"),
            words("undetectable, sensitivity 10^-4"),
        )
        return writings[chance.way("no residual disease", len(writings)) - 1], below, float(Decimal(chance.whole(0, 9)) / 1000)
    cells = chance.whole(1, 9) * (1 if level == "low" else 10)  # in ten thousand
    share = Decimal(cells) / 100  # percent
    mantissa, power = (cells, 4) if level == "low" else (cells // 10, 3)
    written = (
        percent(float(share)),
        ratio(cells, 10_000),
        words(f"MRD pos. {mantissa} x 10^-{power}"),
        words(f"MRD positiv: {mantissa} × 10E-{power}"),
        quantity(float(share / 100), "1"),
        quantity(cells * 100, "/10*6"),
    )
    return written[chance.way("residual disease", len(written)) - 1], float(share), float(share)
