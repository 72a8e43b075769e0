"""The page model: what the document says, with titles, sources and marks of the library beside it; no HTML yet."""

import pytest

from service.cards.wording import load_wording
from service.knowledge.loader import load_library
from service.web.pages.explanation import explanation
from service.web.pages.explanation.desk import interval, number
from service.web.pages.words import load_words


@pytest.fixture(scope="module")
def library():
    return load_library()


@pytest.fixture
def explained(library):
    """A page of a document with these members; each has what a document always has."""

    def build(language="en", **members):
        document = {
            "patient": "Patient/1",
            "asOf": "2026-11-22",
            "knownBy": "2026-11-22",
            "regulators": ["EMA"],
            "country": None,
            "knowledge": {"version": library.version, "digest": library.digest},
            "facts": {},
            "riskGroups": [],
            "therapies": [],
            "trials": [],
            "needs": [],
            "problems": [],
            "timeline": [],
        } | members
        return explanation(document, library, load_words()[language], load_wording())

    return build


def fact(value, *references, **more):
    evidence = [{"reference": name, "path": "", "date": "2026-10-02", "text": f"read in {name}"} for name in references]
    return {"state": "known", "value": value, "evidence": evidence, "flags": []} | more


def therapy(truth, criterion, **more):
    indication = {
        "id": "E-INO-1a",
        "verdict": truth,
        "says": "Adults",
        "setting": "monotherapy",
        "effective": "2017-06-29",
        "until": None,
        "status": "authorised",
        "verification": "V",
        "unverified": [],
        "interpretation": [],
        "sources": ["S40"],
        "readOn": "2026-11-22",
        "criteria": [criterion],
        "flags": [],
    }
    return {
        "product": "inotuzumab-ozogamicin",
        "regulator": "EMA",
        "verdict": "on-label",
        "indications": [indication],
        "needs": [],
        "cautions": [],
        "flags": [],
        "questions": [],
    } | more


CD22 = {
    "id": "CD22",
    "text": "CD22-positive",
    "kind": "inclusion",
    "truth": "yes",
    "facts": ["cd22"],
    "evidence": ["Observation/9"],
    "needs": [],
}


def test_a_criterion_shows_what_its_fact_read_and_when(explained):
    page = explained(
        facts={"cd22": fact("positive", "Observation/9"), "disease": fact("bcp-all", "Observation/9", "Condition/1")},
        therapies=[therapy("yes", CD22)],
    )
    (row,) = page.products[0].indications
    assert [(rest.reference, rest.date, rest.text) for rest in row.criteria[0].rests] == [
        ("Observation/9", "2026-10-02", "read in Observation/9")
    ]
    assert row.cells["antigen"] == row.criteria


def test_a_row_names_its_document_its_sources_and_how_far_it_was_checked(explained):
    (row,) = explained(therapies=[therapy("yes", CD22)]).products[0].indications
    assert row.document.address == "https://www.ema.europa.eu/en/medicines/human/EPAR/besponsa"
    assert [(source.id, source.read_on) for source in row.sources] == [("S40", "2026-11-22")]
    assert (row.mark.code, row.mark.warns) == ("V", False)


def test_a_row_that_the_library_has_no_more_is_still_explained_by_the_document(explained):
    given = therapy("yes", CD22)
    given["product"], given["indications"][0]["id"], given["indications"][0]["sources"] = "examplomab", "E-EXA-1", ["S-GONE"]
    page = explained(therapies=[given], knowledge={"version": "1.0", "digest": "sha256:old"})
    (row,) = page.products[0].indications
    assert (page.products[0].name, row.document, row.sources) == ("examplomab", None, ())
    assert page.profile.changed
    assert not explained().profile.changed


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("DIAGNOSIS", "diagnosis"),
        ("AGE", "age"),
        ("AGE>25", "age"),
        ("CD19", "antigen"),
        ("CD19m", "antigen"),
        ("CD22m", "antigen"),
        ("PH", "ph"),
        ("STATE", "state"),
        ("MRD-CR", "other"),
        ("TKI2", "other"),
        ("HE", "other"),
    ],
)
def test_each_criterion_has_its_column_in_the_matrix(explained, name, column):
    (row,) = explained(therapies=[therapy("yes", CD22 | {"id": name})]).products[0].indications
    assert [key for key, cells in row.cells.items() if cells] == [column]


def test_a_mark_of_the_library_is_on_a_criterion_that_was_not_compared_with_its_source(explained, library):
    rows = [
        (therapy_id, indication.id, version.effective.isoformat(), criterion)
        for therapy_id, found in library.therapies.items()
        for indication in found.indications
        for version in indication.versions
        for criterion in version.criteria
        if criterion.verification.value != "V"
    ]
    assert rows
    product, name, effective, criterion = rows[0]
    given = therapy("yes", CD22 | {"id": criterion.id})
    given["product"] = product
    given["indications"][0] |= {"id": name, "effective": effective}
    (row,) = explained(therapies=[given]).products[0].indications
    assert row.criteria[0].mark.code == criterion.verification.value


