"""Consultations made by hand: what cards show does not depend on how a verdict came about.

Products, studies and documents are invented on purpose: these tests are about words and shapes, not about medicine.
"""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

import pytest

from service.cards.compose import CardWriter
from service.cards.wording import load_wording
from service.consultation import Consultation, Question
from service.decisions.comparisons import Has
from service.decisions.numbered import Bits
from service.decisions.predicate import Looks
from service.decisions.verdicts import CautionResult, CriterionResult, IndicationVerdict, Need, RiskVerdict, TherapyVerdict
from service.knowledge.library import Library, Release
from service.knowledge.schema import (
    Caution,
    Criterion,
    EvidenceFile,
    FactTest,
    Figure,
    Indication,
    IndicationVersion,
    OpenQuestion,
    OrderCode,
    RiskSystem,
    Source,
    Study,
    Suggestion,
    Therapy,
    Verification,
)
from service.logic.dates import PartialDate
from service.logic.fact import Evidence, Gap, conflicting, known, unknown
from service.logic.interval import Interval
from service.logic.truth import Truth
from service.record.record import Problem

DAY = date(2031, 5, 6)


def seen(reference, text, day="2031-04-02"):
    return Evidence(reference, "value", PartialDate.parse(day), text)


FACTS = {
    "disease": known("bcp-all", (seen("Condition/1", "B-ALL", "2030-01-02"),)),
    "ph": known("negative", (seen("Observation/2", "BCR::ABL1 not detected"),)),
    "relapse_status": known("first-relapse", (seen("Condition/1", "relapse"),)),
    "relapse_count": unknown(Gap.NOT_RECORDED, "relapse_count"),
    "disease_state": known("relapsed", (seen("Condition/1", "relapse"),)),
    "cd19": known("positive", (seen("Observation/3", "CD19 97 % of blasts"),)),
    "cd22": unknown(Gap.NOT_RECORDED, "cd22"),
    "mrd_percent": known(Interval.point(Decimal("0.50")), (seen("Observation/4", "MRD 0.50 %"),), unit="%"),
    "age_years": known(Interval.point(Decimal(34)), (seen("Patient/p", "born 1997"),)),
    "hypersensitivity": unknown(Gap.NOT_RECORDED, "hypersensitivity"),
}


def criterion(name, truth=Truth.YES, facts=()):
    return CriterionResult(name, f"{name} is as wanted", "inclusion", truth, facts, (), ())


def caution(name, level="contraindication", *, truth=Truth.UNKNOWN, tested=True, on_card=False, mark="V", facts=FACTS):
    row = Caution(
        id=name,
        level=level,
        text=f"caution {name}",
        regulators=("EMA",),
        test=FactTest(fact="hypersensitivity", has="examplomab") if tested else None,
        on_card=on_card,
        verification=Verification(mark),
    )
    asked = Has("hypersensitivity", "examplomab") if tested else None
    return CautionResult(row, truth, asked, Looks(facts))


def therapy(product="examplomab", resource="MedicationRequest", regulators=("EMA",)):
    rows = tuple(
        Indication(
            id=f"{regulator[0]}-EXA-1",
            regulator=regulator,
            says="adults with relapsed B-cell precursor ALL",
            document=f"doc-{regulator.lower()}",
            versions=(
                IndicationVersion(
                    effective=date(2031, 1, 1),
                    recorded=date(2031, 1, 2),
                    status="conditional",
                    verification=Verification.VERIFIED,
                    unverified=("the day of the decision",),
                    interpretation=("relapsed means overt relapse",),
                    criteria=(
                        Criterion(
                            id="CD19", text="CD19-positive", test=FactTest.model_validate({"fact": "cd19", "is": "positive"})
                        ),
                    ),
                    sources=("S1",),
                    read_on=date(2031, 1, 3),
                ),
            ),
        )
        for regulator in regulators
    )
    return Therapy(
        product=product,
        short="EXA",
        name=product,
        brand=None,
        kind="antibody",
        target="cd19",
        concept=product,
        topic="all" + "".join(sign for sign in product if sign.isalnum()) + "01",
        suggestion=Suggestion(
            resource=resource,
            label=f"Draft for {product}",
            text=product,
            codes=(OrderCode(system="http://www.nlm.nih.gov/research/umls/rxnorm", code="0000000", display=product),),
        ),
        indications=rows,
    )


QUESTION = OpenQuestion(
    id="q1",
    question="Before or after?",
    slide="a question",
    published="nothing",
    line="Open.",
    products=("examplomab",),
    citation="Journal 7",
    verification=Verification.VERIFIED,
)


