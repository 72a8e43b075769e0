"""What words a page needs: one model for each part; a text that is missing, extra or filled in wrongly stops the start."""

from __future__ import annotations

from collections.abc import Mapping
from string import Formatter
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from service.cards.wording import SummaryPart


def filled_with(*names: str) -> AfterValidator:
    """Return a check that a text is filled with these names, all of them and no other."""

    def check(text: str) -> str:
        asked = {name for _, name, _, _ in Formatter().parse(text) if name is not None}
        if asked != set(names):
            raise ValueError(
                f"it is filled with {', '.join(sorted(names)) or 'nothing'}, and asks for {', '.join(sorted(asked))}"
            )
        return text

    return AfterValidator(check)


Plain = Annotated[str, Field(min_length=1), filled_with()]
Count = Annotated[str, filled_with("count")]
Name = Annotated[str, filled_with("name")]
Table = dict[str, Plain]


class Words(BaseModel):
    """The root of all parts: frozen, unknown keys refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Terms(Words):
    """Clinical words by the keys of the document: facts, values, units, flags, reasons, states."""

    joined_by: str
    summary: Annotated[tuple[SummaryPart, ...], Field(strict=False)]
    facts: Table
    units: dict[str, str]
    values: Table
    flags: Table
    gaps: Table
    recruitment: Table
    levels: Table
    true_word: Plain
    false_word: Plain
    contradictory: Plain
    not_reviewed: str  # empty where the words are the reference, or reviewed


class FrameWords(Words):
    """What stands around every page."""

    product: Plain
    skip: Plain
    shortened: Plain
    not_for_care: Plain


class ErrorWords(Words):
    """The page that says what could not be done."""

    title: Plain
    lead: Plain
    where: Plain
    technical: Plain
    codes: Table
    other: Plain


class ProfileWords(Words):
    """The head of the explanation and what was found."""

    title: Plain
    patient: Plain
    as_of: Plain
    known_by: Plain
    regulators: Plain
    country: Plain
    knowledge: Plain
    not_answered: Plain
    knowledge_changed: Annotated[str, filled_with("then", "now")]
    contents: Plain
    found: Plain
    fact: Plain
    value: Plain
    rests_on: Plain
    not_found: Plain


class NextWords(Words):
    """What to test next."""

    title: Plain
    none: Plain
    lead: Plain
    ask: Plain
    why: Plain
    decides: Plain
    order: Plain
    risk: Plain
    contributes: Plain
    more: Count


class CourseWords(Words):
    """The course as a plot and as a table."""

    title: Plain
    none: Plain
    lead: Plain
    description: Annotated[str, filled_with("first", "last", "levels", "events", "spans")]
    table: Plain
    no_script: Plain
    date: Plain
    kind: Plain
    what: Plain
    measured: Plain
    source: Plain
    undated: Plain
    today: Plain
    levels_axis: Plain
    mrd: Plain
    marrow: Plain
    blood: Plain
    below_limit: Plain
    above_limit: Plain
    within: Plain
    mrd_limit: Name
    marrow_limit: Name
    ordered: Plain
    perhaps: Plain
    phases: Plain
    drugs: Plain
    disease: Plain
    cells: Plain
    kinds: Table
    phase_names: Table
    answers: Table


class TherapyWords(Words):
    """Therapies as a matrix of criteria."""

    title: Plain
    none: Plain
    lead: Plain
    matrix: Plain
    product: Plain
    row: Plain
    regulator: Plain
    result: Plain
    columns: Table
    truths: Table
    verdicts: Table
    statuses: Table
    matches: Plain
    other_rows: Count
    criterion: Plain
    since: Name
    until: Name
    setting: Plain
    document: Plain
    sources: Plain
    read_on: Name
    interpretation: Plain
    unverified_parts: Plain
    exclusion: Plain
    needs: Plain
    nothing_recorded: Plain
    undecided: Plain
    cautions: Plain
    caution_truths: Table
    always: Plain
    other_cautions: Count
    flags: Table
    not_approved: Plain
    details: Plain


class MarkWords(Words):
    """How far a row was checked against its source."""

    title: Plain
    lead: Plain
    verification: Table
    short: Table
    provenance: Table
    provenance_short: Table
    strength: Table


class TrialWords(Words):
    """Trials with recruitment and the day on which it was seen."""

    title: Plain
    none: Plain
    lead: Plain
    fits: Table
    counts: Annotated[str, filled_with("fits", "needs", "not_fitting")]
    fitting: Plain
    needing: Plain
    not_fitting: Count
    recruitment: Plain
    openness: Table
    seen: Name
    never_seen: Plain
    status_missing: Plain
    registry: Plain
    sponsor: Plain
    phase: Plain
    products: Plain
    failing: Plain
    confirm: Plain
    arms: Plain
    arm_open: Table
    on_label: Plain
    closed_by: Plain
    flags: Table
    sites: Plain
    kilometres: Name
    any_of: Name


class RiskWords(Words):
    """Risk groups of every system side by side."""

    title: Plain
    none: Plain
    lead: Plain
    system: Plain
    group: Plain
    state: Plain
    missing: Plain
    states: Table
    possible: Plain
    candidate: Plain
    recorded: Plain
    allocation: Plain
    question: Plain
    row: Plain
    not_applicable: Count


class EvidenceWords(Words):
    """Published figures of each product."""

    title: Plain
    none: Plain
    lead: Plain
    outcomes: Table
    percent_axis: Plain
    months_axis: Plain
    others: Count
    study: Plain
    population: Plain
    patients: Plain
    figures: Plain
    citation: Plain
    compared: Plain
    description: Annotated[str, filled_with("product", "count")]
    not_verified: Plain
    table: Plain


class SequenceWords(Words):
    """What is open about the order of therapies."""

    title: Plain
    none: Plain
    lead: Plain
    published: Plain
    citation: Plain
    concerns: Plain


class ProblemWords(Words):
    """Problems and contradictions of the record."""

    title: Plain
    none: Plain
    lead: Plain
    severity: Plain
    what: Plain
    where: Plain
    severities: Table


class ReadWords(Words):
    """What was read: each resource with what it said."""

    title: Plain
    lead: Plain
    resource: Plain
    date: Plain
    said: Plain
    used_for: Plain
    facts_title: Plain
    sources: Plain
    on_file: Plain
    unknown_facts: Count


class Catalogue(Words):
    """All words of all pages in one language."""

    language: Plain
    frame: FrameWords
    error: ErrorWords
    profile: ProfileWords
    next: NextWords
    course: CourseWords
    therapies: TherapyWords
    marks: MarkWords
    trials: TrialWords
    risk: RiskWords
    evidence: EvidenceWords
    sequence: SequenceWords
    problems: ProblemWords
    read: ReadWords
    values: Table  # words for values that English cards show as they are
    terms: Terms
    knowledge: Mapping[str, str] = Field(default_factory=dict, exclude=True)  # texts of knowledge files, by the English ones
