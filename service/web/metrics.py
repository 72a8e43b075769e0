"""Counts and times for operators: no label ever holds anything of a patient."""

from __future__ import annotations

import os
from functools import cache
from typing import TypeVar

from flask import Response
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

M = TypeVar("M", Counter, Histogram)

REQUESTS = Counter("all_cds_requests_total", "Answered requests", ["route", "status"])
ERRORS = Counter("all_cds_errors_total", "Answers that were errors, by our own code", ["code"])
CALLS = Counter("all_cds_calls_total", "Calls of services, by what became of them", ["service", "hook", "client", "outcome"])
CARDS = Counter("all_cds_cards_total", "Cards shown, by topic", ["topic"])
TOKENS_NOT_STORED = Counter(
    "all_cds_tokens_not_stored_total", "Tokens whose use is known to one process only, because the store failed"
)
FEEDBACK = Counter("all_cds_feedback_total", "Items of feedback taken, repeats included", ["outcome"])
FEEDBACK_ORPHANS = Counter("all_cds_feedback_orphans_total", "Cards told of that were none of ours when it was told")
ANSWERS_LOST = Counter("all_cds_answers_lost_total", "Answers that were given and could not be kept")
ASSESSMENTS_KEPT = Counter("all_cds_assessments_kept_total", "Assessments that were sealed and kept")
ASSESSMENTS_LOST = Counter("all_cds_assessments_lost_total", "Assessments that could not be kept", ["reason"])
ASSESSMENTS_UNREADABLE = Counter(
    "all_cds_assessments_unreadable_total", "Times that a kept assessment was asked for and could not be opened"
)
PURGED = Counter("all_cds_purged_total", "Rows deleted because their time was over", ["kind"])
STORE_FAILURES = Counter(
    "all_cds_store_failures_total", "Times that the store could not be written; what was waiting still waits"
)
FETCHES = Counter("all_cds_fetches_total", "Queries to FHIR servers of record systems, by how they ended", ["outcome"])
FETCH_SECONDS = Histogram(
    "all_cds_fetch_seconds",
    "Time to fetch what one call lacked, all its queries together",
    buckets=(0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 4),
)
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)
SECONDS = Histogram("all_cds_request_seconds", "Time to answer", ["route"], buckets=_BUCKETS)
CALL_SECONDS = Histogram("all_cds_call_seconds", "Time to answer a call of a service", ["hook"], buckets=_BUCKETS)


@cache
def labelled(metric: M, *values: str) -> M:
    """Return the count with these labels, in the order in which the metric names them; looked up once, it is the same one."""
    return metric.labels(*values)


def page() -> Response:
    """Return all metrics; with several processes, those of all of them together."""
    registry = REGISTRY
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
