"""`screening.yaml`: the words by which a study of the registry that nobody curated is compared with a patient."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from service.knowledge.rows import Row, Verification


class Screening(Row):
    """Words as they stand in names of conditions and interventions, in small letters, compared as whole words.

    `conditions` maps a disease of ours to the names that surely mean it; `wide` may mean it among others; `interventions` are
    the treatments that we look for: a study without one of them is not shown.
    """

    conditions: dict[str, Annotated[tuple[str, ...], Field(strict=False)]] = Field(default_factory=dict)
    wide: tuple[str, ...] = Field(default=(), strict=False)
    interventions: tuple[str, ...] = Field(default=(), strict=False)
    texts: dict[str, str] = Field(default_factory=dict)  # what was compared → the words shown
    verification: Verification = Field(default=Verification.INTERPRETATION, strict=False)
    sources: tuple[str, ...] = Field(default=(), strict=False)
