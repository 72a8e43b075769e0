"""A site's mapping file, line by line, and what is proposed for a code by the words beside it. All words are made up."""

import pytest

from service.errors import KnowledgeError
from service.knowledge.schema import Code, CodeSystem, ValueSet
from service.terminology.site_mapping import Suggestions, read_site_mapping
from service.terminology.terms import Terms


def own(word, *, verified=True):
    return Code(system="all-cds-facts", code=word, display=word, verified=verified, source="made up")


SYSTEMS = {
    "all-cds-facts": CodeSystem(name="all-cds-facts", uris=("urn:all-cds:facts",), title="Our own"),
    "loinc": CodeSystem(name="loinc", uris=("http://loinc.example",), title="One"),
}
VALUE_SETS = {
    "apple": ValueSet(concept="apple", says="a fruit", names=("Apfel", "CD 99")),
    "phase-ripe": ValueSet(concept="phase-ripe", says="a phase", codes=(own("ripe"), own("raw", verified=False))),
    "specimen-bark": ValueSet(concept="specimen-bark", says="a specimen", names=("Bark",)),
    "answer-found": ValueSet(concept="answer-found", says="an answer", names=("Detectable",)),
    "pear-syrup": ValueSet(concept="pear-syrup", says="a drug", names=("Pearumabin",)),
}
LAB = "http://lab.example/codes"


def read(text):
    return read_site_mapping(text, "site.csv", VALUE_SETS, SYSTEMS)


def faults(text):
    with pytest.raises(KnowledgeError) as raised:
        read(text)
    return [(fault.where, fault.text, fault.hint) for fault in raised.value.faults]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        pytest.param("", (), id="nothing"),
        pytest.param(f"{LAB},4711,apple", ((LAB, "4711", "apple"),), id="one row"),
        pytest.param(f"system,code,concept\n{LAB},4711,apple\n", ((LAB, "4711", "apple"),), id="a header"),
        pytest.param(
            f"\ufeffSystem,Code,Concept\r\n{LAB},4711,apple\r\n", ((LAB, "4711", "apple"),), id="written by a spreadsheet"
        ),
        pytest.param(f"# ours\n\n  # more\n{LAB},4711,apple", ((LAB, "4711", "apple"),), id="comments and empty lines"),
        pytest.param(f'{LAB},4711,apple  # red, "sour", 3 x', ((LAB, "4711", "apple"),), id="a comment behind a row"),
        pytest.param(f"{LAB},4711,apple,# red", ((LAB, "4711", "apple"),), id="a comment in a cell of its own"),
        pytest.param(f" {LAB} , 4711 , apple ", ((LAB, "4711", "apple"),), id="blanks around the cells"),
        pytest.param(f"{LAB},4711,apple,,\n,,\n", ((LAB, "4711", "apple"),), id="empty cells of a spreadsheet"),
        pytest.param(f'{LAB}, "47,11", apple', ((LAB, "47,11", "apple"),), id="a comma in a code"),
        pytest.param(f"{LAB}#x,A#1,apple", ((f"{LAB}#x", "A#1", "apple"),), id="the sign of a comment in a system and a code"),
        pytest.param("loinc,4711,apple", (("loinc", "4711", "apple"),), id="the short name of a system"),
        pytest.param("LAB,4711,apple", (("LAB", "4711", "apple"),), id="a bare word, as careless data name their system"),
        pytest.param(f"{LAB},4711,ripe", ((LAB, "4711", "phase-ripe"),), id="a word of our own code system"),
        pytest.param(
            f"{LAB},1,apple\n{LAB},1,phase-ripe", ((LAB, "1", "apple"), (LAB, "1", "phase-ripe")), id="two concepts of one code"
        ),
    ],
)
def test_a_mapping_is_read(text, rows):
    assert read(text) == rows


SHAPE = "a row is system,code,concept"


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        pytest.param(f"{LAB},4711,aple", ("there is no concept 'aple'", "did you mean 'apple'?"), id="a misspelt concept"),
        pytest.param(f"{LAB},4711,raw", ("there is no concept 'raw'", ""), id="an unverified word of ours"),
        pytest.param(f"{LAB},4711,apple,pear", ("there is no concept 'apple,pear'", "did you mean 'apple'?"), id="four cells"),
        pytest.param("lonic,4711,apple", ("there is no code system 'lonic'", "did you mean 'loinc'?"), id="a misspelt system"),
        pytest.param(f"{LAB},4711", (SHAPE, ""), id="no concept"),
        pytest.param(f"{LAB},4711,  # not completed", (SHAPE, ""), id="a proposal that was not completed"),
        pytest.param(f"{LAB},,apple", (SHAPE, ""), id="no code"),
        pytest.param(",4711,apple", (SHAPE, ""), id="no system"),
        pytest.param(f"{LAB};4711;apple", (SHAPE, "cells are separated by commas"), id="semicolons"),
    ],
)
def test_a_row_that_cannot_be_used_is_told_with_its_line(line, fault):
    assert faults(f"# ours\n{line}\n") == [("site.csv:2", *fault)]


def test_all_faults_are_told_at_once():
    text = f"{LAB},1,aple\n{LAB},2,apple\nlonic,3,aple\n{LAB}"
    assert [where for where, _, _ in faults(text)] == ["site.csv:1", "site.csv:3", "site.csv:3", "site.csv:4"]


def test_a_header_stands_only_at_the_top():
    assert [where for where, _, _ in faults(f"{LAB},1,apple\nsystem,code,concept")] == ["site.csv:2"]


@pytest.fixture(scope="module")
def suggestions():
    return Suggestions(Terms(VALUE_SETS, SYSTEMS).names_in, VALUE_SETS)


@pytest.mark.parametrize(
    ("words", "concepts"),
    [
        pytest.param("Apfel, gerieben", ("apple",), id="a name in the words"),
        pytest.param("cd-99", ("apple",), id="a name with other signs"),
        pytest.param("Pearumabine 35 mg vial", ("pear-syrup",), id="a misspelt name of a drug"),
        pytest.param("Bark apfel", ("apple",), id="the specimen beside the test is not what it is about"),
        pytest.param("Bark pressure", (), id="only a specimen"),
        pytest.param("Undetectable", (), id="only an answer"),
        pytest.param("Ship", (), id="nothing near"),
        pytest.param("", (), id="no words"),
    ],
)
def test_a_test_or_a_drug_is_proposed_by_its_words(suggestions, words, concepts):
    assert suggestions.for_words(words) == concepts


@pytest.mark.parametrize(
    ("words", "concepts"),
    [
        pytest.param("detectable", ("answer-found",), id="the name"),
        pytest.param("Detectable (qualifier value)", ("answer-found",), id="the name with its kind"),
        pytest.param("not detectable", (), id="the opposite in two words"),
        pytest.param("undetectable", (), id="the opposite in one word"),
        pytest.param("", (), id="no words"),
    ],
)
def test_an_answer_is_proposed_only_where_it_is_a_name_as_a_whole(suggestions, words, concepts):
    assert suggestions.for_words(words, is_answer=True) == concepts
