"""Illnesses beside the leukaemia that decide about trials: inborn ones, and those of nerves, pancreas and metabolism."""

from __future__ import annotations

from functools import partial

from service.facts.catalogue import Kind, derive
from service.facts.conditions import Whole, condition_fact

_ILLNESSES: tuple[tuple[str, frozenset[str], Whole], ...] = (
    ("charcot_marie_tooth", frozenset({"charcot-marie-tooth"}), Whole("any-charcot-marie-tooth")),
    (
        "marrow_failure_syndrome",
        frozenset({"marrow-failure-syndrome", "any-marrow-failure-syndrome"}),
        Whole("any-marrow-failure-syndrome"),
    ),
    (
        "epilepsy_or_neurological_disease",
        frozenset({"seizure", "neurological-disease"}),
        Whole("any-neurological-disease", "absence_of_condition_for_days"),
    ),
    ("pancreatitis_history", frozenset({"pancreatitis"}), Whole("any-pancreatitis", "absence_of_condition_for_days")),
    ("diabetes", frozenset({"diabetes"}), Whole("any-diabetes", "absence_of_condition_for_days")),
)

for _name, _concepts, _whole in _ILLNESSES:
    derive(_name, Kind.TRUTH)(partial(condition_fact, name=_name, concepts=_concepts, whole=_whole))
