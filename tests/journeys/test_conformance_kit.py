"""The conformance kit as somebody runs it: silent on a good service, naming the one item that a bad one breaks."""

import json

import pytest

from cds_hooks.conformance.__main__ import main
from cds_hooks.conformance.items import items
from cds_hooks.conformance.run import CHECKS, OF_DISCOVERY
from tests.stand_ins.callers import private_key, private_pem
from tests.stand_ins.cds_service import ISSUER, PAGE, SmallService, served

PATIENT = {"resourceType": "Patient", "id": "p"}
CONDITION = {"resourceType": "Condition", "id": "c", "subject": {"reference": "Patient/p"}}


@pytest.fixture(scope="session")
def record(tmp_path_factory):
    """A test patient about whom something is known, in a file."""
    path = tmp_path_factory.mktemp("record") / "patient.json"
    entries = [{"resource": PATIENT}, {"resource": CONDITION}]
    path.write_text(json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def key_file(tmp_path_factory):
    """The private key of the client, as PEM."""

    def write(algorithm):
        path = tmp_path_factory.mktemp("key") / f"{algorithm}.pem"
        path.write_bytes(private_pem(private_key(algorithm)))
        return path

    return write


@pytest.fixture
def kit(capsys, record):
    """The rows of a run, and its exit code."""

    def run(base, *words):
        code = main(["--base", base, "--format", "json", "--patient", str(record), *words])
        return json.loads(capsys.readouterr().out)["rows"], code

    return run


@pytest.fixture
def signed(key_file):
    """The words that make the kit sign its calls."""

    def words(algorithm="ES384"):
        return ("--key", str(key_file(algorithm)), "--issuer", ISSUER, "--kid", "k")

    return words


def with_verdict(rows, verdict):
    return {row["item"] for row in rows if row["verdict"] == verdict}


def trusting(algorithm="ES384", fault=""):
    return SmallService(fault, private_key(algorithm).public_key(), algorithm)


def test_a_service_that_keeps_to_the_protocol_passes_everything(kit):
    with served(SmallService()) as base:
        rows, code = kit(base, "--strict", "--origin", PAGE)
    assert with_verdict(rows, "failed") == set()
    assert code == 0
    # what nothing of this service could show
    assert with_verdict(rows, "not applicable") == {
        *("CH-G-01", "CH-D-06", "CH-D-08", "CH-E-01", "CH-H-06", "CH-H-07", "CH-L-02", "CH-L-03", "CH-S-08", "CH-Y-01"),
        *("CH-B-11", "CH-T-03", *(name for name in CHECKS if name.startswith("CH-J-") and name != "CH-J-21")),
    }


@pytest.mark.parametrize("algorithm", ["ES384", "RS384"])
def test_a_guarded_service_passes_with_a_key_that_it_knows(kit, signed, algorithm):
    with served(trusting(algorithm)) as base:
        rows, code = kit(base, "--strict", *signed(algorithm))
    assert with_verdict(rows, "failed") == set()
    assert code == 0
    assert {name for name in CHECKS if name.startswith("CH-J-")} - {"CH-J-21"} <= with_verdict(rows, "passed")
    assert {"CH-B-11", "CH-T-03"} <= with_verdict(rows, "passed")


# what it does wrong, and the items that the kit must name: these and no others
FAULTS = [
    ("no services", "CH-D-02"),
    ("no title", "CH-D-04"),
    ("no description", "CH-D-03"),
    ("own version", "CH-D-07"),
    ("capital id", "CH-D-10"),
    ("announced twice", "CH-D-09"),
    ("empty extension", "CH-G-03"),
    ("slash redirects", "CH-D-11"),
    ("old sort", "CH-P-05"),
    ("include", "CH-P-04"),
    ("deep token", "CH-P-02"),
    ("strange token", "CH-P-01"),
    ("text/json", "CH-G-06"),
    ("charset refused", "CH-G-06"),
    ("unknown members refused", "CH-G-07"),
    ("null member", "CH-G-02"),
    ("empty list", "CH-G-03"),
    ("140 characters", "CH-C-03"),
    ("hard stop", "CH-C-06"),
    ("no cards", "CH-C-01"),
    ("no card id", "CH-C-02"),
    ("cards twice", "CH-C-02"),
    ("html", "CH-C-04"),
    ("image", "CH-C-04"),
    ("link in detail only", "CH-C-05"),
    ("no source", "CH-C-07"),
    ("relative source", "CH-C-08"),
    ("hyphen in topic", "CH-C-09"),
    ("no topic system", "CH-C-09"),
    ("reason without display", "CH-C-10"),
    ("no selection behavior", "CH-C-11"),
    ("seven reasons", "CH-C-30"),
    ("suggestion without label", "CH-S-01"),
    ("suggestion id is a number", "CH-S-02"),
    ("two recommended", "CH-S-03"),
    ("actions are an object", "CH-S-04"),
    ("action without description", "CH-S-05"),
    ("no resource", "CH-S-06"),
    ("resource as text", "CH-G-05"),
    ("delete with resource", "CH-S-07"),
    ("action selection", "CH-S-08"),
    ("relative link", "CH-L-01"),
    ("app context", "CH-L-02"),
    ("autolaunch text", "CH-L-03"),
    ("system action", "CH-S-05"),
    ("extension list", "CH-E-01"),
    ("any hook", "CH-R-01"),
    ("version 4 only", "CH-R-02"),
    ("no context", "CH-R-03"),
    ("token without server", "CH-R-04"),
    ("null prefetch crashes", "CH-R-06"),
    ("extension list demanded", "CH-R-07"),
    ("cards for broken JSON", "CH-R-08"),
    ("any patient", "CH-R-09"),
    ("any token", "CH-A-02"),
    ("errors in words", "CH-T-05"),
    ("missing key crashes", "CH-F-01"),
    ("null is 412", "CH-F-02 CH-F-22"),
    ("included crashes", "CH-F-04"),
    ("no entries crashes", "CH-F-05"),
    ("remark is a failure", "CH-F-06"),
    ("outcome crashes", "CH-F-07"),
    ("page crashes", "CH-F-08"),
    ("collection refused", "CH-F-09"),
    ("single refused", "CH-F-10"),
    ("unasked key refused", "CH-F-11"),
    ("any type", "CH-F-12"),
    ("crash without data", "CH-F-21 CH-R-06"),
    ("feedback refused", "CH-B-01"),
    ("bare array taken", "CH-B-02"),
    ("any outcome", "CH-B-03"),
    ("acceptance refused", "CH-B-04"),
    ("comment refused", "CH-B-05"),
    ("plural refused", "CH-B-06"),
    ("repeat refused", "CH-B-08"),
    ("orphan refused", "CH-B-09"),
    ("204", "CH-B-10"),
    ("any page", "CH-J-21"),
    ("errors without origin", "CH-J-21"),
    ("no authorization header", "CH-J-21"),
]
CALLER_FAULTS = [
    ("strangers are answered", "CH-J-01"),
    ("signature is not looked at", "CH-J-02"),
    ("no kid", "CH-J-03"),
    ("any claims", "CH-J-04"),
    ("none is taken", "CH-J-05"),
    ("any algorithm", "CH-J-06"),
    ("any key address", "CH-J-07"),
    ("any audience", "CH-J-10"),
    ("any time", "CH-J-11"),
    ("replay", "CH-J-12"),
    ("feedback address only", "CH-B-11"),
    ("a talking 401", "CH-T-03"),
]


@pytest.mark.parametrize(("fault", "named"), FAULTS, ids=[fault for fault, _ in FAULTS])
def test_a_service_with_one_fault_is_named_by_that_item_and_no_other(kit, fault, named):
    with served(SmallService(fault)) as base:
        rows, code = kit(base, "--strict", "--origin", PAGE)
    assert with_verdict(rows, "failed") == set(named.split())
    assert code == 1


@pytest.mark.parametrize(("fault", "named"), CALLER_FAULTS, ids=[fault for fault, _ in CALLER_FAULTS])
def test_a_guarded_service_with_one_fault_is_named_by_that_item_and_no_other(kit, signed, fault, named):
    with served(trusting(fault=fault)) as base:
        rows, code = kit(base, "--strict", *signed())
    assert with_verdict(rows, "failed") == set(named.split())
    assert code == 1


def test_every_item_that_a_service_on_this_machine_can_break_is_broken_by_one_fault():
    named = {item for _, items_named in (*FAULTS, *CALLER_FAULTS) for item in items_named.split()}
    # https and orders need another service, times never fail, and these members are read with their neighbours
    untried = {
        "CH-G-01",
        "CH-H-06",
        "CH-H-07",
        "CH-O-01",
        "CH-P-08",
        "CH-T-01",
        "CH-D-01",
        "CH-D-05",
        "CH-D-06",
        "CH-D-08",
        "CH-Y-01",
    }
    assert set(items()) - named == untried


def test_every_item_is_tried_or_held_against_answers():
    held = {name for name, item in items().items() if item.from_answers}
    assert set(items()) == set(CHECKS) | set(OF_DISCOVERY) | held | {"CH-O-01"}


def test_only_what_the_specification_demands_fails_unless_it_is_asked_for(kit):
    with served(SmallService("hyphen in topic")) as base:
        assert kit(base)[1] == 0
        assert kit(base, "--strict")[1] == 1
    with served(SmallService("140 characters")) as base:
        assert kit(base)[1] == 1
