"""Who may call: the table of wrong tokens of section 11, each wrong in one way only."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from http import HTTPStatus
from typing import Final
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

from cds_hooks.conformance.signing import Signer
from cds_hooks.conformance.subject import OPEN_CALL, SERVICES, NotApplicable, Subject, unlike

_OK: Final = HTTPStatus.OK
_UNKNOWN: Final = HTTPStatus.UNAUTHORIZED
_DAY: Final = 86_400
_HOUR: Final = 3_600
_CLAIMS: Final = ("iss", "aud", "exp", "iat", "jti")


def stranger(subject: Subject) -> Iterator[str]:
    """CH-J-01."""
    _signer(subject)
    if wrong := _sent(subject, OPEN_CALL, _UNKNOWN):
        yield f"without a token: {wrong}"


def broken(subject: Subject) -> Iterator[str]:
    """CH-J-02."""
    signer = _closed(subject)
    good = signer.token(subject.service.path)
    head, claims, signature = good.split(".")
    other = signer.token(subject.service.path).split(".")[1]
    turned = ("A" if signature[10] != "A" else "B").join((signature[:10], signature[11:]))
    for name, token in (
        ("no JWT", "not-a-token"),
        ("another signature", f"{head}.{claims}.{turned}"),
        ("no signature", f"{head}.{claims}."),
        ("other claims under the signature", f"{head}.{other}.{signature}"),
    ):
        if wrong := _sent(subject, token, _UNKNOWN):
            yield f"{name}: {wrong}"


def headers(subject: Subject) -> Iterator[str]:
    """CH-J-03."""
    signer = _closed(subject)
    for name, value in (("kid", None), ("typ", None), ("kid", "conformance-kit-unknown")):
        if wrong := _sent(subject, signer.token(subject.service.path, header={name: value}), _UNKNOWN):
            yield f"{name} {'unknown' if value else 'missing'}: {wrong}"


def claims(subject: Subject) -> Iterator[str]:
    """CH-J-04."""
    signer = _closed(subject)
    for name in _CLAIMS:
        if wrong := _sent(subject, signer.token(subject.service.path, claims={name: None}), _UNKNOWN):
            yield f"{name} missing: {wrong}"
    if wrong := _sent(subject, signer.token(subject.service.path, claims={"iss": "https://unlisted.invalid"}), _UNKNOWN):
        yield f"an unlisted issuer: {wrong}"
    more = {"nbf": signer.moment(-300), "sub": "conformance-kit", "com.example.more": 1}
    if wrong := _sent(subject, signer.token(subject.service.path, claims=more), _OK):
        yield f"more claims: {wrong}"


def forbidden(subject: Subject) -> Iterator[str]:
    """CH-J-05."""
    signer = _closed(subject)
    for algorithm in ("none", "HS256", "HS384", "HS512"):
        if wrong := _sent(subject, signer.token(subject.service.path, header={"alg": algorithm}), _UNKNOWN):
            yield f"{algorithm}: {wrong}"


def bound(subject: Subject) -> Iterator[str]:
    """CH-J-06."""
    signer = _closed(subject)
    if wrong := _sent(subject, signer.token(subject.service.path), _OK):
        yield f"{signer.algorithm}: {wrong}"
    others = ("RS384",) if isinstance(signer.key, EllipticCurvePrivateKey) else ("ES384", "RS256")
    for algorithm in others:
        if wrong := _sent(subject, signer.token(subject.service.path, header={"alg": algorithm}), _UNKNOWN):
            yield f"{algorithm} with a key for {signer.algorithm}: {wrong}"


def unlisted_keys(subject: Subject) -> Iterator[str]:
    """CH-J-07."""
    signer = _closed(subject)
    token = signer.token(subject.service.path, header={"jku": "https://unlisted.invalid/jwks.json"})
    if wrong := _sent(subject, token, _UNKNOWN):
        yield wrong


def audience(subject: Subject) -> Iterator[str]:
    """CH-J-10."""
    signer = _closed(subject)
    right = signer.audience + subject.service.path
    for name, value, status in (
        ("discovery", signer.audience + SERVICES, _UNKNOWN),
        ("another service", f"{signer.audience}{SERVICES}/conformance-kit-other", _UNKNOWN),
        ("another host", f"https://elsewhere.invalid{subject.service.path}", _UNKNOWN),
        ("a list that holds the right one", ["https://elsewhere.invalid", right], _OK),
        ("a list that does not", ["https://elsewhere.invalid"], _UNKNOWN),
    ):
        if wrong := _sent(subject, signer.token(subject.service.path, claims={"aud": value}), status):
            yield f"{name}: {wrong}"


def times(subject: Subject) -> Iterator[str]:
    """CH-J-11."""
    signer = _closed(subject)
    for name, first, last in (
        ("expired", -_HOUR, -_HOUR + 300),
        ("from the future", _HOUR, _HOUR + 300),
        ("a day long", 0, _DAY),
        ("ended before it began", 0, -1800),
    ):
        token = signer.token(subject.service.path, claims={"iat": signer.moment(first), "exp": signer.moment(last)})
        if wrong := _sent(subject, token, _UNKNOWN):
            yield f"{name}: {wrong}"


def replay(subject: Subject) -> Iterator[str]:
    """CH-J-12."""
    signer = _closed(subject)
    token = signer.token(subject.service.path, claims={"jti": str(uuid4())})
    if wrong := _sent(subject, token, _OK):
        yield f"the first time: {wrong}"
    if wrong := _sent(subject, token, _UNKNOWN):
        yield f"the second time: {wrong}"


def _signer(subject: Subject) -> Signer:
    if subject.line.signer is None:
        raise NotApplicable("no key was given")
    subject.answered_call()
    return subject.line.signer


def _closed(subject: Subject) -> Signer:
    signer = _signer(subject)
    if subject.send(subject.call, token=OPEN_CALL).status == _OK:
        raise NotApplicable("the service answers without a token (CH-J-01)")
    return signer


def _sent(subject: Subject, token: str, status: int) -> str:
    return unlike(subject.send(subject.call, token=token), status)


CHECKS: Final[Mapping[str, Callable[[Subject], Iterator[str]]]] = {
    "CH-J-01": stranger,
    "CH-J-02": broken,
    "CH-J-03": headers,
    "CH-J-04": claims,
    "CH-J-05": forbidden,
    "CH-J-06": bound,
    "CH-J-07": unlisted_keys,
    "CH-J-10": audience,
    "CH-J-11": times,
    "CH-J-12": replay,
}
