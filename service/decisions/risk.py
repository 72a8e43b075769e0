"""Risk systems on facts: the group, or the groups still possible and the input that would decide."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from service.decisions.numbered import Bits, truth_in
from service.decisions.predicate import unique
from service.decisions.risk_tables import UNVERIFIED, Left
from service.decisions.verdicts import Allocation, RiskVerdict
from service.facts.disease_names import LINEAGE_UNKNOWN
from service.logic.dates import PartialDate
from service.logic.truth import Truth
from service.record.record import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import date

    from service.decisions.bind import Rules
    from service.decisions.predicate import Facts, Looks
    from service.decisions.risk_tables import Input, Look, Overlay, System, Version
    from service.facts.catalogue import ReportedRisk
    from service.knowledge.schema import RiskSystem, RiskVersion

_NOTHING = Left((), sure=False, row=None, candidate=None, only_candidates=True, needs=(), flags=())


def judge_systems(looks: Looks, rules: Rules, known_by: date) -> tuple[RiskVerdict, ...]:
    """Return one verdict for each risk system on file."""
    return tuple(judge_system(system, looks, rules, known_by) for system in rules.library.risk_systems.values())


def judge_system(system: RiskSystem, looks: Looks, rules: Rules, known_by: date | None = None) -> RiskVerdict:
    """Return the verdict of one system; what was written down after `known_by` is not read.

    A system that is not enabled, and a record for which only unverified rows speak, are `not-encoded`.
    """
    known_rows = tuple(version for version in system.versions if known_by is None or version.recorded <= known_by)
    if not known_rows:
        return RiskVerdict(system, "not-encoded", None, (), None, (), (), None, ())
    return _Judged.of(system, known_rows, rules, looks).verdict()


def _looks_of(system: RiskSystem, looks: Looks) -> Looks:
    return looks.at_diagnosis if system.dated_by == "diagnosis" else looks


class Trying:
    """One system that is open for a record, to be tried with other values of one fact at a time."""

    def __init__(self, system: RiskSystem, rules: Rules, looks: Looks) -> None:
        judged = _Judged.of(system, system.versions, rules, looks)
        applies, instead = judged.tables.applies, [row.node for row in judged.compiled.overlays if row.instead]
        self.looks = judged.looks
        numbered = looks.numbered
        self._table = judged.tables.table
        self._look = self._table.look(self.looks)
        self._applies = numbered.mask((applies,)) if applies is not None else None
        self._instead = numbered.mask(instead)
        self._bits = numbered.bits
        self._now = self.looks.bits
        tests = [applies, *instead, *(column.node for column in self._table.inputs)]
        self._tested = frozenset(name for node in tests if node is not None for name in node.fact_names)

    def is_settled_by(self, name: str, tried: Callable[[], Sequence[Bits]]) -> bool:
        """Return whether the group is decided, or the system not for this patient, for some value that a fact might have.

        `tried` returns what is said of all tests for each of these values, for a fact that some test of the system reads.
        """
        columns = self._table.reading.get(name, ())
        rest = self._look.without(columns)
        if columns and name not in self._tested:  # a plain column: nothing else changes with the fact
            said = columns[0].tried
            return any(self._is_settled(self._now, rest, (each,)) for each in dict.fromkeys((one, one) for one in said))
        return any(
            self._is_settled(bits, rest, [self._said(column, number, bits) for column in columns])
            for number, bits in enumerate(tried())
        )

    def _said(self, column: Input, number: int, bits: Bits) -> tuple[Bits, Bits]:
        """Return what the cells of a column say of a value by its number: surely, and by supposition."""
        if column.node is None:
            said = column.tried[number]
            return said, said
        return column.said_of(truth_in(bits, self._bits[id(column.node)]))

    def _is_settled(self, bits: Bits, rest: Look, said: Iterable[tuple[Bits, Bits]]) -> bool:
        applies = truth_in(bits, self._applies) if self._applies is not None else Truth.YES
        if applies is not Truth.YES:
            return applies is Truth.NO
        (sure, not_sure), (supposed, not_supposed) = rest.sure, rest.supposed
        for surely, by_supposition in said:
            sure |= surely[0]
            not_sure |= surely[1]
            supposed |= by_supposition[0]
            not_supposed |= by_supposition[1]
        candidates = not bits.holds & self._instead
        return self._table.is_sure((sure, not_sure), (supposed, not_supposed), candidates=candidates)


def compare_reported(
    verdicts: tuple[RiskVerdict, ...], reported: tuple[ReportedRisk, ...]
) -> tuple[tuple[RiskVerdict, ...], tuple[Problem, ...]]:
    """Return the verdicts with what was recorded beside them, and a conflict for each recorded group that differs.

    A recorded group never replaces a derived one; where a system's table is not encoded, it is shown as reported, unless
    another one was recorded on the same day.
    """
    problems: list[Problem] = []
    compared: list[RiskVerdict] = []
    for verdict in verdicts:
        name = verdict.system.system
        about = [item for item in reported if item.system == name or (item.system is None and name == "NCI")]
        if not about:
            compared.append(verdict)
        elif _may_be_reported(verdict):
            compared.append(_reported(verdict, about[-1], _on_the_day_of_the_last(about), problems))
        else:
            compared.append(_beside(verdict, about, problems))
    return tuple(compared), tuple(problems)


def _beside(verdict: RiskVerdict, about: list[ReportedRisk], problems: list[Problem]) -> RiskVerdict:
    """Return a verdict that a recorded group does not fill, flagged with how what was recorded stands to it."""
    system = verdict.system
    latest = about[-1].group
    others = [item for item in about if _excludes(verdict, item)]
    problems += [_conflict(item, system.system, _derived(verdict)) for item in others]
    if others:
        return replace(verdict, recorded=latest, flags=unique((*verdict.flags, "reported-differs")))
    if verdict.state == "decided":
        return replace(verdict, recorded=latest, flags=unique((*verdict.flags, "reported-agrees")))
    if verdict.state == "open":
        question = _joined((system.question_of(latest), verdict.question))
        return replace(verdict, recorded=latest, question=question, flags=unique((*verdict.flags, "reported-possible")))
    return verdict


def _excludes(verdict: RiskVerdict, item: ReportedRisk) -> bool:
    """Return whether a verdict contradicts a recorded group; a table that leaves patients out excludes no group that is open."""
    system = verdict.system
    if verdict.state == "not-applicable":
        # a class of an earlier relapse stays right; the two values without a system are no statement about this one
        return item.system is not None and system.dated_by == "diagnosis"
    if verdict.state == "open" and any(version.partial for version in system.versions):
        return False
    return system.protocol_name(item.group) not in _plain(verdict)


def _plain(verdict: RiskVerdict) -> set[str]:
    return {group.removesuffix("?") for group in verdict.possible}


def _derived(verdict: RiskVerdict) -> str:
    if verdict.state == "not-applicable":
        return "by the data received the system is not for this patient"
    return f"derived from the data received: {' or '.join(verdict.possible)}"


def _conflict(item: ReportedRisk, name: str, said: str) -> Problem:
    where = f"{item.evidence.reference} {item.evidence.path}".strip()
    return Problem("warning", "conflict", where, f"Recorded {name} risk group {item.group}; {said}")


def _on_the_day_of_the_last(about: list[ReportedRisk]) -> list[ReportedRisk]:
    return [item for item in about if item.evidence.date == about[-1].evidence.date]


def _may_be_reported(verdict: RiskVerdict) -> bool:
    """Return whether no verified row speaks for this record."""
    return verdict.state == "not-encoded" or (verdict.state == "open" and all(name.endswith("?") for name in verdict.possible))


def _reported(verdict: RiskVerdict, latest: ReportedRisk, same_day: list[ReportedRisk], problems: list[Problem]) -> RiskVerdict:
    system = verdict.system
    names = unique(tuple(system.protocol_name(item.group) for item in same_day))
    if len(names) > 1:
        problems += [_conflict(item, system.system, f"recorded on one day: {', '.join(names)}") for item in same_day]
        return replace(verdict, flags=unique((*verdict.flags, "conflict")))
    return replace(
        verdict,
        state="reported",
        group=latest.group,
        recorded=latest.group,
        possible=(latest.group,),
        evidence=(latest.evidence.reference,),
        question=_joined((system.question_of(latest.group), verdict.question)),
    )


def allocate_reported(verdicts: tuple[RiskVerdict, ...], looks: Looks, rules: Rules) -> tuple[RiskVerdict, ...]:
    """Return the verdicts; a recorded group is read by its system's table of allocation."""
    return tuple(
        replace(verdict, allocation=_allocation(verdict, looks, rules)) if verdict.state == "reported" else verdict
        for verdict in verdicts
    )


