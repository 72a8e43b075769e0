"""`GET /` and `POST /`: the testers' console. It calls the services as any client does, and keeps what they keep of any call."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import orjson
from flask import Blueprint, Response, g, request

from cds_hooks import ProtocolError
from service.assembly import read_question
from service.cards.languages import LANGUAGES
from service.cards.profiles import profiles_by_every_name
from service.consultation import assessment_document
from service.errors import RequestError, ServiceError
from service.settings import REGULATORS, read_country
from service.web.answers import json_answer
from service.web.call import CallDesk
from service.web.console.examples import Examples
from service.web.console.form import Form, read_form
from service.web.console.sent import sent
from service.web.console.view import card_views, choices, desk_of, failure, pretty, what_if_view
from service.web.console.words import console_words
from service.web.errors import answer_to
from service.web.explain import explanation_page
from service.web.keeping import Call, caller, shown_cards
from service.web.what_if import compared

if TYPE_CHECKING:
    from service.assembly import Service
    from service.cards.profiles import ClientProfile
    from service.consultation import Question
    from service.settings import Settings
    from service.web.answer_memory import AnswerMemory
    from service.web.console.sent import Sent
    from service.web.console.words import ConsoleWords
    from service.web.pages.catalogue import Catalogue
    from service.web.pages.render import Pages

EXPLANATION, ASSESSMENT = "explanation", "assessment"
_SPECIAL = (ServiceError, ProtocolError)


@dataclass(frozen=True, slots=True)
class Console:
    """Everything that the console works with; made once, it holds no patient's data."""

    desk: CallDesk
    memory: AnswerMemory
    pages: Pages
    examples: Examples

    # ---------------------------------------------------------------- what was chosen

    def words(self, language: str) -> tuple[Catalogue, ConsoleWords]:
        """Return the words of the chosen language, else of the one that a page would have."""
        w = self.pages.words[language] if language in LANGUAGES else self.pages.chosen()
        return w, console_words()[w.language]

    def _settings(self, form: Form) -> Settings:
        """Return the settings as if the chosen client, country and language were set. Raises: RequestError."""
        settings = self.desk.service.settings
        if form.profile and form.profile not in profiles_by_every_name():
            raise RequestError("there is no such client profile", where="profile")
        country = read_country(form.country, "country") if form.country else settings.country
        language = form.language if form.language in LANGUAGES else settings.language
        return replace(settings, client_profile=form.profile or settings.client_profile, country=country, language=language)

    def _question(self, settings: Settings, told: Any) -> Question:  # noqa: ANN401 - options by their code
        given = {name.replace("-", "_"): value for name, value in told.items()}
        return read_question(given, settings, date.today())  # noqa: DTZ011 - the day where the service runs

    def _sent(self, form: Form) -> tuple[bytes, Sent, Settings]:
        body = form.body(self.examples)
        settings = self._settings(form)
        return body, sent(body, form.service_id, form.hook, form.options, self.desk.offers), settings

    # ---------------------------------------------------------------- answers

    def call(self, made: Sent, settings: Settings) -> tuple[dict[str, object], ClientProfile]:
        """Return the answer to a call as the client receives it; what is kept of any call is kept of this one.

        Raises: ServiceError, ProtocolError.
        """
        service = replace(self.desk.service, settings=settings)
        answer, page = replace(self.desk, service=service).answer(made.service, made.call, date.today())  # noqa: DTZ011 - as above
        known = Call(made.service, g.hook, caller(), datetime.now(tz=UTC))
        self.memory.keep(shown_cards(answer, known))
        self.memory.keep_page(page, known)
        return answer.to_wire(), profiles_by_every_name()[settings.client_profile]

    def page(self, form: Form, status: int = 200, **shown: object) -> Response:
        """Return the page with what was filled in and what came of it."""
        w, c = self.words(form.language)
        service = self.desk.service
        parts = dict.fromkeys(("failure", "cards", "answer", "made", "profile", "verdicts", "choices", "refused", "problems"))
        return self.pages.response(
            "console.html",
            w,
            status=status,
            c=c,
            form=form,
            examples=self.examples,
            services=[(row.id, row.hook) for row in self.desk.offers.services],
            profiles=profiles_by_every_name(),
            settings=service.settings,
            regulators=REGULATORS,
            languages=LANGUAGES,
            today=date.today().isoformat(),  # noqa: DTZ011 - as above
            **{**parts, **shown},
        )

    def answered(self, form: Form) -> Response:
        """Return the page with cards, messages and verdicts, or with what could not be read and where."""
        w, c = self.words(form.language)
        body = form.text.encode("utf-8", errors="surrogatepass")
        try:
            body, made, settings = self._sent(form)
            answer, profile = self.call(made, settings)
            question = self._question(settings, made.told)
        except _SPECIAL as error:
            refused = answer_to(error)
            return self.page(form, refused.status_code, failure=failure(refused.get_data(), refused.status_code, body, c, w))
        return self.page(
            form,
            cards=card_views(answer, profile),
            answer={"wire": answer, "pretty": pretty(answer)},
            made={"service": made.service, "hook": made.hook, "pretty": pretty(made.call)},
            profile=form.profile or settings.client_profile,
            **self._verdicts(form, made, question, w, c),
        )

    def _verdicts(self, form: Form, made: Sent, question: Question, w: Catalogue, c: ConsoleWords) -> dict[str, Any]:
        service, refused, changes = self.desk.service, None, form.changes
        today = date.today()  # noqa: DTZ011 - as above
        try:
            document, turned = compared(service, made.bundle, question, form.changed(), today)
        except RequestError as error:
            answer = answer_to(error)
            refused, changes = failure(answer.get_data(), answer.status_code, b"", c, w), ()
            document, turned = compared(service, made.bundle, question, (), today)
        desk = desk_of(document, service.rules.library, w)
        return {
            "verdicts": what_if_view(turned, changes, desk, c),
            "choices": choices(document, desk, c),
            "refused": refused,
            "problems": document["problems"],
        }

    def document(self, form: Form) -> dict[str, object]:
        """Return the assessment of what was given. Raises: ServiceError, ProtocolError."""
        _, made, settings = self._sent(form)
        return assessment_document(self.desk.service.consult_bundle(made.bundle, self._question(settings, made.told)))

    def other(self, form: Form) -> Response:
        """Return the explanation page or the assessment of what was given. Raises: ServiceError, ProtocolError."""
        found = self.document(form)
        if form.wants == ASSESSMENT:
            return json_answer(orjson.dumps(found, option=orjson.OPT_INDENT_2))
        w, _ = self.words(form.language)
        return explanation_page(found, w, self.desk.service, self.pages)


def console_blueprint(service: Service, memory: AnswerMemory, pages: Pages) -> Blueprint:
    """Return the routes of the console; they stand in the development profile only."""
    blueprint = Blueprint("console", __name__)
    console_words()  # what is wrong with the words stops the start
    console = Console(CallDesk.of(service), memory, pages, Examples.of())

    @blueprint.get("/")
    def empty() -> Response:
        language = request.args.get("language", "")
        return console.page(Form(language=language, regulators=(), example=request.args.get("example", "")))

    @blueprint.post("/")
    def ask() -> Response:
        form = read_form(request, service.settings)
        return console.other(form) if form.wants in {EXPLANATION, ASSESSMENT} else console.answered(form)

    return blueprint
