"""What the pages of knowledge say, without HTML; the expected rows are those of the knowledge files named."""

from dataclasses import replace
from datetime import date

import pytest

from service.web.pages.explanation.model import Mark
from service.web.pages.operators.details import system_page, therapy_page, trial_page
from service.web.pages.operators.knowledge import knowledge_page


def code(mark):
    """The letter of a mark that is there."""
    assert isinstance(mark, Mark)
    return mark.code


def cell(page, product, regulator):
    (line,) = [line for line in page.approvals if line.product.text == product]
    (found,) = [found for found in line.cells if found.regulator == regulator]
    return found


def test_the_day_before_an_approval_the_next_row_is_named_and_on_the_day_the_row_stands(shelves):
    # therapies.md 1.4: E-TIS-1 from 2018-08-23
    before = cell(knowledge_page(shelves("2018-08-22"), 365), "tisagenlecleucel", "EMA")
    assert (before.standing, before.rows, before.begins) == ("not-in-force", (), "2018-08-23")
    (row,) = cell(knowledge_page(shelves("2018-08-23"), 365), "tisagenlecleucel", "EMA").rows
    assert (row.id, row.dates.since, row.dates.standing) == ("E-TIS-1", "2018-08-23", "in-force")
    assert row.address == "/pages/knowledge/therapies/tisagenlecleucel#row-E-TIS-1"


def test_a_row_whose_day_is_uncertain_says_so(shelves):
    # therapies.md 1.1: E-BLI-3 decided 2019-01-18 [M], announced 2019-01-22
    found = cell(knowledge_page(shelves("2019-01-21"), 365), "blinatumomab", "EMA")
    (row,) = [row for row in found.rows if row.id == "E-BLI-3"]
    assert (row.dates.standing, row.dates.uncertain_from, row.dates.since) == ("date-uncertain", "2019-01-18", "2019-01-22")


def test_everything_on_file_stands_on_the_page(shelves, shipped):
    library = shipped.rules.library
    page = knowledge_page(shelves(), 365)
    assert {line.id for line in page.trials} == library.trials.keys()
    assert {line.id for line in page.systems} == library.risk_systems.keys()
    assert {line.product.text for line in page.therapies} == {therapy.name for therapy in library.therapies.values()}
    assert len(page.limits) == sum(len(rows) for rows in library.limits.values())
    assert {line.name for line in page.limits} == library.limits.keys()
    assert not page.stale


def test_a_limit_leads_to_its_source(shelves):
    # limits/mrd.yaml: 0.01 %, verification V, source MRDGok
    (line,) = [line for line in knowledge_page(shelves(), 365).limits if line.name == "mrd_positive_from_percent"]
    assert (line.value, code(line.mark), [row.id for row in line.sources]) == ("0.01 %", "V", ["MRDGok"])


@pytest.mark.parametrize(("today", "stale"), [(date(2027, 11, 22), 0), (date(2027, 11, 23), 17)])
def test_rows_of_labels_are_stale_the_day_after_the_days_are_over(shelves, today, stale):
    # therapies/blinatumomab.yaml: 9 rows of EMA and 8 of FDA, all read on 2026-11-22
    (line,) = [line for line in knowledge_page(shelves(today=today), 365).therapies if line.product.text == "blinatumomab"]
    assert (line.stale, line.rows) == (stale, (("EMA", 9), ("FDA", 8)))


def test_the_newest_change_stands_first(shelves):
    days = [line.day for line in knowledge_page(shelves(), 365).changes]
    assert days == sorted(days, reverse=True)


def test_a_trial_says_what_was_seen_when_and_where_its_criteria_were_read(shelves):
    # trials/NCT03959085.yaml: seen recruiting on 2025-06-26 and on 2025-09-04
    (line,) = [line for line in knowledge_page(shelves(), 365).trials if line.id == "NCT03959085"]
    assert (line.status, line.seen, line.exclusions) == ("recruiting", "seen 2025-09-04", "written down in part")
    assert {mark.code for mark, _ in line.provenance} >= {"S", "L"}
    (before,) = [line for line in knowledge_page(shelves("2025-09-03"), 365).trials if line.id == "NCT03959085"]
    assert before.seen == "seen 2025-06-26"