def test_rows_that_do_not_match_stand_apart_and_products_that_do_come_first(explained):
    page = explained(
        therapies=[
            therapy("no", CD22, product="blinatumomab", verdict="not-on-label"),
            therapy("unknown", CD22, product="tisagenlecleucel", verdict="undetermined"),
            therapy("yes", CD22),
        ]
    )
    assert [product.id for product in page.products] == ["inotuzumab-ozogamicin", "tisagenlecleucel", "blinatumomab"]
    assert [(len(product.indications), len(product.others)) for product in page.products] == [(1, 0), (1, 0), (0, 1)]


def caution(**more):
    return {
        "id": "ino-vod-history",
        "level": "contraindication",
        "truth": "unknown",
        "text": "VOD",
        "source": "S44",
        "verification": "V",
        "evidence": [],
        "needs": ["vod_history"],
    } | more


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ({}, True),  # a contraindication that nobody excluded
        ({"truth": "yes"}, True),
        ({"truth": "no"}, False),
        ({"level": "warning", "id": "ino-liver-tests", "truth": "yes"}, True),  # has a test, and holds
        ({"level": "warning", "id": "ino-liver-tests"}, False),  # not known to hold
        ({"level": "information", "id": "ino-blood-counts", "truth": "yes"}, False),  # always holds: a note
    ],
)
def test_cautions_that_hold_or_are_grave_are_shown_first(explained, given, shown):
    (product,) = explained(therapies=[therapy("yes", CD22, cautions=[caution(**given)])]).products
    assert (len(product.cautions), len(product.other_cautions)) == ((1, 0) if shown else (0, 1))


def test_a_caution_of_two_regulators_is_told_once(explained):
    given = [therapy("yes", CD22, cautions=[caution()]), therapy("yes", CD22, regulator="FDA", cautions=[caution()])]
    (product,) = explained(therapies=given).products
    assert [row.regulators for row in product.cautions] == ["EMA, FDA"]
    assert product.cautions[0].needs == ("History of VOD",)


def trial(**more):
    recruitment = {"status": "RECRUITING", "seen": "2026-02-01", "open": "stale", "source": "a copy"}
    return {
        "id": "NCT05748171",
        "name": "InO-HR1",
        "title": "A trial",
        "sponsor": None,
        "phase": "2",
        "interventions": ["InO"],
        "fit": "fits",
        "recruitment": recruitment,
        "criteria": [],
        "failing": [],
        "needs": [],
        "confirm": [],
        "arms": [],
        "onLabel": [],
        "closedBy": [],
        "flags": [],
    } | more


def test_trials_stand_by_fit_and_those_that_take_patients_first(explained):
    stale, closed = trial()["recruitment"], {"status": "COMPLETED", "seen": None, "open": "no", "source": None}
    page = explained(
        trials=[
            trial(id="NCT1", recruitment=closed),
            trial(id="NCT2", recruitment=stale | {"open": "yes"}),
            trial(id="NCT3", fit="needs-data"),
            trial(id="NCT4", fit="does-not-fit"),
        ]
    )
    assert [row.id for row in page.trials.fitting] == ["NCT2", "NCT1"]
    assert [row.id for row in page.trials.needing] == ["NCT3"]
    assert [row.id for row in page.trials.not_fitting] == ["NCT4"]
    assert page.trials.fitting[1].seen == ""


def test_a_word_of_recruitment_that_nobody_knows_is_unknown(explained):
    page = explained(
        trials=[trial(recruitment={"status": "NEW_WORD", "seen": None, "open": "perhaps", "source": "javascript:alert(1)"})]
    )
    (row,) = page.trials.fitting
    assert (row.open, row.status, row.source.address) == ("unknown", "NEW_WORD", "")


@pytest.mark.parametrize(
    ("name", "address"), [("NCT05748171", "https://clinicaltrials.gov/study/NCT05748171"), ("2016-004674-17", "")]
)
def test_only_a_number_of_the_registry_leads_there(explained, name, address):
    assert explained(trials=[trial(id=name)]).trials.fitting[0].address == address


def group(**more):
    return {
        "system": "NCI",
        "state": "decided",
        "group": "HR",
        "possible": ["HR"],
        "row": "NCI-6",
        "needs": [],
        "evidence": ["Observation/4"],
        "question": None,
        "flags": [],
        "candidate": None,
        "recorded": None,
        "allocation": None,
    } | more


def test_systems_that_do_not_apply_stand_apart_and_say_why(explained):
    why = "The NCI/Rome groups are for B-cell precursor ALL diagnosed before the 26th birthday"
    page = explained(
        riskGroups=[group(state="not-applicable", group=None, flags=[why]), group(system="COG08B1", state="open", group=None)]
    )
    assert [row.system for row in page.risk_groups] == ["COG08B1"]
    assert [[flag.text for flag in row.flags] for row in page.not_applicable] == [[why]]


