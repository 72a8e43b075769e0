"""The operator's file of callers: everything that is wrong in it is told before the service starts."""

import json

import pytest

from cds_hooks.jwt import Client
from service.clients.issuers import read_issuers
from service.errors import RequestError
from tests.stand_ins.callers import key_set, public_jwk

PROFILES = ("generic20",)
ISSUER = "https://ehr.example/oauth2"
WHOLE = f"""
{ISSUER}:
  name: Hospital
  keys: keys.json
  key_addresses: [https://ehr.example/jwks]
  audiences: [typed by hand]
  algorithms: [ES384, RS256]
  fhir_servers: [https://ehr.example/fhir]
  client_profile: generic20
  tenants:
    a: {{}}
    b:
      name: Clinic B
      fhir_servers: [https://b.example/fhir]
https://other.example:
  name: Other
  keys: https://other.example/jwks?set=1
"""


@pytest.fixture
def read(tmp_path):
    def run(text, name="issuers.yaml", *, made_up_only=False):
        (tmp_path / "keys.json").write_bytes(key_set(public_jwk("ES384", "k")))
        path = tmp_path / name
        path.write_text(text if isinstance(text, str) else json.dumps(text), encoding="utf-8")
        return read_issuers(path, profiles=PROFILES, made_up_only=made_up_only)

    return run


def client(tenant=""):
    return Client(ISSUER, "j", None, tenant)  # type: ignore[arg-type] # the moment is of no matter here


def test_what_stands_in_the_file_is_what_holds(read, tmp_path):
    issuers = read(WHOLE)
    issuer, other = issuers[ISSUER], issuers["https://other.example"]
    assert issuer.key_file == str(tmp_path / "keys.json")
    assert issuer.trusted.key_addresses == {"https://ehr.example/jwks"}
    assert issuer.trusted.audiences == {"typed by hand"}
    assert issuer.trusted.algorithms == {"ES384", "RS256"}
    assert issuer.trusted.tenants == {"a", "b"}
    assert (other.key_file, other.key_address) == ("", "https://other.example/jwks?set=1")
    assert other.trusted.key_addresses == {"https://other.example/jwks?set=1"}  # a token may name what was agreed on
    assert other.trusted.algorithms == {"ES384", "RS384"}
    assert other.trusted.tenants == frozenset()


def test_the_file_may_be_json(read):
    assert set(read({ISSUER: {"name": "H", "keys": "keys.json"}}, "issuers.json")) == {ISSUER}


def test_ch_j_13_a_tenant_has_its_own_word_where_it_has_one(read):
    issuer = read(WHOLE)[ISSUER]
    a, b = issuer.caller(client("a")), issuer.caller(client("b"))
    assert (a.name, a.fhir_servers, a.client_profile) == ("Hospital", {"https://ehr.example/fhir"}, "generic20")
    assert (b.name, b.fhir_servers, b.client_profile) == ("Clinic B", {"https://b.example/fhir"}, "generic20")


@pytest.mark.parametrize(
    ("of_the_issuer", "of_the_tenant", "language"),
    [
        ({}, {}, ""),
        ({"language": "es"}, {}, "es"),
        ({"language": "es"}, {"language": "en"}, "en"),
        ({}, {"language": "es"}, "es"),
    ],
)
def test_cards_are_in_the_language_of_the_tenant_else_of_the_issuer(read, of_the_issuer, of_the_tenant, language):
    entry = {"name": "Hospital", "keys": "keys.json", **of_the_issuer, "tenants": {"a": of_the_tenant}}
    assert read({ISSUER: entry}, "issuers.json")[ISSUER].caller(client("a")).language == language


def test_ch_a_07_a_tenant_without_servers_has_none(read):
    text = WHOLE.replace("fhir_servers: [https://b.example/fhir]", "fhir_servers: []")
    assert read(text)[ISSUER].caller(client("b")).fhir_servers == frozenset()


