"""One card for each open trial that suits, and one for those of which nobody knows whether they take patients."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from cds_hooks import Link
from service.cards.escape import one_line
from service.cards.parts import Content, Plan, bullets
from service.cards.resources import concept
from service.cards.wording import Topic
from service.decisions.choices import covered_by_label
from service.decisions.recruitment import RECRUITING, sites_by_nearness
from service.logic.truth import Truth

if TYPE_CHECKING:
    from service.cards.parts import Desk
    from service.decisions.recruitment import Recruitment
    from service.decisions.trial_verdicts import ArmVerdict, TrialVerdict
    from service.decisions.trials_judged import TrialCriterionResult
    from service.knowledge.trial_rows import Trial

_NOT_SURE = frozenset({"stale", "not-yet"})
_NO = Truth.NO  # a member is found several times as fast here as in its class


def trial_cards(desk: Desk, most_needs: int) -> list[Plan]:
    """Return the cards in the order of the verdicts; a closed trial has none.

    A trial that lacks data is shown where these are at most `most_needs` and every open criterion has one that decides it.
    """
    taking, unsure = [], []
    for verdict in desk.consultation.trials:
        if verdict.truth is _NO:  # it does not fit: so it is with most
            continue
        word = verdict.recruitment.open
        if word == "no":
            continue
        if word == "yes" and _suits(verdict, most_needs):
            taking.append(verdict)
        # Nobody can say that the trial takes patients, and it is worth asking: one never seen must fit.
        elif (word in _NOT_SURE and _suits(verdict, most_needs)) or (word == "unknown" and verdict.fit == "fits"):
            unsure.append(verdict)
    cards = [Plan(verdict.trial.name, partial(_card, desk, verdict)) for verdict in taking]
    if unsure:
        cards.append(Plan(desk.wording.topics.trial.display, partial(_unconfirmed, desk, unsure)))
    return cards


def _suits(verdict: TrialVerdict, most_needs: int) -> bool:
    if verdict.fit == "fits":
        return True
    return verdict.fit == "needs-data" and len(verdict.needs) <= most_needs and not verdict.judged.undecidable


def _card(desk: Desk, verdict: TrialVerdict) -> Content:
    words, trial, recruitment = desk.wording.trial, verdict.trial, verdict.recruitment
    results = verdict.judged.results()
    summary = words.summary if verdict.fit == "fits" else words.summary_needs
    shorter = words.shorter if verdict.fit == "fits" else words.shorter_needs
    number = trial.registry_number
    title = words.lead.format(
        title=desk.say(trial.title), sponsor=trial.sponsor or desk.wording.not_found, phase=trial.phase or "?"
    )
    page = words.registry_page.format(id=number) if number else None
    request = words.suggestion_text.format(name=trial.name, id=trial.id)
    return Content(
        summary=summary.format(
            name=trial.name, id=trial.id, recruiting=_recruiting(desk, verdict), seen=_seen(desk, recruitment)
        ),
        shorter=tuple(text.format(name=trial.name, id=trial.id, seen=_seen(desk, recruitment)) for text in shorter),
        paragraphs=(
            title,
            words.recruitment.format(
                status=_status(desk, recruitment), seen=_seen(desk, recruitment), source=one_line(recruitment.source)
            ),
            *bullets(words.sites_heading, _sites(desk, recruitment)),
            *bullets(words.met_heading, [_met(desk, row) for row in results if row.truth is Truth.YES]),
            *bullets(words.missing_heading, _missing(desk, verdict, results)),
            *bullets(
                words.asked_heading, [words.criterion_bare.format(id=i, text=desk.say(t), mark="") for i, t in verdict.confirm()]
            ),
            *bullets(words.arms_heading, [_arm(desk, arm) for arm in verdict.arms if arm.judged.truths]),
            *_choices(desk, verdict),
            *bullets(
                desk.wording.therapy.unverified_heading, [words.flags[flag] for flag in verdict.flags if flag in words.flags]
            ),
        ),
        topic=trial_topic(trial),
        source_label=words.link_label.format(id=number) if number else "",
        source_url=page,
        drafts=(desk.order(words.suggestion_label.format(name=trial.name), concept(request, ())),),  # no terminology has trials
        rules=(_rule(verdict),),
        evidence=desk.evidence_of([name for row in results for name in row.facts]),
        links=(Link(words.link_label.format(id=number), page),) if page else (),
    )


def trial_topic(trial: Trial) -> Topic:
    """Return the topic of a trial's card: letters and digits, the same for ever."""
    return Topic(code=f"alltrial{''.join(filter(str.isalnum, trial.id)).lower()}", display=trial.name)


def _rule(verdict: TrialVerdict) -> dict[str, object]:
    """Return which text of the trial was applied and when its recruitment was seen, for the trace."""
    days = {"textSeen": verdict.bound.version.seen, "recruitmentSeen": verdict.recruitment.seen}
    return {"id": verdict.id, **{name: day.isoformat() for name, day in days.items() if day is not None}}


