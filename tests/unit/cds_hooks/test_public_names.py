"""What the package offers is one list, and the list is true."""

import ast
import pathlib

import cds_hooks
from cds_hooks import errors


def leaves(root):
    below = root.__subclasses__()
    return [leaf for child in below for leaf in leaves(child)] if below else [root]


def test_every_listed_name_exists_and_the_list_is_sorted_without_twins():
    assert all(hasattr(cds_hooks, name) for name in cds_hooks.__all__)
    assert len(set(cds_hooks.__all__)) == len(cds_hooks.__all__)


def test_everything_that_the_package_imports_for_others_is_listed():
    tree = ast.parse(pathlib.Path(cds_hooks.__file__).read_text(encoding="utf-8"))
    imported = {alias.name for node in tree.body if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert imported == set(cds_hooks.__all__)


def test_every_error_is_public_and_drawn_in_the_tree():
    names = {name for name, value in vars(errors).items() if isinstance(value, type) and issubclass(value, Exception)}
    assert names <= set(cds_hooks.__all__)
    assert all(name in errors.__doc__ for name in names)


def test_every_error_has_a_code_of_its_own():
    codes = [leaf.code for leaf in leaves(cds_hooks.ProtocolError)]
    assert len(set(codes)) == len(codes)


def test_an_error_says_what_where_and_what_next():
    error = cds_hooks.MissingMember("context.patientId", "a text is required here")
    assert (error.code, error.where, error.hint) == ("missing-member", "context.patientId", "a text is required here")
    assert str(error) == "missing-member at context.patientId: a text is required here"
