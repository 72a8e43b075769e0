"""Stories of children and infants."""

from __future__ import annotations

from service.synth.story import Story, reference
from service.synth.values import coded, part, parts, percent, words
from tests.stories.codes import (
    ABL1,
    ABSENT,
    ALL_ANY_LINEAGE,
    ALL_IN_RELAPSE,
    B_ALL,
    B_ALL_WITH_KMT2A,
    BCR,
    BLINATUMOMAB,
    BURKITT,
    CANCER_STATUS,
    CD22_BLASTS_MARROW,
    CHANGE_TYPE,
    CM_ALL,
    CM_ALL_IN_RELAPSE,
    CM_ALL_IN_REMISSION,
    CPT_ALLOGENEIC_TRANSPLANT,
    ETV6,
    FACTS,
    FISH_METHOD,
    FULL_REMISSION,
    GENE_STUDIED,
    GENETICS_REPORT,
    GENOMIC_SOURCE,
    GM_BURKITT,
    IMMUNOPHENOTYPE,
    LEUKEMIA_FINDING,
    LOINC_POSITIVE,
    MCODE_MORPHOLOGY,
    O3_B_ALL,
    O3_BURKITT,
    POSITIVE,
    PRE_B_ALL,
    PREDNISONE,
    PRESENT,
    RITUXIMAB,
    RUNX1,
    SOMATIC,
    STANDARD_RISK,
    STATED_POSITIVE,
    T_ALL,
    TRANSLOCATION,
    UNRELATED_TRANSPLANT,
    VARIANT,
    VINCRISTINE,
    WBC_SHORT,
    Code,
    concept,
)


def child_second_relapse() -> Story:
    """Two relapses told by dated Conditions with remissions between; blinatumomab in a contained Medication."""
    story = Story("child-second-relapse", born="2016-04-18", sex="female")
    story.diagnosed("2021-05-10", B_ALL, CM_ALL)
    story.wbc("2021-05-10", 32.4)
    story.fish_bcr_abl1("2021-05-10")
    story.marker("cd19", "2021-05-10", percent(98))
    story.remission("2021-06-14")
    story.relapsed("2023-09-04", CM_ALL_IN_RELAPSE, blasts=64)
    story.given(BLINATUMOMAB, "2023-10-02", "2023-10-30", contained=True)
    story.remission("2023-11-06")
    sample = reference(story.marrow_sample("2026-10-12"))
    story.relapsed("2026-10-12", ALL_IN_RELAPSE, blasts=71)
    flow = [
        story.marker("cd19", "2026-10-12", percent(96), specimen=sample),
        story.marker("cd22", "2026-10-12", percent(92), CD22_BLASTS_MARROW, specimen=sample),
    ]
    story.report("2026-10-13", IMMUNOPHENOTYPE, *flow, conclusion="Relapse of B-cell precursor ALL, CD19 and CD22 expressed.")
    story.stated("prior-lines", "2026-10-12", 2)
    return story


def child_first_relapse_after_transplant() -> Story:
    """A transplant in first remission, then a relapse; every reference is an address of the hospital's server."""
    story = Story(
        "child-first-relapse-after-transplant", born="2018-03-30", sex="male", told_as="searchset", addressing="absolute"
    )
    story.diagnosed("2024-02-12", PRE_B_ALL, CM_ALL)
    story.wbc("2024-02-12", 61, "10*3/uL", WBC_SHORT)
    story.stated("genetic-marker", "2024-02-15", False, part(Code(FACTS, "marker"), coded(Code(FACTS, "ph"))))
    story.remission("2024-03-18", CM_ALL_IN_REMISSION)
    story.performed("transplant", "2024-09-09", UNRELATED_TRANSPLANT, CPT_ALLOGENEIC_TRANSPLANT)
    story.relapsed("2026-09-21", CM_ALL_IN_RELAPSE, blasts=44)
    story.marker("cd19", "2026-09-21", coded(STATED_POSITIVE))
    story.marker("cd22", "2026-09-21", percent(90, ">"), CD22_BLASTS_MARROW)
    story.stated("relapse-number", "2026-09-21", 1)
    story.stated("disease-state", "2026-09-21", "relapsed")
    story.stated("relapse-status", "2026-09-21", "relapse-after-hsct")
    story.stated("prior-lines", "2026-09-21", 1)
    return story