def _recruiting(desk: Desk, verdict: TrialVerdict) -> str:
    """Return `recruiting in 14 countries`, where their sites were seen; of those that a file names nobody saw which recruit."""
    words = desk.wording.trial
    seen = {site.country or site.country_name for site in verdict.recruitment.sites if site.status == RECRUITING}
    return words.recruiting_in.format(count=len(seen)) if len(seen) > 1 else words.recruiting


def _seen(desk: Desk, recruitment: Recruitment) -> str:
    return recruitment.seen.isoformat() if recruitment.seen else desk.wording.trial.undated


def _status(desk: Desk, recruitment: Recruitment) -> str:
    words = desk.wording.trial
    return words.statuses.get(recruitment.status, recruitment.status) or words.not_open


def _last_seen(desk: Desk, recruitment: Recruitment) -> str:
    words = desk.wording.trial
    if not recruitment.status:
        return words.never_seen
    return words.last_seen.format(status=_status(desk, recruitment), seen=_seen(desk, recruitment))


def _sites(desk: Desk, recruitment: Recruitment) -> list[str]:
    words, lines = desk.wording.trial, []
    for near in sites_by_nearness(recruitment.sites, desk.consultation.question.place)[: words.sites]:
        if near.site.status != RECRUITING:
            break
        shown = {
            "facility": one_line(near.site.facility),
            "city": one_line(near.site.city),
            "country": one_line(near.site.country or near.site.country_name),
        }
        if near.kilometres is None:
            lines.append(words.site.format(**shown))
        else:
            lines.append(words.site_far.format(**shown, kilometres=round(near.kilometres)))
    return lines


def _mark(desk: Desk, row: TrialCriterionResult) -> str:
    return "" if row.provenance == "S" else desk.wording.trial.mark


def _met(desk: Desk, row: TrialCriterionResult) -> str:
    words, evidence = desk.wording.trial, desk.evidence_words(row.facts)
    mark = desk.flag_words(row.facts) + _mark(desk, row)
    if not evidence:
        return words.criterion_bare.format(id=row.id, text=desk.say(row.text), mark=mark)
    return words.criterion.format(id=row.id, text=desk.say(row.text), evidence=evidence, mark=mark)


def _missing(desk: Desk, verdict: TrialVerdict, results: tuple[TrialCriterionResult, ...]) -> list[str]:
    open_places = verdict.judged.open_places
    rows = [results[place] for place in open_places]
    return [
        desk.wording.trial.criterion_missing.format(
            id=row.id,
            text=desk.say(row.text),
            needs=desk.sentences.facts.phrase(row.needs),
            mark=_mark(desk, row),
        )
        for row in rows
    ]


def _arm(desk: Desk, verdict: ArmVerdict) -> str:
    words, arm = desk.wording.trial, verdict.arm
    name, text = desk.say(arm.name), desk.say(arm.text)
    if verdict.fit == "fits":
        return words.arm_fits.format(name=name, text=text)
    if verdict.fit == "needs-data":
        needs = desk.sentences.facts.phrase(verdict.judged.needs)
        if not needs:
            return words.arm_undecided.format(name=name, text=text)
        return words.arm_open.format(name=name, text=text, needs=needs)
    criteria = desk.wording.listing(verdict.judged.failing)
    return words.arm_not.format(name=name, text=text, criteria=criteria, otherwise=desk.say(arm.otherwise))


def _choices(desk: Desk, verdict: TrialVerdict) -> list[str]:
    """Return how this trial and the therapies on label touch each other."""
    words, therapies = desk.wording.trial, desk.consultation.therapies
    names = {row.key: f"{desk.say(row.therapy.name)} ({row.regulator})" for row in therapies}
    covered = [names[key] for key in covered_by_label(verdict, therapies)]
    closing = {row.therapy.product: desk.say(row.therapy.name) for row in therapies}
    closers = [closing[row.product] for row in desk.consultation.closings if row.trial == verdict.id]
    lines = [words.on_label.format(names=desk.wording.listing(covered))] if covered else []
    return [*lines, words.closed_by.format(names=desk.wording.listing(closers))] if closers else lines


def _unconfirmed(desk: Desk, verdicts: list[TrialVerdict]) -> Content:
    words = desk.wording.trial
    shown, more = verdicts[: words.unconfirmed], len(verdicts) - words.unconfirmed
    names = [verdict.trial.name for verdict in shown]
    lines = [
        words.unconfirmed_line.format(
            name=verdict.trial.name,
            id=verdict.id,
            title=desk.say(verdict.trial.title),
            recruitment=_last_seen(desk, verdict.recruitment),
            fit=words.fits[verdict.fit],
        )
        for verdict in shown
    ]
    if more > 0:
        lines.append("- " + desk.wording.more.format(count=more))
    topic = desk.wording.topics.trial
    return Content(
        summary=words.unconfirmed_summary.format(names=", ".join(names)),
        paragraphs=(words.unconfirmed_lead, "\n".join(lines)),
        topic=topic,
        rules=tuple({"id": verdict.id} for verdict in shown),
    )
