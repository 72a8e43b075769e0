"""Who calls: each check of the token, both sides of each limit, and the order of the checks."""

import json
from datetime import UTC, datetime, timedelta

import pytest

import cds_hooks
from cds_hooks.jwt import ALGORITHMS, LEEWAY, LONGEST_LIFE, Trust, TrustedIssuer, bearer_token, verify
from cds_hooks.key_set import KeySet, read_key_set
from tests.stand_ins.callers import encoded, key_set, private_key, public_jwk, public_pem, signed, without_none

ISSUER = "https://ehr.example/oauth2"
ENDPOINT = "https://cds.example/cds-services/all-immunotherapy"
KEYS_AT = "https://ehr.example/jwks"
NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
MOMENT = int(NOW.timestamp())
EC_KID, RSA_KID = "ec", "R+/s="  # opaque: base64 with all its signs is seen


class Keys:
    """One set for everybody, and who asked for what."""

    def __init__(self, keys=None):
        self.set = keys or read_key_set(key_set(public_jwk("ES384", EC_KID), public_jwk("RS384", RSA_KID)))
        self.asked = []

    def find(self, issuer, key_address, kid, algorithm):
        self.asked.append((issuer, key_address, kid, algorithm))
        return self.set.find(kid, algorithm)


class Uses:
    """Remembers tokens as a store does."""

    def __init__(self):
        self.seen = []

    def first(self, issuer, token_id, until):
        known = (issuer, token_id) in [row[:2] for row in self.seen]
        self.seen.append((issuer, token_id, until))
        return not known


def token(header=None, claims=None, key=None):
    """A right token, with these members changed; None takes a member away."""
    whole_header = without_none({"alg": "ES384", "kid": EC_KID, "typ": "JWT", **(header or {})})
    whole_claims = without_none(
        {"iss": ISSUER, "aud": ENDPOINT, "exp": MOMENT + 300, "iat": MOMENT, "jti": "j-1", **(claims or {})}
    )
    return signed(whole_header, whole_claims, key)


@pytest.fixture
def keys():
    return Keys()


@pytest.fixture
def uses():
    return Uses()


@pytest.fixture
def check(keys, uses):
    """The client of a token, for an issuer that may do this."""

    def run(given, audience=(ENDPOINT,), now=NOW, **may):
        return verify(given, Trust({ISSUER: TrustedIssuer(**may)}, keys, uses.first), audience, now)

    return run


def test_ch_j_02_a_right_token_tells_who_calls(check, uses):
    client = check(token())
    assert (client.issuer, client.token_id, client.tenant) == (ISSUER, "j-1", "")
    assert client.expires == NOW + timedelta(seconds=300)
    assert uses.seen == [(ISSUER, "j-1", NOW + timedelta(seconds=360))]  # until nobody could use it any more: exp and 60 s


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer  ", "Basic dTpw", "bearer", "token"])
def test_ch_j_02_without_a_bearer_token(header):
    with pytest.raises(cds_hooks.NoToken):
        bearer_token(header)


@pytest.mark.parametrize("header", ["Bearer a.b.c", "bearer a.b.c", "BEARER   a.b.c  "])
def test_ch_j_02_the_word_bearer_in_any_letters(header):
    assert bearer_token(header) == "a.b.c"


@pytest.mark.parametrize("missing", ["kid", "typ", "alg"])
def test_ch_j_03_a_header_without_one_of_its_members(check, missing):
    whole = {"alg": "ES384", "kid": EC_KID, "typ": "JWT"}
    del whole[missing]
    claims = {"iss": ISSUER, "aud": ENDPOINT, "exp": MOMENT + 300, "iat": MOMENT, "jti": "j-1"}
    with pytest.raises(cds_hooks.UnreadableToken):
        check(signed(json.dumps(whole).encode(), claims))


@pytest.mark.parametrize("header", [{"kid": ""}, {"kid": 7}, {"typ": "at+jwt"}, {"typ": ""}, {"crit": ["exp"]}, {"b64": False}])
def test_ch_j_03_a_header_that_is_not_as_it_must_be(check, header):
    with pytest.raises(cds_hooks.UnreadableToken):
        check(token(header))


def test_ch_j_03_a_key_name_is_opaque_and_the_type_may_be_in_small_letters(check):
    assert check(token({"alg": "RS384", "kid": RSA_KID, "typ": "jwt"})).issuer == ISSUER


