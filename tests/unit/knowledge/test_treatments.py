"""What the shipped files say together of antigen-directed treatments (risk-and-relapse.md, CD19-5 and CD22-4)."""

import pytest

from service.facts.products import recorded
from service.knowledge.treatments import Treatments
from tests.case_runners.knowledge import DOSSIER, shipped_library

CD19_CELLS = {
    *("tisagenlecleucel", "brexucabtagene-autoleucel", "obecabtagene-autoleucel", "varnimcabtagene-autoleucel"),
    *("car-t-infusion", "car-t-cd19-cd22"),
}


@pytest.fixture(scope="module")
def therapies():
    return [therapy for therapy in shipped_library().therapies.values() if therapy.product in DOSSIER]


@pytest.fixture(scope="module")
def treatments(therapies):
    library = shipped_library()
    return Treatments.of(therapies, library.kinds, library.cells.values())


def test_what_is_directed_against_each_antigen(treatments):
    assert treatments.directed == {
        "cd19": CD19_CELLS | {"blinatumomab"},
        "cd22": {"inotuzumab-ozogamicin", "car-t-cd22", "car-t-cd19-cd22"},
    }


def test_cells_are_told_from_antibodies_and_a_product_from_none(treatments):
    assert treatments.cells == CD19_CELLS | {"car-t-cd22", "car-t-other-target"}
    assert treatments.antibodies == {"blinatumomab", "inotuzumab-ozogamicin"}
    assert treatments.product_untold == {"car-t-infusion"}


def test_each_fact_of_what_was_given_before_knows_its_products(treatments):
    assert recorded(treatments) == {
        "prior_blinatumomab": {"blinatumomab"},
        "prior_inotuzumab": {"inotuzumab-ozogamicin"},
        "prior_cd19_car_t": CD19_CELLS,
        "prior_commercial_cd19_car_t": {"tisagenlecleucel", "brexucabtagene-autoleucel", "obecabtagene-autoleucel"},
        "prior_car_t": CD19_CELLS | {"car-t-cd22", "car-t-other-target"},
    }


def test_residual_disease_of_before_each_of_them_is_old_unless_its_row_denies_it(treatments, therapies):
    assert treatments.outdating_mrd == treatments.immunotherapies
    library = shipped_library()
    kinds = {name: row.model_copy(update={"outdates_mrd": row.group != "antibody"}) for name, row in library.kinds.items()}
    cells = [row.model_copy(update={"outdates_mrd": row.concept != "car-t-other-target"}) for row in library.cells.values()]
    fewer = Treatments.of(therapies, kinds, cells)
    assert fewer.outdating_mrd == treatments.cells - {"car-t-other-target"}
