"""The first look at the project shows eight names and no more."""

ALLOWED = {"pyproject.toml", "README.md", "Makefile", "Dockerfile", "service", "cds_hooks", "tests", "fixtures"}


def test_the_top_level_holds_only_the_names_we_agreed_on(project_files):
    visible = {path.parts[0] for path in project_files if not path.parts[0].startswith(".")}
    unexpected = sorted(visible - ALLOWED)
    assert not unexpected, f"move these into a folder that says what they are for: {unexpected}"
