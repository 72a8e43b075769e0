"""A page model becomes a response: templates, headers that let nothing foreign in, the language, gzip."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

import jinja2
import orjson
from flask import Response, has_request_context, request
from markupsafe import Markup, escape

from service.cards.evidence_phrases import evidence_phrases
from service.cards.languages import REFERENCE
from service.web.accept_language import preferred_language
from service.web.pages.assets import Asset, load_assets
from service.web.pages.texts import LONGEST, shown
from service.web.pages.words import load_words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from service.knowledge.translations import Translations
    from service.settings import Settings
    from service.web.pages.catalogue import Catalogue

_PACKED_FROM = 1_000  # bytes: less is not worth packing
_LEVEL = 5
LONGEST_KNOWLEDGE = 600
_SIGNS = {"yes": "✓", "no": "✗", "unknown": "?", "fits": "✓", "needs-data": "?", "does-not-fit": "✗"}
_CUT = '<span class="cut" aria-hidden="true">✂</span>'
_VERDICT_SIGNS = {"on-label": "✓", "undetermined": "?", "not-on-label": "✗", "not-approved": "–"}


@dataclass(frozen=True, slots=True)
class Pages:
    """Everything that writing a page needs; made once, it holds no patient's data."""

    words: Mapping[str, Catalogue]
    assets: Mapping[str, Asset]
    templates: jinja2.Environment
    language: str  # the setting; empty: what the browser asks for
    framed_by: tuple[str, ...]  # origins whose pages may show ours in a frame

    @classmethod
    def of(cls, settings: Settings, translations: Mapping[str, Translations] = MappingProxyType({})) -> Pages:
        """Return what pages need, everything read and checked; `translations` are those of knowledge files, by language.

        Raises: KnowledgeError for words that are wrong, RequestError where browser packages are missing.
        """
        words = {
            language: found.model_copy(update={"knowledge": translations[language].texts}) if language in translations else found
            for language, found in load_words().items()
        }
        return cls(words, load_assets(), _environment(), settings.language, settings.allowed_origins)

    def chosen(self) -> Catalogue:
        """Return the words of the language that is set, else of the one that the request prefers, else English."""
        return self.words[self.language or preferred_language()]

    def response(self, template: str, words: Catalogue, status: int = 200, **values: object) -> Response:
        """Return a page; packed where the browser reads gzip."""
        return self.written(self.html(template, words, **values), words, status)

    def written(self, text: str, words: Catalogue, status: int = 200) -> Response:
        """Return the text of a page as an answer."""
        body = text.encode("utf-8", errors="replace")
        response = Response(mimetype="text/html", status=status)
        if len(body) > _PACKED_FROM and has_request_context() and request.accept_encodings["gzip"] > 0:
            body = gzip.compress(body, _LEVEL, mtime=0)
            response.headers["Content-Encoding"] = "gzip"
        response.set_data(body)
        response.headers["Content-Language"] = words.language
        response.headers["Content-Security-Policy"] = self.policy()
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Vary"] = "Accept, Accept-Encoding, Accept-Language"
        return response

    def html(self, template: str, words: Catalogue, **values: object) -> str:
        """Return the text of a page."""
        return self.templates.get_template(template).render(
            w=words, assets={name: asset.address for name, asset in self.assets.items()}, **values
        )

    def policy(self) -> str:
        """Return what a browser may load for a page: our own files, no script or style that stands in the page itself."""
        frames = " ".join(("'self'", *self.framed_by))
        return (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
            f"base-uri 'none'; form-action 'self'; frame-ancestors {frames}"
        )


@cache
def _environment() -> jinja2.Environment:
    """Return the templates. Each is compiled when its first page is written: a start that compiles all waits for them longest."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("service.web.pages"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters["record"] = record
    environment.filters["english"] = english
    environment.filters["known"] = known
    environment.filters["read"] = read
    environment.filters["problem"] = problem
    environment.filters["data"] = data
    environment.globals["sign"] = _SIGNS
    environment.globals["verdict_sign"] = _VERDICT_SIGNS
    return environment


def record(value: object, longest: int = LONGEST) -> Markup:
    """Return a text that may be anybody's: as text, isolated from the direction of its surroundings, cut with a sign."""
    line, cut = shown(value, longest)
    # Put together by hand: a page has thousands of these.
    return Markup(f"<bdi>{escape(line)}</bdi>{_CUT if cut else ''}")  # noqa: S704 - escaped in this line


def english(value: object, words: Catalogue, longest: int = LONGEST_KNOWLEDGE) -> Markup:
    """Return a text of the knowledge files, which are English: marked so on a page in another language."""
    said = record(value, longest)
    return said if words.language == REFERENCE else Markup(f'<span lang="{REFERENCE}">{said}</span>')  # noqa: S704 - escaped above


def known(value: object, words: Catalogue, longest: int = LONGEST_KNOWLEDGE) -> Markup:
    """Return a text of the knowledge files in the language of the page where it is translated, else as `english` does."""
    said = words.knowledge.get(str(value))
    return english(value, words, longest) if said is None else record(said, longest)


def read(value: object, words: Catalogue) -> Markup:
    """Return what was read, or an event of the course, in the language of the page where it has words; else as `english` does."""
    said = evidence_phrases(words.language).known(str(value))
    return english(value, words) if said is None else record(said, LONGEST_KNOWLEDGE)


def problem(value: object, words: Catalogue) -> Markup:
    """Return what a problem of the record says in the language of the page where it has words; else as `english` does."""
    said = evidence_phrases(words.language).problem(str(value))
    return english(value, words) if said == value else record(said, LONGEST_KNOWLEDGE)


def data(value: object) -> Markup:
    """Return a value as JSON for a script element: nothing in it can end the element."""
    written = orjson.dumps(value).decode()
    for character, escaped in (
        ("<", "\\u003c"),
        (">", "\\u003e"),
        ("&", "\\u0026"),
        ("\u2028", "\\u2028"),
        ("\u2029", "\\u2029"),
    ):
        written = written.replace(character, escaped)
    return Markup(written)  # noqa: S704 - escaped above, and read as JSON, not as HTML


def prefers_html() -> bool:
    """Return whether whoever calls would rather have a page than JSON; who accepts anything gets JSON."""
    kinds = ("application/json", "application/fhir+json", "text/html")
    return request.accept_mimetypes.best_match(kinds) == "text/html"
