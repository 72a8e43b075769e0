"""`GET /install`: the install sheet, as a page and as Markdown, both from one value."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Self

from flask import Blueprint, Response, render_template, request
from pydantic import BaseModel, ConfigDict, Field, model_validator

from service.knowledge.one_file import read_file
from service.settings import OPEN, REQUIRED
from service.web.callers import INSTALL_SHEET
from service.web.install_tables import TABLES, Shown, Table
from service.web.offered import offered

if TYPE_CHECKING:
    from service.assembly import Service

FILE = Path(__file__).with_name("install.yaml")
HTML, MARKDOWN = "text/html", "text/markdown"

_CACHEABLE = {OPEN: "public, max-age=300", REQUIRED: "private, max-age=300"}
_STYLE = (
    "body{font:1rem/1.5 sans-serif;max-width:75rem;margin:2rem auto;padding:0 1rem;color:#111;background:#fff}"
    "table{border-collapse:collapse;width:100%}"
    "th,td{border:1px solid #888;padding:.3rem .5rem;text-align:left;vertical-align:top}"
    "code{overflow-wrap:anywhere}"
)
# No script, no picture, nothing from elsewhere: the page's own style alone, named by its digest.
_POLICY = (
    f"default-src 'none'; style-src 'sha256-{base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()}'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


class _Words(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class _SectionWords(_Words):
    title: str
    text: Annotated[tuple[str, ...], Field(strict=False)]
    table: str = ""


class _SheetWords(_Words):
    title: str
    lead: str
    called_for: Annotated[tuple[str, ...], Field(strict=False)]
    sections: Annotated[tuple[_SectionWords, ...], Field(strict=False)]

    @model_validator(mode="after")
    def _tables_are_there(self) -> Self:
        named = {section.table for section in self.sections} - {""}
        if lacking := sorted(named ^ TABLES.keys()):
            raise ValueError(f"each table stands in the sheet once, and no other: {', '.join(lacking)}")
        return self


@dataclass(frozen=True, slots=True)
class Section:
    """One part of the sheet."""

    title: str
    text: tuple[str, ...]
    table: Table | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """The whole sheet, in no format yet."""

    title: str
    lead: str
    sections: tuple[Section, ...]


@cache
def _words(path: Path = FILE) -> _SheetWords:
    return read_file(path, _SheetWords)


def install_sheet(service: Service) -> Sheet:
    """Return the sheet of this service as it is set up."""
    words = _words()
    shown = Shown(service, offered(), words.called_for)
    sections = (
        Section(section.title, section.text, TABLES[section.table](shown) if section.table else None)
        for section in words.sections
    )
    return Sheet(words.title, words.lead, tuple(sections))


def install_blueprint(service: Service) -> Blueprint:
    """Return the routes of the sheet. Raises: KnowledgeError for faulty words."""
    blueprint = Blueprint("install", __name__, template_folder="templates")
    blueprint.add_app_template_filter(_cell, "cell")
    _words()
    written: dict[str, str] = {}  # it is the same for all callers, and made when the first one asks

    def answer(kind: str) -> Response:
        if kind not in written:
            template = "install.html" if kind == HTML else "install.md"
            written[kind] = render_template(template, sheet=install_sheet(service), style=_STYLE)
        response = Response(written[kind], content_type=f"{kind}; charset=utf-8")
        response.headers["Content-Security-Policy"] = _POLICY
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Cache-Control"] = _CACHEABLE[service.settings.discovery_auth]
        return response

    @blueprint.get(INSTALL_SHEET[0], strict_slashes=False)
    def sheet() -> Response:
        response = answer(request.accept_mimetypes.best_match((HTML, MARKDOWN), default=HTML))
        response.vary.add("Accept")
        return response

    @blueprint.get(INSTALL_SHEET[1])
    def markdown() -> Response:
        return answer(MARKDOWN)

    return blueprint


def _cell(text: str) -> str:
    """Return a text for a cell of a Markdown table: a bar would end the cell, a line end the row."""
    return " ".join(text.split()).replace("|", "\\|")
