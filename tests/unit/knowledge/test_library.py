"""The library cannot be changed, has a fingerprint, and answers by id and day."""

import pickle
from dataclasses import FrozenInstanceError
from datetime import date
from decimal import Decimal

import pytest
from pydantic import ValidationError

from service.errors import KnowledgeError

TODAY = date(2040, 1, 1)


def test_nothing_in_it_can_be_changed(shelf):
    library = shelf.load()
    with pytest.raises(FrozenInstanceError):
        library.digest = "other"
    with pytest.raises(TypeError):
        library.therapies["other"] = library.therapies["examplomab"]
    with pytest.raises(ValidationError):
        library.therapies["examplomab"].name = "other"


def test_the_digest_depends_on_names_and_bytes_only(shelf):
    first = shelf.load().digest
    assert first.startswith("sha256:")
    assert shelf.load().digest == first
    (shelf.folder / "talk/rows.yaml").rename(shelf.folder / "talk/other.yaml")
    renamed = shelf.load().digest
    shelf.change("talk/other.yaml", "Examplomab is approved", "Examplomab is  approved")
    assert len({first, renamed, shelf.load().digest}) == 3


def test_it_travels_to_another_process(shelf):
    library = shelf.load()
    copy = pickle.loads(pickle.dumps(library))  # noqa: S301 - our own bytes
    assert copy == library
    with pytest.raises(TypeError):
        copy.therapies["other"] = 1


@pytest.mark.parametrize(("as_of", "value"), [(date(2029, 12, 31), "5"), (date(2030, 1, 1), "0.1"), (date(1990, 1, 1), "5")])
def test_a_limit_is_the_one_of_the_day(shelf, as_of, value):
    assert shelf.load().limit("blasts_from", as_of, TODAY).value == Decimal(value)


@pytest.mark.parametrize(
    ("as_of", "known_by"),
    [
        pytest.param(date(1989, 12, 31), TODAY, id="before the first row"),
        pytest.param(date(2030, 1, 1), date(2031, 1, 31), id="the row of that day was not yet written down"),
    ],
)
def test_a_limit_of_no_row_in_force_is_an_error_and_not_the_next_best(shelf, as_of, known_by):
    with pytest.raises(KnowledgeError, match=r"limits/blasts\.yaml blasts_from: no row is in force"):
        shelf.load().limit("blasts_from", as_of, known_by)


def test_an_unknown_limit_names_the_nearest(shelf):
    with pytest.raises(KnowledgeError, match=r"there is no limit 'blast_from' .*did you mean 'blasts_from'"):
        shelf.load().limit("blast_from", TODAY, TODAY)


def test_studies_and_questions_are_found_by_product(shelf):
    library = shelf.load()
    assert [study.id for study in library.studies("examplomab")] == ["EXA-1"]
    assert library.studies("other") == ()
    assert [question.id for question in library.questions_for("examplomab")] == ["Q1"]
    assert library.questions_for("other") == ()


def test_places_name_the_file_and_the_rows_around_a_row(shelf):
    wheres = {place.where for place in shelf.load().places}
    assert (
        "therapies/examplomab.yaml examplomab / indications / F-EXA-1 / versions / 2031-04-02 / criteria / age / test" in wheres
    )
    assert "sources/labels.yaml label" in wheres
    assert "limits/blasts.yaml blasts_from / 2" in wheres
