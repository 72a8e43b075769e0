"""A service that asks who calls, and trusts one issuer with tenants and one without."""

import json
from dataclasses import replace

import pytest

from service.web.app import create_app
from service.web.callers import caller_parts
from tests.contract.callers.signed_calls import BASE, ISSUER, NOW, ORIGIN
from tests.stand_ins.callers import key_set, public_jwk


@pytest.fixture
def issuers_file(tmp_path):
    (tmp_path / "keys.json").write_bytes(key_set(public_jwk("ES384", "e"), public_jwk("RS384", "r")))
    path = tmp_path / "issuers.json"
    entry = {
        "name": "Hospital",
        "keys": "keys.json",
        "fhir_servers": ["https://ehr.example/fhir"],
    }
    with_tenants = {**entry, "tenants": {"a": {}}}
    path.write_text(json.dumps({ISSUER: entry, "https://tenants.example": with_tenants}), encoding="utf-8")
    return path


@pytest.fixture
def settings(service, issuers_file, tmp_path):
    return replace(
        service.settings,
        auth="required",
        profile="production",
        public_base_url=BASE,
        issuers=str(issuers_file),
        store=str(tmp_path / "store.db"),
        allowed_origins=(ORIGIN,),
    )


@pytest.fixture
def application(service, settings):
    """One process of the guarded service; more than one shares the store."""

    def build(**changes):
        changed = replace(settings, **changes)
        parts = replace(caller_parts(changed), now=lambda: NOW)
        return create_app(replace(service, settings=changed), parts=parts)

    return build


@pytest.fixture
def guarded(application):
    return application().test_client()
