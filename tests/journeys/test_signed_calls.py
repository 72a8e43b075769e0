"""The installed command as a hospital runs it: strangers get nothing, a signed call gets cards once, in all processes."""

import json
from datetime import UTC, datetime

import pytest
import requests

from cds_hooks.conformance.__main__ import main as try_conformance
from tests.contract.stored import HOOK, stored_request
from tests.stand_ins.callers import key_set, private_key, private_pem, public_jwk, signed
from tests.stand_ins.served import HOST, served

PUBLIC = "https://cds.example"
ISSUER = "https://ehr.example/oauth2"
SELDOM = "https://seldom.example"


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    folder = tmp_path_factory.mktemp("callers")
    (folder / "keys.json").write_bytes(key_set(public_jwk("ES384", "k")))
    entries = f"{ISSUER}:\n  name: Hospital\n  keys: keys.json\n{SELDOM}:\n  name: Seldom\n  keys: keys.json\n  rate_limit: 1\n"
    (folder / "issuers.yaml").write_text(entries, encoding="utf-8")
    settings = {
        "profile": "production",
        "auth": "required",
        "public_base_url": PUBLIC,
        "issuers": folder / "issuers.yaml",
        "store": folder / "store.db",
    }
    with served("--workers", "2", installed=True, **settings) as server:
        yield f"http://{HOST}:{server.port}"
    assert f"Callers must sign for {PUBLIC}" in server.said
    assert "OPEN" not in server.said
    assert "Traceback" not in server.said
    assert "eyJ" not in server.said  # what every token begins with


def call(address, given=None):
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {given}"} if given else {})
    # A new connection each time: any of the processes may answer.
    return requests.post(f"{address}{HOOK}", data=stored_request("adult-first-relapse-patient-view"), headers=headers, timeout=30)


def token(name, issuer=ISSUER):
    now = int(datetime.now(tz=UTC).timestamp())
    claims = {"iss": issuer, "aud": f"{PUBLIC}{HOOK}", "iat": now, "exp": now + 300, "jti": name}
    return signed({"alg": "ES384", "kid": "k", "typ": "JWT"}, claims)


def test_a_stranger_gets_nothing(address):
    answer = call(address)
    assert (answer.status_code, answer.content) == (401, b"")


def test_ch_j_12_a_signed_call_gets_cards_once_from_all_processes_together(address):
    for name in ("one", "two", "three"):
        given = token(name)
        answers = [call(address, given) for _ in range(6)]
        assert [answer.status_code for answer in answers] == [200, 401, 401, 401, 401, 401]
        assert json.loads(answers[0].content)["cards"]


def test_ch_t_04_the_calls_of_an_issuer_are_counted_over_all_processes_together(address):
    answers = [call(address, token(f"seldom-{number}", SELDOM)) for number in range(8)]
    assert [answer.status_code for answer in answers] == [200, *[429] * 7]
    assert all(int(answer.headers["Retry-After"]) > 0 for answer in answers[1:])


def test_ch_j_20_production_says_that_there_is_nothing_but_https_and_no_version_of_anything(address):
    answer = requests.get(f"{address}/cds-services", timeout=30)
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert not any(sign.isdigit() for sign in answer.headers["Server"])


def test_a_service_that_keeps_tokens_is_ready_once_it_has_reached_its_store(address):
    assert requests.get(f"{address}/readyz", timeout=30).status_code == 200


def test_ch_j_the_conformance_kit_finds_nothing_wrong(address, tmp_path, capsys):
    key = tmp_path / "key.pem"
    key.write_bytes(private_pem(private_key("ES384")))
    signing = ["--key", str(key), "--kid", "k", "--issuer", ISSUER, "--audience", PUBLIC]
    code = try_conformance(["--base", address, *signing, "--strict", "--timeout", "60", "--format", "json"])
    rows = json.loads(capsys.readouterr().out)["rows"]
    assert [row for row in rows if row["verdict"] == "failed"] == []
    assert code == 0
    # that nothing of who may call was passed over
    tried = {row["item"] for row in rows if row["verdict"] == "passed"}
    assert {*(f"CH-J-{number:02}" for number in (1, 2, 3, 4, 5, 6, 7, 10, 11, 12)), "CH-B-11", "CH-T-03"} <= tried
