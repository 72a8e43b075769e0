"""Vignettes of trials: one patient written in two ways as FHIR, read and consulted, compared with what a row expects.

A record is a list of lines (see shorthand.py), of names of blocks, and of `{A: [...], B: [...]}` where a datum is written in
two ways; `blocks.yaml` has the blocks in the same form. A case may be `like` another: it then has that one's patient, day,
country and study group, and its record with some blocks `instead` of others (`[]` leaves one out), and with what it has to `add`.
What is expected of a trial, by the short names of `blocks.yaml`, is
    E                 fits
    N(C04)            does not fit; exactly these criteria fail
    N(B15, ...)       does not fit; at least these criteria fail
    U(C05)            needs data; at least these criteria are unknown, and none fails
    U(C05: cd22)      and at least this fact is needed
    never-E           anything but a fit
    E|U               one of them
or a mapping: `is` (one of these words), `truths`, `arms` (the fit of each), `open`, `not_open: true`, `status`,
`flags`, `confirm` (at least these of each), `not_needs`.
`every` is expected of each trial that the case does not name; `unlisted` are trials that must not be answered at all.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from typing import Any

import orjson

from service.consultation import Consultation, Question, consult
from service.decisions.first_relapse import high_risk
from service.decisions.predicate import Looks
from service.decisions.risk import compare_reported, judge_systems
from service.decisions.trial_verdicts import TrialVerdict
from service.decisions.trials import judge_trials
from service.facts.catalogue import CATALOGUE
from service.facts.derived import derive_facts
from service.facts.disease_names import NOT_ANSWERED
from service.facts.episodes import facts_at_diagnosis, facts_now
from service.knowledge.registry import NOTHING_SEEN
from service.logic.truth import Truth
from service.record.reader import read_bundle
from tests.case_runners.case_files import case_files
from tests.case_runners.knowledge import shipped_rules
from tests.case_runners.records import _agrees
from tests.case_runners.shorthand import bundle

KNOWN_BY = date(2026, 11, 22)
REGULATORS = ("EMA", "FDA", "AEMPS")
WRITTEN = ("A", "B")
_FITS = {"E": "fits", "N": "does-not-fit", "U": "needs-data"}
_WORD = re.compile(r"([ENU])(?:\(([^():]*)(?::\s*([^()]*))?\))?")
_INHERITED = ("born", "sex", "country", "site_group")


@cache
def vignettes() -> Mapping[str, dict[str, Any]]:
    """Return every case by its name, made whole from the one that it is like."""
    read: dict[str, dict[str, Any]] = {}
    for stem, file in case_files("trial_vignettes"):
        for case in file.get("cases", ()):
            assert case["name"] not in read, f"{case['name']} is there twice"
            assert "row" in case, f"{stem}: {case['name']} names no row from which it is derived"
            read[case["name"]] = {"as_of": file["as_of"], **case}
    return {name: _whole(case, read) for name, case in read.items()}


def _whole(case: dict[str, Any], read: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    if "like" not in case:
        return {"instead": {}, **case, "record": [*case["record"], *case.get("add", ())]}
    model = _whole(read[case["like"]], read)
    inherited = {key: model[key] for key in _INHERITED if key in model}
    instead = model["instead"] | case.get("instead", {})
    return {**inherited, **case, "instead": instead, "record": [*model["record"], *case.get("add", ())]}


@cache
def _blocks() -> dict[str, Any]:
    return next(file for stem, file in case_files("trial_vignettes") if stem == "blocks")


def body(name: str, written: str) -> bytes:
    """Return the bundle of one way in which a vignette is written."""
    case = vignettes()[name]
    born = {"patient": case["born"], "sex": case.get("sex", "female")}
    used: set[str] = set()
    lines = [born, *_lines(case["record"], written, case["instead"], used)]
    assert used == case["instead"].keys(), f"{name}: there is no block {case['instead'].keys() - used} to replace"
    return orjson.dumps(bundle(lines, bare=True))


def _lines(items: list[Any], written: str, instead: Mapping[str, Any], used: set[str]) -> Iterator[dict[str, Any]]:
    for item in items:
        if isinstance(item, str) and item in instead:
            used.add(item)
            yield from _lines(_listed(instead[item]), written, {}, used)
        elif isinstance(item, str):
            yield from _lines(_listed(_blocks()["blocks"][item]), written, instead, used)
        elif written in item:
            yield from _lines(item[written], written, instead, used)
        else:
            yield item


def _listed(block: Any) -> list[Any]:
    return block if isinstance(block, list) else [block]


def ask(content: bytes, case: Mapping[str, Any]) -> Consultation:
    """Return the consultation on a bundle, on the day and at the place of a case."""
    rules = shipped_rules()
    record = read_bundle(content, rules.vocabulary, case["as_of"])
    where = {"country": case.get("country", ""), "site_group": case.get("site_group", "")}
    return consult(record, rules, Question(case["as_of"], KNOWN_BY, REGULATORS, **where))


def judged_for_trials(content: bytes, case: Mapping[str, Any]) -> Consultation:
    """Return a consultation that judged trials alone: no therapies, and nothing of what a missing datum would decide.

    A third of the work; a law compares its verdicts with those of whole consultations.
    """
    rules, as_of = shipped_rules(), case["as_of"]
    record = read_bundle(content, rules.vocabulary, as_of)
    where = {"country": case.get("country", ""), "site_group": case.get("site_group", "")}
    question = Question(as_of, KNOWN_BY, REGULATORS, **where)
    derived = derive_facts(record, rules.limits_on(as_of, KNOWN_BY), as_of)
    disease = derived.facts["disease"]
    answered = disease.is_known and disease.value not in NOT_ANSWERED
    now, then = (facts_now(derived.view), facts_at_diagnosis(derived.view)) if answered else ({}, {})
    groups = judge_systems(rules.looks(derived.facts).of_episodes(now, then), rules, KNOWN_BY) if answered else ()
    groups, differing = compare_reported(groups, derived.reported_risks)
    facts = {**derived.facts, **high_risk(derived.facts, groups)}
    looks = Looks({**facts, **rules.whereabouts.told(question.country, question.site_group)}).of_episodes(now, then)
    days = (as_of, KNOWN_BY, question.sighting_stale_days)
    return Consultation(
        patient=record.reference,
        question=question,
        knowledge_version=rules.library.version,
        knowledge_digest=rules.library.digest,
        facts=facts,
        risk_groups=groups,
        therapies=(),
        trials=judge_trials(looks, rules, NOTHING_SEEN, *days) if answered else (),
        needs=(),
        problems=(*record.problems, *derived.problems, *differing),
    )


@cache
def consulted(name: str, written: str) -> Consultation:
    """Return the consultation of one way in which a vignette is written."""
    return ask(body(name, written), vignettes()[name])


def trial_id(short: str) -> str:
    """Return the id of the file of a trial that the cases call by a short name."""
    found: str = _blocks()["trials"][short]
    return found


def differences(name: str, written: str) -> list[str]:
    """Return what differs from the expectation of a vignette, in words."""
    case = vignettes()[name]
    found = consulted(name, written)
    verdicts = {verdict.id: verdict for verdict in found.trials}
    expected = {trial_id(short): wanted for short, wanted in case.get("expect", {}).items()}
    if "every" in case:
        expected = dict.fromkeys(verdicts, case["every"]) | expected
    return [
        *(
            f"{fact}: expected {wanted!r}, found {found.facts[fact]!r}"
            for fact, wanted in case.get("facts", {}).items()
            if not _agrees(found.facts[fact], wanted, CATALOGUE[fact].kind)
        ),
        *(line for key, wanted in expected.items() for line in _wrong(key, verdicts.get(key), wanted)),
        *(f"{short} is answered" for short in case.get("unlisted", ()) if trial_id(short) in verdicts),
    ]


def _wrong(key: str, verdict: TrialVerdict | None, wanted: str | dict[str, Any]) -> Iterator[str]:
    if verdict is None:
        yield f"{key}: no such trial is answered"
        return
    asked = {"is": wanted} if isinstance(wanted, str) else wanted
    for text in (*_wrong_fit(verdict, asked), *_wrong_parts(verdict, asked), *_wrong_recruitment(verdict, asked)):
        yield f"{key}: {text}"


def _wrong_fit(verdict: TrialVerdict, asked: Mapping[str, Any]) -> Iterator[str]:
    truths = _truths(verdict)
    words = asked["is"].split("|") if "is" in asked else []
    why = ["; ".join(_contradictions(verdict, truths, word)) for word in words]
    if words and all(why):
        yield f"expected {asked['is']}, found {verdict.fit} ({why[0]}). {_shown(verdict)}"
    for row, truth in asked.get("truths", {}).items():
        if row not in truths or truths[row].word != truth:
            yield f"expected {row} {truth}, found {truths.get(row)}"
    if surplus := set(asked.get("not_needs", ())) & set(verdict.needs):
        yield f"needs {sorted(surplus)}"


def _wrong_parts(verdict: TrialVerdict, asked: Mapping[str, Any]) -> Iterator[str]:
    arms = {arm.arm.id: arm for arm in verdict.arms}
    for name, fit in asked.get("arms", {}).items():
        if name not in arms or arms[name].fit != fit:
            yield f"expected arm {name} {fit}, found {[(key, arm.fit, arm.judged.needs) for key, arm in arms.items()]}"
    confirmed = {row for row, _ in verdict.confirm()}
    for what, has in (("flags", set(verdict.flags)), ("confirm", confirmed)):
        if missing := set(asked.get(what, ())) - has:
            yield f"expected {what} {sorted(missing)}, found {sorted(has)}"


def _wrong_recruitment(verdict: TrialVerdict, asked: Mapping[str, Any]) -> Iterator[str]:
    if asked.get("not_open") and verdict.recruitment.open == "yes":
        yield f"is shown as open, found {verdict.recruitment}"
    for member in ("open", "status"):
        if member in asked and getattr(verdict.recruitment, member) != asked[member]:
            yield f"expected {member} {asked[member]}, found {verdict.recruitment}"


def _truths(verdict: TrialVerdict) -> dict[str, Truth]:
    arms = [result for arm in verdict.arms for result in arm.judged.results()]
    return {result.id: result.truth for result in (*arms, *verdict.judged.results())}


def _contradictions(verdict: TrialVerdict, truths: Mapping[str, Truth], word: str) -> list[str]:
    if word == "never-E":
        return ["it fits"] if verdict.fit == "fits" else []
    match = _WORD.fullmatch(word)
    assert match is not None, word
    kind, listed, needs = match[1], _split(match[2]), _split(match[3])
    if verdict.fit != _FITS[kind]:
        return ["another fit"]
    rows = [row for row in listed if row != "..."]
    if kind == "N" and rows:
        failing = set(verdict.failing)
        enough = set(rows) <= failing if "..." in listed else set(rows) == failing
        return [] if enough else [f"failing {sorted(failing)}"]
    return [
        *(f"{row} is {truths.get(row)}" for row in rows if truths.get(row) is not Truth.UNKNOWN),
        *(f"needs {list(verdict.needs)}" for need in needs if need not in verdict.needs),
    ]


def _split(written: str | None) -> list[str]:
    return [part.strip() for part in written.split(",")] if written else []


def _shown(verdict: TrialVerdict) -> str:
    results = verdict.judged.results()
    not_yes = [(row.id, row.truth.word, row.needs) for row in results if row.truth is not Truth.YES]
    return f"failing {list(verdict.failing)}, not yes: {not_yes}"


def disagreements(name: str) -> list[str]:
    """Return the trials that one way of writing a vignette fits and the other does not, in words."""
    first, second = ({verdict.id: verdict for verdict in consulted(name, written).trials} for written in WRITTEN)
    return [
        f"{key}: A {verdict.fit} {verdict.failing}, B {second[key].fit} {second[key].failing}"
        for key, verdict in first.items()
        if {verdict.fit, second[key].fit} == {"fits", "does-not-fit"}
    ]
