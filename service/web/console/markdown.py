"""Details of cards as a record system shows them: markdown without HTML, pictures or addresses of other kinds than the web's."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from service.web.pages.texts import web_address

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markdown_it import MarkdownIt
    from markdown_it.renderer import RendererProtocol
    from markdown_it.token import Token
    from markdown_it.utils import EnvType, OptionsDict

LONGEST = 100_000
_DIRECTIONS = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_BELOW = 3  # a card's summary is a heading of level 3


def markdown(text: str) -> Markup:
    """Return a detail as HTML: everything in it that is markup already stays text; signs that turn its direction are gone."""
    cut = text[:LONGEST] + ("…" if len(text) > LONGEST else "")
    return Markup(_reader().render(_DIRECTIONS.sub("", cut)))  # noqa: S704 - the reader escapes all HTML


def _link_open(renderer: RendererProtocol, tokens: Sequence[Token], place: int, options: OptionsDict, env: EnvType) -> str:
    tokens[place].attrSet("rel", "noopener noreferrer")
    return str(renderer.renderToken(tokens, place, options, env))  # type: ignore[attr-defined] # the HTML renderer has it


def _heading(renderer: Any, tokens: Sequence[Token], place: int, options: OptionsDict, env: EnvType) -> str:  # noqa: ANN401 - as above
    token = tokens[place]
    token.tag = f"h{min(6, int(token.tag[1:]) + _BELOW)}"
    return str(renderer.renderToken(tokens, place, options, env))


@cache
def _reader() -> MarkdownIt:
    from markdown_it import MarkdownIt  # noqa: PLC0415 - only for the console

    reader = (
        MarkdownIt("commonmark", {"html": False})
        .enable(["table", "strikethrough"])
        .disable(["image", "html_block", "html_inline"])
    )
    reader.validateLink = lambda url: bool(web_address(url))  # type: ignore[method-assign] # how the library is told
    reader.add_render_rule("link_open", _link_open)
    reader.add_render_rule("heading_open", _heading)
    reader.add_render_rule("heading_close", _heading)
    return reader
