"""Who calls: the order of the checks, and that nothing of a token is repeated or kept."""

import pytest

import cds_hooks
from cds_hooks.jwt import Trust, TrustedIssuer, verify
from tests.stand_ins.callers import private_key
from tests.unit.cds_hooks.jwt.tokens import ENDPOINT, ISSUER, MOMENT, NOW, RIGHT, token

STEPS: list[tuple[dict[str, str], dict[str, object], type[Exception]]] = [
    # (what is wrong, the error), in the order of looking: a token with this and all later faults is refused for this
    ({"alg": "ES256"}, {}, cds_hooks.ForbiddenAlgorithm),
    ({}, {"iss": "https://other.example"}, cds_hooks.UnknownIssuer),
    ({"jku": "https://evil.example"}, {}, cds_hooks.UnlistedKeyAddress),
    ({"kid": "unknown"}, {}, cds_hooks.UnknownKey),
    ({"signature": "wrong"}, {}, cds_hooks.WrongSignature),
    ({}, {"aud": "elsewhere"}, cds_hooks.WrongAudience),
    ({}, {"exp": MOMENT - 60, "iat": MOMENT - 300}, cds_hooks.ExpiredToken),
    ({}, {"tenant": "unlisted"}, cds_hooks.UnlistedTenant),
    ({}, {}, cds_hooks.ReplayedToken),
]


@pytest.mark.parametrize("step", range(len(STEPS)))
def test_ch_j_the_checks_come_in_their_order(keys, step):
    header: dict[str, str] = {}
    claims: dict[str, object] = {}
    for more_header, more_claims, _ in reversed(STEPS[step:]):
        header.update(more_header)
        claims.update(more_claims)
    key = private_key(header.get("alg", "ES384"), 1) if header.pop("signature", "") else None
    trust = Trust({ISSUER: TrustedIssuer()}, keys, lambda *_: False)
    with pytest.raises(STEPS[step][2]) as raised:
        verify(token(header, claims, key), trust, (ENDPOINT,), NOW)
    assert type(raised.value) is STEPS[step][2]


@pytest.mark.parametrize("step", range(len(STEPS) - 1))
def test_ch_j_14_no_error_repeats_anything_of_the_token(check, step):
    header, claims, _ = STEPS[step]
    key = private_key("ES384", 1) if "signature" in header else None
    given = token({name: value for name, value in header.items() if name != "signature"}, {"sub": "MARK", **claims}, key)
    with pytest.raises(cds_hooks.NotAuthenticated) as raised:
        check(given)
    said = f"{raised.value} {raised.value.where} {raised.value.hint}"
    assert not [part for part in (*given.split("."), "MARK", "evil", "other.example", "elsewhere", "unlisted") if part in said]


def test_ch_j_14_what_is_kept_of_a_token_holds_no_part_of_it(check):
    kept = repr(check(RIGHT))
    assert not [part for part in RIGHT.split(".") if part in kept]
