"""A file that has outgrown 400 lines has a seam somewhere: find it before it sets."""

LONGEST = 400


def test_no_python_file_of_the_product_is_longer_than_400_lines(root, package_files):
    lengths = {path: len((root / path).read_text(encoding="utf-8").splitlines()) for path in package_files}
    too_long = [f"{path}: {length} lines" for path, length in lengths.items() if length > LONGEST]
    assert not too_long, "split where the purpose changes:\n" + "\n".join(too_long)
