"""A right token and its changes, the keys it is checked with, and a memory of its uses."""

from datetime import UTC, datetime

from cds_hooks.key_set import read_key_set
from tests.stand_ins.callers import key_set, public_jwk, signed, without_none

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


RIGHT = token()
