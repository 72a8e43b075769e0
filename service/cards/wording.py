"""The words of the cards: `wording.en.yaml`, read once and checked to the last placeholder; languages.py reads the others."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from service.knowledge.one_file import read_file

FILE = Path(__file__).with_name("wording.en.yaml")

# A Spanish `y` becomes `e` before the sound of i: hi- too, but not the diphthong of hie-.
_BEGINS_WITH_I = re.compile(r"i|í|h[ií](?!e)", re.IGNORECASE)


def _filled_with(*names: str) -> AfterValidator:
    """Return a check that a text asks for these names only, without format specifications."""

    def check(text: str) -> str:
        for _, name, specification, conversion in Formatter().parse(text):
            if name is None:
                continue
            if name not in names or specification or conversion:
                raise ValueError(f"{{{name}}} is never filled in; known here: {', '.join(names) or 'nothing'}")
        return text

    return AfterValidator(check)


Plain = Annotated[str, _filled_with()]
List = Annotated[tuple[str, ...], Field(strict=False)]


class Words(BaseModel):
    """The root of all parts: frozen, unknown keys refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Topic(Words):
    """The stable code of a kind of advice."""

    code: str
    display: str


class Topics(Words):
    """The topics of cards that do not belong to a product."""

    profile: Topic
    gaps: Topic
    conflict: Topic
    trial: Topic


class SummaryPart(Words):
    """How one fact is shown in the line of the profile; a value without words is left out."""

    fact: str
    values: dict[str, Plain] = Field(default_factory=dict)
    beside: str = ""  # the fact that says more than this one
    alone: dict[str, Plain] = Field(default_factory=dict)  # words for values that are said only where that fact is not known
    shown: Annotated[str, _filled_with("value")] = ""
    unknown: Plain = ""
    conflicting: Plain = ""


class ProfileWords(Words):
    """The card that describes the leukaemia."""

    longest_summary: int
    needs_named: int  # of a group that is open, before the others are counted
    joined_by: Plain
    summary: Annotated[tuple[SummaryPart, ...], Field(strict=False)]
    summary_group: Annotated[str, _filled_with("system", "group")]
    lead: Annotated[str, _filled_with("line")]
    facts_heading: Plain
    fact_line: Annotated[str, _filled_with("label", "value", "evidence")]
    fact_line_bare: Annotated[str, _filled_with("label", "value")]
    groups_heading: Plain
    group_decided: Annotated[str, _filled_with("system", "group")]
    group_reported: Annotated[str, _filled_with("system", "group")]
    group_open: Annotated[str, _filled_with("system", "possible", "needs")]
    group_open_for_good: Annotated[str, _filled_with("system", "possible")]
    group_not_encoded: Annotated[str, _filled_with("system")]
    group_allocation: Annotated[str, _filled_with("to")]
    group_recorded: Annotated[str, _filled_with("group")]
    group_question: Annotated[str, _filled_with("question")]
    flagged: Annotated[str, _filled_with("flags")]
    unsettled_heading: Plain
    missing: Annotated[str, _filled_with("labels")]
    could_not_be_had: Annotated[str, _filled_with("kinds")]
    could_not_be_fetched: Annotated[str, _filled_with("kinds")]
    facts: List
    asked: List
    when_true: List
    recorded_systems: List
    record_label: Annotated[str, _filled_with("system", "group")]
    record_text: Annotated[str, _filled_with("system", "group")]


class TherapyWords(Words):
    """The card of one product."""

    summary: Annotated[str, _filled_with("name", "regulators")]
    summary_contraindicated: Annotated[str, _filled_with("name", "regulators")]
    shorter: Annotated[tuple[Annotated[str, _filled_with("name", "regulators")], ...], Field(strict=False)]
    shorter_contraindicated: Annotated[tuple[Annotated[str, _filled_with("name", "regulators")], ...], Field(strict=False)]
    contraindicated: Annotated[str, _filled_with("text", "mark")]
    indication: Annotated[str, _filled_with("regulator", "status", "effective", "says")]
    criteria_heading: Plain
    criterion: Annotated[str, _filled_with("text", "evidence")]
    criterion_bare: Annotated[str, _filled_with("text")]
    cautions_heading: Plain
    caution: Annotated[str, _filled_with("level", "text", "mark")]
    caution_holds: Annotated[str, _filled_with("level", "text", "mark")]
    caution_unknown: Annotated[str, _filled_with("level", "text", "mark", "needs")]
    caution_read: Annotated[str, _filled_with("level", "text", "mark", "read")]
    read: Annotated[str, _filled_with("label", "evidence")]
    read_in_part: Annotated[str, _filled_with("read", "needs")]
    mark: Plain
    evidence_heading: Plain
    evidence_line: Annotated[str, _filled_with("line", "citation")]
    evidence_lines: int
    open_heading: Plain
    open_line: Annotated[str, _filled_with("question", "line")]
    open_lines: int
    closes_heading: Plain
    closes_line: Annotated[str, _filled_with("name", "id", "criteria")]
    unverified_heading: Plain
    unverified_line: Annotated[str, _filled_with("text")]
    interpretation_line: Annotated[str, _filled_with("text")]
    row_unverified: Annotated[str, _filled_with("id")]
    levels: dict[str, Plain]
    statuses: dict[str, Plain]
    flags: dict[str, Plain]


