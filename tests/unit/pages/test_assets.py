"""What browsers may load: a list of names, each under an address that changes with its bytes; nothing else of the disk."""

import gzip
import hashlib

import pytest

from service.errors import RequestError
from service.web.pages.assets import FILES, load_assets


def test_every_file_has_an_address_that_its_bytes_decide():
    found = load_assets()
    assert found.keys() == FILES.keys()
    for asset in found.values():
        assert hashlib.sha256(asset.body).hexdigest()[:16] in asset.address
        assert gzip.decompress(asset.packed) == asset.body


def test_a_start_without_browser_packages_says_what_is_missing_and_how_to_get_it(tmp_path):
    with pytest.raises(RequestError) as raised:
        load_assets(tmp_path)
    assert f"{len(FILES)} file(s)" in raised.value.message
    assert "make setup" in raised.value.hint
    assert "npm ci --ignore-scripts" in raised.value.hint


def test_one_missing_file_is_enough(tmp_path):
    for place, _ in list(FILES.values())[:-1]:
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / place).write_bytes(b"x")
    with pytest.raises(RequestError) as raised:
        load_assets(tmp_path)
    assert "1 file(s)" in raised.value.message
    assert list(FILES.values())[-1][0] in raised.value.message
