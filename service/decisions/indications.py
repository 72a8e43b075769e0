"""Facts and dated labels become one verdict per product and regulator."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.decisions.bind import criterion_key
from service.decisions.predicate import Looks, unique
from service.decisions.verdicts import CautionResult, CriterionResult, IndicationVerdict, TherapyVerdict
from service.logic.dated import Force, force_on
from service.logic.truth import Truth, all_of

if TYPE_CHECKING:
    from datetime import date

    from service.decisions.bind import Rules
    from service.decisions.predicate import Facts
    from service.decisions.verdicts import Standing
    from service.knowledge.schema import Caution, Criterion, Indication, IndicationVersion, OpenQuestion, Therapy

OUT_OF_SCOPE = frozenset({"t-all", "mpal"})
DATE, UNVERIFIED, OUT = "date", "unverified", "out-of-scope"


def judge_therapies(
    facts: Facts, rules: Rules, as_of: date, known_by: date, regulators: tuple[str, ...]
) -> tuple[TherapyVerdict, ...]:
    """Return one verdict for each product and regulator whose tables have a row for it at any date."""
    looks = Looks(facts)
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
    rows: list[IndicationVerdict] = []
    for indication in therapy.indications:
        if indication.regulator != regulator:
            continue
        for number, version in enumerate(indication.versions):
            force = force_on(version, as_of, known_by)
            if force is not Force.NOT_IN_FORCE:
                rows.append(judge_indication(indication, number, version, force, looks, rules))
    disease = looks.facts["disease"]
    out_of_scope = disease.is_known and disease.value in OUT_OF_SCOPE
    verdict = _standing(rows)
    open_rows = [row for row in rows if row.truth is Truth.UNKNOWN] if verdict == "undetermined" else []
    telling = [row for row in rows if row.truth is Truth.YES] if verdict == "on-label" else open_rows
    flags = unique(tuple(flag for row in telling for flag in row.flags))
    return TherapyVerdict(
        therapy=therapy,
        regulator=regulator,
        verdict=verdict,
        indications=tuple(rows),
        needs=unique(tuple(need for row in open_rows for need in needs_of(row))),
        cautions=tuple(
            judge_caution(caution, looks, rules)
            for caution in therapy.cautions
            if regulator in caution.regulators and _holds_on(caution, as_of)
        ),
        flags=(*flags, OUT) if out_of_scope and rows else flags,
        questions=open_questions(therapy, looks, rules) if verdict == "on-label" else (),
    )


def open_questions(therapy: Therapy, looks: Looks, rules: Rules) -> tuple[OpenQuestion, ...]:
    """Return the open questions about a product that concern this patient: those without a test, and those whose test holds."""
    return tuple(
        question
        for question in rules.library.questions_for(therapy.product)
        if question.test is None or looks.at(rules.tests[f"question {question.id}"]).truth is Truth.YES
    )


def _standing(rows: list[IndicationVerdict]) -> Standing:
    if not rows:
        return "not-approved"
    truths = {row.truth for row in rows}
    if Truth.YES in truths:
        return "on-label"
    return "undetermined" if Truth.UNKNOWN in truths else "not-on-label"


def judge_indication(  # noqa: PLR0913 - one row with its state
    indication: Indication, number: int, version: IndicationVersion, force: Force, looks: Looks, rules: Rules
) -> IndicationVerdict:
    """Return the verdict of one row; in the window of an uncertain date a YES is no more than UNKNOWN."""
    criteria = tuple(_criterion(indication, number, criterion, looks, rules) for criterion in version.criteria)
    truth = all_of(result.truth for result in criteria)
    flags = unique((*version.flags, *(flag for result in criteria if result.truth is not Truth.NO for flag in result.flags)))
    if force is Force.UNCERTAIN:
        truth = truth & Truth.UNKNOWN
        flags = unique((*flags, DATE))
    return IndicationVerdict(indication, version, truth, criteria, flags)


def _criterion(indication: Indication, number: int, criterion: Criterion, looks: Looks, rules: Rules) -> CriterionResult:
    node = rules.tests[criterion_key(indication.id, number, criterion.id)]
    seen = looks.at(node)
    truth = favour(seen.truth, criterion)
    flags = seen.flags
    if not criterion.verification.usable_alone:
        flags = unique((*flags, UNVERIFIED))
    return CriterionResult(
        id=criterion.id,
        text=criterion.text,
        kind=criterion.kind,
        truth=truth,
        facts=node.fact_names,
        evidence=seen.evidence,
        needs=seen.needs if truth is Truth.UNKNOWN else (),
        flags=flags,
        note=criterion.note,
        reasons=seen.reasons if truth is Truth.UNKNOWN else (),
    )


def favour(truth: Truth, criterion: Criterion) -> Truth:
    """Return the truth of a criterion in the patient's favour, from that of its test."""
    if criterion.kind == "exclusion":
        truth = ~truth
    # unverified matter is shown, and never the only reason for a block
    return truth if criterion.verification.usable_alone else truth | Truth.UNKNOWN


def needs_of(row: IndicationVerdict) -> tuple[str, ...]:
    """Return what the open criteria of a row need."""
    return tuple(need for result in row.criteria if result.truth is Truth.UNKNOWN for need in result.needs)


def _holds_on(caution: Caution, as_of: date) -> bool:
    begun = caution.effective is None or caution.effective <= as_of
    return begun and (caution.until is None or as_of < caution.until)


def judge_caution(caution: Caution, looks: Looks, rules: Rules) -> CautionResult:
    """Return whether a caution holds; one without a test always does."""
    if caution.test is None:
        return CautionResult(caution, Truth.YES, (), ())
    seen = looks.at(rules.tests[f"caution {caution.id}"])
    return CautionResult(caution, seen.truth, seen.needs, seen.evidence)
