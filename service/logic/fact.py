"""A fact is a value or a gap, always with evidence."""

from __future__ import annotations

from enum import Enum
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import msgspec

if TYPE_CHECKING:
    from service.logic.dates import PartialDate

T = TypeVar("T")
V_co = TypeVar("V_co", covariant=True)


class Gap(Enum):
    """Why a fact is unknown."""

    NOT_RECORDED = "not-recorded"
    NOT_RECEIVED = "not-received"
    TOO_OLD = "too-old"
    STALE_AFTER_THERAPY = "stale-after-therapy"
    UNREADABLE = "unreadable"
    AMBIGUOUS = "ambiguous"
    NOT_ASSESSABLE = "not-assessable"

    __hash__ = object.__hash__  # members are single; the inherited one is a function in Python


class State(Enum):
    """Whether a fact is known, unknown, or contradicted within the record."""

    KNOWN = "known"
    UNKNOWN = "unknown"
    CONFLICTING = "conflicting"


_KNOWN = State.KNOWN  # a member is found twice as fast here as in its class


class Evidence(msgspec.Struct, frozen=True, gc=False):
    """One place in the input on which a fact rests.

    `reference` names a resource of the input; `path` the element; `text` says in one line what was read there.
    """

    reference: str
    path: str
    date: PartialDate | None
    text: str


class Fact(msgspec.Struct, Generic[V_co], frozen=True, gc=False):
    """A value with its evidence, or the reason why there is none.

    `needs` names what would have to be recorded; `beside` holds members shown beside the value (percent, method, dates);
    `rule` names the rule that made the fact; `set_aside` is evidence that was seen and not used.
    """

    state: State
    value: V_co | None = None
    gap: Gap | None = None
    needs: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    flags: tuple[str, ...] = ()
    rule: str = ""
    unit: str = ""
    beside: tuple[tuple[str, object], ...] = ()
    set_aside: tuple[Evidence, ...] = ()

    @property
    def is_known(self) -> bool:
        """Whether there is a value to reason with."""
        return self.state is _KNOWN

    def flagged(self, *flags: str) -> Fact[V_co]:
        """Return the same fact with more flags."""
        more = [flag for flag in flags if flag not in self.flags]
        if not more:
            return self
        return Fact(
            self.state, self.value, self.gap, self.needs, self.evidence, (*self.flags, *more), self.rule,
            self.unit, self.beside, self.set_aside,
        )  # fmt: skip


def known(  # noqa: PLR0913 - each is a member of the fact
    value: T,
    evidence: tuple[Evidence, ...] = (),
    *,
    rule: str = "",
    flags: tuple[str, ...] = (),
    unit: str = "",
    beside: tuple[tuple[str, object], ...] = (),
    set_aside: tuple[Evidence, ...] = (),
) -> Fact[T]:
    """Return a fact with a value."""
    return Fact(State.KNOWN, value, None, (), evidence, flags, rule, unit, beside, set_aside)


def unknown(  # noqa: PLR0913 - each is a member of the fact
    gap: Gap = Gap.NOT_RECORDED,
    *needs: str,
    evidence: tuple[Evidence, ...] = (),
    rule: str = "",
    flags: tuple[str, ...] = (),
    beside: tuple[tuple[str, object], ...] = (),
    set_aside: tuple[Evidence, ...] = (),
) -> Fact[T]:
    """Return a fact without a value: the gap and what would fill it."""
    if evidence or beside or set_aside:
        return Fact(State.UNKNOWN, None, gap, needs, evidence, flags, rule, "", beside, set_aside)
    return _bare_gap(gap, needs, rule, flags)


# Most facts of most patients are gaps with nothing of the patient in them: one of each kind serves all.
@lru_cache(maxsize=1_024)
def _bare_gap(gap: Gap, needs: tuple[str, ...], rule: str, flags: tuple[str, ...]) -> Fact[Any]:
    return Fact(State.UNKNOWN, None, gap, needs, (), flags, rule)


def conflicting(evidence: tuple[Evidence, ...], *needs: str, rule: str = "", flags: tuple[str, ...] = ()) -> Fact[T]:
    """Return a fact that the record contradicts; it is reasoned with as unknown."""
    return Fact(State.CONFLICTING, None, Gap.AMBIGUOUS, needs, evidence, flags, rule)
