"""Everything on file at a glance: what was approved on a day, therapies, trials, risk systems, limits, what is stale, changes."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from service.knowledge.approvals import REGULATORS, approvals_on
from service.knowledge.changes import changes
from service.knowledge.checks.stale import old_readings
from service.knowledge.dated_rows import dated_lists
from service.knowledge.schema import Verification
from service.web.pages.explanation.model import Link
from service.web.pages.operators.model import (
    ApprovalCell,
    ApprovalLine,
    ChangeLine,
    HeldLine,
    KnowledgePage,
    LimitLine,
    StaleLine,
    SystemLine,
    TherapyLine,
    TrialLine,
)
from service.web.pages.operators.shelves import day, each_once, system_address, therapy_address, trial_address
from service.web.pages.texts import anchor

if TYPE_CHECKING:
    from service.knowledge.approvals import Approval, HeldRow
    from service.knowledge.changes import Change
    from service.knowledge.schema import Limit, RiskSystem, Therapy
    from service.knowledge.trial_rows import Trial
    from service.web.pages.operators.shelves import Shelves


def knowledge_page(shelves: Shelves, older_than: int) -> KnowledgePage:
    """Return the page; `older_than`: days after which a reading of a source is stale."""
    library = shelves.library
    limits = tuple(_limit(shelves, row) for rows in library.limits.values() for row in rows)
    recorded = Counter(row.recorded for _, rows in dated_lists(library) for row in rows)
    return KnowledgePage(
        as_of=shelves.as_of.isoformat(),
        known_by=shelves.known_by.isoformat(),
        today=shelves.today.isoformat(),
        older_than=older_than,
        regulators=REGULATORS,
        approvals=_approvals(shelves),
        therapies=tuple(_therapy(shelves, therapy, older_than) for therapy in library.therapies.values()),
        trials=tuple(trial_line(shelves, trial) for trial in library.trials.values()),
        systems=tuple(_system(shelves, system) for system in library.risk_systems.values()),
        limits=limits,
        stale=tuple(
            StaleLine(old.place.where, old.read_on.isoformat(), old.days)
            for old in old_readings(library, shelves.today, older_than)
        ),
        changes=tuple(_change(shelves, change) for change in reversed(changes(library))),
        recorded=tuple((found.isoformat(), recorded[found]) for found in sorted(recorded, reverse=True)),
        marks=shelves.marks(
            mark for place in library.places if isinstance(mark := getattr(place.row, "verification", None), Verification)
        ),
        sources=each_once(*(row.sources for row in limits)),
    )


def _approvals(shelves: Shelves) -> tuple[ApprovalLine, ...]:
    found = approvals_on(shelves.library, shelves.as_of, shelves.known_by)
    return tuple(
        ApprovalLine(
            Link(therapy.name, therapy_address(therapy.product)),
            therapy.brand or "",
            tuple(_cell(shelves, row) for row in found if row.product == therapy.product),
        )
        for therapy in shelves.library.therapies.values()
    )


def _cell(shelves: Shelves, found: Approval) -> ApprovalCell:
    return ApprovalCell(
        regulator=found.regulator,
        standing=found.standing,
        rows=tuple(_held(shelves, found.product, row) for row in found.rows),
        begins=day(found.begins),
        ended=day(found.ended),
    )


def _held(shelves: Shelves, product: str, row: HeldRow) -> HeldLine:
    flags = shelves.desk.words.therapies.flags
    return HeldLine(
        id=row.indication.id,
        address=f"{therapy_address(product)}#{anchor('row', row.indication.id)}",
        says=row.indication.says,
        status=shelves.desk.own(row.version.status, shelves.desk.words.therapies.statuses),
        dates=shelves.dates(row.version, row.version.read_on),
        mark=shelves.desk.mark(row.version.verification.value),
        flags=tuple(flags[flag] for flag in row.version.flags if flag in flags),
    )


def _therapy(shelves: Shelves, therapy: Therapy, older_than: int) -> TherapyLine:
    versions = [version for row in therapy.indications for version in row.versions]
    regulators = Counter(row.regulator for row in therapy.indications)
    return TherapyLine(
        product=Link(therapy.name, therapy_address(therapy.product)),
        brand=therapy.brand or "",
        kind=therapy.kind,
        target=therapy.target.upper(),
        rows=tuple((name, regulators[name]) for name in REGULATORS if regulators[name]),
        read_on=min(version.read_on for version in versions).isoformat(),
        stale=sum((shelves.today - version.read_on).days > older_than for version in versions),
        marks=shelves.marks(version.verification for version in versions),
    )


def trial_line(shelves: Shelves, trial: Trial) -> TrialLine:
    """Return a trial as it is on file on the day asked about."""
    version = trial.version_on(shelves.as_of, shelves.known_by)
    rows = [*version.criteria, *(row for arm in version.arms for row in arm.criteria)] if version is not None else []
    sighting = trial.sighting_on(shelves.as_of, shelves.known_by)
    words = shelves.words.knowledge
    return TrialLine(
        trial=Link(trial.name, trial_address(trial.id)),
        id=trial.id,
        title=trial.title,
        products=", ".join(shelves.desk.product(name) for name in trial.products) or ", ".join(trial.interventions),
        status=shelves.status(sighting.status) if sighting is not None else words.never_seen,
        seen=(day(sighting.seen) or words.undated) if sighting is not None else "",
        criteria=len(rows),
        provenance=shelves.provenance(row.provenance for row in rows),
        exclusions=words.exclusions[trial.exclusions],
        outside="" if trial.listed else trial.outside,
    )


def _system(shelves: Shelves, system: RiskSystem) -> SystemLine:
    newest = max(system.versions, key=lambda row: row.effective)
    return SystemLine(
        system=Link(system.title, system_address(system.system)),
        id=system.system,
        population=system.population,
        dates=shelves.dates(newest, newest.read_on),
        state=shelves.state(system),
        mark=shelves.mark(newest.verification),
    )


def _limit(shelves: Shelves, row: Limit) -> LimitLine:
    return LimitLine(
        name=row.name,
        says=row.says,
        value=f"{row.value} {row.unit}".strip(),
        dates=shelves.dates(row),
        mark=shelves.mark(row.verification),
        sources=shelves.desk.sources(row.sources),
    )


def _change(shelves: Shelves, change: Change) -> ChangeLine:
    is_therapy = change.shelf == "therapies"
    address = f"{therapy_address(change.key)}#{anchor('row', change.row)}" if is_therapy else system_address(change.key)
    return ChangeLine(
        day=change.day.isoformat(),
        row=Link(change.row, address),
        about=change.about,
        status=shelves.desk.own(change.status, shelves.desk.words.therapies.statuses) if change.status else None,
        says=change.says,
        ends=change.ends,
    )
