"""Look-ups with made-up systems and codes: what is found, under which addresses, and what is refused."""

import pickle

import pytest

from service.errors import KnowledgeError
from service.knowledge.schema import Code, CodeSystem, ValueSet
from service.terminology.terms import Terms


def code(system, written, *, verified=True, display="a display", subdivided=False):
    return Code(system=system, code=written, display=display, verified=verified, source="made up", subdivided=subdivided)


SYSTEMS = {
    "one": CodeSystem(name="one", uris=("http://one.example/codes", "urn:oid:1.2.3"), title="One"),
    "two": CodeSystem(name="two", uris=("http://two.example",), title="Two"),
}
VALUE_SETS = {
    "apple": ValueSet(
        concept="apple",
        says="a fruit",
        codes=(code("one", "A1", display="Apple"), code("one", "A2", verified=False)),
        names=("Apfel", "Apl"),
    ),
    "pear": ValueSet(concept="pear", says="another fruit", codes=(code("two", "A1"),)),
    "apple-tree": ValueSet(concept="apple-tree", says="a tree", names=("Apfel-Baum", "apple tree")),
    "fruit": ValueSet(
        concept="fruit",
        says="any fruit",
        codes=(code("one", "F", subdivided=True), code("two", "F", subdivided=True, verified=False)),
    ),
    "fig": ValueSet(
        concept="fig", says="one of them", codes=(code("one", "F.1"), code("one", "F.7", subdivided=True), code("one", "G"))
    ),
    "idea": ValueSet(concept="idea", says="no code and no name"),
}
TERMS = Terms(VALUE_SETS, SYSTEMS)


@pytest.mark.parametrize(
    ("system", "written", "concepts"),
    [
        pytest.param("http://one.example/codes", "F.7.5", ("fig",), id="below the longest that is subdivided"),
        pytest.param("http://one.example/codes", "A1", ("apple",), id="as written"),
        pytest.param("http://one.example/codes/", "A1", ("apple",), id="slash at the end"),
        pytest.param("HTTP://One.Example/Codes", "A1", ("apple",), id="capitals"),
        pytest.param("http://one.example/codes|2020", "A1", ("apple",), id="version behind the address"),
        pytest.param("urn:oid:1.2.3", "A1", ("apple",), id="other address"),
        pytest.param("http://one.example/codes", " A1 ", ("apple",), id="blanks around the code"),
        pytest.param("http://two.example", "A1", ("pear",), id="same code of another system"),
        pytest.param("http://one.example/codes", "A2", (), id="unverified code"),
        pytest.param("http://one.example/codes", "a1", (), id="codes keep their capitals"),
        pytest.param("http://one.example/codes", "F", ("fruit",), id="a code with subdivisions"),
        pytest.param("http://one.example/codes", "F.23", ("fruit",), id="one of them"),
        pytest.param("http://one.example/codes", "F.1", ("fig",), id="one that has its own meaning"),
        pytest.param("http://one.example/codes", "G.1", (), id="a code whose subdivisions stand for nothing"),
        pytest.param("http://two.example", "F.23", (), id="an unverified one with subdivisions"),
        pytest.param("http://three.example", "A1", (), id="unknown system"),
        pytest.param("", "A1", (), id="empty system"),
        pytest.param(None, "A1", (), id="no system"),
    ],
)
def test_a_coding_stands_for_these_concepts(system, written, concepts):
    assert TERMS.concepts_of(system, written) == concepts


def test_a_system_has_a_short_name():
    assert TERMS.system_of("URN:OID:1.2.3") == "one"
    assert TERMS.system_of("http://three.example") is None


@pytest.mark.parametrize(
    ("text", "concepts"),
    [
        pytest.param("ein apfel", ("apple",), id="capitals do not matter in a long name"),
        pytest.param("Apl", ("apple",), id="short name as written"),
        pytest.param("APL", (), id="capitals matter in a short name"),
        pytest.param("Apfelmus", (), id="not in the middle of a word"),
        pytest.param("Holzapfel", (), id="not at the end of a word"),
        pytest.param("Apfel+", ("apple",), id="a sign behind the name"),
        pytest.param("my_Apfel_2", ("apple",), id="underscores part words"),
        pytest.param("Apfel-Baum", ("apple-tree",), id="the longer name hides the shorter one"),
        pytest.param("Apfel-Baum, Apfel", ("apple-tree", "apple"), id="both, in the order of the text"),
        pytest.param("apple \n  tree", ("apple-tree",), id="any blanks between words"),
        pytest.param("", (), id="nothing"),
    ],
)
def test_a_text_speaks_of_these_concepts(text, concepts):
    assert TERMS.names_in(text) == concepts


def test_a_site_maps_its_own_codes_and_adds_to_ours():
    more = TERMS.with_site_mapping([("http://site.example/lab", "X", "pear"), ("one", "A2", "apple"), ("two", "A1", "apple")])
    assert more.concepts_of("http://site.example/lab", "X") == ("pear",)
    assert more.concepts_of("HTTP://site.example/lab/", "X") == ("pear",)
    assert more.concepts_of("urn:oid:1.2.3", "A2") == ("apple",)
    assert more.concepts_of("http://two.example", "A1") == ("pear", "apple")
    assert TERMS.concepts_of("http://site.example/lab", "X") == ()


def test_a_site_mapping_lists_every_row_it_refuses():
    with pytest.raises(KnowledgeError) as refused:
        TERMS.with_site_mapping([("http://site.example", "X", "aple"), ("http://site.example", "", "pear"), ("one", "Y", "pear")])
    first, second = refused.value.faults
    assert first.where == "site mapping, row 1"
    assert "'aple'" in first.text
    assert "'apple'" in first.hint
    assert second.where == "site mapping, row 2"


def test_a_value_set_of_an_unknown_system_is_refused():
    with pytest.raises(KnowledgeError, match="'twoo' is not on file"):
        Terms({"x": ValueSet(concept="x", says="x", codes=(code("twoo", "1"),))}, SYSTEMS)


def test_a_name_that_no_search_could_find_is_refused():
    with pytest.raises(KnowledgeError, match="letter or a digit"):
        Terms({"x": ValueSet(concept="x", says="x", names=("(x)",))}, SYSTEMS)


def test_terms_travel_to_another_process():
    travelled = pickle.loads(pickle.dumps(TERMS.with_site_mapping([("s", "X", "pear")])))  # noqa: S301 - our own bytes
    assert travelled.concepts_of("s", "X") == ("pear",)
    assert travelled.names_in("Apfel") == ("apple",)
