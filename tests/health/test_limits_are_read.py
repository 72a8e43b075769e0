"""A limit that nobody reads would be changed in vain: each is named by a fact, a rule or another file of knowledge."""

from service.knowledge.loader import load_library


def test_every_limit_is_read_by_somebody(root):
    code = [path.read_text(encoding="utf-8") for path in (root / "service").rglob("*.py")]
    data = [path for path in (root / "service" / "knowledge" / "data").rglob("*.yaml") if path.parent.name != "limits"]
    said = "\n".join([*code, *(path.read_text(encoding="utf-8") for path in data)])
    assert [name for name in load_library().limits if name not in said] == []
