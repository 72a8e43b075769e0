"""The course for the plot: what is open on which side, what a partial date means, which lane a mark stands in."""

import pytest

from service.knowledge.loader import load_library
from service.web.pages.explanation.course import course
from service.web.pages.explanation.desk import Desk
from service.web.pages.words import load_words


@pytest.fixture(scope="module")
def library():
    return load_library()


@pytest.fixture
def drawn(library):
    def build(*items, language="en", as_of="2032-01-01"):
        document = {"asOf": as_of, "facts": {}, "timeline": list(items)}
        return course(Desk.of(document, library, load_words()[language]))

    return build


def mrd(value, **more):
    return {
        "date": "2031-03-10",
        "kind": "response",
        "text": "MRD",
        "reference": "Observation/1",
        "value": value,
        "unit": "%",
        "limit": 0.01,
        "measure": "mrd",
    } | more


def limits(low, high):
    return {"low": low, "high": high, "lowInclusive": False, "highInclusive": False}


@pytest.mark.parametrize(
    ("value", "side", "low", "high"),
    [
        (0.3, "exact", 0.3, 0.3),
        (0, "exact", 0, 0),
        (limits(0, 0.01), "below", None, 0.01),
        (limits(None, 0.01), "below", None, 0.01),
        (limits(10, None), "above", 10, None),
        (limits(0, None), "both", None, None),
        (limits(0.01, 0.1), "between", 0.01, 0.1),
    ],
)
def test_a_result_is_open_on_the_side_that_its_limits_leave(drawn, value, side, low, high):
    (level,) = drawn(mrd(value)).chart["levels"]
    assert (level["open"], level["low"], level["high"]) == (side, low, high)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2031-03-10", "2031-03-10", "2031-03-10"),
        ("2031-02", "2031-02-01", "2031-02-28"),
        ("2032-02", "2032-02-01", "2032-02-29"),
        ("2031", "2031-01-01", "2031-12-31"),
        ("2031-03-10/2031-04-02", "2031-03-10", "2031-04-02"),
        ("2031-02/2032", "2031-02-01", "2032-12-31"),
    ],
)
def test_a_date_without_a_day_is_the_time_that_it_may_mean(drawn, text, first, last):
    (level,) = drawn(mrd(1, date=text)).chart["levels"]
    assert (level["from"], level["to"]) == (first, last)


@pytest.mark.parametrize(
    "text", [None, "", "2031-13", "2031-02-30", "soon", "2031-03-10-01", "2031-03-10/", "/2031-03-10", "2031/soon"]
)
def test_what_has_no_date_stands_in_the_table_and_not_in_the_plot(drawn, text):
    found = drawn(mrd(1, date=text))
    assert found.chart["levels"] == []
    assert len(found.rows) == 1
    assert found.drawn is False


def test_a_result_that_was_not_readable_is_not_drawn(drawn):
    item = mrd(1)
    del item["value"]
    assert drawn(item).chart["levels"] == []


def test_the_limits_that_results_are_compared_with_are_drawn_once_each(drawn):
    blasts = mrd(60, measure="marrow-blasts", limit=5)
    found = drawn(mrd(1), mrd(2), blasts, blasts).chart["limits"]
    assert [(row["measure"], row["value"]) for row in found] == [("mrd", 0.01), ("marrow-blasts", 5)]


