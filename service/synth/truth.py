"""What is true of a made-up patient, kept while the record is written and never read out of it."""

from __future__ import annotations

from dataclasses import dataclass, field

UNKNOWN = "unknown"
Told = str | bool | int | float | dict[str, object]

# What a cohort tells the truth of; a fact that no record tells is unknown, whatever happened.
FACTS = (
    "active_infection", "age_at_diagnosis_years", "age_years", "alt_xuln", "bilirubin_xuln", "cd19", "cd22", "cns_status",
    "diagnosis_date", "disease", "disease_state", "down_syndrome", "ecog", "hbv", "karnofsky", "kmt2a_r", "lvef_percent",
    "marrow_blasts_percent", "mrd_end_of_induction_percent", "mrd_percent", "ph", "prior_allo_hsct", "prior_blinatumomab",
    "prior_car_t", "prior_cd19_car_t", "prior_inotuzumab", "prior_lines", "relapse_count", "relapse_date", "remission_number",
    "sex", "tki_failed", "treatment_phase", "vod_history", "wbc_at_diagnosis", "weight_kg",
)  # fmt: skip


@dataclass(slots=True)
class Truth:
    """The facts as the record tells them, and as they were.

    `told`: by name a value, limits (`low`, `high` and whether they belong to it) or `unknown`: silent, contradictory, outdated.
    `real`: what happened, where something did, also where the record is silent; a derived value may never deny it.
    """

    told: dict[str, Told] = field(default_factory=lambda: dict.fromkeys(FACTS, UNKNOWN))
    real: dict[str, Told] = field(default_factory=dict)

    def set(self, name: str, real: Told, told: Told | None = None) -> None:
        """Set a fact that the record tells, exactly unless `told` says how far."""
        if name not in self.told:
            raise ValueError(f"{name} is not among the facts of a cohort")
        self.real[name] = real
        self.told[name] = real if told is None else told

    def happened(self, name: str) -> None:
        """Set what the record tells to have been: there is no other answer than yes."""
        self.set(name, real=True)

    def silent(self, name: str, real: Told) -> None:
        """Set a fact that happened and that the record does not tell."""
        self.real[name] = real
        self.told[name] = UNKNOWN

    def forget(self, name: str) -> None:
        """Set a fact that nothing can tell any more: it is contradicted, outdated or was never looked at."""
        self.real.pop(name, None)
        self.told[name] = UNKNOWN


def limits(low: float | None, high: float | None, *, low_inclusive: bool = True, high_inclusive: bool = True) -> Told:
    """Return limits as an assessment writes them."""
    return {"low": low, "high": high, "lowInclusive": low_inclusive, "highInclusive": high_inclusive}