def child_high_risk_first_relapse_in_consolidation() -> Story:
    """Second remission after a very early relapse, no MRD recorded; told as a document."""
    story = Story("child-high-risk-first-relapse-in-consolidation", born="2018-06-02", sex="female", told_as="document")
    story.diagnosed("2024-10-07", B_ALL, CM_ALL)
    story.wbc("2024-10-07", 12)
    variant = story.observed(
        "bcr-abl1",
        VARIANT,
        "2024-10-08",
        {
            **coded(ABSENT),
            **parts(part(GENE_STUDIED, coded(BCR)), part(GENE_STUDIED, coded(ABL1)), part(GENOMIC_SOURCE, coded(SOMATIC))),
        },
        marrow=True,
        method=concept(FISH_METHOD),
    )
    story.report("2024-10-10", GENETICS_REPORT, variant, conclusion="No BCR::ABL1 fusion.")
    story.remission("2024-11-11")
    story.relapsed("2026-02-02", CM_ALL_IN_RELAPSE, blasts=58)
    story.marker("cd19", "2026-02-02", percent(97))
    story.marker("cd22", "2026-02-02", coded(LOINC_POSITIVE))
    story.stated("relapse-number", "2026-02-02", 1)
    story.observed("status", CANCER_STATUS, "2026-04-06", coded(FULL_REMISSION))
    story.stated("disease-state", "2026-04-06", "remission")
    story.stated("remission-number", "2026-04-06", 2)
    story.stated("relapse-status", "2026-04-06", "first-relapse")
    story.stated("high-risk-first-relapse", "2026-04-06", True)
    story.stated("treatment-phase", "2026-11-02", "consolidation")
    return story


def child_combined_relapse_where_definitions_disagree() -> Story:
    """A combined relapse 20 months after diagnosis, on therapy: high risk for one group of specialists, not for the other."""
    story = Story("child-combined-relapse-where-definitions-disagree", born="2018-01-20", sex="male", addressing="urn")
    story.diagnosed("2024-12-15", B_ALL)
    story.wbc("2024-12-15", 9.8)
    story.fish_bcr_abl1("2024-12-15")
    story.remission("2025-01-20")
    story.stated("end-of-primary-therapy", "2026-08-15", {"valueDateTime": "2026-08-15"})
    story.relapsed("2026-08-15", CM_ALL_IN_RELAPSE, blasts=39)
    story.stated("relapse-site", "2026-08-15", "combined")
    story.stated("relapse-number", "2026-08-15", 1)
    story.marker("cd19", "2026-08-15", percent(99))
    story.marker("cd22", "2026-08-15", percent(81))
    story.stated("disease-state", "2026-09-28", "remission")
    story.stated("remission-number", "2026-09-28", 2)
    story.stated("relapse-status", "2026-09-28", "first-relapse")
    story.mrd("2026-09-28", percent(0.05), method="IG/TR RQ-PCR", time_point="other", laboratory="central")
    story.stated("treatment-phase", "2026-10-19", "consolidation")
    return story


def refractory_infant(name: str, born: str) -> Story:
    """A newborn whose leukaemia did not answer to two lines; only the birth date differs between the two tellings."""
    story = Story(name, born=born, sex="female", told_as="transaction")
    story.diagnosed("2026-10-26", B_ALL_WITH_KMT2A)
    story.wbc("2026-10-26", 250)
    story.fish_bcr_abl1("2026-10-26")
    story.marker("cd19", "2026-10-26", percent(94))
    story.marker("cd22", "2026-10-26", percent(35))
    story.stated("disease-state", "2026-11-20", "refractory")
    story.stated("relapse-number", "2026-11-20", 0)
    story.stated("prior-lines", "2026-11-20", 2)
    return story


def child_standard_risk_recorded_but_white_count_88() -> Story:
    """An mCODE record whose stated risk contradicts the white-cell count; the range beside the count is not one of counts."""
    story = Story("child-standard-risk-recorded-but-white-count-88", born="2021-02-08", sex="female")
    story.diagnosed(
        "2024-03-11",
        B_ALL,
        extension=[{"url": MCODE_MORPHOLOGY, "valueCodeableConcept": concept(O3_B_ALL)}],
    )
    wrong_range = [{"low": {"value": 39.7}, "high": {"value": 50.3}}]
    story.wbc("2024-03-11", 88.5, "10*3/uL", WBC_SHORT, referenceRange=wrong_range)
    story.observed("phenotype", IMMUNOPHENOTYPE, "2024-03-11", words("Blasts positive for CD10, CD19, CD22 and TdT"), marrow=True)
    story.observed(
        "etv6-runx1",
        VARIANT,
        "2024-03-12",
        {
            **coded(PRESENT),
            **parts(
                part(GENE_STUDIED, coded(ETV6)),
                part(GENE_STUDIED, coded(RUNX1)),
                part(CHANGE_TYPE, coded(TRANSLOCATION)),
                part(GENOMIC_SOURCE, coded(SOMATIC)),
            ),
        },
        marrow=True,
    )
    story.observed("risk", LEUKEMIA_FINDING, "2024-03-12", coded(STANDARD_RISK))
    story.ordered(PREDNISONE, "2024-03-13", status="completed")
    story.ordered(VINCRISTINE, "2024-03-13", status="completed")
    return story


