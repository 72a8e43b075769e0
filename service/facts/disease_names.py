"""The words of the fact `disease`, and groups of them. Concepts of value sets are other words, though some are spelt the same."""

from __future__ import annotations

BCP_ALL, T_ALL, MPAL, LINEAGE_UNKNOWN = "bcp-all", "t-all", "mpal", "all-lineage-unknown"
BURKITT, B_LBL, CML_LBP, NOT_ALL = "burkitt", "b-lbl", "cml-lbp", "not-all"

DISEASES = (BCP_ALL, T_ALL, MPAL, BURKITT, B_LBL, CML_LBP, LINEAGE_UNKNOWN, NOT_ALL)
LINEAGES = frozenset({BCP_ALL, T_ALL, MPAL})
ALL_KINDS = LINEAGES | {LINEAGE_UNKNOWN}
NOT_ANSWERED = frozenset(DISEASES) - ALL_KINDS
"""Whoever has one of these is asked about nothing else: no label and no trial is judged."""
