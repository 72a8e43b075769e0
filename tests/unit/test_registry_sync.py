"""What a synchronisation keeps and what it leaves as it was."""

from datetime import date

import pytest

from service.clients.registry import Problem, Search, Studies
from service.errors import RegistryError
from service.knowledge.registry import RegistryRecord, Seen
from service.registry_sync import BATCH, Sync
from service.stores.database import open_database

DAY, BEFORE = date(2026, 11, 22), date(2026, 11, 1)
STAMP = "2026-11-20T09:00:06"
NUMBERS = [f"NCT9999{place:04}" for place in range(BATCH + 2)]
ONE = NUMBERS[0]


def record(number, status="RECRUITING", criteria="SYNTHETIC"):
    return RegistryRecord(number, f"SYNTHETIC {number}", status, criteria=criteria)


class Client:
    """Answers as told: what `studies` and `search` give is a list of answers, an error is raised."""

    address = "http://registry.example/api/v2"

    def __init__(self, studies=(), pages=(), stamp=STAMP):
        self.answers, self.pages, self.stamp = list(studies), list(pages), stamp
        self.asked = []

    def version(self):
        if isinstance(self.stamp, Exception):
            raise self.stamp
        return self.stamp

    def studies(self, numbers):
        self.asked.append(tuple(numbers))
        if not self.answers:
            return Studies(tuple(record(number) for number in numbers), ())
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def search(self, _search):
        for page in self.pages:
            if isinstance(page, Exception):
                raise page
            yield page


@pytest.fixture
def store(tmp_path):
    return open_database(str(tmp_path / "seen.db"))


def test_all_are_stored_with_the_day_and_the_moment_of_the_data(store):
    client = Client()
    shown: list[int] = []
    report = Sync(client, store, DAY, progress=shown.append).run(NUMBERS)
    assert (report.asked, report.saved, report.problems, report.failure) == (len(NUMBERS), len(NUMBERS), [], None)
    assert client.asked == [tuple(NUMBERS[:BATCH]), tuple(NUMBERS[BATCH:])]
    assert shown == [BATCH, 2]
    assert store.all().latest(ONE, DAY) == Seen(DAY, record(ONE), client.address, STAMP)


def test_a_registry_that_fails_in_the_second_batch_keeps_the_first(store):
    last = NUMBERS[-1]
    store.save([Seen(BEFORE, record(last), "earlier")])
    client = Client([Studies(tuple(record(number, "COMPLETED") for number in NUMBERS[:BATCH]), ()), RegistryError("down")])
    report = Sync(client, store, DAY).run(NUMBERS)
    assert (report.saved, str(report.failure)) == (BATCH, "down")
    assert store.all().latest(ONE, DAY).record.status == "COMPLETED"
    assert store.all().latest(last, DAY).day == BEFORE


def test_a_registry_that_does_not_even_tell_its_version_is_not_asked_on(store):
    client = Client(stamp=RegistryError("down"))
    report = Sync(client, store, DAY).run(NUMBERS, Search("x"))
    assert (report.saved, client.asked, str(report.failure)) == (0, [], "down")


@pytest.mark.parametrize(
    ("answer", "lacking"),
    [(record(ONE, status=""), "status"), (record(ONE, "COMPLETED", criteria=""), "text of the criteria")],
)
def test_half_a_record_does_not_hide_what_was_seen(store, answer, lacking):
    store.save([Seen(DAY, record(ONE), "earlier that day")])
    report = Sync(Client([Studies((answer,), ())]), store, DAY).run([ONE])
    assert report.saved == 0
    assert [(problem.number, problem.kind) for problem in report.problems] == [(ONE, "incomplete")]
    assert lacking in report.problems[0].text
    assert store.all().latest(ONE, DAY).record == record(ONE)


def test_a_record_that_never_had_a_text_is_whole(store):
    bare = record(ONE, criteria="")
    for day in (BEFORE, DAY):
        assert Sync(Client([Studies((bare,), ())]), store, day).run([ONE]).saved == 1


def test_single_studies_that_failed_are_a_failure_but_lose_nothing(store):
    answer = Studies((record(ONE),), (Problem(NUMBERS[1], "failed", "x"),))
    report = Sync(Client([answer]), store, DAY).run(NUMBERS[:2])
    assert report.saved == 1
    assert isinstance(report.failure, RegistryError)


@pytest.mark.parametrize(("stamp", "fails"), [(STAMP, False), ("", True)])
def test_a_server_that_knows_nothing_at_all_is_no_registry(store, stamp, fails):
    answer = Studies((), (Problem(ONE, "no-such-number", "x"),))
    report = Sync(Client([answer], stamp=stamp), store, DAY).run([ONE])
    assert (report.failure is not None) is fails


def test_what_a_search_finds_is_stored_page_by_page_and_told_where_it_is_new(store):
    pages = [(record(ONE), record(NUMBERS[1])), (), RegistryError("down")]
    report = Sync(Client(pages=pages), store, DAY).run([ONE], Search("x"))
    assert [found.nct_id for found in report.discovered] == [NUMBERS[1]]
    assert (report.saved, str(report.failure)) == (3, "down")
    assert store.all().latest(NUMBERS[1], DAY) is not None


def test_data_that_have_not_changed_are_not_fetched_again_where_that_is_wished(store):
    def ask(numbers, **options):
        client = Client()
        Sync(client, store, DAY).run(numbers, **options)
        return client.asked

    assert ask([ONE], only_if_changed=True) == [(ONE,)]
    assert ask([ONE], only_if_changed=True) == []
    assert ask([ONE]) == [(ONE,)]
    assert ask(NUMBERS[:2], only_if_changed=True) == [tuple(NUMBERS[:2])]  # one of them was never seen


def test_without_a_version_nothing_counts_as_unchanged(store):
    for _ in range(2):
        client = Client(stamp="")
        Sync(client, store, DAY).run([ONE], only_if_changed=True)
        assert client.asked == [(ONE,)]
