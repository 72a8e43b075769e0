"""The clock is read in the entrances only: everything below is told the day it should think of.

The search follows imported names, so `from datetime import datetime as stamp` hides nothing.
"""

import ast
from pathlib import Path

import pytest

ENTRANCES = (
    *("service/web/", "service/cohort/", "service/commands/"),
    "cds_hooks/conformance/__main__.py",  # a command too: it signs tokens for the moment at which it is run
)
CLOCK_READINGS = {
    "datetime.datetime.now",
    "datetime.datetime.utcnow",
    "datetime.datetime.today",
    "datetime.date.today",
    "time.time",
    "time.time_ns",
    "time.localtime",
    "time.gmtime",
    "time.ctime",
}


def imported_names(tree):
    """Local name -> full name, for every import of the file, wherever it stands."""
    names = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                local = alias.asname or alias.name.partition(".")[0]
                names[local] = alias.name if alias.asname else local
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                names[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return names


def full_name(node, names):
    """`dt.datetime.now` -> `datetime.datetime.now`; empty for anything that is not a chain of names."""
    parts = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name) or node.id not in names:
        return ""
    return ".".join([names[node.id], *reversed(parts)])


def clock_readings(source):
    """Line and full name of each place that reads the clock or hands the reading function on."""
    tree = ast.parse(source)
    names = imported_names(tree)
    return sorted(
        (node.lineno, name)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute | ast.Name) and (name := full_name(node, names)) in CLOCK_READINGS
    )


def test_the_clock_is_read_in_the_entrances_only(root, package_files):
    readings = [
        f"{path}:{line} {name}"
        for path in package_files
        if not path.as_posix().startswith(ENTRANCES)
        for line, name in clock_readings((root / path).read_text(encoding="utf-8"))
    ]
    assert not readings, "take `as_of` as an argument instead:\n" + "\n".join(readings)


@pytest.mark.parametrize(
    ("source", "found"),
    [
        pytest.param("import datetime\ndatetime.datetime.now()", ["datetime.datetime.now"], id="whole module"),
        pytest.param("import datetime as dt\ndt.date.today()", ["datetime.date.today"], id="renamed module"),
        pytest.param("from datetime import datetime\ndatetime.now(tz=UTC)", ["datetime.datetime.now"], id="class"),
        pytest.param("from datetime import date as day\nday.today()", ["datetime.date.today"], id="renamed class"),
        pytest.param(
            "from datetime import datetime\nx = field(default_factory=datetime.utcnow)",
            ["datetime.datetime.utcnow"],
            id="not called",
        ),
        pytest.param("import time\ntime.time()", ["time.time"], id="time module"),
        pytest.param("from time import time\ntime()", ["time.time"], id="time function"),
        pytest.param("def f():\n    import time\n    return time.time_ns()", ["time.time_ns"], id="import inside a function"),
        pytest.param("from datetime import date\ndate(2031, 1, 1)", [], id="a written date is no clock"),
        pytest.param("import time\ntime.perf_counter()", [], id="measuring a duration is no clock"),
        pytest.param("row.now()\nnow = 1", [], id="somebody else's now"),
    ],
)
def test_the_search_finds_each_way_to_ask_the_time(source, found):
    assert [name for _, name in clock_readings(source)] == found


@pytest.mark.parametrize(
    ("path", "is_entrance"),
    [
        ("service/web/app.py", True),
        ("service/commands/screen.py", True),
        ("service/cli.py", False),
        ("service/cards/compose.py", False),
        ("service/client.py", False),
    ],
)
def test_entrances_are_told_from_the_rest_by_path(path, is_entrance):
    assert Path(path).as_posix().startswith(ENTRANCES) is is_entrance
