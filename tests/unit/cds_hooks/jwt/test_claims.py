"""Who calls: for which address, when, how often and for which tenant, with both sides of each limit."""

from datetime import timedelta

import pytest

import cds_hooks
from cds_hooks.jwt import LEEWAY, LONGEST_LIFE
from tests.stand_ins.callers import private_key
from tests.unit.cds_hooks.jwt.tokens import ENDPOINT, ISSUER, MOMENT, RIGHT, token


@pytest.mark.parametrize(
    "audience",
    [
        f"{ENDPOINT}/",
        ENDPOINT.upper(),
        "https://cds.example/cds-services/another",
        "https://cds.example/cds-services",
        "https://cds.example",
        ENDPOINT.replace("https", "http"),
        f"{ENDPOINT}?x=1",
        "sand_man",
        "",
        [],
        ["https://cds.example"],
    ],
    ids=str,
)
def test_ch_j_10_a_token_for_another_address(check, uses, audience):
    with pytest.raises(cds_hooks.WrongAudience):
        check(token(claims={"aud": audience}))
    assert uses.seen == []


@pytest.mark.parametrize("audience", [ENDPOINT, [ENDPOINT], ["https://other.example", ENDPOINT]], ids=str)
def test_ch_j_10_one_address_or_several(check, audience):
    assert check(token(claims={"aud": audience})).issuer == ISSUER


def test_ch_j_10_what_a_site_typed_by_hand_can_be_allowed_to_that_issuer(check):
    given = token(claims={"aud": "typed by hand"})
    with pytest.raises(cds_hooks.WrongAudience):
        check(given)
    assert check(given, audiences=frozenset({"typed by hand"})).issuer == ISSUER


# Leeway 60 s (CH-J-11): the token ends with the second `exp`, so 60 s after it nothing is left.
@pytest.mark.parametrize(("seconds", "good"), [(301, True), (1, True), (0, True), (-59, True), (-60, False), (-61, False)])
def test_ch_j_11_the_end_with_clocks_apart(check, seconds, good):
    given = token(claims={"exp": MOMENT + seconds, "iat": MOMENT - 300})
    if good:
        assert check(given).token_id == "j-1"
    else:
        with pytest.raises(cds_hooks.ExpiredToken):
            check(given)


@pytest.mark.parametrize("claim", ["iat", "nbf"])
@pytest.mark.parametrize(("seconds", "good"), [(-300, True), (0, True), (60, True), (61, False), (3600, False)])
def test_ch_j_11_the_beginning_with_clocks_apart(check, claim, seconds, good):
    given = token(claims={claim: MOMENT + seconds, "exp": MOMENT + max(seconds, 0) + 300})
    if good:
        assert check(given).token_id == "j-1"
    else:
        with pytest.raises(cds_hooks.TokenFromTheFuture):
            check(given)


@pytest.mark.parametrize(("seconds", "good"), [(0, False), (-5, False), (1, True), (900, True), (3600, True), (3601, False)])
def test_ch_j_11_a_life_of_an_hour_at_most(check, seconds, good):
    given = token(claims={"exp": MOMENT + seconds, "iat": MOMENT})
    if good:
        assert check(given).token_id == "j-1"
    else:
        with pytest.raises(cds_hooks.WrongLifetime):
            check(given)
    assert (timedelta(seconds=60), timedelta(hours=1)) == (LEEWAY, LONGEST_LIFE)


def test_ch_j_12_a_token_is_used_once(check):
    check(RIGHT)
    with pytest.raises(cds_hooks.ReplayedToken) as raised:
        check(RIGHT)
    assert raised.value.issuer == ISSUER
    assert check(token(claims={"jti": "j-2"})).token_id == "j-2"


def test_ch_j_12_a_token_that_is_refused_is_not_remembered(check, uses):
    for wrong in ({"aud": "elsewhere"}, {"exp": MOMENT - 100, "iat": MOMENT - 200}, {"tenant": "t"}):
        with pytest.raises(cds_hooks.NotAuthenticated):
            check(token(claims=wrong))
    with pytest.raises(cds_hooks.WrongSignature):
        check(token(key=private_key("ES384", 1)))
    assert uses.seen == []
    assert check(RIGHT).token_id == "j-1"


@pytest.mark.parametrize(
    ("tenant", "tenants", "good"),
    [
        (None, (), True),
        ("", (), True),
        ("a", (), False),
        ("a", ("a", "b"), True),
        ("b", ("a", "b"), True),
        ("c", ("a", "b"), False),
        ("A", ("a", "b"), False),
        (None, ("a", "b"), False),
    ],
)
def test_ch_j_13_a_tenant_is_on_the_list_of_its_issuer(check, tenant, tenants, good):
    given = token(claims={"tenant": tenant})
    if good:
        assert check(given, tenants=frozenset(tenants)).tenant == (tenant or "")
    else:
        with pytest.raises(cds_hooks.UnlistedTenant):
            check(given, tenants=frozenset(tenants))
