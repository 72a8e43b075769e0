"""Therapies: each product with its regulators' rows, criteria as a matrix, cautions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.web.pages.explanation.model import Caution, Criterion, Indication, Product, Verdict
from service.web.pages.texts import anchor, rows, text, texts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from service.knowledge.schema import Indication as LabelRow
    from service.knowledge.schema import IndicationVersion
    from service.web.pages.explanation.desk import Desk

ORDER = {"on-label": 0, "undetermined": 1, "not-on-label": 2, "not-approved": 3}
_COLUMNS = (
    ("diagnosis", ("DIAGNOSIS",)),
    ("age", ("AGE",)),
    ("antigen", ("CD19", "CD22")),
    ("ph", ("PH",)),
    ("state", ("STATE",)),
)
_SERIOUS = frozenset({"contraindication", "boxed-warning"})
_LEVELS = ("contraindication", "boxed-warning", "warning", "caution", "information")


def products(desk: Desk) -> tuple[Product, ...]:
    """Return the products, those whose criteria are met first, then those that are open."""
    found: dict[str, list[Mapping[str, object]]] = {}
    for row in rows(desk.document.get("therapies")):
        found.setdefault(text(row.get("product")), []).append(row)
    made = [_product(desk, name, entries) for name, entries in found.items()]
    return tuple(sorted(made, key=lambda product: (ORDER.get(product.best, len(ORDER)), product.name)))


def _product(desk: Desk, name: str, entries: list[Mapping[str, object]]) -> Product:
    therapy = desk.library.therapies.get(name)
    verdicts = tuple(
        Verdict(text(row.get("regulator")), text(row.get("verdict")), _flags(desk, row.get("flags"))) for row in entries
    )
    indications = [
        _indication(desk, name, text(entry.get("regulator")), row) for entry in entries for row in rows(entry.get("indications"))
    ]
    cautions = _cautions(desk, entries)
    shown = [row for row in cautions if row.truth != "no" and (row.level in _SERIOUS or (row.truth == "yes" and not row.always))]
    return Product(
        id=name,
        anchor=anchor("therapy", name),
        name=desk.product(name),
        brand=(therapy.brand or "") if therapy is not None else "",
        kind=therapy.kind if therapy is not None else "",
        verdicts=verdicts,
        best=min((verdict.verdict for verdict in verdicts), key=lambda word: ORDER.get(word, len(ORDER)), default=""),
        indications=tuple(row for row in indications if row.truth != "no"),
        others=tuple(row for row in indications if row.truth == "no"),
        cautions=tuple(shown),
        other_cautions=tuple(row for row in cautions if row not in shown),
    )


def _flags(desk: Desk, flags: object) -> tuple[str, ...]:
    words = desk.words.therapies.flags
    return (*(words[flag] for flag in texts(flags) if flag in words), *desk.flags(flags))


def _label_row(desk: Desk, product: str, name: str, effective: str) -> tuple[LabelRow | None, IndicationVersion | None]:
    """Return the row of the library and the version that was applied; None where the library of today has it no more."""
    therapy = desk.library.therapies.get(product)
    row = next((row for row in therapy.indications if row.id == name), None) if therapy is not None else None
    versions = row.versions if row is not None else ()
    return row, next((version for version in versions if version.effective.isoformat() == effective), None)


def _indication(desk: Desk, product: str, regulator: str, row: Mapping[str, object]) -> Indication:
    words = desk.words.therapies
    name, effective = text(row.get("id")), text(row.get("effective"))
    label, version = _label_row(desk, product, name, effective)
    marks = {criterion.id: criterion.verification.value for criterion in version.criteria} if version is not None else {}
    place = anchor("row", name)
    criteria = tuple(
        criterion(desk, found, f"{place}-{number}", marks.get(text(found.get("id")), ""))
        for number, found in enumerate(rows(row.get("criteria")), 1)
    )
    return Indication(
        anchor=place,
        id=name,
        regulator=regulator,
        says=text(row.get("says")),
        setting=text(row.get("setting")),
        truth=text(row.get("verdict")),
        status=desk.own(text(row.get("status")), words.statuses),
        since=effective,
        until=text(row.get("until")),
        read_on=text(row.get("readOn")),
        mark=desk.mark(text(row.get("verification"))),
        document=desk.source(label.document) if label is not None else None,
        sources=desk.sources(texts(row.get("sources"))),
        unverified=texts(row.get("unverified")),
        interpretation=texts(row.get("interpretation")),
        flags=_flags(desk, row.get("flags")),
        criteria=criteria,
        cells=_cells(criteria),
    )


def criterion(desk: Desk, row: Mapping[str, object], place: str, mark: str = "") -> Criterion:
    """Return one criterion of an indication or a trial with what it rests on."""
    provenance = desk.provenance(text(row.get("provenance")))
    return Criterion(
        anchor=place,
        id=text(row.get("id")),
        text=text(row.get("text")),
        truth=text(row.get("truth")),
        exclusion=row.get("kind") == "exclusion",
        rests=desk.rests(row.get("evidence"), row.get("facts")),
        needs=desk.labels(row.get("needs")),
        reasons=texts(row.get("undecided")),
        note=text(row.get("note")),
        flags=(*desk.flags(row.get("flags")), *_trial_flags(desk, row.get("flags"))),
        mark=desk.mark(mark) if mark not in {"", "V"} else provenance,
        any_of=text(row.get("anyOf")),
    )


def _trial_flags(desk: Desk, flags: object) -> tuple[str, ...]:
    words = desk.words.trials.flags
    return tuple(words[flag] for flag in texts(flags) if flag in words)


def _cells(criteria: tuple[Criterion, ...]) -> dict[str, tuple[Criterion, ...]]:
    """Return the criteria by the column of the matrix; what has no column of its own stands in the last."""
    cells: dict[str, list[Criterion]] = {name: [] for name in (*(name for name, _ in _COLUMNS), "other")}
    for row in criteria:
        cells[_column(row.id)].append(row)
    return {name: tuple(found) for name, found in cells.items()}


def _column(name: str) -> str:
    """Return the column of a criterion: `AGE>25` and `CD19m` are an age and an antigen too."""
    word = name.rstrip("m").partition(">")[0]
    return next((column for column, ids in _COLUMNS if word in ids), "other")


def _cautions(desk: Desk, entries: list[Mapping[str, object]]) -> list[Caution]:
    """Return each caution once, the gravest first, with the regulators that have it."""
    found: dict[str, tuple[Mapping[str, object], list[str]]] = {}
    for entry in entries:
        for row in rows(entry.get("cautions")):
            found.setdefault(text(row.get("id")), (row, []))[1].append(text(entry.get("regulator")))
    made = [_caution(desk, text(entries[0].get("product")), row, regulators) for row, regulators in found.values()]
    truths = ("yes", "unknown", "no")
    return sorted(
        made,
        key=lambda row: (_LEVELS.index(row.level) if row.level in _LEVELS else len(_LEVELS), row.always, truths.index(row.truth)),
    )


def _caution(desk: Desk, product: str, row: Mapping[str, object], regulators: list[str]) -> Caution:
    therapy = desk.library.therapies.get(product)
    known = next((caution for caution in therapy.cautions if caution.id == row.get("id")), None) if therapy is not None else None
    level = text(row.get("level"))
    return Caution(
        id=text(row.get("id")),
        level=level,
        level_words=desk.words.terms.levels.get(level, level),
        text=text(row.get("text")),
        truth=text(row.get("truth")) if row.get("truth") in {"yes", "no"} else "unknown",
        always=known is not None and known.test is None,
        rests=desk.rests(row.get("evidence")),
        needs=desk.labels(row.get("needs")),
        sources=desk.sources(text(row.get("source")).split(", ")),
        mark=desk.mark(text(row.get("verification"))),
        regulators=", ".join(regulators),
    )
