"""The card that names what is missing and what each item would decide."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from service.cards.parts import Content, Plan
from service.cards.resources import concept
from service.cards.wording import Wording

if TYPE_CHECKING:
    from service.cards.parts import Desk
    from service.decisions.verdicts import Need


def gaps_card(desk: Desk) -> list[Plan]:
    """Return the card; none where nothing is missing that could decide anything."""
    needs = desk.consultation.needs
    return [Plan(desk.wording.topics.gaps.display, partial(_card, desk, needs))] if needs else []


def _card(desk: Desk, needs: tuple[Need, ...]) -> Content:
    words = desk.wording.gaps
    ordered = [need for need in needs if need.order is not None][: words.suggested]
    # What is suggested is named in words too, for clients that take no suggestions.
    listed = [*needs[: words.listed], *(need for need in needs[words.listed :] if any(need is row for row in ordered))]
    targets = _Targets(desk)
    lines = [_line(desk, need, targets) for need in listed]
    if len(needs) > len(listed):
        lines.append("- " + desk.wording.more.format(count=len(needs) - len(listed)))
    paragraphs = [words.lead, "\n".join(lines)]
    return Content(
        summary=words.summary.format(asks=_asked(desk.wording, needs)),
        paragraphs=tuple(paragraphs),
        topic=desk.wording.topics.gaps,
        drafts=tuple(
            desk.order(words.suggestion_label.format(ask=ask), concept(ask, (need.order,)))
            for need in ordered
            for ask in (desk.say(need.ask),)
            if need.order is not None
        ),
        rules=tuple({"id": need.fact, "gap": need.gap, "couldDecide": need.weight} for need in listed),
    )


def _asked(wording: Wording, needs: tuple[Need, ...]) -> str:
    room = wording.profile.longest_summary - len(wording.gaps.summary)
    named = wording.label(needs[0].fact)
    for place, need in enumerate(needs[1:], start=1):
        longer = f"{named}, {wording.label(need.fact)}"
        if len(longer) > room:
            return f"{named} {wording.more.format(count=len(needs) - place)}"
        named = longer
    return named


class _Targets:
    """How the verdicts are named that a need could decide; only those that are named at all are written."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._therapies = {verdict.key: verdict for verdict in desk.consultation.therapies}
        self._names: dict[str, str] = {}

    def __getitem__(self, key: str) -> str:
        name = self._names.get(key)
        if name is None:
            name = self._names[key] = self._name(key)
        return name

    def _name(self, key: str) -> str:
        words = self._desk.wording.gaps
        if trial := self._desk.trials.get(key):
            return self._desk.sentences.trial_target(trial.on_file.trial)
        if therapy := self._therapies.get(key):
            return words.target_therapy.format(name=self._desk.say(therapy.therapy.name), regulator=therapy.regulator)
        return key


def _line(desk: Desk, need: Need, names: _Targets) -> str:
    words, wording, ask = desk.wording.gaps, desk.wording, desk.say(need.ask)
    gap = words.gaps.get(need.gap, wording.not_found)
    targets = [
        *[names[key] for key in need.therapies],
        *[names[key] for key in need.trials],
        *[words.target_risk.format(system=system) for system in need.risk_groups],
    ]
    if not targets:
        return words.need_contributes.format(ask=ask, gap=gap)
    return words.need.format(ask=ask, gap=gap, targets=wording.listing(targets))
