"""`GET /pages/...`: what the service knows, where from, and what became of its advice, for those who run it."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from threading import Lock
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, request
from markupsafe import Markup

from service.assembly import read_answers
from service.errors import RequestError
from service.feedback_counts import TooOften
from service.settings import read_day, read_day_come
from service.web.form_bundle import read_bundle
from service.web.offered import offered
from service.web.pages.operators import addresses
from service.web.pages.operators.about import STALE_AFTER, about_page
from service.web.pages.operators.details import system_page, therapy_page, trial_page
from service.web.pages.operators.feedback import Kept, feedback_page
from service.web.pages.operators.knowledge import knowledge_page
from service.web.pages.operators.registry import registry_page
from service.web.pages.operators.shelves import Shelves
from service.web.pages.operators.unmapped import MOST, unmapped_lines
from service.web.pages.operators.words import OperatorWords, load_operator_words
from service.web.parameters import given_parameters

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from service.assembly import Service
    from service.web.pages.catalogue import Catalogue
    from service.web.pages.render import Pages

_DOWNLOAD = "download"
_DAYS = ("on", "known_by")
_MOST_KEPT = 48  # written pages: six pages of two languages, and days that were asked about lately
_LONGEST_NUMBER = 5


@dataclass(slots=True)
class _Written:
    """The last pages of knowledge that were written; the library never changes while the service runs."""

    pages: OrderedDict[tuple[object, ...], str] = field(default_factory=OrderedDict)
    lock: Lock = field(default_factory=Lock)

    def get(self, key: tuple[object, ...], write: Callable[[], str]) -> str:
        with self.lock:
            found = self.pages.get(key)
            if found is not None:
                self.pages.move_to_end(key)
                return found
        found = write()
        with self.lock:
            self.pages[key] = found
            while len(self.pages) > _MOST_KEPT:
                self.pages.popitem(last=False)
        return found


@dataclass(frozen=True, slots=True)
class _Asked:
    """One request for a page: its language, its days, what else was given, and whether it is to be downloaded."""

    words: Catalogue
    own: OperatorWords
    today: date
    given: Mapping[str, str]
    download: bool

    @property
    def as_of(self) -> date:
        return read_day_come(self.given["on"], "on", self.today) if "on" in self.given else self.today

    @property
    def known_by(self) -> date:
        return read_day(self.given["known_by"], "known_by") if "known_by" in self.given else self.today


@dataclass(frozen=True, slots=True)
class _Desk:
    """What all of these pages are written with."""

    service: Service
    pages: Pages
    words: Mapping[str, OperatorWords]
    written: _Written = field(default_factory=_Written)

    def asked(self, *known: str) -> _Asked:
        """Return what was asked. Raises: RequestError for a parameter that is unknown or cannot be used."""
        given = given_parameters(request.args, (*known, _DOWNLOAD))
        download = given.pop(_DOWNLOAD, "0")
        if download not in {"0", "1"}:
            raise RequestError("not 0 or 1", where=_DOWNLOAD)
        words = self.pages.chosen()
        today = date.today()  # noqa: DTZ011 - the day where the service runs
        return _Asked(words, self.words[words.language], today, given, download == "1")

    def shelves(self, asked: _Asked) -> Shelves:
        days = (asked.as_of, asked.known_by, asked.today)
        return Shelves.of(self.service.rules.library, (asked.words, asked.own), self.service.wording, days)

    def html(self, name: str, asked: _Asked, **values: object) -> str:
        """Return a page; as one file for those who download it: its styles inside, links only where they lead somewhere."""
        settings, library = self.service.settings, self.service.rules.library
        served = [key for key in asked.own.chrome.pages if key not in {"feedback", "unmapped"}]
        if addresses.internal_pages_are_served(settings):
            served += ["feedback", "unmapped"]
        styles = (self.pages.assets[sheet].body.decode() for sheet in ("pages.css", "operators.css"))
        return self.pages.html(
            f"operators/{name}.html",
            asked.words,
            o=asked.own,
            here=name,
            served=served,
            download=asked.download,
            style=Markup("\n".join(styles)) if asked.download else "",  # noqa: S704 - our own style sheets
            base=settings.public_base_url if asked.download else "",
            file_address=f"?{urlencode({**asked.given, _DOWNLOAD: '1'})}",
            today=asked.today.isoformat(),
            version=library.version,
            **values,
        )

    def answer(self, name: str, asked: _Asked, body: str) -> Response:
        response = self.pages.written(body, asked.words)
        if asked.download:
            file = f"all-cds-{name}-{asked.today.isoformat()}.html"
            response.headers["Content-Disposition"] = f'attachment; filename="{file}"'
        return response

    def of_knowledge(self, name: str, asked: _Asked, key: tuple[object, ...], model: Callable[[], object]) -> Response:
        """Return a page that only the library, the days and the language decide."""
        known = (name, asked.words.language, asked.today, asked.download, tuple(sorted(asked.given.items())), *key)
        return self.answer(name, asked, self.written.get(known, lambda: self.html(name, asked, page=model())))


def operator_pages_blueprint(service: Service, pages: Pages) -> Blueprint:
    """Return the routes; the internal ones only where the settings let anybody open them. Raises: KnowledgeError."""
    blueprint = Blueprint("operator-pages", __name__)
    desk = _Desk(service, pages, load_operator_words())
    _add_knowledge(blueprint, desk)
    if addresses.internal_pages_are_served(service.settings):
        _add_internal(blueprint, desk)
    return blueprint


def _add_knowledge(blueprint: Blueprint, desk: _Desk) -> None:
    library = desk.service.rules.library

    @blueprint.get(addresses.KNOWLEDGE)
    def knowledge() -> Response:
        asked = desk.asked(*_DAYS, "older_than")
        older_than = _days(asked.given.get("older_than", str(STALE_AFTER)))
        return desk.of_knowledge("knowledge", asked, (), lambda: knowledge_page(desk.shelves(asked), older_than))

    @blueprint.get(addresses.THERAPY)
    def therapy(name: str) -> Response:
        found = library.therapies.get(name) or abort(404)
        asked = desk.asked(*_DAYS)
        return desk.of_knowledge("therapy", asked, (name,), lambda: therapy_page(desk.shelves(asked), found))

    @blueprint.get(addresses.TRIAL)
    def trial(name: str) -> Response:
        found = library.trials.get(name) or abort(404)
        asked = desk.asked()
        return desk.of_knowledge("trial", asked, (name,), lambda: trial_page(desk.shelves(asked), found))

    @blueprint.get(addresses.SYSTEM)
    def risk_system(name: str) -> Response:
        found = library.risk_systems.get(name) or abort(404)
        asked = desk.asked(*_DAYS)
        return desk.of_knowledge("risk-system", asked, (name,), lambda: system_page(desk.shelves(asked), found))

    @blueprint.get(addresses.ABOUT)
    def about() -> Response:
        asked = desk.asked()
        return desk.of_knowledge(
            "about", asked, (), lambda: about_page(desk.shelves(asked), desk.service.settings, offered().services)
        )

    @blueprint.get(addresses.REGISTRY)
    def registry() -> Response:
        asked = desk.asked()
        page = registry_page(desk.shelves(asked), desk.service.registry(), desk.service.settings)
        return desk.answer("registry", asked, desk.html("registry", asked, page=page))


def _add_internal(blueprint: Blueprint, desk: _Desk) -> None:
    @blueprint.get(addresses.FEEDBACK)
    def feedback() -> Response:
        asked = desk.asked("since")
        since = read_day(asked.given["since"], "since") if "since" in asked.given else None
        moment = datetime.combine(since or date.min, time(), tzinfo=UTC)
        log = read_answers(desk.service.settings)
        kept = Kept(
            stories=log.stories(moment) if log is not None else (),
            orphans=log.orphans(moment) if log is not None else 0,
            since=since,
            keeps=desk.service.settings.keep_answers,
        )
        page = feedback_page(desk.shelves(asked), kept, TooOften.of(desk.service.rules.library, asked.today))
        return desk.answer("feedback", asked, desk.html("feedback", asked, page=page))

    @blueprint.get(addresses.UNMAPPED)
    def unmapped() -> Response:
        asked = desk.asked()
        return desk.answer("unmapped", asked, desk.html("unmapped", asked, lines=None, most=MOST))

    @blueprint.post(addresses.UNMAPPED)
    def unmapped_of_a_bundle() -> Response:
        asked = desk.asked()
        lines = unmapped_lines(read_bundle(request, desk.service.settings), desk.service.rules)
        return desk.answer("unmapped", asked, desk.html("unmapped", asked, lines=lines, most=MOST))


def _days(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER) or not int(text):
        raise RequestError("not a number of days", where="older_than", hint="a whole number from 1 is expected")
    return int(text)
