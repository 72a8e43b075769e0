"""Knowledge bound to the catalogue of facts: a misspelt fact is a start-up fault, never a silent no."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from service.decisions.comparisons import Aged, Compared, FactNode, Has, OneOf
from service.decisions.context import CONTEXT, Whereabouts
from service.decisions.memory import Memory
from service.decisions.numbered import Numbered
from service.decisions.numbering import number_tests
from service.decisions.predicate import Group, Looks, Node, Undecided, as_then, if_absent
from service.decisions.risk_tables import GROUP, UNKNOWN, Overlay, System, Version, compile_table
from service.decisions.trial_rules import BoundArm, BoundCriterion, BoundVersion, Criteria
from service.errors import Fault, KnowledgeError
from service.facts import every_fact
from service.facts.catalogue import CATALOGUE, Kind, name_now, name_then
from service.facts.given import TKI_UNTOLD, TKIS
from service.facts.products import RECORDED
from service.facts.received import RESTS_ON
from service.knowledge.lines import with_lines
from service.knowledge.risk_cells import AnyValue, NumberRange, SpanRange, Words, parse_cell
from service.knowledge.schema import AllTest, AnyTest, NoneTest, RiskAllocation, UndecidedTest, UseTest
from service.logic.dated import Force, force_on
from service.logic.dates import Span
from service.logic.fact import known
from service.logic.interval import Interval
from service.logic.once import once
from service.record.vocabulary import Vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from service.facts.catalogue import FactSpec
    from service.knowledge.chromosomes import ChromosomeFile
    from service.knowledge.library import Library
    from service.knowledge.regimens import Regimen
    from service.knowledge.risk_cells import Cell
    from service.knowledge.schema import FactTest, RiskSystem, RiskTable, Test, Therapy, Word
    from service.knowledge.treatments import Treatments
    from service.knowledge.trial_rows import Trial, TrialCriterion
    from service.logic.fact import Fact
    from service.terminology.terms import Terms

every_fact()

_COMPARISONS = ("at_least", "above", "below", "at_most")


@dataclass(frozen=True)
class LimitsOn:
    """The numbers that facts use, as of one day and one state of knowledge."""

    library: Library
    as_of: date
    known_by: date
    seen: dict[str, Decimal] = field(default_factory=dict)

    def number(self, name: str) -> Decimal:
        """Return the number of that name in force on the day as far as was written down by then, else the first one ever written.

        Raises: KnowledgeError where no file has it.
        """
        if name not in self.seen:
            rows = self.library.limits.get(name, ())
            known_rows = any(force_on(row, self.as_of, self.known_by) is Force.IN_FORCE for row in rows)
            first = min(rows, key=lambda row: (row.recorded, row.effective)) if rows and not known_rows else None
            self.seen[name] = first.value if first else self.library.limit(name, self.as_of, self.known_by).value
        return self.seen[name]

    def regimens(self) -> tuple[Regimen, ...]:
        """Return the drug combinations that tell a phase of treatment, those in force on the day."""
        return self._regimens

    @once
    def _regimens(self) -> tuple[Regimen, ...]:
        rows = self.library.regimens.values()
        return tuple(row for row in rows if force_on(row, self.as_of, self.known_by) is Force.IN_FORCE)

    def treatments(self) -> Treatments:
        """Return which treatments are cells or antibodies, and against what."""
        return self.library.treatments

    def chromosomes(self) -> ChromosomeFile:
        """Return where genes lie, how probes are called and which fusion is which marker."""
        return self.library.chromosomes

    def words(self) -> Mapping[str, tuple[str, ...]]:
        """Return the words of free text, by the part they play."""
        return self.library.words


@dataclass(frozen=True, slots=True)
class Rules:
    """The library with every test compiled, keyed by where it stands."""

    library: Library
    vocabulary: Vocabulary
    tests: Mapping[str, Node]
    risk_systems: Mapping[str, System]
    trials: Mapping[str, tuple[BoundVersion, ...]] = field(default_factory=dict)
    whereabouts: Whereabouts = field(default_factory=Whereabouts)
    numbered: Numbered = field(default_factory=Numbered, repr=False, compare=False)
    memory: Memory = field(default_factory=Memory, init=False, repr=False, compare=False)  # rules made from these begin with none

    def looks(self, facts: Mapping[str, Fact[object]]) -> Looks:
        """Return the facts of one record under all tests."""
        return Looks({**as_then(facts, self.numbered), **facts}, self.numbered)

    def own(self, looks: Looks) -> Looks:
        """Return the looks with our tests numbered: what was looked at without them is looked at anew."""
        if looks.numbered is self.numbered:
            return looks
        own = Looks({**looks.facts, **as_then(looks.at_diagnosis.facts, self.numbered)}, self.numbered)
        own.then = self.own(looks.then) if looks.then is not None else None
        return own

    def limits_on(self, as_of: date, known_by: date) -> LimitsOn:
        """Return the numbers that hold on a day."""
        days = (as_of, known_by)
        return self.memory.recall("limits", days, lambda: LimitsOn(self.library, *days), most=_REMEMBERED_DAYS)


_REMEMBERED_DAYS = 64


def _tests_of_what_is_shown(library: Library) -> Iterator[tuple[str, Test, str]]:
    """Yield the tests of open questions and of studies, that say whom these concern: their keys, and where they stand."""
    for question in library.questions.values():
        if question.test is not None:
            yield f"question {question.id}", question.test, library.where("questions", question.id)
    for product in library.evidence:
        for study in library.studies(product):
            if study.test is not None:
                yield f"study {study.id}", study.test, library.where("evidence", product, study.id)


def bind_rules(library: Library, terms: Terms) -> Rules:
    """Return the rules; KnowledgeError with every fault where a test names what no fact can answer."""
    binder = _Binder(library)
    for definition in library.definitions.values():
        binder.bind(f"definition {definition.id}", definition.test, library.where("definitions", definition.id))
    for therapy in library.therapies.values():
        binder.therapy(therapy)
    for key, test, where in _tests_of_what_is_shown(library):
        binder.bind(key, test, where)
    for system in library.risk_systems.values():
        binder.risk_system(system)
    trials = {name: binder.trial(trial) for name, trial in library.trials.items()}
    for name in library.asks:
        if name not in CONTEXT:
            binder.name(library.where("asks", name), name)
    if binder.faults:
        raise KnowledgeError(with_lines(binder.faults, library.paths))
    risk_systems = {name: binder.compiled(system) for name, system in library.risk_systems.items()}
    known = library.treatments
    vocabulary = Vocabulary.of(
        terms, library.value_sets, library.words, known.immunotherapies, known.cells, frozenset({*TKIS, TKI_UNTOLD})
    )
    whereabouts = Whereabouts.of(library.trials)
    numbered = number_tests((*binder.tests.values(), *binder.assumed), whereabouts.tried)
    return Rules(library, vocabulary, binder.tests, risk_systems, trials, whereabouts, numbered)


def criterion_key(indication: str, version: int, criterion: str) -> str:
    """Return the key under which a criterion's test is compiled."""
    return f"{indication} {version} {criterion}"