def child_born_in_2015(name: str, white_count: float) -> Story:
    """Only the year of birth is known, and the tenth birthday may be on either side of the diagnosis."""
    story = Story(name, born="2015", sex="male")
    story.diagnosed("2025-03-01", B_ALL)
    story.wbc("2025-03-01", white_count)
    story.marker("cd19", "2025-03-01", coded(POSITIVE))
    story.fish_bcr_abl1("2025-03-01")
    story.mrd("2025-03-30", percent(0.005), method="flow cytometry", time_point="end-of-induction", laboratory="central")
    return story


def child_second_relapse_lineage_unknown() -> Story:
    """Nobody wrote down which lineage the blasts are of, nor which antigens they carry."""
    story = Story("child-second-relapse-lineage-unknown", born="2016-02-01", sex="male", addressing="urn")
    story.diagnosed("2022-04-04", ALL_ANY_LINEAGE, CM_ALL)
    story.wbc("2022-04-04", 20)
    story.remission("2022-05-09", CM_ALL_IN_REMISSION)
    story.relapsed("2024-06-17", CM_ALL_IN_RELAPSE)
    story.remission("2024-08-05", CM_ALL_IN_REMISSION)
    story.relapsed("2026-10-05", CM_ALL_IN_RELAPSE, blasts=80)
    story.stated("relapse-number", "2026-10-05", 2)
    story.stated("disease-state", "2026-10-05", "relapsed")
    story.stated("prior-lines", "2026-10-05", 2)
    return story


def t_all_second_relapse() -> Story:
    """The other lineage: none of these products is meant for it."""
    story = Story("t-all-second-relapse", born="2016-08-08", sex="male")
    story.diagnosed("2023-01-16", T_ALL, CM_ALL)
    story.wbc("2023-01-16", 140)
    story.marker("cd19", "2023-01-16", percent(0))
    story.remission("2023-02-20")
    story.relapsed("2024-09-02", T_ALL, CM_ALL_IN_RELAPSE)
    story.remission("2024-10-14")
    story.relapsed("2026-10-26", T_ALL, CM_ALL_IN_RELAPSE, blasts=55)
    story.stated("prior-lines", "2026-10-26", 2)
    return story


def burkitt_leukaemia() -> Story:
    """Mature B-cell leukaemia: CD20 and CD19 on the blasts, and still not ALL for any rule here."""
    story = Story("burkitt-leukaemia", born="2016-11-02", sex="male")
    story.diagnosed("2026-09-14", GM_BURKITT, BURKITT, O3_BURKITT, text="Burkitt leukaemia (mature B-ALL)")
    story.observed("phenotype", IMMUNOPHENOTYPE, "2026-09-14", words("CD19 positive, CD20 positive, TdT negative"), marrow=True)
    story.given(RITUXIMAB, "2026-09-21")
    return story


def stories() -> list[Story]:
    """Return them all."""
    return [
        child_second_relapse(),
        child_first_relapse_after_transplant(),
        child_high_risk_first_relapse_in_consolidation(),
        child_combined_relapse_where_definitions_disagree(),
        # One calendar month after 23 October is 23 November: on 22 November 2026 the first is a day too young.
        refractory_infant("infant-on-the-day-before-one-month", "2026-10-23"),
        refractory_infant("infant-of-exactly-one-month", "2026-10-22"),
        child_standard_risk_recorded_but_white_count_88(),
        child_born_in_2015("child-born-in-2015-white-count-10", 10),
        child_born_in_2015("child-born-in-2015-white-count-60", 60),
        child_second_relapse_lineage_unknown(),
        t_all_second_relapse(),
        burkitt_leukaemia(),
    ]
