"""A figure is drawn only as it was published: each number of a point stands in the text that somebody verified."""

import pytest
from pydantic import ValidationError

from service.knowledge.loader import load_library
from service.knowledge.schema import Figure

FIGURE = {"measure": "CR", "published": "44 % against 25.5 %", "verification": "V", "outcome": "response"}


def figure(*points, **more):
    return Figure.model_validate({**FIGURE, "points": points, **more})


@pytest.mark.parametrize("value", [44, "25.5"])
def test_a_number_of_the_text_is_drawn(value):
    assert str(figure({"value": value}).points[0].value) == str(value)


@pytest.mark.parametrize("value", [45, 4, 25, 5, "4.4", "25.55", 255])
def test_a_number_that_the_text_does_not_have_is_refused(value):
    with pytest.raises(ValidationError, match="`published` has its number"):
        figure({"value": value})


def test_an_interval_is_drawn_only_where_the_text_has_both_its_limits():
    text = "44 % (38 to 50)"
    assert figure({"value": 44, "low": 38, "high": 50}, published=text).points[0].high == 50
    with pytest.raises(ValidationError):
        figure({"value": 44, "low": 38, "high": 51}, published=text)


@pytest.mark.parametrize("verification", ["M", "S", "B"])
def test_what_nobody_compared_with_its_source_is_not_drawn(verification):
    with pytest.raises(ValidationError):
        figure({"value": 44}, verification=verification)


def test_what_was_not_published_is_not_drawn():
    with pytest.raises(ValidationError):
        figure({"value": 44}, published=None)


def test_points_and_their_axis_stand_together():
    with pytest.raises(ValidationError):
        figure({"value": 44}, outcome=None)
    with pytest.raises(ValidationError):
        figure()


def test_shares_of_patients_lie_between_0_and_100_and_every_product_has_something_to_draw():
    library = load_library()
    for product, file in library.evidence.items():
        points = [(figure.outcome, point.value) for study in file.studies for figure in study.figures for point in figure.points]
        assert points, product
        assert all(0 <= value <= 100 for outcome, value in points if outcome != "median")
