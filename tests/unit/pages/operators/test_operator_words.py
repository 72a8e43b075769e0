"""The words of these pages: the same keys in every language, each filled in as its page does."""

import pytest

from service.errors import KnowledgeError
from service.web.pages.operators.about import ATTRIBUTES
from service.web.pages.operators.words import load_operator_words
from service.web.pages.words import FOLDER


@pytest.fixture
def folder_with(tmp_path):
    """The words with one text of one language replaced."""

    def build(language, old, new):
        for name in ("en", "es"):
            text = (FOLDER / f"operators.{name}.yaml").read_text(encoding="utf-8")
            if name == language:
                assert text.count(old) == 1
                text = text.replace(old, new)
            (tmp_path / f"operators.{name}.yaml").write_text(text, encoding="utf-8")
        return tmp_path

    return build


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("  stale_none:", "  # stale_none:", "stale_none"),
        ("  stale_none:", '  surplus: "x"\n  stale_none:', "surplus"),
        ("    pregnancy:", "    pregnant:", "attributes.pregnan"),
        ("{drawn}", "{which}", "which"),
    ],
)
def test_a_fault_stops_the_start(folder_with, language, old, new, said):
    with pytest.raises(KnowledgeError) as raised:
        load_operator_words(folder_with(language, old, new))
    assert said in raised.value.message


@pytest.mark.parametrize("language", ["en", "es"])
def test_tables_of_words_have_a_word_for_everything_that_can_occur(language):
    words = load_operator_words()[language]
    assert words.about.attributes.keys() == ATTRIBUTES.keys()
    assert words.knowledge.standing.keys() == {"in-force", "date-uncertain", "not-in-force", "not-on-file"}
    assert words.row.standing.keys() == words.knowledge.standing.keys()
    assert words.knowledge.exclusions.keys() == {"curated", "partly-curated", "not-curated"}
    assert words.registry.texts.keys() == {"same", "as first fetched", "changed", "not compared"}
    assert words.chrome.pages.keys() == {"knowledge", "registry", "about", "feedback", "unmapped"}