def test_a_group_says_what_is_missing_in_the_language_of_the_page(explained):
    page = explained(language="es", riskGroups=[group(state="open", group=None, needs=["wbc_at_diagnosis"])])
    assert page.risk_groups[0].needs == ("Leucocitos al diagnóstico",)


def test_a_need_leads_to_all_that_it_would_decide(explained):
    need = {
        "fact": "cd22",
        "gap": "not-recorded",
        "ask": "CD22 on blasts",
        "order": None,
        "wouldDecide": {"therapies": ["EMA/inotuzumab-ozogamicin"], "trials": ["NCT05748171"], "riskGroups": ["NCI"]},
    }
    page = explained(needs=[need, need | {"wouldDecide": {"therapies": [], "trials": [], "riskGroups": []}}], trials=[trial()])
    assert [(found.text, found.address) for found in page.needs[0].decides] == [
        ("inotuzumab ozogamicin (EMA)", "#therapy-inotuzumab-ozogamicin"),
        ("InO-HR1", "#trial-NCT05748171"),
        ("risk group NCI", "#risk-NCI"),
    ]
    assert len(page.contributing) == 1


def test_what_is_drawn_of_a_study_is_what_was_published_and_verified(explained, library):
    (found,) = explained(therapies=[therapy("yes", CD22)]).evidence
    points = {(row["study"], row["measure"], row["arm"], row["value"]) for row in found.chart["points"]}
    # therapies.md: INO-VATE, CR or CRi 80.7 % of the first 109 against 29.4 %
    assert {("INO-VATE", "CR or CRi", "product", 80.7), ("INO-VATE", "CR or CRi", "comparator", 29.4)} <= points
    unverified = [
        figure for study in library.studies("inotuzumab-ozogamicin") for figure in study.figures if figure.published is None
    ]
    assert unverified
    assert not [point for figure in unverified for point in figure.points]


def test_a_comparator_lies_on_the_line_of_what_it_is_compared_with(explained):
    (found,) = explained(therapies=[therapy("yes", CD22)]).evidence
    lines = {
        row["value"]: row["row"] for row in found.chart["points"] if row["study"] == "INO-VATE" and row["measure"] == "CR or CRi"
    }
    assert lines[80.7] == lines[29.4] != lines[73.8]


def test_a_question_of_sequence_is_told_once_with_what_was_published(explained):
    asked = {"id": "antigen-loss-after-cd19-therapy", "question": "Q", "says": "S", "citation": "C"}
    page = explained(
        therapies=[therapy("yes", CD22, questions=[asked]), therapy("yes", CD22, product="tisagenlecleucel", questions=[asked])]
    )
    (row,) = page.questions
    assert row.products == "inotuzumab ozogamicin, tisagenlecleucel"
    assert row.published


def test_every_resource_that_a_statement_names_has_its_row(explained):
    page = explained(facts={"cd22": fact("positive", "Observation/1")}, therapies=[therapy("yes", CD22)], riskGroups=[group()])
    assert [row.rest.reference for row in page.read] == ["Observation/1", "Observation/4", "Observation/9"]


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (
            {"state": "conflicting", "gap": "ambiguous", "needs": ["cd22"], "evidence": [], "flags": []},
            "contradictory in the data received",
        ),
        ({"state": "unknown", "gap": "too-old", "needs": ["cd22"], "evidence": [], "flags": []}, "found, but too old"),
        ({"state": "unknown", "gap": "a new gap", "needs": [], "evidence": [], "flags": []}, "not found in the data received"),
    ],
)
def test_what_is_not_known_says_why(explained, state, words):
    page = explained(facts={"cd22": state})
    assert {row.name: row.value for row in (*page.facts, *page.unknown_facts)} == {"cd22": words}


@pytest.mark.parametrize(
    ("low", "high", "low_in", "high_in", "words"),
    [
        (0, 0.01, True, False, "< 0.01"),
        (0, 5, True, True, "≤ 5"),
        (10, None, False, True, "> 10"),
        (0, None, False, True, "> 0"),
        (5, None, True, True, "≥ 5"),
        (1, 3, True, True, "1–3"),
        (None, None, True, True, "?"),
    ],
)
def test_limits_are_written_as_a_clinician_writes_them(low, high, low_in, high_in, words):
    assert interval({"low": low, "high": high, "lowInclusive": low_in, "highInclusive": high_in}) == words


@pytest.mark.parametrize(("value", "words"), [(0.00001, "0.00001"), (36, "36"), (9.0, "9"), (0, "0"), (100, "100")])
def test_numbers_have_no_exponent(value, words):
    assert number(value) == words


def test_an_empty_document_is_an_empty_page(library):
    page = explanation({}, library, load_words()["en"], load_wording())
    assert (page.products, page.read, page.course.drawn, page.profile.answered) == ((), (), False, False)
