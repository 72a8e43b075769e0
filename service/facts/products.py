"""Products and cells that were given before: which concepts each fact of them is told by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.facts.per_knowledge import per_knowledge

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from service.knowledge.treatments import Treatments

RECORDED: Mapping[str, Callable[[Treatments], frozenset[str]]] = {
    "prior_blinatumomab": lambda _: frozenset(),
    "prior_inotuzumab": lambda _: frozenset(),
    "prior_cd19_car_t": lambda known: known.cells & known.directed["cd19"],
    "prior_car_t": lambda known: known.cells,
    "prior_commercial_cd19_car_t": lambda _: frozenset(),
}
"""For each such fact what tells it by its kind and target; beside it stands what the files of products enter under the fact."""


@per_knowledge
def recorded(known: Treatments) -> Mapping[str, frozenset[str]]:
    """Return the concepts that tell each such fact. Source: therapies/*.yaml, treatments/*.yaml."""
    return {name: by_kind(known) | known.recorded_as.get(name, frozenset()) for name, by_kind in RECORDED.items()}
