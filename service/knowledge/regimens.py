"""The shape of `regimens/`: drugs that together are a phase of treatment."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from service.knowledge.rows import DatedRow, Row, Verification


class Regimen(DatedRow):
    """Drugs that together are a phase of treatment.

    `drugs`: one of each list, begun within `within_days`; `without`: none of these from then on. Begun before a remission of the
    episode it is `before_remission`, after one `after_remission`; empty: not told by the drugs.
    """

    id: str
    says: str
    drugs: tuple[Annotated[tuple[str, ...], Field(min_length=1, strict=False)], ...] = Field(min_length=1, strict=False)
    without: tuple[str, ...] = Field(default=(), strict=False)
    within_days: int = Field(gt=0)
    sure_after_days: int = Field(default=0, ge=0)  # how long the drugs have to go on before they tell the phase
    before_remission: Literal["induction"] | None = None
    after_remission: Literal["consolidation", "maintenance"] | None = None
    verification: Verification = Field(strict=False)
    sources: tuple[str, ...] = Field(min_length=1, strict=False)


class RegimenFile(Row):
    """One file of `regimens/`."""

    regimens: tuple[Regimen, ...] = Field(strict=False)
