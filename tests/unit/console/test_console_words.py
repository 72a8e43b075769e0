"""The words of the console: the same keys in every language, each text filled in as the page does."""

import pytest

from service.cards.languages import LANGUAGES
from service.errors import KnowledgeError
from service.web.console.words import FOLDER, console_words


@pytest.fixture
def folder_with(tmp_path):
    """The words with one text of one language replaced."""

    def build(language, old, new):
        for name in LANGUAGES:
            text = (FOLDER / f"{name}.yaml").read_text(encoding="utf-8")
            if name == language:
                assert text.count(old) == 1
                text = text.replace(old, new)
            (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
        return tmp_path

    return build


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
