"""A local laboratory code, from the mapping file to the verdict; and a mapping that cannot be used stops the start."""

import json
from datetime import date
from pathlib import Path

import pytest

from service import cli
from service.assembly import build_service, read_question
from service.consultation import assessment_document
from service.errors import KnowledgeError
from service.settings import Settings, read_settings

PATIENTS = Path(__file__).resolve().parents[2] / "fixtures" / "patients"
DAY = date(2026, 11, 22)
MAPPED = "http://lab.example/codes,4711,cd22-blasts\n"


@pytest.fixture(scope="module")
def body():
    """The story whose CD22 is unknown (tests/cases/stories), with a result under a code of the laboratory's own."""
    story = "adult-first-relapse-cd22-unknown"
    bundle = json.loads((PATIENTS / f"{story}.json").read_bytes())
    result = {
        "resourceType": "Observation",
        "id": "local-1",
        "status": "final",
        "code": {"coding": [{"system": "http://lab.example/codes", "code": "4711"}]},
        "subject": {"reference": f"Patient/{story}"},
        "effectiveDateTime": "2026-10-19",
        "valueQuantity": {"value": 92, "unit": "%", "system": "http://unitsofmeasure.org", "code": "%"},
    }
    bundle["entry"].append({"resource": result})
    return json.dumps(bundle).encode()


@pytest.fixture
def mapping(tmp_path):
    def write(text):
        path = tmp_path / "site.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return Settings(site_mapping=str(path))

    return write


@pytest.fixture
def assessment_of(body):
    def ask(settings):
        service = build_service(settings)
        question = read_question({}, settings, DAY)
        return assessment_document(service.consult_bundle(body, question))

    return ask


def inotuzumab(document):
    return next(
        entry["verdict"]
        for entry in document["therapies"]
        if (entry["regulator"], entry["product"]) == ("EMA", "inotuzumab-ozogamicin")
    )


def test_without_a_mapping_nobody_knows_what_the_local_code_says(assessment_of):
    document = assessment_of(Settings())
    assert document["facts"]["cd22"]["state"] == "unknown"
    assert inotuzumab(document) == "undetermined"


def test_a_local_code_that_is_mapped_is_read_as_any_other(assessment_of, mapping):
    document = assessment_of(mapping("system,code,concept\n" + MAPPED))
    cd22 = document["facts"]["cd22"]
    assert (cd22["state"], cd22["value"]) == ("known", "positive")
    assert [item["reference"] for item in cd22["evidence"]] == ["Observation/local-1"]
    # E-INO-1a: adult, relapsed, CD22-positive B-cell precursor ALL, Philadelphia negative
    assert inotuzumab(document) == "on-label"


def test_answers_of_different_mappings_have_different_digests(mapping):
    digests = [build_service(settings).rules.library.digest for settings in (Settings(), mapping(MAPPED))]
    assert digests[0] != digests[1]
    assert build_service(mapping("# ours\n" + MAPPED)).rules.library.digest == digests[1]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param(
            "# ours\nhttp://lab.example/codes,4711,cd22-blast\n",
            ("site.csv:2", "cd22-blast", "did you mean 'cd22-blasts'?"),
            id="unknown concept",
        ),
        pytest.param("http://lab.example/codes,\xe4,cd22-blasts".encode("latin-1"), ("site.csv", "UTF-8"), id="not in UTF-8"),
    ],
)
def test_a_faulty_mapping_stops_the_start(capsys, monkeypatch, mapping, text, said):
    monkeypatch.setenv("ALL_CDS_SITE_MAPPING", mapping(text).site_mapping)
    assert cli.main(["knowledge", "log"]) == 3
    printed = capsys.readouterr()
    assert printed.out == ""
    assert [word for word in said if word not in printed.err] == []


def test_a_mapping_that_is_not_there_stops_the_start(tmp_path):
    with pytest.raises(KnowledgeError, match=r"nowhere\.csv"):
        build_service(Settings(site_mapping=str(tmp_path / "nowhere.csv")))


@pytest.mark.parametrize("text", ["one:two", "one, two", "one:,two,one"])
def test_folders_are_separated_by_colons_or_commas(text):
    assert read_settings({"ALL_CDS_KNOWLEDGE_FOLDERS": text}).knowledge_folders == ("one", "two")


def test_a_folder_of_the_site_adds_value_sets_that_its_mapping_may_name(tmp_path, mapping):
    shelf = tmp_path / "ours" / "value_sets"
    shelf.mkdir(parents=True)
    (shelf / "rhubarb.yaml").write_text('concept: rhubarb\nsays: "a made-up test"\nnames: [Rhubarb]\n')
    settings = Settings(
        knowledge_folders=(str(tmp_path / "ours"),),
        site_mapping=mapping("http://lab.example/codes,1,rhubarb").site_mapping,
    )
    terms = build_service(settings).rules.vocabulary.terms
    assert terms.concepts_of("http://lab.example/codes", "1") == ("rhubarb",)
    assert terms.names_in("Rhubarb level") == ("rhubarb",)


def test_a_folder_that_is_not_there_stops_the_start(tmp_path):
    with pytest.raises(KnowledgeError, match="nowhere"):
        build_service(Settings(knowledge_folders=(str(tmp_path / "nowhere"),)))