GOOD = {"name": "H", "keys": "keys.json"}


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"keys": "keys.json"}, "name"),
        ({"name": "H"}, "keys or key_addresses"),
        ({**GOOD, "keys": "http://ehr.example/jwks"}, "https address"),
        ({**GOOD, "keys": "none.json"}, "none.json cannot be read"),
        ({**GOOD, "keys": "issuers.json"}, "Key Set"),
        ({**GOOD, "key_addresses": ["http://ehr.example/jwks"]}, "key_addresses.0"),
        ({**GOOD, "key_addresses": ["https://me@ehr.example/jwks"]}, "key_addresses.0"),
        ({**GOOD, "algorithms": ["HS256"]}, "algorithms"),
        ({**GOOD, "algorithms": ["none"]}, "algorithms"),
        ({**GOOD, "algorithms": []}, "algorithms"),
        ({**GOOD, "fhir_servers": ["ehr.example/fhir"]}, "fhir_servers.0"),
        ({**GOOD, "fhir_servers": ["https://ehr.example/fhir/"]}, "fhir_servers.0"),
        ({**GOOD, "client_profile": "unknown"}, "generic20"),
        ({**GOOD, "language": "fr"}, "language"),
        ({**GOOD, "tenants": {"a": {"client_profile": "unknown"}}}, "generic20"),
        ({**GOOD, "tenants": {"a": {"keys": "x"}}}, "tenants.a.keys"),
        ({**GOOD, "key_adresses": []}, "key_adresses"),
        (None, "H"),
    ],
    ids=str,
)
def test_what_cannot_be_used_is_named_with_its_issuer(read, entry, said):
    with pytest.raises(RequestError) as raised:
        read({ISSUER: entry, "https://good.example": GOOD}, "issuers.json")
    assert raised.value.where.startswith("ALL_CDS_ISSUERS=")
    assert ISSUER in raised.value.hint
    assert entry is None or said in raised.value.hint
    assert "good.example" not in raised.value.hint


def test_everything_that_is_wrong_is_told_at_once(read):
    with pytest.raises(RequestError) as raised:
        read({"https://a.example": {}, "https://b.example": {"name": "B"}}, "issuers.json")
    assert "a.example" in raised.value.hint
    assert "b.example" in raised.value.hint


@pytest.mark.parametrize(
    ("text", "name"),
    [("", "i.yaml"), ("[]", "i.json"), ("{}", "i.json"), ("{", "i.json"), ("a: &x 1", "i.yaml"), ("a: 1\na: 2", "i.yaml")],
)
def test_a_file_that_is_no_list_of_issuers(read, text, name):
    with pytest.raises(RequestError):
        read(text, name)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(RequestError, match="cannot be used"):
        read_issuers(tmp_path / "none.yaml", profiles=PROFILES, made_up_only=False)


@pytest.mark.parametrize(
    "entry",
    [
        {"https://sandbox.cds-hooks.org": {"name": "Sandbox", "keys": "keys.json"}},
        {ISSUER: {"name": "S", "keys": "https://sandbox.cds-hooks.org/.well-known/jwks.json"}},
        {ISSUER: {**GOOD, "key_addresses": ["https://sandbox.cds-hooks.org/.well-known/jwks.json"]}},
    ],
    ids=["issuer", "keys", "address"],
)
def test_x_52_a_sandbox_whose_private_key_is_public_is_for_made_up_patients(read, entry):
    assert read(entry, "issuers.json", made_up_only=True)
    with pytest.raises(RequestError) as raised:
        read(entry, "issuers.json")
    assert "public" in raised.value.hint


@pytest.mark.parametrize(("written", "leave"), [({}, False), ({"other_days": False}, False), ({"other_days": True}, True)])
def test_leave_to_ask_about_other_days_is_given_by_the_operator_alone(read, written, leave):
    issuers = read({ISSUER: {"name": "Hospital", "keys": "keys.json", **written}}, "issuers.json")
    assert issuers[ISSUER].caller(client()).other_days is leave