class _Binder:
    def __init__(self, library: Library) -> None:
        self.library = library
        self.tests: dict[str, Node] = {}
        self.distinct: dict[Node, Node] = {}
        self.assumed: list[Node] = []  # what tests of trials become where the absence of a record means something
        self.faults: list[Fault] = []
        self.specs: Mapping[str, FactSpec] = CATALOGUE
        self.at_diagnosis = False  # the criterion that is bound asks for the disease as it was found at diagnosis

    def bind(self, key: str, test: Test, where: str) -> None:
        self.tests[key] = self._node(where, test, ())

    def therapy(self, therapy: Therapy) -> None:
        for indication in therapy.indications:
            for number, version in enumerate(indication.versions):
                for criterion in version.criteria:
                    trail = ("indications", indication.id, "versions", str(version.effective), "criteria", criterion.id)
                    where = self.library.where("therapies", therapy.product, *trail)
                    self.bind(criterion_key(indication.id, number, criterion.id), criterion.test, where)
        for name in therapy.recorded_as:
            where = self.library.where("therapies", therapy.product)
            spec = self._spec(where, name)
            if spec is not None and spec.kind is not Kind.TRUTH:
                self.faults.append(Fault(where, f"{name} is a {spec.kind.value}, not true or false"))
            elif spec is not None and name not in RECORDED:
                self._fault(where, f"{name} does not tell that a product was given", name, tuple(RECORDED))
        for caution in therapy.cautions:
            if caution.test is not None:
                where = self.library.where("therapies", therapy.product, "cautions", caution.id)
                self.bind(f"caution {caution.id}", caution.test, where)

    def trial(self, trial: Trial) -> tuple[BoundVersion, ...]:
        """Return the versions of a trial, bound; its tests may use what the caller tells too."""
        self.specs = {**CATALOGUE, **CONTEXT}
        bound = []
        for number, version in enumerate(trial.versions, 1):
            trail = ("versions", str(number))
            arms = tuple(
                BoundArm(arm, self._criteria(trial, (*trail, "arms", arm.id, "criteria"), arm.criteria)) for arm in version.arms
            )
            bound.append(BoundVersion(version, self._criteria(trial, (*trail, "criteria"), version.criteria), arms))
        self.specs = CATALOGUE
        return tuple(bound)

    def _criteria(self, trial: Trial, trail: tuple[str, ...], rows: tuple[TrialCriterion, ...]) -> Criteria:
        tested = ((row, row.test) for row in rows if row.test is not None)
        return Criteria.of(tuple(self._criterion(trial, (*trail, row.id), row, test) for row, test in tested))

    def _criterion(self, trial: Trial, trail: tuple[str, ...], row: TrialCriterion, test: Test) -> BoundCriterion:
        where, key = self.library.where("trials", trial.id, *trail), f"trial {trial.id} {' '.join(trail)}"
        self.at_diagnosis = row.facts_at == "diagnosis"
        self.bind(key, test, where)
        self.at_diagnosis = False
        node = self.tests[key]
        if row.facts_at and all(name == name_now(name) for name in node.fact_names):
            self.faults.append(Fault(where, "asks for the facts at diagnosis and reads none that is another one later"))
        absent: dict[str, Fact[object]] = {}
        for name, word in row.absence_means.items():
            spec = self._spec(where, name)
            if spec is None:
                continue
            if name not in RESTS_ON:
                text = f"absence of {name!r} can be given no meaning: it is not told apart from what was not received"
                self.faults.append(Fault(where, text, f"it can for {', '.join(sorted(RESTS_ON))}"))
            if name not in node.fact_names:
                self._fault(where, f"absence of {name!r} is given a meaning and the test does not read it", name, node.fact_names)
            self._one_of(where, spec, (word,))
            value = Interval.point(Decimal(word)) if isinstance(word, int) and not isinstance(word, bool) else word
            absent[name] = known(value, rule="absence")
        measured = tuple(name for name in node.fact_names if name in CATALOGUE and CATALOGUE[name].reads)
        values = {name: fact.value for name, fact in absent.items()}
        assumed = if_absent(node, values, lambda made: self.distinct.setdefault(made, made))
        self.assumed.append(assumed)
        return BoundCriterion(row, node, assumed, absent, measured)

    def risk_system(self, system: RiskSystem) -> None:
        name = system.system
        for number, version in enumerate(system.versions):
            where = self.library.where("risk_systems", name, "versions", str(version.effective))
            self.risk_table(where, version)
            if version.allocation is not None:
                self.risk_table(f"{where} / allocation", version.allocation)
            if version.applies is not None:
                self.bind(f"risk {name} {number}", version.applies, f"{where} / applies")
        for overlay in system.overlays:
            where = self.library.where("risk_systems", name, "overlays", overlay.flag)
            self.bind(f"risk {name} {overlay.flag}", overlay.test, where)

    def risk_table(self, where: str, table: RiskTable) -> None:
        allocates = isinstance(table, RiskAllocation)
        known_inputs = (*CATALOGUE, *self.library.definitions, *((GROUP,) if allocates else ()))
        for name in table.inputs:
            if name not in known_inputs:
                self._fault(f"{where} / inputs", f"there is no fact {name!r}", name, known_inputs)
        for row in table.rows:
            for name, text in row.when.items():
                cell = parse_cell(text)
                self._cell(f"{where} / rows / {row.id} / {name}", name, cell, (UNKNOWN,) if allocates else ())

    def compiled(self, system: RiskSystem) -> System:
        tests, definitions = self.tests, self.library.definitions
        versions = tuple(
            Version(
                tests.get(f"risk {system.system} {number}"),
                compile_table(version, definitions, tests),
                compile_table(version.allocation, definitions, tests) if version.allocation is not None else None,
            )
            for number, version in enumerate(system.versions)
        )
        overlays = tuple(
            Overlay(overlay.flag, overlay.question, overlay.instead, tests[f"risk {system.system} {overlay.flag}"])
            for overlay in system.overlays
        )
        return System(versions, overlays)

    def _cell(self, where: str, name: str, cell: Cell, more: tuple[str, ...]) -> None:
        """Note a cell that no value of its input can lie in: it would be a silent no."""
        spec = CATALOGUE.get(name)
        if isinstance(cell, AnyValue) or (spec is None and name not in self.library.definitions):
            return
        kind = Kind.TRUTH if spec is None else spec.kind
        kinds: dict[type[Cell], tuple[Kind, ...]] = {NumberRange: (Kind.NUMBER, Kind.COUNT), SpanRange: (Kind.AGE,)}
        if kind not in kinds.get(type(cell), (Kind.WORD, Kind.TRUTH)):
            self.faults.append(Fault(where, f"{name} is a {kind.value} and cannot be tested so"))
        elif isinstance(cell, Words):
            values = (*(spec.values if spec is not None and kind is Kind.WORD else ("yes", "no")), *more)
            for word in sorted(cell.words - set(values)):
                self._fault(where, f"{name} is never {word!r}", word, values)

    def name(self, where: str, name: str) -> None:
        self._spec(where, name)

    def _node(self, where: str, test: Test, inside: tuple[str, ...]) -> Node:
        # Labels and trials say the same thing in many places: one node for all, so that it is looked at once for a patient.
        node = self._made(where, test, inside)
        return self.distinct.setdefault(node, node)

    def _made(self, where: str, test: Test, inside: tuple[str, ...]) -> Node:
        match test:
            case AllTest():
                return Group("all", tuple(self._node(where, part, inside) for part in test.all))
            case AnyTest():
                return Group("any", tuple(self._node(where, part, inside) for part in test.any))
            case NoneTest():
                return Group("none", tuple(self._node(where, part, inside) for part in test.none))
            case UndecidedTest():
                return Undecided(test.undecided, test.flag)
            case UseTest():
                definition = self.library.definitions.get(test.use)
                if definition is None:
                    self._fault(where, f"there is no definition {test.use!r}", test.use, self.library.definitions)
                    return Undecided("faulty", "")
                if test.use in inside:
                    self.faults.append(Fault(where, f"the definition {test.use!r} leads back to itself"))
                    return Undecided("faulty", "")
                return self._node(where, definition.test, (*inside, test.use))
            case _:
                node = self._fact_node(where, test)
                if self.at_diagnosis and isinstance(node, FactNode) and self.specs[node.name].at_diagnosis:
                    return replace(node, name=name_then(node.name))
                return node

    def _spec(self, where: str, name: str) -> FactSpec | None:
        spec = self.specs.get(name)
        if spec is None:
            self._fault(where, f"there is no fact {name!r}", name, self.specs)
        return spec

    def _fact_node(self, where: str, test: FactTest) -> Node:
        spec = self._spec(where, test.fact)
        if spec is None:
            return Undecided("faulty", "")
        if test.has is not None:
            held = spec.words(self.library.therapies)
            if spec.kind is Kind.WORDS and test.has not in held:
                self._fault(where, f"{spec.name} never holds {test.has!r}", test.has, held)
            return self._checked(where, Has(test.fact, test.has), spec, Kind.WORDS)
        words = test.in_ if test.in_ is not None else (test.is_,) if test.is_ is not None else None
        if words is not None:
            return self._one_of(where, spec, words)
        operator, bound = next((name, value) for name in _COMPARISONS if (value := getattr(test, name)) is not None)
        if spec.kind is Kind.AGE:
            return self._aged(where, test.fact, operator, bound)
        if not isinstance(bound, Decimal):
            self.faults.append(Fault(where, f"{test.fact} is compared with {bound!r}, which is not a number"))
            return Undecided("faulty", "")
        return self._checked(where, Compared(test.fact, operator, bound), spec, Kind.NUMBER, Kind.COUNT)

    def _aged(self, where: str, name: str, operator: str, bound: Decimal | str) -> Node:
        if operator not in {"at_least", "below"} or not isinstance(bound, str):
            self.faults.append(Fault(where, f"{name} knows at_least and below with a span such as '18 a'"))
            return Undecided("faulty", "")
        try:
            return Aged(name, Span.parse(bound), operator == "below")
        except ValueError as fault:
            self.faults.append(Fault(where, str(fault)))
            return Undecided("faulty", "")

    def _one_of(self, where: str, spec: FactSpec, words: tuple[Word, ...]) -> Node:
        for word in words:
            if spec.kind is Kind.WORD and spec.values and word not in spec.values:
                self._fault(where, f"{spec.name} is never {word!r}", str(word), spec.values)
        right = {Kind.TRUTH: bool, Kind.WORD: str, Kind.COUNT: int, Kind.NUMBER: int}.get(spec.kind)
        if right is None or any(type(word) is not right for word in words):
            self.faults.append(Fault(where, f"{spec.name} is a {spec.kind.value} and cannot be {list(words)!r}"))
        numbers = tuple(Decimal(word) for word in words if isinstance(word, int) and not isinstance(word, bool))
        return OneOf(spec.name, frozenset(word for word in words if isinstance(word, (str, bool))), numbers)

    def _checked(self, where: str, node: FactNode, spec: FactSpec, *kinds: Kind) -> Node:
        if spec.kind not in kinds:
            self.faults.append(Fault(where, f"{spec.name} is a {spec.kind.value} and cannot be tested so"))
        return node

    def _fault(self, where: str, text: str, name: str, known: Mapping[str, object] | tuple[str, ...]) -> None:
        close = difflib.get_close_matches(name, list(known), n=1)
        self.faults.append(Fault(where, text, f"did you mean {close[0]!r}?" if close else ""))
