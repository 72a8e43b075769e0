"""What knowledge alone says on the card of a product: the same for every patient who meets the same rows of its label."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from service.cards.sentences import Criteria, Json, Sentences, TherapySentences
    from service.decisions.verdicts import IndicationVerdict, TherapyVerdict
    from service.knowledge.library import Library
    from service.knowledge.schema import IndicationVersion

_MOST = 4096  # sets of rows met


@dataclass(frozen=True, slots=True)
class Headline:
    """The summary of a card, and shorter wordings of it for clients with little room."""

    summary: str
    shorter: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProductSentences:
    """A product whose rows are met: its headlines, paragraphs and lines, its place in the trace and where it is read.

    `criteria`: each criterion with the facts that it reads. `facts`: all of these, once each. `studies`: what was published,
    each with its id.
    `unverified`: what of the rows was not verified, and what is our reading of them.
    `versions`: the rows themselves, kept so that nothing else gets their identity.
    """

    said: TherapySentences
    headline: Headline
    contraindicated: Headline
    rows: tuple[str, ...]
    criteria: Criteria
    studies: tuple[tuple[str, str], ...]
    unverified: tuple[str, ...]
    rules: tuple[Json, ...]
    facts: tuple[str, ...]
    source_label: str
    source_url: str | None
    versions: tuple[IndicationVersion, ...]


class Products:
    """The sentences of products by the rows that are met, in one language; put together when they are first wanted."""

    def __init__(self, sentences: Sentences, library: Library) -> None:
        self._sentences = sentences
        self._library = library
        self._kept: dict[tuple[object, ...], ProductSentences] = {}

    def of(self, verdicts: list[TherapyVerdict], met: list[IndicationVerdict]) -> ProductSentences:
        """Return the sentences for verdicts on one product, one for each regulator, of which these rows are met."""
        key = (*[verdict.regulator for verdict in verdicts], *[id(row.version) for row in met])
        found = self._kept.get(key)
        if found is None:
            if len(self._kept) >= _MOST:
                self._kept.clear()
            found = self._kept[key] = self._made(verdicts, met)
        return found

    def _made(self, verdicts: list[TherapyVerdict], met: list[IndicationVerdict]) -> ProductSentences:
        sentences, words = self._sentences, self._sentences.wording.therapy
        said = sentences.therapy(verdicts[0].therapy)
        shown = {
            "name": said.capitalised,
            "regulators": sentences.wording.listing([verdict.regulator for verdict in verdicts]),
        }
        told = [sentences.indication(row) for row in met]
        ids = {row.indication.id for row in met}
        studies = [(study, line) for indications, study, line in said.studies if not ids.isdisjoint(indications)]
        document = self._library.sources.get(met[0].indication.document)
        return ProductSentences(
            said=said,
            headline=Headline(words.summary.format(**shown), tuple([text.format(**shown) for text in words.shorter])),
            contraindicated=Headline(
                words.summary_contraindicated.format(**shown),
                tuple([text.format(**shown) for text in words.shorter_contraindicated]),
            ),
            rows=tuple([row.line for row in told]),
            criteria=sentences.criteria(met),
            studies=tuple(studies),
            unverified=tuple(dict.fromkeys([line for row in told for line in row.unverified])),
            rules=tuple([row.rule for row in told]),
            facts=tuple(dict.fromkeys([name for row in met for result in row.criteria for name in result.facts])),
            source_label=document.title if document is not None else "",
            source_url=document.url if document is not None else None,
            versions=tuple([row.version for row in met]),
        )
