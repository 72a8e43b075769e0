"""What the explanation page shows: plain values in the order in which they are read."""

from __future__ import annotations

from dataclasses import dataclass, field

Json = dict[str, object]


@dataclass(frozen=True, slots=True)
class Word:
    """A text and whether it is in the language of the page; knowledge files are in English."""

    text: str
    own: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """A text that leads to a place on this page (`#...`) or to a source; without an address it is only a text."""

    text: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class Rest:
    """One datum that a statement rests on: the resource, its date, what was read there; `anchor`: its row on this page."""

    reference: str
    anchor: str
    date: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """How far something was checked; `code` is the letter in the knowledge files, `warns` where nobody read the source."""

    code: str
    text: str
    short: str
    warns: bool


@dataclass(frozen=True, slots=True)
class SourceRow:
    """Where a row was read."""

    id: str
    anchor: str
    title: str
    address: str
    dated: str
    read_on: str
    strength: str


@dataclass(frozen=True, slots=True)
class FactRow:
    """One fact: label, value or why there is none, what it rests on."""

    name: str
    label: str
    value: str
    state: str
    rests: tuple[Rest, ...]
    flags: tuple[str, ...] = ()
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Profile:
    """The leukaemia in a line, and what was found."""

    line: str
    patient: str
    as_of: str
    known_by: str
    regulators: str
    country: str
    version: str
    digest: str
    answered: bool
    changed: str  # the knowledge of today where it is another one
    facts: tuple[FactRow, ...]


@dataclass(frozen=True, slots=True)
class NeedRow:
    """One missing datum: what to ask for, why it is missing, what it could decide, the test to order."""

    fact: str
    ask: str
    gap: str
    decides: tuple[Link, ...]
    order: str


@dataclass(frozen=True, slots=True)
class CourseRow:
    """One item of the course for the table."""

    date: str
    kind: str
    text: str
    value: str
    reference: Rest


@dataclass(frozen=True, slots=True)
class Course:
    """The course: rows of the table, and the same as data for the plot."""

    rows: tuple[CourseRow, ...]
    chart: Json
    description: str
    drawn: bool


@dataclass(frozen=True, slots=True)
class Criterion:
    """One criterion with its answer and what the answer rests on."""

    anchor: str
    id: str
    text: str
    truth: str
    exclusion: bool
    rests: tuple[Rest, ...]
    needs: tuple[str, ...]
    reasons: tuple[str, ...]
    note: str
    flags: tuple[str, ...]
    mark: Mark | None
    any_of: str = ""


@dataclass(frozen=True, slots=True)
class Indication:
    """One row of a regulator's list as it was applied."""

    anchor: str
    id: str
    regulator: str
    says: str
    setting: str
    truth: str
    status: Word
    since: str
    until: str
    read_on: str
    mark: Mark | None
    document: SourceRow | None
    sources: tuple[SourceRow, ...]
    unverified: tuple[str, ...]
    interpretation: tuple[str, ...]
    flags: tuple[str, ...]
    criteria: tuple[Criterion, ...]
    cells: dict[str, tuple[Criterion, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Caution:
    """A caution; `truth` yes: it holds for this patient; `always`: it has no test."""

    id: str
    level: str
    level_words: str
    text: str
    truth: str
    always: bool
    rests: tuple[Rest, ...]
    needs: tuple[str, ...]
    sources: tuple[SourceRow, ...]
    mark: Mark | None
    regulators: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer of one regulator's list."""

    regulator: str
    verdict: str
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Product:
    """One product: verdicts of the regulators, their rows, the cautions."""

    id: str
    anchor: str
    name: str
    brand: str
    kind: str
    verdicts: tuple[Verdict, ...]
    best: str
    indications: tuple[Indication, ...]  # those that match or are open
    others: tuple[Indication, ...]
    cautions: tuple[Caution, ...]  # those that hold, or are to be excluded and serious
    other_cautions: tuple[Caution, ...]


@dataclass(frozen=True, slots=True)
class Arm:
    """One arm of a trial."""

    name: str
    text: str
    fit: str
    open: str
    seen: str
    otherwise: str
    criteria: tuple[Criterion, ...]


@dataclass(frozen=True, slots=True)
class Trial:
    """One trial: fit and, apart from it, recruitment with its day."""

    anchor: str
    id: str
    name: str
    title: str
    address: str
    sponsor: str
    phase: str
    products: str
    fit: str
    open: str
    status: str
    seen: str
    source: Link
    criteria: tuple[Criterion, ...]
    failing: bool
    needs: tuple[str, ...]
    confirm: tuple[str, ...]
    arms: tuple[Arm, ...]
    on_label: str
    closed_by: str
    flags: tuple[str, ...]
    sites: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Trials:
    """All trials by fit."""

    fitting: tuple[Trial, ...]
    needing: tuple[Trial, ...]
    not_fitting: tuple[Trial, ...]


@dataclass(frozen=True, slots=True)
class RiskGroup:
    """The answer of one risk system."""

    anchor: str
    system: str
    title: str
    population: str
    state: str
    group: str
    possible: str
    candidate: str
    recorded: str
    row: str
    needs: tuple[str, ...]
    rests: tuple[Rest, ...]
    question: str
    flags: tuple[Word, ...]
    allocation: str
    mark: Mark | None


@dataclass(frozen=True, slots=True)
class FigureRow:
    """One published figure; `text` empty: not verified, and not shown."""

    measure: str
    text: str
    mark: Mark | None


@dataclass(frozen=True, slots=True)
class StudyRow:
    """One study with its figures."""

    id: str
    name: str
    population: str
    n: str
    registry: Link
    citation: Link
    figures: tuple[FigureRow, ...]
    mark: Mark | None


@dataclass(frozen=True, slots=True)
class Evidence:
    """The studies of one product, and their figures as data for the plot."""

    anchor: str
    name: str
    best: str
    studies: tuple[StudyRow, ...]
    chart: Json
    description: str
    drawn: bool


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """What is open about the order of therapies, with what was published."""

    id: str
    question: str
    says: str
    published: str
    citation: str
    products: str
    mark: Mark | None


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem of the record."""

    severity: str
    severity_words: str
    code: str
    where: Rest | None
    place: str
    text: str


@dataclass(frozen=True, slots=True)
class ReadRow:
    """One resource and what was read from it."""

    rest: Rest
    said: tuple[tuple[str, str], ...]  # text and date
    facts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """The whole page."""

    profile: Profile
    needs: tuple[NeedRow, ...]
    contributing: tuple[NeedRow, ...]
    course: Course
    products: tuple[Product, ...]
    trials: Trials
    risk_groups: tuple[RiskGroup, ...]
    not_applicable: tuple[RiskGroup, ...]
    evidence: tuple[Evidence, ...]
    questions: tuple[OpenQuestion, ...]
    problems: tuple[Problem, ...]
    read: tuple[ReadRow, ...]
    facts: tuple[FactRow, ...]
    unknown_facts: tuple[FactRow, ...]
    sources: tuple[SourceRow, ...]
