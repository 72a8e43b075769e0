"""Every vignette of `tests/cases/trial_vignettes`: one patient in two ways of writing, judged for trials as its row says."""

import pytest

from tests.case_runners import trial_vignettes


@pytest.mark.parametrize("written", trial_vignettes.WRITTEN)
@pytest.mark.parametrize("name", list(trial_vignettes.vignettes()))
def test_trial_vignette(name, written):
    found = trial_vignettes.differences(name, written)
    assert not found, "\n" + "\n".join(found)


@pytest.mark.parametrize("name", list(trial_vignettes.vignettes()))
def test_no_trial_fits_in_one_way_of_writing_and_not_in_the_other(name):
    found = trial_vignettes.disagreements(name)
    assert not found, "\n" + "\n".join(found)
