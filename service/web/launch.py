"""The page opened from inside a record system (SMART App Launch 2, EHR launch): its users prove there who they are.

`GET /launch` sends the browser to the record server, `GET /launch/done` takes it back, reads the record with the user's leave,
shows the page and forgets the leave. Until the browser is back, a signed cookie of its own holds what began; nothing is stored.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from secrets import token_urlsafe
from typing import TYPE_CHECKING

from flask import Blueprint, Response, redirect, request
from itsdangerous import BadData, URLSafeTimedSerializer

from service.clients.smart_words import Leave, Login
from service.errors import LoginFailed, RequestError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from service.clients.smart import SmartLogins

LAUNCH, DONE = "/launch", "/launch/done"
_COOKIE = "all-cds-login"
_PURPOSE = b"all-cds login cookie"
_SECONDS = 600  # how long a user may take to log in
_LONGEST = 4000  # characters of a parameter

ShowRecord = Callable[[Leave], Response]
"""Reads the record of a leave and returns the page about it."""


@dataclass(frozen=True, slots=True)
class LoginMemory:
    """Remembers a login in the browser that began it.

    Where the settings hold keys, any server with one of them reads what another wrote; else the key is of this start of the
    service, shared by its processes.
    """

    serializer: URLSafeTimedSerializer
    secure: bool

    @classmethod
    def made(cls, *, secure: bool, keys: Sequence[bytes] = ()) -> LoginMemory:
        """Return a memory whose cookies travel over https alone, if `secure`; without keys one is made.

        The first key signs, each of them is read. A key of the settings is not used itself: one for this purpose is derived.
        """
        derived = [hmac.digest(key, _PURPOSE, "sha256") for key in reversed(keys)]  # the last one signs
        return cls(URLSafeTimedSerializer(derived or token_urlsafe(32), salt="login"), secure)

    def keep(self, answer: Response, login: Login) -> None:
        """Have the browser remember the login."""
        answer.set_cookie(
            _COOKIE,
            self.serializer.dumps([login.server, login.state, login.verifier]),
            max_age=_SECONDS,
            path=LAUNCH,
            secure=self.secure,
            httponly=True,
            # A record system shows us in a frame of its own: the cookie must come along there, and to no other page's frame.
            samesite="None" if self.secure else "Lax",
            partitioned=self.secure,
        )

    def recall(self) -> Login:
        """Return the login that this browser began. Raises: LoginFailed."""
        try:
            server, state, verifier = self.serializer.loads(request.cookies.get(_COOKIE, ""), max_age=_SECONDS)
        except (BadData, ValueError, TypeError):
            raise LoginFailed("this browser began no login, or too long ago: open the page from the record again") from None
        return Login(server, state, verifier)

    def forget(self, answer: Response) -> None:
        """Have the browser forget the login: a code is good for one page."""
        answer.delete_cookie(_COOKIE, path=LAUNCH, secure=self.secure, httponly=True, partitioned=self.secure)


def launch_blueprint(logins: SmartLogins, memory: LoginMemory, show: ShowRecord) -> Blueprint:
    """Return the two routes of a launch."""
    blueprint = Blueprint("launch", __name__)

    @blueprint.get(LAUNCH)
    def begin() -> Response:
        server, launch = _given("iss"), _given("launch")
        if not logins.knows(server):
            raise RequestError("this record server is not on the list", where="iss", hint="an operator adds it")
        address, login = logins.begin(server, launch)
        answer = _answer(redirect(address, HTTPStatus.FOUND))
        memory.keep(answer, login)
        return answer

    @blueprint.get(DONE)
    def done() -> Response:
        login = memory.recall()
        if not hmac.compare_digest(_given("state").encode(), login.state.encode()):
            raise LoginFailed("this is not the login that this browser began: open the page from the record again")
        if request.args.get("error"):  # its words are the server's own and are not shown
            raise LoginFailed("the record server did not let the user in")
        answer = show(logins.finish(login, _given("code")))
        memory.forget(answer)
        return answer

    return blueprint


def _answer(given: object) -> Response:
    """Return what Flask's redirect is: its type says less than is known."""
    if not isinstance(given, Response):
        raise TypeError("a redirect is a response")
    return given


def _given(name: str) -> str:
    """Return a parameter that must be there once. Raises: RequestError."""
    values = request.args.getlist(name)
    if len(values) != 1 or not values[0] or len(values[0]) > _LONGEST:
        raise RequestError("the parameter is needed once", where=name)
    return values[0]
