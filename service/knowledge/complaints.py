"""What pydantic says about a row, in the words of someone who edits YAML: where, what is wrong, what may be meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, Union, get_args, get_origin

from pydantic import BaseModel

from service.errors import Fault
from service.knowledge.schema import AllTest, AnyTest, FactTest, NoneTest, UndecidedTest, UseTest

if TYPE_CHECKING:
    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

    from service.knowledge.strict_yaml import Document, Path, Value

# The forms of a test and the key by which a writer chooses one.
_FORMS: dict[str, type[BaseModel]] = {
    "fact": FactTest,
    "all": AllTest,
    "any": AnyTest,
    "none": NoneTest,
    "use": UseTest,
    "undecided": UndecidedTest,
}
_FORM_NAMES = {form.__name__: key for key, form in _FORMS.items()}
_NAMED_BY = ("id", "product", "concept", "system", "name", "fact", "effective")
_WANTED = {
    "string_type": "a text",
    "date_type": "a day such as 2031-04-02",
    "bool_type": "true or false",
    "int_type": "a whole number",
    "decimal_type": "a number",
    "decimal_parsing": "a number",
    "list_type": "a list",
    "tuple_type": "a list",
    "dict_type": "keys with values",
    "model_type": "keys with values",
    "model_attributes_type": "keys with values",
}
_SAID = {
    "missing": ("the key `{key}` is missing", ""),
    "too_short": ("the list is empty", "write at least one"),
}
_KINDS = {dict: "keys with values", list: "a list", NoneType: "nothing", str: "a text", bool: "true or false", date: "a day"}


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return `did you mean x?` for the nearest known word, empty where none is near."""
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"did you mean {near[0]!r}?" if near else ""


def faults_of(error: ValidationError, document: Document, model: type[BaseModel]) -> list[Fault]:
    """Return one fault for each thing that is wrong in the file, in the order of its lines."""
    found: dict[tuple[Path, str], Fault] = {}
    for detail in error.errors(include_url=False, include_context=False):
        spot = _spot(detail["loc"], document.value, model)
        # A list whose rows were all refused counts as empty for pydantic, not for its writer.
        if spot is not None and not (detail["type"] == "too_short" and spot.value):
            text, hint = _wording(detail, spot)
            found.setdefault((spot.path, text), Fault(_where(document, spot.path), text, hint))
    return sorted(found.values(), key=_line_of)


@dataclass(frozen=True, slots=True)
class _Spot:
    """What a complaint is about: the path and value in the file, and the model of the row around it."""

    path: Path
    value: Value
    row: type[BaseModel] | None
    no_form: bool = False  # a test of which no form, or more than one, was chosen
    one_of_kinds: bool = False  # a value that may be of several plain kinds


def _line_of(fault: Fault) -> int:
    return int(fault.where.partition(" ")[0].rpartition(":")[2])


def _where(document: Document, path: Path) -> str:
    names: list[str] = []
    value: Value = document.value
    for step in path:
        value = _step(value, step)
        names.append(step if isinstance(step, str) else name_of(value) or str(step + 1))
    trail = " / ".join(names)
    return f"{document.file}:{document.line(path)}" + (f" {trail}" if trail else "")


def name_of(row: Value) -> str:
    """Return the name by which a row of a file calls itself, empty where it has none."""
    if not isinstance(row, dict):
        return ""
    return next((str(row[key]) for key in _NAMED_BY if isinstance(row.get(key), str | date)), "")


def _spot(loc: tuple[int | str, ...], root: Value, model: type[BaseModel]) -> _Spot | None:
    """Return what a complaint is about; None where it concerns a form of test that the writer did not choose."""
    path: list[int | str] = []
    value: Value = root
    kind: Any = model
    row: type[BaseModel] | None = None
    one_of_kinds = False
    for step in loc:
        if (form := _form(step)) is not None:
            chosen = [key for key in _FORMS if key in value] if isinstance(value, dict) else []
            if len(chosen) != 1:
                return _Spot(tuple(path), value, None, no_form=True)
            if chosen != [form]:
                return None
            kind = _FORMS[chosen[0]]
        elif _leads_on(value, step, kind):
            row = kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None
            kind = _inside(kind, step)
            path.append(step)
            value = _step(value, step)
        else:
            one_of_kinds = True  # the step names one of several kinds that the value could have
    return _Spot(tuple(path), value, row, one_of_kinds=one_of_kinds)


def _form(step: int | str) -> str | None:
    """Return the form of test that pydantic names, also as `function-after[..., FactTest]`; None for any other step."""
    return _FORM_NAMES.get(step.removesuffix("]").rpartition(" ")[2]) if isinstance(step, str) else None


def _leads_on(value: Value, step: int | str, kind: object) -> bool:
    """Return whether a step goes into the value; else it names one of the plain kinds that the value could have."""
    if isinstance(value, dict):
        return kind is not None or step in value
    return isinstance(value, list) and isinstance(step, int)


def _step(value: Value, step: int | str) -> Value:
    if isinstance(value, dict) and isinstance(step, str):
        return value.get(step)
    if isinstance(value, list) and isinstance(step, int) and step < len(value):
        return value[step]
    return None


def _inside(kind: Any, step: int | str) -> Any:  # noqa: ANN401 - types as typing writes them
    """Return the kind of a field of a model, or of a member of a list or map; None where it may be one of several."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        field = next((field for name, field in kind.model_fields.items() if (field.alias or name) == step), None)
        inner = field.annotation if field else None
    else:
        members = [member for member in get_args(kind) if member is not Ellipsis]
        inner = members[-1] if members else None
    if get_origin(inner) in {Union, UnionType}:
        parts = [part for part in get_args(inner) if part is not NoneType]
        return parts[0] if len(parts) == 1 else None
    return inner


def _wording(detail: ErrorDetails, spot: _Spot) -> tuple[str, str]:
    kind, value, key = detail["type"], spot.value, str(spot.path[-1]) if spot.path else ""
    if spot.no_form:
        given = (did_you_mean(word, _FORMS) for word in value) if isinstance(value, dict) else ()
        return f"not a test: exactly one of {', '.join(_FORMS)} is written", next(filter(None, given), "")
    if spot.one_of_kinds:
        return f"{_kind_of(value)} is not allowed here", ""
    if kind in _SAID:
        text, hint = _SAID[kind]
        return text.format(key=key, value=value), hint
    if kind == "extra_forbidden":
        return f"unknown key `{key}`", did_you_mean(key, _keys(spot.row))
    if kind in {"enum", "literal_error"}:
        return f"`{value}` is not allowed", f"write one of {detail['msg'].partition('be ')[2]}"
    return _wrong_kind(kind, value) or (detail["msg"].removeprefix("Value error, "), "")


def _wrong_kind(kind: str, value: Value) -> tuple[str, str] | None:
    wanted = _WANTED.get(kind, "")
    if wanted == "a text" and not isinstance(value, dict | list | None):
        return f"`{_as_written(value)}` is read as {_kind_of(value)}, a text is wanted", f'write "{_as_written(value)}" in quotes'
    return (f"{wanted} is wanted, not {_kind_of(value)}", "") if wanted else None


def _as_written(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _kind_of(value: Value) -> str:
    return _KINDS.get(type(value), "a number")


def _keys(model: type[BaseModel] | None) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()] if model else []
