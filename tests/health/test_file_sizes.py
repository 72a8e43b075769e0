"""A file that has outgrown 400 lines has a seam somewhere, and so has a function of 60: find it before it sets."""

import ast

LONGEST, LONGEST_FUNCTION = 400, 60


def test_no_python_file_is_longer_than_400_lines(root, project_files):
    files = [path for path in project_files if path.suffix == ".py"]
    lengths = {path: len((root / path).read_text(encoding="utf-8").splitlines()) for path in files}
    too_long = [f"{path}: {length} lines" for path, length in lengths.items() if length > LONGEST]
    assert not too_long, "split where the purpose changes:\n" + "\n".join(too_long)


def test_no_function_is_longer_than_60_lines(root, package_files):
    too_long = [
        f"{path}: {found.name}, {length} lines"
        for path in package_files
        for found in ast.walk(ast.parse((root / path).read_text(encoding="utf-8")))
        if isinstance(found, ast.FunctionDef) and (length := (found.end_lineno or 0) - found.lineno + 1) > LONGEST_FUNCTION
    ]
    assert not too_long, "give its parts names of their own:\n" + "\n".join(too_long)
