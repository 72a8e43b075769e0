"""Cards by their topics, and what a suggestion holds."""

PROFILE, GAPS, CONFLICT = "allleukaemiaprofile", "allmissingdata", "allcontradictions"


def topics(cards):
    """The topic of each card, in order."""
    return [card["source"]["topic"]["code"] for card in cards]


def by_topic(cards, code):
    """The one card of a topic."""
    (card,) = [card for card in cards if card["source"]["topic"]["code"] == code]
    return card


def resource_of(suggestion):
    """The resource of the one action of a suggestion."""
    (action,) = suggestion["actions"]
    return action["resource"]
