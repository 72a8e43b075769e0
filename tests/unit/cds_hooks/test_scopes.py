"""What a scope lets a service see (CH-A-03, CH-A-04)."""

import pytest

from cds_hooks import Interaction, Reach, reach

READ, SEARCH = Interaction.READ, Interaction.SEARCH


@pytest.mark.parametrize(
    ("scope", "interaction", "expected"),
    [
        # SMART 1
        ("user/Observation.read", SEARCH, Reach.ALL),
        ("patient/Observation.read", READ, Reach.ALL),
        ("system/*.read", SEARCH, Reach.ALL),
        ("user/*.*", SEARCH, Reach.ALL),
        ("user/Observation.*", READ, Reach.ALL),
        ("user/Observation.write", SEARCH, Reach.NONE),
        ("user/Condition.read user/Patient.read", SEARCH, Reach.NONE),
        ("launch openid fhirUser user/Condition.read", SEARCH, Reach.NONE),
        # SMART 2
        ("user/Observation.rs", SEARCH, Reach.ALL),
        ("user/Observation.r", SEARCH, Reach.NONE),
        ("user/Observation.r", READ, Reach.ALL),
        ("user/Observation.s", READ, Reach.NONE),
        ("user/Observation.cruds", SEARCH, Reach.ALL),
        ("user/Observation.cud", SEARCH, Reach.NONE),
        ("user/Observation.rs?category=laboratory", SEARCH, Reach.PART),
        ("user/Observation.rs?category=laboratory user/Observation.rs", SEARCH, Reach.ALL),
        # not understood, or not about resources: just try
        ("Observation.Read (Labs) (R4)", SEARCH, Reach.ALL),
        ("user/Condition.read Observation.Read (Labs) (R4)", SEARCH, Reach.ALL),
        ("user/Condition.read https://ehr.example/scopes/all", SEARCH, Reach.ALL),
        ("user/Condition.", SEARCH, Reach.ALL),
        ("launch openid", SEARCH, Reach.ALL),
        ("", SEARCH, Reach.ALL),
    ],
)
def test_ch_a_04_how_much_a_scope_lets_us_see_of_observations(scope, interaction, expected):
    assert reach(scope, "Observation", interaction) is expected
