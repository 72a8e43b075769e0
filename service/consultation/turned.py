"""Two assessments of one record side by side: which verdicts turn, and by which criteria."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

Json = dict[str, object]

KINDS = ("therapies", "trials", "riskGroups")
_STATED = ("state", "value", "unit", "gap")
_RISK = ("state", "group", "possible")


def turned_document(before: Mapping[str, object], after: Mapping[str, object], supposed: Sequence[str]) -> Json:
    """Return what two assessments answer, each verdict before and after; `turns` marks those that are not the same.

    A side is None where the verdict is not given at all. `supposed` names the changed facts; `followed` lists the others that
    changed with them.
    """
    rows = {
        "therapies": _rows(_therapies(before), _therapies(after)),
        "trials": _rows(_trials(before), _trials(after)),
        "riskGroups": _rows(_risks(before), _risks(after)),
    }
    facts = _facts(before, after)
    return {
        "patient": before["patient"],
        "asOf": {"before": before["asOf"], "after": after["asOf"]},
        "changes": [row for row in facts if row["fact"] in supposed],
        "followed": [row for row in facts if row["fact"] not in supposed and row["before"] != row["after"]],
        "turned": {kind: sum(bool(row["turns"]) for row in rows[kind]) for kind in KINDS},
        **rows,
    }


def _facts(before: Mapping[str, object], after: Mapping[str, object]) -> list[Json]:
    one, other = _part(before["facts"]), _part(after["facts"])
    return [{"fact": name, "before": _stated(one[name]), "after": _stated(other[name])} for name in one]


def _stated(fact: object) -> Json:
    return {name: value for name, value in _part(fact).items() if name in _STATED}


# ---------------------------------------------------------------- one side: name → what is compared, its words, its criteria


def _therapies(document: Mapping[str, object]) -> dict[str, Json]:
    return {
        f"{row['regulator']}/{row['product']}": {
            "says": {"product": row["product"], "regulator": row["regulator"]},
            "verdict": row["verdict"],
            "criteria": {
                f"{indication['id']}/{criterion['id']}": criterion
                for indication in _list(row["indications"])
                for criterion in _list(indication["criteria"])
            },
        }
        for row in _list(document["therapies"])
    }


def _trials(document: Mapping[str, object]) -> dict[str, Json]:
    return {
        str(row["id"]): {
            "says": {"name": row["name"]},
            "verdict": row["fit"],
            "criteria": {str(criterion["id"]): criterion for criterion in _with_arms(row)},
        }
        for row in _list(document["trials"])
    }


def _with_arms(row: Mapping[str, object]) -> Iterator[Mapping[str, object]]:
    yield from _list(row["criteria"])
    for arm in _list(row.get("arms") or []):
        for criterion in _list(arm.get("criteria") or []):
            yield {**criterion, "id": f"{arm['id']}/{criterion['id']}"}


def _risks(document: Mapping[str, object]) -> dict[str, Json]:
    return {
        str(row["system"]): {"says": {}, "verdict": {name: row[name] for name in _RISK}, "criteria": {}}
        for row in _list(document["riskGroups"])
    }


# ---------------------------------------------------------------- both sides


def _rows(before: Mapping[str, Json], after: Mapping[str, Json]) -> list[Json]:
    return [_row(name, before.get(name), after.get(name)) for name in dict.fromkeys((*before, *after))]


def _row(name: str, before: Json | None, after: Json | None) -> Json:
    verdicts = [side["verdict"] if side is not None else None for side in (before, after)]
    shown: Json = {
        "id": name,
        **_part((before or after or {})["says"]),
        "before": verdicts[0],
        "after": verdicts[1],
        "turns": verdicts[0] != verdicts[1],
    }
    shown["criteria"] = []
    if before is not None and after is not None:  # a verdict that is not given has nothing to compare
        one, other = _part(before["criteria"]), _part(after["criteria"])
        changed = [_criterion(key, one.get(key), other.get(key)) for key in dict.fromkeys((*one, *other))]
        shown["criteria"] = [row for row in changed if row["before"] != row["after"]]
    return shown


def _criterion(key: str, before: object, after: object) -> Json:
    one, other = _part(before), _part(after)
    return {"id": key, "text": (one or other)["text"], "before": one.get("truth"), "after": other.get("truth")}


def _part(value: object) -> Mapping[str, object]:
    return cast("Mapping[str, object]", value or {})


def _list(value: object) -> list[Mapping[str, object]]:
    return cast("list[Mapping[str, object]]", value)
