"""Every answer of the protocol that any test receives is checked: of the application itself, and of servers that tests start."""

from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
import requests
from flask.testing import FlaskClient

from cds_hooks.conformance.answers import Answer, Endpoint, endpoint_of, examine_answer

LOOPBACK = {"127.0.0.1", "::1", "localhost"}
CHECKED = {"GET", "POST"}


def check(method, path, answer):
    """Nothing, or a failure that names the items that the answer breaks."""
    endpoint = endpoint_of(path)
    is_error = answer.status >= 400
    if method not in CHECKED or (endpoint is Endpoint.ELSEWHERE and not is_error):
        return
    if endpoint is Endpoint.ELSEWHERE and (answer.status == 401 or answer.content_type.startswith("text/html")):
        return  # a stranger is told nothing; people who prefer a page get one
    faults = examine_answer(endpoint, answer).faults
    assert not faults, f"{method} {path.partition('?')[0]} was answered against the protocol:\n" + "\n".join(map(str, faults))


@contextmanager
def every_answer_checked():
    """Both clients of the tests look at what they get before they hand it on."""
    open_page, send = FlaskClient.open, requests.Session.send

    def checked_open(self, *arguments, **options):
        answer = open_page(self, *arguments, **options)
        request = answer.request
        given = Answer(answer.status_code, answer.content_type or "", answer.get_data())
        check(request.method, request.path, given)
        return answer

    def checked_send(self, request, **options):
        answer = send(self, request, **options)
        address = urlsplit(request.url)
        if address.hostname in LOOPBACK and endpoint_of(address.path) is not Endpoint.ELSEWHERE and not options.get("stream"):
            given = Answer(answer.status_code, answer.headers.get("Content-Type", ""), answer.content)
            check(request.method, address.path, given)
        return answer

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(FlaskClient, "open", checked_open)
        patch.setattr(requests.Session, "send", checked_send)
        yield
