"""A small CDS Hooks service that keeps to the protocol, or breaks it in one named way; its key set holds one key."""

import json
import re
import threading
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import jwt
from flask import Flask, Response, redirect, request
from werkzeug.serving import WSGIRequestHandler, make_server

ISSUER = "https://ehr.example/oauth2"
PAGE = "https://page.example"
ID = "small"
TIMES = 60
SYSTEM = "https://example.org/codes"
INDICATION = {"resourceType": "ServiceRequest", "status": "draft", "intent": "proposal"}
REQUIRED_CLAIMS = ("iss", "aud", "exp", "iat", "jti")


class Refused(Exception):
    """A call is answered with this status."""

    def __init__(self, status):
        super().__init__(status)
        self.status = status


class SmallService:
    """The service. `fault`: what it does wrong, in the tests' words. `public`: the key whose signature it trusts, if any."""

    def __init__(self, fault="", public=None, algorithm="ES384"):
        self.fault, self.public, self.algorithm = fault, public, algorithm
        self.used = set()
        self.base = ""

    def has(self, fault):
        return self.fault == fault

    # --- documents

    def discovery(self):
        service = {
            "hook": "patient-view",
            "id": ID,
            "title": "Small",
            "description": "A small service",
            "version": "2.0.1",
            "prefetch": {"patient": "Patient/{{context.patientId}}", "conditions": self.template()},
        }
        if self.has("no title"):
            service["name"] = service.pop("title")
        if self.has("no description"):
            del service["description"]
        if self.has("own version"):
            service["version"] = "2026.11"
        if self.has("capital id"):
            service["id"] = "SMALL"
        if self.has("empty extension"):
            service["usageRequirements"] = ""
        if self.has("announced twice"):
            return {"services": [service, service]}
        return {} if self.has("no services") else {"services": [service]}

    def template(self):
        return {
            "old sort": "Condition?patient={{context.patientId}}&_sort:desc=date",
            "include": "Condition?patient={{context.patientId}}&_include=Condition:subject",
            "deep token": "Condition?patient={{context.patientId.id}}",
            "strange token": "Condition?patient={{today()}}",
        }.get(self.fault, "Condition?patient={{context.patientId}}")

    def card(self):
        action: dict[str, Any] = {"type": "create", "description": "Order it", "resource": INDICATION}
        removal: dict[str, Any] = {"type": "delete", "description": "Remove it", "resourceId": "ServiceRequest/1"}
        suggestion: dict[str, Any] = {"label": "Do", "uuid": str(uuid4()), "isRecommended": True, "actions": [action]}
        card: dict[str, Any] = {
            "uuid": str(uuid4()),
            "summary": "x" * 139,
            "detail": "A *detail*",
            "indicator": "info",
            "source": {"label": "Small", "url": "https://example.org", "topic": {"code": "advice1", "system": SYSTEM}},
            "overrideReasons": [{"code": "c", "system": SYSTEM, "display": "A reason"}],
            "selectionBehavior": "at-most-one",
            "suggestions": [suggestion, {"label": "Or", "uuid": str(uuid4()), "actions": [removal]}],
            "links": [{"label": "Page", "url": "https://example.org", "type": "absolute"}],
        }
        change = {
            "null member": lambda: card.update(detail=None),
            "empty list": lambda: card.update(links=[]),
            "140 characters": lambda: card.update(summary="x" * 140),
            "hard stop": lambda: card.update(indicator="hard-stop"),
            "no source": lambda: card.pop("source"),
            "relative source": lambda: card["source"].update(url="/page"),
            "hyphen in topic": lambda: card["source"]["topic"].update(code="advice-1"),
            "no topic system": lambda: card["source"]["topic"].pop("system"),
            "reason without display": lambda: card["overrideReasons"][0].pop("display"),
            "seven reasons": lambda: card.update(overrideReasons=card["overrideReasons"] * 7),
            "no selection behavior": lambda: card.pop("selectionBehavior"),
            "html": lambda: card.update(detail="<b>A</b> detail"),
            "image": lambda: card.update(detail="![a](https://example.org/a.png)"),
            "link in detail only": lambda: card.pop("links") and card.update(detail="[a](https://example.org)"),
            "app context": lambda: card["links"][0].update(appContext="x"),
            "relative link": lambda: card["links"][0].update(url="page"),
            "autolaunch text": lambda: card["links"][0].update(autolaunchable="yes"),
            "two recommended": lambda: card["suggestions"][1].update(isRecommended=True),
            "suggestion without label": lambda: suggestion.pop("label"),
            "suggestion id is a number": lambda: suggestion.update(uuid=5),
            "actions are an object": lambda: suggestion.update(actions=action),
            "action without description": lambda: action.pop("description"),
            "resource as text": lambda: action.update(resource=json.dumps(INDICATION)),
            "no resource": lambda: action.pop("resource"),
            "delete with resource": lambda: removal.update(resource=INDICATION),
            "action selection": lambda: suggestion.update(actionSelectionBehavior="one"),
            "no card id": lambda: card.pop("uuid"),
            "extension list": lambda: card.update(extension=[1]),
        }.get(self.fault)
        if change:
            change()
        return card

    # --- a call

    def answer(self, body):
        call = self.read(body)
        if call is None:
            return {"cards": []}
        self.check_members(call)
        self.check_prefetch(call)
        document = {} if self.has("no cards") else {"cards": [self.card()]}
        if self.has("cards twice"):
            document["cards"] *= 2
        if self.has("system action"):
            document["systemActions"] = [{"type": "annotate", "description": "d"}]
        return document

    def read(self, body):
        try:
            call = json.loads(body)
        except ValueError:
            if self.has("cards for broken JSON"):
                return None
            raise Refused(400) from None
        if not isinstance(call, dict):
            raise Refused(400)
        return call

    def check_members(self, call):
        if call.get("hook") != "patient-view" and not self.has("any hook"):
            raise Refused(400)
        try:
            instance = UUID(str(call.get("hookInstance")))
        except ValueError:
            raise Refused(400) from None
        if self.has("version 4 only") and instance.version != 4:
            raise Refused(400)
        if not isinstance(call.get("context"), dict) and not self.has("no context"):
            raise Refused(400)
        token = call.get("fhirAuthorization")
        if token and "fhirServer" not in call and not self.has("token without server"):
            raise Refused(400)
        context = call.get("context", {})
        if token and token.get("patient", context.get("patientId")) != context.get("patientId") and not self.has("any token"):
            raise Refused(422)
        if self.has("extension list demanded") and isinstance(call.get("extension", []), dict):
            raise Refused(422)
        known = {"hook", "hookInstance", "context", "prefetch", "extension", "fhirServer", "fhirAuthorization"}
        if self.has("unknown members refused") and set(call) - known:
            raise Refused(400)

    def check_prefetch(self, call):
        prefetch = call.get("prefetch")
        if self.has("null prefetch crashes") and "prefetch" in call and prefetch is None:
            raise Refused(500)
        if not prefetch:
            raise Refused(500 if self.has("crash without data") else 412)
        if self.has("missing key crashes") and not {"patient", "conditions"} <= set(prefetch):
            raise Refused(500)
        if not {"patient", "conditions"} <= set(prefetch):
            raise Refused(412)
        if self.has("unasked key refused") and set(prefetch) - {"patient", "conditions"}:
            raise Refused(400)
        if self.has("null is 412") and None in prefetch.values():
            raise Refused(412)
        patient = prefetch["patient"]
        if patient is not None:
            self.check_failure(patient)
            if patient["resourceType"] != "Patient" and not self.has("any type"):
                raise Refused(422)
            if patient["id"] != call.get("context", {}).get("patientId", patient["id"]) and not self.has("any patient"):
                raise Refused(422)
        self.check_search(prefetch["conditions"])

    def check_search(self, found):
        if found is None:
            return
        self.check_failure(found)
        if found["resourceType"] != "Bundle":
            if self.has("single refused"):
                raise Refused(422)
            return
        if self.has("collection refused") and found["type"] == "collection":
            raise Refused(422)
        if self.has("page crashes") and found.get("link"):
            raise Refused(500)
        if self.has("no entries crashes") and "entry" not in found:
            raise Refused(500)
        for entry in found.get("entry", ()):
            self.check_entry(entry, entry.get("search", {}).get("mode"))

    def check_entry(self, entry, mode):
        if mode == "include" and self.has("included crashes"):
            raise Refused(500)
        if mode == "outcome" and (self.has("remark is a failure") or entry["resource"]["issue"][0]["severity"] == "error"):
            raise Refused(412)

    def check_failure(self, resource):
        if resource["resourceType"] == "OperationOutcome":
            raise Refused(500 if self.has("outcome crashes") else 412)

    # --- feedback

    def take(self, body):
        told = json.loads(body)
        items = told.get("feedback") if isinstance(told, dict) else told if self.has("bare array taken") else None
        if not isinstance(items, list):
            raise Refused(400)
        for item in items:
            self.check_item(item)
        if self.has("feedback refused"):
            raise Refused(400)
        if self.has("repeat refused") and len(items) > 1 and items[0] == items[1]:
            raise Refused(409)

    def check_item(self, item):
        if item["outcome"] not in {"accepted", "overridden"} and not self.has("any outcome"):
            raise Refused(400)
        if "outcomeTimestamp" not in item:
            raise Refused(400)
        refused = {
            "plural refused": "overrideReasons" in item,
            "comment refused": "reason" not in item.get("overrideReason", {"reason": 1}),
            "acceptance refused": item["outcome"] == "accepted",
            "orphan refused": not re.fullmatch(r"[0-9a-f-]{36}", item["card"]),
        }
        if refused.get(self.fault):
            raise Refused(400)

    # --- who calls

    def check_caller(self, path, authorization):
        if self.public is None:
            return
        token = authorization.removeprefix("Bearer ")
        if not token:
            if self.has("strangers are answered"):
                return
            raise Refused(401)
        try:
            header = jwt.get_unverified_header(token)
            claims = jwt.decode(token, options={"verify_signature": False})
        except jwt.PyJWTError:
            raise Refused(401) from None
        checks = (
            ("no kid", header.get("kid") == "k" and header.get("typ") == "JWT"),
            ("any key address", not header.get("jku")),
            ("any claims", set(REQUIRED_CLAIMS) <= set(claims) and claims["iss"] == ISSUER),
        )
        for fault, holds in checks:
            if not holds and not self.has(fault):
                raise Refused(401)
        self.check_signature(token, header["alg"])
        self.check_claims(path, claims)

    def check_signature(self, token, algorithm):
        if algorithm == "none" and self.has("none is taken"):
            return
        if algorithm != self.algorithm and not self.has("any algorithm"):
            raise Refused(401)
        if self.has("signature is not looked at"):
            return
        if self.has("any algorithm"):
            if algorithm == "none" or algorithm.startswith("HS"):
                raise Refused(401)
            algorithm = self.algorithm
        content, _, signature = token.rpartition(".")
        try:
            given = jwt.utils.base64url_decode(signature)
        except ValueError:
            raise Refused(401) from None
        if not jwt.algorithms.get_default_algorithms()[algorithm].verify(content.encode(), self.public, given):
            raise Refused(401)

    def check_claims(self, path, claims):
        made_for = claims.get("aud", [])
        made_for = made_for if isinstance(made_for, list) else [made_for]
        right = {self.base + path, self.base + path.removesuffix("/feedback")}
        if self.has("feedback address only"):
            right = {self.base + path}
        if not right & set(made_for) and not self.has("any audience") and "aud" in claims:
            raise Refused(401)
        now = datetime.now(tz=UTC).timestamp()
        until, since = claims.get("exp", now + 1), claims.get("iat", now)
        good_times = now < until + TIMES and since < now + TIMES and 0 < until - since <= 3600
        if not good_times and not self.has("any time"):
            raise Refused(401)
        if claims.get("jti") in self.used and not self.has("replay"):
            raise Refused(401)
        self.used.add(claims.get("jti"))

    # --- the wire

    def wire(self, document, status=200):
        mimetype = "text/json" if self.has("text/json") else "application/json"
        return Response(json.dumps(document), status=status, mimetype=mimetype)

    def refuse(self, status):
        if status == 401:
            return Response(b"wrong key" if self.has("a talking 401") else b"", status=401)
        if self.has("errors in words"):
            return self.wire({"error": "no"}, status)
        return self.wire({"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "invalid"}]}, status)

    def let_pages_read(self, answer):
        origin = request.headers.get("Origin", "")
        is_hidden = self.has("errors without origin") and answer.status_code >= 400
        if origin and (origin == PAGE or self.has("any page")) and not is_hidden:
            allowed = "Content-Type" if self.has("no authorization header") else "Content-Type, Authorization"
            answer.headers["Access-Control-Allow-Origin"] = origin
            answer.headers["Access-Control-Allow-Methods"] = "GET, POST"
            answer.headers["Access-Control-Allow-Headers"] = allowed
        return answer

    def authenticate(self):
        self.check_caller(request.path, request.headers.get("Authorization", ""))


def application(service):
    app = Flask(__name__, static_folder=None)
    app.register_error_handler(Refused, lambda error: service.refuse(error.status))
    app.register_error_handler(404, lambda _error: service.refuse(404))
    app.register_error_handler(405, lambda _error: service.refuse(405))
    app.after_request(service.let_pages_read)

    @app.get("/cds-services")
    def discover():
        return service.wire(service.discovery())

    @app.get("/cds-services/")
    def discover_with_slash():
        return redirect("/cds-services") if service.has("slash redirects") else discover()

    @app.post("/cds-services/<name>")
    def call(name):
        service.authenticate()
        if name.lower() != ID:
            raise Refused(404)
        if service.has("charset refused") and "charset" in request.headers["Content-Type"]:
            raise Refused(415)
        return service.wire(service.answer(request.get_data()))

    @app.post("/cds-services/<name>/feedback")
    def feedback(name):
        service.authenticate()
        service.take(request.get_data())
        return Response(status=204) if service.has("204") else service.wire({})

    return app


class Quiet(WSGIRequestHandler):
    def log(self, *_arguments):
        pass


@contextmanager
def served(service):
    """The base address of the service while it runs."""
    server = make_server("127.0.0.1", 0, application(service), threaded=True, request_handler=Quiet)
    service.base = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield service.base
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