@pytest.mark.parametrize(
    ("item", "lane", "label"),
    [
        ({"kind": "diagnosis", "text": "acute lymphoblastic leukaemia diagnosed"}, "disease", "Diagnóstico"),
        ({"kind": "relapse", "text": "relapse 1, marrow"}, "disease", "Recaída 1, medular aislada"),
        ({"kind": "relapse", "text": "relapse 2, combined"}, "disease", "Recaída 2, combinada"),
        ({"kind": "relapse", "text": "relapse"}, "disease", "Recaída"),
        ({"kind": "hsct", "text": "allogeneic stem cell transplantation"}, "cells", "TPH"),
        ({"kind": "car-t", "text": "tisagenlecleucel"}, "cells", "tisagenlecleucel"),
        (
            {"kind": "antigen", "text": "CD22", "measure": "cd22", "value": 90, "unit": "%", "answer": "positive"},
            "cd22",
            "90 %",
        ),
        ({"kind": "antigen", "text": "CD19 negative", "measure": "cd19", "answer": "negative"}, "cd19", "negativo"),
        ({"kind": "antigen", "text": "CD19 ambiguous", "measure": "cd19"}, "cd19", "?"),
    ],
)
def test_a_mark_stands_in_its_lane_with_its_words(drawn, item, lane, label):
    (event,) = drawn({"date": "2031-03-10", "reference": "Observation/1", **item}, language="es").chart["events"]
    assert (event["lane"], event["label"]) == (lane, label)


@pytest.mark.parametrize("kind", ["statement", "report", "something new"])
def test_other_items_stand_in_the_table_alone(drawn, kind):
    found = drawn({"date": "2031-03-10", "kind": kind, "text": "x", "reference": "Observation/1"})
    assert found.chart["events"] == found.chart["spans"] == found.chart["levels"] == []
    assert len(found.rows) == 1


GIVEN = {"date": "2031-03-10", "end": "2031-04-01", "reference": "MedicationAdministration/1"}


def test_a_drug_is_a_bar_from_its_first_to_its_last_day(drawn):
    item = {
        "date": "2031-03-10",
        "end": "2031-04-01",
        "kind": "drug",
        "text": "vincristine",
        "reference": "MedicationAdministration/1",
    }
    (span,) = drawn(item).chart["spans"]
    assert (span["lane"], span["from"], span["to"], span["doubt"]) == ("vincristine", "2031-03-10", "2031-04-01", "")


def test_a_drug_of_one_day_is_a_bar_of_that_day_and_an_order_is_marked(drawn):
    item = {
        "date": "2031-03-10",
        "kind": "drug",
        "text": "imatinib, ordered",
        "reference": "MedicationRequest/1",
        "ordered": True,
    }
    found = drawn(item)
    (span,) = found.chart["spans"]
    assert (span["lane"], span["from"], span["to"]) == ("imatinib", "2031-03-10", "2031-03-10")
    assert "ordered" in span["doubt"]
    assert "ordered" in found.rows[0].value


def test_what_was_perhaps_given_is_marked_as_that_in_the_lane_of_its_drug(drawn):
    item = {"date": "2031-03-10", "kind": "drug", "text": "imatinib, perhaps given", "reference": "Procedure/1", "perhaps": True}
    found = drawn(item)
    (span,) = found.chart["spans"]
    assert (span["lane"], span["doubt"], found.rows[0].value) == ("imatinib", "perhaps given", "perhaps given")


def test_a_phase_says_its_name_in_the_language_of_the_page(drawn):
    item = {
        "date": "2031-03-10",
        "end": "2031-04-01",
        "kind": "phase",
        "text": "induction: Four drugs",
        "reference": "MedicationAdministration/1",
    }
    (span,) = drawn(item, language="es").chart["spans"]
    assert (span["label"], span["more"]) == ("inducción", "Four drugs")


def test_the_plot_reaches_from_the_first_item_to_the_day_that_was_asked_about(drawn):
    found = drawn(mrd(1, date="2031-02"), mrd(1, date="2031-06-01"), as_of="2031-12-24")
    assert (found.chart["from"], found.chart["to"]) == ("2031-02-01", "2031-12-24")
    assert "2031-02-01" in found.description


def test_a_label_of_a_megabyte_is_cut(drawn):
    (event,) = drawn({"date": "2031-03-10", "kind": "car-t", "text": "x" * 1_000_000, "reference": "Procedure/1"}).chart["events"]
    assert len(event["label"]) <= 60
    assert event["label"].endswith("…")
