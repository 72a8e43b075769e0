"""What the checker of documents goes by agrees with the logical models of the specification, element by element."""

import json
import pathlib

import pytest

from cds_hooks.conformance.tables import tables

MODELS = pathlib.Path(__file__).parents[4] / "shared" / "fhir-examples" / "cds-hooks-logical-models"
KINDS = [kind for kind, table in tables().documents.items() if table.model]
OURS = {"CDSHooksElement": "object"}

pytestmark = pytest.mark.skipif(not MODELS.is_dir(), reason="the models lie beside the repository, not in it")


def model_of(kind):
    """The elements of a model below its root, by path."""
    name = tables().documents[kind].model
    document = json.loads((MODELS / f"structuredefinition-{name}.json").read_text(encoding="utf-8"))
    return {element["path"].partition(".")[2]: element for element in document["differential"]["element"]}


def as_modelled(path, table):
    """The path of an element as the model names it."""
    by_path = {element.path: element for element in table.elements}
    steps = path.split(".")
    return ".".join(
        by_path[".".join(steps[: place + 1])].model or step if ".".join(steps[: place + 1]) in by_path else step
        for place, step in enumerate(steps)
    )


def last(address):
    return address.rpartition("/")[2]


@pytest.mark.parametrize("kind", KINDS)
def test_ch_v_13_the_elements_are_those_of_the_model_and_those_said_to_stand_outside(kind):
    table = tables().documents[kind]
    inside = {as_modelled(element.path, table) for element in table.elements if not element.outside}
    outside = {as_modelled(element.path, table) for element in table.elements if element.outside}
    modelled = {path for path in model_of(kind) if path}
    assert inside == modelled
    assert not outside & modelled


@pytest.mark.parametrize("kind", KINDS)
def test_ch_v_13_each_element_has_the_cardinality_type_and_codes_of_the_model(kind):
    table, modelled = tables().documents[kind], model_of(kind)
    for element in table.elements:
        if element.outside:
            continue
        theirs = modelled[as_modelled(element.path, table)]
        assert (element.min, element.max) == (theirs["min"], theirs["max"]), element.path
        if "contentReference" in theirs:
            assert element.like == theirs["contentReference"].partition(".")[2], element.path
            continue
        (kind_of,) = theirs["type"]
        assert element.type == OURS.get(last(kind_of["code"]), last(kind_of["code"])), element.path
        binding = theirs.get("binding")
        assert (tables().value_sets[element.codes] if element.codes else None) == (
            last(binding["valueSet"]) if binding else None
        ), element.path
        assert binding is None or binding["strength"] == "required", element.path


def test_ch_v_13_the_rules_are_those_of_the_models_at_their_elements():
    modelled = {
        (constraint["key"], kind, path, constraint["severity"])
        for kind in KINDS
        for path, element in model_of(kind).items()
        for constraint in element.get("constraint", ())
    }
    ours = {(rule.key, rule.document, rule.at, rule.severity) for rule in tables().rules if not rule.outside}
    assert ours == modelled


def test_ch_e_01_an_extension_is_modelled_on_every_element_of_cds_hooks():
    document = json.loads((MODELS / "structuredefinition-CDSHooksElement.json").read_text(encoding="utf-8"))
    (extension,) = (element for element in document["differential"]["element"] if element["path"] == "CDSHooksElement.extension")
    assert (extension["min"], extension["max"]) == (0, "1")
