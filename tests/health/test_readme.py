"""The README says what is true: its commands, settings, folders and examples exist, and none is left out."""

import argparse
import re
import shlex
import typing
from dataclasses import fields

import pytest

from service import cli
from service.settings import PREFIX, Settings

MORE = ("service/CONNECTING.md", "service/OPERATING.md", "service/COHORTS.md")


@pytest.fixture(scope="module")
def readme(root):
    """The README and the two documents that it leads to."""
    return "\n".join((root / name).read_text(encoding="utf-8") for name in ("README.md", *MORE))


def commands(parser, path=()):
    """(words of the command, its options), for each command that can be run."""
    below = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    if not below:
        options = [option for action in parser._actions for option in action.option_strings if option not in {"-h", "--help"}]
        return [(path, options)]
    return [found for action in below for name, child in action.choices.items() for found in commands(child, (*path, name))]


COMMANDS = commands(cli.parser())


@pytest.mark.parametrize(("words", "options"), COMMANDS, ids=lambda value: " ".join(value) or "none")
def test_every_command_and_option_is_in_the_readme(readme, words, options):
    assert f"all-cds {' '.join(words)}" in readme
    assert [option for option in options if f"`{option}" not in readme] == []


def test_every_command_and_option_of_the_readme_exists(readme):
    known = {" ".join(words): options for words, options in COMMANDS}
    for line in re.findall(r"all-cds ((?:assess|serve|knowledge \w+)[^\n`]*)", readme):
        words = shlex.split(line.replace("...", ""))
        command = " ".join(words[: 2 if words[0] == "knowledge" else 1])
        assert command in known, command
        assert [word for word in words if word.startswith("--") and word not in known[command]] == []


def test_the_settings_of_the_readme_are_those_that_are_read(readme):
    says = {name: hint.__metadata__[0] for name, hint in typing.get_type_hints(Settings, include_extras=True).items()}
    rows = []
    for row in fields(Settings):
        default = ",".join(row.default) if isinstance(row.default, tuple) else str("" if row.default is None else row.default)
        rows.append((f"{PREFIX}{row.name.upper()}", f"`{default}`" if default else "", says[row.name]))
    written = [
        tuple(cell.strip().strip("`") for cell in line.strip("|").split("|"))
        for line in readme.splitlines()
        if f"| `{PREFIX}" in line
    ]
    assert written == [(name, default.strip("`"), text) for name, default, text in rows]


def test_the_study_groups_of_the_readme_are_those_that_trials_name(root):
    from service.decisions.context import Whereabouts  # noqa: PLC0415 - only this test needs the trials
    from service.knowledge.loader import load_library  # noqa: PLC0415

    (sentence,) = re.findall(
        r"^`--site-group` .*?\.$", (root / "README.md").read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
    )
    groups = Whereabouts.of(load_library().trials).site_groups
    assert set(re.findall(r"`([^`]+)`", sentence)) - {"--site-group", "site_group", "ALL_CDS_SITE_GROUP"} == set(groups)


def documents(root):
    return {
        path: path.read_text(encoding="utf-8") for path in root.rglob("*.md") if not {".venv", "node_modules"} & set(path.parts)
    }


def test_every_file_and_folder_that_a_document_names_exists(root):
    missing = []
    for path, text in documents(root).items():
        named = set(re.findall(r"(?<![\w./-])(?:service|cds_hooks|fixtures|tests)/[\w./-]*", text))
        missing += [f"{path.name}: {name}" for name in sorted(named) if not (root / name).exists()]
    assert missing == []


def test_the_words_of_make_exist(root, readme):
    makefile = (root / "Makefile").read_text(encoding="utf-8")
    for word in set(re.findall(r"make (\w+)", readme.split("## Commands")[0])) - {"is"}:
        assert re.search(rf"^{word}:", makefile, re.MULTILINE), word


def test_every_address_of_the_readme_is_served(readme, tmp_path):
    from service.assembly import build_service  # noqa: PLC0415 - only this test needs the application
    from service.web.app import create_app  # noqa: PLC0415
    from service.web.offered import offered  # noqa: PLC0415

    listed = tmp_path / "servers.yaml"
    listed.write_text("https://fhir.hospital.example: {client_id: ours}\n")
    everything = Settings(smart_servers=str(listed), public_base_url="https://cds.hospital.example")
    served = {
        rule.rule.replace("<service_id>", service_id).replace("<address>", "ADDRESS")
        for rule in create_app(build_service(everything)).url_map.iter_rules()
        for service_id in offered().ids
    }
    named = set(re.findall(r"`(?:GET|POST) (/[\w/-]+)`", readme))
    assert named
    assert named <= served


def test_the_readme_leads_to_the_other_documents_and_every_link_leads_somewhere(root):
    first = (root / "README.md").read_text(encoding="utf-8")
    assert set(MORE) <= set(re.findall(r"\]\(([^)#]+)\)", first))
    for name in ("README.md", *MORE):
        folder = (root / name).parent
        for target in re.findall(r"\]\(([^)#:]+)\)", (root / name).read_text(encoding="utf-8")):
            assert (folder / target).is_file(), (name, target)


def headings(text):
    """The addresses of the headings of a document, as the readers of Markdown make them."""
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


def test_every_link_to_a_heading_finds_it(root):
    found = 0
    for name in ("README.md", *MORE):
        document = root / name
        for target, heading in re.findall(r"\]\(([^)#:]*)#([^)]+)\)", document.read_text(encoding="utf-8")):
            text = (document.parent / target if target else document).read_text(encoding="utf-8")
            assert heading in headings(text), (name, target, heading)
            found += 1
    assert found
