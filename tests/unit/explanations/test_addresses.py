"""Addresses: unguessable, found again in any link, never kept themselves."""

import pytest

from service.explanations.addresses import address_in, digest_of, link_to, new_address

ADDRESS = "PHJ40rFRTpi_MkU6iU4G4hjROv-8hjUnP7vH1McZvak"


def test_addresses_are_256_random_bits():
    made = {new_address() for _ in range(1000)}
    assert len(made) == 1000
    assert {len(address) for address in made} == {43}  # 32 bytes, six bits a sign
    assert all(address_in(address) == address for address in made)


@pytest.mark.parametrize(
    "given",
    [
        ADDRESS,
        f" {ADDRESS}\n",
        f"https://cds.example/all/assessments/{ADDRESS}",
        f"https://cds.example/assessments/{ADDRESS}/",
        f"/assessments/{ADDRESS}?format=html#top",
        link_to(ADDRESS, "https://cds.example"),
    ],
)
def test_an_address_is_found_in_its_link(given):
    assert address_in(given) == ADDRESS


@pytest.mark.parametrize(
    "given", ["", "/", ADDRESS[:-1], ADDRESS + "a", ADDRESS[:-1] + "=", ADDRESS[:-1] + "é", f"{ADDRESS}/more", "../" + "a" * 41]
)
def test_what_is_no_address_is_none(given):
    assert address_in(given) == ""


def test_the_store_does_not_tell_the_address():
    assert len(digest_of(ADDRESS)) == 64
    assert ADDRESS not in digest_of(ADDRESS)
    assert digest_of(ADDRESS) != digest_of(new_address())


def test_no_address_looks_like_an_option_of_a_command(monkeypatch):
    made = iter([f"-{'a' * 42}", f"-{'b' * 42}", "c" * 43])
    monkeypatch.setattr("secrets.token_urlsafe", lambda _size: next(made))
    assert new_address() == "c" * 43
