"""What became of the cards that were shown: counts as tables, and the first of each as data for a plot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from service.feedback_counts import count, subjects_of
from service.web.pages.operators.service_model import FeedbackPage, TallyGroup, TallyLine
from service.web.pages.operators.shelves import therapy_address, trial_address
from service.web.pages.texts import anchor

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from service.feedback_counts import Tally, TooOften
    from service.stores.kept import CardStory
    from service.web.pages.explanation.model import Json
    from service.web.pages.operators.shelves import Shelves

DRAWN = 20  # bars of a plot: what comes after them is in the table


@dataclass(frozen=True, slots=True)
class Kept:
    """What the store told; `keeps`: what comes from now on is kept, `since`: the day from which cards were asked for."""

    stories: tuple[CardStory, ...]
    orphans: int
    since: date | None
    keeps: bool


def feedback_page(shelves: Shelves, kept: Kept, too_often: TooOften) -> FeedbackPage:
    """Return the page; nothing in it is of a patient, and what users typed is not read for it."""
    counts = count(kept.stories, subjects_of(shelves.library), too_often)
    often = frozenset(counts.too_often)
    titles = shelves.words.feedback.groups
    addresses = _addresses(shelves)
    groups = (
        _group(shelves, "rules", [_line(shelves, name, row, addresses, name in often) for name, row in counts.rules.items()]),
        _group(shelves, "subjects", [_line(shelves, name, row, addresses) for name, row in counts.subjects.items()]),
        _group(shelves, "clients", [_line(shelves, name, row, {}) for name, row in counts.clients.items()]),
    )
    total = _line(shelves, "", counts.total, {})
    return FeedbackPage(
        keeps=kept.keeps,
        found=counts.total.shown > 0 or kept.orphans > 0,
        since=kept.since.isoformat() if kept.since is not None else "",
        total=total,
        orphans=kept.orphans,
        groups=tuple(group for group in groups if group.lines),
        reasons=TallyGroup("reasons", titles["reasons"], (), _reasons_chart(shelves, total), len(total.reasons))
        if total.reasons
        else None,
        from_percent=f"{too_often.from_percent.normalize():f}",
        least_cards=too_often.least_cards,
    )


def _addresses(shelves: Shelves) -> dict[str, str]:
    """Return where a rule, a product or a trial is shown."""
    found = {trial: trial_address(trial) for trial in shelves.library.trials}
    for therapy in shelves.library.therapies.values():
        found[therapy.product] = therapy_address(therapy.product)
        found |= {row.id: f"{therapy_address(therapy.product)}#{anchor('row', row.id)}" for row in therapy.indications}
    return found


def _line(
    shelves: Shelves,
    name: str,
    tally: Tally,
    addresses: Mapping[str, str],
    too_often: bool = False,  # noqa: FBT001, FBT002 - one flag
) -> TallyLine:
    words = shelves.words.feedback.reason_words
    ordered = sorted(tally.reasons.items(), key=lambda row: (-row[1], row[0]))
    return TallyLine(
        name=shelves.desk.product(name),
        address=addresses.get(name, ""),
        shown=tally.shown,
        accepted=tally.accepted,
        unnamed=tally.unnamed,
        overridden=tally.overridden,
        untold=tally.untold,
        reasons=tuple((words.get(reason, reason), seen) for reason, seen in ordered),
        too_often=too_often,
    )


def _group(shelves: Shelves, name: str, lines: list[TallyLine]) -> TallyGroup:
    words = shelves.words.feedback
    drawn = lines[:DRAWN]
    chart: Json = {
        "rows": [
            {"name": line.name, "accepted": line.accepted, "overridden": line.overridden, "untold": line.untold} for line in drawn
        ],
        "parts": [
            {"id": "accepted", "label": words.accepted},
            {"id": "overridden", "label": words.overridden},
            {"id": "untold", "label": words.untold},
        ],
        "words": {"axis": words.cards},
    }
    return TallyGroup(name, words.groups[name], tuple(lines), chart, len(drawn))


def _reasons_chart(shelves: Shelves, total: TallyLine) -> Json:
    words = shelves.words.feedback
    return {
        "rows": [{"name": reason, "overridden": seen} for reason, seen in total.reasons[:DRAWN]],
        "parts": [{"id": "overridden", "label": words.overridden}],
        "words": {"axis": words.cards},
    }
