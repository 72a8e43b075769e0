"""How far two places on the earth are apart."""

from __future__ import annotations

import math

EARTH_RADIUS_KM = 6371.0088
"""The mean radius of the earth, in kilometres (IUGG)."""


def great_circle_km(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Return the shortest way over the ground between two places, as the crow flies.

    Unit: kilometres; a place is its latitude and longitude in degrees. The earth is taken as a sphere: right to half a percent.
    """
    north_one, east_one, north_other, east_other = map(math.radians, (*one, *other))
    half = (
        math.sin((north_other - north_one) / 2) ** 2
        + math.cos(north_one) * math.cos(north_other) * math.sin((east_other - east_one) / 2) ** 2
    )
    # Rounding may lead a hair past 1 between opposite places.
    return 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(min(1.0, half)))
