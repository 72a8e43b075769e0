"""The fixed shape of the assessment as a table: member → what stands in it. Members may be added, never renamed or re-typed."""

import re
from datetime import date

import yaml

from service.knowledge.loader import DATA


def on_file(folder, member):
    """Return what the files of a folder say under a member: what is added by a recipe is as good as what was there."""
    return {yaml.safe_load(path.read_text(encoding="utf-8"))[member] for path in (DATA / folder).glob("*.yaml")}


GAPS = {"not-recorded", "too-old", "stale-after-therapy", "unreadable", "ambiguous", "not-assessable"}
TRUTHS = {"yes", "no", "unknown"}
REGULATORS = {"EMA", "FDA", "AEMPS"}
PRODUCTS = on_file("therapies", "product")
RISK_SYSTEMS = on_file("risk_systems", "system")

# ---------------------------------------------------------------- kinds of values: each returns what is wrong, or nothing


def text(value):
    return None if isinstance(value, str) and value else f"no text: {value!r}"


def truth(value):
    return None if isinstance(value, bool) else f"no boolean: {value!r}"


def day(value):
    try:
        date.fromisoformat(value)
    except (TypeError, ValueError):
        return f"no day: {value!r}"
    return None


def partial_day(value):
    one = r"\d{4}(-\d{2}(-\d{2})?)?"  # a period is written as both of its ends
    return None if isinstance(value, str) and re.fullmatch(rf"{one}(/{one})?", value) else f"no date: {value!r}"


def plain_number(value):
    return None if isinstance(value, (int, float)) and not isinstance(value, bool) else f"no number: {value!r}"


def number(value):
    """A number, or an interval with its four members."""
    if not isinstance(value, dict):
        return plain_number(value)
    if set(value) != {"low", "high", "lowInclusive", "highInclusive"}:
        return f"no interval: {value!r}"
    limits = [value[key] for key in ("low", "high") if value[key] is not None]
    return next((fault for limit in limits if (fault := plain_number(limit))), truth(value["lowInclusive"]))


def one_of(*words):
    return lambda value: None if value in set(words) else f"not one of {sorted(words)}: {value!r}"


def list_of(kind):
    def check(value):
        if not isinstance(value, list):
            return f"no list: {value!r}"
        return next((fault for item in value if (fault := wrong(item, kind))), None)

    return check


def maybe(kind):
    return lambda value: None if value is None else wrong(value, kind)


def wrong(value, kind):
    """Return what is wrong with a value of a kind; a kind is a check, or a table of members that must all be there."""
    if callable(kind):
        return kind(value)
    if not isinstance(value, dict):
        return f"no object: {value!r}"
    for member, inner in kind.items():
        if member not in value:
            return f"{member} is missing among {sorted(value)}"
        if fault := wrong(value[member], inner):
            return f"{member}: {fault}"
    return None


# ---------------------------------------------------------------- the facts

_MARKERS = (
    *("ph_like", "abl_class", "kmt2a_r", "etv6_runx1", "tcf3_pbx1", "tcf3_hlf", "double_trisomy", "high_hyperdiploidy"),
    *("hypodiploidy_lt44", "hypodiploidy_lt40", "iamp21", "ikzf1_del", "ikzf1_plus", "tp53"),
)
_TRUTHS = (
    *(
        "down_syndrome",
        "pregnant",
        "testicular_disease",
        "extramedullary_disease",
        "post_hsct_relapse",
        "high_risk_first_relapse",
    ),
    *("no_alternative_stated", "prior_allo_hsct", "prior_blinatumomab", "prior_inotuzumab", "prior_cd19_car_t"),
    *("active_infection", "gvhd_active", "vod_history", "severe_liver_disease", "seizure_history", "cns_pathology_active"),
    *("hiv", "hbv", "hcv"),
)
_QUANTITIES = (
    *("age_years", "age_days", "age_at_diagnosis_years", "weight_kg", "body_surface_m2", "wbc_at_diagnosis"),
    *("marrow_blasts_percent", "mrd_percent", "mrd_day8_blood_percent", "mrd_end_of_induction_percent"),
    *("mrd_end_of_consolidation_percent", "mrd_end_of_block1_percent", "lvef_percent", "spo2_percent"),
    *("creatinine_clearance", "qtc_ms"),
)
_NUMBERS = (
    *("remission_number", "relapse_count", "prior_lines", "tki_failed", "ecog", "karnofsky", "lansky"),
    *("bilirubin_xuln", "alt_xuln", "ast_xuln"),
)
UNITED = frozenset(_QUANTITIES)
FACTS = {
    **dict.fromkeys((*_MARKERS, *_TRUTHS), truth),
    **dict.fromkeys((*_QUANTITIES, *_NUMBERS), number),
    "sex": one_of("male", "female"),
    "disease": one_of("bcp-all", "t-all", "mpal", "burkitt", "b-lbl", "cml-lbp", "all-lineage-unknown", "not-all"),
    "diagnosis_date": partial_day,
    "cd19": one_of("positive", "negative"),
    "cd22": one_of("positive", "negative"),
    "ph": one_of("positive", "negative"),
    "cns_status": one_of("CNS1", "CNS2", "CNS3"),
    "marrow_class": one_of("M1", "M2", "M3"),
    "disease_state": one_of("newly-diagnosed", "remission", "refractory", "relapsed", "suspected-relapse"),
    "relapse_status": one_of("refractory", "relapse-after-hsct", "second-or-later-relapse", "first-relapse", "no-relapse"),
    "relapse_site": one_of("marrow", "extramedullary", "combined"),
    "time_to_relapse": one_of("very-early", "early", "late"),
    "prednisone_response": one_of("good", "poor"),
    "treatment_phase": one_of("pre-treatment", "induction", "consolidation", "maintenance", "off-therapy"),
    "hypersensitivity": list_of(one_of(*PRODUCTS)),
}

