"""CNS status: what a clinician said, what was recorded, or what the first cerebrospinal fluid shows."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, cast

from service.facts.catalogue import Kind, derive
from service.facts.choose import newest, report, settle, stated, with_concept
from service.facts.conditions import evidence_of, is_over
from service.facts.fluids import BLASTS, OF_FLUID, STATUSES, blood_of, contradicts, fluids, said_of, status_of, statuses
from service.facts.layout import OWN_SYSTEM
from service.facts.per_knowledge import per_knowledge
from service.facts.relapse_days import older_flagged
from service.facts.specimen_blasts import in_remission
from service.facts.unread import not_before
from service.logic.dates import PartialDate
from service.logic.fact import Fact, Gap, conflicting, known, unknown
from service.logic.truth import Truth

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from service.facts.catalogue import View

_STEROIDS = frozenset({"prednisone", "prednisolone", "dexamethasone"})
_PER_VOLUME = "/uL"
_ZERO = Decimal(0)


@per_knowledge
def _sub_of(words: Mapping[str, Sequence[str]]) -> re.Pattern[str]:
    """Return the pattern of a part of a status: the 2a of `CNS2a`, in all languages."""
    return re.compile(rf"(?:{'|'.join(words['nervous_system'])})[ -]?([123][abc])(?![A-Za-z0-9])", re.IGNORECASE)


@derive(
    "cns_status",
    Kind.WORD,
    values=STATUSES,
    reads=("cns-status", "csf-leukocytes", "csf-erythrocytes", *sorted(BLASTS)),
    at_diagnosis=True,
)
def cns_status(view: View) -> Fact[object]:
    """The status of the central nervous system: stated, recorded, or computed from the first fluid before intrathecal therapy.

    Beside it: sub, such as CNS2a, where known. Clinical leukaemia of the central nervous system is CNS3c. Unknown: no fluid
    examined; the first one only after intrathecal therapy (`not-assessable`); counts that fit two statuses (`ambiguous`).
    Source: limits/cns.yaml.
    """
    statement = stated(view, "cns_status", "cns-status", status_of)
    derived = settle(view, "cns_status", _clinical(view) or _unless_elsewhere(view, _of_fluid(view)), _recorded(view))
    return older_flagged(view, settle(view, "cns_status", derived, cast("Fact[object] | None", statement)))


def _recorded(view: View) -> Fact[object] | None:
    """Return the status that was recorded as a result; None where there is none."""
    results = [r for r in with_concept(view, "cns-status") if (OWN_SYSTEM, "cns-status") not in r.code_codings and not r.absent]
    latest = newest(results)
    values = {value for reading in latest if (value := status_of(reading)) is not None}
    if len(values) != 1:
        return None
    evidence = tuple(reading.evidence(f"recorded: {reading.words or 'CNS status'}") for reading in latest)
    sub = _sub_of(view.limits.words())
    subs = {f"CNS{match[1].lower()}" for reading in latest if (match := sub.search(reading.words))}
    beside = (("sub", subs.pop()),) if len(subs) == 1 else ()
    return known(values.pop(), evidence, rule="recorded", beside=beside)


def _clinical(view: View) -> Fact[object] | None:
    found = [d for d in view.layout.diagnoses.of("cns-leukaemia") if d.certain]
    present = [d for d in found if not is_over(view, d)]
    if not present:
        return None
    evidence = tuple(evidence_of(d, "leukaemia of the central nervous system") for d in present)
    return known("CNS3", evidence, rule="CNS3c", beside=(("sub", "CNS3c"),), flags=("computed",))


def _unless_elsewhere(view: View, fluid: Fact[object]) -> Fact[object]:
    """Return what the fluid tells; open where a malignancy of the brain, perhaps the leukaemia, is there and it tells less."""
    found = [d for d in view.layout.diagnoses.of("cns-malignancy-untold") if d.certain and not is_over(view, d)]
    if not found or fluid.value == "CNS3":
        return fluid
    evidence = (*(evidence_of(d, "malignancy of brain or meninges, perhaps leukaemia") for d in found), *fluid.evidence)
    return unknown(Gap.AMBIGUOUS, "cns_status", evidence=evidence, rule="CNS3c")


# ---------------------------------------------------------------- the first cerebrospinal fluid


def _of_fluid(view: View) -> Fact[object]:
    fluid = next(iter(fluids(view)), None)
    if fluid is None:
        return unknown(Gap.NOT_RECORDED, "cns_status", rule="CNS")
    evidence = tuple(reading.evidence(said_of(reading)) for reading in fluid.readings)
    flags = _flags(view, fluid.when)
    if fluid.when is None or not _before_intrathecal(view, fluid.when) or in_remission(view, fluid.when):
        return unknown(Gap.NOT_ASSESSABLE, "cns_status", evidence=evidence, rule="CNS", flags=flags)
    lost = [
        one for one in view.layout.broken.of_any(OF_FLUID) if one.when is None or fluid.when.before(one.when) is not Truth.YES
    ]
    if unread := not_before(view, lost, None):  # it may have been the first fluid
        return unknown(Gap.UNREADABLE, "cns_status", evidence=(*evidence, *unread), rule="CNS", flags=flags)
    blood = blood_of(view, fluid.when)
    if contradicts(fluid.readings):
        report(view, evidence, "Blasts in the cerebrospinal fluid are recorded as present and as absent on one day")
        return conflicting(evidence, "cns_status", rule="CNS")
    subs, by_quotient = statuses(view, fluid, blood)
    possible = {sub[:4] for sub in subs}
    if len(possible) > 1:
        beside = (("possible", tuple(sorted(possible))),)
        return unknown(Gap.AMBIGUOUS, "cns_status", evidence=evidence, rule="CNS", flags=flags, beside=beside)
    told = (("sub", next(iter(subs))),) if len(subs) == 1 else ()
    more = ("quotient-unverified",) if by_quotient else ()
    return known(possible.pop(), evidence, rule="CNS", beside=told, flags=("computed", *flags, *more))


def _before_intrathecal(view: View, when: PartialDate) -> bool:
    """Return whether a fluid was taken before intrathecal therapy; at the first puncture it is taken before the drug is given."""
    given = [drug.start for drug in view.record.drugs if drug.intrathecal]
    given += [done.start for done in view.layout.treatments.of("intrathecal-chemotherapy")]
    return all(when.on_or_before(start) is Truth.YES for start in given if start is not None)


def _flags(view: View, when: PartialDate | None) -> tuple[str, ...]:
    steroids = [drug.start for drug in view.layout.drugs.of_any(_STEROIDS) if not drug.intrathecal]
    treated = any(start is not None and when is not None and start.before(when) is Truth.YES for start in steroids)
    return ("steroid-before-csf",) if treated else ()
