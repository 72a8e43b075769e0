"""Published evidence of each product: the figures of its studies as a table and as data for a forest-like plot."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from service.web.pages.explanation.model import Evidence, FigureRow, Link, OpenQuestion, StudyRow
from service.web.pages.texts import anchor, rows, text, web_address

if TYPE_CHECKING:
    from collections.abc import Mapping

    from service.knowledge.schema import Study
    from service.web.pages.explanation.desk import Desk
    from service.web.pages.explanation.model import Json, Product

OUTCOMES = ("response", "mrd", "survival", "median")
_DOI = re.compile(r"10\.\d{4,9}/[^\s,;]+")


def evidence(desk: Desk, products: tuple[Product, ...], registry_page: str) -> tuple[Evidence, ...]:
    """Return the studies of the products in the order of the products; `registry_page` is the address with `{id}`."""
    return tuple(
        _evidence(desk, product, studies, registry_page) for product in products if (studies := desk.library.studies(product.id))
    )


def _evidence(desk: Desk, product: Product, studies: tuple[Study, ...], registry_page: str) -> Evidence:
    points = [point for study in studies for point in _points(study)]
    words = desk.words.evidence
    chart: Json = {
        "points": points,
        "outcomes": [
            {"id": name, "label": words.outcomes[name]} for name in OUTCOMES if any(row["outcome"] == name for row in points)
        ],
        "words": {
            "percent": words.percent_axis,
            "months": words.months_axis,
            "comparator": words.compared,
            "product": product.name,
        },
    }
    return Evidence(
        anchor=anchor("evidence", product.id),
        name=product.name,
        best=product.best,
        studies=tuple(study_row(desk, study, registry_page) for study in studies),
        chart=chart,
        description=words.description.format(product=product.name, count=len(points)),
        drawn=bool(points),
    )


def _points(study: Study) -> list[Json]:
    """Return the points of a study.

    `row` counts the lines of the plot: a comparator lies on the line of what it is compared with.
    """
    found: list[Json] = []
    line = -1
    for figure in study.figures:
        for point in figure.points:
            line += point.arm == "product"
            found.append(
                {
                    "row": f"{study.id} {line}",
                    "study": study.name,
                    "measure": figure.measure,
                    "outcome": figure.outcome,
                    "value": float(point.value),
                    "low": None if point.low is None else float(point.low),
                    "high": None if point.high is None else float(point.high),
                    "arm": point.arm,
                    "label": point.label,
                }
            )
    return found


def study_row(desk: Desk, study: Study, registry_page: str) -> StudyRow:
    """Return a study with its figures; one that nobody compared with the publication has no number."""
    found = _DOI.search(study.doi or study.citation)
    registered = study.registry or ""
    return StudyRow(
        id=study.id,
        name=study.name,
        population=study.population,
        n=study.n,
        registry=Link(registered, web_address(registry_page.format(id=registered)) if registered.startswith("NCT") else ""),
        citation=Link(study.citation, web_address(f"https://doi.org/{found[0]}") if found else ""),
        figures=tuple(
            FigureRow(figure.measure, figure.published or "", desk.mark(figure.verification.value)) for figure in study.figures
        ),
        mark=desk.mark(study.verification.value),
    )


def questions(desk: Desk) -> tuple[OpenQuestion, ...]:
    """Return the open questions that the assessment found to concern this patient, each once, with what was published."""
    found: dict[str, tuple[Mapping[str, object], list[str]]] = {}
    for therapy in rows(desk.document.get("therapies")):
        for row in rows(therapy.get("questions")):
            names = found.setdefault(text(row.get("id")), (row, []))[1]
            name = desk.product(text(therapy.get("product")))
            if name not in names:
                names.append(name)
    return tuple(_question(desk, name, row, products) for name, (row, products) in found.items())


def _question(desk: Desk, name: str, row: Mapping[str, object], products: list[str]) -> OpenQuestion:
    known = desk.library.questions.get(name)
    return OpenQuestion(
        id=name,
        question=text(row.get("question")),
        says=text(row.get("says")),
        published=" ".join(known.published.split()) if known is not None else "",
        citation=text(row.get("citation")),
        products=", ".join(products),
        mark=desk.mark(known.verification.value) if known is not None else None,
    )
