"""The shipped knowledge on its shelves, on a day, in a language."""

from datetime import date

import pytest

from service.assembly import build_service
from service.settings import Settings
from service.web.pages.operators.shelves import Shelves
from service.web.pages.operators.words import load_operator_words
from service.web.pages.words import load_words

TODAY = date(2026, 11, 28)


@pytest.fixture(scope="session")
def shipped():
    return build_service(Settings())


@pytest.fixture(scope="session")
def shelves(shipped):
    def build(as_of="2026-11-28", known_by="2026-11-28", today=TODAY, language="en", library=None):
        days = (date.fromisoformat(as_of), date.fromisoformat(known_by), today)
        words = (load_words()[language], load_operator_words()[language])
        return Shelves.of(library or shipped.rules.library, words, shipped.wording, days)

    return build
