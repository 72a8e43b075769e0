"""What the record says about the leukaemia, fact by fact, each with its evidence or its gap."""

from importlib import import_module

# in the order in which the assessment shows their facts
MODULES = (
    "disease",
    "demography",
    "antigens",
    "philadelphia",
    "genetics",
    "partners",
    "ploidy",
    "mrd_now",
    "response",
    "mrd_points",
    "consolidation",
    "time_points",
    "prednisone",
    "course",
    "relapses",
    "relapse_count",
    "resistance",
    "early_response",
    "molecular",
    "relapse_kind",
    "relapse_spans",
    "cns",
    "treatment",
    "exposure",
    "trial_windows",
    "organs",
    "organ_limits",
    "blood_blasts",
    "comorbidity",
)


def every_fact() -> None:
    """Enter all facts into the catalogue."""
    for name in MODULES:
        import_module(f"service.facts.{name}")
