"""The words of these pages: one file for each language; a text that is missing, extra or filled in wrongly stops the start."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import Field

from service.cards.languages import LANGUAGES
from service.knowledge.one_file import read_file
from service.web.pages.catalogue import Count, Name, Plain, Table, Words, filled_with
from service.web.pages.words import FOLDER, refuse_unequal

Texts = Annotated[tuple[Plain, ...], Field(strict=False, min_length=1)]


class ChromeWords(Words):
    """What stands around each of these pages."""

    section: Plain
    nav: Plain
    pages: Table
    download: Plain
    made: Annotated[str, filled_with("day", "version")]
    not_for_care: Plain
    contents: Plain


class RowWords(Words):
    """The days and marks of a row."""

    since: Plain
    until: Plain
    open_end: Plain
    recorded: Plain
    read_on: Plain
    uncertain: Annotated[str, filled_with("first", "last")]
    mark: Plain
    verified: Plain
    sources: Plain
    no_sources: Plain
    days: Plain
    standing: Table
    note: Plain


class KnowledgeWords(Words):
    """Everything on file."""

    title: Plain
    lead: Plain
    on_title: Plain
    on_lead: Plain
    on_label: Plain
    known_by_label: Plain
    older_than_label: Plain
    ask: Plain
    product: Plain
    standing: Table
    begins: Name
    ended: Name
    therapies: Plain
    kind: Plain
    rows: Plain
    oldest: Plain
    stale_rows: Count
    trials: Plain
    trials_lead: Plain
    trial: Plain
    products: Plain
    recruitment: Plain
    seen: Name
    undated: Plain
    never_seen: Plain
    criteria: Plain
    exclusions: Table
    exclusions_title: Plain
    not_shown: Name
    systems: Plain
    system: Plain
    population: Plain
    state: Plain
    states: Table
    limits: Plain
    limit: Plain
    value: Plain
    stale: Plain
    stale_none: Annotated[str, filled_with("days")]
    stale_lead: Annotated[str, filled_with("days")]
    where: Plain
    age: Annotated[str, filled_with("days")]
    changes: Plain
    changes_lead: Plain
    change: Plain
    begins_word: Plain
    ends_word: Plain
    recorded_title: Plain
    recorded_rows: Count
    marks_title: Plain
    sources: Plain


class DetailWords(Words):
    """One therapy, trial or risk system."""

    back: Plain
    target: Plain
    indications: Plain
    setting: Plain
    document: Plain
    criterion: Plain
    kinds: Table
    any_of: Name
    unverified: Plain
    interpretation: Plain
    cautions: Plain
    cautions_lead: Plain
    dosing: Plain
    dosing_lead: Plain
    evidence: Plain
    numbers: Plain
    sponsor: Plain
    phase: Plain
    countries: Plain
    sightings: Plain
    sightings_none: Plain
    text_seen: Name
    text_undated: Plain
    arms: Plain
    tables: Plain
    tables_none: Plain
    table: Plain
    allocation: Plain
    when: Plain
    then: Plain
    outcomes: Plain
    overlays: Plain
    questions: Plain


class FeedbackWords(Words):
    """What became of the cards."""

    title: Plain
    lead: Plain
    off: Plain
    off_but_found: Plain
    nothing: Plain
    since_label: Plain
    ask: Plain
    total: Annotated[str, filled_with("shown", "accepted", "overridden", "untold")]
    orphans: Count
    too_often: Annotated[str, filled_with("share", "least")]
    too_often_none: Annotated[str, filled_with("share", "least")]
    too_often_mark: Plain
    groups: Table
    name: Plain
    shown: Plain
    accepted: Plain
    unnamed: Count
    overridden: Plain
    untold: Plain
    reasons: Plain
    reason_words: Table
    cards: Plain
    drawn: Annotated[str, filled_with("drawn", "all")]
    description: Annotated[str, filled_with("title", "count")]
    no_script: Plain


class UnmappedWords(Words):
    """Codes that are not understood."""

    title: Plain
    lead: Plain
    not_counted: Plain
    form: Plain
    file: Plain
    text: Plain
    send: Plain
    kept: Plain
    found: Count
    none: Plain
    code: Plain
    words: Plain
    seen: Plain
    places: Plain
    perhaps: Plain
    no_system: Plain
    no_code: Plain
    more: Count
    next: Plain


class RegistryWords(Words):
    """What was seen of the trials."""

    title: Plain
    lead: Plain
    never: Plain
    last: Annotated[str, filled_with("day")]
    data_of: Name
    refresh_never: Plain
    refresh: Annotated[str, filled_with("hours")]
    asked: Plain
    stale_after: Annotated[str, filled_with("days")]
    changed: Count
    changed_none: Plain
    trial: Plain
    number: Plain
    status: Plain
    seen: Plain
    before: Name
    true_on: Name
    source: Plain
    text: Plain
    texts: Table
    not_encoded: Plain
    unregistered: Plain
    unregistered_lead: Plain
    list: Plain


class AboutWords(Words):
    """The source attributes of the decision support."""

    title: Plain
    lead: Plain
    purpose_title: Plain
    purpose: Texts
    users_title: Plain
    users: Texts
    population_title: Plain
    population: Texts
    output_title: Plain
    output: Texts
    not_title: Plain
    not_meant: Texts
    status_title: Plain
    status: Texts
    developer_title: Plain
    developer: Plain
    funding_title: Plain
    funding: Plain
    release_title: Plain
    release: Annotated[str, filled_with("version", "day")]
    digest: Plain
    read: Annotated[str, filled_with("first", "last")]
    inputs_title: Plain
    inputs_lead: Plain
    key: Plain
    template: Plain
    needed: Plain
    required: Plain
    optional: Plain
    services: Plain
    facts: Count
    attributes_title: Plain
    attributes_lead: Plain
    attribute: Plain
    attributes: Table
    used: Plain
    used_yes: Plain
    used_no: Plain
    limits_title: Plain
    limits: Texts
    unverified_rows: Annotated[str, filled_with("count", "all")]
    exclusions_open: Annotated[str, filled_with("count", "all")]
    systems_open: Annotated[str, filled_with("count", "names")]
    stale_rows: Annotated[str, filled_with("count", "days")]
    citations_title: Plain
    citations_lead: Plain
    evidence: Plain
    citation: Plain
    sources_title: Plain
    sources_lead: Plain
    source: Plain
    strength: Plain
    dated: Plain
    update_title: Plain
    update: Texts
    update_stale: Annotated[str, filled_with("days")]
    update_never: Plain
    update_hours: Annotated[str, filled_with("hours")]


class OperatorWords(Words):
    """All words of these pages in one language."""

    language: Plain
    chrome: ChromeWords
    row: RowWords
    knowledge: KnowledgeWords
    detail: DetailWords
    feedback: FeedbackWords
    unmapped: UnmappedWords
    registry: RegistryWords
    about: AboutWords


@cache
def load_operator_words(folder: Path = FOLDER) -> dict[str, OperatorWords]:
    """Return the words of each language. Raises: KnowledgeError listing the faults of the files."""
    found = {language: _words(folder / f"operators.{language}.yaml") for language in LANGUAGES}
    refuse_unequal(found, "words/operators.")
    return found


def _words(path: Path) -> OperatorWords:
    return read_file(path, OperatorWords, f"words/{path.name}")
