"""Strict reading: the resources on which an answer rests, validated one by one against FHIR R4."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
from pydantic import ValidationError

from service.record.bundle import open_bundle
from service.record.record import Problem

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

MOST_VALIDATED = 500  # the newest would not be told from the oldest here: beyond this the rest is named as not validated


def faults_of_evidence(body: bytes, references: AbstractSet[str]) -> tuple[Problem, ...]:
    """Return a problem for each element of the named resources that FHIR R4 does not allow; values are never repeated.

    Raises: NotJson, NotABundle.
    """
    # 563 modules: imported by those who ask for strict reading only
    from fhir.resources.R4B import get_fhir_model_class  # noqa: PLC0415

    problems: list[Problem] = []
    wanted = [
        found for found in open_bundle(body) if found.head is not None and not found.deleted and found.reference in references
    ]
    for slice_ in wanted[:MOST_VALIDATED]:
        try:
            resource = slice_.decoded()
            get_fhir_model_class(str(resource.get("resourceType"))).model_validate(resource)
        except (orjson.JSONDecodeError, RecursionError):
            problems.append(_problem(slice_.reference, "", "This resource could not be read"))
        except KeyError:
            problems.append(_problem(slice_.reference, "resourceType", "This or a contained resource is of no type of FHIR R4"))
        except ValidationError as error:
            problems.extend(
                _problem(
                    slice_.reference, ".".join(str(part) for part in fault["loc"]), f"Not allowed by FHIR R4: {fault['type']}"
                )
                for fault in error.errors(include_url=False, include_context=False, include_input=False)
            )
    if len(wanted) > MOST_VALIDATED:
        problems.append(Problem("information", "not-validated", "", f"Only {MOST_VALIDATED} resources were validated"))
    return tuple(problems)


def _problem(reference: str, path: str, text: str) -> Problem:
    return Problem("warning", "not-valid-fhir", f"{reference} {path}".strip(), text)
