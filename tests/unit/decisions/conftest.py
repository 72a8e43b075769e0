"""Tiny libraries made by hand: one definition, product or risk system at a time, of invented medicine."""

from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import date

import pytest

from service.decisions.bind import bind_rules
from service.facts.catalogue import CATALOGUE
from service.knowledge.library import Library
from service.knowledge.schema import Ask, Definition, EvidenceFile, Limit, OpenQuestion, RiskSystem, Therapy
from service.knowledge.trial_rows import Trial
from service.logic.fact import unknown
from service.terminology.terms import Terms

DAY = date(2031, 5, 6)
RECORDED = date(2031, 1, 2)


def definition(name, test, verification="V"):
    return Definition.model_validate({"id": name, "says": name, "verification": verification, "sources": ["label"], "test": test})


def criterion(name, test, **more):
    return {"id": name, "text": name, "test": test, **more}


def therapy(*criteria, cautions=(), product="examplomab", **version):
    """A product with one indication of one version."""
    dates = {"effective": date(2031, 1, 1), "recorded": RECORDED, "read_on": RECORDED}
    row = {"status": "regular", "verification": "V", "criteria": list(criteria), "sources": ["label"], **dates, **version}
    return Therapy.model_validate(
        {
            "product": product,
            "short": "EXA",
            "name": product,
            "brand": None,
            "kind": "antibody",
            "target": "cd19",
            "concept": product,
            "topic": "exa",
            "suggestion": {"resource": "MedicationRequest", "label": "Draft", "text": "Draft"},
            "cautions": [
                {"level": "warning", "text": "Noted", "regulators": ["EMA"], "verification": "V", **caution}
                for caution in cautions
            ],
            "indications": [{"id": "E-EXA-1", "regulator": "EMA", "says": "Examples", "document": "label", "versions": [row]}],
        }
    )


def risk_version(rows, of="relapse_site", **more):
    """A table over one input, the site of the relapse where none is named; `rows` maps a cell to its group."""
    return {
        "effective": date(2000, 1, 1),
        "recorded": RECORDED,
        "hit": "unique",
        "inputs": [of],
        "outcomes": sorted(set(rows.values())),
        "rows": [{"id": f"row-{n}", "when": {of: cell}, "then": then} for n, (cell, then) in enumerate(rows.items(), 1)],
        "verification": "V",
        "sources": ["label"],
        "read_on": RECORDED,
        **more,
    }


def risk_system(*versions, name="EX40", **more):
    head = {"system": name, "title": name, "population": "all", "dated_by": "diagnosis", "enabled": True}
    return RiskSystem.model_validate({**head, **more, "versions": list(versions)})


def question(name, test=None):
    row = {"id": name, "question": "?", "slide": "-", "published": "-", "line": "Open.", "citation": "-", "verification": "V"}
    return OpenQuestion.model_validate({**row, "products": ["examplomab"], "test": test})


def studies(**tests):
    """The studies of the product, each with the test of who was studied, None for everybody."""
    row = {"name": "-", "population": "-", "n": "1", "verdict": "-", "line": "-", "citation": "-", "verification": "V"}
    figures = [{"measure": "CR", "verification": "V"}]
    rows = [{**row, "id": name, "figures": figures, "test": test} for name, test in tests.items()]
    return EvidenceFile.model_validate({"product": "examplomab", "studies": rows})


def limit(name, value, **more):
    dates = {"effective": date(2000, 1, 1), "recorded": RECORDED}
    row = {"name": name, "value": value, "unit": "%", "says": name, "verification": "V", "sources": ["label"]}
    return Limit.model_validate({**row, **dates, **more})


def trial_criterion(name, test=None, **more):
    return {"id": name, "text": name, "provenance": "K", **({"test": test} if test else {"ask": "clinician"}), **more}


def trial(*criteria, name="NCT99990001", versions=None, arms=(), arms_required=False, **more):
    """A trial with one undated text; `versions` gives several."""
    text = {"recorded": RECORDED, "criteria": list(criteria), "arms": list(arms), "arms_required": arms_required}
    head = {"id": name, "name": name, "title": name, "interventions": ["examplomab"], "exclusions": "curated"}
    numbers = [{"registry": "nct", "number": name, "verification": "B"}] if name.startswith("NCT") else []
    return Trial.model_validate({**head, "numbers": numbers, **more, "versions": versions or [text]})


def ask(fact):
    return Ask.model_validate({"fact": fact, "ask": f"Test of {fact}", "verification": "V"})


@pytest.fixture
def library_of(rules):
    """A library that holds only these rows, with the words of the shipped one."""

    def make(*rows):
        def shelf(kind, name):
            return {getattr(row, name): row for row in rows if isinstance(row, kind)}

        limits = [row for row in rows if isinstance(row, Limit)]
        shelves = {part.name for part in fields(Library) if isinstance(getattr(rules.library, part.name), Mapping)}
        empty: dict[str, dict[str, object]] = {name: {} for name in shelves - {"words", "kinds", "cells"}}
        always = {"caution_denied_by_values_of_days": rules.library.limits["caution_denied_by_values_of_days"]}
        filled = {
            "therapies": shelf(Therapy, "product"),
            "definitions": shelf(Definition, "id"),
            "questions": shelf(OpenQuestion, "id"),
            "evidence": shelf(EvidenceFile, "product"),
            "limits": always | {row.name: tuple(other for other in limits if other.name == row.name) for row in limits},
            "risk_systems": shelf(RiskSystem, "system"),
            "asks": shelf(Ask, "fact"),
            "trials": shelf(Trial, "id"),
        }
        return replace(rules.library, **{**empty, **filled})

    return make


@pytest.fixture
def bound(library_of):
    """The rules of a library that holds only these rows."""
    return lambda *rows: bind_rules(library_of(*rows), Terms({}, {}))


@pytest.fixture
def facts():
    """A record in which nothing is known; a test fills in what it is about."""
    return {name: unknown() for name in CATALOGUE}


@pytest.fixture
def make():
    """The builders above, by name."""

    class Make:
        day = DAY

    for builder in (
        definition,
        criterion,
        therapy,
        risk_version,
        risk_system,
        question,
        studies,
        limit,
        ask,
        trial,
        trial_criterion,
    ):
        setattr(Make, builder.__name__, staticmethod(builder))
    return Make
