"""Stories of adults with B-cell precursor ALL, Philadelphia-negative or untested."""

from __future__ import annotations

from datetime import date

from service.synth.noise import surround
from service.synth.story import Story, reference
from service.synth.values import absent, coded, interpreted, part, parts, percent, quantity, ratio, whole, words
from tests.stories.codes import (
    AML,
    B_ALL,
    BCR_ABL1_P190,
    BCR_ABL1_P210,
    BREXUCABTAGENE,
    CANCER_STATUS,
    CD19_LYMPHOCYTES_BLOOD,
    CD22_BLASTS_MARROW,
    CM_ALL,
    CM_ALL_IN_RELAPSE,
    CM_ALL_IN_REMISSION,
    COMMON_ALL,
    DETECTED,
    DEXAMETHASONE_GERMAN,
    ECOG,
    GM_ALL,
    IMMUNOPHENOTYPE,
    IN_FULL_REMISSION,
    ISCN,
    KARYOTYPE,
    LOINC_NEGATIVE,
    LOINC_POSITIVE,
    MERCAPTOPURINE,
    METHOTREXATE,
    MII_COMPLETE_REMISSION,
    MII_MORPHOLOGY,
    MII_RELAPSE,
    NEG,
    NEGATIVE,
    O3_B_ALL,
    OPS_CHEMOTHERAPY,
    PCS_BREXUCABTAGENE_INFUSION,
    PCS_UNRELATED_TRANSPLANT,
    POS,
    POSITIVE,
    PRE_B_ALL_IN_REMISSION,
    PREDNISONE,
    TUMOUR_REGRESSION,
    VARIANT_ISCN,
    VINCRISTINE,
    VINCRISTINE_GERMAN,
    Code,
    concept,
)


def young_adult(name: str, born: str, addressing: str) -> Story:
    """Two relapses before the 26th birthday, told by clinical statuses alone; only the birth date decides."""
    story = Story(name, born=born, sex="female", addressing=addressing)
    story.diagnosed("2020-03-02", COMMON_ALL, O3_B_ALL)
    story.wbc("2020-03-02", 18000, "/uL")
    story.fish_bcr_abl1("2020-03-02", interpreted(NEG))
    story.remission("2020-04-06", PRE_B_ALL_IN_REMISSION)
    story.relapsed("2023-05-08", B_ALL, blasts=47)
    story.remission("2023-07-03", PRE_B_ALL_IN_REMISSION)
    story.relapsed("2026-10-05", B_ALL, status="recurrence", blasts=66)
    story.marker("cd19", "2026-10-05", coded(POSITIVE))
    story.marker("cd22", "2026-10-05", coded(POSITIVE))
    story.stated("prior-lines", "2026-10-05", 3)
    return story


def first_relapse(name: str, *, told_as: str = "collection", addressing: str = "relative", born: str = "1981-03-14") -> Story:
    """An adult in first relapse without a transplant, Ph-negative; the antigens are left to the teller."""
    story = Story(name, born=born, sex="male", told_as=told_as, addressing=addressing)
    story.diagnosed("2024-05-06", B_ALL, CM_ALL)
    story.wbc("2024-05-06", 27)
    story.fish_bcr_abl1("2024-05-06", coded(LOINC_NEGATIVE))
    story.observed("status", CANCER_STATUS, "2024-06-17", coded(IN_FULL_REMISSION))
    story.relapsed("2026-10-19", CM_ALL_IN_RELAPSE, blasts=83)
    story.stated("disease-state", "2026-10-19", "relapsed")
    story.stated("relapse-status", "2026-10-19", "first-relapse")
    story.stated("relapse-number", "2026-10-19", 1)
    story.stated("prior-lines", "2026-10-19", 1)
    return story


def adult_first_relapse() -> Story:
    """Antigens as components of one panel."""
    story = first_relapse("adult-first-relapse")
    story.observed(
        "phenotype",
        IMMUNOPHENOTYPE,
        "2026-10-19",
        parts(part("CD19", coded(POSITIVE)), part("CD22", coded(LOINC_POSITIVE)), part("CD20", coded(NEGATIVE))),
        marrow=True,
    )
    story.observed("ecog", ECOG, "2026-11-10", whole(1))
    return story