class OrderWords(Words):
    """The cards of an order of a product: what the label says of it, and the cautions that hold."""

    name: Annotated[str, _filled_with("name")]
    name_warning: Annotated[str, _filled_with("name")]
    lead: Annotated[str, _filled_with("name")]
    summary_on_label: Annotated[str, _filled_with("name", "regulators")]
    summary_open: Annotated[str, _filled_with("name", "regulators")]
    summary_open_needs: Annotated[str, _filled_with("name", "regulators", "needs")]
    summary_not_met: Annotated[str, _filled_with("name", "regulators")]
    summary_not_approved: Annotated[str, _filled_with("name", "regulators", "as_of")]
    summary_not_listed: Annotated[str, _filled_with("name", "regulators")]
    summary_not_all: Annotated[str, _filled_with("name")]
    summary_other_route: Annotated[str, _filled_with("name", "says")]
    summary_warning: Annotated[str, _filled_with("name", "labels")]
    summary_target_lost: Annotated[str, _filled_with("name", "labels")]
    summary_contraindicated: Annotated[str, _filled_with("name", "labels")]
    not_all: Annotated[str, _filled_with("state")]
    not_listed: Annotated[str, _filled_with("regulators")]
    not_approved: Annotated[str, _filled_with("regulator", "as_of")]
    open_heading: Annotated[str, _filled_with("regulator")]
    not_met_heading: Annotated[str, _filled_with("regulator")]
    row: Annotated[str, _filled_with("says", "parts")]
    part_not_met: Annotated[str, _filled_with("criteria")]
    part_open: Annotated[str, _filled_with("criteria")]
    part_date: Plain
    criterion: Annotated[str, _filled_with("text", "evidence")]
    need: Annotated[str, _filled_with("label", "state")]
    rows: int
    needs_named: int
    alternatives_heading: Plain
    alternative: Annotated[str, _filled_with("name", "regulators")]
    alternative_contraindicated: Annotated[str, _filled_with("name", "regulators")]
    warning_heading: Plain
    warning: Annotated[str, _filled_with("level", "text", "mark", "evidence")]
    warns: List
    warns_without_all: List
    target_lost: Annotated[str, _filled_with("evidence")]
    ground: Annotated[str, _filled_with("label", "evidence")]
    topic: Annotated[str, _filled_with("topic")]
    topic_warning: Annotated[str, _filled_with("topic")]


class TrialWords(Words):
    """The cards of trials."""

    summary: Annotated[str, _filled_with("name", "id", "recruiting", "seen")]
    summary_needs: Annotated[str, _filled_with("name", "id", "recruiting", "seen")]
    shorter: Annotated[tuple[Annotated[str, _filled_with("name", "id", "seen")], ...], Field(strict=False)]
    shorter_needs: Annotated[tuple[Annotated[str, _filled_with("name", "id", "seen")], ...], Field(strict=False)]
    recruiting: Plain
    recruiting_in: Annotated[str, _filled_with("count")]
    lead: Annotated[str, _filled_with("title", "sponsor", "phase")]
    recruitment: Annotated[str, _filled_with("status", "seen", "source")]
    not_open: Plain
    sites_heading: Plain
    site: Annotated[str, _filled_with("facility", "city", "country")]
    site_far: Annotated[str, _filled_with("facility", "city", "country", "kilometres")]
    sites: int
    met_heading: Plain
    missing_heading: Plain
    asked_heading: Plain
    criterion: Annotated[str, _filled_with("id", "text", "evidence", "mark")]
    criterion_bare: Annotated[str, _filled_with("id", "text", "mark")]
    criterion_missing: Annotated[str, _filled_with("id", "text", "needs", "mark")]
    mark: Plain
    arms_heading: Plain
    arm_fits: Annotated[str, _filled_with("name", "text")]
    arm_open: Annotated[str, _filled_with("name", "text", "needs")]
    arm_undecided: Annotated[str, _filled_with("name", "text")]
    arm_not: Annotated[str, _filled_with("name", "text", "criteria", "otherwise")]
    on_label: Annotated[str, _filled_with("names")]
    closed_by: Annotated[str, _filled_with("names")]
    flags: dict[str, Plain]
    link_label: Annotated[str, _filled_with("id")]
    registry_page: Annotated[str, _filled_with("id")]
    suggestion_label: Annotated[str, _filled_with("name")]
    suggestion_text: Annotated[str, _filled_with("name", "id")]
    unconfirmed_summary: Annotated[str, _filled_with("names")]
    unconfirmed_lead: Plain
    unconfirmed_line: Annotated[str, _filled_with("name", "id", "title", "recruitment", "fit")]
    last_seen: Annotated[str, _filled_with("status", "seen")]
    never_seen: Plain
    unconfirmed: int
    undated: Plain
    fits: dict[str, Plain]
    statuses: dict[str, Plain]


