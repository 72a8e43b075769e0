"""One YAML file that is read by itself: its rows as a model, or every fault of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from pydantic import BaseModel, ValidationError

from service.errors import KnowledgeError
from service.knowledge.complaints import faults_of
from service.knowledge.strict_yaml import read_yaml

if TYPE_CHECKING:
    from pathlib import Path

M = TypeVar("M", bound=BaseModel)


def read_file(path: Path, model: type[M], name: str = "") -> M:
    """Return what the file says. `name` is how a fault names it, the file's own name if not given.

    Raises: KnowledgeError listing every fault of the file, each with its line.
    """
    document = read_yaml(path.read_bytes(), name or path.name)
    try:
        found = model.model_validate(document.value)
    except ValidationError as error:
        raise KnowledgeError((*document.faults, *faults_of(error, document, model))) from None
    if document.faults:
        raise KnowledgeError(tuple(document.faults))
    return found
