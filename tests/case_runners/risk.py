"""Risk tables: facts of a patient, and what each system says of them.

A file with a `table` asks one system, one line a patient. A file with `patients` asks several systems of each; its answers are
written as tokens:

    HR                     decided
    HR?                    not encoded; the unverified row that alone is left names HR
    not-encoded            nothing can be said
    NA                     not applicable
    SR|HR needs a,b        open between these, and a and b would tell
    SR|HR                  open, and no datum would tell
    ... to X | to A|B ...  the treatment that the system allocates, decided or open

Everything in brackets at the end are flags that have to be there.
"""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from service.decisions.first_relapse import FACT, high_risk
from service.decisions.risk import allocate_reported, compare_reported
from service.decisions.verdicts import RiskVerdict
from service.facts.catalogue import CATALOGUE, ReportedRisk
from service.logic.dates import Age, PartialDate
from service.logic.fact import Evidence, Fact, known, unknown
from tests.case_runners.case_files import case_files
from tests.case_runners.knowledge import shipped_rules
from tests.case_runners.values import birth_for, fact_of, partial
from tests.judged import judge_risk_groups

_AGE = re.compile(r"(\d+)\s*(a|mo|d)(?:\s*-\s*(\d+)\s*d)?")
_TOKEN = re.compile(
    r"(?P<answer>\S+)(?: needs (?P<needs>\S+))?"
    r"(?: to (?P<to>\S+)(?: for want of (?P<want>\S+))?)?(?: \[(?P<flags>.+)\])?"
)


def risk_cases() -> Iterator[tuple[str, tuple[dict[str, Any], dict[str, Any]]]]:
    """Yield each patient of each file."""
    for stem, file in case_files("risk_systems"):
        if "table" in file:
            for line in _lines(file["table"]):
                answer = line.pop("answer")
                needs = line.pop("needs")
                said = {"answer": answer.replace("not-applicable", "NA"), "row": line.pop("row"), "needs": needs}
                name = line.pop("case").replace("_", " ")
                yield f"risk_systems/{stem}: {name}", (file, {"facts": line, "expect": {file["system"]: said}})
        for patient in file.get("patients", ()):
            yield f"risk_systems/{stem}: {patient['name']}", (file, patient)


def _lines(table: str) -> list[dict[str, Any]]:
    head, *lines = (line.split() for line in table.splitlines() if line.strip())
    return [{key: cell for key, cell in zip(head, cells, strict=True) if key != "=>"} for cells in lines]


def differences(file: dict[str, Any], patient: dict[str, Any]) -> list[str]:
    """Return what differs from a patient's answers, in words."""
    given = {**file.get("typical", {}), **patient["facts"]}
    facts, rules = _facts(given, file["diagnosed"]), shipped_rules()
    judged = judge_risk_groups(facts, rules, file["known_by"])
    stated = patient.get("reported", {})
    reported = tuple(ReportedRisk(name, group, Evidence("Observation/1", "", None, group)) for name, group in stated.items())
    verdicts = {v.system.system: v for v in allocate_reported(compare_reported(judged, reported)[0], rules.looks(facts), rules)}
    found = []
    for name, token in {**file.get("every", {}), **patient["expect"]}.items():
        if name == FACT:
            found += _label(token, high_risk(facts, tuple(verdicts.values())).get(FACT, facts[FACT]))
        else:
            expected = token if isinstance(token, dict) else {"answer": token}
            found += [f"{name}: {text}" for text in _wrong(verdicts[name], expected)]
    return found


def _label(token: str, fact: Fact[object]) -> list[str]:
    said = {True: "yes", False: "no"}[bool(fact.value)] if fact.is_known else "open"
    return [] if said == token else [f"{FACT}: expected {token}, found {said}"]


