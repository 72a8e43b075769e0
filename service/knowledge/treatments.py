"""The shape of `treatments/`, and what it and the products say together: which treatments are cells, antibodies, against what."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from service.knowledge.rows import Row, Verification

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from service.knowledge.schema import Therapy

ANTIGENS = ("cd19", "cd22")


class TreatmentKind(Row):
    """A kind of product, as `kind` of a therapy names it: cells, or a drug that binds an antigen.

    `outdates_mrd` is False where residual disease of before it still tells of now.
    """

    kind: str
    group: Literal["cells", "antibody"]
    says: str
    outdates_mrd: bool = True
    verification: Verification = Field(strict=False)
    sources: tuple[str, ...] = Field(min_length=1, strict=False)


class Cells(Row):
    """Cells that a record names and that are no product of `therapies/`: the value set that tells of them, and their targets.

    `product_told` is False where the words fit every product. `outdates_mrd`: as that of a kind.
    """

    concept: str
    says: str
    targets: tuple[Literal["cd19", "cd22"], ...] = Field(default=(), strict=False)
    product_told: bool = True
    outdates_mrd: bool = True
    verification: Verification = Field(strict=False)
    sources: tuple[str, ...] = Field(min_length=1, strict=False)


class TreatmentFile(Row):
    """One file of `treatments/`."""

    kinds: tuple[TreatmentKind, ...] = Field(default=(), strict=False)
    cells: tuple[Cells, ...] = Field(default=(), strict=False)


@dataclass(frozen=True)
class Treatments:
    """Antigen-directed treatments by the concepts under which a record tells of them.

    `products`: the concept of each product. `directed`: what is directed against each antigen. `recorded_as`: the concepts that
    files of products enter under a fact. `product_untold`: concepts that leave the product open. `outdating_mrd`: those after
    which residual disease of before them tells nothing of now.
    """

    products: Mapping[str, str]
    cells: frozenset[str]
    antibodies: frozenset[str]
    directed: Mapping[str, frozenset[str]]
    recorded_as: Mapping[str, frozenset[str]]
    product_untold: frozenset[str]
    outdating_mrd: frozenset[str]

    @cached_property
    def immunotherapies(self) -> frozenset[str]:
        """All of them."""
        return self.cells | self.antibodies

    @classmethod
    def of(cls, therapies: Iterable[Therapy], kinds: Mapping[str, TreatmentKind], cells: Iterable[Cells]) -> Treatments:
        """Return what the files say together; a product whose kind no file has is in no group, which the checks refuse."""
        products = tuple(therapies)
        others = tuple(cells)
        groups = {row.concept: kinds[row.kind].group for row in products if row.kind in kinds}
        recorded: dict[str, frozenset[str]] = {}
        for row in products:
            for name in row.recorded_as:
                recorded[name] = recorded.get(name, frozenset()) | {row.concept}
        return cls(
            products={row.product: row.concept for row in products},
            cells=frozenset(name for name, group in groups.items() if group == "cells") | {row.concept for row in others},
            antibodies=frozenset(name for name, group in groups.items() if group == "antibody"),
            directed={
                antigen: frozenset(row.concept for row in products if row.target == antigen)
                | {row.concept for row in others if antigen in row.targets}
                for antigen in ANTIGENS
            },
            recorded_as=recorded,
            product_untold=frozenset(row.concept for row in others if not row.product_told),
            outdating_mrd=frozenset(row.concept for row in products if row.kind in kinds and kinds[row.kind].outdates_mrd)
            | {row.concept for row in others if row.outdates_mrd},
        )
