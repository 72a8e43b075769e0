"""Orders that are being written: which product each is about, and what label, cautions and trials say of it today."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from service.decisions.choices import Closing, closings_of
from service.decisions.indications import judge_therapy
from service.decisions.needs import rank_missing
from service.decisions.predicate import Group, unique
from service.facts.disease import ANTILEUKAEMIC
from service.logic.truth import Truth

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from service.decisions.bind import Rules
    from service.decisions.predicate import Looks, Node
    from service.decisions.trial_verdicts import TrialVerdict
    from service.decisions.verdicts import CautionResult, Need, TherapyVerdict
    from service.knowledge.library import Library
    from service.knowledge.schema import OtherRoute, Therapy
    from service.record.orders import Order

TARGET_LOST = "negative"
GRAVITY = ("contraindication", "boxed-warning", "warning", "caution", "information")


@dataclass(frozen=True, slots=True)
class Ordered:
    """A product of ours and the orders that are about it, as far as these have a name."""

    therapy: Therapy
    references: tuple[str, ...]
    routes: frozenset[str] = frozenset()  # ways of giving it that one of them tells

    @property
    def other_route(self) -> OtherRoute | None:
        """A way of giving it that an order tells, and that no label on file is for."""
        return next((row for row in self.therapy.other_routes if row.route in self.routes), None)


@dataclass(frozen=True, slots=True)
class Held:
    """A caution that holds for this patient by its test, and the facts that make it hold."""

    found: CautionResult
    grounds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OrderVerdict:
    """What is to be said of one ordered product: its verdict before each regulator that has rows for it, and what goes with it.

    `target_lost`: the antigen that the product is directed at is known to be negative. `needs` could decide one of the verdicts.
    """

    ordered: Ordered
    verdicts: tuple[TherapyVerdict, ...]
    cautions: tuple[Held, ...]  # the worst first
    target_lost: bool
    needs: tuple[Need, ...]
    alternatives: tuple[TherapyVerdict, ...]
    closings: tuple[Closing, ...]

    @property
    def forbidden(self) -> bool:
        """Whether the record itself shows a contraindication that was verified."""
        return any(is_contraindicated(held.found) for held in self.cautions)


def is_contraindicated(found: CautionResult) -> bool:
    """Whether the record itself shows a contraindication; one without a test is a reminder, an unverified one never blocks."""
    caution = found.caution
    sure = caution.test is not None and caution.verification.usable_alone
    return caution.level == "contraindication" and sure and found.truth is Truth.YES


def ordered_products(orders: Sequence[Order], library: Library) -> tuple[Ordered, ...]:
    """Return the products of ours that the orders are about, in the order of our files; an order about none is left out."""
    found: dict[str, dict[str, None]] = {}
    routes: dict[str, frozenset[str]] = {}
    for order in orders:
        therapy = product_of(order, library)
        if therapy is not None:
            found.setdefault(therapy.product, {})[order.reference] = None
            routes[therapy.product] = routes.get(therapy.product, frozenset()) | order.routes
    return tuple(
        Ordered(therapy, tuple(name for name in found[therapy.product] if name), routes[therapy.product])
        for therapy in library.therapies.values()
        if therapy.product in found
    )


def product_of(order: Order, library: Library) -> Therapy | None:
    """Return the product that an order is about; None where that is none of ours, or cannot be told.

    A code tells. Words tell only what they name first among drugs: what comes later may be the reason, such as for
    premedication. Words of a service name a product that is asked for by referral, unless they name a trial.
    """
    named = [therapy for therapy in library.therapies.values() if therapy.concept in order.concepts]
    if len(named) != 1:
        return _first(order, named)
    therapy = named[0]
    if not order.by_name:
        return therapy
    if not order.of_drug and (therapy.suggestion.resource == "MedicationRequest" or _names_a_trial(order, library)):
        return None
    return _first(order, named)


def _first(order: Order, named: list[Therapy]) -> Therapy | None:
    products = {therapy.concept: therapy for therapy in named}
    drugs = (concept for concept in order.in_order if concept in products or concept in ANTILEUKAEMIC)
    return products.get(next(drugs, ""))


def _names_a_trial(order: Order, library: Library) -> bool:
    return any(name in order.words for name in library.trials)


def judge_order(  # noqa: PLR0913 - the question in full
    ordered: Ordered,
    looks: Looks,
    rules: Rules,
    days: tuple[date, date],
    regulators: tuple[str, ...],
    others: tuple[TherapyVerdict, ...],
    trials: tuple[TrialVerdict, ...],
) -> OrderVerdict:
    """Return what is to be said of one product; `days` are the day asked about and the state of knowledge.

    `others` and `trials` are the verdicts on the record. The product is judged whatever the disease: where that is unknown, so is
    the verdict, and a contraindication holds all the same.
    """
    therapy = ordered.therapy
    listed = {indication.regulator for indication in therapy.indications}
    verdicts = tuple(judge_therapy(therapy, regulator, looks, rules, *days) for regulator in regulators if regulator in listed)
    holding = {found.caution.id: found for verdict in verdicts for found in verdict.cautions if _holds(found)}
    target = looks.facts[therapy.target]
    return OrderVerdict(
        ordered=ordered,
        verdicts=verdicts,
        cautions=tuple(_held(found, looks, rules) for found in sorted(holding.values(), key=_gravity)),
        target_lost=target.is_known and target.value == TARGET_LOST,
        needs=rank_missing(looks, rules, verdicts, ()),
        alternatives=tuple(
            verdict for verdict in others if verdict.verdict == "on-label" and verdict.therapy.product != therapy.product
        ),
        closings=closings_of(therapy, trials),
    )


def _holds(found: CautionResult) -> bool:
    return found.caution.test is not None and found.truth is Truth.YES


def _gravity(found: CautionResult) -> tuple[bool, int]:
    return not is_contraindicated(found), GRAVITY.index(found.caution.level)


def _held(found: CautionResult, looks: Looks, rules: Rules) -> Held:
    return Held(found, unique(tuple(_grounds(rules.tests[f"caution {found.caution.id}"], looks))))


def _grounds(node: Node, looks: Looks) -> Iterator[str]:
    """Yield the facts that make a test hold: of several that could, those that do."""
    if looks.truth(node) is not Truth.YES:
        return
    if isinstance(node, Group) and node.how != "none":
        for part in node.parts:
            yield from _grounds(part, looks)
    else:
        yield from node.fact_names
