"""The facts of which a made-up cohort tells the truth: all that a label, a trial or a risk system reads, and a few beside."""

from __future__ import annotations

MARKERS = (
    "abl_class", "complex_karyotype", "double_trisomy", "dux4_r", "etv6_runx1", "high_hyperdiploidy", "hlf_r",
    "hypodiploidy_lt40", "hypodiploidy_lt44", "iamp21", "igh_r", "ikzf1_altered", "ikzf1_del", "ikzf1_plus",
    "kmt2a_aff1", "kmt2a_r", "masked_hypodiploidy", "mef2d_r", "myc_r", "pax5_alt", "pax5_p80r", "pdgfrb_r", "ph_like",
    "tcf3_hlf", "tcf3_pbx1", "tp53",
    "znf384_r",
)  # fmt: skip
"""Features of the leukaemia that are there or not; BCR::ABL1 is `ph`."""

ILLNESSES = (
    "active_infection", "charcot_marie_tooth", "diabetes", "down_syndrome", "epilepsy_or_neurological_disease",
    "gilbert_syndrome", "gvhd_active", "hbv", "hcv", "hiv", "icans_grade_4", "marrow_failure_syndrome", "pancreatitis_history",
    "pregnant", "severe_liver_disease", "vod_history",
)  # fmt: skip
"""What may be there beside the leukaemia."""

ORGANS = (
    "alt_xuln", "ast_xuln", "bilirubin_mg_dl", "bilirubin_xuln", "bmi", "creatinine_clearance",
    "creatinine_clearance_per_surface", "creatinine_mg_dl",
    "direct_bilirubin_xuln", "ecog", "karnofsky", "lansky", "lvef_percent", "lvsf_percent", "spo2_percent", "weight_kg",
)  # fmt: skip
"""Measured functions, which grow old."""

GIVEN = (
    "prior_allo_hsct", "prior_blinatumomab", "prior_car_t", "prior_cd19_car_t", "prior_commercial_cd19_car_t",
    "prior_cytotoxic_chemotherapy", "prior_inotuzumab", "prior_tki",
)  # fmt: skip
"""What was given at any time."""

PERSON = ("age_days", "age_years", "sex")

COURSE = (
    "age_at_diagnosis_days", "age_at_diagnosis_years", "age_at_relapse_years", "cns_status", "diagnosis_date", "disease",
    "disease_state", "end_of_therapy_to_relapse", "extramedullary_disease", "first_remission_length", "hsct_to_relapse",
    "induction_day", "late_relapse", "no_alternative_stated", "ph", "post_hsct_relapse", "prednisone_response", "prior_lines",
    "refractory", "refractory_to_induction", "relapse_count", "relapse_date", "relapse_interval", "relapse_site",
    "relapse_status", "remission_number", "steroid_pretreatment", "testicular_disease", "time_to_relapse", "tki_failed",
    "tki_intolerant", "treatment_phase", "wbc_at_diagnosis",
)  # fmt: skip
"""The disease and what became of it."""

RESULTS = (
    "blood_blasts_per_ul", "cd19", "cd19_specimen_age_days", "cd22", "cd22_ge20", "cd22_specimen_age_days", "dna_index",
    "marrow_blasts_percent", "marrow_class", "marrow_class_end_of_consolidation", "marrow_class_end_of_induction",
    "mrd_by_sensitive_assay_percent", "mrd_day15_percent", "mrd_day8_blood_percent", "mrd_end_of_block1_percent",
    "mrd_end_of_consolidation_laboratory",
    "mrd_end_of_consolidation_method", "mrd_end_of_consolidation_percent", "mrd_end_of_induction_percent",
    "mrd_pcr_unavailable", "mrd_percent", "remission_at_end_of_induction",
)  # fmt: skip
"""What was seen in blood and marrow."""

FACTS = tuple(sorted((*MARKERS, *ILLNESSES, *ORGANS, *GIVEN, *PERSON, *COURSE, *RESULTS)))
"""All of them; `high_risk_first_relapse` stands with the verdicts, read from two risk systems where nobody states it."""
