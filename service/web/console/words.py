"""The words of the console: one catalogue for each language, read once; what stands in one only stops the start."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated

from service.cards.languages import LANGUAGES
from service.knowledge.one_file import read_file
from service.web.pages.catalogue import Count, Name, Plain, Table, Words, filled_with
from service.web.pages.words import refuse_unequal

FOLDER = Path(__file__).with_name("words")


class ConsoleWords(Words):
    """Everything that the console says."""

    title: Plain
    lead: Plain
    no_script: Plain
    patient: Plain
    example: Plain
    no_example: Plain
    patients: Plain
    requests: Plain
    text: Plain
    text_help: Plain
    file: Plain
    call: Plain
    service: Plain
    as_sent: Plain
    profile: Plain
    as_of: Plain
    as_of_help: Plain
    regulators: Plain
    country: Plain
    country_help: Plain
    language: Plain
    ask: Plain
    open_explanation: Plain
    open_assessment: Plain
    new_tab: Plain
    empty: Plain
    asking: Plain
    failed: Plain
    not_read: Plain
    where: Plain
    line: Annotated[str, filled_with("line", "column")]
    technical: Plain
    outcome: Plain
    on_this_page: Plain
    cards: Plain
    no_cards: Plain
    system_actions: Plain
    answered_by: Annotated[str, filled_with("service", "hook", "profile")]
    indicators: Table
    source: Plain
    topic: Plain
    suggestions: Plain
    recommended: Plain
    at_most_one: Plain
    shows_resource: Plain
    actions: Table
    accept: Plain
    links: Plain
    opens_app: Plain
    override: Plain
    reason: Plain
    no_reason: Plain
    comment: Plain
    feedback: Plain
    feedback_sent: Plain
    feedback_answered: Plain
    what_if: Plain
    what_if_lead: Plain
    fact: Plain
    new_value: Plain
    apply: Plain
    changes: Plain
    change_help: Plain
    not_known: Plain
    would_decide: Plain
    the_day: Plain
    every_fact: Plain
    birth_date: Plain
    now: Plain
    value_help: Plain
    nothing_turns: Plain
    turns: Annotated[str, filled_with("therapies", "trials", "risks")]
    followed: Plain
    therapies: Plain
    trials: Plain
    risk_groups: Plain
    verdict: Plain
    before: Plain
    after: Plain
    turned: Plain
    because: Plain
    not_given: Plain
    no_verdicts: Plain
    others: Count
    undecided_group: Name
    problems: Plain
    request: Plain
    response: Plain
    exact: Plain
    sent_to: Name
    detail: Plain
    copy_it: Plain
    copied: Plain
    shortened: Plain
    errors: Table


@cache
def console_words(folder: Path = FOLDER) -> dict[str, ConsoleWords]:
    """Return the words of each language.

    Raises: KnowledgeError listing the faults of the first file that has some, or every key that stands in one language only.
    """
    found = {language: _read(folder / f"{language}.yaml") for language in LANGUAGES}
    refuse_unequal(found, "console/words/")
    return found


def _read(path: Path) -> ConsoleWords:
    return read_file(path, ConsoleWords, f"console/words/{path.name}")
