"""The shipped rules, built once for all cases."""

from functools import cache

from service.decisions.bind import Rules, bind_rules
from service.knowledge.loader import load_library
from service.terminology.terms import Terms


@cache
def shipped_rules() -> Rules:
    library = load_library()
    return bind_rules(library, Terms(library.value_sets, library.systems))
