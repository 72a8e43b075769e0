"""Every vignette of `tests/cases/vignettes`: one patient in two ways of writing, one answer."""

import pytest

from tests.case_runners import vignettes


@pytest.mark.parametrize("written", vignettes.WRITTEN)
@pytest.mark.parametrize("name", list(vignettes.vignettes()))
def test_vignette(name, written):
    found = vignettes.differences(name, written)
    assert not found, "\n" + "\n".join(found)


@pytest.mark.parametrize("name", list(vignettes.vignettes()))
def test_both_ways_of_writing_a_vignette_lead_to_the_same_verdicts(name):
    found = vignettes.disagreements(name)
    assert not found, "\n" + "\n".join(found)
