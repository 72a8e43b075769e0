"""What a clinician stated of the course, in the fixed words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.facts.choose import stated
from service.facts.per_view import per_view
from service.facts.stated import word_of
from service.logic.fact import Fact

if TYPE_CHECKING:
    from service.facts.catalogue import View

STATES = ("newly-diagnosed", "remission", "refractory", "relapsed", "suspected-relapse")
STATUSES = ("refractory", "relapse-after-hsct", "second-or-later-relapse", "first-relapse", "no-relapse")


@per_view
def stated_status(view: View) -> Fact[str] | None:
    """Return the clinician's phrase for the latest episode; None where nobody stated it."""
    return stated(view, "relapse_status", "relapse-status", word_of(frozenset(STATUSES)))


@per_view
def stated_state(view: View) -> Fact[str] | None:
    """Return the stated state of the disease; None where nobody stated it."""
    return stated(view, "disease_state", "disease-state", word_of(frozenset(STATES)))
