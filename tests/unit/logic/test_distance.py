"""Distances over the ground."""

import math

import pytest

from service.logic.distance import EARTH_RADIUS_KM, great_circle_km


@pytest.mark.parametrize(
    ("one", "other", "kilometres"),
    [
        pytest.param((0, 0), (0, 0), 0, id="the same place"),
        pytest.param((0, 0), (0, 90), EARTH_RADIUS_KM * math.pi / 2, id="a quarter of the equator"),
        pytest.param((0, 0), (1, 0), EARTH_RADIUS_KM * math.pi / 180, id="a degree of latitude"),
        pytest.param((90, 0), (-90, 77), EARTH_RADIUS_KM * math.pi, id="pole to pole"),
        pytest.param((10, 20), (-10, -160), EARTH_RADIUS_KM * math.pi, id="opposite places"),
        pytest.param((60, 0), (60, 180), EARTH_RADIUS_KM * math.pi / 3, id="over the pole, not along the parallel"),
        pytest.param((0, 179.5), (0, -179.5), EARTH_RADIUS_KM * math.pi / 180, id="over the date line"),
    ],
)
def test_distances_that_geometry_tells(one, other, kilometres):
    assert great_circle_km(one, other) == pytest.approx(kilometres, abs=0.001)
    assert great_circle_km(other, one) == pytest.approx(kilometres, abs=0.001)


def test_a_distance_that_atlases_tell():
    # Barcelona to Madrid: about 505 km as the crow flies
    assert great_circle_km((41.3888, 2.159), (40.4165, -3.7026)) == pytest.approx(505, abs=3)
