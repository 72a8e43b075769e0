"""Stories of adults with Philadelphia-positive ALL."""

from __future__ import annotations

from service.synth.story import Story
from service.synth.values import coded, part, parts, percent, words
from tests.stories.codes import (
    B_ALL,
    B_ALL_WITH_BCR_ABL1,
    BCR_ABL1_FISH,
    BCR_ABL1_P190,
    CD22_BLASTS_MARROW,
    CM_ALL,
    CM_ALL_IN_RELAPSE,
    CM_ALL_IN_REMISSION,
    DASATINIB_ATC,
    FISH_METHOD,
    GENOMIC_SOURCE,
    IMATINIB,
    ISCN,
    O3_B_ALL_WITH_BCR_ABL1,
    PH_POSITIVE_ALL,
    PONATINIB,
    SOMATIC,
    VARIANT,
    VARIANT_ISCN,
    Code,
    concept,
)


def two_inhibitors_failed(name: str, *, no_alternative: bool) -> Story:
    """A second relapse after two inhibitors; whether anything else could be done is stated or not."""
    story = Story(name, born="1976-02-29", sex="female")
    story.diagnosed("2023-02-13", PH_POSITIVE_ALL, CM_ALL)
    story.observed("p190", BCR_ABL1_P190, "2023-02-13", percent(38), marrow=True)
    story.took(IMATINIB, "2023-02-20", "2024-06-10", reason="relapse on treatment")
    story.remission("2023-03-27", CM_ALL_IN_REMISSION)
    story.relapsed("2024-06-10", CM_ALL_IN_RELAPSE, blasts=57)
    story.took(PONATINIB, "2024-06-17", "2026-09-07", reason="relapse on treatment")
    story.remission("2024-08-12", CM_ALL_IN_REMISSION)
    story.relapsed("2026-09-07", CM_ALL_IN_RELAPSE, blasts=73)
    story.marker("cd19", "2026-09-07", percent(96))
    story.marker("cd22", "2026-09-07", percent(89), CD22_BLASTS_MARROW)
    story.stated("disease-state", "2026-09-07", "relapsed")
    story.stated("relapse-number", "2026-09-07", 2)
    story.stated("prior-lines", "2026-09-07", 2)
    story.stated("tki-failed", "2026-09-07", 2)
    if no_alternative:
        story.stated("no-alternative-treatment", "2026-09-14", True)
    return story


def one_inhibitor_failed() -> Story:
    """A first relapse on dasatinib; the chromosome stands in a karyotype and in the words of a FISH result."""
    story = Story("adult-ph-positive-one-tki-failed", born="1976-09-09", sex="male", told_as="searchset", addressing="absolute")
    story.diagnosed("2025-01-27", B_ALL, B_ALL_WITH_BCR_ABL1, O3_B_ALL_WITH_BCR_ABL1)
    story.observed(
        "karyotype",
        VARIANT,
        "2025-01-27",
        parts(
            part(VARIANT_ISCN, coded(Code(ISCN, "46,XY,t(9;22)(q34;q11.2)[18]/46,XY[2]"))),
            part(GENOMIC_SOURCE, coded(SOMATIC)),
        ),
        marrow=True,
    )
    story.observed(
        "fish",
        BCR_ABL1_FISH,
        "2025-01-28",
        words("nuc ish(ABL1,BCR)x3(ABL1 con BCRx2)[150/200]: BCR::ABL1 fusion positive"),
        marrow=True,
        method=concept(FISH_METHOD),
    )
    story.took(DASATINIB_ATC, "2025-02-03", "2026-10-12", reason="relapse on treatment")
    story.remission("2025-03-10", CM_ALL_IN_REMISSION)
    story.relapsed("2026-10-12", CM_ALL_IN_RELAPSE, blasts=51)
    story.marker("cd19", "2026-10-12", percent(94))
    story.marker("cd22", "2026-10-12", percent(92), CD22_BLASTS_MARROW)
    story.stated("disease-state", "2026-10-12", "relapsed")
    story.stated("relapse-status", "2026-10-12", "first-relapse")
    story.stated("relapse-number", "2026-10-12", 1)
    story.stated("prior-lines", "2026-10-12", 1)
    story.stated("tki-failed", "2026-10-12", 1)
    return story


def stories() -> list[Story]:
    """Return them all."""
    return [
        two_inhibitors_failed("adult-ph-positive-two-tki-failed-no-alternative", no_alternative=True),
        two_inhibitors_failed("adult-ph-positive-two-tki-failed-alternatives-not-stated", no_alternative=False),
        one_inhibitor_failed(),
    ]
