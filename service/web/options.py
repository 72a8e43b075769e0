"""What a call may choose by its extension: which cards, how many, whose labels, which day (options.yaml)."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec
from pydantic import BaseModel, ConfigDict, Field

from cds_hooks.incoming import NOTHING, decode_or_none, is_missing
from service.assembly import read_question
from service.cards.choice import CardChoice, CardKind
from service.cards.languages import LANGUAGES
from service.errors import RequestError
from service.knowledge.one_file import read_file

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from service.consultation import Question
    from service.settings import Settings
    from service.web.offered import AskedService

FILE = Path(__file__).with_name("options.yaml")
OPTIONS = "all-cds.options"
TODAY = "today"
LANGUAGE = "language"
AS_ACCEPTED = "accept-language"
"""The value of the option `language` that leaves the choice to the header of the call."""

_SWITCH = {"true": True, "false": False}


class Option(BaseModel):
    """One thing that a call may choose."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    code: str
    type: Literal["boolean", "integer", "string"]
    kind: CardKind | None = Field(default=None, strict=False)
    other_days: bool = False
    name: str
    description: str


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    options: Annotated[tuple[Option, ...], Field(strict=False)]


@cache
def options(path: Path = FILE) -> tuple[Option, ...]:
    """Return everything that a call may choose.

    Raises: KnowledgeError listing every fault of the file.
    """
    return read_file(path, _File).options


def options_of(asked: AskedService) -> tuple[Option, ...]:
    """Return what a call of this service may choose: a kind of cards that it never has cannot be turned off."""
    return tuple(option for option in options() if option.kind is None or option.kind in asked.cards)


def default_of(option: Option, settings: Settings) -> bool | int | str:
    """Return what holds where the option is not sent."""
    if option.type == "boolean":
        return True
    if option.type == "integer":
        return settings.max_cards
    if option.code == LANGUAGE:
        return settings.language or AS_ACCEPTED
    return TODAY if option.other_days else ",".join(settings.regulators)


def announced_options(asked: AskedService, settings: Settings) -> list[dict[str, object]]:
    """Return the options of a service as discovery lists them."""
    return [
        {
            "code": option.code,
            "type": option.type,
            "name": option.name,
            "description": option.description,
            "default": default_of(option, settings),
        }
        for option in options_of(asked)
    ]


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a call chose: the question, the cards, and the codes of ours whose values could not be used.

    `language` is empty where the call chose none.
    """

    question: Question
    choice: CardChoice
    not_used: tuple[str, ...] = field(default=())
    language: str = ""


def read_options(
    extension: Mapping[str, msgspec.Raw], asked: AskedService, settings: Settings, today: date, *, other_days: bool
) -> Chosen:
    """Return what the call chose; what it did not choose, and what cannot be used, is as set up.

    `other_days`: whether this caller may ask about another day than today.
    """
    sent = _sent(extension)
    if sent is None:
        return Chosen(read_question({}, settings, today), CardChoice(kinds=asked.cards), (OPTIONS,))
    given: dict[str, str] = {}
    kinds, most, language, not_used = asked.cards, None, "", []
    for option in options_of(asked):
        if option.code not in sent:
            continue
        value = _value(sent[option.code], option)
        if value is None or (option.other_days and not (other_days or value == TODAY)):
            not_used.append(option.code)
        elif option.kind is not None:
            kinds = kinds if value else kinds - {option.kind}
        elif isinstance(value, int):
            most = value
        elif option.code == LANGUAGE:
            language = "" if value == AS_ACCEPTED else str(value)
        elif not (option.other_days and value == TODAY):
            parameter = option.code.replace("-", "_")
            if _can_be_asked(parameter, str(value), settings, today):
                given[parameter] = str(value)
            else:
                not_used.append(option.code)
    question = read_question(given, settings, today)
    choice = CardChoice(
        kinds=kinds,
        most=most,
        asked_day=question.as_of if question.as_of != today else None,
        known_by=question.known_by if question.known_by != today else None,
    )
    return Chosen(question, choice, tuple(not_used), language)


def _sent(extension: Mapping[str, msgspec.Raw]) -> Mapping[str, msgspec.Raw] | None:
    """Return the options of a request, none where none were sent; None for something that is no object."""
    raw = extension.get(OPTIONS, NOTHING)
    if is_missing(raw):
        return {}
    members: dict[str, msgspec.Raw] | None = decode_or_none(raw, dict[str, msgspec.Raw])
    return members


def _value(raw: msgspec.Raw, option: Option) -> bool | int | str | None:
    """Return the value in the option's type; None where it has another. Some clients write every value as a text."""
    value: object = decode_or_none(raw, bool | int | str | list[str])  # type: ignore[arg-type] # a union is a type to msgspec
    match option.type, value:
        case "boolean", bool(switch):
            return switch
        case "boolean", str(text):
            return _SWITCH.get(text.strip().lower())
        case "integer", bool():
            return None
        case "integer", int(number) if number > 0:
            return number
        case "integer", str(text) if text.isascii() and text.isdigit() and len(text) < 10 and int(text) > 0:  # noqa: PLR2004 - digits of an int
            return int(text)
        case "string", str(text) if option.code == LANGUAGE:
            return _language(text.strip().lower())
        case "string", str(text) if text.strip():
            return text.strip()
        case "string", list(names) if not option.other_days and option.code != LANGUAGE:
            return ",".join(map(str, names)) or None
    return None


def _language(tag: str) -> str | None:
    """Return the language of ours that a tag such as `es` or `es-es` names, or that the header is to choose; None for others."""
    named = tag.partition("-")[0]
    return named if named in LANGUAGES else AS_ACCEPTED if tag == AS_ACCEPTED else None


def _can_be_asked(parameter: str, text: str, settings: Settings, today: date) -> bool:
    """Return whether a question can be asked with this parameter: a day that has not come is no day to look back from."""
    try:
        question = read_question({parameter: text}, settings, today)
    except RequestError:
        return False
    return max(question.as_of, question.known_by) <= today
