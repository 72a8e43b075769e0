"""The stores under test: the same tests on SQLite and on PostgreSQL."""

import pytest

from tests.stand_ins.postgresql import PostgresqlStandIn


@pytest.fixture(scope="session")
def postgresql_server():
    with PostgresqlStandIn() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request, tmp_path):
    """Where a store can be made: a file that is not there yet, or an empty database."""
    if request.param == "sqlite":
        return str(tmp_path / "store.db")
    return request.getfixturevalue("postgresql_server").new_database()
