"""Where the case of letters is passed over, a word written twice tells nothing new: each stands once in its list."""

from collections import Counter

from service.knowledge.loader import load_library
from service.terminology.names import _LONGEST_EXACT


def twins(words):
    return [word for word, times in Counter(words).items() if times > 1]


def test_each_word_of_the_language_stands_once_in_its_list():
    lists = load_library().words.items()
    assert {part: found for part, words in lists if (found := twins(map(str.lower, words)))} == {}


def test_each_name_of_a_value_set_stands_once_in_it():
    lists = ((row.concept, row.names) for row in load_library().value_sets.values())
    assert {concept: found for concept, names in lists if (found := twins(map(as_found, names)))} == {}


def as_found(name):
    """The name as it is looked for; the shortest ones in the case in which they are written."""
    return name if len(name) <= _LONGEST_EXACT else name.lower()


def test_names_of_three_letters_may_stand_in_several_cases():
    assert twins(map(as_found, ["neg", "Neg", "NEG", "d29", "D29"])) == []
    assert twins(map(as_found, ["DNA-index", "DNA-Index"])) == ["dna-index"]
