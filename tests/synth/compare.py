"""Derived facts against the truth of made-up patients: a confusion table per fact, and every unsafe error by its patient."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import orjson

from service.consultation import Question
from service.consultation.document import plain
from service.synth.bundles import bundle_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from service.assembly import Service
    from service.synth.patients import Made

UNKNOWN = "unknown"


@dataclass(slots=True)
class Accuracy:
    """Counts per fact: `decided`, `wider` (limits around the truth), `undecided`, `silent` (rightly unknown), `unsafe`."""

    by_fact: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    unsafe: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)

    def add(self, made: Made, derived: dict[str, object]) -> None:
        for name, told in made.truth.told.items():
            found = derived[name]
            verdict = judge(told, made.truth.real.get(name), found)
            self.by_fact[name][verdict] += 1
            line = f"{made.story.name} ({made.kind}) {name}: truth {told}, real {made.truth.real.get(name)}, derived {found}"
            if verdict == "unsafe":
                self.unsafe.append(line)
            elif verdict in {"undecided", "wider"}:
                self.open.append(line)

    @property
    def share_decided(self) -> float:
        total = sum(self.by_fact.values(), Counter())
        return total["decided"] / (total["decided"] + total["wider"] + total["undecided"])

    def table(self) -> str:
        columns = ("decided", "wider", "undecided", "silent", "right-though-silent", "unsafe")
        head = f"{'fact':32}" + "".join(f"{column:>20}" for column in columns)
        rows = [f"{name:32}" + "".join(f"{row[column]:20}" for column in columns) for name, row in sorted(self.by_fact.items())]
        return "\n".join((head, *rows))


def judge(told: object, real: object, found: object) -> str:
    """What a derived value is beside the truth; `found` is `unknown` where nothing was derived."""
    if found == UNKNOWN:
        return "silent" if told == UNKNOWN else "undecided"
    if real is None or not _holds(found, real):
        return "unsafe"
    if told == UNKNOWN:
        return "right-though-silent"
    return "decided" if _inside(found, told) else "wider"


def _holds(found: object, real: object) -> bool:
    """Whether a derived value, perhaps limits, allows what is real."""
    if not isinstance(found, dict):
        return found == real and isinstance(found, bool) is isinstance(real, bool)
    low, high = found["low"], found["high"]
    above = low is None or low < real or (low == real and found["lowInclusive"])
    below = high is None or high > real or (high == real and found["highInclusive"])
    return above and below


def _inside(found: object, told: object) -> bool:
    """Whether a derived value says at least as much as the record tells."""
    if not isinstance(found, dict):
        return True
    if not isinstance(told, dict):
        return False
    low = told["low"] is None or (found["low"] is not None and found["low"] >= told["low"])
    high = told["high"] is None or (found["high"] is not None and found["high"] <= told["high"])
    return low and high


def measure(service: Service, cohort: Iterable[Made]) -> Accuracy:
    accuracy = Accuracy()
    for made in cohort:
        question = Question(made.as_of, made.as_of, service.settings.regulators)
        facts = service.consult_bundle(orjson.dumps(bundle_of(made.story)), question).facts
        accuracy.add(made, {name: plain(fact.value) if fact.is_known else UNKNOWN for name, fact in facts.items()})
    return accuracy
