"""What the console shows, ready for the template: cards, exact messages, verdicts before and after, faults with their place."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from service.cards.languages import REFERENCE
from service.cards.parts import TRACE
from service.consultation.supposed import AGE, AS_OF, BIRTH_DATE, changeable
from service.consultation.turned import KINDS
from service.facts.catalogue import CATALOGUE, Kind
from service.web.console.markdown import markdown
from service.web.json_place import json_place
from service.web.pages.explanation.desk import Desk
from service.web.pages.texts import part, rows, text, texts, web_address

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from service.cards.profiles import ClientProfile
    from service.knowledge.library import Library
    from service.web.console.words import ConsoleWords
    from service.web.pages.catalogue import Catalogue

Json = dict[str, Any]

LONGEST = 300_000  # signs of a message that are shown
# Signs that nobody sees, or that turn the direction of a line: in JSON they may be written as escapes, and mean the same.
_UNSEEN = re.compile(r"[\u007f-\u009f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff\ufff9-\ufffb]")
_AROUND = 60  # signs of a line that are shown on either side of a fault
_SIGNS = {"info": "i", "warning": "!", "critical": "!!"}
_PLAIN = "plain"


def pretty(message: bytes | Mapping[str, object]) -> tuple[str, bool]:
    """Return a message as indented JSON with every unseen sign written as an escape, and whether it had to be cut."""
    value = orjson.loads(message) if isinstance(message, bytes) else message
    written = orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()
    shown = _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", written[:LONGEST])
    return shown, len(written) > LONGEST


# ---------------------------------------------------------------- faults


@dataclass(frozen=True, slots=True)
class Line:
    """A piece of a line of what was sent, and where in it the fault stands."""

    number: int
    before: str
    at: str
    after: str


@dataclass(frozen=True, slots=True)
class Failure:
    """Why there is no answer: in plain words, where, and the outcome as it is sent."""

    plain: str
    where: str
    diagnostics: str
    code: str
    status: int
    outcome: str
    place: tuple[int, int] | None = None
    lines: tuple[Line, ...] = ()


def failure(outcome: bytes, status: int, body: bytes, c: ConsoleWords, w: Catalogue) -> Failure:
    """Return an OperationOutcome in plain words; for a text that is not JSON, with the lines around the place."""
    issue = next(iter(rows(part(orjson.loads(outcome)).get("issue"))), {})
    code = text(part(issue.get("details")).get("text"))
    place = json_place(body) if code == "not-json" else None
    return Failure(
        plain=c.errors.get(code) or w.error.codes.get(code) or w.error.other,
        where=", ".join(texts(issue.get("expression"))),
        diagnostics=text(issue.get("diagnostics")),
        code=code,
        status=status,
        outcome=pretty(outcome)[0],
        place=place,
        lines=_lines(body, *place) if place is not None else (),
    )


def _lines(body: bytes, line: int, column: int) -> tuple[Line, ...]:
    written = body.decode("utf-8", errors="replace").split("\n")
    found = written[line - 1] if line <= len(written) else ""
    at = column - 1
    start = max(0, at - _AROUND)
    marked = Line(line, found[start:at], found[at : at + 1], found[at + 1 : at + _AROUND])
    above = (Line(line - 1, written[line - 2][: 2 * _AROUND], "", ""),) if line > 1 else ()
    return (*above, marked)


# ---------------------------------------------------------------- cards


@dataclass(frozen=True, slots=True)
class CardView:
    """One card as it is shown."""

    card: Mapping[str, Any]
    language: str
    sign: str
    detail: str  # HTML of ours, or text where the client shows none
    plain: bool
    source: str  # address, where it is one of the web
    suggestions: tuple[tuple[Mapping[str, Any], tuple[tuple[Mapping[str, Any], str], ...]], ...]
    links: tuple[tuple[Mapping[str, Any], str], ...]


def card_views(answer: Mapping[str, object], profile: ClientProfile) -> tuple[CardView, ...]:
    """Return the cards of an answer as the client of this profile would show them."""
    plain = profile.detail == _PLAIN
    return tuple(
        CardView(
            card=card,
            language=text(part(part(card.get("extension")).get(TRACE)).get("language")) or REFERENCE,
            sign=_SIGNS.get(text(card.get("indicator")), "?"),
            detail=text(card.get("detail")) if plain else markdown(text(card.get("detail"))),
            plain=plain,
            source=web_address(part(card.get("source")).get("url")),
            suggestions=tuple(
                (
                    suggestion,
                    tuple((action, pretty(part(action.get("resource")))[0]) for action in rows(suggestion.get("actions"))),
                )
                for suggestion in rows(card.get("suggestions"))
            ),
            links=tuple((link, web_address(link.get("url"))) for link in rows(card.get("links"))),
        )
        for card in rows(answer.get("cards"))
    )


# ---------------------------------------------------------------- verdicts


@dataclass(frozen=True, slots=True)
class VerdictRow:
    """One verdict before and after in words; `why` lists the criteria that changed."""

    name: str
    of: str
    before: str
    after: str
    states: tuple[str, str]
    turns: bool
    why: tuple[tuple[str, str, str, str], ...]


@dataclass(frozen=True, slots=True)
class WhatIfView:
    """Which verdicts turn."""

    changes: tuple[tuple[str, str, str, str], ...]  # as sent, fact, before, after
    followed: tuple[tuple[str, str, str], ...]
    turned: Mapping[str, int]
    kinds: Mapping[str, tuple[VerdictRow, ...]]
    concerns: bool


def what_if_view(compared: Mapping[str, Any], sent: Sequence[str], desk: Desk, c: ConsoleWords) -> WhatIfView:
    """Return the comparison in the words of the page."""
    changed = {row["fact"]: row for row in compared["changes"]}
    names = {AS_OF: c.as_of, BIRTH_DATE: c.birth_date}
    changes = []
    for change in sent:
        name, _, value = change.partition("=")
        row = changed.get(name)
        if row is not None:
            changes.append((change, desk.label(name), desk.value(row["before"]), desk.value(row["after"])))
        else:
            before = compared["asOf"]["before"] if name == AS_OF else ""
            changes.append((change, names.get(name, name), before, value))
    return WhatIfView(
        changes=tuple(changes),
        followed=tuple(
            (desk.label(row["fact"]), desk.value(row["before"]), desk.value(row["after"])) for row in compared["followed"]
        ),
        turned=compared["turned"],
        kinds={kind: tuple(_row(kind, row, desk, c) for row in compared[kind] if _is_shown(kind, row)) for kind in KINDS},
        concerns=bool(compared["therapies"]),
    )


def _is_shown(kind: str, row: Mapping[str, Any]) -> bool:
    """Return whether a verdict says something: trials that do not fit and risk systems that do not apply are passed over."""
    if row["turns"]:
        return True
    if kind == "trials":
        return bool(row["before"] != "does-not-fit")
    return kind != "riskGroups" or row["before"]["state"] not in {"not-applicable", "not-encoded"}


def _row(kind: str, row: Mapping[str, Any], desk: Desk, c: ConsoleWords) -> VerdictRow:
    w = desk.words
    states = tuple(_state(row[side]) for side in ("before", "after"))
    if kind == "riskGroups":
        before, after = (_group(row[side], desk, c) for side in ("before", "after"))
    else:
        before, after = (w.therapies.verdicts.get(state) or w.trials.fits.get(state) or c.not_given for state in states)
    truths = w.therapies.truths
    return VerdictRow(
        name=desk.product(row["product"]) if kind == "therapies" else row.get("name") or row["id"],
        of=row["regulator"] if kind == "therapies" else row["id"] if kind == "trials" else "",
        before=before,
        after=after,
        states=(states[0], states[1]),
        turns=row["turns"],
        why=tuple(
            (criterion["text"], criterion["id"], truths.get(criterion["before"], "–"), truths.get(criterion["after"], "–"))
            for criterion in row["criteria"]
        )
        if row["turns"]
        else (),
    )


def _state(verdict: object) -> str:
    return text(verdict["state"]) if isinstance(verdict, dict) else text(verdict)


def _group(verdict: Mapping[str, Any] | None, desk: Desk, c: ConsoleWords) -> str:
    if verdict is None:
        return c.not_given
    if verdict["group"]:
        return str(verdict["group"])
    if verdict["possible"]:
        return c.undecided_group.format(name=", ".join(verdict["possible"]))
    return text(desk.words.risk.states.get(verdict["state"], verdict["state"]))


# ---------------------------------------------------------------- what may be changed


@dataclass(frozen=True, slots=True)
class Choices:
    """The facts to choose from: those that would decide something, day and age, all others; and which values each may have."""

    groups: tuple[tuple[str, tuple[tuple[str, str, str], ...]], ...]
    values: Mapping[str, Json]


def choices(document: Mapping[str, Any], desk: Desk, c: ConsoleWords) -> Choices:
    """Return what may be changed of a record, each with what it is now."""
    facts = document["facts"]
    specs = {spec.name: spec for spec in changeable()}
    deciding = [need["fact"] for need in document["needs"] if need["fact"] in specs]
    whole = sorted((name for name in specs if name not in deciding), key=lambda name: desk.label(name).casefold())

    def listed(names: Sequence[str]) -> tuple[tuple[str, str, str], ...]:
        return tuple((name, desk.label(name), desk.value(facts[name])) for name in names)

    day = ((AS_OF, c.as_of, document["asOf"]), *listed([AGE]), (BIRTH_DATE, c.birth_date, ""))
    groups = ((c.would_decide, listed(deciding)), (c.the_day, day), (c.every_fact, listed(whole)))
    values = {name: _values(name, desk) for name in (AS_OF, AGE, BIRTH_DATE, *specs)}
    return Choices(tuple((label, rows_) for label, rows_ in groups if rows_), values)


def _values(name: str, desk: Desk) -> Json:
    spec = CATALOGUE.get(name)
    if spec is None:
        return {"kind": "date"}
    if spec.kind is Kind.TRUTH:
        return {"kind": "list", "values": [["true", desk.words.terms.true_word], ["false", desk.words.terms.false_word]]}
    if spec.kind is Kind.WORD:
        return {"kind": "list", "values": [[word, desk.plain(word)] for word in spec.values]}
    return {"kind": spec.kind.value}


def desk_of(document: Mapping[str, object], library: Library, words: Catalogue) -> Desk:
    """Return the desk at which values become words."""
    return Desk.of(document, library, words)
