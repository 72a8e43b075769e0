"""Which leukaemia it is, since when, and the count at diagnosis."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from operator import attrgetter
from typing import TYPE_CHECKING

from service.facts.catalogue import Kind, derive
from service.facts.choose import report, with_concept
from service.facts.conditions import evidence_of
from service.facts.disease_names import (
    ALL_KINDS,
    B_LBL,
    BCP_ALL,
    BURKITT,
    CML_LBP,
    DISEASES,
    LINEAGE_UNKNOWN,
    LINEAGES,
    MPAL,
    NOT_ALL,
    T_ALL,
)
from service.facts.measured import counts_blood, shown, usable_in
from service.facts.per_knowledge import per_knowledge
from service.facts.per_view import per_view
from service.facts.unread import not_before
from service.logic.dates import Age, PartialDate
from service.logic.fact import Evidence, Fact, Gap, conflicting, known, unknown
from service.logic.interval import Interval
from service.logic.truth import Truth
from service.record.clinical_status import RELAPSED
from service.record.vocabulary import RELAPSES
from service.record.wanted import RELAPSE_AT_VISITS

if TYPE_CHECKING:
    from service.facts.catalogue import View
    from service.knowledge.treatments import Treatments
    from service.record.record import Diagnosis, Drug, Reading

_BY_CONCEPT = {
    "t-all": T_ALL,
    "mpal": MPAL,
    "mpal-ph-positive": MPAL,
    "mpal-kmt2a": MPAL,
    "burkitt": BURKITT,
    "b-lbl": B_LBL,
    "t-lbl": NOT_ALL,
    "cml-lbp": CML_LBP,
    "chronic-myeloid-leukaemia": NOT_ALL,
    "other-leukaemia": NOT_ALL,
    "all-unspecified-lineage": LINEAGE_UNKNOWN,
    "all-not-in-remission": LINEAGE_UNKNOWN,
    "all-in-remission": LINEAGE_UNKNOWN,
    "all-in-relapse": LINEAGE_UNKNOWN,
    "all-refractory": LINEAGE_UNKNOWN,
}
VAGUE = frozenset(
    {
        "acute-leukaemia-unspecified",
        "lymphoid-leukaemia-unspecified",
        "lymphoid-leukaemia-in-relapse",
        "acute-leukaemia-in-relapse",
        "acute-leukaemia-in-remission",
    }
)


@lru_cache(maxsize=1_024)  # of sets of words, not of patients: the same few stand in every record
def disease_of(concepts: frozenset[str]) -> str | None:
    """Return the one disease that a set of concepts names, a lineage before ALL as such; None for none or several."""
    found = _diseases_of(concepts)
    return next(iter(found)) if len(found) == 1 else None


def _diseases_of(concepts: frozenset[str]) -> set[str]:
    found = {
        BCP_ALL if concept == "bcp-all" or concept.startswith("bcp-all-") else _BY_CONCEPT[concept]
        for concept in concepts
        if concept == "bcp-all" or concept.startswith("bcp-all-") or concept in _BY_CONCEPT
    }
    if len(found) > 1:
        found.discard(LINEAGE_UNKNOWN)
        if not found.isdisjoint(ALL_KINDS):
            found.discard(B_LBL)  # leukaemia and lymphoma of one kind of cell
    return found


@per_view
def leukaemias(view: View) -> list[tuple[str, Diagnosis]]:
    """Return the diagnoses that name one of our diseases, with the disease that code and text agree on."""
    found: list[tuple[str, Diagnosis]] = []
    for diagnosis in view.record.diagnoses:
        name = disease_of(diagnosis.concepts)
        if name == LINEAGE_UNKNOWN:
            name = disease_of(diagnosis.concepts | _refined(diagnosis))
        if name is not None:
            found.append((name, diagnosis))
    return found


def _refined(diagnosis: Diagnosis) -> frozenset[str]:
    """Return the lineage that the text adds to a code that says ALL only; none where another one is in doubt."""
    if disease_of(diagnosis.named) in LINEAGES and diagnosis.named.isdisjoint(diagnosis.doubted):
        return frozenset(name for name in diagnosis.named if disease_of(frozenset({name})) in LINEAGES)
    return frozenset()


def _named_disease(concepts: frozenset[str]) -> str | None:
    """Return the one disease that words name; a B-ALL that they name mature, too, is no precursor leukaemia."""
    return BURKITT if _diseases_of(concepts) == {BCP_ALL, BURKITT} else disease_of(concepts)


def _contradicts_itself(diagnosis: Diagnosis) -> bool:
    if len(_diseases_of(diagnosis.concepts)) > 1:
        return True
    coded, named = disease_of(diagnosis.concepts), _named_disease(diagnosis.named)
    if coded is None or named is None or coded == named:
        return False
    return {coded, named} != {LINEAGE_UNKNOWN} and LINEAGE_UNKNOWN not in ({coded, named} if _both_all(coded, named) else set())


def _both_all(one: str, other: str) -> bool:
    return one in ALL_KINDS and other in ALL_KINDS


@derive("disease", Kind.WORD, values=DISEASES)
def disease(view: View) -> Fact[object]:
    """The disease by its recorded diagnoses and histology.

    ALL without a lineage is `all-lineage-unknown`. Unknown: none recorded, only unconfirmed ones, or only a code too vague
    to tell. What only a preliminary histology tells is flagged. Conflicting: two lineages, ALL beside another leukaemia, or a
    code whose own text, or another code beside it, names another disease.
    """
    pairs = leukaemias(view)
    torn = [d for d in view.record.diagnoses if d.certain and _contradicts_itself(d)]
    if torn:
        evidence = tuple(evidence_of(d, "codes, or code and text, name different diseases") for d in torn)
        report(view, evidence, "The codes of the diagnosis, or its code and its text, name different diseases")
        return conflicting(evidence, "disease", rule="disease")
    found: dict[str, list[Evidence]] = {}
    for name, diagnosis in pairs:
        if diagnosis.certain:
            found.setdefault(name, []).append(evidence_of(diagnosis, f"diagnosis: {name}"))
    final = set(found)
    for named, reading in _histologies(view):
        found.setdefault(named, []).append(reading.evidence(f"histology: {named}"))
        if not reading.preliminary:
            final.add(named)
    if len(found) > 1:
        found.pop(LINEAGE_UNKNOWN, None) if LINEAGES & found.keys() else None
        if ALL_KINDS & found.keys():
            found.pop(B_LBL, None)
    if len(found) > 1:
        evidence = tuple(item for items in found.values() for item in items)
        report(view, evidence, "The record names different leukaemias")
        return conflicting(evidence, "disease", rule="disease")
    if found:
        name, items = next(iter(found.items()))
        needs_text = name in LINEAGES and all(
            disease_of(d.concepts) == LINEAGE_UNKNOWN for n, d in pairs if n == name and d.certain
        )
        from_text = ("lineage-from-text",) if needs_text and pairs else ()
        return known(name, tuple(items), rule="disease", flags=(*from_text, *(() if name in final else ("preliminary",))))
    return _no_disease(view, pairs)


def _histologies(view: View) -> list[tuple[str, Reading]]:
    readings = with_concept(view, "histology-observation")
    return [(named, reading) for reading in readings if (named := _named_disease(reading.answers)) is not None]


def _no_disease(view: View, pairs: list[tuple[str, Diagnosis]]) -> Fact[object]:
    if pairs:
        open_ones = tuple(evidence_of(d, "not confirmed", "verificationStatus") for _, d in pairs)
        return unknown(Gap.AMBIGUOUS, "disease", evidence=open_ones, rule="disease")
    vague = view.layout.diagnoses.of_any(VAGUE)
    if vague:
        evidence = tuple(evidence_of(d, "which leukaemia is not told") for d in vague)
        return unknown(Gap.AMBIGUOUS, "disease", evidence=evidence, rule="disease")
    return unknown(Gap.NOT_RECORDED, "disease", rule="disease")


@per_view
def of_all(view: View) -> list[Diagnosis]:
    """Return the certain diagnoses of ALL of any lineage, with those too vague where ALL stands beside them."""
    certain = [d for name, d in leukaemias(view) if name in ALL_KINDS and d.certain]
    if not certain:
        return []
    named = set(map(id, certain))
    return [*certain, *(d for d in view.layout.diagnoses.of_any(VAGUE) if d.certain and id(d) not in named)]


def is_relapse(diagnosis: Diagnosis) -> bool:
    """Return whether a diagnosis of ALL says relapse: by its code, its clinical status, or its name."""
    return (
        not RELAPSE_AT_VISITS.isdisjoint(diagnosis.concepts)
        or diagnosis.clinical in RELAPSED
        or not diagnosis.named.isdisjoint(RELAPSES)
        or diagnosis.says_relapse
    )


@derive("diagnosis_date", Kind.DATE)
def diagnosis_date(view: View) -> Fact[object]:
    """The day the ALL was first diagnosed: the earliest onset, else the earliest recording.

    A diagnosis that says relapse dates the disease only where it is the only one and was recorded later than its onset.
    Where an onset is told without a day, the recording is of another day. Unknown: no date recorded, or only that of a relapse;
    an onset without a day (`ambiguous`).
    """
    diagnoses = of_all(view)
    first = [d for d in diagnoses if not is_relapse(d)]
    candidates = first or [d for d in diagnoses if _onset_long_before(view, d)]
    undated = [d for d in first if d.began_before]
    dated = [(d.onset or d.recorded, d) for d in candidates if d.onset or (d.recorded and first and not undated)]
    if not dated and undated:
        seen = tuple(Evidence(d.reference, "onset[x]", None, "onset told without a day") for d in undated)
        return unknown(Gap.AMBIGUOUS, "diagnosis_date", evidence=seen, rule="first-diagnosis")
    if not dated:
        return unknown(Gap.NOT_RECORDED, "diagnosis_date", rule="first-diagnosis")
    when, diagnosis = min(((when, d) for when, d in dated if when is not None), key=lambda pair: (pair[0].low, pair[0].high))
    torn = [d for d in undated if _fell_ill_at_another_age(view, d, when)]
    if torn:
        seen = (evidence_of(diagnosis, "first diagnosis"), *(age_evidence(d) for d in torn))
        return unknown(Gap.AMBIGUOUS, "diagnosis_date", evidence=seen, rule="first-diagnosis")
    path = "onsetDateTime" if diagnosis.onset else "recordedDate"
    evidence = (Evidence(diagnosis.reference, path, when, "first diagnosis"),)
    return known(when, evidence, rule="first-diagnosis", flags=() if diagnosis.onset else ("recorded-date",))


def age_evidence(diagnosis: Diagnosis) -> Evidence:
    """Return the age that a diagnosis tells as evidence."""
    return Evidence(diagnosis.reference, "onsetAge", None, "age at the onset")


def _fell_ill_at_another_age(view: View, diagnosis: Diagnosis, when: PartialDate) -> bool:
    """Return whether a diagnosis tells an age at its onset that the patient surely had not on that day."""
    birth, told = view.record.birth, diagnosis.onset_age
    if birth is None or told is None:
        return False
    least, most = Age(birth, when).years
    return not least <= told <= most


def _onset_long_before(view: View, diagnosis: Diagnosis) -> bool:
    if diagnosis.onset is None or diagnosis.recorded is None:
        return False
    return (diagnosis.recorded.low - diagnosis.onset.high).days > view.limits.number("relapse_merge_days")


@derive("wbc_at_diagnosis", Kind.NUMBER, unit="10*9/L", reads=("wbc",))
def wbc_at_diagnosis(view: View) -> Fact[object]:
    """The white cell count before any treatment: all counts around the diagnosis as one interval.

    Unit: 10*9/L. Unknown: none recorded around the diagnosis, no date of diagnosis, only counts after steroids or
    chemotherapy (`not-assessable`) or, where these came before the diagnosis, too long before them; or one that cannot be read,
    or has no usable unit: it may lie on the other side of a limit. Source: limits/wbc.yaml, rule NCI (3.1).
    """
    readings = [r for r in with_concept(view, "wbc") if not r.absent and counts_blood(r)]
    if not readings:
        return unknown(Gap.NOT_RECORDED, "wbc_at_diagnosis", rule="wbc")
    diagnosis = view.fact("diagnosis_date").value
    if not isinstance(diagnosis, PartialDate):
        return unknown(Gap.NOT_ASSESSABLE, "diagnosis_date", rule="wbc")
    within = timedelta(days=int(view.limits.number("wbc_at_diagnosis_within_days")))
    begin, end = diagnosis.low - within, diagnosis.high + within
    around = [r for r in readings if r.when is not None and begin <= r.when.high and r.when.low <= end]
    start = first_treatment(view)
    untreated = [r for r in around if r.when is not None and _before_treatment(view, r.when, start, diagnosis)]
    if around and not untreated:
        seen = tuple(r.evidence("white cell count after treatment had begun") for r in around)
        return unknown(Gap.NOT_ASSESSABLE, "wbc_at_diagnosis", evidence=seen, rule="wbc", flags=("pre-treatment-count-missing",))
    if untreated and not any(r.when is not None and begin <= r.when.low and r.when.high <= end for r in untreated):
        seen = tuple(r.evidence("white cell count, perhaps of another time than the diagnosis") for r in untreated)
        return unknown(Gap.NOT_ASSESSABLE, "wbc_at_diagnosis", evidence=seen, rule="wbc")
    amounts = [(usable_in(view, r, "10*9/L"), r) for r in untreated]
    usable = [(amount, r) for amount, r in amounts if amount is not None]
    broken = [
        one
        for one in view.layout.broken.of("wbc")
        if one.when is None
        or (begin <= one.when.high and one.when.low <= end and _before_treatment(view, one.when, start, diagnosis))
    ]
    unread = tuple(r.evidence("white cell count without a usable unit") for amount, r in amounts if amount is None)
    unread += not_before(view, broken, None)
    if unread or not usable:
        seen = (*unread, *(_shown(amount, r) for amount, r in usable))
        return unknown(Gap.UNREADABLE if seen else Gap.NOT_RECORDED, "wbc_at_diagnosis", evidence=seen, rule="wbc")
    hull = _hull([amount for amount, _ in usable])
    flags = view.fact("diagnosis_date").flags
    if any(r.preliminary for _, r in usable):
        flags = (*flags, "preliminary")
    return known(hull, tuple(_shown(amount, r) for amount, r in usable), rule="wbc", unit="10*9/L", flags=flags)


def _before_treatment(view: View, when: PartialDate, start: PartialDate | None, diagnosis: PartialDate) -> bool:
    """Return whether a count is of before the treatment; where that began before the diagnosis, of not too long before it."""
    if start is None:
        return True
    if when.on_or_before(start) is not Truth.YES:
        return False
    days = int(view.limits.number("wbc_before_steroid_within_days"))
    return start.before(diagnosis) is not Truth.YES or (start.high - when.low).days <= days


def _shown(amount: Interval, reading: Reading) -> Evidence:
    return reading.evidence(f"white cells {shown(amount, '10*9/L')}")


def _hull(amounts: list[Interval]) -> Interval:
    if len(amounts) == 1:
        return amounts[0]
    lows, highs = [a.low for a in amounts], [a.high for a in amounts]
    return Interval(
        None if None in lows else min(low for low in lows if low is not None),
        None if None in highs else max(high for high in highs if high is not None),
    )


ANTILEUKAEMIC = frozenset(
    {
        "prednisone", "prednisolone", "dexamethasone", "vincristine", "daunorubicin", "doxorubicin", "idarubicin", "mitoxantrone",
        "pegaspargase", "asparaginase", "calaspargase-pegol", "methotrexate", "mercaptopurine", "tioguanine", "cytarabine",
        "cyclophosphamide", "ifosfamide", "etoposide", "clofarabine", "nelarabine", "fludarabine", "imatinib", "dasatinib",
        "nilotinib", "bosutinib", "ponatinib", "asciminib",
    }
)  # fmt: skip


@per_knowledge
def antileukaemic(known: Treatments) -> frozenset[str]:
    """Return the drugs against the leukaemia, those that bind an antigen among them; cells are none."""
    return ANTILEUKAEMIC | known.antibodies


_DAYS = attrgetter("low", "high")


@per_view
def first_treatment(view: View) -> PartialDate | None:
    """Return the date of the first steroid or antileukaemic drug given or ordered; None where none is dated.

    What ended before the window in which steroids count as pretreatment was for something else. Source: limits/wbc.yaml.
    """
    known = antileukaemic(view.limits.treatments())
    drugs = [d for d in view.layout.drugs.of_any(known) if d.start is not None and not d.is_mention]
    diagnosed = view.fact("diagnosis_date").value if drugs else None
    if isinstance(diagnosed, PartialDate):
        window = diagnosed.low - timedelta(weeks=int(view.limits.number("steroid_pretreatment_window_weeks")))
        drugs = [d for d in drugs if _last_day(d) >= window]
    dated = [d.start for d in drugs if d.start is not None]
    return min(dated, key=_DAYS) if dated else None


def _last_day(drug: Drug) -> date:
    """Return the last day on which a drug may have been given, as far as the record tells."""
    if drug.ongoing:
        return date.max
    if drug.end is not None:
        return drug.end.high
    # without an end: a dose ends on its day, a prescription, a supply or a statement may go on
    return drug.start.high if drug.start is not None and drug.kind == "administration" else date.max
