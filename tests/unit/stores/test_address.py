"""Where the store is, from the setting and the environment."""

import pytest

from service.stores.address import is_there, store_address


@pytest.mark.parametrize(
    ("setting", "environment", "address"),
    [
        ("", {"XDG_STATE_HOME": "/state", "HOME": "/people/x"}, "/state/all-cds/store.sqlite3"),
        ("", {"XDG_STATE_HOME": "state", "HOME": "/people/x"}, "/people/x/.local/state/all-cds/store.sqlite3"),
        ("", {"HOME": "/people/x"}, "/people/x/.local/state/all-cds/store.sqlite3"),
        ("", {"HOME": "x"}, ""),
        ("", {}, ""),
        ("data/seen.db", {}, "data/seen.db"),
        ("sqlite:///data/seen.db", {}, "data/seen.db"),
        ("sqlite:////data/seen.db", {}, "/data/seen.db"),
        ("postgresql+psycopg://db.example/cds", {"HOME": "/people/x"}, "postgresql+psycopg://db.example/cds"),
    ],
)
def test_addresses(setting, environment, address):
    assert store_address(setting, environment) == address


def test_a_file_is_there_once_it_is_made(tmp_path):
    path = tmp_path / "seen.db"
    assert not is_there(str(path))
    path.touch()
    assert is_there(str(path))
    assert not is_there(str(tmp_path))
    assert not is_there("")
    assert is_there("postgresql+psycopg://db.example/cds")
