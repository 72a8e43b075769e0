"""The patterns of names, which are made when they are first asked for."""

from service.record.vocabulary import NamePatterns


def test_a_pattern_finds_its_names_and_is_made_once():
    patterns = NamePatterns({"cd19": ("CD19", "B4 antigen")})
    found = patterns.get("cd19")
    assert found is not None
    assert found is patterns.get("cd19")
    assert [bool(found.search(text)) for text in ("CD19 positive", "b4 antigen seen", "CD191")] == [True, True, False]


def test_a_concept_without_names_has_no_pattern():
    assert NamePatterns({}).get("cd19") is None
