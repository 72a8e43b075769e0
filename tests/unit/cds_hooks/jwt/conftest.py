"""The check of a token, with keys and a memory that tell what they were asked."""

import pytest

from cds_hooks.jwt import Trust, TrustedIssuer, verify
from tests.unit.cds_hooks.jwt.tokens import ENDPOINT, ISSUER, NOW, Keys, Uses


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
