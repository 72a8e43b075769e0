"""The operator's file of record servers that may open our pages."""

import pytest

from service.clients.smart_servers import read_smart_servers
from service.errors import RequestError

GOOD = "https://fhir.hospital.example/r4:\n  client_id: ours\n"


@pytest.fixture
def read(tmp_path):
    def go(text, *, made_up_only=False, secret=None):
        (tmp_path / "servers.yaml").write_text(text)
        if secret is not None:
            (tmp_path / "secret.txt").write_text(secret)
        return read_smart_servers(tmp_path / "servers.yaml", made_up_only=made_up_only)

    return go


def test_an_entry_is_a_public_client_with_scopes_of_today(read):
    ((address, row),) = read(GOOD).items()
    assert address == row.address == "https://fhir.hospital.example/r4"
    assert (row.client_id, row.scopes, row.secret) == ("ours", "v2", "")


def test_a_slash_at_the_end_is_no_part_of_the_address(read):
    assert set(read(GOOD.replace("r4:", "r4/:"))) == {"https://fhir.hospital.example/r4"}


def test_a_secret_stands_in_a_file_of_its_own_and_is_never_shown(read):
    (row,) = read(f"{GOOD}  secret_file: secret.txt\n  scopes: v1\n", secret="hush-hush\n").values()
    assert (row.secret, row.scopes) == ("hush-hush", "v1")
    assert "hush" not in repr(row)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        ("- a list\n", "one entry"),
        ("http://fhir.hospital.example/r4: {client_id: ours}\n", "https"),
        ("http://127.0.0.1:8080/fhir: {client_id: ours}\n", "https"),
        ("https://user@fhir.hospital.example: {client_id: ours}\n", "https"),
        ("https://fhir.hospital.example: {}\n", "client_id"),
        ("https://fhir.hospital.example: {client_id: ours, scopes: v3}\n", "scopes"),
        ("https://fhir.hospital.example: {client_id: ours, other: 1}\n", "other"),
        ("https://fhir.hospital.example: {client_id: ours, secret_file: none.txt}\n", "secret_file"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(read, text, said):
    with pytest.raises(RequestError) as caught:
        read(text)
    assert said in caught.value.hint
    assert "servers.yaml" in caught.value.where


def test_a_server_of_this_machine_needs_no_https_where_patients_are_made_up(read):
    assert set(read("http://127.0.0.1:8080/fhir: {client_id: ours}\n", made_up_only=True)) == {"http://127.0.0.1:8080/fhir"}
    with pytest.raises(RequestError):
        read("http://192.168.0.9:8080/fhir: {client_id: ours}\n", made_up_only=True)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(RequestError) as caught:
        read_smart_servers(tmp_path / "none.yaml", made_up_only=False)
    assert "cannot be read" in caught.value.hint
