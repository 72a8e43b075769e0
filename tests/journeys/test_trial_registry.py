"""From a registry on this machine that behaves badly to the list of trials, through the commands as an operator gives them."""

import os
import re
import subprocess
import sys
from dataclasses import replace
from datetime import date

import pytest

from service import cli
from service.assembly import load_registry
from service.clients.registry import RegistryClient
from service.clients.registry_http import Manners, RegistryHttp
from service.errors import RegistryError
from service.knowledge.registry_curated import curated_numbers
from service.settings import Settings
from tests.case_runners.knowledge import shipped_library
from tests.stand_ins.registry import RegistryStandIn
from tests.stand_ins.synthetic_studies import study

ONE, TWO, THREE, NOBODY = "NCT99990001", "NCT99990002", "NCT99990003", "NCT99999999"
QUICK = Manners(pause=0, read=0.2, first_wait=0, attempts=3)


@pytest.fixture
def registry():
    studies = {ONE: study(ONE), TWO: study(TWO, "NOT_YET_RECRUITING"), THREE: study(THREE, "COMPLETED")}
    with RegistryStandIn(studies) as stand_in:
        yield stand_in


@pytest.fixture
def waits():
    return []


@pytest.fixture
def client(registry, waits):
    return RegistryClient(RegistryHttp(registry.address, manners=QUICK, sleep=waits.append))


@pytest.fixture
def settings(registry, tmp_path):
    return Settings(registry_url=registry.address, store=str(tmp_path / "state" / "seen.db"))


@pytest.fixture
def run(monkeypatch, capsys, settings, waits):
    """Exit code and output of a command that is given against the stand-in; nothing in it waits."""

    def quick(given):
        return RegistryClient(RegistryHttp(given.registry_url, manners=QUICK, sleep=waits.append))

    monkeypatch.setattr("service.commands.trials.registry_client", quick)
    monkeypatch.setenv("ALL_CDS_REGISTRY_URL", settings.registry_url)
    monkeypatch.setenv("ALL_CDS_STORE", settings.store)

    def call(*words):
        code = cli.main(["trials", *words])
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        return code, said.out, said.err

    return call


def statuses(settings):
    return {seen.record.nct_id: seen.record.status for seen in load_registry(settings).all_latest(date.max)}


def test_a_batch_over_several_pages_one_of_them_empty(registry, client):
    registry.page_size, registry.empty_page = 1, 1
    answer = client.studies([ONE, TWO, THREE])
    assert [record.nct_id for record in answer.found] == [ONE, TWO, THREE]
    assert answer.problems == ()
    assert [query.get("pageToken") for _, query in registry.asked] == [None, "1", "2", "3"]


def test_a_batch_with_a_number_that_does_not_exist(registry, client):
    answer = client.studies([ONE, NOBODY, TWO])
    assert [record.nct_id for record in answer.found] == [ONE, TWO]
    assert [(problem.number, problem.kind) for problem in answer.problems] == [(NOBODY, "no-such-number")]


def test_a_throttled_request_waits_as_long_as_the_registry_says(registry, client, waits):
    registry.faults, registry.retry_after = [429, 429], "11"
    assert client.version() == registry.timestamp
    assert waits == [11, 11]


@pytest.mark.parametrize("fault", ["stall", "linger", "truncate", "half", "drop", 500, 503])
def test_what_goes_wrong_once_is_asked_again(registry, client, fault):
    registry.faults = [fault]
    assert [record.nct_id for record in client.studies([ONE]).found] == [ONE]
    assert len(registry.asked) == 2


@pytest.mark.parametrize("fault", ["stall", "linger", "truncate", "half", "drop", 500, 503])
def test_what_keeps_going_wrong_is_told(registry, client, fault):
    registry.faults = 3 * [fault]
    with pytest.raises(RegistryError):
        client.studies([ONE])
    assert len(registry.asked) == 3


def test_a_merged_record_is_followed(registry, client):
    registry.merged = {"NCT99990009": ONE}
    (record,) = client.studies(["NCT99990009"]).found
    assert (record.nct_id, record.aliases) == (ONE, ("NCT99990009",))


def test_a_registry_that_knows_other_pieces_is_asked_for_whole_records(registry, client):
    registry.knows_fields = False
    assert [record.nct_id for record in client.studies([ONE, TWO]).found] == [ONE, TWO]


def test_a_port_where_nobody_listens_is_told(client, registry):
    registry.__exit__()
    try:
        with pytest.raises(RegistryError, match="reached"):
            client.version()
    finally:
        registry.__enter__()


def test_sync_then_status(registry, run, settings):
    code, out, err = run("sync", ONE.lower(), TWO, THREE)
    assert (code, err) == (0, "")
    assert "3 stored" in out
    assert registry.timestamp in out
    assert statuses(settings) == {ONE: "RECRUITING", TWO: "NOT_YET_RECRUITING", THREE: "COMPLETED"}
    code, out, _ = run("status", "--stale-days", "999999")
    assert code == 0
    for number, word in ((ONE, "open"), (TWO, "not yet open"), (THREE, "closed")):
        assert f"{number} {word:12} {registry.studies[number]['protocolSection']['statusModule']['overallStatus']} " in out
    *listed, summary = out.splitlines()
    counts = [int(number) for number in re.findall(r"(\d+) (?:open|not yet open|closed|stale|unknown)\b", summary)]
    assert summary.startswith(f"{len(listed)} studies")
    assert sum(counts) == len(listed)


