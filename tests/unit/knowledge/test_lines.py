"""The line of a fault is that of the row it names, or of the nearest row around it."""

import pytest

from service.errors import Fault
from service.knowledge.lines import with_lines

ONE = """\
system: EX40
versions:
  - effective: 2030-01-01
    rows:
      - {id: low, when: {wbc: "< 50"}}
      - {id: high, when: {wbc: ">= 50"}}
    notes: [a, b]
"""
MANY = """\
# a file of many rows
version: 1
definitions:
  - id: one
    test: {fact: ph}
  - {id: two}
sources:
  label:
    title: A label
"""


@pytest.fixture
def line(tmp_path):
    def ask(where):
        paths = {}
        for name, text in (("risk systems/one.yaml", ONE), ("many.yaml", MANY)):
            paths[name] = tmp_path / name.replace("/", "-")
            paths[name].write_text(text, encoding="utf-8")
        (fault,) = with_lines([Fault(where, "is wrong", "mend it")], paths)
        return fault.line, str(fault)

    return ask


@pytest.mark.parametrize(
    ("trail", "expected"),
    [
        ("EX40", 1),
        ("EX40 / versions / 2030-01-01", 3),
        ("EX40 / versions / 2030-01-01 / rows / high", 6),
        ("EX40 / versions / 2030-01-01 / rows / high / wbc", 6),  # a column is no key of a row
        ("EX40 / versions / 2030-01-01 / notes / 2", 7),
        ("EX40 / versions / 2040-01-01", 2),
        ("EX40 / versions / 2030-01-01 / notes / 1 / 1", 7),
        ("another", 1),
    ],
)
def test_a_row_of_a_file_that_is_one_thing(line, trail, expected):
    number, shown = line(f"risk systems/one.yaml {trail}")
    assert number == expected
    assert shown == f"risk systems/one.yaml:{expected} {trail}: is wrong (mend it)"


@pytest.mark.parametrize(
    ("trail", "expected"), [("one", 4), ("one / test", 5), ("two", 6), ("label", 8), ("label / title", 9), ("three", 2)]
)
def test_a_row_of_a_file_of_many(line, trail, expected):
    assert line(f"many.yaml {trail}")[0] == expected


@pytest.mark.parametrize("where", ["many.yaml", "many.yaml:3 one", "talk.yaml T1", "risk_systems EX40"])
def test_a_fault_that_names_no_row_of_a_file_stays_as_it_is(line, where):
    assert line(where) == (0, f"{where}: is wrong (mend it)")


def test_a_file_of_no_rows_has_one_line(tmp_path):
    path = tmp_path / "list.yaml"
    path.write_text("# nothing\n- a\n", encoding="utf-8")
    (fault,) = with_lines([Fault("list.yaml a", "is wrong")], {"list.yaml": path})
    assert fault.line == 2
