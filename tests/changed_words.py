"""The words of a page with one text of one language replaced, to see what is said of it."""

from service.cards.languages import LANGUAGES


def with_changed(folder, into, language, old, new):
    for name in LANGUAGES:
        text = (folder / f"{name}.yaml").read_text(encoding="utf-8")
        if name == language:
            assert text.count(old) == 1
            text = text.replace(old, new)
        (into / f"{name}.yaml").write_text(text, encoding="utf-8")
    return into
