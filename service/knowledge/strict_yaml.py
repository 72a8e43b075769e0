"""YAML without its traps: what a reader of the file would not expect is a fault, never a value.

Refused: twin keys, keys that are no text, bare `yes/no/on/off`, numbers that YAML reads in its own way (`010`, `1:30`,
`0x1F`, `1_000`), time stamps, anchors, aliases, merge keys, tags, several documents in one file.
Numbers with a point come back as Decimal, exactly as written.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

import yaml
from yaml._yaml import CParser

from service.errors import Fault

Value = str | int | bool | Decimal | date | list["Value"] | dict[str, "Value"] | None
Path = tuple[int | str, ...]

_PLAIN = "plain"  # the mark of a scalar, list or mapping without a tag of its own
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)\Z")
_DECIMAL = re.compile(r"[-+]?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?\Z")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
_TIME_STAMP = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt ].*)?\Z")
_ODD_NUMBER = re.compile(
    r"[-+]?(?:0[0-9_]+(?:\.[0-9]*)?|0[xob][0-9a-fA-F_]+|[0-9][0-9_]*(?:_[0-9]*)+|[0-9]+(?::[0-5]?[0-9])+(?:\.[0-9]*)?|\.[0-9]+|[0-9]+\.|\.(?:inf|nan))\Z",
    re.IGNORECASE,
)
_MAYBE_NUMBER = frozenset("0123456789+-.")
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None, "~": None, "": None}
_HIDDEN_BOOLEANS = frozenset(form for word in ("yes", "no", "on", "off") for form in (word, word.title(), word.upper())) | {
    "True",
    "TRUE",
    "False",
    "FALSE",
}


class _Composer(CParser):
    """Builds nodes; what a scalar means is decided below, not by YAML's own rules."""

    def descend_resolver(self, _parent: object, _index: object) -> None:
        """Do nothing: there are no rules that depend on where a node stands."""

    def ascend_resolver(self) -> None:
        """Do nothing, as above."""

    def resolve(self, _kind: object, _value: object, _implicit: object) -> str:
        """Return the mark of a node without a tag."""
        return _PLAIN


@dataclass(slots=True)
class Document:
    """One file as read: its value, the faults met, and the nodes that know their lines."""

    file: str
    value: Value = None
    faults: list[Fault] = field(default_factory=list)
    root: yaml.Node | None = None

    def line(self, path: Path) -> int:
        """Return the line (from 1) on which the value or key at `path` stands, or the nearest one above it."""
        node = self.root
        if node is None:
            return 1
        line = _line(node)
        for step in path:
            if isinstance(node, yaml.MappingNode):
                pair = next(((key, value) for key, value in node.value if key.value == step), None)
                if pair is None:
                    break
                line, node = _line(pair[0]), pair[1]
            elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
                node = node.value[step]
                line = _line(node)
            else:
                break
        return line


def read_yaml(data: bytes, file: str) -> Document:
    """Return the one document in `data` with all faults met; `file` is how the faults name it."""
    document = Document(file)
    try:
        document.root = _Composer(data).get_single_node()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        said = " ".join(part for part in (error.context, error.problem) if part)
        line = min(mark.line + 1, len(data.splitlines())) if mark else 1  # the end of the file counts as its last line
        document.faults.append(Fault(f"{file}:{line}", f"not YAML: {said}", _syntax_hint(said)))
        return document
    except (yaml.YAMLError, UnicodeDecodeError):
        document.faults.append(Fault(file, "not YAML: the file is not UTF-8 text"))
        return document
    if document.root is None:
        document.faults.append(Fault(file, "the file is empty"))
        return document
    document.value = _Reader(document).value(document.root)
    return document


def _syntax_hint(said: str) -> str:
    if "alias" in said or "anchor" in said:
        return "anchors and aliases are not used here: write the value where it belongs"
    return "a text with `: ` or ` #`, or that begins with one of [ { & * ! | > % @ `, stands in quotes"


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


@dataclass(slots=True)
class _Reader:
    """Turns nodes into values; each trap becomes a fault and the nearest harmless value."""

    document: Document
    seen: set[int] = field(default_factory=set)

    def value(self, node: yaml.Node) -> Value:
        if node.tag != _PLAIN:
            self._fault(node, f"a YAML tag ({node.tag}) is not used here", "write the value alone")
        if isinstance(node, yaml.ScalarNode):
            text: str = node.value
            return text if node.style else self._scalar(node, text)
        if id(node) in self.seen:
            self._fault(node, "a YAML alias is not used here", "write the value where it belongs")
            return None
        self.seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node)
        return [self.value(item) for item in node.value]

    def _mapping(self, node: yaml.MappingNode) -> dict[str, Value]:
        result: dict[str, Value] = {}
        for key_node, value_node in node.value:
            key = key_node.value
            if not isinstance(key, str):
                self._fault(key_node, "a key must be a word", "no list or mapping as a key")
                continue
            if not key_node.style and not isinstance(self._scalar(key_node, key), str):
                self._fault(key_node, f"the key `{key}` is not a text for YAML", f'write "{key}" in quotes')
            if key == "<<":
                self._fault(key_node, "a merge key is not used here", "write the rows out")
            elif key in result:
                self._fault(key_node, f"the key `{key}` is written twice in one row", "YAML would silently keep the last")
            else:
                result[key] = self.value(value_node)
        return result

    def _scalar(self, node: yaml.Node, text: str) -> Value:
        if text in _WORDS:
            return _WORDS[text]
        if text in _HIDDEN_BOOLEANS:
            self._fault(node, f"bare `{text}` is a boolean in YAML", f'write true or false, or "{text}" in quotes')
            return text
        return self._number(node, text) if text[0] in _MAYBE_NUMBER else text

    def _number(self, node: yaml.Node, text: str) -> Value:
        if _INTEGER.match(text):
            return int(text)
        if _DECIMAL.match(text):
            return Decimal(text)
        if _DATE.match(text):
            try:
                return date.fromisoformat(text)
            except ValueError:
                self._fault(node, f"`{text}` is not a day of the calendar")
                return None
        if _TIME_STAMP.match(text):
            self._fault(node, f"`{text}` is a time stamp in YAML", "write a day as 2031-04-02, or a text in quotes")
        elif _ODD_NUMBER.match(text):
            self._fault(
                node, f"`{text}` is a number that YAML reads in its own way", f'write "{text}" in quotes, or a plain number'
            )
        return text

    def _fault(self, node: yaml.Node, text: str, hint: str = "") -> None:
        self.document.faults.append(Fault(f"{self.document.file}:{_line(node)}", text, hint))
