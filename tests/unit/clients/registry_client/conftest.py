"""The client, and the registry that it asks. Sleep and clock are ours."""

import pytest
import responses

from tests.unit.clients.registry_client.answers import Time, client_with


@pytest.fixture
def time():
    return Time()


@pytest.fixture
def client(time):
    return client_with(time)


@pytest.fixture
def web():
    with responses.RequestsMock() as mock:
        yield mock
