"""What is sealed opens with the right key, in its own place, unchanged, and in no other way."""

import pytest

from service.errors import SealBroken, StoreError
from service.stores.encryption_keys import key_bytes
from service.stores.vault import Vault

OLD, NEW, OTHER = (bytes([digit]) * 32 for digit in (1, 2, 3))
CONTENT = "Doe, Jane; born 1981-03-14 – α".encode()
BESIDE = ("assessment", "address", "until")


def test_what_is_sealed_opens_again():
    vault = Vault([NEW])
    assert vault.open(vault.seal(CONTENT, BESIDE), BESIDE) == CONTENT
    assert vault.open(vault.seal(b"", ()), ()) == b""


def test_nothing_of_the_content_shows_and_no_two_seals_are_alike():
    vault = Vault([NEW])
    one, two = vault.seal(CONTENT * 10, BESIDE), vault.seal(CONTENT * 10, BESIDE)
    assert one != two
    assert b"Jane" not in one
    assert one[1:13] != two[1:13]  # the nonce


@pytest.mark.parametrize("keys", [[OTHER], [OTHER, OLD]])
def test_another_key_opens_nothing(keys):
    with pytest.raises(SealBroken):
        Vault(keys).open(Vault([NEW]).seal(CONTENT, BESIDE), BESIDE)


def test_while_a_key_is_replaced_both_open_and_the_new_one_seals():
    before, while_replaced, after = Vault([OLD]), Vault([NEW, OLD]), Vault([NEW])
    old, new = before.seal(CONTENT, BESIDE), while_replaced.seal(CONTENT, BESIDE)
    assert while_replaced.open(old, BESIDE) == while_replaced.open(new, BESIDE) == after.open(new, BESIDE) == CONTENT
    for vault, sealed in ((after, old), (before, new)):
        with pytest.raises(SealBroken):
            vault.open(sealed, BESIDE)


@pytest.mark.parametrize(
    "beside", [(), BESIDE[:2], (*BESIDE, ""), ("assessment", "other", "until"), ("assessmentaddress", "until"), BESIDE[::-1]]
)
def test_it_opens_in_its_own_place_only(beside):
    vault = Vault([NEW])
    with pytest.raises(SealBroken):
        vault.open(vault.seal(CONTENT, BESIDE), beside)


def test_a_seal_with_any_byte_changed_or_missing_is_broken():
    vault = Vault([NEW])
    sealed = vault.seal(b"short", BESIDE)
    changed = [sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :] for place in range(len(sealed))]
    for broken in [*changed, *(sealed[:length] for length in range(len(sealed))), sealed + b"x"]:
        with pytest.raises(SealBroken):
            vault.open(broken, BESIDE)


def test_a_broken_seal_is_a_failure_of_the_store_that_repeats_nothing():
    with pytest.raises(StoreError) as raised:
        Vault([OTHER]).open(Vault([NEW]).seal(CONTENT, BESIDE), BESIDE)
    assert "Jane" not in f"{raised.value!r} {raised.value.where} {raised.value.hint}"
    assert raised.value.__cause__ is None


def test_no_key_is_shown():
    assert repr(NEW)[2:20] not in repr(Vault([NEW]))
    assert repr(Vault([NEW])).startswith("<")


@pytest.mark.parametrize("text", ["AQID" * 10 + "AQI=", "_-" * 21 + "8=", "+/" * 21 + "8="])
def test_keys_in_either_alphabet(text):
    assert len(key_bytes(text)) == 32


@pytest.mark.parametrize(
    "text", ["", "x", "AQID" * 10, "AQID" * 11, "AQID" * 10 + "AQ==", "AQID" * 10 + "AQI", "ß" * 44, "AQI =" * 9]
)
def test_what_is_no_key_is_refused_without_repeating_it(text):
    with pytest.raises(ValueError, match="no key") as raised:
        key_bytes(text)
    assert text not in str(raised.value) or not text or text == "x"
