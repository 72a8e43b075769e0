"""The shape of `chromosomes.yaml`: where genes lie, how probes are called, and which fusion is which marker."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from service.knowledge.rows import Row, Verification

Band = Annotated[str, StringConstraints(pattern=r"^(\d{1,2}|X|Y)[pq]\d+(\.\d+)?$")]


class Gene(Row):
    """A gene with its band and the older names that notations use."""

    gene: str
    band: Band
    also: tuple[str, ...] = Field(default=(), strict=False)  # older names


class Probe(Row):
    """A probe that counts a whole chromosome."""

    chromosome: str
    names: tuple[str, ...] = Field(min_length=1, strict=False)


class Fusion(Row):
    """A marker that is a fusion: of these two genes, or of the one with any partner but `never_with`.

    `held_by`: the derivative chromosome that carries the fusion; a karyotype that shows only the other one says nothing.
    `by_bands`: a translocation or insertion at the bands counts. `without_bands`: what counts without them, such as `t(9;22)`.
    `break_apart`: FISH of the one gene with both halves together is a negative.
    """

    marker: str
    genes: tuple[str, ...] = Field(min_length=1, max_length=2, strict=False)
    never_with: tuple[str, ...] = Field(default=(), strict=False)
    held_by: str = ""
    by_bands: bool = False
    without_bands: tuple[str, ...] = Field(default=(), strict=False)
    break_apart: bool = False
    verification: Verification = Field(strict=False)
    sources: tuple[str, ...] = Field(min_length=1, strict=False)


class ChromosomeFile(Row):
    """`chromosomes.yaml`."""

    genes: tuple[Gene, ...] = Field(default=(), strict=False)
    probes: tuple[Probe, ...] = Field(default=(), strict=False)
    fusions: tuple[Fusion, ...] = Field(default=(), strict=False)
