"""Trials: every criterion says where it was read, alternatives stand in the version, numbers have their shape, products exist."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from service.errors import Fault
from service.knowledge.complaints import did_you_mean
from service.knowledge.trial_rows import Trial

if TYPE_CHECKING:
    from collections.abc import Iterator

    from service.knowledge.library import Library
    from service.knowledge.trial_rows import TrialCriterion, TrialVersion

# Numbers that registries give out, by the shape that their own pages use.
_SHAPES = {
    "nct": re.compile(r"NCT\d{8}"),
    "eudract": re.compile(r"\d{4}-\d{6}-\d{2}"),
    "eu-ct": re.compile(r"\d{4}-5\d{5}-\d{2}(?:-\d{2})?"),
    "nci": re.compile(r"NCI-\d{4}-\d{5}"),
}
_READ = ("S", "L")


def check(library: Library) -> Iterator[Fault]:
    """Yield criteria without provenance or source, doubled ids, lonely alternatives, misshapen numbers, unknown products."""
    numbers: dict[str, str] = {}
    for name, trial in library.trials.items():
        where = f"{library.files.get(('trials', name), 'trials')} {name}"
        for row in trial.numbers:
            shape = _SHAPES.get(row.registry)
            if shape is not None and not shape.fullmatch(row.number):
                yield Fault(f"{where} / numbers / {row.number}", f"no number of the registry {row.registry} is written so")
            if (other := numbers.setdefault(row.number, name)) != name:
                yield Fault(f"{where} / numbers / {row.number}", f"{other} has this number too", "one trial, one file")
        if "therapies" not in library.incomplete:
            for product in trial.products:
                if product not in library.therapies:
                    yield Fault(where, f"there is no therapy {product!r}", did_you_mean(product, library.therapies))
        if not trial.listed and not trial.outside:
            yield Fault(where, "is not listed and does not say why", "write `outside:`")
        yield from _versions(trial, where, library)


def _versions(trial: Trial, where: str, library: Library) -> Iterator[Fault]:
    seen = Counter(version.seen for version in trial.versions)
    for day, times in seen.items():
        if times > 1:
            yield Fault(f"{where} / versions", f"{times} texts were seen on {day or 'no day'}", "one version for each day")
    for number, version in enumerate(trial.versions, 1):
        label = f"{where} / versions / {number}"
        yield from _ids(version, label)
        rows = [(row, f"{label} / criteria / {row.id}") for row in version.criteria]
        rows += [(row, f"{label} / arms / {arm.id} / criteria / {row.id}") for arm in version.arms for row in arm.criteria]
        for criterion, place in rows:
            yield from _criterion(criterion, place)
            if criterion.window and "limits" not in library.incomplete and criterion.window not in library.limits:
                name = criterion.window
                yield Fault(place, f"there is no limit {name!r}", did_you_mean(name, library.limits))
        if version.arms_required and not version.arms:
            yield Fault(label, "an arm is required and none is written down")


def _ids(version: TrialVersion, label: str) -> Iterator[Fault]:
    """Criteria of the trial and of its arms are cited by id alone; alternatives come in twos or more."""
    rows = (*version.criteria, *(row for arm in version.arms for row in arm.criteria))
    for name, times in Counter(row.id for row in rows).items():
        if times > 1:
            yield Fault(f"{label} / {name}", f"the id {name!r} stands {times} times", "an id is given once")
    for rows in (version.criteria, *(arm.criteria for arm in version.arms)):
        for name, times in Counter(row.any_of for row in rows if row.any_of).items():
            if times == 1:
                yield Fault(f"{label} / {name}", f"{name!r} has one alternative only", "write it without `any_of`")


def _criterion(criterion: TrialCriterion, label: str) -> Iterator[Fault]:
    if criterion.provenance in _READ and not criterion.sources:
        yield Fault(label, f"has the provenance {criterion.provenance} and cites no source", "cite one, or mark it K")
    if criterion.any_of and criterion.kind == "exclusion":
        yield Fault(label, "an exclusion has no alternatives: each excludes by itself", "write `any` inside its test")
