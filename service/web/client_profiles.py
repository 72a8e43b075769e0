"""Which profile holds for a call: that of the caller's entry in the file of issuers, else that of the setting."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from service.cards.profiles import profiles_by_every_name
from service.settings import DEVELOPMENT
from service.web.callers import caller

if TYPE_CHECKING:
    from service.cards.choice import CardChoice
    from service.cards.profiles import ClientProfile
    from service.settings import Settings


def profile_of_the_setting(settings: Settings) -> ClientProfile:
    """Return the profile for whoever has none of their own, and for discovery, which is the same for all."""
    return profiles_by_every_name()[settings.client_profile]


def profile_of_the_call(settings: Settings) -> ClientProfile:
    """Return the profile of who makes this call."""
    known = caller()
    return profiles_by_every_name()[(known.client_profile if known is not None else "") or settings.client_profile]


def choice_for(profile: ClientProfile, choice: CardChoice) -> CardChoice:
    """Return what a call wants of the cards, within what its client has room for."""
    limits = [limit for limit in (choice.most, profile.most_cards) if limit is not None]
    return replace(choice, most=min(limits, default=None), longest_summary=profile.longest_summary)


def may_ask_other_days(settings: Settings) -> bool:
    """Return whether this call may be about another day than today: in production only by leave of the operator."""
    known = caller()
    return settings.profile == DEVELOPMENT or (known is not None and known.other_days)
