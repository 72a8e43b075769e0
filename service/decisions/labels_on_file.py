"""The labels on file on a day, bound to their tests: the same for every patient, so that it is put together once a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from service.decisions.bind import criterion_key
from service.decisions.numbered import Conjunction
from service.decisions.predicate import Group, Undecided
from service.facts.catalogue import CATALOGUE, is_measured
from service.logic.dated import Force, force_on
from service.logic.truth import Truth

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from service.decisions.bind import Rules
    from service.decisions.numbered import Bits
    from service.decisions.predicate import Node
    from service.knowledge.schema import Caution, Criterion, Indication, IndicationVersion, OpenQuestion, Study, Therapy

DATE, UNVERIFIED, RECORDED_LATER = "date", "unverified", "recorded-later"
_REMEMBERED = 4096  # one for each product, regulator and pair of days


@dataclass(frozen=True, slots=True)
class LabelRow:
    """One dated row of a label in force on the day, each criterion with its test; `joint` decides it at once."""

    indication: Indication
    version: IndicationVersion
    criteria: tuple[tuple[Criterion, Node], ...]
    joint: Conjunction
    uncertain: bool  # the day lies in the window of an uncertain date

    def truth(self, bits: Bits) -> Truth:
        """Return whether the row holds; in the window of an uncertain date a YES is no more than UNKNOWN."""
        truth = self.joint.truth(bits)
        return truth & Truth.UNKNOWN if self.uncertain else truth


@dataclass(frozen=True, slots=True)
class LabelOnFile:
    """One product before one regulator, with the cautions that hold on the day and the open questions about the product.

    Cautions and questions stand with their tests and the bits of these: None and 0 where there is none. `stated`: the cautions
    that are stated even where nothing decides them; `quiet`: the bits of the others, `hints`: the facts that these read.
    `flags`: those that rows and tests may have whatever the facts are. `aging`: what a caution reads of measurements, by its
    id; older than `fresh_from` they deny none. `studies`: those of certain patients, with the bits of who these are.
    `recorded_later`: no row is in force, but one is that was not written down yet.
    """

    therapy: Therapy
    regulator: str
    rows: tuple[LabelRow, ...]
    cautions: tuple[tuple[Caution, Node | None, int], ...]
    stated: tuple[tuple[Caution, Node | None, int], ...]
    quiet: int
    hints: frozenset[str]
    questions: tuple[tuple[OpenQuestion, Node | None, int], ...]
    studies: tuple[tuple[str, int], ...]
    flags: frozenset[str]
    aging: Mapping[str, tuple[str, ...]]
    fresh_from: date
    recorded_later: bool


def label_on_file(therapy: Therapy, regulator: str, rules: Rules, as_of: date, known_by: date) -> LabelOnFile:
    """Return what stands on file about one product before one regulator, as far as was written down by `known_by`."""
    key = (therapy.product, regulator, as_of, known_by)
    return rules.memory.recall("labels", key, lambda: _label(therapy, regulator, rules, as_of, known_by), most=_REMEMBERED)


def _label(therapy: Therapy, regulator: str, rules: Rules, as_of: date, known_by: date) -> LabelOnFile:
    cautions = tuple(
        (row, *_test(row, f"caution {row.id}", rules))
        for row in therapy.cautions
        if regulator in row.regulators and _holds_on(row, as_of)
    )
    versions = [
        (indication, number, version)
        for indication in therapy.indications
        if indication.regulator == regulator
        for number, version in enumerate(indication.versions)
    ]
    rows = tuple(
        _row(indication, number, version, force, rules)
        for indication, number, version in versions
        if (force := force_on(version, as_of, known_by)) is not Force.NOT_IN_FORCE
    )
    later = not rows and any(force_on(row, as_of, row.recorded) is not Force.NOT_IN_FORCE for _, _, row in versions)
    return LabelOnFile(
        therapy=therapy,
        regulator=regulator,
        rows=rows,
        cautions=cautions,
        stated=tuple(found for found in cautions if found[0].stated),
        quiet=rules.numbered.mask(test for row, test, _ in cautions if test is not None and not row.stated),
        hints=frozenset([name for row, test, _ in cautions if test is not None and not row.stated for name in test.fact_names]),
        questions=tuple((row, *_test(row, f"question {row.id}", rules)) for row in rules.library.questions_for(therapy.product)),
        studies=tuple(
            (row.id, _test(row, f"study {row.id}", rules)[1]) for row in rules.library.studies(therapy.product) if row.test
        ),
        flags=frozenset([flag for row in rows for flag in _flags(row)]) | ({RECORDED_LATER} if later else frozenset()),
        aging={row.id: names for row, test, _ in cautions if test is not None and (names := _measured(test))},
        fresh_from=as_of - timedelta(days=int(rules.limits_on(as_of, known_by).number("caution_denied_by_values_of_days"))),
        recorded_later=later,
    )


def _measured(test: Node) -> tuple[str, ...]:
    """Return the facts that a test reads and that are measured again and again."""
    return tuple(name for name in test.fact_names if name in CATALOGUE and is_measured(CATALOGUE[name]))


def _test(row: Caution | OpenQuestion | Study, name: str, rules: Rules) -> tuple[Node | None, int]:
    if row.test is None:
        return None, 0
    test = rules.tests[name]
    return test, rules.numbered.mask((test,))


def _flags(row: LabelRow) -> Iterator[str]:
    yield from row.version.flags
    yield from (DATE,) if row.uncertain else ()
    for criterion, node in row.criteria:
        yield from _flags_of_test(node)
        yield from () if criterion.verification.usable_alone else (UNVERIFIED,)


def _flags_of_test(node: Node) -> Iterator[str]:
    if isinstance(node, Group):
        for part in node.parts:
            yield from _flags_of_test(part)
    elif isinstance(node, Undecided):
        yield node.flag


def _row(indication: Indication, number: int, version: IndicationVersion, force: Force, rules: Rules) -> LabelRow:
    criteria = tuple((row, rules.tests[criterion_key(indication.id, number, row.id)]) for row in version.criteria)

    def mask(kind: str, *, may_block: bool = False) -> int:
        asked = (node for row, node in criteria if row.kind == kind and (row.verification.usable_alone or not may_block))
        return rules.numbered.mask(asked)

    joint = Conjunction(
        mask("inclusion"), mask("exclusion"), mask("inclusion", may_block=True), mask("exclusion", may_block=True)
    )
    return LabelRow(indication, version, criteria, joint, force is Force.UNCERTAIN)


def _holds_on(caution: Caution, as_of: date) -> bool:
    begun = caution.effective is None or caution.effective <= as_of
    return begun and (caution.until is None or as_of < caution.until)