def adult_first_relapse_in_2022() -> Story:
    """Everything happened before March 2022, when less was approved; told as the answer to a batch."""
    story = Story("adult-first-relapse-in-2022", born="1976-06-10", sex="female", told_as="batch-response")
    story.diagnosed("2020-01-20", B_ALL, CM_ALL)
    story.fish_bcr_abl1("2020-01-20")
    story.remission("2020-03-02", CM_ALL_IN_REMISSION)
    story.relapsed("2022-02-07", CM_ALL_IN_RELAPSE, blasts=52)
    story.marker("cd19", "2022-02-07", percent(93))
    story.marker("cd22", "2022-02-07", percent(60), CD22_BLASTS_MARROW)
    story.stated("disease-state", "2022-02-07", "relapsed")
    story.stated("relapse-status", "2022-02-07", "first-relapse")
    story.stated("relapse-number", "2022-02-07", 1)
    story.stated("prior-lines", "2022-02-07", 1)
    return story


def adult_first_relapse_cd22_unknown() -> Story:
    """CD19 stands in an interpretation under words alone, CD22 nowhere; bundles inside a bundle."""
    story = first_relapse("adult-first-relapse-cd22-unknown", told_as="batch-response-of-searches")
    story.marker("cd19", "2026-10-19", interpreted(POS), "CD19")
    return story


def adult_cd22_result_dated_tomorrow() -> Story:
    """On 22 November 2026 the CD22 result does not exist yet; on the 23rd it does."""
    story = first_relapse("adult-cd22-result-dated-tomorrow")
    story.marker("cd19", "2026-10-19", percent(91))
    story.marker("cd22", "2026-11-23", percent(77))
    return story


def adult_cd19_positive_and_negative_on_one_day() -> Story:
    """Two laboratories, one day, two answers."""
    story = first_relapse("adult-cd19-positive-and-negative-on-one-day", addressing="urn")
    story.marker("cd19", "2026-10-19", coded(DETECTED), "CD19")
    story.marker("cd19", "2026-10-19", coded(NEGATIVE), "CD19")
    story.marker("cd22", "2026-10-19", percent(85), CD22_BLASTS_MARROW)
    return story


def adult_one_unreadable_observation() -> Story:
    """A number that is not a number, among good results."""
    story = first_relapse("adult-one-unreadable-observation")
    story.marker("cd19", "2026-10-19", percent(91))
    broken = story.marker("cd22", "2026-10-19", percent(0), CD22_BLASTS_MARROW)
    broken["valueQuantity"]["value"] = "ninety-two"
    story.unreadable.add(broken["id"])
    return story


def adult_first_relapse_among_1000_resources() -> Story:
    """The few that matter among a thousand that do not."""
    story = Story(
        "adult-first-relapse-among-1000-resources", born="1981-03-14", sex="male", told_as="transaction", addressing="urn"
    )
    surround(story, 1000, date(2024, 5, 7))
    told = first_relapse("the-same-patient")
    told.marker("cd19", "2026-10-19", percent(95))
    told.marker("cd22", "2026-10-19", percent(70), CD22_BLASTS_MARROW)
    # Spread through the record, so that no reader gets by with its beginning or end.
    for number, resource in enumerate(told.resources[1:], start=1):
        resource["subject"] = story.about()
        story.resources.insert(number * 60, resource)
    story.compact = True
    return story


def after_car_t(name: str) -> Story:
    """An adult whose second relapse came after CD19 CAR-T cells; the infusion is left to the teller."""
    story = Story(name, born="1981-07-01", sex="female")
    story.diagnosed("2022-01-10", B_ALL, CM_ALL)
    story.fish_bcr_abl1("2022-01-10")
    story.observed("p190", BCR_ABL1_P190, "2022-01-10", coded(NEGATIVE), marrow=True)
    story.observed("p210", BCR_ABL1_P210, "2022-01-10", coded(NEGATIVE), marrow=True)
    story.marker("cd19", "2022-01-10", percent(99))
    story.remission("2022-02-21", CM_ALL_IN_REMISSION)
    story.relapsed("2023-11-13", CM_ALL_IN_RELAPSE, blasts=35)
    story.marker("cd19", "2023-11-13", percent(95))
    story.marker("cd22", "2023-11-13", percent(90), CD22_BLASTS_MARROW)
    story.remission("2024-03-06", CM_ALL_IN_REMISSION)
    story.relapsed("2026-09-28", CM_ALL_IN_RELAPSE, blasts=48)
    story.stated("disease-state", "2026-09-28", "relapsed")
    story.stated("relapse-number", "2026-09-28", 2)
    story.stated("prior-lines", "2026-09-28", 2)
    return story


def adult_cd19_lost_after_car_t() -> Story:
    """The infusion is a procedure; the relapse was tested and CD19 is gone."""
    story = after_car_t("adult-cd19-lost-after-car-t")
    story.performed("car-t", "2024-02-05", PCS_BREXUCABTAGENE_INFUSION)
    story.marker("cd19", "2026-09-28", percent(0))
    story.marker("cd22", "2026-09-28", percent(88), CD22_BLASTS_MARROW)
    return story


