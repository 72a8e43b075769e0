"""The project names no package registry and no place on somebody's machine: it is built wherever it is checked out."""

import re

import pytest

# Put together from halves, so that this file does not report itself.
REGISTRIES = [
    "pypi" + ".org",
    "python" + "hosted.org",
    "docker" + ".io",
    "ghcr" + ".io",
    "quay" + ".io",
    "gcr" + ".io",
    "npmjs" + ".org",
]
INDEX_OPTIONS = ["--ind" + "ex-url", "--extra-ind" + "ex-url", "--find" + "-links", "--trusted" + "-host", "PIP_IND" + "EX_URL"]
MACHINE_FOLDERS = ["work", "root", "home", "Users", "mnt"]

FORBIDDEN = re.compile(
    "|".join([re.escape(text) for text in REGISTRIES + INDEX_OPTIONS])
    # A path that starts here, not the middle of a web address or of a relative path.
    + r"|(?<![\w./}-])/(?:"
    + "|".join(MACHINE_FOLDERS)
    + r")/[\w.-]"
)


def test_no_file_names_a_package_registry_or_a_place_on_a_machine(root, project_files):
    findings = [
        f"{path}:{number} {match.group()}"
        for path in project_files
        for number, line in enumerate((root / path).read_bytes().decode("utf-8", errors="replace").splitlines(), start=1)
        if (match := FORBIDDEN.search(line))
    ]
    assert not findings, "the machine decides these, not the project:\n" + "\n".join(findings)


@pytest.mark.parametrize(
    ("line", "is_forbidden"),
    [
        pytest.param("see https://" + REGISTRIES[0] + "/project/x", True, id="registry"),
        pytest.param(INDEX_OPTIONS[0] + " https://example.org/simple", True, id="index option"),
        pytest.param('open("/' + 'home/someone/bundle.json")', True, id="path in quotes"),
        pytest.param("file:///" + "root/bundle.json", False, id="inside an address"),
        pytest.param("# via -r /" + "work/project/requirements.in", True, id="path in a comment"),
        pytest.param("https://example.org/home/page", False, id="a web page called home"),
        pytest.param("../shared/fhir-examples/bundle.json", False, id="relative path"),
        pytest.param("--tmpfs /tmp", False, id="a folder every machine has"),
    ],
)
def test_the_search_tells_machine_paths_from_addresses(line, is_forbidden):
    assert bool(FORBIDDEN.search(line)) is is_forbidden
