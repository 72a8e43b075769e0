"""A resource that came several times: in an export an id is one resource's, and its newest version alone speaks."""

import json

import pytest

from service.cohort.judging import Judge
from service.cohort.outputs import summary
from service.cohort.told import told
from service.knowledge.registry import NOTHING_SEEN
from tests.cohort.conftest import QUESTION, rejects_of, write_lines
from tests.cohort.test_bad_input import PATIENT, became, leukaemia
from tests.cohort.test_fast_ways import observation
from tests.cohort.test_unreadable import flags

OLD, NEW = {"meta": {"lastUpdated": "2025-01-01T00:00:00Z"}}, {"meta": {"lastUpdated": "2025-01-02T00:00:00Z"}}
FIRST, SECOND = {"meta": {"versionId": "1"}}, {"meta": {"versionId": "2"}}
SOMETHING_ELSE = {"code": {"text": "a cold"}}


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "export"
    place.mkdir()
    write_lines(place / "Patient.ndjson", [PATIENT])
    return place


def twice(folder, one, other):
    """Write two exports, one since the other."""
    for name, resource in {"full": one, "since": other}.items():
        (folder / name).mkdir(exist_ok=True)
        write_lines(folder / name / "all.ndjson", [resource])


@pytest.mark.parametrize(("old", "new"), [(OLD, NEW), (FIRST, SECOND), (NEW | {}, NEW | {"meta": NEW["meta"] | SECOND["meta"]})])
@pytest.mark.parametrize("turned", [False, True])
def test_the_newest_version_speaks(screened, folder, tmp_path, old, new, turned):
    if old == NEW:
        old = {"meta": NEW["meta"] | FIRST["meta"]}
    versions = [leukaemia("a", **old), leukaemia("a", **SOMETHING_ELSE, **new)]
    twice(folder, *(versions[::-1] if turned else versions))
    _, rows = screened(folder)
    assert became(rows) == {"a": "disease-unknown"}
    assert flags(rows) == {"a": ""}


@pytest.mark.parametrize(("one", "other"), [({}, {}), (OLD, {}), (OLD, OLD)])
@pytest.mark.parametrize("processes", [1, 2])
def test_where_the_newest_is_not_told_none_counts_and_all_are_listed(screened, folder, tmp_path, one, other, processes):
    """One may have been entered in error: neither is yes, nor a silence."""
    twice(folder, leukaemia("a", **one), leukaemia("a", **SOMETHING_ELSE, **other))
    _, rows = screened(folder, processes=processes)
    assert became(rows) == {"a": "disease-unknown"}
    assert flags(rows) == {"a": "unreadable"}
    assert rejects_of(tmp_path) == [("full/all.ndjson", 1, "unreadable"), ("since/all.ndjson", 1, "unreadable")]


def test_nor_do_results_that_are_packed(screened, folder, tmp_path):
    write_lines(folder / "Condition.ndjson", [leukaemia("a")])
    twice(folder, observation(), observation(status="entered-in-error"))
    _, rows = screened(folder)
    assert flags(rows) == {"a": "unreadable"}
    assert rejects_of(tmp_path) == [("full/all.ndjson", 1, "unreadable"), ("since/all.ndjson", 1, "unreadable")]


def test_nor_does_one_that_cannot_be_read(screened, folder):
    twice(folder, leukaemia("a"), leukaemia("a"))
    broken = (folder / "since" / "all.ndjson").read_bytes().replace(b'"id"', b'"note": [{"text": "\xff"}], "id"')
    (folder / "since" / "all.ndjson").write_bytes(broken)
    _, rows = screened(folder)
    assert became(rows) == {"a": "disease-unknown"}
    assert flags(rows) == {"a": "unreadable"}


def test_the_same_in_another_order_of_elements_is_one(screened, folder, tmp_path):
    twice(folder, leukaemia("a"), dict(reversed(leukaemia("a").items())))
    _, rows = screened(folder)
    assert became(rows) == {"a": "judged"}
    assert rejects_of(tmp_path) == []


def test_the_same_bytes_twice_are_one(screened, folder, tmp_path):
    twice(folder, leukaemia("a"), leukaemia("a"))
    _, rows = screened(folder)
    assert became(rows) == {"a": "judged"}
    assert flags(rows) == {"a": ""}
    assert rejects_of(tmp_path) == []


@pytest.mark.parametrize(
    ("addresses", "servers"),
    [
        (["Patient/a", "Patient/a"], 0),
        (["https://one.example/fhir/Patient/a", "Patient/a"], 1),
        (["https://one.example/fhir/Patient/a", "http://ONE.example/fhir/Patient/a/_history/2"], 1),
        (["https://one.example/fhir/Patient/a", "https://two.example/fhir/Patient/a"], 2),
    ],
)
def test_references_to_several_servers_are_told(screened, folder, service, addresses, servers):
    """Their patients of one id would be taken for one person."""
    results = [observation(id=f"o-{place}", subject={"reference": address}) for place, address in enumerate(addresses)]
    write_lines(folder / "Observation.ndjson", results)
    report, _ = screened(folder)
    assert_told(report, service, servers)


@pytest.mark.parametrize(
    ("requests", "servers"),
    [
        (["https://one.example/fhir/$export", "http://ONE.example/fhir/Patient/$export?_type=Patient"], 1),
        (["https://one.example/fhir/Group/7/$export", "https://one.example/fhir/%24export"], 1),
        (["https://one.example/fhir/$export", "https://one.example/other/$export"], 2),
        (["https://one.example/fhir/$export", "https://two.example/fhir/Group/7/$export"], 2),
        (["https://one.example/fhir/$export", None], 1),
        (["https://one.example/fhir/$export", "an export"], 1),
    ],
)
def test_exports_of_several_servers_are_told_by_their_lists_of_files(screened, folder, service, requests, servers):
    """Where references are relative, only these tell."""
    for place, request in enumerate(requests):
        export = folder / str(place)
        export.mkdir()
        write_lines(export / "Patient.ndjson", [PATIENT])
        listed = {"transactionTime": "2021-01-01T00:00:00Z", "request": request, "output": [{"url": "x/Patient.ndjson"}]}
        (export / "manifest.json").write_text(json.dumps(listed))
    report, _ = screened(folder)
    assert_told(report, service, servers)


def assert_told(report, service, servers):
    assert report.servers == servers
    judge = Judge(service.rules, NOTHING_SEEN, QUESTION)
    assert summary(report, judge)["serversReferredTo"] == servers
    assert any("screen each export by itself" in line for line in told(report, judge, ())) is (servers > 1)
