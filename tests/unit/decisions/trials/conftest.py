"""The verdict on one trial of invented rows."""

import pytest

from service.decisions.predicate import Looks
from service.decisions.trials import judge_trials
from service.knowledge.registry import NOTHING_SEEN
from tests.unit.decisions.trials.asked import DAY


@pytest.fixture
def judge(bound, facts):
    """The verdict on the one trial of these rows; keyword arguments are facts."""

    def make(*rows, country="", site_group="", registry=NOTHING_SEEN, as_of=DAY, known_by=DAY, **given):
        rules = bound(*rows)
        looks = Looks({**facts, **given, **rules.whereabouts.told(country, site_group)})
        verdicts = judge_trials(looks, rules, registry, as_of, known_by, 45)
        return verdicts[0] if len(verdicts) == 1 else verdicts

    return make
