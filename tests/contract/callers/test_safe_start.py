"""Starting: what is not safe is refused, and what is open or kept is said."""

import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from service.errors import RequestError, StoreError
from service.settings import Settings
from service.web import callers
from service.web.app import create_app
from service.web.callers import caller_parts
from service.web.safe_start import refuse_unsafe, what_is_kept, who_may_call
from tests.contract.callers.signed_calls import BASE, KEY, NOW

SAFE: dict[str, Any] = {"profile": "production", "auth": "required", "public_base_url": BASE, "issuers": "file"}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"auth": "open"}, "ALL_CDS_AUTH=required"),
        ({"public_base_url": ""}, "ALL_CDS_PUBLIC_BASE_URL"),
        ({"public_base_url": "http://localhost:8000"}, "ALL_CDS_PUBLIC_BASE_URL"),
        ({"issuers": ""}, "ALL_CDS_ISSUERS"),
        ({"profile": "development", "public_base_url": ""}, "ALL_CDS_PUBLIC_BASE_URL"),
        ({"profile": "development", "issuers": ""}, "ALL_CDS_ISSUERS"),
    ],
    ids=str,
)
def test_ch_j_01_a_start_that_is_not_safe_is_refused_and_told_what_to_set(service, changes, said):
    settings = Settings(**{**SAFE, **changes})
    for start in (lambda: refuse_unsafe(settings), lambda: create_app(replace(service, settings=settings))):
        with pytest.raises(RequestError) as raised:
            start()
        assert said in raised.value.hint
        others = {"ALL_CDS_AUTH", "ALL_CDS_PUBLIC_BASE_URL", "ALL_CDS_ISSUERS"} - {said.partition("=")[0]}
        assert [name for name in others if name in raised.value.hint] == []


def test_ch_j_01_production_with_nothing_set_is_told_everything():
    with pytest.raises(RequestError) as raised:
        refuse_unsafe(Settings(profile="production"))
    for name in ("ALL_CDS_AUTH=required", "ALL_CDS_PUBLIC_BASE_URL", "ALL_CDS_ISSUERS", "ALL_CDS_PROFILE=development"):
        assert name in raised.value.hint


@pytest.mark.parametrize("changes", [{}, {"profile": "development", "public_base_url": "http://localhost:8000"}])
def test_a_safe_start_is_not_refused(changes):
    refuse_unsafe(Settings(**{**SAFE, **changes}))
    refuse_unsafe(Settings())


@pytest.mark.parametrize(
    ("host", "said"),
    [
        ("127.0.0.1", "OPEN: no authentication"),
        ("0.0.0.0", "OPEN for every machine"),
    ],
)
def test_an_open_service_says_so_plainly(host, said):
    assert said in who_may_call(Settings(), host)
    assert "made-up patients only" in who_may_call(Settings(), host)
    assert "OPEN" not in who_may_call(Settings(**SAFE), host)
    assert BASE in who_may_call(Settings(**SAFE), host)


def test_a_store_that_can_never_be_refuses_the_start(settings, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(StoreError) as raised:
        caller_parts(replace(settings, store=str(tmp_path / "file" / "store.db")))
    assert "ALL_CDS_STORE" in raised.value.hint


def test_a_database_elsewhere_may_come_back(settings, monkeypatch, capfd):
    def down(_settings):
        raise StoreError("down")

    monkeypatch.setattr(callers, "open_used_tokens", down)
    parts = caller_parts(replace(settings, store="postgresql+psycopg://db.example/cds"))
    assert parts.uses.first("i", "j", NOW + timedelta(minutes=5), NOW)
    assert "token store failed" in "".join(capfd.readouterr())


def test_the_clock_of_the_service_is_the_real_one(settings):
    before = datetime.now(tz=UTC)
    assert before <= caller_parts(settings).now() <= datetime.now(tz=UTC)


def test_ch_j_01_the_command_does_not_start_and_says_what_to_set():
    command = [str(Path(sys.executable).with_name("all-cds")), "serve", "--port", "1"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ALL_CDS_")}
    environment["ALL_CDS_PROFILE"] = "production"
    ran = subprocess.run(command, env=environment, check=False, capture_output=True, text=True)
    assert ran.returncode == 2
    assert "ALL_CDS_AUTH=required" in ran.stderr
    assert "Traceback" not in ran.stderr


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "Nothing of a patient is kept."),
        ({"public_base_url": BASE}, "Nothing of a patient is kept."),
        ({"encryption_keys": (KEY,)}, "No assessment is kept: cards need ALL_CDS_PUBLIC_BASE_URL to lead to one."),
        ({"encryption_keys": (KEY,), "public_base_url": BASE}, "Assessments are kept encrypted for 72 hours."),
    ],
)
def test_an_operator_is_told_what_is_kept_of_patients(changes, said):
    assert what_is_kept(replace(Settings(), **changes)) == said
