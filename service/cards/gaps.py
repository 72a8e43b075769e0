"""The card that names what is missing and what each item would decide."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from service.cards.parts import Content, Plan

if TYPE_CHECKING:
    from service.cards.parts import Desk
    from service.decisions.verdicts import Need


def gaps_card(desk: Desk) -> list[Plan]:
    """Return the card; none where nothing is missing that could decide anything."""
    needs = desk.consultation.needs
    return [Plan(desk.wording.topics.gaps.display, partial(_card, desk, needs))] if needs else []


def _card(desk: Desk, needs: tuple[Need, ...]) -> Content:
    words, sentences = desk.wording.gaps, desk.sentences.gaps
    ordered = [(need, need.order) for need in needs if need.order is not None][: words.suggested]
    # What is suggested is named in words too, for clients that take no suggestions.
    suggested = {id(need) for need, _ in ordered}
    listed = [*needs[: words.listed], *[need for need in needs[words.listed :] if id(need) in suggested]]
    lines = [_line(desk, need) for need in listed]
    if len(needs) > len(listed):
        lines.append("- " + desk.wording.more.format(count=len(needs) - len(listed)))
    return Content(
        summary=words.summary.format(asks=_asked(desk, needs)),
        paragraphs=(words.lead, "\n".join(lines)),
        topic=desk.wording.topics.gaps,
        drafts=tuple([desk.order(*sentences.order(need.ask, code)) for need, code in ordered]),
        rules=tuple([{"id": need.fact, "gap": need.gap, "couldDecide": need.weight} for need in listed]),
    )


def _asked(desk: Desk, needs: tuple[Need, ...]) -> str:
    """Return the names of what is missing, as far as a summary has room for them, and how many more there are."""
    wording, labels = desk.wording, desk.sentences.facts.labels
    room = wording.profile.longest_summary - len(wording.gaps.summary.format(asks=""))
    asked = ""
    for count in range(1, len(needs) + 1):
        longer = ", ".join([labels[need.fact] for need in needs[:count]])
        if count < len(needs):
            longer = f"{longer} {wording.more.format(count=len(needs) - count)}"
        if asked and len(longer) > room:
            break
        asked = longer
    return asked


def _line(desk: Desk, need: Need) -> str:
    asked, names = desk.sentences.gaps.asked(need), desk.sentences.gaps.targets
    keys = (*need.therapies, *need.trials)
    targets = [names.get(key) or _target(desk, key) for key in keys]
    targets += [desk.wording.gaps.target_risk.format(system=_called(desk, system)) for system in need.risk_groups]
    if not targets:
        return asked.contributing
    most = desk.wording.gaps.decided
    if len(targets) <= most:
        return asked.deciding(desk.wording.listing(targets))
    return asked.deciding(f"{', '.join(targets[:most])} {desk.wording.more.format(count=len(targets) - most)}")


def _called(desk: Desk, system: str) -> str:
    return next((verdict.system.called for verdict in desk.consultation.risk_groups if verdict.system.system == system), system)


def _target(desk: Desk, key: str) -> str:
    """Return how a verdict is named that a need could decide; kept, because it says nothing of the patient."""
    words = desk.wording.gaps
    if trial := desk.trials.get(key):
        name = words.target_trial.format(name=trial.trial.name, id=trial.id)
    elif therapy := next((verdict for verdict in desk.consultation.therapies if verdict.key == key), None):
        name = words.target_therapy.format(name=desk.say(therapy.therapy.name), regulator=therapy.regulator)
    else:
        return key
    desk.sentences.gaps.targets[key] = name
    return name
