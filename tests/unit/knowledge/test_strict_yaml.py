"""The traps of YAML are faults with a line; what is plain stays plain."""

from datetime import date
from decimal import Decimal

import pytest

from service.knowledge.strict_yaml import read_yaml


def faults(text):
    return [(fault.where, fault.text, fault.hint) for fault in read_yaml(text.encode(), "f.yaml").faults]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: relapsed", "relapsed"),
        ("a: 'yes'", "yes"),
        ('a: "007"', "007"),
        ("a: true", True),
        ("a: false", False),
        ("a: null", None),
        ("a:", None),
        ("a: 50", 50),
        ("a: -3", -3),
        ("a: 0.10", Decimal("0.10")),
        ("a: 1e-4", Decimal("0.0001")),
        ("a: 2031-04-02", date(2031, 4, 2)),
        ("a: 10*9/L", "10*9/L"),
        ("a: 1 mo", "1 mo"),
        ("a: 9812/3", "9812/3"),
        ("a: 2031-04", "2031-04"),
        ("a: [x, 1]", ["x", 1]),
        ("a: {b: c}", {"b": "c"}),
        ("a: >-\n  two\n  lines", "two lines"),
        ("a: N", "N"),
        ("a: any", "any"),
    ],
)
def test_a_plain_value_means_what_it_looks_like(text, value):
    document = read_yaml(text.encode(), "f.yaml")
    assert document.faults == []
    assert document.value == {"a": value}
    assert isinstance(document.value, dict)
    assert type(document.value["a"]) is type(value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        *(
            (f"x: 1\na: {word}", f"bare `{word}` is a boolean in YAML")
            for word in ("yes", "No", "NO", "on", "OFF", "True", "FALSE")
        ),
        ("x: 1\na: 0123", "`0123` is a number that YAML reads in its own way"),
        ("x: 1\na: 1:30", "`1:30` is a number that YAML reads in its own way"),
        ("x: 1\na: 0x1F", "`0x1F` is a number that YAML reads in its own way"),
        ("x: 1\na: 1_000", "`1_000` is a number that YAML reads in its own way"),
        ("x: 1\na: .5", "`.5` is a number that YAML reads in its own way"),
        ("x: 1\na: .inf", "`.inf` is a number that YAML reads in its own way"),
        ("x: 1\na: 2031-02-30", "`2031-02-30` is not a day of the calendar"),
        ("x: 1\na: 2031-4-2", "`2031-4-2` is a time stamp in YAML"),
        ("x: 1\na: 2031-04-02T10:00:00", "`2031-04-02T10:00:00` is a time stamp in YAML"),
        ("x: 1\nx: 2", "the key `x` is written twice in one row"),
        ("x: 1\non: 2", "bare `on` is a boolean in YAML"),
        ("x: 1\n5: 2", "the key `5` is not a text for YAML"),
        ("x: 1\n? [a]\n: 2", "a key must be a word"),
        ("x: 1\na: !!str 5", "a YAML tag (tag:yaml.org,2002:str) is not used here"),
        ("x: &here [1]\na: *here", "a YAML alias is not used here"),
        ("x: 1\n<<: {b: 1}", "a merge key is not used here"),
    ],
)
def test_a_trap_is_a_fault_with_its_line(text, said):
    found = faults(text)
    assert (found[0][0].rpartition(":")[2], found[0][1]) in {("2", said), ("1", said)}
    assert found[0][0] == "f.yaml:2" or "alias" in said


def test_the_hint_says_what_to_write():
    assert faults("a: no")[0][2] == 'write true or false, or "no" in quotes'
    assert faults("a: 010")[0][2] == 'write "010" in quotes, or a plain number'


def test_all_traps_of_a_file_are_told_at_once():
    assert [where for where, _, _ in faults("a: yes\nb: 010\nc: {d: 1, d: 2}")] == ["f.yaml:1", "f.yaml:2", "f.yaml:3"]


@pytest.mark.parametrize(
    ("text", "where", "said"),
    [
        ("a: 1\nb: [", "f.yaml:2", "not YAML: "),
        ("a: b: c", "f.yaml:1", "not YAML: "),
        ("a: *nowhere", "f.yaml:1", "not YAML: "),
        ("a: 1\n---\nb: 2", "f.yaml:2", "not YAML: "),
        ("", "f.yaml", "the file is empty"),
        ("# only a comment", "f.yaml", "the file is empty"),
    ],
)
def test_what_is_not_one_yaml_document_is_one_fault(text, where, said):
    (found,) = faults(text)
    assert found[0] == where
    assert found[1].startswith(said)


def test_a_file_that_is_not_utf8_is_a_fault():
    (fault,) = read_yaml(b"a: \xff\xfe\xfa", "f.yaml").faults
    assert fault.text == "not YAML: the file is not UTF-8 text"


def test_a_path_finds_its_line_or_the_nearest_above():
    document = read_yaml(b"rows:\n  - id: a\n    when:\n      x: 1\n  - id: b\n", "f.yaml")
    assert document.line(()) == 1
    assert document.line(("rows", 0, "when", "x")) == 4
    assert document.line(("rows", 0, "when", "missing")) == 3
    assert document.line(("rows", 1)) == 5
    assert document.line(("rows", 7)) == 1
    assert document.line(("rows", 1, "id", "deeper")) == 5
    assert read_yaml(b"", "f.yaml").line(("a",)) == 1
