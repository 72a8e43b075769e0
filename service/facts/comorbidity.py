"""Illnesses beside the leukaemia that decide about trials: inborn ones, and those of nerves, pancreas and metabolism."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from service.facts.catalogue import Kind, derive
from service.facts.conditions import MaybeSuch, Whole, condition_fact, evidence_of
from service.logic.fact import Fact, Gap, unknown

if TYPE_CHECKING:
    from service.facts.catalogue import View

_MAYBE_CMT = MaybeSuch(frozenset({"charcot-marie-tooth-untold"}), "hereditary neuropathy, not told of which kind")
_MAYBE_INBORN = MaybeSuch(frozenset({"marrow-failure-untold"}), "failure of the marrow, not told whether inborn")
_MAYBE_NERVES = MaybeSuch(
    frozenset({"neurological-disease-untold", "any-neurological-disease"}),
    "disease of the nervous system, not told whether one that excludes",
)

_ILLNESSES: tuple[tuple[str, frozenset[str], Whole, MaybeSuch | None], ...] = (
    ("charcot_marie_tooth", frozenset({"charcot-marie-tooth"}), Whole("any-charcot-marie-tooth"), _MAYBE_CMT),
    ("gilbert_syndrome", frozenset({"gilbert-syndrome"}), Whole("any-gilbert-syndrome"), None),
    (
        "marrow_failure_syndrome",
        frozenset({"marrow-failure-syndrome", "ataxia-telangiectasia", "any-marrow-failure-syndrome"}),
        Whole("any-marrow-failure-syndrome"),
        _MAYBE_INBORN,
    ),
    (
        "epilepsy_or_neurological_disease",
        frozenset({"seizure", "neurological-disease", "ataxia-telangiectasia"}),
        Whole("any-neurological-disease", "absence_of_condition_for_days"),
        _MAYBE_NERVES,
    ),
    ("pancreatitis_history", frozenset({"pancreatitis"}), Whole("any-pancreatitis", "absence_of_condition_for_days"), None),
    ("diabetes", frozenset({"diabetes"}), Whole("any-diabetes", "absence_of_condition_for_days"), None),
)

for _name, _concepts, _whole, _untold in _ILLNESSES:
    derive(_name, Kind.TRUTH)(partial(condition_fact, name=_name, concepts=_concepts, whole=_whole, untold=_untold))


@derive("icans_grade_4", Kind.TRUTH)
def icans_grade_4(view: View) -> Fact[object]:
    """Whether neurotoxicity of immune effector cells of grade 4 was ever recorded; never False.

    Unknown: none recorded; only unconfirmed ones, or ones of another or an untold grade (`ambiguous`).
    """
    fact = condition_fact(view, "icans_grade_4", frozenset({"icans-grade-4"}))
    others = view.layout.diagnoses.of("icans") if fact.gap is Gap.NOT_RECORDED else []
    if not others:
        return fact
    seen = tuple(evidence_of(one, "recorded, not as of grade 4") for one in others)
    return unknown(Gap.AMBIGUOUS, "icans_grade_4", evidence=seen, rule=fact.rule)