class GapWords(Words):
    """The card of what is missing."""

    summary: Annotated[str, _filled_with("asks")]
    lead: Plain
    need: Annotated[str, _filled_with("ask", "gap", "targets")]
    need_contributes: Annotated[str, _filled_with("ask", "gap")]
    listed: int
    suggested: int
    decided: int  # how many verdicts that an item would decide are named
    suggestion_label: Annotated[str, _filled_with("ask")]
    target_risk: Annotated[str, _filled_with("system")]
    target_therapy: Annotated[str, _filled_with("name", "regulator")]
    target_trial: Annotated[str, _filled_with("name", "id")]
    gaps: dict[str, Plain]


class ConflictWords(Words):
    """The card of what the record contradicts."""

    summary: Annotated[str, _filled_with("names")]
    summary_unnamed: Annotated[str, _filled_with("text")]
    lead: Plain
    fact: Annotated[str, _filled_with("label", "evidence")]
    problem: Annotated[str, _filled_with("text", "where")]
    listed: int


class SummaryWords(Words):
    """The plain text for people at a command line."""

    title: Annotated[str, _filled_with("patient", "as_of", "known_by", "version")]
    facts: Plain
    fact: Annotated[str, _filled_with("label", "value")]
    fact_evidence: Annotated[str, _filled_with("evidence")]
    unknown: Annotated[str, _filled_with("gap")]
    not_answered: Plain
    groups: Plain
    group: Annotated[str, _filled_with("system", "state", "group")]
    therapies: Plain
    therapy: Annotated[str, _filled_with("regulator", "name", "verdict")]
    therapy_needs: Annotated[str, _filled_with("needs")]
    indication: Annotated[str, _filled_with("id", "truth")]
    trials: Plain
    trial: Annotated[str, _filled_with("id", "name", "fit", "status", "seen", "open")]
    trial_needs: Annotated[str, _filled_with("needs")]
    trials_not_fitting: Annotated[str, _filled_with("count")]
    needs: Plain
    need: Annotated[str, _filled_with("ask", "gap", "count", "targets")]
    problems: Plain
    problem: Annotated[str, _filled_with("severity", "code", "where", "text")]


class Wording(Words):
    """All words of all cards in one language.

    `review`: `reference` for the language that the others are made from, `translated` where no clinician has reviewed the
    texts yet, `reviewed` where one has.
    """

    language: Literal["en", "es"]
    review: Literal["reference", "translated", "reviewed"]
    version: int
    source_label: Annotated[str, _filled_with("version")]
    overflow: Annotated[str, _filled_with("count", "limit", "names")]
    footer: Annotated[str, _filled_with("as_of", "version")]
    not_reviewed: Plain
    and_word: Plain
    and_word_before_i: Plain
    true_word: Plain
    false_word: Plain
    not_found: Plain
    contradictory: Plain
    evidence: Annotated[str, _filled_with("text", "date")]
    evidence_undated: Annotated[str, _filled_with("text")]
    more: Annotated[str, _filled_with("count")]
    link_label: Plain
    asked_for_day: Annotated[str, _filled_with("as_of")]
    asked_for_knowledge: Annotated[str, _filled_with("known_by")]
    never_cut_off: List
    override_reasons: Annotated[tuple[str, ...], Field(strict=False, max_length=6)]
    reason_words: dict[str, Plain]
    topics: Topics
    facts: dict[str, Plain]
    units: dict[str, Plain]
    values: dict[str, Plain]
    kinds: dict[str, Plain]
    flags: dict[str, Plain]
    profile: ProfileWords
    therapy: TherapyWords
    order: OrderWords
    trial: TrialWords
    gaps: GapWords
    conflict: ConflictWords
    summary: SummaryWords

    def label(self, fact: str) -> str:
        """Return the short name of a fact."""
        return self.facts.get(fact) or fact.replace("_", " ")

    def flag_words(self, flags: tuple[str, ...]) -> str:
        """Return the flags that have words, as a list; empty where none has."""
        return ", ".join(self.flags[flag] for flag in flags if flag in self.flags)

    def listing(self, items: tuple[str, ...] | list[str]) -> str:
        """Return the items as a phrase: `a`, `a and b`, `a, b and c`."""
        if len(items) < 2:  # noqa: PLR2004 - one item needs no joining word
            return "".join(items)
        joining = self.and_word
        if self.and_word_before_i != joining and _BEGINS_WITH_I.match(items[-1]):
            joining = self.and_word_before_i
        return f"{', '.join(items[:-1])} {joining} {items[-1]}"

    def footer_of(self, as_of: str, version: str) -> str:
        """Return the last line of a card: its day, the state of knowledge, and whether its words still wait for a reviewer."""
        footer = self.footer.format(as_of=as_of, version=version)
        return f"{footer} {self.not_reviewed}" if self.review == "translated" else footer


@cache
def load_wording(path: Path = FILE) -> Wording:
    """Return the words of the cards.

    Raises: KnowledgeError listing every fault of the file.
    """
    return read_file(path, Wording)
