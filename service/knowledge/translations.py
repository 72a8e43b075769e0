"""Texts of the knowledge files in other languages: found by the English text itself, so that none outlives a change of it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from service.knowledge.rows import Row

Text = Annotated[str, Field(min_length=1)]

_NUMBER = re.compile(r"\d+(?:\.\d+)?")


class TranslationFile(Row):
    """Texts in one language, each under the English text that it stands for.

    `review`: `translated` where no clinician has compared the texts yet, `reviewed` where one has. `sources` say where names
    were seen.
    """

    language: Literal["es"]
    review: Literal["translated", "reviewed"]
    sources: Annotated[tuple[str, ...], Field(strict=False)] = ()
    texts: dict[Text, Text]

    @model_validator(mode="after")
    def _same_numbers(self) -> Self:
        unequal = [text for text, said in self.texts.items() if _numbers(text) != _numbers(said)]
        if unequal:
            raise ValueError(f"a number differs from the English text: {'; '.join(unequal)}")
        return self


@dataclass(frozen=True, slots=True)
class Translations:
    """All texts in one language; `waiting` counts those that no clinician has compared with the English ones."""

    texts: Mapping[str, str] = field(default_factory=dict)
    waiting: int = 0


def _numbers(text: str) -> Counter[str]:
    return Counter(_NUMBER.findall(text))
