"""The record laid out by concept: what is found is what a look through the whole record would find, in its order."""

import pytest
from msgspec.structs import replace

from service.facts.choose import statements, with_concept
from service.facts.focus import set_aside_other_focus
from service.facts.layout import ByConcept
from service.facts.per_view import per_view


def test_items_are_found_by_any_of_their_concepts_in_the_order_of_the_record(reading):
    kinds = [("wbc",), ("ecog", "wbc"), (), ("ecog",), ("wbc",)]
    items = [reading(*concepts, reference=f"Observation/{place}") for place, concepts in enumerate(kinds)]
    found = ByConcept(items)
    assert found.of("wbc") == [items[0], items[1], items[4]]
    assert found.of("mrd") == []
    assert found.of_any({"ecog", "wbc"}) == [items[0], items[1], items[3], items[4]]
    assert found.of_any({"mrd"}) == []


def test_a_component_is_a_reading_of_its_own_right_after_its_whole(view_of, reading):
    part = reading("mrd", reference="Observation/1", parent=frozenset({"marrow-report"}), path="component[0].valueQuantity")
    whole, other = reading("marrow-report", components=(part,)), reading("mrd", reference="Observation/2")
    view = view_of(whole, other)
    layout = view.layout
    assert with_concept(view, "mrd") == [part, other]
    assert layout.within({"marrow-report"}) == {1}
    assert layout.at({2, 0}) == [(0, whole), (2, other)]


def test_nothing_is_within_anything_in_a_record_without_components(view_of, reading):
    assert view_of(reading("mrd")).layout.within({"mrd"}) == set()


OWN = ("all-cds-facts", "treatment-phase")


def test_a_statement_is_a_whole_and_final_result_with_a_code_of_our_own_system(view_of, reading):
    twice = reading(code_codings=(OWN, OWN), on="2026-02-01", reference="Observation/2")
    first = reading(code_codings=(("loinc", "1"), OWN), on="2026-01-01", reference="Observation/1")
    early = replace(first, preliminary=True)
    part = replace(first, path="component[0].code")
    others = reading(code_codings=(("loinc", "treatment-phase"),))
    assert statements(view_of(twice, first, early, others), "treatment-phase") == [first, twice]
    assert statements(view_of(reading(components=(part,))), "treatment-phase") == []
    assert statements(view_of(early), "treatment-phase") == []


@pytest.mark.parametrize(
    ("parts", "written"),
    [
        ({}, False),
        ({"words": "46 chromosomes"}, False),
        ({"words": "46,XX[20]"}, True),
        ({"words": "nuc Ish (ABL1x2)"}, True),
        ({"coded": (("iscn", "46,XX[20]"),)}, True),
        ({"coded": (("loinc", "N"), ("snomed", "1"))}, False),
    ],
)
def test_a_notation_may_stand_where_a_comma_or_an_ish_is(view_of, reading, parts, written):
    assert bool(view_of(reading("karyotype", **parts)).layout.written) is written


def test_the_parts_of_a_variant_and_of_a_change_are_looked_at_whatever_they_say(view_of, reading):
    iscn, plain = reading("component-iscn", words="t(9;22)(q34;q11)"), reading("component-copy-number", words="3")
    assert view_of(reading("karyotype", components=(iscn,))).layout.written == (0,)
    assert view_of(reading("genetic-variant", components=(plain,))).layout.written == (0,)
    assert view_of(reading("karyotype", components=(plain,))).layout.written == ()


def test_what_was_set_aside_is_no_longer_found(view_of, reading):
    other = reading("mrd", focus=("Condition/other",))
    view = view_of(other, reading("ecog"))
    assert with_concept(view, "mrd") == [other]
    set_aside_other_focus(view)
    assert with_concept(view, "mrd") == []


def test_what_is_asked_once_of_a_view_is_worked_out_once_also_where_it_is_nothing(view_of):
    asked = []

    @per_view
    def nothing(view):
        asked.append(view.record.reference)

    view, other = view_of(), view_of()
    assert [nothing(view), nothing(view), nothing(other)] == [None, None, None]
    assert asked == ["Patient/p", "Patient/p"]  # once for each of the two views
