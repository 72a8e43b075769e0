"""The store on SQLite: made by its migrations, whole batches, days kept, nothing made by reading."""

import sqlite3
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext

from service.errors import StoreError
from service.knowledge.registry import NOTHING_SEEN, RegistryRecord, Seen, Site, StudyDrug
from service.stores import database as module
from service.stores.database import open_database, read_database
from service.stores.tables import METADATA

ONE, TWO = "NCT99990001", "NCT99990002"
WHOLE = RegistryRecord(
    ONE,
    "SYNTHETIC",
    "RECRUITING",
    aliases=("NCT99990009",),
    secondary_ids=(("EUDRACT_NUMBER", "2017-002116-14"),),
    phases=("PHASE1", "PHASE2"),
    enrolment=30,
    interventions=(StudyDrug("DRUG", "Examplomab", ("EX-1",)),),
    criteria="Age 1 to 21 – α",
    sites=(Site("Synthetic Hospital", "Barcelona", "ES", "Spain", "RECRUITING", 41.39, 2.16), Site("", "", "", "Atlantis")),
)


def seen(number, day, status="RECRUITING", stamp=""):
    return Seen(day, RegistryRecord(number, "SYNTHETIC", status), "http://registry.example", stamp)


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "folder 100%" / "seen?.db")


@pytest.fixture
def store(path):
    return open_database(path)


def test_nobody_else_on_the_machine_reads_a_store_that_was_made(tmp_path):
    path = tmp_path / "store.db"  # in a folder that everybody may look into
    tmp_path.chmod(0o755)
    open_database(str(path))
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o640)  # an operator's own choice
    open_database(str(path))
    assert path.stat().st_mode & 0o777 == 0o640


def reader(path):
    database = read_database(path)
    assert database is not None
    return database


def rows(path, table):
    with sqlite3.connect(path) as connection:
        found = connection.execute(f"select * from {table}").fetchall()  # noqa: S608 - a name of ours
    connection.close()
    return found


def test_what_is_kept_comes_back_the_same(store, path):
    sighting = Seen(date(2026, 11, 22), WHOLE, "http://registry.example", "2026-11-20T09:00:06")
    assert store.save([sighting]) == 1
    assert open_database(path).all().latest(ONE, date(2026, 11, 22)) == sighting
    assert reader(path).all() == store.all()


def test_an_empty_store_has_seen_nothing(store):
    assert store.all() == NOTHING_SEEN
    assert store.save([]) == 0


def test_each_day_is_kept_and_a_second_look_on_one_day_replaces_the_first(store, path):
    store.save([seen(ONE, date(2026, 1, 1)), seen(ONE, date(2026, 1, 2))])
    store.save([seen(ONE, date(2026, 1, 2), "COMPLETED")])
    found = store.all()
    assert [(row.day.day, row.record.status) for row in found.sightings[ONE]] == [(1, "RECRUITING"), (2, "COMPLETED")]


def test_the_same_study_and_day_twice_in_one_batch_is_one_row_the_last(store):
    assert store.save([seen(ONE, date(2026, 1, 1)), seen(ONE, date(2026, 1, 1), "COMPLETED")]) == 1
    assert [row.record.status for row in store.all().sightings[ONE]] == ["COMPLETED"]


def test_a_record_that_does_not_change_is_kept_once(store, path):
    store.save([seen(ONE, date(2026, 1, day)) for day in range(1, 31)])
    assert (len(rows(path, "registry_records")), len(rows(path, "registry_sightings"))) == (1, 30)


def test_a_batch_that_fails_in_the_middle_leaves_nothing(store, path):
    store.save([seen(ONE, date(2026, 1, 1))])

    def batch():
        yield seen(ONE, date(2026, 1, 1), "COMPLETED")
        yield seen(TWO, date(2026, 1, 1))

    write = module._write

    def fail_at_the_second(connection, sighting):
        if sighting.record.nct_id == TWO:
            raise sqlite3.OperationalError("disk full")
        write(connection, sighting)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_write", fail_at_the_second)
        with pytest.raises(StoreError) as raised:
            store.save(batch())
    assert raised.value.where == path
    assert [row.record.status for row in store.all().sightings[ONE]] == ["RECRUITING"]
    assert TWO not in store.all().sightings
    assert len(rows(path, "registry_records")) == 1


def test_reading_makes_neither_file_nor_folder_nor_table(path, tmp_path):
    assert read_database(path) is None
    assert list(tmp_path.iterdir()) == []
    empty = tmp_path / "empty.db"
    empty.touch()
    assert read_database(str(empty)) is None
    assert empty.read_bytes() == b""


def test_a_store_that_is_read_cannot_be_written(store, path):
    with pytest.raises(StoreError):
        reader(path).save([seen(ONE, date(2026, 1, 1))])