def adult_cd19_not_retested_after_car_t() -> Story:
    """The infusion is a drug; after it only the lymphocytes of the blood were counted, which says nothing about blasts."""
    story = after_car_t("adult-cd19-not-retested-after-car-t")
    story.given(BREXUCABTAGENE, "2024-02-05")
    story.observed("b-cells", CD19_LYMPHOCYTES_BLOOD, "2026-09-28", percent(0))
    return story


def adult_cr1_with_mrd(name: str, value: dict[str, object]) -> Story:
    """First remission in maintenance with one MRD result, on either side of the limit."""
    story = Story(name, born="1991-05-20", sex="male")
    story.diagnosed("2026-02-02", B_ALL)
    story.fish_bcr_abl1("2026-02-02")
    story.marker("cd19", "2026-02-02", quantity(95, "%", comparator=">="))
    story.stated("disease-state", "2026-03-09", "remission")
    story.stated("remission-number", "2026-03-09", 1)
    story.stated("relapse-number", "2026-03-09", 0)
    story.stated("relapse-status", "2026-03-09", "no-relapse")
    story.took(MERCAPTOPURINE, "2026-10-05", status="active")
    story.took(METHOTREXATE, "2026-10-05", status="active")
    story.stated("treatment-phase", "2026-11-03", "maintenance")
    story.mrd("2026-11-03", value, method="IG/TR RQ-PCR, sensitivity 1E-5")
    return story


def newly_diagnosed_adult_in_consolidation() -> Story:
    """First remission, MRD below the limit in words, consolidation begun."""
    story = Story("newly-diagnosed-adult-in-consolidation-mrd-negative", born="1966-01-15", sex="female")
    story.diagnosed("2026-05-18", B_ALL, CM_ALL)
    story.fish_bcr_abl1("2026-05-18")
    story.marker("cd19", "2026-05-18", percent(97))
    story.stated("disease-state", "2026-06-29", "remission")
    story.stated("remission-number", "2026-06-29", 1)
    story.stated("relapse-number", "2026-06-29", 0)
    story.stated("relapse-status", "2026-06-29", "no-relapse")
    story.mrd("2026-09-07", words("MRD negative (<0.01 %)"), method="flow cytometry, sensitivity 1E-4")
    story.stated("treatment-phase", "2026-10-05", "consolidation")
    return story


def newly_diagnosed_adult_in_induction() -> Story:
    """Two weeks after diagnosis: neither in remission nor refractory."""
    story = Story("newly-diagnosed-adult-in-induction", born="1966-08-30", sex="male")
    story.diagnosed("2026-11-09", B_ALL, CM_ALL)
    story.wbc("2026-11-09", 41)
    story.fish_bcr_abl1("2026-11-10")
    story.marker("cd19", "2026-11-09", percent(97))
    story.marker("cd22", "2026-11-09", percent(74))
    story.stated("disease-state", "2026-11-10", "newly-diagnosed")
    story.stated("relapse-number", "2026-11-10", 0)
    story.stated("treatment-phase", "2026-11-12", "induction")
    drug = story.add("Medication", "prednisone", code=concept(PREDNISONE))
    story.ordered(PREDNISONE, "2026-11-12", medication=drug)
    story.given(VINCRISTINE, "2026-11-13")
    return story


def relapse_after_transplant_at_20() -> Story:
    """The first relapse, after a transplant in first remission."""
    story = Story("relapse-after-transplant-at-20", born="2006-08-17", sex="male", told_as="searchset")
    story.diagnosed("2023-10-09", B_ALL, CM_ALL)
    story.wbc("2023-10-09", 15)
    story.fish_bcr_abl1("2023-10-09")
    story.remission("2023-11-13", CM_ALL_IN_REMISSION)
    story.performed("transplant", "2024-05-20", PCS_UNRELATED_TRANSPLANT)
    story.relapsed("2026-09-14", CM_ALL_IN_RELAPSE, blasts=29)
    story.marker("cd19", "2026-09-14", percent(98))
    story.marker("cd22", "2026-09-14", percent(98), CD22_BLASTS_MARROW)
    story.stated("disease-state", "2026-09-14", "relapsed")
    story.stated("relapse-number", "2026-09-14", 1)
    story.stated("prior-lines", "2026-09-14", 1)
    return story


