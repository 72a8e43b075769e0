"""What rows say about each other by id: indications, products, their kinds and value sets that they name exist."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from service.errors import Fault
from service.knowledge.complaints import did_you_mean
from service.knowledge.regimens import Regimen
from service.knowledge.schema import EvidenceFile, OpenQuestion, Study, Therapy
from service.knowledge.treatments import Cells

if TYPE_CHECKING:
    from collections.abc import Iterator

    from service.knowledge.library import Library
    from service.knowledge.places import Place


def check(library: Library) -> Iterator[Fault]:
    """Yield each indication, product, kind of product or concept that is named and does not exist."""
    indications = [row.id for therapy in library.therapies.values() for row in therapy.indications]
    for place in library.places:
        row = place.row
        if isinstance(row, Therapy) and "treatments" not in library.incomplete and row.kind not in library.kinds:
            hint = did_you_mean(row.kind, library.kinds) or "add it to `kinds` in a file of treatments/"
            yield Fault(place.where, f"there is no kind of treatment {row.kind!r}", hint)
        if isinstance(row, Therapy | Cells) and "value_sets" not in library.incomplete:
            yield from _missing(place, "value set", [row.concept], library.value_sets)
        if isinstance(row, Regimen) and "value_sets" not in library.incomplete:
            drugs = (*(drug for group in row.drugs for drug in group), *row.without)
            yield from _missing(place, "value set", drugs, library.value_sets)
        if "therapies" in library.incomplete:
            continue
        if isinstance(row, Study):
            yield from _missing(place, "indication", row.indications, indications)
        elif isinstance(row, EvidenceFile):
            yield from _missing(place, "therapy", [row.product], library.therapies)
        elif isinstance(row, OpenQuestion):
            yield from _missing(place, "therapy", row.products, library.therapies)


def _missing(place: Place, kind: str, names: Iterable[str], known: Iterable[str]) -> Iterator[Fault]:
    for name in names:
        if name not in known:
            yield Fault(place.where, f"there is no {kind} {name!r}", did_you_mean(name, known))