def test_the_page_of_a_therapy_holds_each_row_with_dates_criteria_and_sources(shelves, shipped):
    # therapies/blinatumomab.yaml, E-BLI-1 and E-BLI-3
    page = therapy_page(shelves(), shipped.rules.library.therapies["blinatumomab"])
    rows = {row.id: row for row in page.indications}
    (version,) = rows["E-BLI-1"].versions
    assert (version.dates.since, version.dates.until, version.dates.standing) == ("2015-11-23", "2020-12-22", "not-in-force")
    assert [row.id for row in version.criteria] == ["DIAGNOSIS", "AGE", "CD19", "PH", "STATE"]
    assert [row.id for row in version.sources] == ["S22", "S05", "S06", "S03"]
    assert rows["E-BLI-3"].versions[0].unverified == ("day of the decision (2019-01-18); announced 2019-01-22",)
    cited = {row.id for block in page.indications for found in block.versions for row in found.sources}
    assert cited <= {row.id for row in page.sources}


def test_on_another_day_another_row_is_in_force(shelves, shipped):
    therapy = shipped.rules.library.therapies["blinatumomab"]

    def standing(as_of):
        return {row.id: row.versions[0].dates.standing for row in therapy_page(shelves(as_of), therapy).indications}

    # therapies.md 1.1: E-BLI-1 to 2020-12-22, E-BLI-2a from then
    assert [standing("2020-12-21")[row] for row in ("E-BLI-1", "E-BLI-2a")] == ["in-force", "not-in-force"]
    assert [standing("2020-12-22")[row] for row in ("E-BLI-1", "E-BLI-2a")] == ["not-in-force", "in-force"]


def test_a_caution_that_nobody_read_is_marked(shelves, shipped):
    # therapies/blinatumomab.yaml: bli-pregnancy is M, without a source
    page = therapy_page(shelves(), shipped.rules.library.therapies["blinatumomab"])
    (row,) = [row for row in page.cautions if row.id == "bli-pregnancy"]
    assert (code(row.mark), row.sources) == ("M", ())


def test_the_page_of_a_trial_has_its_sightings_newest_first_and_the_provenance_of_criteria(shelves, shipped):
    # trials/NCT03959085.yaml
    page = trial_page(shelves(), shipped.rules.library.trials["NCT03959085"])
    assert [(row.seen, code(row.mark)) for row in page.sightings] == [("2025-09-04", "M"), ("2025-06-26", "V2")]
    numbers = {row.number.text: row.number.address for row in page.numbers}
    assert numbers == {"NCT03959085": "https://clinicaltrials.gov/study/NCT03959085", "AALL1732": ""}
    criteria = {row.id: row for text in page.texts for row in text.criteria}
    assert (criteria["B01"].kind, code(criteria["B02"].mark), code(criteria["B03a"].mark)) == ("asked of a clinician", "S", "L")
    assert criteria["B03a"].any_of == "B03"


def test_the_page_of_a_risk_system_has_the_rows_of_its_table(shelves, shipped):
    # risk_systems/interfant-06.yaml
    page = system_page(shelves(), shipped.rules.library.risk_systems["IF06"])
    (table,) = page.tables
    assert table.dates is not None
    assert (table.dates.since, table.dates.until, table.outcomes) == ("2006-01-01", "2017-01-01", "LR, MR, HR")
    assert [(row.id, row.then) for row in table.rows][:2] == [("IF06-1", "LR"), ("IF06-2-count", "HR")]
    assert table.rows[1].when[2][1] == ">= 300"


def test_a_system_that_nobody_read_is_said_to_be_off(shelves, shipped):
    # risk_systems/alltogether1.yaml: enabled: false
    page = system_page(shelves(), shipped.rules.library.risk_systems["A2G1"])
    assert page.state == "switched off, limits not read"


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_therapy_trial_and_system_has_a_page_in_every_language(shelves, shipped, language):
    library, found = shipped.rules.library, shelves(language=language)
    assert all(therapy_page(found, therapy).indications for therapy in library.therapies.values())
    assert all(trial_page(found, trial).texts for trial in library.trials.values())
    assert all(system_page(found, system).tables for system in library.risk_systems.values())


def test_a_product_without_rows_of_evidence_has_a_page(shelves, shipped):
    therapy = shipped.rules.library.therapies["blinatumomab"]
    page = therapy_page(shelves(library=replace(shipped.rules.library, evidence={})), therapy)
    assert page.studies == ()