@pytest.mark.parametrize("use", [open_database, lambda path: reader(path).all()])
def test_a_file_that_is_no_database_is_told_and_left_as_it_is(tmp_path, use):
    path = tmp_path / "notes.txt"
    path.write_text(100 * "not a database ")
    with pytest.raises(StoreError) as raised:
        use(str(path))
    assert raised.value.where == str(path)
    assert path.read_text() == 100 * "not a database "


def test_a_place_where_no_folder_can_be_made_is_told(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="no folder"):
        open_database(str(tmp_path / "file" / "seen.db"))


def test_a_record_that_cannot_be_read_is_told_without_its_text(store, path):
    store.save([seen(ONE, date(2026, 1, 1))])
    with sqlite3.connect(path) as connection:
        connection.execute('update registry_records set record = \'{"title": "MARK"}\'')
    connection.close()
    with pytest.raises(StoreError) as raised:
        store.all()
    assert "MARK" not in f"{raised.value} {raised.value.where}"


def test_members_that_a_later_version_adds_do_not_disturb(store, path):
    store.save([seen(ONE, date(2026, 1, 1))])
    with sqlite3.connect(path) as connection:
        connection.execute("""update registry_records set record = '{"later": 1,' || substr(record, 2)""")
    connection.close()
    assert store.all().latest(ONE, date(2026, 1, 1)) == seen(ONE, date(2026, 1, 1))


def test_the_migrations_lead_to_the_tables_that_the_code_knows(store, path):
    engine = sa.create_engine(sa.URL.create("sqlite", database=path), poolclass=sa.NullPool)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, METADATA) == []
        assert context.get_current_revision() == "0004"


def test_a_store_is_opened_again_without_losing_anything(store, path):
    store.save([seen(ONE, date(2026, 1, 1))])
    assert open_database(path).all() == store.all()


def test_a_store_of_a_later_version_is_not_touched(store, path):
    with sqlite3.connect(path) as connection:
        connection.execute("update alembic_version set version_num = '9999'")
    connection.close()
    with pytest.raises(StoreError, match="another version"):
        open_database(path)
    assert rows(path, "alembic_version") == [("9999",)]


def test_a_migration_that_fails_leaves_no_table(path, monkeypatch):
    create = sa.schema.CreateTable

    def fail(table, **options):
        if table.name == "registry_refreshes":
            raise sqlite3.OperationalError("disk full")
        return create(table, **options)

    monkeypatch.setattr("alembic.ddl.impl.schema.CreateTable", fail)
    with pytest.raises(StoreError):
        open_database(path)
    assert rows(path, "sqlite_master") == []
    monkeypatch.undo()
    assert open_database(path).all() == NOTHING_SEEN


NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
DAY = timedelta(hours=24)


def test_one_of_all_processes_refreshes_once_in_each_span(store, path):
    other = open_database(path)
    assert store.claim_refresh(NOW, DAY)
    assert not other.claim_refresh(NOW, DAY)
    assert not other.claim_refresh(NOW + DAY - timedelta(seconds=1), DAY)
    assert other.claim_refresh(NOW + DAY, DAY)
    assert not store.claim_refresh(NOW + DAY, DAY)


def test_a_claim_that_is_given_back_can_be_taken_at_once(store):
    assert store.claim_refresh(NOW, DAY)
    store.release_refresh(NOW)
    assert store.claim_refresh(NOW, DAY)


def test_moments_are_compared_whatever_their_zone(store):
    assert store.claim_refresh(NOW, DAY)
    elsewhere = (NOW + timedelta(hours=1)).astimezone(datetime.strptime("+0900", "%z").tzinfo)
    assert not store.claim_refresh(elsewhere, DAY)


@pytest.mark.parametrize("use", [open_database, read_database])
@pytest.mark.parametrize("place", ["127.0.0.1:1/cds", "127.0.0.1:port/cds", "127.0.0.1:99999/cds"])
def test_another_database_that_cannot_be_used_is_told_and_never_with_its_password(use, place):
    with pytest.raises(StoreError) as raised:
        use(f"postgresql+psycopg://cds:secret@{place}")
    assert "secret" not in f"{raised.value} {raised.value.where} {raised.value.hint}"


def test_the_steps_can_be_taken_back(store, path):
    config = Config()
    config.set_main_option("script_location", str(module.MIGRATIONS).replace("%", "%%"))
    engine = sa.create_engine(sa.URL.create("sqlite", database=path), poolclass=sa.NullPool)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
    assert {name for (name,) in rows(path, "(select name from sqlite_master where type = 'table')")} == {"alembic_version"}
    assert open_database(path).all() == NOTHING_SEEN
