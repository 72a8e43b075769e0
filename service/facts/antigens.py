"""CD19 and CD22 on the blasts: which specimen governs, and when an old result no longer counts."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

from service.facts.catalogue import Kind, derive
from service.facts.choose import in_time, is_newer, newest, newest_date, report, settle
from service.facts.directed import flag_of_perhaps, is_after, last_directed
from service.facts.measured import impossible, set_aside_impossible, shown, usable_in
from service.facts.not_told import treatments_not_told
from service.facts.open_orders import orders_before_relapse
from service.facts.residual import residuals
from service.facts.shares_told import shares
from service.facts.specimen_blasts import had_blasts, is_negative
from service.facts.tested import NAMES, Tested, label_status
from service.facts.unread_antigens import not_read
from service.logic.dates import PartialDate
from service.logic.fact import Evidence, Fact, Gap, conflicting, known, unknown
from service.logic.interval import Interval
from service.logic.truth import Truth
from service.record.antigens_doubted import PANELS
from service.record.record import NOT_TOLD, Drug

if TYPE_CHECKING:
    from service.facts.catalogue import View
    from service.record.findings import Answer, Finding
    from service.record.record import Reading, Treatment

_ANTIGEN = re.compile(r"CD\d+", re.IGNORECASE)


def results(view: View, antigen: str) -> list[Tested]:
    """Return all results of an antigen on blasts, in the order of the record."""
    concept = f"{antigen}-blasts"
    found: list[Tested] = []
    layout = view.layout
    for _, reading in layout.at(layout.readings.places((concept,)).union(layout.spoken)):
        if concept in reading.concepts:
            if reading.by_name and (reading.subset or reading.specimen == "csf"):
                continue  # of lymphocytes, or of a fluid in which nothing says that there were blasts
            tested = _direct(view, antigen, reading)
        else:
            finding = dict(reading.findings).get(concept)
            speaks = not PANELS.isdisjoint(reading.concepts | reading.parent)
            tested = _from_text(view, antigen, reading, finding) if finding is not None and speaks else None
        if tested is not None:
            found.append(tested)
    return found


def _direct(view: View, antigen: str, reading: Reading) -> Tested | None:
    """Return the result of a reading whose code is the antigen on blasts."""
    if reading.absent and reading.says is None:
        return None
    finding = dict(reading.findings).get(f"{antigen}-blasts")
    percent = usable_in(view, reading, "%")
    if percent is None and reading.amount is None:
        percent = (
            finding.percent
            if finding is not None
            else shares(view).percent_in(reading.words)
            if reading.says != "indeterminate"
            else None
        )
    if percent is not None and impossible(view, percent, "%"):
        set_aside_impossible(view, reading, "%")
        percent = None
    answer = _answer(reading, finding)
    if reading.by_name and len(set(_ANTIGEN.findall(reading.text))) > 1:
        # of the cells that have both: that there are none tells of neither
        percent = None if percent is None else Interval(percent.low, None, low_inclusive=percent.low_inclusive)
        answer = "indeterminate" if answer == "negative" else answer
    if answer is not None and percent is not None and _contradicted(view, antigen, answer, percent):
        answer = "indeterminate"
    flags = (*_clones(antigen, reading), *(("preliminary",) if reading.preliminary else ()))
    said = " ".join(part for part in (answer or "", f"{shown(percent, '%')} of blasts" if percent is not None else "") if part)
    own = ("all-cds-facts", f"{antigen}-blasts") in reading.code_codings
    text = f"{NAMES[antigen]} {said or 'not readable'}"
    return Tested(reading.when, answer, percent, reading.evidence(text), flags, own, by_test=True)


def _contradicted(view: View, antigen: str, answer: Answer, percent: Interval) -> bool:
    """Return whether a judgement and the percentage beside it cannot both be right."""
    if answer in {"positive", "dim"}:
        return percent.at_most(Decimal(0)) is Truth.YES
    if antigen == "cd22":
        positive = percent.above(view.limits.number("cd22_positive_above_percent"))
    else:
        positive = percent.at_least(view.limits.number("cd19_positive_from_percent"))
    return answer == "negative" and positive is Truth.YES


def _answer(reading: Reading, finding: Finding | None) -> Answer | None:
    answers = reading.answers
    told: set[Answer] = set()
    if "answer-positive" in answers:
        told.add("positive")
    if "answer-negative" in answers:
        told.add("negative")
    if not answers.isdisjoint({"answer-dim", "answer-weakly-positive"}):
        told.add("dim")
    if not answers.isdisjoint({"answer-indeterminate", "answer-no-call"}):
        told.add("indeterminate")
    if told == {"positive", "dim"}:
        return "dim"
    if told and reading.says in {"positive", "negative"} and reading.says not in told and told <= {"positive", "negative"}:
        return "indeterminate"  # code and words disagree
    if told:
        return told.pop() if len(told) == 1 else "indeterminate"
    if finding is not None:
        return "indeterminate" if finding.contradictory else finding.answer
    return reading.says


def _clones(antigen: str, reading: Reading) -> tuple[str, ...]:
    """Return the antibody clones against CD19 that a result names: blasts dim by one may be negative by another (rule CD19-4)."""
    return (
        tuple(sorted(name for name in reading.methods | reading.named if name.startswith("clone-"))) if antigen == "cd19" else ()
    )


def _from_text(view: View, antigen: str, reading: Reading, finding: Finding) -> Tested:
    answer: Answer | None = "indeterminate" if finding.contradictory else finding.answer
    share = finding.percent
    if share is not None and impossible(view, share, "%"):
        set_aside_impossible(view, reading, "%")
        share = None
    if answer is not None and share is not None and _contradicted(view, antigen, answer, share):
        answer = "indeterminate"
    percent = f" {shown(share, '%')} of blasts" if share is not None else ""
    flags = (
        *(("cytoplasmic",) if finding.cytoplasmic else ()),
        *_clones(antigen, reading),
        *(("preliminary",) if reading.preliminary else ()),
    )
    evidence = reading.evidence(f"{NAMES[antigen]} {answer or 'named'}{percent} (from text)")
    return Tested(reading.when, answer, share, evidence, flags)


def _all_after(results: list[Tested], treatments: list[Drug | Treatment]) -> bool:
    """Return whether each result is surely later than every one of the treatments."""
    if not (results and treatments):
        return True
    ends = [treatment.end or treatment.start for treatment in treatments]
    if None in ends or any(isinstance(treatment, Drug) and treatment.ongoing for treatment in treatments):
        return False
    last = max(when.high for when in ends if when is not None)
    return all(t.when is not None and last < t.when.low for t in results)


def _no_blasts_since(view: View, treatments: list[Drug | Treatment]) -> bool:
    """Return whether there is a remission without residual disease, or where none was measured, judged after the treatments.

    A haematological remission includes patients with residual disease, and these have blasts. Blood tells where leukaemia is
    found in it and not where it is not. What was judged before the treatments says nothing of after them.
    """
    state = view.fact("disease_state")
    if state.value != "remission" or view.layout.broken.of("mrd"):
        return False
    found = residuals(view)
    in_marrow = newest([r for r in found if not r.blood])
    if not all(is_negative(view, r) for r in (*newest(found), *in_marrow)):
        return False
    judged = (newest_date(state), *(r.when for r in in_marrow))
    return any(day is not None and is_after(view, day, treatments) for day in judged)


def antigen_fact(view: View, antigen: str) -> Fact[object]:
    """Return the antigen's status on the blasts by the governing specimen.

    Beside it: percent and specimenDate where recorded. Unknown: never tested; between the limits (`ambiguous`); not understood
    (`unreadable`); tested only before an antigen-directed treatment while disease is, or may be, present, residual disease too
    (`stale-after-therapy`). Conflicting: positive and negative on one day. Source: limits/antigens.yaml, rules CD19-1…7.
    """
    found = results(view, antigen)
    own = [t for t in found if t.own_statement]
    other = [t for t in found if not t.own_statement]
    if own and other:
        derived = _govern(view, antigen, other)
        statement = _govern(view, antigen, own)
        if not (derived.is_known or statement.is_known):
            return _govern(view, antigen, found)  # what is not known is so by the newest specimen
        unclear = not derived.is_known and derived.gap is not Gap.UNREADABLE
        if unclear and is_newer(derived, statement):
            return derived  # a newer specimen governs, also one whose result is between the limits, in doubt or contradicted
        if _repeats(derived, statement):
            return _govern(view, antigen, found)  # of the day of the specimen, and not of the report
        return settle(view, antigen, derived, statement)
    return _govern(view, antigen, found)


def _repeats(derived: Fact[object], statement: Fact[object]) -> bool:
    """Return whether words of a report alone say what an earlier statement says."""
    if not (derived.is_known and derived.value == statement.value and is_newer(derived, statement)):
        return False
    return all(item.path == "conclusion" for item in derived.evidence)


def _govern(view: View, antigen: str, results: list[Tested]) -> Fact[object]:
    broken = view.layout.broken.of_any((f"{antigen}-blasts", *view.limits.treatments().directed[antigen]))
    if broken:  # it may be the newest result, or a treatment after the newest
        seen = tuple(Evidence(item.reference, item.path, None, "could not be read") for item in broken)
        return unknown(
            Gap.UNREADABLE, antigen, evidence=seen, rule=f"{NAMES[antigen]}-5", set_aside=tuple(t.evidence for t in results)
        )
    if not results:
        return unknown(Gap.NOT_RECORDED, antigen, rule=f"{NAMES[antigen]}-5")
    told = [t for t in results if t.answer is not None or t.percent is not None]
    if not told:
        return unknown(Gap.UNREADABLE, antigen, evidence=tuple(t.evidence for t in results), rule=f"{NAMES[antigen]}-5")
    told, empty = _with_blasts(view, antigen, told)
    governing = newest(told)
    if empty and _may_have_lost(view, governing, empty):
        seen, older = tuple(t.evidence for t in empty), tuple(t.evidence for t in told)
        return unknown(Gap.NOT_ASSESSABLE, antigen, evidence=seen, rule=f"{NAMES[antigen]}-7", set_aside=older)
    mute = (t for t in results if t.by_test and t.answer is None and t.percent is None)
    unread = (*(t.evidence for t in mute if _may_be_later(t, governing[-1])), *not_read(view, antigen, governing))
    if unread:
        older = tuple(t.evidence for t in told)
        return unknown(Gap.UNREADABLE, antigen, evidence=unread, rule=f"{NAMES[antigen]}-5", set_aside=older)
    latest = _with_its_report(view, antigen, governing, told)
    used = set(map(id, latest))
    older = tuple(t.evidence for t in in_time(told) if id(t) not in used)
    evidence = tuple(t.evidence for t in latest)
    given, perhaps = last_directed(view, antigen)
    perhaps += [*orders_before_relapse(view, antigen), *treatments_not_told(view)]
    treated_since = not _all_after(latest, [*given, *perhaps])
    # CD19-7: where there are no blasts the last specimen that had some still speaks; it is flagged below
    if treated_since and not _no_blasts_since(view, [*given, *perhaps]):
        return _stale(antigen, latest, (given, perhaps), evidence, older)
    statuses = {found for t in latest if (found := label_status(view, antigen, t)) is not None}
    beside = _beside(latest)
    if len(statuses) > 1:
        report(view, evidence, f"{NAMES[antigen]} is recorded as positive and as negative on the same day")
        return conflicting(evidence, antigen, rule=f"{NAMES[antigen]}-5")
    flags = tuple(
        dict.fromkeys((*(flag for t in latest for flag in t.flags), *_flags(view, latest, treated_since=treated_since)))
    )
    if not statuses:
        return unknown(
            Gap.AMBIGUOUS, antigen, evidence=evidence, rule=f"{NAMES[antigen]}-2", beside=beside, flags=flags, set_aside=older
        )
    return known(statuses.pop(), evidence, rule=f"{NAMES[antigen]}-5", beside=beside, flags=flags, set_aside=older)


def _with_blasts(view: View, antigen: str, told: list[Tested]) -> tuple[list[Tested], list[Tested]]:
    """Return the results of specimens with blasts, and the negative ones of those without: these tell nothing (rule CD19-7)."""
    blasts: list[Tested] = []
    empty: list[Tested] = []
    for t in told:
        negative = not t.own_statement and label_status(view, antigen, t) == "negative"
        (empty if negative and had_blasts(view, t.when) is not Truth.YES else blasts).append(t)
    return blasts, empty


def _may_have_lost(view: View, governing: list[Tested], empty: list[Tested]) -> bool:
    """Return whether a negative of a specimen that may have had blasts is perhaps newer, or there is no other result."""
    if not governing:
        return True
    return any(_may_be_later(t, governing[-1]) and had_blasts(view, t.when) is not Truth.NO for t in empty)


def _may_be_later(one: Tested, other: Tested) -> bool:
    """Return whether a dated result may be of a later day than another one; than an undated one it may be."""
    return one.when is not None and (other.when is None or one.when.on_or_before(other.when) is not Truth.YES)


def _with_its_report(view: View, antigen: str, latest: list[Tested], told: list[Tested]) -> list[Tested]:
    """Return the newest results; where they are only words of a report, with the result that the report repeats."""
    if any(t.evidence.path != "conclusion" for t in latest):
        return latest
    days = int(view.limits.number("status_conflict_within_days"))
    statuses = {label_status(view, antigen, t) for t in latest}
    reported, used = latest[0].when, set(map(id, latest))
    repeated = [
        t
        for t in told
        if id(t) not in used and t.when is not None and reported is not None and (reported.low - t.when.high).days <= days
        if {label_status(view, antigen, t)} == statuses
    ]
    return [*newest(repeated), *latest]


def _beside(latest: list[Tested]) -> tuple[tuple[str, object], ...]:
    percents = {t.percent for t in latest if t.percent is not None}
    when = latest[0].when
    percent = (("percent", percents.pop()),) if len(percents) == 1 else ()
    return (*percent, *((("specimenDate", when),) if when is not None else ()))


def _stale(
    antigen: str,
    latest: list[Tested],
    directed: tuple[list[Drug | Treatment], list[Drug | Treatment]],
    evidence: tuple[Evidence, ...],
    older: tuple[Evidence, ...],
) -> Fact[object]:
    """Return the gap where a directed treatment, given or perhaps given, came after the newest specimen."""
    given, perhaps = directed
    name = f"{NAMES[antigen]}-directed"
    told = [t for t in perhaps if NOT_TOLD not in t.concepts]
    treated = tuple(Evidence(t.reference, "", t.start, f"{name} treatment") for t in (*given, *told))
    flags = () if given else (flag_of_perhaps(told),) if told else ("treatment-not-told",)
    if not treated:  # there may be hundreds of these: the newest stands for them
        newest_one = max(perhaps, key=lambda t: date.max if t.start is None else t.start.high)
        treated = (Evidence(newest_one.reference, "", newest_one.start, f"treatment not told; it may be {name}"),)
    return unknown(
        Gap.STALE_AFTER_THERAPY, antigen, evidence=(*evidence, *treated), rule=f"{NAMES[antigen]}-5", flags=flags,
        set_aside=older, beside=_beside(latest),
    )  # fmt: skip


def _flags(view: View, latest: list[Tested], *, treated_since: bool) -> tuple[str, ...]:
    flags: list[str] = []
    if any(t.answer == "dim" for t in latest):
        flags.append("dim")
    relapse = view.fact("relapse_date").value
    if treated_since or _relapsed_since(latest, relapse):
        flags.append("stale-specimen")
    return tuple(flags)


def _relapsed_since(latest: list[Tested], relapse: object) -> bool:
    return isinstance(relapse, PartialDate) and any(t.when is not None and t.when.before(relapse) is not Truth.NO for t in latest)


@derive("cd22_ge20", Kind.TRUTH)
def cd22_ge20(view: View) -> Fact[object]:
    """Whether CD22 is on at least the share of blasts that some trials ask for; no label asks for it.

    An internal fact beside the assessment's own. Unknown: CD22 unknown, or positive without a percentage. Source:
    limits/antigens.yaml.
    """
    status = view.fact("cd22")
    percent = dict(status.beside).get("percent")
    if not status.is_known and status.gap is not Gap.AMBIGUOUS:
        return unknown(status.gap or Gap.NOT_RECORDED, "cd22", evidence=status.evidence, rule="CD22-2", flags=status.flags)
    least = view.limits.number("cd22_trial_from_percent")
    enough = percent.at_least(least) if isinstance(percent, Interval) else Truth.UNKNOWN
    if enough is Truth.UNKNOWN and status.value == "negative" and percent is None:
        enough = Truth.NO
    if enough is Truth.UNKNOWN:
        return unknown(Gap.AMBIGUOUS, "cd22", evidence=status.evidence, rule="CD22-2", flags=status.flags)
    return known(enough is Truth.YES, status.evidence, rule="CD22-2", flags=status.flags, beside=status.beside)


for _antigen in ("cd19", "cd22"):
    derive(_antigen, Kind.WORD, values=("positive", "negative"), reads=(f"{_antigen}-blasts",))(
        partial(antigen_fact, antigen=_antigen)
    )
