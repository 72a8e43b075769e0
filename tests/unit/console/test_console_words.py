"""The words of the console: the same keys in every language, each text filled in as the page does."""

from functools import partial

import pytest

from service.cards.languages import LANGUAGES
from service.errors import KnowledgeError
from service.web.console.words import FOLDER, console_words
from tests.changed_words import with_changed


@pytest.fixture
def folder_with(tmp_path):
    return partial(with_changed, FOLDER, tmp_path)


def test_every_language_is_read():
    assert console_words().keys() == set(LANGUAGES)


@pytest.mark.parametrize(
    ("language", "old", "new", "said"),
    [
        ("es", "ask: ", "asks: ", "asks"),
        ("en", "{line}, column {column}", "{line}", "asks for line"),
        ("es", '  critical: "Crítico"\n', "", "critical is a key in one language only"),
        ("en", '  create: "creates"\n', '  create: "creates"\n  create: "makes"\n', "create"),
    ],
)
def test_a_text_that_lacks_or_is_filled_in_otherwise_stops_the_start(folder_with, language, old, new, said):
    with pytest.raises(KnowledgeError) as raised:
        console_words(folder_with(language, old, new))
    assert said in raised.value.message
