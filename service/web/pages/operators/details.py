"""One therapy, one trial, one risk system with all its dated rows, as they are encoded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.web.pages.explanation.evidence import study_row
from service.web.pages.explanation.model import Link
from service.web.pages.operators.detail_model import (
    ArmBlock,
    IndicationBlock,
    NoteLine,
    NumberLine,
    SightingLine,
    SystemPage,
    TableBlock,
    TableRow,
    TextBlock,
    TherapyPage,
    TrialPage,
    VersionBlock,
)
from service.web.pages.operators.shelves import day, each_once
from service.web.pages.texts import anchor, web_address

if TYPE_CHECKING:
    from service.knowledge.rows import Verification
    from service.knowledge.schema import (
        Caution,
        Dosing,
        Indication,
        IndicationVersion,
        RiskAllocation,
        RiskSystem,
        RiskVersion,
        Therapy,
    )
    from service.knowledge.trial_rows import Sighting, Trial, TrialArm, TrialVersion
    from service.web.pages.operators.shelves import Shelves

# ---------------------------------------------------------------- therapies


def therapy_page(shelves: Shelves, therapy: Therapy) -> TherapyPage:
    """Return a product with the rows of all regulators."""
    indications = tuple(_indication(shelves, row) for row in therapy.indications)
    cautions = tuple(_caution(shelves, row) for row in therapy.cautions)
    dosing = tuple(_dosing(shelves, row) for row in therapy.dosing)
    page = shelves.wording.trial.registry_page
    return TherapyPage(
        as_of=shelves.as_of.isoformat(),
        known_by=shelves.known_by.isoformat(),
        name=therapy.name,
        brand=therapy.brand or "",
        kind=therapy.kind,
        target=therapy.target.upper(),
        indications=indications,
        cautions=cautions,
        dosing=dosing,
        studies=tuple(study_row(shelves.desk, study, page) for study in shelves.library.studies(therapy.product)),
        sources=each_once(
            *((row.document,) for row in indications if row.document),
            *(version.sources for row in indications for version in row.versions),
            *(row.sources for row in (*cautions, *dosing)),
        ),
    )


def _indication(shelves: Shelves, row: Indication) -> IndicationBlock:
    return IndicationBlock(
        id=row.id,
        anchor=anchor("row", row.id),
        regulator=row.regulator,
        says=row.says,
        setting=row.setting,
        document=shelves.desk.source(row.document),
        versions=tuple(_version(shelves, version) for version in row.versions),
    )


def _version(shelves: Shelves, row: IndicationVersion) -> VersionBlock:
    words = shelves.desk.words.therapies
    return VersionBlock(
        dates=shelves.dates(row, row.read_on),
        status=shelves.desk.own(row.status, words.statuses),
        mark=shelves.mark(row.verification),
        flags=tuple(words.flags[flag] for flag in row.flags if flag in words.flags),
        criteria=tuple(shelves.criterion(found) for found in row.criteria),
        unverified=row.unverified,
        interpretation=row.interpretation,
        note=row.note,
        sources=shelves.desk.sources(row.sources),
    )


def _caution(shelves: Shelves, row: Caution) -> NoteLine:
    return NoteLine(
        id=row.id,
        heading=shelves.desk.words.terms.levels.get(row.level, row.level),
        text=row.text,
        regulators=", ".join(row.regulators),
        mark=shelves.mark(row.verification),
        note=row.note,
        sources=shelves.desk.sources(row.sources),
    )


def _dosing(shelves: Shelves, row: Dosing) -> NoteLine:
    return NoteLine(
        id="",
        heading=row.setting,
        text=row.text,
        regulators=", ".join(row.regulators),
        mark=shelves.mark(row.verification),
        note="",
        sources=shelves.desk.sources(row.sources),
    )


# ---------------------------------------------------------------- trials


def trial_page(shelves: Shelves, trial: Trial) -> TrialPage:
    """Return a trial with what was seen of it and each text of its criteria, the newest first."""
    words = shelves.words.knowledge
    sightings = tuple(_sighting(shelves, row) for row in sorted(trial.sightings, key=_when, reverse=True))
    texts = tuple(_text(shelves, row) for row in sorted(trial.versions, key=_when, reverse=True))
    return TrialPage(
        id=trial.id,
        name=trial.name,
        title=trial.title,
        numbers=tuple(_number(shelves, row.registry, row.number, row.verification) for row in trial.numbers),
        sponsor=trial.sponsor,
        phase=trial.phase,
        products=", ".join(trial.interventions),
        countries=", ".join(trial.countries),
        exclusions=words.exclusions[trial.exclusions],
        outside="" if trial.listed else trial.outside,
        note=trial.note,
        sightings=sightings,
        texts=texts,
        sources=each_once(
            shelves.desk.sources(trial.sources),
            *(row.sources for row in sightings),
            *(row.sources for text in texts for row in text.criteria),
            *(row.sources for text in texts for arm in text.arms for row in arm.criteria),
        ),
    )


def _when(row: Sighting | TrialVersion) -> tuple[str, str]:
    return day(row.seen), row.recorded.isoformat()


def _number(shelves: Shelves, registry: str, number: str, verification: Verification) -> NumberLine:
    known = shelves.library.registries.registries.get(registry)
    page = known.page.format(number=number) if known is not None else ""
    return NumberLine(known.title if known is not None else registry, Link(number, web_address(page)), shelves.mark(verification))


def _sighting(shelves: Shelves, row: Sighting) -> SightingLine:
    return SightingLine(
        status=shelves.status(row.status),
        seen=day(row.seen),
        recorded=row.recorded.isoformat(),
        country=row.country,
        mark=shelves.mark(row.verification),
        note=row.note,
        sources=shelves.desk.sources(row.sources),
    )


def _text(shelves: Shelves, row: TrialVersion) -> TextBlock:
    return TextBlock(
        seen=day(row.seen),
        recorded=row.recorded.isoformat(),
        note=row.note,
        criteria=tuple(shelves.trial_criterion(found) for found in row.criteria),
        arms=tuple(_arm(shelves, arm) for arm in row.arms),
    )


def _arm(shelves: Shelves, row: TrialArm) -> ArmBlock:
    return ArmBlock(
        id=row.id,
        name=row.name,
        text=row.text,
        open=shelves.desk.words.trials.arm_open[row.open],
        seen=day(row.seen),
        otherwise=row.otherwise,
        mark=shelves.provenance([row.provenance])[0][0],
        criteria=tuple(shelves.trial_criterion(found) for found in row.criteria),
    )


# ---------------------------------------------------------------- risk systems


def system_page(shelves: Shelves, system: RiskSystem) -> SystemPage:
    """Return a risk system with its tables, the newest first."""
    versions = sorted(system.versions, key=lambda row: row.effective, reverse=True)
    tables = tuple(table for version in versions for table in _tables(shelves, version))
    return SystemPage(
        id=system.system,
        title=system.title,
        population=system.population,
        state=shelves.state(system),
        as_of=shelves.as_of.isoformat(),
        known_by=shelves.known_by.isoformat(),
        tables=tables,
        overlays=tuple((row.flag, row.question or "") for row in system.overlays),
        questions=tuple(system.questions.items()),
        sources=each_once(*(table.sources for table in tables)),
    )


def _tables(shelves: Shelves, version: RiskVersion) -> list[TableBlock]:
    found = [_table(shelves, version, shelves.words.detail.table, version)]
    if version.allocation is not None:
        found.append(_table(shelves, version.allocation, version.allocation.says, None))
    return found


def _table(shelves: Shelves, table: RiskVersion | RiskAllocation, title: str, version: RiskVersion | None) -> TableBlock:
    return TableBlock(
        title=title,
        dates=shelves.dates(version, version.read_on) if version is not None else None,
        inputs=shelves.desk.labels(table.inputs),
        outcomes=", ".join(table.outcomes),
        rows=tuple(
            TableRow(
                row.id,
                tuple((shelves.desk.label(name), limit) for name, limit in row.when.items()),
                row.then,
                shelves.mark(row.verification),
            )
            for row in table.rows
        ),
        mark=shelves.mark(table.verification),
        sources=shelves.desk.sources(table.sources),
    )