@pytest.mark.parametrize("missing", ["iss", "aud", "exp", "iat", "jti"])
def test_ch_j_04_each_missing_claim(check, missing, keys):
    with pytest.raises(cds_hooks.UnreadableToken):
        check(token(claims={missing: None}))
    assert keys.asked == []


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": ""},
        {"jti": ""},
        {"jti": 5},
        {"aud": 5},
        {"aud": [5]},
        {"exp": str(MOMENT + 300)},
        {"exp": True},
        {"exp": -1},
        {"exp": 10**30},
        {"iat": "now"},
        {"nbf": "now"},
        {"tenant": 5},
    ],
    ids=str,
)
def test_ch_j_04_a_claim_of_another_shape(check, claims):
    with pytest.raises(cds_hooks.UnreadableToken):
        check(token(claims=claims))


def test_ch_j_04_other_claims_are_passed_over(check):
    assert check(token(claims={"nbf": MOMENT - 300, "sub": "client-1", "more": {"a": [1]}})).issuer == ISSUER


def test_ch_j_04_times_may_have_fractions(check):
    assert check(token(claims={"exp": MOMENT + 299.5, "iat": MOMENT - 0.5})).token_id == "j-1"


RIGHT = token()


@pytest.mark.parametrize(
    "given",
    [
        "",
        "a",
        "a.b",
        "a.b.c",
        "..",
        RIGHT.replace(".", "", 1),
        f"{RIGHT}.x",
        f"{RIGHT} ",
        f"{RIGHT}, Bearer {RIGHT}",
        "ä" + RIGHT,
        signed(b"{", {}),
        signed(b"[]", {}),
        signed({"alg": "ES384", "kid": EC_KID, "typ": "JWT"}, b"\xff"),
        signed({"alg": "ES384", "kid": EC_KID, "typ": "JWT"}, b"[" * 9000),
        signed({"alg": "ES384", "kid": EC_KID, "typ": "JWT"}, {"iss": "x" * 20_000}),
        f"A{RIGHT}",
    ],
    ids=range(16),
)
def test_what_is_no_token_at_all(check, keys, given):
    with pytest.raises(cds_hooks.UnreadableToken):
        check(given)
    assert keys.asked == []


def test_ch_j_05_a_token_without_a_signature(check, keys):
    with pytest.raises(cds_hooks.ForbiddenAlgorithm):
        check(token({"alg": "none"}))
    assert keys.asked == []


@pytest.mark.parametrize("word", ["None", "NONE", "nOnE", ""])
def test_ch_j_05_nor_with_another_writing_of_none(check, word):
    head, body, _ = RIGHT.split(".")
    head = encoded(json.dumps({"alg": word, "kid": EC_KID, "typ": "JWT"}).encode())
    with pytest.raises(cds_hooks.ForbiddenAlgorithm):
        check(f"{head}.{body}.")


@pytest.mark.parametrize("algorithm", ["HS256", "HS384", "HS512"])
@pytest.mark.parametrize("of", ["ES384", "RS384"])
def test_ch_j_05_a_public_key_is_no_shared_secret(check, algorithm, of):
    kid = {"ES384": EC_KID, "RS384": RSA_KID}[of]
    with pytest.raises(cds_hooks.ForbiddenAlgorithm):
        check(token({"alg": algorithm, "kid": kid}, key=public_pem(private_key(of))))


def test_ch_j_05_not_even_where_an_issuer_was_allowed_it(uses):
    # The set holds no key for it: a shared secret is no key of ours.
    keys = Keys(read_key_set(key_set(public_jwk("ES384", EC_KID), {"kty": "oct", "kid": "s", "k": encoded(b"x" * 64)})))
    trust = Trust({ISSUER: TrustedIssuer(algorithms=frozenset({"HS256"}))}, keys, uses.first)
    with pytest.raises(cds_hooks.UnknownKey):
        verify(token({"alg": "HS256", "kid": "s"}, key=b"x" * 64), trust, (ENDPOINT,), NOW)


@pytest.mark.parametrize(("algorithm", "kid"), [("ES384", EC_KID), ("RS384", RSA_KID)])
def test_ch_j_06_the_two_recommended_algorithms(check, algorithm, kid):
    assert check(token({"alg": algorithm, "kid": kid})).issuer == ISSUER


def test_ch_j_06_these_two_and_no_other_unless_an_issuer_is_allowed_more():
    assert {"ES384", "RS384"} == ALGORITHMS


