"""The true verdicts of a made-up patient: on what is so, and on what the record tells of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from service.synth.longhand.labels import label_rows, verdict
from service.synth.longhand.risk import Groups, high_risk_first_relapse, risk_groups
from service.synth.longhand.trials import trial_answers
from service.synth.truth import UNKNOWN

if TYPE_CHECKING:
    from datetime import date

    from service.knowledge.library import Library
    from service.synth.longhand.tests import Answer, Values
    from service.synth.truth import Truth

HIGH_RISK = "high_risk_first_relapse"
ANSWERED = frozenset({"bcp-all", "t-all", "mpal", "all-lineage-unknown"})
"""The diseases that are answered; of another, and of one that is not known, there is no verdict at all."""

_WORDS: dict[Answer, str] = {True: "yes", False: "no", None: "unknown"}


@dataclass(frozen=True, slots=True)
class Verdicts:
    """The verdicts on one set of values; none at all for a record that shows no ALL."""

    rows: dict[str, str]  # by regulator and row of its label: yes, no, unknown
    therapies: dict[str, str]  # by regulator and product
    risk: dict[str, Groups]
    trials: dict[str, str]  # yes: fits
    high_risk_first_relapse: str

    def plain(self) -> dict[str, object]:
        """Return the verdicts as a line of the truth has them."""
        risk = {name: groups.says for name, groups in self.risk.items()}
        return {"rows": self.rows, "therapies": self.therapies, "riskGroups": risk, "trials": self.trials}


def true_verdicts(truth: Truth, library: Library, as_of: date) -> tuple[Verdicts, Verdicts]:
    """Return what is true of the patient, and what can be decided by what the record tells: everything on file counts as known.

    The caller tells neither the country nor the study group of the centre.
    """
    if truth.told["disease"] not in ANSWERED:
        none = Verdicts({}, {}, {}, {}, _high_risk(truth.told, {}))
        return none, none
    methods = {
        name.replace("_method", "_percent"): value
        for name, value in truth.told.items()
        if name.endswith("_method") and value != UNKNOWN
    }
    real = _judge({name: value for name, value in truth.real.items() if name != HIGH_RISK}, library, as_of, methods, None)
    return real, _judge(truth.told, library, as_of, methods, truth)


def _judge(values: Values, library: Library, as_of: date, methods: Values, truth: Truth | None) -> Verdicts:
    groups = risk_groups(values, library, methods)
    high_risk = _high_risk(values, groups)
    values = {**_of_now(values), HIGH_RISK: {"yes": True, "no": False}.get(high_risk, UNKNOWN)}
    by_product = label_rows(values, library, as_of)
    fits = trial_answers(values, library, as_of, truth)
    return Verdicts(
        rows={
            f"{regulator}/{row}": _WORDS[answer] for (regulator, _), rows in by_product.items() for row, answer in rows.items()
        },
        therapies={f"{regulator}/{product}": verdict(rows) for (regulator, product), rows in by_product.items()},
        risk=groups,
        trials={name: _WORDS[answer] for name, answer in fits.items()},
        high_risk_first_relapse=high_risk,
    )


def _of_now(values: Values) -> Values:
    """Return what is so now: the fluid was examined at diagnosis alone, which tells nothing of a relapse."""
    relapses = values.get("relapse_count", UNKNOWN)
    return values if relapses in (0, UNKNOWN) else {**values, "cns_status": UNKNOWN}


def _high_risk(values: Values, groups: dict[str, Groups]) -> str:
    """Return whether the first relapse is of high risk: as stated, else no without a relapse, else by two systems that agree."""
    stated = values.get(HIGH_RISK, UNKNOWN)
    if isinstance(stated, bool):
        return _WORDS[stated]
    if values.get("relapse_count") == 0:
        return "no"
    return _WORDS[high_risk_first_relapse(groups)] if groups and values.get("relapse_count") == 1 else UNKNOWN
