"""A file that has outgrown 400 lines has a seam somewhere: find it before it sets."""

LONGEST = 400


def test_no_python_file_is_longer_than_400_lines(root, project_files):
    files = [path for path in project_files if path.suffix == ".py"]
    lengths = {path: len((root / path).read_text(encoding="utf-8").splitlines()) for path in files}
    too_long = [f"{path}: {length} lines" for path, length in lengths.items() if length > LONGEST]
    assert not too_long, "split where the purpose changes:\n" + "\n".join(too_long)