EVIDENCE = {
    "reference": text,
    "path": lambda value: None if isinstance(value, str) else "no text",
    "date": maybe(partial_day),
    "text": text,
}
_ALWAYS = {"evidence": list_of(EVIDENCE), "flags": list_of(text)}
KNOWN = {"state": one_of("known"), **_ALWAYS}
NOT_KNOWN = {"state": one_of("unknown", "conflicting"), "gap": one_of(*GAPS), "needs": list_of(text), **_ALWAYS}
BESIDE = {
    "percent": number,
    "specimenDate": partial_day,
    "method": one_of("flow", "pcr", "ngs"),
    "dates": list_of(partial_day),
    "precision": one_of("day", "month", "year"),
    "unit": text,
}

# ---------------------------------------------------------------- the parts

_CRITERION = {
    "id": text,
    "text": text,
    "truth": one_of(*TRUTHS),
    "facts": list_of(text),
    "evidence": list_of(text),
    "needs": list_of(text),
}
PARTS = {
    "patient": text,
    "asOf": day,
    "knownBy": day,
    "regulators": list_of(one_of(*REGULATORS)),
    "country": maybe(text),
    "knowledge": {"version": text, "digest": text},
    "facts": {name: {} for name in FACTS},
    "riskGroups": list_of(
        {
            "system": one_of(*RISK_SYSTEMS),
            "state": one_of("decided", "open", "reported", "not-applicable", "not-encoded"),
            "group": maybe(text),
            "possible": list_of(text),
            "row": maybe(text),
            "needs": list_of(text),
            "evidence": list_of(text),
            "question": maybe(text),
            "flags": list_of(text),
            "candidate": maybe(text),
            "recorded": maybe(text),
        }
    ),
    "therapies": list_of(
        {
            "product": one_of(*PRODUCTS),
            "regulator": one_of(*REGULATORS),
            "verdict": one_of("on-label", "not-on-label", "undetermined", "not-approved"),
            "indications": list_of({"id": text, "verdict": one_of(*TRUTHS), "criteria": list_of(_CRITERION)}),
            "needs": list_of(text),
            "cautions": list_of({"id": text, "level": text, "truth": one_of(*TRUTHS), "text": text, "source": text}),
            "flags": list_of(text),
        }
    ),
    "trials": list_of(
        {
            "id": text,
            "name": text,
            "fit": one_of("fits", "does-not-fit", "needs-data"),
            "recruitment": {
                "status": maybe(text),
                "seen": maybe(day),
                "open": one_of("yes", "no", "not-yet", "stale", "unknown"),
                "source": maybe(text),
            },
            "criteria": list_of(_CRITERION),
            "failing": list_of(text),
            "needs": list_of(text),
            "arms": list_of(lambda _: None),
            "flags": list_of(text),
        }
    ),
    "needs": list_of(
        {
            "fact": text,
            "gap": one_of(*GAPS),
            "ask": text,
            "order": maybe({"system": text, "code": text, "display": text}),
            "wouldDecide": {"therapies": list_of(text), "trials": list_of(text), "riskGroups": list_of(text)},
        }
    ),
    "problems": list_of(
        {
            "severity": one_of("information", "warning", "error"),
            "code": text,
            "where": lambda value: None if isinstance(value, str) else "no text",
            "text": text,
        }
    ),
}