def test_a_copy_of_the_registry_with_old_data_is_stale_on_the_day_it_is_asked(registry, run):
    registry.timestamp = "2020-01-01T09:00:06"
    run("sync", ONE, THREE)
    _, out, _ = run("status")
    assert f"{ONE} stale" in out
    assert "data of 2020-01-01" in out
    assert f"{THREE} closed" in out


def test_a_number_that_does_not_exist_is_named_and_the_others_are_stored(run, settings):
    code, out, err = run("sync", ONE, NOBODY)
    assert code == 2
    assert f"{NOBODY}: the trial registry has no study of this number" in err
    assert "1 stored" in out
    assert statuses(settings) == {ONE: "RECRUITING"}


@pytest.mark.parametrize("word", ["NCT1", "2017-002116-14", "--all", "NCT9999000l"])
def test_what_is_no_number_is_wrong_usage(run, registry, word):
    try:
        code = run("sync", word)[0]
    except SystemExit as stopped:  # argparse
        code = stopped.code
    assert (code, registry.asked) == (2, [])


def test_a_registry_that_fails_is_5_and_leaves_what_was_seen(registry, run, settings):
    run("sync", ONE)
    before = load_registry(settings)
    registry.studies[ONE] = study(ONE, "COMPLETED")
    registry.faults = [503, 503, 503]
    code, out, err = run("sync", ONE)
    assert code == 5
    assert "0 stored" in out
    assert "503" in err
    assert load_registry(settings) == before


@pytest.mark.parametrize("fault", ["truncate", "half"])
def test_half_an_answer_overwrites_nothing(registry, run, settings, fault):
    run("sync", ONE, TWO)
    before = load_registry(settings)
    registry.studies = {ONE: study(ONE, "COMPLETED"), TWO: study(TWO, "COMPLETED")}
    registry.good_first, registry.faults = 1, 3 * [fault]  # the version is told, the studies break off
    assert run("sync", ONE, TWO)[0] == 5
    assert load_registry(settings) == before


def test_a_record_without_its_status_leaves_the_last(registry, run, settings):
    run("sync", ONE)
    registry.studies[ONE] = study(ONE, statusModule=None)
    code, _, err = run("sync", ONE)
    assert code == 0
    assert f"{ONE}: the record came without its status" in err
    assert statuses(settings) == {ONE: "RECRUITING"}


def test_discovery_names_what_is_not_encoded(registry, run, settings):
    registry.page_size = 1
    code, out, _ = run("sync", "--discover")
    assert code == 0
    assert f"not encoded: {ONE} RECRUITING SYNTHETIC study {ONE}" in out
    assert set(statuses(settings)) == {ONE, TWO}  # the third does not recruit
    (asked, *_) = (query for _, query in registry.asked if "query.cond" in query)
    assert asked["query.intr"] == "blinatumomab OR inotuzumab OR CAR"


def test_without_numbers_the_encoded_trials_are_asked_for(registry, run, settings):
    numbers = curated_numbers(shipped_library().trials.values())
    assert numbers
    registry.studies = {number: study(number, "COMPLETED") for number in numbers[1:]}
    code, out, err = run("sync")
    assert code == 0  # nobody named the number that the registry does not have
    assert f"{numbers[0]}: the trial registry has no study of this number" in err
    assert f"{len(numbers) - 1} stored" in out
    assert tuple(statuses(settings)) == numbers[1:]


def test_status_makes_no_store_and_answers_from_the_shipped_sightings(run, tmp_path):
    code, out, _ = run("status")
    assert code == 0
    assert not re.search(r"^NCT\d{8} open ", out, re.MULTILINE)  # trials.md 0: none was seen after 2026-02-05
    assert f"{len(curated_numbers(shipped_library().trials.values()))} studies" in out
    assert list(tmp_path.iterdir()) == []


def test_a_store_that_cannot_be_opened_is_6(run, monkeypatch, tmp_path, registry):
    (tmp_path / "file").touch()
    monkeypatch.setenv("ALL_CDS_STORE", str(tmp_path / "file" / "seen.db"))
    assert run("sync", ONE)[0] == 6
    assert registry.asked == []


def test_the_command_as_an_operator_gives_it(registry, tmp_path):
    # the shipped manners: this is the one test that waits its seconds
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ALL_CDS_")}
    environment |= {
        "ALL_CDS_REGISTRY_URL": registry.address,
        "XDG_STATE_HOME": str(tmp_path),
        "PYTHONPATH": os.pathsep.join(sys.path),
    }

    def command(*words):
        return subprocess.run(
            [sys.executable, "-m", "service.cli", "trials", *words], env=environment, check=False, capture_output=True, text=True
        )

    synced = command("sync", ONE)
    assert (synced.returncode, synced.stderr) == (0, "")  # no bar where nobody is looking
    assert "1 stored" in synced.stdout
    assert (tmp_path / "all-cds" / "store.sqlite3").is_file()
    assert (tmp_path / "all-cds").stat().st_mode & 0o077 == 0
    listed = command("status", "--stale-days", "999999")
    assert f"{ONE} open" in listed.stdout


def test_the_settings_reach_the_client(settings):
    from service.assembly import registry_client  # noqa: PLC0415 - the others use a quicker one

    assert (
        registry_client(replace(settings, registry_url="https://mirror.example/api/v2")).address
        == "https://mirror.example/api/v2"
    )
