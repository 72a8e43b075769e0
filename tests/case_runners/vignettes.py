"""Vignettes: one patient written in two ways as FHIR, read and consulted, compared with one expectation.

A record is a list of lines (see shorthand.py); a string is a block of lines from `blocks.yaml`. What a file expects of
`every` vignette holds unless the vignette says otherwise; `~` asks nothing. `facts` are read as in the record cases.
A risk group is one of
    HR              decided
    UNK:x,y of A|B  open, with the needs x and y (`mrd*`: any need that begins so), and with `of` these groups still possible
    UNK:protocol    its table is not encoded
    X?              not decided, because the rows that lead to X are not verified; X is not excluded
    S3* or S4*      decided so, or open between S3 and S4, whose split is not verified
    NA              not applicable
    undecided       anything that names no group; there may be no entry
    not A|B         whatever the entry is, it is none of these groups
or a mapping of members of the entry. `indications` are rows of labels with their verdict, or `none` at all;
`definitions` are named tests, such as what one trial meant by relapsed or refractory, with what they say.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from typing import Any

import orjson

from service.consultation import Consultation, Question, consult
from service.decisions.verdicts import RiskVerdict
from service.facts.catalogue import CATALOGUE
from service.record.reader import read_bundle
from tests.case_runners.case_files import case_files
from tests.case_runners.knowledge import shipped_rules
from tests.case_runners.records import _agrees
from tests.case_runners.shorthand import bundle

KNOWN_BY = date(2026, 11, 22)
REGULATORS = ("EMA", "FDA", "AEMPS")
WRITTEN = ("A", "B")
SPLIT = frozenset({"S3", "S4"})  # BFM: the two groups whose border is not verified
# Where only some rows are verified (LAL2317: what makes its classes is not), a system may say that its table is not encoded
# instead of what it lacks.
NOT_FULLY_ENCODED = frozenset({"A2G1", "SEHOP13", "COG1731", "ADULT_GIMEMA2317"})


@cache
def vignettes() -> Mapping[str, dict[str, Any]]:
    """Return every vignette by its name, with the expectations of its file merged in."""
    found: dict[str, dict[str, Any]] = {}
    for _, file in case_files("vignettes"):
        every = file.get("every", {})
        for case in file.get("cases", ()):
            assert case["name"] not in found, f"{case['name']} is there twice"
            expect = {part: every.get(part, {}) | case["expect"].get(part, {}) for part in ("facts", "risk")}
            expect |= {part: case["expect"].get(part, {}) for part in ("indications", "definitions")}
            found[case["name"]] = {"as_of": file["as_of"], **case, "expect": expect}
    return found


@cache
def consulted(name: str, written: str) -> Consultation:
    """Return the consultation of one way in which a vignette is written."""
    case = vignettes()[name]
    rules = shipped_rules()
    lines = [{"patient": case["born"], "sex": case.get("sex", "female")}, *_lines(case[written])]
    record = read_bundle(orjson.dumps(bundle(lines, bare=True)), rules.vocabulary, case["as_of"])
    return consult(record, rules, Question(case["as_of"], KNOWN_BY, REGULATORS))


def differences(name: str, written: str) -> list[str]:
    """Return what differs from the expectation of a vignette, in words."""
    expect = vignettes()[name]["expect"]
    found = consulted(name, written)
    entries = {verdict.system.system: verdict for verdict in found.risk_groups}
    return [
        *(
            f"{fact}: expected {expected!r}, found {found.facts[fact]!r}"
            for fact, expected in expect["facts"].items()
            if expected is not None and not _agrees(found.facts[fact], expected, CATALOGUE[fact].kind)
        ),
        *(
            f"{system}: expected {expected!r}, found {_shown(entries.get(system))}"
            for system, expected in expect["risk"].items()
            if expected is not None and not _is(entries.get(system), expected, system)
        ),
        *_wrong_indications(found, expect["indications"]),
        *(
            f"{definition}: expected {said}, found {truth}"
            for definition, said in expect["definitions"].items()
            if (truth := shipped_rules().tests[f"definition {definition}"].truth(found.facts).word) != said
        ),
    ]


def disagreements(name: str) -> list[str]:
    """Return where the two ways of writing a vignette lead to different verdicts, in words."""
    asked = vignettes()[name]["expect"]["risk"]
    first, second = (_verdicts(consulted(name, written)) for written in WRITTEN)
    risks = [
        f"{key}: A {_shown(first.get(key))}, B {_shown(second.get(key))}"
        for key in sorted(first.keys() | second.keys())
        if not _alike(first.get(key), second.get(key), exactly=key in asked)
    ]
    labels = [{f"{t.regulator}/{t.therapy.product}": t.verdict for t in consulted(name, w).therapies} for w in WRITTEN]
    opposite = {"on-label", "not-on-label"}
    return risks + [
        f"{key}: A {verdict}, B {labels[1].get(key)}"
        for key, verdict in labels[0].items()
        if {verdict, labels[1].get(key)} == opposite
    ]


def _lines(written: list[Any]) -> Iterator[dict[str, Any]]:
    for line in written:
        if isinstance(line, str):
            yield from _lines(_blocks()[line])
        else:
            yield line


@cache
def _blocks() -> dict[str, list[Any]]:
    blocks: dict[str, list[Any]] = next(file["blocks"] for stem, file in case_files("vignettes") if stem == "blocks")
    return blocks


def _is(entry: RiskVerdict | None, expected: str | dict[str, Any], system: str) -> bool:
    if isinstance(expected, str) and expected.startswith("not "):
        excluded = set(expected.removeprefix("not ").split("|"))
        return entry is None or (entry.group not in excluded and excluded.isdisjoint(_plain(entry.possible)))
    if entry is None or expected == "undecided":
        return expected == "undecided" and (entry is None or entry.group is None)
    if isinstance(expected, dict):
        return entry.state == expected["state"] and set(expected.get("flags", ())) <= set(entry.flags)
    if expected.startswith("UNK:") and expected != "UNK:protocol":
        return _lacks(entry, expected.removeprefix("UNK:"), system)
    if expected.endswith("?"):
        return entry.state == "not-encoded" or (entry.state == "open" and expected.removesuffix("?") in _plain(entry.possible))
    if expected.endswith("*"):
        return entry.state in {"decided", "open"} and _within(entry.possible, {expected})
    without_group = {"NA": "not-applicable", "UNK:protocol": "not-encoded"}
    return entry.state == without_group.get(expected, "decided") and entry.group == (
        None if expected in without_group else expected
    )


def _plain(groups: tuple[str, ...]) -> set[str]:
    """Return groups without the sign that their rows are not verified."""
    return {group.removesuffix("?") for group in groups}


def _lacks(entry: RiskVerdict, expected: str, system: str) -> bool:
    if entry.state == "not-encoded" and system in NOT_FULLY_ENCODED:
        return True
    needs, _, groups = expected.partition(" of ")
    named = all(
        any(need == wanted or (wanted.endswith("*") and need.startswith(wanted[:-1])) for need in entry.needs)
        for wanted in needs.split(",")
    )
    return entry.state == "open" and named and (not groups or _within(entry.possible, set(groups.split("|"))))


def _within(possible: tuple[str, ...], written: set[str]) -> bool:
    """Return whether these groups are possible and no others, save those behind a border that is not verified."""
    wanted = {group.removesuffix("*") for group in written}
    allowed = wanted | (SPLIT if any(group.endswith("*") for group in written) else frozenset())
    return wanted <= set(possible) <= allowed


def _wrong_indications(found: Consultation, expected: str | dict[str, str]) -> Iterator[str]:
    if isinstance(expected, str):
        if found.therapies:
            yield f"there are therapies: {[verdict.therapy.product for verdict in found.therapies]}"
        return
    rows = {row.indication.id: row for verdict in found.therapies for row in verdict.indications}
    for key, verdict in expected.items():
        row = rows.get(key)
        if row is None:
            yield f"{key}: no such row"
        elif row.truth.word != verdict:
            open_or_no = [(result.id, result.truth.word, result.needs) for result in row.criteria if result.truth.word != "yes"]
            yield f"{key}: expected {verdict}, found {row.truth.word}: {open_or_no}"


def _verdicts(found: Consultation) -> dict[str, RiskVerdict]:
    return {verdict.system.system: verdict for verdict in found.risk_groups}


def _alike(first: RiskVerdict | None, second: RiskVerdict | None, *, exactly: bool) -> bool:
    """Return whether two verdicts are the same; where one record may tell more than the other, that they do not contradict."""
    if first is None or second is None:
        return first is second or not exactly
    if exactly:
        return (first.state, first.group, set(first.possible)) == (second.state, second.group, set(second.possible))
    return first.group is None or second.group is None or first.group == second.group


def _shown(entry: RiskVerdict | None) -> str:
    if entry is None:
        return "no entry"
    return f"{entry.state} {entry.group} possible {list(entry.possible)} needs {list(entry.needs)} flags {list(entry.flags)}"
