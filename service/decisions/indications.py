"""Facts and dated labels become one verdict per product and regulator."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from service.decisions.labels_on_file import DATE, RECORDED_LATER, UNVERIFIED, label_on_file
from service.decisions.predicate import unique
from service.decisions.verdicts import CautionResult, CriterionResult, IndicationVerdict, TherapyVerdict
from service.facts.disease_names import BCP_ALL, LINEAGES
from service.logic.once import once
from service.logic.truth import Truth

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet
    from datetime import date

    from service.decisions.bind import Rules
    from service.decisions.labels_on_file import LabelOnFile, LabelRow
    from service.decisions.numbered import Bits
    from service.decisions.predicate import Looks, Node
    from service.decisions.verdicts import Standing
    from service.knowledge.schema import Caution, Criterion, OpenQuestion, Therapy

_OUT_OF_SCOPE = LINEAGES - {BCP_ALL}
OUT = "out-of-scope"
_NO, _UNKNOWN, _YES = Truth.NO, Truth.UNKNOWN, Truth.YES  # a member is found several times as fast here as in its class


def judge_labels(
    looks: Looks, rules: Rules, as_of: date, known_by: date, regulators: tuple[str, ...]
) -> tuple[TherapyVerdict, ...]:
    """Return one verdict for each product and regulator whose tables have a row for it at any date."""
    return tuple(
        judge_therapy(therapy, regulator, looks, rules, as_of, known_by)
        for regulator in regulators
        for therapy in rules.library.therapies.values()
        if any(indication.regulator == regulator for indication in therapy.indications)
    )


def judge_therapy(  # noqa: PLR0913 - the question in full
    therapy: Therapy, regulator: str, looks: Looks, rules: Rules, as_of: date, known_by: date
) -> TherapyVerdict:
    """Return the verdict of one product before one regulator by the three-valued rule.

    On label if any row in force is YES, undetermined if any is UNKNOWN, else not on label; not approved without a row.
    """
    looks = rules.own(looks)
    label = label_on_file(therapy, regulator, rules, as_of, known_by)
    rows = tuple(judge_row(row, looks) for row in label.rows)
    verdict = _standing(rows)
    return TherapyVerdict(therapy, regulator, verdict, rows, _ProductDetails(label, looks, rows, verdict))


def _standing(rows: tuple[IndicationVerdict, ...]) -> Standing:
    if not rows:
        return "not-approved"
    truths = [row.truth for row in rows]
    if Truth.YES in truths:
        return "on-label"
    return "undetermined" if Truth.UNKNOWN in truths else "not-on-label"


def judge_row(row: LabelRow, looks: Looks) -> IndicationVerdict:
    """Return the verdict of one row."""
    return IndicationVerdict(row.indication, row.version, row.truth(looks.bits), RowSeen(row, looks))


@dataclass(frozen=True)
class RowSeen:
    """One row at length: each criterion with what it rests on."""

    row: LabelRow
    looks: Looks = field(repr=False, compare=False)

    def truth_if(self, tried: Bits) -> Truth:
        """Return whether the row would hold where this is said of all tests."""
        return self.row.truth(tried)

    @once
    def criteria(self) -> tuple[CriterionResult, ...]:
        """Each criterion with what it rests on."""
        return tuple(_criterion(criterion, node, self.looks) for criterion, node in self.row.criteria)

    @once
    def needs(self) -> tuple[str, ...]:
        """What the open criteria need."""
        looks = self.looks
        open_tests = (node for row, node in self.row.criteria if favour(looks.truth(node), row) is Truth.UNKNOWN)
        return tuple(need for node in open_tests for need in looks.needs(node))

    @once
    def flags(self) -> tuple[str, ...]:
        """Why the row does not simply hold or fail."""
        looks = self.looks
        told = [
            flag
            for row, node in self.row.criteria
            if (flags := _flags(row, looks.flags(node))) and favour(looks.truth(node), row) is not Truth.NO
            for flag in flags
        ]
        return unique((*self.row.version.flags, *told, *((DATE,) if self.row.uncertain else ())))


@dataclass(frozen=True)
class _ProductDetails:
    """One product at length: what its telling rows say, its cautions, the questions about it."""

    label: LabelOnFile
    looks: Looks = field(repr=False, compare=False)
    rows: tuple[IndicationVerdict, ...]
    verdict: Standing

    def _open_rows(self) -> tuple[IndicationVerdict, ...]:
        return tuple(row for row in self.rows if row.truth is Truth.UNKNOWN) if self.verdict == "undetermined" else ()

    @once
    def needs(self) -> tuple[str, ...]:
        return unique(tuple(need for row in self._open_rows() for need in row.details.needs))

    @once
    def cautions(self) -> tuple[CautionResult, ...]:
        """Those that hold on the day; one without a test holds for everybody."""
        return self._results(self.label.cautions)

    @once
    def pressing(self) -> tuple[CautionResult, ...]:
        """Of the cautions those that are stated whatever is known; where one of the others holds or may be meant, all of them."""
        label, looks = self.label, self.looks
        told = looks.bits.holds & label.quiet or not label.hints.isdisjoint(looks.doubted)
        return self._results(label.cautions if told else label.stated)

    def _results(self, rows: tuple[tuple[Caution, Node | None, int], ...]) -> tuple[CautionResult, ...]:
        looks = self.looks
        holds, fails = looks.bits
        return tuple(
            [
                self._denied(row, test)
                if fails & bit
                else CautionResult(row, _YES if not bit or holds & bit else _UNKNOWN, test, looks)
                for row, test, bit in rows
            ]
        )

    def _denied(self, row: Caution, test: Node | None) -> CautionResult:
        """Return a caution that does not hold; by a value that is too old to say so, it is open."""
        label, looks = self.label, self.looks
        old = tuple([name for name in label.aging.get(row.id, ()) if looks.is_older(name, label.fresh_from)])
        return CautionResult(row, _UNKNOWN if old else _NO, test, looks, old)

    @once
    def flags(self) -> tuple[str, ...]:
        if self.label.recorded_later:
            return (RECORDED_LATER,)
        on_label = tuple(row for row in self.rows if row.truth is Truth.YES) if self.verdict == "on-label" else ()
        flags = unique(tuple(flag for row in (on_label or self._open_rows()) for flag in row.flags))
        disease = self.looks.facts["disease"]
        out_of_scope = disease.is_known and disease.value in _OUT_OF_SCOPE
        return (*flags, OUT) if out_of_scope and self.rows else flags

    def flags_among(self, words: AbstractSet[str]) -> tuple[str, ...]:
        if OUT not in words and self.label.flags.isdisjoint(words) and self.looks.told_by_facts.isdisjoint(words):
            return ()
        return tuple([flag for flag in self.flags if flag in words])

    @once
    def questions(self) -> tuple[OpenQuestion, ...]:
        """Those without a test, and those whose test holds."""
        if self.verdict != "on-label":
            return ()
        holds = self.looks.bits.holds
        return tuple([question for question, _, bit in self.label.questions if not bit or holds & bit])

    @once
    def studies_of_others(self) -> frozenset[str]:
        """Those whose patients surely were others: children of adults, Ph-positive of Ph-negative."""
        fails = self.looks.bits.fails
        return frozenset([study for study, bit in self.label.studies if fails & bit])


def _criterion(criterion: Criterion, node: Node, looks: Looks) -> CriterionResult:
    seen = looks.at(node)
    truth = favour(seen.truth, criterion)
    return CriterionResult(
        id=criterion.id,
        text=criterion.text,
        kind=criterion.kind,
        truth=truth,
        facts=node.fact_names,
        evidence=seen.evidence,
        needs=seen.needs if truth is Truth.UNKNOWN else (),
        flags=_flags(criterion, seen.flags),
        note=criterion.note,
        reasons=seen.reasons if truth is Truth.UNKNOWN else (),
    )


def _flags(criterion: Criterion, flags: tuple[str, ...]) -> tuple[str, ...]:
    return flags if criterion.verification.usable_alone else unique((*flags, UNVERIFIED))


def favour(truth: Truth, criterion: Criterion) -> Truth:
    """Return the truth of a criterion in the patient's favour, from that of its test."""
    if criterion.kind == "exclusion":
        truth = ~truth
    # unverified matter is shown, and never the only reason for a block
    return truth if criterion.verification.usable_alone else truth | Truth.UNKNOWN
