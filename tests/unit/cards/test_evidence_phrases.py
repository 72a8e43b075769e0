"""Evidence and problems in the words of a clinician: nothing is left in another language, nor in names of ours."""

import re

import orjson
import pytest

from service.cards.evidence_phrases import EvidenceFile, evidence_phrases
from service.cards.wording import FILE
from service.errors import KnowledgeError, RecordError
from service.facts.derived import derive_facts
from service.knowledge.one_file import read_file
from service.record.reader import read_bundle
from tests.case_runners.knowledge import shipped_rules
from tests.case_runners.records import KNOWN_BY, record_cases
from tests.case_runners.shorthand import bundle

ENGLISH, SPANISH = evidence_phrases("en"), evidence_phrases("es")


@pytest.mark.parametrize(
    ("said", "english", "spanish"),
    [
        ("birth date", "birth date", "fecha de nacimiento"),
        ("diagnosis: bcp-all", "diagnosis: B-cell precursor ALL", "diagnóstico: leucemia linfoblástica aguda de precursores B"),
        ("stated: kmt2a r", "stated: KMT2A rearranged", "declarado: Reordenamiento de KMT2A"),
        (
            "stated: disease state relapsed",
            "stated, State of the disease: relapsed",
            "declarado, Estado de la enfermedad: en recaída",
        ),
        (
            "stated: end of primary therapy 2024-03",
            "stated, end of primary therapy: 2024-03",
            "declarado, fin del tratamiento primario: 2024-03",
        ),
        (
            "hypodiploidy lt44 by karyotype: negative",
            "Hypodiploidy below 44 by karyotype: negative",
            "Hipodiploidía menor de 44 por cariotipo: negativo",
        ),
        ("BCR::ABL1 by PCR (p190): positive", "BCR::ABL1 by PCR (p190): positive", "BCR::ABL1 por PCR (p190): positivo"),
        (
            "CD22 positive 98 % of blasts (from text)",
            "CD22 positive, 98 % of blasts (from text)",
            "CD22 positivo, 98 % de los blastos (del texto)",
        ),
        ("CD22 < 1 % of blasts", "CD22 < 1 % of blasts", "CD22 en < 1 % de los blastos"),
        ("marrow blasts 83 %", "marrow blasts 83 %", "blastos en médula ósea 83 %"),
        ("ecog 1", "ECOG 1", "ECOG 1"),
        (
            "methotrexate, vincristine given",
            "methotrexate, vincristine given",
            "metotrexato, vincristina: administrado",
        ),
        (
            "brexucabtagene-autoleucel given",
            "brexucabtagene autoleucel given",
            "brexucabtagén autoleucel: administrado",
        ),
        ("imatinib", "imatinib", "imatinib"),
        ("something new", "something new", "something new"),
    ],
)
def test_what_was_read_is_said_in_the_words_of_the_reader(said, english, spanish):
    assert (ENGLISH.evidence(said), SPANISH.evidence(said)) == (english, spanish)


def test_what_contradicts_itself_is_said_too():
    said = "Two statements of one day contradict each other: relapse site"
    assert ENGLISH.problem(said).endswith(": Site of relapse")
    assert SPANISH.problem(said) == "Dos declaraciones del mismo día se contradicen: Localización de la recaída"


def test_braces_in_a_record_are_only_signs():
    assert SPANISH.evidence("recorded: {text} {0}") == "consta: {text} {0}"


@pytest.fixture(scope="module")
def everything_said():
    """All texts of evidence and of problems in all record cases."""
    rules = shipped_rules()
    evidence: set[str] = set()
    problems: set[str] = set()
    for _, case in record_cases():
        as_of = case.get("as_of", case["file"].get("as_of", KNOWN_BY))
        try:
            body = orjson.dumps(bundle(case["record"], bare=case.get("bare", False)))
            record = read_bundle(body, rules.vocabulary, as_of, is_past=as_of < KNOWN_BY)
        except RecordError:
            continue
        derived = derive_facts(record, rules.limits_on(as_of, KNOWN_BY), as_of)
        evidence.update(item.text for fact in derived.facts.values() for item in (*fact.evidence, *fact.set_aside))
        problems.update(problem.text for problem in (*record.problems, *derived.problems))
    return evidence, problems


def test_every_text_of_the_cases_has_spanish_words(everything_said):
    evidence, problems = everything_said
    assert len(evidence) > 500
    assert len(problems) > 50
    assert sorted(text for text in evidence if SPANISH.known(text) is None) == []
    assert sorted(text for text in problems if SPANISH.problem(text) == text) == []


def test_english_shows_no_name_of_ours(everything_said):
    evidence, _ = everything_said
    shown = {ENGLISH.evidence(text) for text in evidence}
    ours = re.compile(r"\b(bcp-all|t-all|not-all|lt4[04]|kmt2a r|[a-z]+-(?:relapse|autoleucel|ozogamicin|diagnosed|infusion))\b")
    assert sorted(text for text in shown if ours.search(text)) == []


def test_what_english_says_otherwise_spanish_says_too():
    english, spanish = (read_file(FILE.with_name(f"evidence.{name}.yaml"), EvidenceFile) for name in ("en", "es"))
    for part in ("names", "drugs", "problems"):
        assert getattr(english, part).keys() <= getattr(spanish, part).keys(), part


def test_a_line_that_is_filled_with_something_else_is_refused(tmp_path):
    path = tmp_path / "evidence.en.yaml"
    empty = "".join(f"{part}: {{}}\n" for part in ("names", "measures", "antigens", "drugs", "values"))
    path.write_text(f'language: en\n{empty}evidence: {{"{{drug}} given": "{{drug}} given"}}\nproblems: {{"a {{text}}": "b"}}\n')
    with pytest.raises(KnowledgeError) as refused:
        read_file(path, EvidenceFile)
    said = str(refused.value)
    assert "drug is never filled in" in said
    assert "`a {text}` and `b` are not filled with the same" in said