@dataclass(frozen=True)
class Details:
    """What is said at length of a row or a product."""

    criteria: tuple[CriterionResult, ...] = ()
    needs: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    cautions: tuple[CautionResult, ...] = ()
    questions: tuple[OpenQuestion, ...] = ()
    studies_of_others: frozenset[str] = frozenset()

    @property
    def pressing(self):
        return self.cautions

    def flags_among(self, words):
        return tuple(flag for flag in self.flags if flag in words)

    def truth_if(self, tried: Bits) -> Truth:
        """Cards show what was decided: they try nothing."""
        raise AssertionError(tried)


def verdicts(row, standing="on-label", cautions=(), flags=()):
    """One verdict of this product for each of its regulators."""
    truth = {"on-label": Truth.YES, "undetermined": Truth.UNKNOWN}.get(standing, Truth.NO)
    return tuple(
        TherapyVerdict(
            therapy=row,
            regulator=indication.regulator,
            verdict=standing,
            indications=(
                IndicationVerdict(
                    indication, indication.versions[0], truth, Details(criteria=(criterion("CD19", facts=("cd19",)),))
                ),
            ),
            details=Details(
                cautions=tuple(cautions), flags=tuple(flags), questions=(QUESTION,) if standing == "on-label" else ()
            ),
        )
        for indication in row.indications
    )


def risk(state="decided", group="HR", possible=("HR",), needs=(), question=None):
    system = RiskSystem(system="NCI", title="NCI", population="all", dated_by="diagnosis", enabled=True, versions=())
    return RiskVerdict(system, state, group, possible, "NCI-4", needs, ("Observation/4", "Patient/p"), question, ())


def need(fact, ask, *, order=True, therapies=("EMA/examplomab",), gap="not-recorded"):
    code = OrderCode(system="http://loinc.org", code="0-0", display=ask) if order else None
    return Need(fact, gap, ask, code, therapies, (), (), 1)


def study(number, line="line", indications=("E-EXA-1",)):
    return Study(
        id=f"s{number}",
        name=f"Study {number}",
        population="adults",
        n="10",
        figures=(Figure(measure="CR", verification=Verification.VERIFIED),),
        verdict="match",
        line=line,
        indications=indications,
        citation=f"Journal {number}",
        verification=Verification.VERIFIED,
    )


@pytest.fixture
def library():
    studies = [study(n, f"CR {n}0 % of {n}00") for n in range(1, 5)] + [study(8, None), study(9, "other", ("F-OTHER-1",))]
    sources = {
        f"doc-{name}": Source(title=f"{name.upper()} label of examplomab", url=f"https://{name}.example/label", read_on=DAY)
        for name in ("ema", "fda")
    }
    return Library(
        release=Release(version="2031.1", date=DAY),
        digest="sha256:0",
        therapies={},
        definitions={},
        sources=sources,
        evidence={"examplomab": EvidenceFile(product="examplomab", studies=tuple(studies))},
        questions={QUESTION.id: QUESTION},
        talk={},
        limits={},
        risk_systems={},
        value_sets={},
        systems={},
        asks={},
        files={},
        **_new_shelves(),
    )


def _new_shelves():
    """Shelves that these tests have no rows for."""
    return {"words": {}} if "words" in Library.__dataclass_fields__ else {}


@pytest.fixture
def consultation():
    return Consultation(
        patient="Patient/p",
        question=Question(DAY, DAY, ("EMA", "AEMPS")),
        knowledge_version="2031.1",
        knowledge_digest="sha256:0",
        facts=FACTS,
        risk_groups=(risk(),),
        therapies=verdicts(therapy()),
        needs=(need("cd22", "CD22 on blasts"),),
        problems=(),
    )


@pytest.fixture
def wording():
    return load_wording()


@pytest.fixture
def write(library, wording):
    """Cards of a consultation as they go over the wire."""

    def written(consultation, most=10, **options):
        return CardWriter.of(library, wording, most).write(consultation, **options).to_wire()["cards"]

    return written


@pytest.fixture
def make():
    """The builders above, by name, for tests that need another consultation."""

    class Make:
        day = DAY

    for builder in (seen, criterion, caution, therapy, verdicts, risk, need, replace, known, unknown, conflicting, Problem):
        setattr(Make, builder.__name__, staticmethod(builder))
    return Make


@pytest.fixture
def facts():
    return dict(FACTS)