def _wrong(verdict: RiskVerdict, expected: dict[str, Any]) -> Iterator[str]:
    match = _TOKEN.fullmatch(str(expected["answer"]))
    assert match is not None, expected
    answer = match["answer"]
    wanted = str(expected.get("needs", match["needs"] or "-"))
    needs = set() if wanted == "-" else set(wanted.split(","))
    groups = set(answer.split("|"))
    state: dict[str, Any]
    if answer in {"NA", "not-encoded", "reported"}:
        state = {"state": answer.replace("NA", "not-applicable"), "possible": set(verdict.possible)}
    elif len(groups) == 1 and answer.endswith("?") and match["needs"] is None:
        state = {"state": "not-encoded", "candidate": answer, "group": None}
    elif len(groups) == 1 and not needs and match["needs"] is None and "open" not in (match["flags"] or ""):
        state = {"state": "decided", "group": answer, "possible": groups, "needs": set()}
    else:
        state = {"state": "open", "group": None, "possible": groups, "needs": needs}
    state |= {key: expected[key] for key in ("row", "candidate") if expected.get(key, "-") != "-"}
    shown = {"state": verdict.state, "group": verdict.group, "possible": set(verdict.possible), "needs": set(verdict.needs)}
    shown |= {"row": verdict.row, "candidate": verdict.candidate}
    yield from (f"{key}: expected {value}, found {shown[key]}" for key, value in state.items() if shown[key] != value)
    flags = set((match["flags"] or "").split(", ")) - {"", "open"}
    if not flags <= set(verdict.flags):
        yield f"flags: expected {flags}, found {verdict.flags}"
    if expected.get("flags_not") in verdict.flags:
        yield f"flags: {expected['flags_not']} is not expected, found {verdict.flags}"
    if "question" in expected and verdict.question != expected["question"]:
        yield f"question: expected {expected['question']!r}, found {verdict.question!r}"
    if match["to"]:
        yield from _wrong_allocation(verdict, match["to"], match["want"])
    elif "allocation" in expected and verdict.allocation is not None:
        yield f"allocation: expected none, found {verdict.allocation}"


def _wrong_allocation(verdict: RiskVerdict, to: str, want: str | None) -> Iterator[str]:
    allocation = verdict.allocation
    if allocation is None:
        yield f"allocation: expected {to}, found none"
        return
    expected = (set(to.split("|")), set(want.split(",")) if want else set())
    shown = ({name.replace(" ", "_") for name in allocation.possible}, set(allocation.needs))
    if shown != expected or (allocation.to is None) is ("|" not in to and want is None):
        yield f"allocation: expected {expected}, found {shown}, {allocation.to}"


def _facts(given: dict[str, Any], diagnosed: date) -> dict[str, Fact[object]]:
    """Return all facts; `age`, `wbc`, `d8`, `eoi`, `eoc` and `eob1` are short for those of diagnosis and of MRD."""
    facts: dict[str, Fact[object]] = {name: unknown() for name in CATALOGUE}
    facts[FACT] = unknown(rule="stated")
    day = partial(given.get("diagnosed", diagnosed))
    facts["diagnosis_date"] = known(day)
    for name, written in given.items():
        full = _SHORT.get(name, name)
        if written in {"?", "unknown"} or name in {"diagnosed", "method"}:
            continue
        match full:
            case "age_at_diagnosis_years":
                facts[full] = known(Age(_birth(str(written), day.low), day))
            case "relapse_date":
                facts[full] = known(partial(written))
                facts["relapse_interval"] = known(Age(day, partial(written)))
            case "age_at_relapse_years":
                relapsed = partial(given["relapsed"])
                facts[full] = known(Age(_birth(str(written), relapsed.low), relapsed))
            case _:
                fact = fact_of(CATALOGUE[full], {"yes": True, "no": False, "conflict": "conflicting"}.get(str(written), written))
                method = (("method", given["method"]),) if "method" in given else ()
                facts[full] = known(fact.value, beside=method) if fact.is_known else fact
    return facts


_SHORT = {
    "age": "age_at_diagnosis_years",
    "wbc": "wbc_at_diagnosis",
    "d8": "mrd_day8_blood_percent",
    "d15": "mrd_day15_percent",
    "pcr_unavailable": "mrd_pcr_unavailable",
    "remission": "remission_at_end_of_induction",
    "eoi": "mrd_end_of_induction_percent",
    "eoc": "mrd_end_of_consolidation_percent",
    "eob1": "mrd_end_of_block1_percent",
    "cns": "cns_status",
    "down": "down_syndrome",
    "testis": "testicular_disease",
    "relapsed": "relapse_date",
    "late": "late_relapse",
    "site": "relapse_site",
    "age_at_relapse": "age_at_relapse_years",
}


def _birth(age: str, on: date) -> PartialDate:
    if age.startswith("born:"):
        return partial(age.removeprefix("born:"))
    match = _AGE.fullmatch(age)
    assert match is not None, age
    return PartialDate.of_day(birth_for(f"{match[1]} {match[2]}" + (f" - {match[3]} d" if match[3] else ""), on))
