"""Trials: fit and recruitment side by side, never mixed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.web.pages.explanation.model import Arm, Link, Trial, Trials
from service.web.pages.explanation.therapies import criterion
from service.web.pages.texts import anchor, part, rows, text, texts, web_address

if TYPE_CHECKING:
    from collections.abc import Mapping

    from service.web.pages.explanation.desk import Desk

_OPEN = ("yes", "not-yet", "stale", "unknown", "no")
_REGISTERED = "NCT"


def trials(desk: Desk, registry_page: str) -> Trials:
    """Return the trials by fit, within each those that take patients first; `registry_page` is the address with `{id}`."""
    made = [_trial(desk, row, registry_page) for row in rows(desk.document.get("trials"))]
    made.sort(key=lambda trial: _OPEN.index(trial.open))
    by_fit = {fit: tuple(trial for trial in made if trial.fit == fit) for fit in ("fits", "needs-data", "does-not-fit")}
    return Trials(by_fit["fits"], by_fit["needs-data"], by_fit["does-not-fit"])


def _trial(desk: Desk, row: Mapping[str, object], registry_page: str) -> Trial:
    words = desk.words.trials
    recruitment = part(row.get("recruitment"))
    name, status, source = text(row.get("id")), text(recruitment.get("status")), text(recruitment.get("source"))
    place = anchor("trial", name)
    failing = frozenset(texts(row.get("failing")))
    # Of a trial that does not fit it is shown why: the other criteria change nothing any more.
    asked = [found for found in rows(row.get("criteria")) if not failing or text(found.get("id")) in failing]
    arms = () if failing else rows(row.get("arms"))
    return Trial(
        anchor=place,
        id=name,
        name=text(row.get("name")),
        title=text(row.get("title")),
        address=web_address(registry_page.format(id=name)) if name.startswith(_REGISTERED) else "",
        sponsor=text(row.get("sponsor")),
        phase=text(row.get("phase")),
        products=", ".join(texts(row.get("interventions"))),
        fit=text(row.get("fit")),
        open=text(recruitment.get("open")) if recruitment.get("open") in _OPEN else "unknown",
        status=desk.words.terms.recruitment.get(status, status) or words.status_missing,
        seen=text(recruitment.get("seen")),
        source=Link(source, web_address(source)),
        criteria=tuple(criterion(desk, found, f"{place}-{number}") for number, found in enumerate(asked, 1)),
        failing=bool(failing),
        needs=desk.labels(row.get("needs")),
        confirm=tuple(f"{text(item.get('id'))} {text(item.get('text'))}" for item in rows(row.get("confirm"))),
        arms=tuple(_arm(desk, arm, f"{place}-arm{number}") for number, arm in enumerate(arms, 1)),
        on_label=", ".join(_key(desk, key) for key in texts(row.get("onLabel"))),
        closed_by=", ".join(desk.product(key) for key in texts(row.get("closedBy"))),
        flags=tuple(words.flags[flag] for flag in texts(row.get("flags")) if flag in words.flags),
        sites=tuple(_site(desk, site) for site in rows(recruitment.get("sites"))),
    )


def _key(desk: Desk, key: str) -> str:
    regulator, _, product = key.partition("/")
    return f"{desk.product(product)} ({regulator})" if product else desk.product(key)


def _arm(desk: Desk, row: Mapping[str, object], place: str) -> Arm:
    return Arm(
        name=text(row.get("name")),
        text=text(row.get("text")),
        fit=text(row.get("fit")),
        open=text(row.get("open")),
        seen=text(row.get("seen")),
        otherwise=text(row.get("otherwise")),
        criteria=tuple(criterion(desk, found, f"{place}-{number}") for number, found in enumerate(rows(row.get("criteria")), 1)),
    )


def _site(desk: Desk, row: Mapping[str, object]) -> str:
    far = row.get("kilometres")
    parts = [text(row.get(key)) for key in ("facility", "city", "country") if row.get(key)]
    if far is not None:
        parts.append(desk.words.trials.kilometres.format(name=text(far)))
    return ", ".join(parts)