def _allocation(verdict: RiskVerdict, looks: Looks, rules: Rules) -> Allocation | None:
    system = verdict.system
    judged = _Judged.of(system, system.versions, rules, looks) if system.versions else None
    return judged.allocation(system.protocol_name(verdict.group or "")) if judged else None


def _day(system: RiskSystem, facts: Facts) -> PartialDate | None:
    day = facts["diagnosis_date" if system.dated_by == "diagnosis" else "relapse_date"].value
    return day if isinstance(day, PartialDate) else None


def _version(system: RiskSystem, versions: tuple[RiskVersion, ...], facts: Facts) -> RiskVersion:
    """Return the version in force on the day of diagnosis or relapse; else the newest that began before it, else the first."""
    day = _day(system, facts)
    if day is None:
        return versions[-1]
    begun = [version for version in versions if version.effective <= day.low]
    return begun[-1] if begun else versions[0]


def _joined(questions: tuple[str | None, ...]) -> str | None:
    return "; ".join(unique(tuple(question for question in questions if question))) or None


@dataclass(frozen=True, slots=True)
class _Judged:
    """One version of one system before one record."""

    system: RiskSystem
    version: RiskVersion
    compiled: System
    tables: Version
    looks: Looks

    @classmethod
    def of(cls, system: RiskSystem, versions: tuple[RiskVersion, ...], rules: Rules, looks: Looks) -> _Judged:
        """Return the version among these that the record is judged by: on the facts of the day by which the system is dated."""
        looks = _looks_of(system, looks)
        compiled = rules.risk_systems[system.system]
        version = _version(system, versions, looks.facts)
        tables = next(tables for row, tables in zip(system.versions, compiled.versions, strict=True) if row is version)
        return cls(system, version, compiled, tables, looks)

    def _overlays(self) -> list[Overlay]:
        return [overlay for overlay in self.compiled.overlays if self.looks.truth(overlay.node) is Truth.YES]

    def verdict(self) -> RiskVerdict:
        """Return the group, or what is possible and missing."""
        node = self.tables.applies
        applies = self.looks.truth(node) if node is not None else Truth.YES
        if applies is Truth.NO:
            why = (self.version.not_applicable,) if self.version.not_applicable else ()
            evidence = self._evidence(node.fact_names if node is not None else ())
            return RiskVerdict(self.system, "not-applicable", None, (), None, (), evidence, None, why)
        overlays = self._overlays()
        candidates = not any(overlay.instead for overlay in overlays)
        left = self.tables.table.read(self.looks, candidates=candidates) if self.system.enabled else _NOTHING
        if left.sure and applies is Truth.YES:
            return self._decided(left, overlays)
        applies_surely = applies is Truth.YES
        if not left.groups or (applies_surely and left.only_candidates and len(left.groups) == 1):
            return self._not_encoded(left, overlays, applies)
        needs, flags = left.needs, left.flags
        if node is not None and not applies_surely:
            needs = (*(self.looks.needs(node) or _open(node.fact_names, self.looks.facts)), *needs)
            flags = (*flags, *self.looks.flags(node))
        candidate = left.candidate if applies_surely else None
        allocation = self._allocation_if(applies)
        return RiskVerdict(
            self.system,
            "open",
            None,
            left.groups,
            None,
            unique(needs) or (allocation.needs if allocation else ()),
            self._evidence(self.tables.table.fact_names),
            _joined(tuple(overlay.question for overlay in overlays)),
            self._flags(overlays, (*flags, *((UNVERIFIED,) if candidate else ()))),
            candidate,
            allocation,
        )

    def _decided(self, left: Left, overlays: list[Overlay]) -> RiskVerdict:
        group = left.groups[0]
        questions = (self.system.question_of(group), *(overlay.question for overlay in overlays))
        evidence = self._evidence(self.tables.table.fact_names)
        flags = self._flags(overlays, left.flags)
        allocation = self.allocation(group)
        question = _joined(questions)
        return RiskVerdict(
            self.system, "decided", group, left.groups, left.row, (), evidence, question, flags, allocation=allocation
        )

    def _not_encoded(self, left: Left, overlays: list[Overlay], applies: Truth) -> RiskVerdict:
        question = _joined(tuple(overlay.question for overlay in overlays))
        allocation = self._allocation_if(applies) if self.system.enabled else None
        flags = (UNVERIFIED,) if left.candidate else ()
        return RiskVerdict(
            self.system,
            "not-encoded",
            None,
            (),
            None,
            allocation.needs if allocation else (),
            self._evidence(tuple(name for overlay in overlays for name in overlay.node.fact_names)),
            question,
            unique((*(overlay.flag for overlay in overlays), *flags)),
            left.candidate,
            allocation,
        )

    def allocation(self, group: str | None) -> Allocation | None:
        """Return the treatment that the system allocates to a group; None where it says nothing of the record."""
        table, row = self.tables.allocation, self.version.allocation
        if table is None or row is None:
            return None
        left = table.read(self.looks, group)
        if not left.groups:
            return None
        to = left.groups[0] if left.sure else None
        return Allocation(row, to, left.groups, left.row, left.needs, self._evidence(table.fact_names), left.flags)

    def _allocation_if(self, applies: Truth) -> Allocation | None:
        """Return that of no group, decided only where the system surely is for this patient: what tells is then needed too."""
        allocation, node = self.allocation(None), self.tables.applies
        if allocation is None or applies is Truth.YES or node is None:
            return allocation
        return replace(allocation, to=None, row=None, needs=unique((*self.looks.needs(node), *allocation.needs)))

    def _flags(self, overlays: list[Overlay], flags: tuple[str, ...]) -> tuple[str, ...]:
        return unique((*self._not_in_force(), *(overlay.flag for overlay in overlays), *flags))

    def _not_in_force(self) -> tuple[str, ...]:
        day, version = _day(self.system, self.looks.facts), self.version
        if day is None or (version.effective <= day.high and (version.until is None or day.low < version.until)):
            return ()
        return ("not-in-force",)

    def _evidence(self, names: tuple[str, ...]) -> tuple[str, ...]:
        return unique(tuple(item.reference for name in names for item in self.looks.facts[name].evidence))


def _open(names: tuple[str, ...], facts: Facts) -> tuple[str, ...]:
    """Return the facts behind a test that the text itself leaves open: those that would have to be recorded more precisely."""
    return tuple(name for name in names if not facts[name].is_known or facts[name].value == LINEAGE_UNKNOWN)
