"""A small library of invented medicine that is free of faults, to be broken one line at a time."""

from textwrap import dedent

import pytest

from service.errors import KnowledgeError
from service.knowledge.loader import load_library

FILES = {
    "release.yaml": """\
        version: "2040.1.1"
        date: 2040-01-01
        """,
    "systems.yaml": """\
        systems:
          - {name: loinc, title: LOINC, uris: ["http://loinc.example"]}
        """,
    "asks.yaml": """\
        asks:
          - fact: cd19
            ask: CD19 on blasts by flow cytometry
            order: {system: "http://loinc.example", code: "1-8", display: CD19 of blasts}
            verification: V
            sources: [label]
        """,
    "sources/labels.yaml": """\
        sources:
          label: {title: Label of examplomab, dated: "2031-04-02", read_on: 2031-04-20}
          notice: {title: Notice of withdrawal, read_on: 2033-09-14}
        """,
    "talk/rows.yaml": """\
        rows:
          - {id: T1, text: Examplomab is approved}
          - {id: T2, text: A row that nothing cites yet}
        """,
    "limits/blasts.yaml": """\
        limits:
          - {name: blasts_from, value: 5, unit: "%", says: From here on, verification: V, sources: [label],
             effective: 1990-01-01, until: 2030-01-01, recorded: 2031-01-01}
          - {name: blasts_from, value: 0.1, unit: "%", says: From here on, verification: V, sources: [label],
             effective: 2030-01-01, recorded: 2031-02-01}
        """,
    "definitions/disease.yaml": """\
        definitions:
          - {id: b-all, says: B-cell ALL, verification: V, sources: [label], test: {fact: disease, is: bcp-all}}
          - id: active-b-all
            says: Active B-cell ALL
            verification: V
            sources: [label]
            test: {all: [{use: b-all}, {fact: disease_state, in: [relapsed, refractory]}]}
        """,
    "value_sets/examplomab.yaml": """\
        concept: examplomab
        says: The drug
        codes:
          - {system: loinc, code: "1-8", display: Examplomab, verified: true, source: label}
          - {system: loinc, code: "2-6", display: Examplomab?, verified: false, source: memory}
        """,
    "therapies/examplomab.yaml": """\
        product: examplomab
        short: EXA
        name: examplomab
        brand: Examplo
        kind: bispecific T-cell engager
        target: cd19
        concept: examplomab
        topic: exa
        talk: [T1]
        suggestion: {resource: MedicationRequest, label: Draft order, text: Draft,
                     codes: [{system: loinc, code: "1-8", display: Examplomab}]}
        cautions:
          - {id: infection, level: warning, text: Infections were reported, regulators: [FDA], verification: V, sources: [label]}
        indications:
          - id: F-EXA-1
            regulator: FDA
            says: Relapsed B-cell ALL
            document: label
            versions:
              - effective: 2031-04-02
                until: 2033-09-01
                recorded: 2031-04-20
                status: accelerated
                verification: V
                sources: [label]
                read_on: 2031-04-20
                criteria:
                  - {id: disease, text: B-cell ALL, test: {use: active-b-all}}
                  - {id: age, text: 1 month and over, test: {fact: age, at_least: "1 mo"}}
        """,
    "treatments/immunotherapies.yaml": """\
        kinds:
          - {kind: bispecific T-cell engager, group: antibody, says: Binds T cells, verification: V, sources: [label]}
        cells:
          - {concept: exacells, says: Cells of which the product is not told, targets: [cd19], product_told: false,
             verification: V, sources: [label]}
        """,
    "value_sets/exacells.yaml": """\
        concept: exacells
        says: The cells
        names: [exacells]
        """,
    "evidence/examplomab.yaml": """\
        product: examplomab
        studies:
          - id: EXA-1
            name: EXA-1
            population: adults
            n: "100"
            figures: [{measure: remission, talk: "40 %", published: "41 %", verification: V}]
            verdict: agrees
            line: 41 of 100 reached remission
            indications: [F-EXA-1]
            citation: Example 2031
            verification: V
        """,
    "questions/all.yaml": """\
        questions:
          - {id: Q1, question: Before or after?, slide: "3", published: Unclear, line: Reports differ, products: [examplomab],
             citation: Example 2032, verification: V}
        """,
    "risk_systems/example-2040.yaml": """\
        system: EX40
        title: Example 2040
        population: all
        dated_by: diagnosis
        enabled: true
        questions: {HR: Is more needed?}
        versions:
          - effective: 2030-01-01
            recorded: 2030-01-01
            hit: unique
            inputs: [age, wbc]
            outcomes: [SR, HR]
            applies: {fact: age, at_least: "1 a"}
            verification: V
            sources: [label]
            read_on: 2031-04-20
            rows:
              - {id: young-low, when: {age: "[1 a, 10 a)", wbc: "< 50"}, then: SR}
              - {id: young-high, when: {age: "[1 a, 10 a)", wbc: ">= 50"}, then: HR}
              - {id: older, when: {age: ">= 10 a", wbc: any}, then: HR}
        """,
}


class Shelf:
    """The folder of files; `change` breaks one line, `faults` tells what the loader says."""

    def __init__(self, folder):
        self.folder = folder
        for name, text in FILES.items():
            self.write(name, text)

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text), encoding="utf-8")

    def change(self, name, old, new):
        path = self.folder / name
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {name}"
        path.write_text(text.replace(old, new), encoding="utf-8")

    def remove(self, name):
        (self.folder / name).unlink()

    def load(self):
        return load_library(self.folder)

    def faults(self):
        try:
            self.load()
        except KnowledgeError as error:
            return [(fault.where, fault.text, fault.hint) for fault in error.faults]
        return []


@pytest.fixture
def shelf(tmp_path):
    return Shelf(tmp_path / "data")
