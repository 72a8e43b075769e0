"""Everything public says in its first line what comes back."""

import ast

import pytest


def undocumented(source):
    """Line and name of each public class, function and method without a docstring.

    Overridden methods and overloads inherit theirs; what stands inside a function is not public.
    """
    found = []

    def visit(body, owner):
        for node in body:
            if isinstance(node, ast.If | ast.Try):
                visit(node.body + node.orelse, owner)
            if not isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) or node.name.startswith("_"):
                continue
            marks = {ast.unparse(mark).rpartition(".")[2] for mark in node.decorator_list}
            if not ast.get_docstring(node) and not marks & {"override", "overload", "setter"}:
                found.append((node.lineno, f"{owner}{node.name}"))
            if isinstance(node, ast.ClassDef):
                visit(node.body, f"{owner}{node.name}.")

    visit(ast.parse(source).body, "")
    return found


def test_every_public_class_and_function_says_what_comes_back(root, package_files):
    silent = [
        f"{path}:{line} {name}"
        for path in package_files
        for line, name in undocumented((root / path).read_text(encoding="utf-8"))
    ]
    assert not silent, "add a docstring whose first line says what comes back:\n" + "\n".join(silent)


@pytest.mark.parametrize(
    ("source", "names"),
    [
        pytest.param("def age():\n    return 1", ["age"], id="function"),
        pytest.param("class Age:\n    pass", ["Age"], id="class"),
        pytest.param('class Age:\n    """Years."""\n    def months(self): ...', ["Age.months"], id="method"),
        pytest.param('def age():\n    """Years."""\n    def inner(): ...', [], id="inside a function"),
        pytest.param("def _age(): ...", [], id="private function"),
        pytest.param("class _Age:\n    def months(self): ...", [], id="method of a private class"),
        pytest.param('class Age:\n    """Years."""\n    def __init__(self): ...', [], id="magic method"),
        pytest.param('class Age:\n    """Years."""\n    @override\n    def months(self): ...', [], id="override"),
    ],
)
def test_the_search_finds_public_things_only(source, names):
    assert [name for _, name in undocumented(source)] == names
