"""The source attributes of the decision support: what it is for in words, what it uses and rests on counted from the files."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from service.facts.catalogue import CATALOGUE
from service.knowledge.checks.stale import old_readings
from service.knowledge.schema import FactTest, Verification
from service.web.pages.explanation.evidence import study_row
from service.web.pages.explanation.model import Link
from service.web.pages.operators.service_model import AboutPage, AttributeLine, CitationLine, InputLine

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from service.knowledge.library import Library
    from service.settings import Settings
    from service.web.offered import AskedService
    from service.web.pages.operators.shelves import Shelves

STALE_AFTER = 365  # days, as `knowledge check` has it where nobody says otherwise

# Data about a person that US rules name, and some that matter here; what no rule asks for is said to be not used.
ATTRIBUTES: Mapping[str, frozenset[str]] = {
    "race": frozenset(),
    "ethnicity": frozenset(),
    "language": frozenset(),
    "sexual_orientation": frozenset(),
    "gender_identity": frozenset(),
    "sex": frozenset({"sex"}),
    "date_of_birth": frozenset(name for name in CATALOGUE if name.startswith("age_")),
    "social": frozenset(),
    "health_status": frozenset({"ecog", "karnofsky", "lansky"}),
    "pregnancy": frozenset({"pregnant"}),
    "body": frozenset({"weight_kg", "body_surface_m2", "bmi"}),
    "place": frozenset({"country", "site_group"}),
}


def about_page(shelves: Shelves, settings: Settings, services: tuple[AskedService, ...]) -> AboutPage:
    """Return the page of a service as it is set up and with the knowledge that it has."""
    library, words = shelves.library, shelves.words.about
    asked = facts_asked_for(library)
    sources = tuple(found for name in sorted(library.sources) if (found := shelves.desk.source(name)) is not None)
    days = sorted(row.read_on for row in sources)
    strengths = Counter(row.strength for row in sources)
    hours = settings.registry_refresh_hours
    return AboutPage(
        as_of=shelves.as_of.isoformat(),
        released=library.release.date.isoformat(),
        digest=library.digest,
        inputs=_inputs(services),
        facts=tuple(sorted({shelves.desk.label(name) for name in asked}, key=str.casefold)),
        attributes=tuple(
            AttributeLine(said, bool(used := ATTRIBUTES[name] & asked), tuple(shelves.desk.label(fact) for fact in sorted(used)))
            for name, said in words.attributes.items()
        ),
        limits=(*words.limits, *_counted_limits(shelves)),
        citations=tuple(_citations(shelves)),
        sources=sources,
        strengths=tuple(strengths.most_common()),
        read_from=days[0] if days else "",
        read_until=days[-1] if days else "",
        updates=(
            *words.update,
            words.update_stale.format(days=STALE_AFTER),
            words.update_hours.format(hours=hours) if hours else words.update_never,
        ),
    )


def facts_asked_for(library: Library) -> frozenset[str]:
    """Return the facts that any rule on file asks for: labels, cautions, definitions, trials and risk tables."""
    tested = {place.row.fact for place in library.places if isinstance(place.row, FactTest)}
    entered = {
        name
        for system in library.risk_systems.values()
        for version in system.versions
        for table in (version, version.allocation)
        if table is not None
        for name in table.inputs
    }
    # What only the question brings, such as the country, is no fact of a record and stays.
    return frozenset(tested | (entered & CATALOGUE.keys()))


def _inputs(services: tuple[AskedService, ...]) -> tuple[InputLine, ...]:
    found: dict[str, InputLine] = {}
    for service in services:
        for key, asked in service.prefetch.items():
            before = found.get(key)
            names = dict.fromkeys([*(before.services.split(", ") if before is not None else ()), service.id])
            required = asked.required or (before is not None and before.required)
            found[key] = InputLine(key, asked.template, required, ", ".join(names))
    return tuple(found.values())


def _counted_limits(shelves: Shelves) -> Iterator[str]:
    library, words = shelves.library, shelves.words.about
    marks = [mark for place in library.places if isinstance(mark := getattr(place.row, "verification", None), Verification)]
    unread = sum(not mark.usable_alone for mark in marks)
    yield words.unverified_rows.format(count=unread, all=len(marks))
    trials = library.trials.values()
    yield words.exclusions_open.format(count=sum(trial.exclusions != "curated" for trial in trials), all=len(trials))
    opened = [system.title for system in library.risk_systems.values() if not system.fully_encoded]
    if opened:
        yield words.systems_open.format(count=len(opened), names=", ".join(opened))
    old = sum(1 for _ in old_readings(library, shelves.today, STALE_AFTER))
    yield words.stale_rows.format(count=old, days=STALE_AFTER)


def _citations(shelves: Shelves) -> Iterator[CitationLine]:
    page = shelves.wording.trial.registry_page
    for product in shelves.library.therapies:
        for study in shelves.library.studies(product):
            row = study_row(shelves.desk, study, page)
            yield CitationLine(
                row.id, f"{row.name}: {shelves.desk.product(product)}", row.citation, shelves.mark(study.verification)
            )
    for question in shelves.library.questions.values():
        yield CitationLine(question.id, question.question, Link(question.citation), shelves.mark(question.verification))
