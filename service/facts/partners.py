"""Single fusions out of a wider marker, where a trial asks for the one partner."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from service.facts.catalogue import Kind, derive
from service.facts.genetics import genetic_fact
from service.facts.variants import names_for
from service.logic.fact import Fact, Gap, known

if TYPE_CHECKING:
    from service.facts.catalogue import View

_WITHIN = (("kmt2a_aff1", "kmt2a_r"), ("pdgfrb_r", "abl_class"))


def partner_fact(view: View, name: str, wider: str) -> Fact[object]:
    """Return whether the one fusion is present; where the wider marker is not there, it is not either.

    Unknown: not tested, or only the wider marker found without its partner.
    """
    found = genetic_fact(view, name)
    around = view.fact(wider)
    if found.gap in {Gap.NOT_RECORDED, Gap.NOT_ASSESSABLE} and around.value is False:
        return known(value=False, evidence=around.evidence, rule="definition", flags=("computed",))
    return found


for _name, _wider in _WITHIN:
    derive(_name, Kind.TRUTH, reads=names_for(_name), at_diagnosis=True)(partial(partner_fact, name=_name, wider=_wider))
