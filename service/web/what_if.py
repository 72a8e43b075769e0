"""`POST /what-if`: a Bundle and changed facts in; the verdicts before and after out, those that turn marked. Nothing is kept."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import msgspec
import orjson
from flask import Blueprint, Response, request

from service.assembly import QUESTION_PARAMETERS, read_question
from service.consultation import assessment_document
from service.consultation.supposed import read_changes
from service.consultation.turned import turned_document
from service.errors import NotABundle, RequestError
from service.web.answers import json_answer
from service.web.body import read_body
from service.web.json_place import not_json
from service.web.parameters import given_parameters

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from service.assembly import Service
    from service.consultation import Question

    Change = tuple[str, object]
    Document = Mapping[str, object]

MOST_CHANGES = 20
_LIST = "a list of objects with `fact` and `value`"


_NOTHING = msgspec.Raw()


class _Sent(msgspec.Struct):
    bundle: msgspec.Raw = _NOTHING
    changes: Any = None


_decoder = msgspec.json.Decoder(_Sent)


def what_if_blueprint(service: Service) -> Blueprint:
    """Return the route; it is for made-up patients and stands in the development profile only."""
    blueprint = Blueprint("what_if", __name__)

    @blueprint.post("/what-if")
    def what_if() -> Response:
        given = given_parameters(request.args, QUESTION_PARAMETERS)
        today = date.today()  # noqa: DTZ011 - the day where the service runs
        question = read_question(given, service.settings, today)
        bundle, changes = _read(read_body(request, service.settings))
        return json_answer(orjson.dumps(compared(service, bundle, question, changes, today)[1]))

    return blueprint


def compared(
    service: Service, bundle: bytes, question: Question, changes: Sequence[Change], today: date
) -> tuple[Document, Document]:
    """Return the assessment of a bundle as it is, and how its verdicts turn under the changes.

    Raises: RecordError; RequestError for a change that cannot be used.
    """
    limits = service.rules.limits_on(question.as_of, question.known_by)
    supposed = read_changes(changes, question.as_of, service.rules.library.therapies, limits, today)
    before = assessment_document(service.consult_bundle(bundle, question))
    after = assessment_document(service.consult_bundle(bundle, question, supposed=supposed)) if changes else before
    return before, turned_document(before, after, [name for name, _ in changes])


def _read(body: bytes) -> tuple[bytes, list[Change]]:
    try:
        sent = _decoder.decode(body)
    except msgspec.ValidationError:
        raise NotABundle("the body is not an object", hint="send an object with `bundle` and `changes`") from None
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        raise not_json(body) from None
    if sent.bundle is _NOTHING:
        raise NotABundle("there is no Bundle", where="bundle", hint="send an object with `bundle` and `changes`")
    if not isinstance(sent.changes, list) or not sent.changes:
        raise RequestError("there is no change", where="changes", hint=_LIST)
    if len(sent.changes) > MOST_CHANGES:
        raise RequestError("there are too many changes", where="changes", hint=f"at most {MOST_CHANGES}")
    return bytes(sent.bundle), [_change(row, f"changes[{place}]") for place, row in enumerate(sent.changes)]


def _change(row: object, where: str) -> Change:
    if not isinstance(row, dict) or not isinstance(row.get("fact"), str) or "value" not in row:
        raise RequestError("not a change", where=where, hint=_LIST)
    return row["fact"], row["value"]