@pytest.mark.parametrize("algorithm", ["ES256", "ES512", "RS256", "RS512"])
def test_ch_j_06_another_algorithm_needs_leave(keys, check, algorithm):
    keys.set = read_key_set(key_set(public_jwk(algorithm, "k")))
    given = token({"alg": algorithm, "kid": "k"})
    with pytest.raises(cds_hooks.ForbiddenAlgorithm):
        check(given)
    assert keys.asked == []
    assert check(given, algorithms=frozenset({algorithm})).issuer == ISSUER


def test_ch_j_06_leave_of_one_issuer_is_none_for_another(keys, uses):
    keys.set = read_key_set(key_set(public_jwk("ES256", "k")))
    issuers = {ISSUER: TrustedIssuer(), "https://other.example": TrustedIssuer(algorithms=frozenset({"ES256"}))}
    with pytest.raises(cds_hooks.ForbiddenAlgorithm) as raised:
        verify(token({"alg": "ES256", "kid": "k"}), Trust(issuers, keys, uses.first), (ENDPOINT,), NOW)
    assert raised.value.issuer == ISSUER
    assert keys.asked == []


@pytest.mark.parametrize(("algorithm", "kid", "key"), [("ES384", RSA_KID, "ES384"), ("RS384", EC_KID, "RS384")])
def test_ch_j_06_a_key_is_for_its_own_algorithm_whatever_the_token_says(check, algorithm, kid, key):
    with pytest.raises(cds_hooks.UnknownKey):
        check(token({"alg": algorithm, "kid": kid}, key=private_key(key)))


@pytest.mark.parametrize("issuer", ["https://other.example", f"{ISSUER}/", ISSUER.upper(), f" {ISSUER}"])
def test_ch_j_07_an_issuer_that_is_not_on_the_list_as_it_writes_itself(check, keys, issuer):
    with pytest.raises(cds_hooks.UnknownIssuer) as raised:
        check(token(claims={"iss": issuer}))
    assert keys.asked == []
    assert raised.value.issuer == ""


@pytest.mark.parametrize("address", [f"{KEYS_AT}/", f"{KEYS_AT}?x", "https://evil.example/jwks", "https://EHR.example/jwks"])
def test_ch_j_07_an_unlisted_key_address_is_refused_before_anybody_is_asked(check, keys, address):
    with pytest.raises(cds_hooks.UnlistedKeyAddress) as raised:
        check(token({"jku": address}), key_addresses=frozenset({KEYS_AT}))
    assert keys.asked == []
    assert raised.value.issuer == ISSUER


def test_ch_j_07_a_listed_key_address_is_where_the_key_is_looked_for(check, keys):
    check(token({"jku": KEYS_AT}), key_addresses=frozenset({KEYS_AT}))
    assert keys.asked == [(ISSUER, KEYS_AT, EC_KID, "ES384")]


def test_ch_j_08_without_a_key_address_the_keys_agreed_on_are_used(check, keys):
    check(token())
    assert keys.asked == [(ISSUER, "", EC_KID, "ES384")]


def test_ch_j_08_a_key_that_the_token_brings_along_is_no_key(check):
    stranger = private_key("ES384", 1)
    brought = public_jwk("ES384", "mine", stranger)
    with pytest.raises(cds_hooks.UnknownKey):
        check(token({"kid": "mine", "jwk": brought}, key=stranger))


def test_ch_j_09_keys_that_cannot_be_had_are_another_matter_than_a_bad_token(uses):
    class Down:
        def find(self, *_arguments):
            raise cds_hooks.KeysUnavailable("jwks", "later")

    with pytest.raises(cds_hooks.KeysUnavailable):
        verify(RIGHT, Trust({ISSUER: TrustedIssuer()}, Down(), uses.first), (ENDPOINT,), NOW)
    assert uses.seen == []


def test_a_signature_of_another_key(check):
    with pytest.raises(cds_hooks.WrongSignature):
        check(token(key=private_key("ES384", 1)))


@pytest.mark.parametrize("segment", [0, 1, 2])
def test_a_token_that_was_changed_afterwards(check, segment):
    parts = RIGHT.split(".")
    other = token({"x": "y"}, {"jti": "j-2"}, private_key("ES384", 1)).split(".")
    parts[segment] = other[segment]
    with pytest.raises(cds_hooks.WrongSignature):
        check(".".join(parts))


def test_a_signature_that_was_cut_off(check):
    for rest in (RIGHT.rpartition(".")[0] + ".", RIGHT[:-4]):
        with pytest.raises(cds_hooks.WrongSignature):
            check(rest)


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


def test_an_empty_set_knows_nobody():
    assert KeySet().find("k", "ES384") is None
