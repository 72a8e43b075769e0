"""The rows that are there of one patient, put together from the parts: a resource each, or what stands for some."""

from __future__ import annotations

COLUMNS = ("patient", "sort", "type", "id", "pointer", "full_url", "place", "number", "history", "modified", "deleted", "raw")
Row = tuple[object, ...]
"""The values of these columns, in their order."""
