"""The assessment becomes the page: each part by its own module, in the order in which it is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.facts.disease_names import NOT_ANSWERED
from service.web.pages.explanation.course import course
from service.web.pages.explanation.desk import Desk, rest_of
from service.web.pages.explanation.evidence import evidence, questions
from service.web.pages.explanation.model import (
    Explanation,
    FactRow,
    Link,
    NeedRow,
    Problem,
    Product,
    Profile,
    ReadRow,
    Rest,
    SourceRow,
)
from service.web.pages.explanation.risk import risk_groups
from service.web.pages.explanation.therapies import products
from service.web.pages.explanation.trials import trials
from service.web.pages.texts import anchor, part, rows, text, texts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from service.cards.wording import SummaryPart, Wording
    from service.knowledge.library import Library
    from service.web.pages.catalogue import Catalogue

_NAMED = frozenset({"decided", "reported"})
_DIGEST_SHOWN = 19  # the algorithm and twelve digits


def explanation(document: Mapping[str, object], library: Library, words: Catalogue, wording: Wording) -> Explanation:
    """Return the page of an assessment.

    The document decides what is said; the library adds titles, sources, marks of verification and published figures. A document
    of an older library is explained as far as its rows are still there. `wording`: which facts a profile shows, where
    registries show a trial.
    """
    desk = Desk.of(document, library, words)
    applying, not_applying = risk_groups(desk)
    found = products(desk)
    names = {text(trial.get("id")): text(trial.get("name")) for trial in rows(document.get("trials"))}
    needs = [_need(desk, row, names) for row in rows(document.get("needs"))]
    facts = [_fact(desk, name, part(fact)) for name, fact in part(document.get("facts")).items()]
    return Explanation(
        profile=_profile(desk, wording, {fact.name: fact for fact in facts}),
        needs=tuple(row for row in needs if row.decides),
        contributing=tuple(row for row in needs if not row.decides),
        course=course(desk),
        products=found,
        trials=trials(desk, wording.trial.registry_page),
        risk_groups=applying,
        not_applicable=not_applying,
        evidence=evidence(desk, found, wording.trial.registry_page),
        questions=questions(desk),
        problems=tuple(_problem(desk, row) for row in rows(document.get("problems"))),
        read=_read(desk),
        facts=tuple(fact for fact in facts if fact.state != "unknown"),
        unknown_facts=tuple(fact for fact in facts if fact.state == "unknown"),
        sources=_sources(found),
    )


def _sources(found: tuple[Product, ...]) -> tuple[SourceRow, ...]:
    """Return each source that a row or a caution names, once, by its id."""
    named: list[SourceRow] = []
    for product in found:
        named += [source for row in (*product.indications, *product.others) for source in row.sources]
        named += [source for row in (*product.cautions, *product.other_cautions) for source in row.sources]
    return tuple(sorted(dict.fromkeys(named), key=lambda source: source.id))


def _profile(desk: Desk, wording: Wording, facts: Mapping[str, FactRow]) -> Profile:
    document, knowledge = desk.document, part(desk.document.get("knowledge"))
    disease = part(part(document.get("facts")).get("disease"))
    digest = text(knowledge.get("digest"))
    named = [*wording.profile.facts, *(name for name in wording.profile.when_true if _is_true(desk, name))]
    asked = frozenset(wording.profile.asked)
    return Profile(
        line=profile_line(desk, wording.profile.longest_summary, wording.profile.summary_group),
        patient=text(document.get("patient")),
        as_of=text(document.get("asOf")),
        known_by=text(document.get("knownBy")),
        regulators=", ".join(texts(document.get("regulators"))),
        country=text(document.get("country")),
        version=text(knowledge.get("version")),
        digest=digest[:_DIGEST_SHOWN],
        answered=disease.get("state") == "known" and disease.get("value") not in NOT_ANSWERED,
        changed="" if digest == desk.library.digest else desk.library.version,
        facts=tuple(facts[name] for name in named if name in facts and (facts[name].state != "unknown" or name in asked)),
    )


def _is_true(desk: Desk, name: str) -> bool:
    return part(part(desk.document.get("facts")).get(name)).get("value") is True


def profile_line(desk: Desk, longest: int, group: str) -> str:
    """Return the leukaemia in a line as on its card: as many parts as fit, the most telling first."""
    terms = desk.words.terms
    parts: list[str] = []
    groups = [
        group.format(system=desk.system(text(row.get("system"))), group=text(row.get("group")))
        for row in rows(desk.document.get("riskGroups"))
        if row.get("state") in _NAMED and row.get("group")
    ]
    for found in (*(_summary(desk, row) for row in terms.summary), *groups):
        if found and len(terms.joined_by.join((*parts, found))) <= longest:
            parts.append(found)
    return terms.joined_by.join(parts)


def _summary(desk: Desk, row: SummaryPart) -> str:
    fact = part(part(desk.document.get("facts")).get(row.fact))
    if fact.get("state") == "conflicting":
        return row.conflicting
    if fact.get("state") != "known":
        return row.unknown if fact else ""
    if row.shown:
        return row.shown.format(value=desk.plain(fact.get("value")))
    said = row.values.get(text(fact.get("value")), "")
    beside = part(part(desk.document.get("facts")).get(row.beside))
    return said if said or beside.get("state") == "known" else row.alone.get(text(fact.get("value")), "")


def _fact(desk: Desk, name: str, fact: Mapping[str, object]) -> FactRow:
    return FactRow(
        name=name,
        label=desk.label(name),
        value=desk.value(fact),
        state=text(fact.get("state")),
        rests=tuple(dict.fromkeys(rest_of(item) for item in rows(fact.get("evidence")))),
        flags=desk.flags(fact.get("flags")),
        rule=text(fact.get("rule")),
    )


def _need(desk: Desk, row: Mapping[str, object], names: Mapping[str, str]) -> NeedRow:
    decides, order = part(row.get("wouldDecide")), part(row.get("order"))
    links = []
    for key in texts(decides.get("therapies")):
        regulator, _, product = key.partition("/")
        links.append(Link(f"{desk.product(product)} ({regulator})", f"#{anchor('therapy', product)}"))
    links += [Link(names.get(key) or key, f"#{anchor('trial', key)}") for key in texts(decides.get("trials"))]
    links += [
        Link(desk.words.next.risk + " " + desk.system(key), f"#{anchor('risk', key)}") for key in texts(decides.get("riskGroups"))
    ]
    fact = text(row.get("fact"))
    return NeedRow(
        fact=desk.label(fact),
        ask=text(row.get("ask")),
        gap=desk.words.terms.gaps.get(text(row.get("gap")), desk.words.profile.not_found),
        decides=tuple(links),
        order=f"{text(order.get('display'))} ({text(order.get('code'))})" if order else "",
    )


def _problem(desk: Desk, row: Mapping[str, object]) -> Problem:
    severity = text(row.get("severity"))
    reference, _, place = text(row.get("where")).partition(" ")
    return Problem(
        severity=severity,
        severity_words=desk.words.problems.severities.get(severity, severity),
        code=text(row.get("code")),
        where=Rest(reference, anchor("r", reference)) if reference in desk.read else None,
        place=place if reference in desk.read else text(row.get("where")),
        text=text(row.get("text")),
    )


def _read(desk: Desk) -> tuple[ReadRow, ...]:
    """Return every resource that something on the page rests on, with what was read there and for which facts."""
    said: dict[str, dict[tuple[str, str], None]] = {}
    for reference, by_fact in desk.read.items():
        said[reference] = dict.fromkeys((rest.text, rest.date) for rests in by_fact.values() for rest in rests)
    for item in rows(desk.document.get("timeline")):
        said.setdefault(text(item.get("reference")), {(text(item.get("text")), text(item.get("date"))): None})
    for reference in _named(desk.document):
        said.setdefault(reference, {})
    return tuple(
        ReadRow(Rest(name, anchor("r", name)), tuple(found), tuple(desk.label(fact) for fact in desk.read.get(name, ())))
        for name, found in sorted(said.items())
    )


def _named(document: Mapping[str, object]) -> Iterator[str]:
    """Yield every resource that an answer rests on, read by a fact or not."""
    for therapy in rows(document.get("therapies")):
        for row in (
            *(found for one in rows(therapy.get("indications")) for found in rows(one.get("criteria"))),
            *rows(therapy.get("cautions")),
        ):
            yield from texts(row.get("evidence"))
    for trial in rows(document.get("trials")):
        for row in (
            *rows(trial.get("criteria")),
            *(found for arm in rows(trial.get("arms")) for found in rows(arm.get("criteria"))),
        ):
            yield from texts(row.get("evidence"))
    for group in rows(document.get("riskGroups")):
        yield from texts(group.get("evidence"))
