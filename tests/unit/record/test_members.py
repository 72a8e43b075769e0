"""Results within a panel: however many there are and wherever they lead, each is read once, and none too deep."""

from service.record.members import DEEPEST
from service.record.observations import read_observation
from service.record.shelf import Shelf
from tests.case_runners.knowledge import shipped_rules

VOCABULARY = shipped_rules().vocabulary


def member(name, *led_to):
    pointed = [{"reference": f"#{one}"} for one in led_to]
    return {
        "resourceType": "Observation",
        "id": name,
        "status": "final",
        "code": {"text": f"CD22 of {name}"},
        "hasMember": pointed,
    }


def names_in(*contained, led_to):
    panel = {**member("panel", *led_to), "effectiveDateTime": "2031-04-02", "contained": list(contained)}
    read = read_observation(panel, "Observation/panel", Shelf(VOCABULARY))
    assert read is not None
    return list(_names(read.components))


def _names(components):
    for component in components:
        yield component.text.removeprefix("CD22 of ")
        yield from _names(component.components)


def test_panels_that_all_lead_to_each_other_are_read_once():
    names = [f"m{number}" for number in range(30)]
    found = names_in(*(member(name, *names) for name in names), led_to=names)
    assert sorted(found) == sorted(names)


def test_panels_within_panels_end_somewhere():
    chain = [member(f"m{number}", f"m{number + 1}") for number in range(2 * DEEPEST)]
    assert names_in(*chain, led_to=["m0"]) == [f"m{number}" for number in range(DEEPEST)]


def test_a_contained_result_without_a_name_is_led_to_by_nobody():
    nameless = {key: value for key, value in member("m").items() if key != "id"}
    assert names_in(nameless, {**member("m"), "id": 5}, led_to=["m", "5", ""]) == []