def adult_karyotype_without_fish() -> Story:
    """A normal karyotype is not a negative test for BCR::ABL1."""
    story = Story("adult-karyotype-without-fish", born="1976-04-11", sex="female")
    story.diagnosed("2024-09-16", B_ALL, CM_ALL)
    story.observed("karyotype", KARYOTYPE, "2024-09-16", parts(part(VARIANT_ISCN, coded(Code(ISCN, "46,XX[20]")))), marrow=True)
    story.observed("fish", "BCR::ABL1 FISH", "2024-09-16", absent("not-performed"), marrow=True)
    story.remission("2024-10-21")
    story.relapsed("2026-10-05", CM_ALL_IN_RELAPSE, blasts=77)
    story.marker("cd19", "2026-10-05", percent(90))
    story.marker("cd22", "2026-10-05", percent(90), CD22_BLASTS_MARROW)
    story.stated("disease-state", "2026-10-05", "relapsed")
    story.stated("relapse-status", "2026-10-05", "first-relapse")
    story.stated("relapse-number", "2026-10-05", 1)
    story.stated("prior-lines", "2026-10-05", 1)
    return story


def german_adult_first_relapse_cd22_negative() -> Story:
    """ICD-10-GM with the morphology beside it, ATC, the course in its own letters, antigens in one German sentence."""
    story = Story("german-adult-first-relapse-cd22-negative", born="1988-04-04", sex="female")
    story.diagnosed(
        "2024-07",
        GM_ALL,
        extension=[{"url": MII_MORPHOLOGY, "valueCodeableConcept": concept(O3_B_ALL)}],
        note=[{"text": "1. Rezidiv 10/2026"}],
    )
    chemotherapy = story.performed("chemotherapy", "2024-07-15", OPS_CHEMOTHERAPY, end="2026-06-30")
    part_of = [reference(chemotherapy)]
    story.took(VINCRISTINE_GERMAN, "2024-07-15", "2026-05-31", partOf=part_of)
    story.took(DEXAMETHASONE_GERMAN, "2024-07-15", "2026-05-31", partOf=part_of)
    story.observed("fish", "BCR-ABL1 (FISH)", "2024-07-16", words("BCR-ABL negativ"), marrow=True)
    story.observed("course", TUMOUR_REGRESSION, "2024-08-19", coded(MII_COMPLETE_REMISSION))
    story.observed("course", TUMOUR_REGRESSION, "2026-10-26", coded(MII_RELAPSE))
    story.observed(
        "phenotype",
        "Immunphänotypisierung",
        "2026-10-26",
        words("CD10 positiv, CD19 positiv (95 %), CD22 negativ, TdT positiv"),
        marrow=True,
    )
    story.blasts("2026-10-26", 68)
    return story


def nothing_but_a_diagnosis() -> Story:
    """A name, a birth date and one code."""
    story = Story("nothing-but-a-diagnosis", born="1992-09-09", sex="female")
    story.diagnosed(None, CM_ALL)
    return story


def aml() -> Story:
    """The other acute leukaemia."""
    story = Story("aml", born="1959-12-24", sex="male")
    story.diagnosed("2026-08-31", AML)
    story.blasts("2026-08-31", 61)
    return story


def stories() -> list[Story]:
    """Return them all."""
    return [
        # The 26th birthday and the day before it, seen from 22 November 2026.
        young_adult("young-adult-on-the-day-before-the-26th-birthday", "2000-11-23", "urn"),
        young_adult("young-adult-on-the-26th-birthday", "2000-11-22", "relative"),
        adult_first_relapse(),
        adult_first_relapse_in_2022(),
        adult_first_relapse_cd22_unknown(),
        adult_cd22_result_dated_tomorrow(),
        adult_cd19_positive_and_negative_on_one_day(),
        adult_one_unreadable_observation(),
        adult_first_relapse_among_1000_resources(),
        adult_cd19_lost_after_car_t(),
        adult_cd19_not_retested_after_car_t(),
        # One in a thousand is 0.1 %, written as a ratio; 9 in ten thousand is just below it, written in words.
        adult_cr1_with_mrd("adult-cr1-mrd-exactly-0-1-percent", ratio(1, 1000)),
        adult_cr1_with_mrd("adult-cr1-mrd-0-09-percent", words("MRD pos. 9 x 10^-4")),
        newly_diagnosed_adult_in_consolidation(),
        newly_diagnosed_adult_in_induction(),
        relapse_after_transplant_at_20(),
        adult_karyotype_without_fish(),
        german_adult_first_relapse_cd22_negative(),
        nothing_but_a_diagnosis(),
        aml(),
    ]
